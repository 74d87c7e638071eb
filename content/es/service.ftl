# Lo que los moderadores leen sobre el servicio: /stats, /errors, /maintenance. Markdown: __negrita__, - listas.

## /stats

stats-wrong = ¿De qué periodo? Envíe /stats sin nada más, o uno de estos: /stats day (día), /stats week (semana), /stats all (todo).
stats-moment = { DATETIME($when, dateStyle: "medium") }, { $time } UTC
stats-title-day = Las últimas 24 horas
stats-title-week = Los últimos 7 días
stats-title-all = Todo hasta ahora
stats-heading = __{ $title }__ · { $moment }
stats-people = __Personas registradas:__ { $registered }; nuevas: { $new }; con alguna foto: { $active }; con el bot bloqueado: { $blocked }
stats-people-all = __Personas registradas:__ { $registered }; con alguna foto: { $active }; con el bot bloqueado: { $blocked }
stats-nobody = __Todavía no se ha registrado nadie.__ Dé a conocer la dirección de este bot y vuelva a mirar aquí.
stats-photos = __Fotos:__ { $photos }; valoradas: { $assessed }, no valorables: { $declined }, sin respuesta: { $unanswered }
stats-no-photos = __Fotos:__ no llegó ninguna en este periodo
stats-classes = __Clase más probable:__ { $list }
stats-advice = __Consejo:__ { $urgent } antes de dos semanas · { $soon } en las próximas semanas · { $routine } seguir vigilando
stats-few = __Clase más probable y consejo:__ se muestran a partir de { $people } personas, para que ninguna valoración quede sola
stats-rest = (de las fotos más recientes; lo que muestran las más antiguas no se cuenta, porque son de menos de { $people } personas)
stats-declined = __No valorables:__ { $list }
stats-unanswered = __Sin respuesta:__ { $list }
stats-times = __Respuesta en:__ { $p50 } (la mitad), { $p90 } (90 de 100), { $p99 } (99 de 100)
stats-queue = __Cola:__ en curso: { $photos }; retenidas por mantenimiento: { $waiting }; mensajes por atender: { $updates }
stats-queue-oldest = __Cola:__ en curso: { $photos }, la más antigua desde hace { $oldest }; retenidas por mantenimiento: { $waiting }; mensajes por atender: { $updates }
stats-uptime = __En marcha desde hace:__ { $time }

stats-item = { $name }: { $count }
stats-reason-too-small = pequeñas
stats-reason-dark = oscuras
stats-reason-bright = demasiado claras
stats-reason-glare = con reflejos
stats-reason-colour-cast = con luz de color
stats-reason-blurred = borrosas
stats-reason-no-lesion = sin mancha
stats-reason-too-far = demasiado lejanas
stats-reason-cut-off = con la mancha cortada
stats-reason-several = con varias manchas
stats-reason-unreadable = ilegibles
stats-reason-truncated = incompletas
stats-reason-too-large = demasiado grandes
stats-reason-gone = ya no están en Telegram
stats-reason-slow = no llegaron
stats-reason-failed = por fallo nuestro
stats-reason-own-answer = respuestas del bot enviadas otra vez
stats-reason-set-aside = apartadas, hicieron caer un proceso
stats-reason-undeliverable = bot bloqueado
stats-reason-withdrawn = consentimiento retirado
stats-reason-other = otras

stats-seconds = { NUMBER($seconds, maximumFractionDigits: 1) } s
stats-minutes = { $minutes } min
stats-hours = { $hours } h { $minutes } min
stats-days = { $days } d { $hours } h

## El gráfico de /stats

stats-number = { $count }
stats-figure-photos = fotos
stats-figure-people = personas
stats-figure-time = respuesta mediana
stats-figure-queue = en la cola
stats-per-hour = Fotos por hora (UTC)
stats-per-day = Fotos por día (UTC)
stats-per-week = Fotos por semana, desde el lunes
stats-per-month = Fotos por mes
stats-per-year = Fotos por año
stats-legend-assessed = valoradas: { $count }
stats-legend-declined = { $count } sin valorar
stats-legend-unanswered = { $count } sin respuesta
stats-nothing = Ninguna foto en este periodo
stats-chart-classes = Clase más probable
stats-chart-few = Se muestra a partir de { $people } personas, para que ninguna quede sola
stats-weekdays = lun mar mié jue vie sáb dom
stats-months = ene feb mar abr may jun jul ago sep oct nov dic
stats-month-day = { $day } { $month }

button-stats-day = Día
button-stats-week = Semana
button-stats-all = Todo

## /errors

errors-wrong = Envíe /errors para ver los últimos incidentes, o /errors con el número que le dijo un paciente: seis caracteres, como 3FA29C.
errors-none = No hay incidentes. Lo que salga mal aparecerá aquí con el número que se le dice al paciente.
errors-heading = __Incidentes__, el más reciente primero: { $count } (se guardan 200 como mucho)
errors-line = __{ $number }__ · { $when }
errors-unknown = No hay ningún incidente { $number }. Aquí se guardan los últimos 200; el registro del servidor los tiene todos.
errors-one = __Incidente { $number }__ · { $when }
errors-way = El camino hasta allí, de fuera adentro; lo que contenían estas líneas no se guarda:
errors-frame = { $file }:{ $line } { $function }
errors-no-frames = No se sabe dónde ocurrió.

## /maintenance

maintenance-wrong = Envíe /maintenance para ver el estado, /maintenance on (activar) o /maintenance off (desactivar).
maintenance-off = __El mantenimiento está desactivado.__ Las fotos se responden según llegan.
maintenance-off-already = El mantenimiento ya está desactivado. Las fotos se responden según llegan.
maintenance-not-yet = __El mantenimiento todavía no está activado:__ lo activa uno de los botones.
maintenance-on-already = El mantenimiento ya está activado. No ha cambiado nada.
maintenance-wait = __El mantenimiento está activado__ desde { $when }. Las fotos nuevas esperan: { $count } hasta ahora. Se responderán cuando se desactive.
maintenance-refuse = __El mantenimiento está activado__ desde { $when }. Las fotos nuevas se rechazan y se pide a los pacientes que las envíen más tarde. Fotos que esperan desde antes: { $count }.
maintenance-ask = __¿Qué debe pasar con las fotos que lleguen durante el mantenimiento?__ Las que están en curso se terminan en ambos casos, y todo lo demás sigue funcionando.
maintenance-ended = __El mantenimiento ha terminado.__ Fotos que esperaban y se responden ahora: { $count }.
button-maintenance-wait = Que las fotos esperen
button-maintenance-refuse = Rechazar las fotos
button-maintenance-off = Desactivar el mantenimiento
