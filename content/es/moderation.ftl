# Lo que leen los moderadores. Markdown como en ui.ftl.

## Menú de comandos

command-stats = Cómo va el servicio
command-inbox = Mensajes de pacientes
command-users = Todas las personas, por páginas
command-user = Una persona
command-ban = Expulsar a alguien
command-unban = Volver a admitir a alguien
command-broadcast = Escribir a todo el mundo
command-directory = Dermatólogos: añadir, corregir, importar
command-reload = Volver a leer textos y listas
command-maintenance = Dejar en espera o rechazar las fotos
command-errors = Los últimos incidentes
command-audit = Quién hizo qué y cuándo
command-grant = Nombrar a un moderador
command-revoke = Retirar la función a un moderador

## Personas

naming-how = Solo conozco el @nombre de quienes usan este bot, y solo sé quién escribió un mensaje reenviado si muestra ahí su cuenta.
naming-reply = Si se trata de una persona: responda a ese mensaje con un comando como /user o /ban, o pulse el botón.
users-nobody = Aquí no hay nadie.
users-heading = __Personas__, { $count } en total, las más recientes primero (página { $page } de { $pages })
users-line = __{ $name }__ { $username } · { $id }
users-mark-unfinished = (registro sin terminar)
users-mark-blocked = (ha bloqueado el bot)
users-mark-banned = (expulsada)
users-mark-unknown = (sin registrar)
users-mark-owner = (propietaria)
users-mark-moderator = (modera este bot)
moderators-heading = __Quién cuida de este bot__: { $count } en total. Cada botón muestra quién es y permite retirarle la función.
user-how = __¿Qué persona?__ Escriba /user y detrás un id o un @nombre, o responda con /user a un mensaje reenviado o a un mensaje del buzón.
user-heading = __Persona { $id }__
user-unknown = No registrada, o borrada
user-name = Nombre: { $name }, en Telegram: { $username }
user-language = Idioma: { $language }
user-registered = Registrada el { DATETIME($when, dateStyle: "medium") }, consentimiento de { $consent }
user-not-registered = Ha empezado a registrarse
user-invited = Invitada por: { $clinic }
user-blocked = Bloquea el bot desde el { DATETIME($when, dateStyle: "medium") }
user-photos =
    { $count ->
        [one] { $count } foto en las últimas 24 horas
       *[other] { $count } fotos en las últimas 24 horas
    }
user-feedback =
    { $count ->
        [one] { $count } mensaje espera respuesta
       *[other] { $count } mensajes esperan respuesta
    }
user-role-owner = Propietaria
user-role-moderator = Modera este bot
user-banned = Expulsada { $until }. Motivo: { $reason }
user-ban-until = hasta el { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC
user-ban-good = para siempre
button-ban = Expulsar…
button-unban = Volver a admitir
button-grant = Nombrar moderador
button-revoke = Retirar la función

## Funciones

grant-how = __¿A quién?__ Escriba /grant y detrás un id o un @nombre, o responda con /grant a un mensaje suyo que haya reenviado aquí.
granted = Hecho. Ahora modera este bot y se le ha avisado.
granted-unheard = Hecho. Ahora modera este bot, pero no se le ha podido avisar: todavía no ha escrito a este bot o lo ha bloqueado.
grant-already = Esa persona ya modera este bot.
grant-owner = Esa persona es propietaria: eso ya incluye moderar.
grant-banned = Esa persona está expulsada. Vuelva a admitirla antes.
grant-not-yet = __Todavía no se ha nombrado moderador a nadie:__ un @nombre puede haber cambiado de manos. Si es la persona que usted quiere, lo hace el botón de abajo.
revoke-how = __¿A quién?__ Escriba /revoke y detrás un id o un @nombre, o responda con /revoke a un mensaje suyo que haya reenviado aquí.
revoked = Hecho. Ya no modera este bot y se le ha avisado. Lea usted en /audit lo que hizo esa persona: si borra sus datos, su nombre desaparece de ahí.
revoked-unheard = Hecho. Ya no modera este bot, pero no se le ha podido avisar. Lea usted en /audit lo que hizo esa persona: si borra sus datos, su nombre desaparece de ahí.
revoke-nobody = Esa persona no modera este bot.
revoke-owner = Los propietarios figuran en OWNER_IDS, en los ajustes del servidor. Solo allí se puede cambiar.
you-are-moderator = Ahora usted modera este bot. En /help está lo que puede hacer.
start-with-role = Usted cuida de este bot: en /help están sus comandos. Si además quiere usarlo como paciente, responda a las preguntas que vienen ahora; si no, envíe /cancel.
anything-with-role = No puedo hacer nada con eso. Usted cuida de este bot: en /help están sus comandos. Si además quiere usarlo como paciente, envíe /start. { -emergency }
you-are-no-moderator = Usted ya no modera este bot.

## Expulsar

ban-how = __¿A quién, cuánto tiempo y por qué?__ Escriba /ban y detrás un id o un @nombre, después cuánto tiempo (7d, 2w o { user-ban-good }) y el motivo, que la persona leerá: «/ban 123456 7d Insultó a otras personas». O solo a quién: entonces le pregunto lo demás.
ban-moderator = No se puede expulsar a moderadores ni a propietarios. Antes, un propietario debe retirarles la función.
ban-reason-long = Escriba un motivo más corto, de { $most } caracteres como mucho, por favor. Todavía no se ha expulsado a nadie. Con /cancel lo dejamos.
ban-reason-kept = __Todavía no se ha expulsado a nadie__, porque delante del motivo no pone cuánto tiempo (7d, 2w o { user-ban-good }). Un botón expulsa al momento, y la persona lee: { $reason }
ban-length-unread = «{ $word }» no es un tiempo que yo entienda: de 1d a { $most }d (días), o de 1w a { $most }w (semanas).
ban-length-kept = __Todavía no se ha expulsado a nadie__, porque falta el motivo. El tiempo queda apuntado: { $length }.
ban-how-long = __¿Cuánto tiempo se expulsa a { $id }?__
ban-days =
    { $days ->
        [one] { $days } día
       *[other] { $days } días
    }
button-ban-good = Para siempre
ask-ban-reason = __¿Por qué se expulsa a { $id }?__ Escriba el motivo. La persona lo leerá. Con /cancel lo dejamos.
unban-how = __¿A quién?__ Escriba /unban y detrás un id o un @nombre, o responda con /unban a un mensaje reenviado o a un mensaje del buzón.
unbanned = Hecho. Puede volver a usar el bot y se le ha avisado.
unbanned-unheard = Hecho. Puede volver a usar el bot, pero no se le ha podido avisar.
unban-nobody = Esa persona no está expulsada.

## Buzón

inbox-news =
    { $count ->
        [one] Un mensaje de un paciente espera en /inbox.
       *[other] { $count } mensajes de pacientes esperan en /inbox.
    }
inbox-empty = El buzón está vacío.
inbox-more =
    { $count ->
        [one] Queda { $count } más. Responda a estos y vuelva a enviar /inbox.
       *[other] Quedan { $count } más. Responda a estos y vuelva a enviar /inbox.
    }
inbox-item = __Mensaje { $number }__ · { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC · { $language } · para contestar, responda a este mensaje
button-answer = Responder
button-put-aside = Apartar
button-who = ¿Quién es?
ask-feedback-answer = Escriba la respuesta al mensaje { $number }. El paciente la recibe tal cual. Sin consejos médicos. Si parece una emergencia o que alguien puede hacerse daño, responda enseguida: «No puedo ayudarle con esto. Llame ya { -emergency-number }.» Con /cancel lo dejamos.
inbox-long = Es demasiado largo: { $most } caracteres como máximo, por favor. Todavía no se ha enviado nada.
inbox-answered-by-colleague = __Ya se ha respondido.__
inbox-answered-meanwhile = __El mensaje { $number } se ha respondido entretanto.__ Su respuesta no se ha enviado. Al paciente se le ha respondido:
inbox-send-too = ¿Enviar también la suya?
button-inbox-send = Enviar también la mía
button-inbox-drop = Descartar la mía
inbox-dropped = Su respuesta al mensaje { $number } no se ha enviado.
inbox-words-gone = Ya no tengo su respuesta al mensaje { $number }. Escríbala de nuevo, por favor, como respuesta a ese mensaje.
inbox-closed-already = Ya se había respondido o apartado antes.
inbox-answered = La respuesta al mensaje { $number } se ha enviado.
inbox-unheard = La respuesta al mensaje { $number } no se ha podido enviar: el paciente ha bloqueado el bot o ya no está. Cuenta como respondido.
inbox-aside = El mensaje { $number } queda apartado.
inbox-gone = Este mensaje ya no está: quien lo envió lo ha borrado.
inbox-blanked = Este mensaje está borrado.

## Registro de acciones

audit-empty = Aquí no hay nada.
audit-how = __¿Sobre quién?__ /audit sin nada más lo muestra todo; con un id o un @nombre detrás, lo que alguien hizo y lo que se hizo con esa persona.
audit-heading = __Quién hizo qué y cuándo__, lo más reciente primero (página { $page })
audit-line = { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC · { $who } · { $action }
audit-subject = → { $whom }
audit-details = ({ $details })
audit-deed-users = miró la lista de personas
audit-deed-user = consultó a una persona
audit-deed-moderators = consultó quién cuida del bot
audit-deed-grant = nombró moderador
audit-deed-revoke = retiró la función de moderador
audit-deed-ban = expulsó a alguien
audit-deed-unban = volvió a admitir a alguien
audit-deed-inbox = leyó el buzón
audit-deed-inbox-aside = apartó un mensaje
audit-deed-inbox-answer = respondió a un mensaje
audit-deed-broadcast = empezó un envío
audit-deed-broadcast-cancel = detuvo un envío
audit-deed-directory-add = añadió una entrada
audit-deed-directory-correct = corrigió una entrada
audit-deed-directory-remove = quitó una entrada
audit-deed-directory-restore = volvió a poner una entrada
audit-deed-directory-erase = borró una entrada para siempre
audit-deed-directory-import = importó dermatólogos
audit-deed-directory-import-undo = deshizo una importación
audit-deed-reload = volvió a leer textos y listas
audit-deed-reload-refused = no pudo volver a leer textos y listas
audit-deed-maintenance = consultó el mantenimiento
audit-deed-maintenance-begin = activó el mantenimiento
audit-deed-maintenance-end = terminó el mantenimiento
audit-deed-stats = consultó las cifras
audit-deed-errors = consultó los incidentes
audit-deed-audit = consultó este registro
audit-fact-added = añadidas: { $value }
audit-fact-updated = actualizadas: { $value }
audit-fact-unchanged = sin cambios: { $value }
audit-fact-refused = rechazadas: { $value }
audit-fact-removed = quitadas: { $value }
audit-fact-restored = como antes: { $value }
audit-fact-left = sin tocar: { $value }
audit-fact-number = importación { $value }
audit-fact-entry = entrada { $value }
audit-fact-field = campo: { $value }
audit-fact-until = hasta { $value }
audit-fact-page = página { $value }
audit-fact-messages = mensajes: { $value }
audit-fact-incident = incidente { $value }
audit-fact-mode = fotos: { $value }
audit-fact-period = periodo: { $value }
audit-fact-file = archivo { $value }
audit-fact-line = línea { $value }
audit-fact-languages = idiomas: { $value }
audit-fact-dermatologists = dermatólogos: { $value }
