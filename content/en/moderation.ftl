# What moderators read. Markdown as in ui.ftl.

## Command menu

command-stats = How the service is doing
command-inbox = Messages from patients
command-users = Everybody, page by page
command-user = One person
command-ban = Keep somebody out
command-unban = Let somebody in again
command-broadcast = Write to everybody
command-directory = Dermatologists: add, correct, import
command-reload = Read texts and lists anew
command-maintenance = Let photos wait, or refuse them
command-errors = The last incidents
command-audit = Who did what when
command-grant = Make somebody a moderator
command-revoke = Take a moderator's role away

## People

naming-how = I know an @name only of people who use this bot, and who wrote a forwarded message only if they show their account there.
naming-reply = If this is about a person: reply to it with a command such as /user or /ban, or press the button.
users-nobody = There is nobody here.
users-heading = __People__, { $count } in all, the latest first (page { $page } of { $pages })
users-line = __{ $name }__ { $username } · { $id }
users-mark-unfinished = (registration not finished)
users-mark-blocked = (has blocked the bot)
users-mark-banned = (banned)
users-mark-unknown = (not registered)
users-mark-owner = (owner)
users-mark-moderator = (moderator)
moderators-heading = __Who looks after the bot__, { $count } in all. A button shows who it is, and takes the role away.
user-how = __Whom?__ /user with an id or an @name behind it, or as a reply to a forwarded message or to feedback.
user-heading = __Person { $id }__
user-unknown = Not registered, or erased
user-name = Name: { $name }, at Telegram: { $username }
user-language = Language: { $language }
user-registered = Registered { DATETIME($when, dateStyle: "medium") }, consent of { $consent }
user-not-registered = Has begun to register
user-invited = Invited by: { $clinic }
user-blocked = Has blocked the bot since { DATETIME($when, dateStyle: "medium") }
user-photos =
    { $count ->
        [one] { $count } photo in the last 24 hours
       *[other] { $count } photos in the last 24 hours
    }
user-feedback =
    { $count ->
        [one] { $count } message waits for an answer
       *[other] { $count } messages wait for an answer
    }
user-role-owner = Owner
user-role-moderator = Moderator
user-banned = Banned { $until }. Reason: { $reason }
user-ban-until = until { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC
user-ban-good = for good
button-ban = Ban…
button-unban = Let in again
button-grant = Make a moderator
button-revoke = Take the role away

## Roles

grant-how = __Whom?__ /grant with an id or an @name behind it, or as a reply to a message of theirs that you forwarded here.
granted = Done. They are a moderator now, and were told.
granted-unheard = Done. They are a moderator now, but could not be told: they have not written to this bot yet, or have blocked it.
grant-already = They are a moderator already.
grant-owner = They are an owner: that is more than a moderator.
grant-banned = They are banned. Let them in first.
grant-not-yet = __Nobody has been made a moderator yet:__ an @name can have changed hands. If this is who you mean, the button below does it.
revoke-how = __Whom?__ /revoke with an id or an @name behind it, or as a reply to a message of theirs that you forwarded here.
revoked = Done. They are no moderator any more, and were told. Read in /audit what they did: if they erase their data, their name goes from it.
revoked-unheard = Done. They are no moderator any more, but could not be told. Read in /audit what they did: if they erase their data, their name goes from it.
revoke-nobody = They are no moderator.
revoke-owner = An owner stands in OWNER_IDS, in the settings of the server. Only there can that be changed.
you-are-moderator = You are a moderator of this bot now. /help says what you can do.
start-with-role = You look after this bot: /help shows your commands. To use it as a patient, too, answer the questions that come now; otherwise /cancel.
anything-with-role = I can't do anything with that. You look after this bot: /help shows your commands. To use it as a patient, too, send /start. { -emergency }
you-are-no-moderator = You are no longer a moderator of this bot.

## Banning

ban-how = __Whom, for how long, why?__ /ban with an id or an @name behind it, then how long (7d, 2w or { user-ban-good }), then the reason, which the person is told: “/ban 123456 7d Insulted people”. Or just whom: then I ask for the rest.
ban-moderator = Moderators and owners can't be banned. An owner takes the role away first.
ban-reason-long = Please type a shorter reason, of at most { $most } characters. Nobody is banned yet. /cancel stops.
ban-reason-kept = __Nobody is banned yet__, as no length (7d, 2w or { user-ban-good }) stands before the reason. A button bans at once, and the person reads: { $reason }
ban-length-unread = “{ $word }” is no length that I can take: 1d to { $most }d (days), or 1w to { $most }w (weeks).
ban-length-kept = __Nobody is banned yet__, as a reason is missing. The length is kept: { $length }.
ban-how-long = __For how long is { $id } banned?__
ban-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
button-ban-good = For good
ask-ban-reason = __Why is { $id } banned?__ Type the reason. The person will read it. /cancel stops.
unban-how = __Whom?__ /unban with an id or an @name behind it, or as a reply to a forwarded message or to feedback.
unbanned = Done. They can use the bot again, and were told.
unbanned-unheard = Done. They can use the bot again, but could not be told.
unban-nobody = They are not banned.

## Inbox

inbox-news =
    { $count ->
        [one] A message from a patient waits in /inbox.
       *[other] { $count } messages from patients wait in /inbox.
    }
inbox-empty = The inbox is empty.
inbox-more =
    { $count ->
        [one] { $count } more waits. Answer these, then /inbox again.
       *[other] { $count } more wait. Answer these, then /inbox again.
    }
inbox-item = __Message { $number }__ · { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC · { $language } · to answer, reply to it
button-answer = Answer
button-put-aside = Put aside
button-who = Who is it?
ask-feedback-answer = Type the answer to message { $number }. The patient gets it as it stands. No medical advice. If it sounds like an emergency or self-harm, answer at once: “I can't help with this. Please call { -emergency-number } now.” /cancel stops.
inbox-long = That is too long: at most { $most } characters, please. Nothing was sent yet.
inbox-answered-by-colleague = __This was answered.__
inbox-answered-meanwhile = __Message { $number } was answered meanwhile.__ Your answer is not sent. The patient was answered:
inbox-send-too = Send yours, too?
button-inbox-send = Send mine, too
button-inbox-drop = Discard mine
inbox-dropped = Your answer to message { $number } was not sent.
inbox-words-gone = I no longer have your answer to message { $number }. Please type it again, as a reply to that message.
inbox-closed-already = It had been answered or put aside before.
inbox-answered = The answer to message { $number } was sent.
inbox-unheard = The answer to message { $number } could not be sent: the patient has blocked the bot or is gone. It counts as answered.
inbox-aside = Message { $number } was put aside.
inbox-gone = This message is not there any more: its sender erased it.
inbox-blanked = This message is erased.

## Audit

audit-empty = Nothing stands here.
audit-how = __About whom?__ /audit alone shows everything; with an id or an @name behind it, what somebody did and what was done about them.
audit-heading = __Who did what when__, the latest first (page { $page })
audit-line = { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC · { $who } · { $action }
audit-subject = → { $whom }
audit-details = ({ $details })
audit-deed-users = looked through everybody
audit-deed-user = looked at somebody
audit-deed-moderators = looked at who looks after the bot
audit-deed-grant = made somebody a moderator
audit-deed-revoke = took a moderator's role away
audit-deed-ban = banned somebody
audit-deed-unban = let somebody in again
audit-deed-inbox = read the inbox
audit-deed-inbox-aside = put a message aside
audit-deed-inbox-answer = answered a message
audit-deed-broadcast = began a broadcast
audit-deed-broadcast-cancel = stopped a broadcast
audit-deed-directory-add = added an entry
audit-deed-directory-correct = corrected an entry
audit-deed-directory-remove = removed an entry
audit-deed-directory-restore = put an entry back
audit-deed-directory-erase = erased an entry for good
audit-deed-directory-import = imported dermatologists
audit-deed-directory-import-undo = took an import back
audit-deed-reload = read texts and lists anew
audit-deed-reload-refused = could not read texts and lists anew
audit-deed-maintenance = looked at maintenance
audit-deed-maintenance-begin = switched maintenance on
audit-deed-maintenance-end = switched maintenance off
audit-deed-stats = looked at the figures
audit-deed-errors = looked at incidents
audit-deed-audit = looked at who did what
audit-fact-added = added: { $value }
audit-fact-updated = updated: { $value }
audit-fact-unchanged = unchanged: { $value }
audit-fact-refused = refused: { $value }
audit-fact-removed = removed: { $value }
audit-fact-restored = as before again: { $value }
audit-fact-left = left as they are: { $value }
audit-fact-number = import { $value }
audit-fact-entry = entry { $value }
audit-fact-field = field: { $value }
audit-fact-until = until { $value }
audit-fact-page = page { $value }
audit-fact-messages = messages: { $value }
audit-fact-incident = incident { $value }
audit-fact-mode = photos: { $value }
audit-fact-period = period: { $value }
audit-fact-file = file { $value }
audit-fact-line = line { $value }
audit-fact-languages = languages: { $value }
audit-fact-dermatologists = dermatologists: { $value }
