# Todas las frases cortas del bot. Markdown: __negrita__, - listas. Los textos largos son los archivos .md de al lado.

language-name = Español

## Lo que se dice en varios sitios

# Las dos semanas: NICE NG12, 2015 (desde octubre de 2023, Inglaterra pide que el cáncer se confirme o se descarte en 28 días); las cuatro: Cancer Research UK, Skin cancer, 2023. Ambas están en content/es/classes/mel.md.
-see-a-doctor = Si la mancha crece, cambia, sangra o duele, o no ha cicatrizado en cuatro semanas, vaya al médico antes de dos semanas
-do-not-wait = { -see-a-doctor }: no me espere.
# Los teléfonos no enfocan más cerca, y Telegram envía las fotos a 1280 px como mucho: un zoom de 2× no pierde nada.
-how-far = a unos 10 o 15 cm (lo que mide un bolígrafo)
# 112: Directiva (UE) 2018/1972, artículo 109. 112 y 911: Recomendación UIT-T E.161.1, 2008. 119: Agencia de Gestión de Incendios y Desastres de Japón.
-emergency-number = al número de emergencias de su zona (112 en Europa, 911 en buena parte de América, 119 en Japón)
-emergency = __¿Se encuentra muy mal, o podría hacerse daño?__ Llame ya { -emergency-number }.
-in-emergency = En una emergencia, llame ya { -emergency-number }.
-no-photos = Sin su consentimiento al texto de hoy no miro fotos. Si cambia de opinión, /start se lo muestra.

## Menú de comandos

command-start = Empezar, o volver a saludar
command-dermatologist = Buscar un dermatólogo cerca de un lugar
command-history = Sus respuestas anteriores
command-settings = Idioma, nombre, tipo de piel
command-feedback = Escribir a los moderadores
command-model = Qué es el programa y cuánto acierta
command-privacy = Qué se guarda sobre usted
command-export = Todos sus datos en un archivo
command-delete = Borrar todo sobre usted
command-help = Cómo funciona y cómo hacer una buena foto
command-cancel = Cancelar lo que se está preguntando

## Registro

ask-language = ¿En qué idioma hablamos?
ask-age = __¿Qué edad tiene?__

    Este bot es para personas de 18 años o más.
ask-name = __¿Cómo quiere que le llame?__

    Pulse el botón o escriba un nombre de pila.
ask-skin-type = __¿Cómo reacciona su piel al sol?__

    Me ayuda a decirle hasta qué punto fiarse de una respuesta. Puede saltarse esta pregunta.

    - __I__: muy clara, siempre se quema, nunca se broncea
    - __II__: clara, se quema con facilidad, se broncea un poco
    - __III__: intermedia, a veces se quema, se broncea despacio
    - __IV__: trigueña o morena clara, rara vez se quema, se broncea bien
    - __V__: morena, muy rara vez se quema, se broncea muy bien
    - __VI__: morena oscura o negra, casi nunca se quema

    (Tipos de piel según Fitzpatrick 1988, doi:10.1001/archderm.1988.01670060015008)
button-agree = Acepto
button-refuse = No acepto
button-adult = Tengo 18 años o más
button-younger = Soy menor
button-call-me = Llámeme { $name }
button-skip = Saltar
button-back = ‹ Atrás
button-read-consent = Leerlo
photo-too-early = Miraré su foto con gusto en cuanto responda a estas pocas preguntas. Envíela otra vez entonces, por favor, con las demás del mismo álbum si las hay; no la he abierto. { -in-emergency }

    { -do-not-wait }
answer-first = Queda una pregunta por responder. Contéstela primero, por favor, o envíe /cancel para dejarlo. { -emergency }
still-open = Esta pregunta sigue abierta; con /cancel lo dejamos.
press-a-button = No he entendido eso. Pulse uno de los botones, por favor. { -emergency }
no-name = No puedo tomar eso como nombre. Escriba solo un nombre de pila, por favor: cuatro palabras y 64 letras como mucho, sin ? ni !. { -emergency }
name-asked = ¿Le llamo «{ $name }»?
name-taken = { -emergency } No puedo leer lo que me cuenta. ¿Le llamo «{ $name }»?
# Palabras sueltas que pueden ser un grito de auxilio donde se pregunta un nombre, separadas por espacios; * es como empieza una palabra. Los acentos y las letras dobles no cuentan.
cries = ayud* auxilio socorro emerg* urgen* suicid* suisid* matarme sobredosis muero muriendo muerte morir morirme sangr* dolor duele infart* ahog* cáncer melanoma
registration-cancelled = De acuerdo, lo dejamos aquí. Lo que no había terminado está borrado. Puede enviar /start cuando quiera.
consent-refused = De acuerdo. Sin su consentimiento no miro fotos, y lo que no había terminado está borrado. Si una mancha le preocupa, muéstresela a un médico, por favor. Puede enviar /start cuando quiera.

    { -do-not-wait }
consent-renewed = Gracias. Envíe ahora su foto, por favor; si la envió antes, no la he abierto.
consent-missing = Usted ha retirado su consentimiento, así que no miro fotos. Si cambia de opinión, lea el texto y vuelva a aceptarlo, por favor. { -emergency }

    { -do-not-wait }
consent-outdated = Este texto ha cambiado entretanto. Léalo como es ahora, por favor.
consent-changed = El texto que usted aceptó ha cambiado. Léalo de nuevo, por favor. No he abierto ninguna foto; envíela otra vez después. { -emergency }

    { -do-not-wait }
# Señales en la gente joven: Cordoro y otros, Journal of the American Academy of Dermatology, 2013, doi:10.1016/j.jaad.2012.12.953. «Esta misma semana» es prudencia de este bot: menos que las dos semanas de las personas adultas.
too-young = __Gracias por decir la verdad.__ Este bot es solo para personas de 18 años o más, así que no puedo mirar su foto, y no he guardado nada sobre usted.

    Por favor, muestre la mancha a una persona adulta de confianza y consulten juntos a un médico. En la gente joven, un cáncer de piel, aunque raro, puede tener otro aspecto: rosado, elevado, de un solo color. Una foto no basta. Si una mancha sangra, crece rápido o duele, hágalo esta misma semana; si crece, cambia o no ha cicatrizado en cuatro semanas, antes de dos semanas. { -emergency }

    ¿Se equivocó de botón? Envíe /start.
registered = Gracias, { $name }. Ya puede empezar.

    __Envíeme una foto de una sola mancha, lunar o bulto de la piel__: nítida, con luz del día, { -how-far } y con algo de piel alrededor. Use el zoom a 2× si es pequeña. Solo miro la foto; no leo lo que escriba con ella ni veo si cambia una foto ya enviada: envíe cada una en un mensaje nuevo. No envíe capturas de pantalla ni imágenes mías. __Solo piel adulta:__ si la mancha es de un niño, que la vea un médico. En /help hay más consejos.
welcome-back = Hola, { $name }, me alegra que haya vuelto. Envíeme una foto de una sola mancha, o /help para ver qué más puedo hacer.
register-first = Antes de poder mirar nada, tengo que hacerle unas pocas preguntas cortas. Envíe /start, por favor. { -emergency }

    { -do-not-wait }

## Fotos

looking = Estoy mirando su foto…
answered-late = Hay noticias sobre su foto: están arriba, en el mensaje al que responde este.
answer-milder = __En las últimas 24 horas, una respuesta mía fue más urgente.__ Si era sobre esta misma mancha, vale aquella: no espere a otra foto. Si era sobre otra mancha, cada una vale para la suya.

n-in-100 = { $count } de cada 100
fewer-than-1-in-100 = menos de 1 de cada 100
more-than-99-in-100 = más de 99 de cada 100

risk-urgent = __Vaya al médico antes de dos semanas.__ Pida cita en cuanto abran y diga que es por un cambio en la piel. ¿Sin cita a tiempo? Pida a un médico de familia una derivación urgente.
risk-soon = __Vaya al dermatólogo o, si no, al médico de familia en las próximas semanas: pida cita esta semana.__
risk-routine = __Vigile esta mancha y muéstrela en su próxima visita al médico.__ ¿No hay ninguna? Pida cita. Mírela cada mes. Nueva en uña, palma, planta, boca o genitales, o nueva o cambiante con defensas bajas: antes de dos semanas.
reason-melanoma-likely = Por qué: entre las fotos como esta, el melanoma, un cáncer de piel grave, fue demasiado frecuente para esperar.
reason-carcinoma-likely = Por qué: de los siete tipos, el más visto en fotos así fue un cáncer de piel que no es melanoma, o una fase previa. Si está cerca del ojo o en nariz, labio u oreja: antes de dos semanas.
reason-malignancy-possible = Por qué: el cáncer de piel, o una fase previa, no fue raro entre las fotos como esta.
reason-uncertain = Por qué: el programa duda con esta foto.
reason-rarer-than-average = Por qué: el cáncer de piel o una fase previa, frecuente en clínicas, fue más raro que la media en fotos así. Eso no lo descarta.
reason-nothing-stands-out = Por qué: entre las fotos así, el cáncer de piel o una fase previa fue más raro que cuando aconsejo más prisa. Eso no lo descarta.

like-this = __Qué resultaron ser en clínicas las fotos como esta__
like-this-here = __Fotos como esta, entre quienes escriben aquí__
malignant-like-this =
    { $malignant ->
        [0] En total, cáncer de piel o una fase previa: menos de 1 de cada 100. Otra cosa: más de 99 de cada 100.
        [100] En total, cáncer de piel o una fase previa: más de 99 de cada 100. Otra cosa: menos de 1 de cada 100.
       *[other] En total, cáncer de piel o una fase previa: { $malignant } de cada 100. Otra cosa: { $other } de cada 100.
    }
caution-cut-off = __Quizá no se vea la mancha entera.__ Envíela entera; vale lo más urgente.
caution-edge-unseen = __No veo el borde de la mancha.__ Envíela entera; vale lo más urgente.
caution-both = __He mirado una mancha, quizá no entera.__ Envíe otras; vale lo más urgente.
caution-several = __Solo he mirado la mancha de la imagen:__ envíe otras aparte.
advice-above-own-mix = El consejo es más prudente que estos números.
few-photos-of-darker-skin = He visto poca piel como la suya: un número bajo dice aún menos.
no-diagnosis = __Esto no es un diagnóstico.__ Puede fallar en los dos sentidos. { -see-a-doctor }, diga lo que diga esto.

button-find = Buscar un dermatólogo
button-how-sure = ¿Es fiable?
numbers-for-own-mix = __Los números bajo una foto son para personas como las que escriben aquí__, según calcula quien lleva este servicio. El consejo nunca es menos prudente de lo que se midió arriba.

class-akiec = Queratosis actínica, enf. de Bowen
class-bcc = Carcinoma basocelular (cáncer)
class-bkl = Queratosis seborreica/mancha de edad
class-df = Dermatofibroma
class-mel = Melanoma (cáncer de piel)
class-nv = Lunar
class-vasc = Lesión vascular

picture-photo = Su foto
picture-heatmap = Qué apunta a
picture-less = menos
picture-more = más
picture-chart = De cada 100 fotos como esta (redondeado)
picture-malignant = cáncer de piel o una fase previa
picture-footer = No es un diagnóstico. Un médico puede decirle más.

## Fotos que no se pueden valorar

declined-too-small = __La foto es demasiado pequeña para valorarla.__ Acérquese hasta que la mancha ocupe un tercio de la imagen y envíela a tamaño completo, como archivo si puede.
declined-blurred = __La foto no está lo bastante nítida para valorarla.__ Ponga el teléfono { -how-far }, toque la mancha en la pantalla para enfocar, espere un momento y no se mueva. Con las dos manos es más fácil. ¿Sigue borrosa? Aléjese un poco y use el zoom.
declined-dark = __La foto está demasiado oscura para valorarla.__ Hágala con luz del día, cerca de una ventana, sin la sombra del teléfono.
declined-bright = __La foto tiene demasiada luz para valorarla.__ Quite el flash y evite que el sol o una lámpara den de lleno en la mancha.
declined-glare = __La luz se refleja en la piel y no veo bien la mancha.__ Quite el flash y gírese un poco hasta que ninguna lámpara ni ventana brille sobre la mancha. Si la piel está mojada o tiene crema, séquela antes.
declined-colour-cast = __Los colores de esta foto no son los de la piel.__ Hágala en color y con luz del día, cerca de una ventana, con las lámparas amarillas o de color apagadas y sin filtros.
declined-no-lesion = __No encuentro ninguna mancha de la piel en esta foto.__ Deje en el centro una sola mancha, lunar o bulto de la piel, { -how-far }, con algo de piel alrededor. Use el zoom a 2× si es pequeña.
declined-too-far = __La mancha sale demasiado pequeña en esta foto para valorarla.__ Ponga el teléfono a unos 10 cm con el zoom a 2× (o más), toque la mancha en la pantalla para enfocar y envíe la foto como archivo si puede: así conserva el detalle.
declined-cut-off = __La mancha no se ve entera en la foto.__ Póngala en el centro y aléjese un poco, de modo que quede algo de piel alrededor por todos los lados.
declined-several = __Veo más de una mancha en esta foto__ y solo puedo mirar una cada vez. Haga una foto de cada una, en el centro, con algo de piel alrededor.
declined-unreadable = __No puedo leer esto como foto.__ Envíe una foto o un archivo de imagen (JPEG, PNG, WebP o HEIC).
declined-truncated = __La foto ha llegado incompleta.__ Envíela otra vez, por favor.
declined-too-large = __Este archivo es demasiado grande para mí__ (20 MB como máximo, y menos en algunos formatos). Envíelo como foto y no como archivo, por favor.
declined-gone = __Telegram ya no me da esta foto.__ Envíela otra vez, por favor.
declined-slow = __Esta foto no me llega.__ Envíela otra vez, por favor, como foto y no como archivo: ocupa menos.
declined-set-aside = __He intentado varias veces mirar esta foto sin conseguirlo__ y la he apartado. Eso no dice nada sobre la mancha. Haga otra foto de ella y envíela, por favor.
sent-own-answer = __Esto es una respuesta mía: vale lo que dice.__ No la he valorado otra vez. Si quiere que mire una mancha, envíe la foto original.

    { -do-not-wait }
declined-red-flags = No se ha valorado nada. Envíe la próxima foto en un mensaje nuevo: no veo si cambia esta. Si la segunda foto tampoco sirve, muestre la mancha a un médico: no puedo valorar todas las manchas.

    { -do-not-wait }
our-fault = __Algo ha fallado por nuestra parte, no por la suya.__ Vuelva a intentarlo en unos minutos, por favor. Si pregunta al operador, mencione el incidente { $incident }. { -emergency }

    { -do-not-wait }
maintenance-photo-waits = __En este momento no puedo mirar fotos, porque estoy en mantenimiento.__ La suya espera su turno: la miraré en cuanto termine y le responderé aquí mismo. No hace falta que la envíe otra vez.

    { -do-not-wait }
maintenance-photo-refused = __En este momento no puedo mirar fotos, porque estoy en mantenimiento.__ No he abierto la suya. Envíela otra vez dentro de unas horas, por favor, con las demás del mismo álbum si las hay.

    { -do-not-wait }

## Dermatólogos

ask-place = __¿Dónde busco?__ Comparta su ubicación con el botón, envíe un lugar con el clip o escriba el nombre de una localidad. No lo guardo. Con /cancel lo dejamos.
ask-place-shared = __¿Dónde busco?__ Comparta su ubicación con el botón o envíe un lugar con el clip. No lo guardo. Con /cancel lo dejamos.
button-location = Compartir mi ubicación
found-around = Cerca de __{ $place }__ (nombre del lugar: © colaboradores de OpenStreetMap)
found-near = __Los dermatólogos más cercanos que conozco:__
found-far = __No conozco a nadie a menos de 100 km.__ Mis listas abarcan todavía pocas regiones. Busque un dermatólogo cerca de usted en un mapa o pregunte a su médico de familia. Si una respuesta mía le dio un plazo, sigue contando. { -in-emergency }

    { -do-not-wait }
found-name = __{ $number }. { $name }__ · { NUMBER($km, minimumFractionDigits: 1, maximumFractionDigits: 1) } km
found-plain = { $text }
found-open = __Abierto ahora__
found-closed = Cerrado ahora
found-hours = Horario: { $text } (Mo lunes, Tu martes, We miércoles, Th jueves, Fr viernes, Sa sábado, Su domingo)
found-phone = Teléfono: { $text }
found-no-phone = Teléfono: no figura en mi lista; busque el nombre, por favor.
found-website = { $text }
found-source = Fuente: { $attribution }, con fecha de { $date }.
directory-source-changed = Fuente: { $attribution }, con fecha de { $date }, modificada por los moderadores de este servicio.
directory-moderators = los moderadores de este servicio
found-check-first = Llame antes de ir, por favor: la lista puede estar anticuada. { -in-emergency }
found-nobody = Todavía no tengo ninguna lista de dermatólogos. Busque uno en un mapa o pregunte a su médico de familia. Si una respuesta mía le dio un plazo, sigue contando. { -in-emergency }

    { -do-not-wait }
place-unknown = No he encontrado ese lugar. Escriba una localidad, si quiere con su país, o comparta su ubicación. Con /cancel lo dejamos. { -emergency }
places-unavailable = Ahora mismo no se pueden buscar nombres de lugares. Comparta su ubicación con el botón o envíe un lugar con el clip, por favor. Con /cancel lo dejamos. { -emergency }

## Todo lo demás

cancelled = De acuerdo, lo dejamos.
nothing-to-cancel = No hay nada que cancelar. Envíeme una foto de una sola mancha, o /help.
nothing-to-cancel-without-consent = No hay nada que cancelar. { -no-photos }

    { -do-not-wait }
old-button = Este botón es de una pregunta anterior.
sent-video = No puedo valorar vídeos. Envíe una foto de una sola mancha, por favor. { -emergency }

    { -do-not-wait }
sent-voice = No puedo escuchar mensajes de voz. Envíe una foto de una sola mancha, por favor, o /help. { -emergency }

    { -do-not-wait }
sent-sticker = No sé leer stickers. Puedo mirar una foto de una sola mancha; /help dice cuándo ir al médico.
sent-contact = Gracias, pero no necesito contactos y no lo he guardado. Envíe una foto de una sola mancha, por favor, o /help.
sent-text = { -emergency }

    { -do-not-wait }

    No puedo leer lo que me cuenta; solo miro fotos de una sola mancha, en piel adulta. /help dice cuándo ir al médico, /dermatologist busca uno, /feedback llega a quienes cuidan de este bot.
# Estos programas se miden por lo que dice un laboratorio o lo que ve un especialista: revisión Cochrane CD013192, 2018.
sent-caption = No he leído lo que escribió con su foto o archivo: solo miro fotos. Lo que un médico o un laboratorio le haya dicho de la mancha vale más que lo que yo diga. __¿Es la mancha de un menor? Entonces mi respuesta no vale:__ que la vea un médico. /help dice cuándo ir al médico. { -emergency }

    { -do-not-wait }
sent-other = No puedo hacer nada con eso. Envíe una foto de una sola mancha, por favor, o /help.
sent-without-consent = { -emergency }

    { -do-not-wait }

    No puedo hacer nada con eso y no lo he guardado. { -no-photos } /help dice cuándo ir al médico, /dermatologist busca uno, /feedback llega a quienes cuidan de este bot.
help-without-consent = { -no-photos }
unknown-command = No conozco ese comando. En /help están los que conozco y cuándo ir al médico. { -emergency }
forwarded-command = No atiendo comandos de mensajes reenviados. Si es lo que quiere, escríbalo usted, por favor.
forwarded-words = No tomo como respuesta un mensaje reenviado. Escríbala usted, por favor, o envíe /cancel para dejarlo. { -emergency }
only-in-private = De la piel solo hablo en privado: { $link }

## Sus propios datos

button-newer = ‹ Más recientes
button-older = Más antiguas ›
invited-by = Le damos la bienvenida. Viene por invitación de __{ $clinic }__.
settings = __Ajustes__

    - Idioma: { $language }
    - Nombre: { $name }
    - Tipo de piel: { $skin_type }

    ¿Qué quiere cambiar?
settings-not-said = sin indicar
button-language = Idioma
button-name = Nombre
button-skin-type = Tipo de piel
button-no-skin-type = No guardar el tipo de piel
skin-type-without-consent = Sin su consentimiento al texto de hoy no guardo ningún tipo de piel. Si cambia de opinión, /start se lo muestra.
ask-new-name = ¿Cómo quiere que le llame? Escriba un nombre de pila, o /cancel.
history-empty = No guardo ninguna respuesta suya. Envíeme una foto de una sola mancha.
history-without-consent = No guardo ninguna respuesta suya, y sin su consentimiento al texto de hoy no miro fotos. Si cambia de opinión, /start se lo muestra.

    { -do-not-wait }
history-heading = __Sus respuestas__, { $count } en total, la más reciente primero (página { $page } de { $pages })
history-date = __{ DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC__
history-urgent = · ir al médico antes de dos semanas
history-soon = · ir al dermatólogo o, si no, al médico de familia en las próximas semanas
history-routine = · seguir vigilándola y mostrarla en la próxima visita al médico
history-note = Los números son de fotos como la suya. No son un diagnóstico. Las fotos no se han guardado. Si el consejo pide más que los números, vale el consejo. Si dos respuestas son de la misma mancha, vale la más urgente. Los plazos cuentan desde el día indicado: si se le aconsejó ir al médico y aún no ha ido, llame hoy. { -see-a-doctor }, diga lo que diga esta lista.
button-export = Recibir todos mis datos
button-withdraw = Retirar mi consentimiento
button-withdraw-yes = Sí, retirarlo
button-delete = Borrar todo
button-delete-yes = Sí, borrar todo
button-delete-no = No, conservarlo
exported = Este archivo contiene todo lo que se guarda sobre usted. Está pensado para ordenadores (JSON), pero cualquier editor de texto lo abre.
withdraw-question = __¿Retirar su consentimiento?__ Si lo retira, no miraré más fotos suyas, y su tipo de piel y lo que se guarda de sus respuestas anteriores se borrarán al momento. Las respuestas de este chat se quedan; si las borra en Telegram, desaparecen solo de su lado. Su registro se conserva; /delete también lo borra.
withdraw-not-yet = Su consentimiento todavía no está retirado: eso solo lo hace el botón de abajo. { -emergency }
consent-withdrawn = __Su consentimiento queda retirado.__ No miro más fotos suyas. Su tipo de piel y lo que se guardaba de sus respuestas anteriores están borrados; las respuestas de este chat se quedan y, si las borra en Telegram, desaparecen solo de su lado. Si le preocupa una mancha, muéstresela a un médico. Con /start puede volver a aceptar, con /delete borra lo demás.

    { -do-not-wait }
photo-let-go = __No he valorado esta foto__, porque usted ya no quiere que lo haga.

    { -do-not-wait }
delete-question = __¿Borrar todo lo que se guarda sobre usted?__ Su registro, sus respuestas y sus mensajes a los moderadores desaparecen, y no puedo recuperarlos. Este chat se queda; si lo borra en Telegram, desaparece solo de su lado.
delete-keeps-role = Usted modera este bot: conserva esa función, y lo que hizo sigue en /audit. Solo un propietario puede retirársela.
delete-not-yet = Todavía no se ha borrado nada: eso solo lo hace el botón de abajo. { -emergency }
delete-cancelled = No se ha borrado nada.
deleted = __Se ha borrado lo que se guardaba sobre usted:__
deleted-nothing = no había nada
deleted-patients = su registro
deleted-cases =
    { $count ->
        [one] la anotación de { $count } foto
       *[other] las anotaciones de { $count } fotos
    }
deleted-feedback =
    { $count ->
        [one] { $count } mensaje a los moderadores
       *[other] { $count } mensajes a los moderadores
    }
deleted-deliveries =
    { $count ->
        [one] la anotación de { $count } aviso
       *[other] las anotaciones de { $count } avisos
    }
deleted-receipt = __Comprobante:__ { $receipt }

    Con él, el operador puede comprobar que se hizo y cuándo, pero no de quién era. Guárdelo si quiere. Las copias de seguridad del operador pueden contener todavía sus datos: pida que se borren.
deleted-keeps-ban = La expulsión se mantiene, como un código sin su id y sin el motivo.
deleted-farewell = Si una respuesta mía le dio un plazo, sigue contando. Una foto sin respuesta no se ha valorado. { -see-a-doctor }.

    Puede borrar este chat en Telegram y volver a empezar con /start cuando quiera. ¡Cuídese!
ask-feedback = Escriba con palabras, en un solo mensaje, a quienes cuidan de este bot: no les paso fotos ni archivos. No pueden responder preguntas médicas: para eso, vaya al médico. Con /cancel lo dejamos.
feedback-closed = No se ha enviado nada a los moderadores; con /feedback se empieza de nuevo.
feedback-many = Ya hay { $count } mensajes suyos en espera. Espere a que los respondan, por favor. { -emergency }

    { -do-not-wait }
feedback-long = Es demasiado largo: { $most } caracteres como máximo, por favor. { -emergency }
feedback-nobody = En este momento nadie lee mensajes aquí, así que no los recojo. { -emergency }

    { -do-not-wait }
feedback-sent = Gracias. Su mensaje espera a los moderadores; si hay respuesta, llegará aquí. No la espere si una mancha le preocupa: vaya al médico. { -emergency }
feedback-answer = __Los moderadores responden:__
feedback-was = __Usted había escrito:__
feedback-write-back = Para contestar, envíe /feedback: no puedo pasar una respuesta directa.

## Expulsiones

banned = __Su acceso a este bot está cerrado { $until }.__ Motivo: { $reason }

    /help dice cuándo ir al médico. /privacy, /export y /delete también siguen funcionando. Si cree que es un error, escriba al operador: vea el perfil del bot. Si le preocupa una mancha, muéstresela a un médico. { -emergency }

    { -do-not-wait }
banned-button = En este momento no puede usar este bot.
ban-until = hasta el { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC
ban-for-good = de forma permanente
ban-no-reason = ya no se guarda
you-are-unbanned = Ya puede volver a usar este bot.

## Lo que se avisa a los propietarios cuando algo va mal en el servicio

alert-incidents =
    { $count ->
        [one] __Un error en la última hora.__ /errors muestra en qué parte del código.
       *[other] __{ $count } errores en la última hora.__ /errors muestra en qué parte del código.
    }
alert-queue-long = __{ $count } fotos esperan su respuesta.__ /stats muestra cómo sigue; con /maintenance se pueden poner en pausa.
alert-queue-old = __Una foto lleva { $minutes } minutos esperando.__ Mire si los procesos de trabajo funcionan; /stats muestra cómo sigue.
alert-set-aside = __Se ha apartado una foto:__ mirarla hizo caer una y otra vez un proceso de trabajo o el servicio entero. Se ha avisado a quien la envió.
alert-database-away = __La base de datos no responde desde hace { $minutes } minutos.__ Mientras tanto, los mensajes esperan en Telegram; no se pierde nada.
alert-telegram-away = __Telegram no respondió durante { $minutes } minutos.__ Ya responde, y se contesta lo que ha esperado.
alert-service-away = __No estuve en servicio durante { $minutes } minutos:__ parado o sin mi base de datos. Ahora se contesta lo que ha esperado.
alert-disk-full = __El disco está casi lleno:__ quedan { $megabytes } MB libres donde el bot guarda sus datos.
alert-backup-old = __La última copia de seguridad tiene { $hours } horas.__
alert-backup-none = __Nunca se ha hecho una copia de seguridad.__ Si falla este disco, se pierde todo: python -m bot backup CARPETA, cada noche. Si la guarda de otra manera, todo está bien; solo lo digo una vez.
alert-model-changed = __Ahora juzga las fotos otra red:__ { $name }. Si no la ha cambiado usted, mire en MODEL_DIR.
alert-again =
    { $count ->
        [one] Ha ocurrido una vez más desde mi último aviso.
       *[other] Ha ocurrido { $count } veces más desde mi último aviso.
    }
alert-over-incidents = Ya ha pasado: vuelve a haber pocos errores.
alert-over-queue-long = Ya ha pasado: esperan pocas fotos.
alert-over-queue-old = Ya ha pasado: ninguna foto espera mucho.
alert-over-database-away = Ya ha pasado: la base de datos vuelve a responder.
alert-over-disk-full = Ya ha pasado: el disco vuelve a tener espacio.
alert-over-backup-old = Ya ha pasado: hay una copia de seguridad reciente.
