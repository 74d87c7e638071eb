# /broadcast: a message of the moderators to many people.

broadcast-ask = __What shall I send?__ Write the message, or send a picture with a caption. Formatting is kept. Nobody gets it before you have seen it and pressed Send. /cancel stops.
broadcast-wrong-kind = I can send a text, or a picture with a caption. Please send one of these, or /cancel.
broadcast-album = I can send one picture at a time. Please send it alone, or /cancel.
broadcast-too-long = The text under a picture may have { $limit } characters; this one has { $length }. Please shorten it, or send it without the picture.
broadcast-ask-audience = __Who shall get it?__ If you want to change the message, just send it anew.
broadcast-nobody = Nobody is registered there.
broadcast-confirm =
    { $people ->
        [one] __This is exactly what will be sent, to 1 person.__
       *[other] __This is exactly what will be sent, to { $people } people.__
    }

    Language: { $language }. People who block the bot count, but are left alone. It can be stopped, but not taken back.
broadcast-any-language = any
broadcast-dropped = Nothing was sent.
broadcast-started = It is being sent; the progress stands below.
broadcast-other-running = Another broadcast is being sent. Please press Send again when it is over. /broadcast shows how far it is.

broadcast-sending = __Sending:__ { $done } of { $people }
broadcast-stopping = Stopping…
broadcast-done = __Sent.__ People: { $people }
broadcast-cancelled = __Stopped.__ People: { $people }
broadcast-delivered = - Delivered: { $count }
broadcast-blocked = - Block the bot: { $count }
broadcast-failed = - Failed: { $count }
broadcast-unsent = - Not sent: { $count }
broadcast-interrupted = __The broadcast is interrupted__, incident { $incident }. Send /broadcast to go on with it or to stop it.

button-broadcast-everybody = Everybody ({ $people })
button-broadcast-language = { $language } ({ $people })
button-broadcast-send = Send
button-broadcast-drop = Don't send
button-broadcast-stop = Stop
