# How many photos, and how long they wait. Markdown: __bold__.

in-seconds =
    { $count ->
        [one] in { $count } second
       *[other] in { $count } seconds
    }
in-minutes =
    { $count ->
        [one] in { $count } minute
       *[other] in { $count } minutes
    }
in-hours =
    { $count ->
        [one] in { $count } hour
       *[other] in { $count } hours
    }
photo-limit = __I can look at your next photo { $when }.__ I take only so many from each person, so that nobody has to wait long. I have not opened this one, nor those of the same album that follow it; please send them again then.

    { -do-not-wait }
photo-queue-full = __More photos are waiting than I can look at just now.__ I have not opened yours. Please send it again { $when }, with any others of the same album.

    { -do-not-wait }
looking-in-line = Your photo is in line: I will look at it { $when } or so, and answer right here.

    { -do-not-wait }
looking-late = I could not be reached when you sent this photo. I am sorry for the delay. Looking at it now…
too-many-messages = Your messages came faster than I can read. I have not read the last ones; please send again what matters. { -emergency }

    { -do-not-wait }
