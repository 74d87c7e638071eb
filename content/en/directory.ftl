# The directory of dermatologists, as moderators see it, and /reload. Markdown: __bold__, - lists.

directory-home = __The directory of dermatologists__ has { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    }. Patients see changes at once. What would you like to do?
button-directory-add = Add an entry
button-directory-find = Find an entry
button-directory-removed = Removed entries
button-directory-import = Import a file

## Finding

directory-ask-find = __Whom shall I look for?__ Type a part of the name or of the address, or a town, or the number of an entry as /audit shows it, or share a location. /cancel stops.
directory-nobody = I found nobody. Please try another name or town. /cancel stops.
directory-nobody-named = Nobody in the directory has “{ $words }” in name or address. Please try another name, or, if it is a town, look for that. /cancel stops.
button-directory-place = Look for a place of this name
directory-matches = { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    } found (page { $page } of { $pages }):
directory-gone = This entry is no longer in the directory. /directory finds others.
button-directory-previous = ‹ Previous
button-directory-next = Next ›

## An entry

directory-card-heading = __{ $name }__
directory-card-line = { $field }: { $text }
directory-empty = –
directory-field-name = Name
directory-field-address = Address
directory-field-phone = Phone
directory-field-website = Website
directory-field-opening-hours = Opening hours
directory-field-note = Note
directory-field-place = Place on the map
button-directory-remove = Remove

directory-ask-field = __{ $field }__ of { $name }. It says now: { $now }

    What shall it say?
directory-how-name = A name has 1 to 200 letters.
directory-how-address = The address on one line, 200 letters at most, as letters are addressed there.
directory-how-phone = A phone number with the code of the country, such as +43 662 642274.
directory-how-website = An address that begins with http:// or https://.
directory-how-opening-hours = Opening hours as OpenStreetMap writes them, such as Mo-Fr 08:00-12:00; We off. I show nothing else, because I could not tell when it is open. Words such as “by appointment” belong into the note.
directory-how-note = A remark on one line, 200 letters at most, in the language of the place.
directory-how-place = Share a location, send a place with the paper clip, or type a place name or coordinates such as 47.8, 13.05.
directory-how-to-empty = Send - to leave it empty. /cancel stops.
directory-how-to-stop = /cancel stops.
directory-refused = __I can't take that.__
directory-corrected = Corrected. Patients see it from now on.
directory-changed-meanwhile = __A colleague has changed this meanwhile__, and I have done nothing yet. Please look at what it says now.
directory-same = That is what it says already.

directory-ask-remove = __Remove { $name }?__ Patients will no longer see this entry.
button-directory-remove-yes = Yes, remove it
button-directory-keep = No, keep it
directory-removed = { $name } is removed.
button-directory-put-back = Put it back
directory-put-back = It is back.
directory-is-removed = __This entry was removed.__ Patients don't see it.
directory-removed-ones = { $count ->
        [one] { $count } entry was removed
       *[other] { $count } entries were removed
    } (page { $page } of { $pages }). Press one to see it and put it back:
directory-none-removed = No entry was removed.
button-directory-erase = Erase it for good
directory-erased = The entry is erased.

## Adding

directory-ask-name = __What is the name__ of the dermatologist or of the practice? /cancel stops.
directory-ask-place = __Where is { $name }?__ Share a location, send a place with the paper clip, or type a place name or coordinates such as 47.8, 13.05. /cancel stops.
directory-place-unknown = I could not find that place. Please type it differently, or share a location. /cancel stops.
directory-place-found = The place that I found: __{ $place }__ (place name: © OpenStreetMap contributors). If that is another one, correct it.
directory-places-unavailable = Place names can't be looked up at the moment. Please share a location, or type coordinates such as 47.8, 13.05.
directory-known = An entry of this name is there already, less than 100 m away. Here it is; you can correct it.
directory-added = Added. Patients see it from now on. The buttons fill in what is missing.
directory-begin-again = I no longer know what this was about. Please begin again with /directory.

## Importing

directory-ask-file = __Send me the file__, as a file: CSV or GeoJSON, in UTF-8, 5 MB and 20,000 entries at most. In its caption, say who is to be named as the source.

    - __CSV__: with the columns name, latitude, longitude, and if you have them address, phone, website, opening\_hours, note.
    - __GeoJSON__: a FeatureCollection with OpenStreetMap's tags.

    Entries that are there already are updated: the same name within 100 m. Please import only what may be shared. /cancel stops.
directory-ask-source = The file has { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    } that I can take. __Who is to be named as the source__, with the licence? Patients see it with every entry. Type it, such as “Medical chamber of Salzburg, CC BY 4.0”. /cancel stops.
button-directory-osm = © OpenStreetMap contributors
directory-osm = © OpenStreetMap contributors, ODbL, openstreetmap.org/copyright
directory-source-too-long = Please name the source in 1 to 200 letters, on one line.
directory-imported = __Imported.__ Added: { $added }. Updated: { $updated }. Unchanged: { $unchanged }. Shown as their source: { $attribution }
directory-imported-first = __The first of them__, and where they lie (latitude, longitude):
directory-imported-line = { $name }: { $place }
directory-imported-far = · { NUMBER($km, maximumFractionDigits: 0) } km from the nearest entry there was
directory-imported-span = All of the file lies between { $south } and { $north } of latitude, { $west } and { $east } of longitude. If that is wrong, take the import back.
button-directory-undo = Take this import back
directory-import-undone = __The import is taken back.__ Entries that it had added and are gone: { $removed }. Entries that say what they said before: { $restored }.
directory-import-left = Changed since, and therefore left as they are: { $count }.
directory-import-found = Of this import, { $count ->
        [one] { $count } entry is
       *[other] { $count } entries are
    } as it left them.
directory-import-nothing-left = Nothing of this import can be taken back: it was taken back already, was changed since, or is older than { $days } days.
directory-left-removed = __Left removed: { $count }.__ Moderators have removed these from their list.
directory-refused-rows = __Refused: { $count }__
directory-left-out = __Fields not taken, as I can't read them: { $count }.__ An entry that was there keeps what it had.
directory-remark-line = line { $position }: { $reason }
directory-remark-feature = feature { $position }: { $reason }
directory-reason-name = the name is missing or longer than 200 letters
directory-reason-place = it has no place on Earth that I can read ({ $value })
directory-reason-cells = it has more cells than there are columns ({ $value })
directory-reason-trade = it is no dermatologist ({ $value })
directory-reason-address = the address is longer than 200 letters
directory-reason-note = the note is longer than 200 letters
directory-reason-phone = the phone number has no code of a country, or is none ({ $value })
directory-reason-website = the website does not begin with http:// or https:// ({ $value })
directory-reason-opening-hours = the opening hours are not as OpenStreetMap writes them ({ $value })
directory-unknown-columns = Columns that I have no use for: { $names }
directory-report = Everything that I could not take.
directory-report-name = not-imported.txt
directory-report-refused = Refused: { $count }
directory-report-left-out = Fields not taken, as I can't read them: { $count }. An entry that was there keeps what it had.

directory-nothing-imported = __I have imported nothing__, and the directory is as it was.
directory-try-again = Please send the file again when it is put right. /cancel stops.
directory-file-no-rows = The file has no rows below the names of its columns.
directory-file-no-features = The file has no features.
directory-file-too-large = The file is larger than 5 MB.
directory-file-too-many = The file has more than 20,000 entries.
directory-file-gone = Telegram no longer gives me the file.
directory-file-slow = The file does not get through to me. In a few minutes it may.
directory-file-encoding = Line { $line } is not UTF-8. In Excel, save it as “CSV UTF-8”.
directory-file-columns = Line 1 has to name the columns. These are missing: { $value }
directory-file-csv = Line { $line } is no CSV: { $value }
directory-file-json = Line { $line } is no JSON: { $value }
directory-file-collection = This is JSON, but no GeoJSON FeatureCollection.

## /reload

reload-done = __Read anew.__ Texts and lists are as the files have them now.
reload-languages = Languages: { $languages }
reload-languages-changed = Languages: { $languages } (before: { $before })
reload-dermatologists = Dermatologists: { $count }, of them { $listed } in the lists (before: { $before })
reload-clinics = Clinics that invite: { $count } (before: { $before })
reload-consent = The consent text has the version { $version } now; it was { $before }. Every patient is asked again.
reload-refused = __I have read nothing anew__: a file is broken. The texts and lists of before are still in use.
reload-where = File: { $file }
reload-where-line = File: { $file }, line { $line }
reload-why = What is wrong there: { $reason }
