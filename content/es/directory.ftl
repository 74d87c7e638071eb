# El directorio de dermatólogos, como lo ven los moderadores, y /reload. Markdown: __negrita__, - listas.

directory-home = __El directorio de dermatólogos__ tiene { $count ->
        [one] { $count } entrada
       *[other] { $count } entradas
    }. Los pacientes ven los cambios al momento. ¿Qué quiere hacer?
button-directory-add = Añadir una entrada
button-directory-find = Buscar una entrada
button-directory-removed = Entradas quitadas
button-directory-import = Importar un archivo

## Buscar

directory-ask-find = __¿A quién busco?__ Escriba una parte del nombre o de la dirección, o una localidad, o el número de una entrada tal como lo muestra /audit, o comparta una ubicación. Con /cancel lo dejamos.
directory-nobody = No he encontrado a nadie. Pruebe con otro nombre o con otra localidad, por favor. Con /cancel lo dejamos.
directory-nobody-named = Nadie en el directorio tiene «{ $words }» en el nombre o en la dirección. Pruebe con otro nombre, por favor, o, si es una localidad, búsquela como tal. Con /cancel lo dejamos.
button-directory-place = Buscar un lugar con este nombre
directory-matches = { $count ->
        [one] { $count } entrada encontrada
       *[other] { $count } entradas encontradas
    } (página { $page } de { $pages }):
directory-gone = Esta entrada ya no está en el directorio. Con /directory se buscan otras.
button-directory-previous = ‹ Anteriores
button-directory-next = Siguientes ›

## Una entrada

directory-card-heading = __{ $name }__
directory-card-line = { $field }: { $text }
directory-empty = –
directory-field-name = Nombre
directory-field-address = Dirección
directory-field-phone = Teléfono
directory-field-website = Página web
directory-field-opening-hours = Horario
directory-field-note = Nota
directory-field-place = Lugar en el mapa
button-directory-remove = Quitar

directory-ask-field = __{ $field }__ de { $name }. Ahora pone: { $now }

    ¿Qué debe poner?
directory-how-name = Un nombre tiene de 1 a 200 letras.
directory-how-address = La dirección en una sola línea, de 200 letras como mucho, como se escribe en el país.
directory-how-phone = Un número de teléfono con el prefijo del país, por ejemplo +43 662 642274.
directory-how-website = Una dirección que empieza por http:// o https://.
directory-how-opening-hours = El horario como lo escribe OpenStreetMap, por ejemplo Mo-Fr 08:00-12:00; We off. No muestro otra cosa, porque no sabría decir cuándo está abierto. Palabras como «con cita previa» van en la nota.
directory-how-note = Una observación en una sola línea, de 200 letras como mucho, en la lengua del lugar.
directory-how-place = Comparta una ubicación, envíe un lugar con el clip o escriba el nombre de un lugar o unas coordenadas, por ejemplo 47.8, 13.05.
directory-how-to-empty = Envíe - para dejarlo vacío. Con /cancel lo dejamos.
directory-how-to-stop = Con /cancel lo dejamos.
directory-refused = __No puedo aceptar eso.__
directory-corrected = Corregido. Los pacientes lo ven desde ahora.
directory-changed-meanwhile = __Otra persona ha cambiado esto entretanto__, y todavía no he hecho nada. Mire, por favor, lo que pone ahora.
directory-same = Eso es lo que ya pone.

directory-ask-remove = __¿Quito a { $name } del directorio?__ Los pacientes dejarán de ver esta entrada.
button-directory-remove-yes = Sí, quitar
button-directory-keep = No, dejarla
directory-removed = { $name } ya no está en el directorio.
button-directory-put-back = Volver a ponerla
directory-put-back = Ya está otra vez.
directory-is-removed = __Esta entrada se quitó.__ Los pacientes no la ven.
directory-removed-ones = { $count ->
        [one] Se quitó { $count } entrada
       *[other] Se quitaron { $count } entradas
    } (página { $page } de { $pages }). Pulse una para verla y volver a ponerla:
directory-none-removed = No se ha quitado ninguna entrada.
button-directory-erase = Borrarla para siempre
directory-erased = La entrada está borrada.

## Añadir

directory-ask-name = __¿Cómo se llama__ el dermatólogo o la consulta? Con /cancel lo dejamos.
directory-ask-place = __¿Dónde está { $name }?__ Comparta una ubicación, envíe un lugar con el clip o escriba el nombre de un lugar o unas coordenadas, por ejemplo 47.8, 13.05. Con /cancel lo dejamos.
directory-place-unknown = No he encontrado ese lugar. Escríbalo de otra forma, por favor, o comparta una ubicación. Con /cancel lo dejamos.
directory-place-found = El lugar que he encontrado: __{ $place }__ (nombre del lugar: © colaboradores de OpenStreetMap). Si no es ese, corríjalo.
directory-places-unavailable = Ahora mismo no se pueden buscar nombres de lugares. Comparta una ubicación o escriba unas coordenadas, por ejemplo 47.8, 13.05.
directory-known = Ya hay una entrada con ese nombre a menos de 100 m. Es esta; puede corregirla.
directory-added = Añadida. Los pacientes la ven desde ahora. Con los botones se completa lo que falta.
directory-begin-again = Ya no sé de qué se trataba. Empiece de nuevo con /directory, por favor.

## Importar

directory-ask-file = __Envíeme el archivo__, como archivo: CSV o GeoJSON, en UTF-8, de 5 MB y 20.000 entradas como mucho. En el texto que lo acompaña, diga a quién hay que nombrar como fuente.

    - __CSV__: con las columnas name, latitude, longitude y, si las tiene, address, phone, website, opening\_hours, note.
    - __GeoJSON__: una FeatureCollection con las etiquetas de OpenStreetMap.

    Las entradas que ya están se actualizan: el mismo nombre a menos de 100 m. Importe solo lo que se puede compartir, por favor. Con /cancel lo dejamos.
directory-ask-source = El archivo tiene { $count ->
        [one] { $count } entrada
       *[other] { $count } entradas
    } que puedo tomar. __¿A quién hay que nombrar como fuente__, con su licencia? Los pacientes lo ven en cada entrada. Escríbalo, por ejemplo «Colegio de Médicos de Salzburgo, CC BY 4.0». Con /cancel lo dejamos.
button-directory-osm = © OpenStreetMap contributors
directory-osm = © OpenStreetMap contributors, ODbL, openstreetmap.org/copyright
directory-source-too-long = Nombre la fuente con 1 a 200 letras, en una sola línea, por favor.
directory-imported = __Importado.__ Añadidas: { $added }. Actualizadas: { $updated }. Sin cambios: { $unchanged }. Se muestra como fuente: { $attribution }
directory-imported-first = __Las primeras__, y dónde están (latitud, longitud):
directory-imported-line = { $name }: { $place }
directory-imported-far = · a { NUMBER($km, maximumFractionDigits: 0) } km de la entrada más cercana que había
directory-imported-span = Todo el archivo está entre { $south } y { $north } de latitud, y entre { $west } y { $east } de longitud. Si no es así, deshaga la importación.
button-directory-undo = Deshacer esta importación
directory-import-undone = __La importación está deshecha.__ Entradas que había añadido y ya no están: { $removed }. Entradas que ponen otra vez lo de antes: { $restored }.
directory-import-left = Se cambiaron después, y por eso se quedan como están: { $count }.
directory-import-found = De esta importación, { $count ->
        [one] { $count } entrada sigue
       *[other] { $count } entradas siguen
    } como las dejó.
directory-import-nothing-left = De esta importación no se puede deshacer nada: ya está deshecha, se cambió después o tiene más de { $days } días.
directory-left-removed = __Siguen quitadas: { $count }.__ Los moderadores las han quitado de su lista.
directory-refused-rows = __Rechazadas: { $count }__
directory-left-out = __Campos que no he tomado, porque no los entiendo: { $count }.__ Una entrada que ya estaba conserva lo que tenía.
directory-remark-line = línea { $position }: { $reason }
directory-remark-feature = elemento { $position }: { $reason }
directory-reason-name = falta el nombre, o tiene más de 200 letras
directory-reason-place = no tiene ningún lugar de la Tierra que yo entienda ({ $value })
directory-reason-cells = tiene más celdas que columnas hay ({ $value })
directory-reason-trade = no es dermatólogo ({ $value })
directory-reason-address = la dirección tiene más de 200 letras
directory-reason-note = la nota tiene más de 200 letras
directory-reason-phone = el teléfono no lleva el prefijo de un país, o no es un teléfono ({ $value })
directory-reason-website = la página web no empieza por http:// o https:// ({ $value })
directory-reason-opening-hours = el horario no está escrito como en OpenStreetMap ({ $value })
directory-unknown-columns = Columnas que no me sirven: { $names }
directory-report = Todo lo que no he podido tomar.
directory-report-name = no-importado.txt
directory-report-refused = Rechazadas: { $count }
directory-report-left-out = Campos que no he tomado, porque no los entiendo: { $count }. Una entrada que ya estaba conserva lo que tenía.

directory-nothing-imported = __No he importado nada__, y el directorio está como estaba.
directory-try-again = Envíe el archivo otra vez cuando esté arreglado, por favor. Con /cancel lo dejamos.
directory-file-no-rows = El archivo no tiene filas debajo de los nombres de las columnas.
directory-file-no-features = El archivo no tiene elementos.
directory-file-too-large = El archivo tiene más de 5 MB.
directory-file-too-many = El archivo tiene más de 20.000 entradas.
directory-file-gone = Telegram ya no me da el archivo.
directory-file-slow = El archivo no me llega. Puede que dentro de unos minutos sí.
directory-file-encoding = La línea { $line } no es UTF-8. En Excel, guárdelo como «CSV UTF-8».
directory-file-columns = La línea 1 debe nombrar las columnas. Faltan estas: { $value }
directory-file-csv = La línea { $line } no es CSV: { $value }
directory-file-json = La línea { $line } no es JSON: { $value }
directory-file-collection = Esto es JSON, pero no una FeatureCollection de GeoJSON.

## /reload

reload-done = __Leído de nuevo.__ Los textos y las listas son ahora los de los archivos.
reload-languages = Idiomas: { $languages }
reload-languages-changed = Idiomas: { $languages } (antes: { $before })
reload-dermatologists = Dermatólogos: { $count }, de ellos { $listed } en las listas (antes: { $before })
reload-clinics = Clínicas que invitan: { $count } (antes: { $before })
reload-consent = El texto del consentimiento tiene ahora la versión { $version }; antes era { $before }. Se pregunta de nuevo a todos los pacientes.
reload-refused = __No he leído nada de nuevo__: un archivo tiene errores. Los textos y las listas de antes siguen en uso.
reload-where = Archivo: { $file }
reload-where-line = Archivo: { $file }, línea { $line }
reload-why = Qué falla allí: { $reason }
