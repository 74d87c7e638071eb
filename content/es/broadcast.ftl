# /broadcast: un mensaje de los moderadores a muchas personas.

broadcast-ask = __¿Qué quiere que envíe?__ Escriba el mensaje o envíe una imagen con su texto. El formato se conserva. Nadie lo recibe antes de que usted lo haya visto y haya pulsado Enviar. Con /cancel lo dejamos.
broadcast-wrong-kind = Puedo enviar un texto o una imagen con su texto. Envíe uno de los dos, por favor, o /cancel.
broadcast-album = Puedo enviar una sola imagen cada vez. Envíela sola, por favor, o /cancel.
broadcast-too-long = El texto de una imagen puede tener { $limit } caracteres; este tiene { $length }. Acórtelo, por favor, o envíelo sin la imagen.
broadcast-ask-audience = __¿Quién debe recibirlo?__ Si quiere cambiar el mensaje, envíelo de nuevo.
broadcast-nobody = Ahí no hay nadie registrado.
broadcast-confirm =
    { $people ->
        [one] __Esto es exactamente lo que se enviará, a 1 persona.__
       *[other] __Esto es exactamente lo que se enviará, a { $people } personas.__
    }

    Idioma: { $language }. Quienes bloquean el bot cuentan, pero no se les escribe. Se puede detener, pero no retirar.
broadcast-any-language = cualquiera
broadcast-dropped = No se ha enviado nada.
broadcast-started = Se está enviando; abajo se ve cómo va.
broadcast-other-running = Se está enviando otro mensaje. Vuelva a pulsar Enviar cuando termine, por favor. /broadcast muestra cuánto falta.

broadcast-sending = __Enviando:__ { $done } de { $people }
broadcast-stopping = Deteniendo…
broadcast-done = __Enviado.__ Personas: { $people }
broadcast-cancelled = __Detenido.__ Personas: { $people }
broadcast-delivered = - Entregados: { $count }
broadcast-blocked = - Bloquean el bot: { $count }
broadcast-failed = - Fallidos: { $count }
broadcast-unsent = - Sin enviar: { $count }
broadcast-interrupted = __El envío se ha interrumpido__, incidente { $incident }. Envíe /broadcast para continuarlo o detenerlo.

button-broadcast-everybody = Todas las personas ({ $people })
button-broadcast-language = { $language } ({ $people })
button-broadcast-send = Enviar
button-broadcast-drop = No enviar
button-broadcast-stop = Detener
