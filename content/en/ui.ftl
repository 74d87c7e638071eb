# Every short sentence of the bot. Markdown: __bold__, - lists. Longer texts are the .md files beside this one.

language-name = English

## Said in several places

# The two weeks: NICE NG12, 2015 (since October 2023 England asks for cancer to be found or ruled out within 28 days); the four: Cancer Research UK, Skin cancer, 2023. content/en/classes/mel.md names both.
-see-a-doctor = If the spot grows, changes, bleeds or hurts, or has not healed in four weeks, see a doctor within two weeks
-do-not-wait = { -see-a-doctor }: do not wait for me.
# Phones do not focus nearer, and Telegram sends photos at 1280 px at most, so that a zoom of 2× loses nothing.
-how-far = about 10 to 15 cm away (the length of a pen)
# 112: Directive (EU) 2018/1972, article 109. 112 and 911: ITU-T Recommendation E.161.1, 2008. 119: Fire and Disaster Management Agency of Japan.
-emergency-number = your local emergency number (112 in Europe, 911 in much of the Americas, 119 in Japan)
-emergency = __Very ill, or might you harm yourself?__ Call { -emergency-number } now.
-in-emergency = In an emergency, call { -emergency-number } now.
-no-photos = Without your consent to the text of today I look at no photos. If you change your mind, /start shows it.

## Command menu

command-start = Begin, or say hello again
command-dermatologist = Find a dermatologist near a place
command-history = Your earlier answers
command-settings = Language, name, skin type
command-feedback = Write to the moderators
command-model = What the program is, and how good
command-privacy = What is kept about you
command-export = All your data as a file
command-delete = Erase everything about you
command-help = How it works, how to take a good photo
command-cancel = Stop what is being asked

## Registration

ask-language = Which language shall we use?
ask-age = __How old are you?__

    This bot is for people of 18 and older.
ask-name = __What shall I call you?__

    Press the button, or type a first name.
ask-skin-type = __How does your skin react to the sun?__

    This helps me to say how far to trust an answer. You can skip it.

    - __I__: very fair, always burns, never tans
    - __II__: fair, burns easily, tans a little
    - __III__: medium, burns sometimes, tans slowly
    - __IV__: olive or light brown, burns seldom, tans well
    - __V__: brown, burns very seldom, tans very well
    - __VI__: dark brown or black, almost never burns

    (Skin types after Fitzpatrick 1988, doi:10.1001/archderm.1988.01670060015008)
button-agree = I agree
button-refuse = I do not agree
button-adult = I am 18 or older
button-younger = I am younger
button-call-me = Call me { $name }
button-skip = Skip
button-back = ‹ Back
button-read-consent = Read it
photo-too-early = I will gladly look at your photo once these few questions are answered. Please send it again then, with any others of the same album; I have not opened it. { -in-emergency }

    { -do-not-wait }
answer-first = One question is still open. Please answer it first, or send /cancel to stop. { -emergency }
still-open = This question is still open; /cancel stops.
press-a-button = I did not understand that. Please press one of the buttons. { -emergency }
no-name = I can't take that as a name. Please type a first name only: at most four words and 64 letters, without ? and !. { -emergency }
name-asked = Shall I call you "{ $name }"?
name-taken = { -emergency } I can't read what you tell me. Shall I call you "{ $name }"?
# Single words that may be a cry for help where a name is asked for, apart from each other by spaces; * is how a word begins. Accents and doubled letters do not count.
cries = help helpme please emerg* urgen* suicid* suicd* kill killme overdos* dead death die dying bleed bleeds bleeding blood pain hurts cancer melanoma
registration-cancelled = Stopped. What you had not finished is erased. You can send /start whenever you like.
consent-refused = That is fine. Without your consent I do not look at photos, and what you had not finished is erased. If you worry about a spot, please show it to a doctor. You can send /start whenever you like.

    { -do-not-wait }
consent-renewed = Thank you. Please send your photo now; I have not opened one that you sent before.
consent-missing = You have withdrawn your consent, so I look at no photos. If you change your mind, please read the text and agree again. { -emergency }

    { -do-not-wait }
consent-outdated = This text has changed in the meantime. Please read it as it is now.
consent-changed = The text you agreed to has changed. Please read it again. I have opened no photo; please send it again afterwards. { -emergency }

    { -do-not-wait }
# Signs in the young: Cordoro and others, Journal of the American Academy of Dermatology, 2013, doi:10.1016/j.jaad.2012.12.953. "This week" is this bot's own caution: shorter than the two weeks of adults.
too-young = __Thank you for being honest.__ This bot is only for people of 18 and older, so I can't look at your photo, and I have kept nothing about you.

    Please show the spot to an adult you trust, and ask a doctor together. In young people a skin cancer, though rare, can look different: pink, raised, of one colour. A photo is not enough. If a spot bleeds, grows fast or hurts, please do it this week; if it grows, changes or has not healed in four weeks, within two weeks. { -emergency }

    Pressed the wrong button? Send /start.
registered = Thank you, { $name }. You can begin.

    __Send me a photo of one spot__: sharp, in daylight, { -how-far }, with a little skin around it. Use 2× zoom if the spot is small. I look at the photo only; I do not read what you write with it, and do not see it when you change a photo that you have sent: send each as a new message. Send no screenshots, and no pictures of mine. __Only adult skin:__ a child's spot is for a doctor to look at. /help says more.
welcome-back = Hello { $name }, good to see you again. Send me a photo of one spot, or /help to see what else I can do.
register-first = Before I can look at anything, I need to ask you a few short questions. Please send /start. { -emergency }

    { -do-not-wait }

## Photos

looking = Looking at your photo…
answered-late = There is news about your photo: see the message above that this one replies to.
answer-milder = __An answer of mine in the last 24 hours was more urgent.__ If it was about this spot, that one counts: don't wait for another photo. If it was about another spot, each counts for its own.

n-in-100 = { $count } in 100
fewer-than-1-in-100 = fewer than 1 in 100
more-than-99-in-100 = more than 99 in 100

risk-urgent = __See a doctor within two weeks.__ Call for an appointment as soon as they open, and say that it is about a skin change. No appointment in time? Ask a family doctor for an urgent referral.
risk-soon = __See a dermatologist, or else a family doctor, in the coming weeks: call for an appointment this week.__
risk-routine = __Keep watching this spot, and show it to a doctor at your next visit.__ None planned? Make one. Look at it once a month. New in a nail, on palm, sole, mouth or genitals, or new or changing with a weak immune system: within two weeks.
reason-melanoma-likely = Why: melanoma, a serious skin cancer, was too common among photos like this to wait.
reason-carcinoma-likely = Why: of the seven kinds, photos like this were most often of a skin cancer other than melanoma, or of a stage before one. If it is near the eye or on the nose, a lip or an ear: within two weeks.
reason-malignancy-possible = Why: skin cancer, or a stage before it, was not rare among photos like this.
reason-uncertain = Why: the program is unsure about this photo.
reason-rarer-than-average = Why: skin cancer or a stage before it, common in clinics, was rarer than average in photos like this. That does not rule it out.
reason-nothing-stands-out = Why: among photos like this, skin cancer or a stage before it was rarer than where I advise more haste. That does not rule it out.

like-this = __What photos like this turned out to be in clinics__
like-this-here = __Photos like this, among people who write here__
malignant-like-this =
    { $malignant ->
        [0] In all, skin cancer or a stage before it: fewer than 1 in 100. Something else: more than 99 in 100.
        [100] In all, skin cancer or a stage before it: more than 99 in 100. Something else: fewer than 1 in 100.
       *[other] In all, skin cancer or a stage before it: { $malignant } in 100. Something else: { $other } in 100.
    }
caution-cut-off = __The picture may lack a part of the spot.__ Send a whole one: the more urgent counts.
caution-edge-unseen = __I did not find the spot's edge.__ Is it cut off? Send it whole: the more urgent counts.
caution-both = __I looked at one spot, maybe not all of it.__ Send others too: the most urgent counts.
caution-several = __I looked only at the spot in the picture:__ please send any other by itself.
advice-above-own-mix = The advice is more careful than these numbers.
few-photos-of-darker-skin = I have seen few photos of skin like yours: low numbers mean even less.
no-diagnosis = __This is not a diagnosis.__ It can be wrong both ways. { -see-a-doctor }, whatever this says.

button-find = Find a dermatologist
button-how-sure = How sure is this?
numbers-for-own-mix = __The numbers under a photo are for people like those who write here__, as the operator of this service reckons. Its advice is never less careful than it was measured above.

class-akiec = Actinic keratosis, Bowen's disease
class-bcc = Basal cell carcinoma (skin cancer)
class-bkl = Seborrhoeic keratosis, age spot
class-df = Dermatofibroma
class-mel = Melanoma (skin cancer)
class-nv = Mole
class-vasc = Vascular spot

picture-photo = Your photo
picture-heatmap = What speaks for
picture-less = less
picture-more = more
picture-chart = Of 100 photos like this (rounded)
picture-malignant = skin cancer or a stage before it
picture-footer = Not a diagnosis. A doctor can say more.

## Photos that can't be judged

declined-too-small = __The photo is too small to judge.__ Please go closer, so that the spot fills about a third of the picture, and send it in full size, as a file if you can.
declined-blurred = __The photo is not sharp enough to judge.__ Please hold the phone { -how-far }, tap on the spot to focus, wait a moment, and keep still. Two hands help. Still blurred? Move back a little and zoom in.
declined-dark = __The photo is too dark to judge.__ Please take it in daylight, near a window, without a shadow of the phone.
declined-bright = __The photo is too bright to judge.__ Please turn off the flash and keep the spot out of direct sun or lamp light.
declined-glare = __Light glares on the skin, so that I can't see the spot well.__ Please turn off the flash and turn a little until no lamp or window shines on the spot. If the skin is wet or creamed, dry it first.
declined-colour-cast = __The colours of this photo are not those of skin.__ Please take it in colour and in daylight, near a window, with yellow or coloured lamps off and without a filter.
declined-no-lesion = __I can't find a spot on skin in this photo.__ Please put one spot in the middle, { -how-far }, with a little skin around it. Use 2× zoom if the spot is small.
declined-too-far = __The spot is too small in this photo to judge.__ Hold the phone about 10 cm away with the zoom at 2× (or more), tap on the spot to focus, and send the photo as a file if you can: that keeps its detail.
declined-cut-off = __The spot is not in the photo as a whole.__ Please put it in the middle and move back a little, so that there is some skin around it on every side.
declined-several = __I see more than one spot in this photo__ and can look at only one at a time. Please take a photo of each by itself, in the middle, with a little skin around it.
declined-unreadable = __I can't read this as a photo.__ Please send a photo, or an image file (JPEG, PNG, WebP or HEIC).
declined-truncated = __The photo arrived incomplete.__ Please send it again.
declined-too-large = __This file is too large for me__ (20 MB at most, and less of some kinds). Please send it as a photo rather than as a file.
declined-gone = __Telegram no longer gives me this photo.__ Please send it again.
declined-slow = __This photo does not get through to me.__ Please send it again, as a photo and not as a file: that is smaller.
declined-set-aside = __I tried several times and could not finish looking at this photo;__ I have put it aside. That says nothing about the spot. Please take another photo of it, and send that.
sent-own-answer = __This is an answer of mine: what it says counts.__ I have not judged it again. To have a spot looked at, send the photo itself.

    { -do-not-wait }
declined-red-flags = Nothing has been judged. Send the next photo as a new message: I do not see it if you change this one. If a second photo fails too, show the spot to a doctor: I can't judge every spot.

    { -do-not-wait }
our-fault = __Something went wrong on our side, not yours.__ Please try again in a few minutes. If you ask the operator, name incident { $incident }. { -emergency }

    { -do-not-wait }
maintenance-photo-waits = __I can't look at photos for the moment, as I am under maintenance.__ Yours waits in line: I will look at it as soon as that is over, and answer right here. You need not send it again.

    { -do-not-wait }
maintenance-photo-refused = __I can't look at photos for the moment, as I am under maintenance.__ I have not opened yours. Please send it again in a few hours, with any others of the same album.

    { -do-not-wait }

## Dermatologists

ask-place = __Where shall I look?__ Share your location with the button, send a place with the paper clip, or type the name of a town. I do not keep it. /cancel stops.
ask-place-shared = __Where shall I look?__ Share your location with the button, or send a place with the paper clip. I do not keep it. /cancel stops.
button-location = Share my location
found-around = Around __{ $place }__ (place name: © OpenStreetMap contributors)
found-near = __The nearest dermatologists I know:__
found-far = __I know nobody within 100 km.__ My lists cover few regions so far. Please look for a dermatologist near you on a map or ask your family doctor. If an answer of mine named a time, it still counts. { -in-emergency }

    { -do-not-wait }
found-name = __{ $number }. { $name }__ · { NUMBER($km, minimumFractionDigits: 1, maximumFractionDigits: 1) } km
found-plain = { $text }
found-open = __Open now__
found-closed = Closed now
found-hours = Hours: { $text }
found-phone = Phone: { $text }
found-no-phone = Phone: not in my list; please look the name up.
found-website = { $text }
found-source = Source: { $attribution }, as of { $date }.
directory-source-changed = Source: { $attribution }, as of { $date }, changed by the moderators of this service.
directory-moderators = the moderators of this service
found-check-first = Please phone first: the list may be out of date. { -in-emergency }
found-nobody = I have no list of dermatologists yet. Please look for one on a map or ask your family doctor. If an answer of mine named a time, it still counts. { -in-emergency }

    { -do-not-wait }
place-unknown = I could not find that place. Please type a town, perhaps with its country, or share your location. /cancel stops. { -emergency }
places-unavailable = Place names can't be looked up at the moment. Please share your location with the button, or send a place with the paper clip. /cancel stops. { -emergency }

## Everything else

cancelled = Stopped.
nothing-to-cancel = There is nothing to stop. Send me a photo of one spot, or /help.
nothing-to-cancel-without-consent = There is nothing to stop. { -no-photos }

    { -do-not-wait }
old-button = This button is from an earlier question.
sent-video = I can't judge videos. Please send a photo of one spot. { -emergency }

    { -do-not-wait }
sent-voice = I can't listen to voice messages. Please send a photo of one spot, or /help. { -emergency }

    { -do-not-wait }
sent-sticker = I can't read stickers. I can look at a photo of one spot; /help says when to see a doctor.
sent-contact = Thank you, but I have no use for contacts and have not kept it. Please send a photo of one spot, or /help.
sent-text = { -emergency }

    { -do-not-wait }

    I can't read what you tell me; I can only look at a photo of one spot, on an adult's skin. /help says when to see a doctor, /dermatologist finds one, /feedback reaches the people who look after this bot.
# What such programs are measured by is a laboratory's finding or a specialist's look: Cochrane review CD013192, 2018.
sent-caption = I have not read what you wrote with your photo or file: I look at photos only. What a doctor or a laboratory told you about the spot counts more than what I say. __Is it a child's spot? Then my answer does not count:__ show it to a doctor. /help says when to see a doctor. { -emergency }

    { -do-not-wait }
sent-other = I can't do anything with that. Please send a photo of one spot, or /help.
sent-without-consent = { -emergency }

    { -do-not-wait }

    I can't do anything with that, and have not kept it. { -no-photos } /help says when to see a doctor, /dermatologist finds one, /feedback reaches the people who look after this bot.
help-without-consent = { -no-photos }
unknown-command = I don't know this command. /help lists those I know and says when to see a doctor. { -emergency }
forwarded-command = I take no commands from forwarded messages. If you mean it, please send it yourself.
forwarded-words = I take no answer from a forwarded message. Please write it yourself, or send /cancel to stop. { -emergency }
only-in-private = I talk about skin only in private: { $link }

## Your own data

button-newer = ‹ Newer
button-older = Older ›
invited-by = Welcome. __{ $clinic }__ has invited you.
settings = __Settings__

    - Language: { $language }
    - Name: { $name }
    - Skin type: { $skin_type }

    What shall I change?
settings-not-said = not given
button-language = Language
button-name = Name
button-skin-type = Skin type
button-no-skin-type = Don't keep a skin type
skin-type-without-consent = Without your consent to the text of today I take no skin type. If you change your mind, /start shows it.
ask-new-name = What shall I call you? Type a first name, or /cancel.
history-empty = I keep no answers of yours. Send me a photo of one spot.
history-without-consent = I keep no answers of yours, and without your consent to the text of today I look at no photos. If you change your mind, /start shows it.

    { -do-not-wait }
history-heading = __Your answers__, { $count } in all, the latest first (page { $page } of { $pages })
history-date = __{ DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC__
history-urgent = · see a doctor within two weeks
history-soon = · see a dermatologist, or else a family doctor, in the coming weeks
history-routine = · keep watching it, show it at your next visit to a doctor
history-note = The numbers are of photos like yours. They are not a diagnosis. The photos themselves were not kept. Where the advice asks for more than the numbers, the advice counts. If two answers are about one spot, the more urgent counts. The times count from the day that is shown: if you were advised to see a doctor and have not, call today. { -see-a-doctor }, whatever stands here.
button-export = Get all my data
button-withdraw = Withdraw my consent
button-withdraw-yes = Yes, withdraw it
button-delete = Erase everything
button-delete-yes = Yes, erase everything
button-delete-no = No, keep it
exported = This file holds everything that is kept about you. It is meant for computers (JSON), but any text editor opens it.
withdraw-question = __Withdraw your consent?__ If you do, I look at no more photos of yours, and your skin type and what is kept of your earlier answers are erased at once. The answers in this chat stay; deleting them in Telegram takes them off your side only. Your registration stays; /delete erases that too.
withdraw-not-yet = Your consent is not withdrawn yet: only the button below does that. { -emergency }
consent-withdrawn = __Your consent is withdrawn.__ I look at no more photos of yours. Your skin type and what was kept of your earlier answers are erased; the answers in this chat stay, and deleting them in Telegram takes them off your side only. If you worry about a spot, please show it to a doctor. With /start you can agree again, with /delete you erase the rest.

    { -do-not-wait }
photo-let-go = __I have not judged this photo__, as you no longer want me to.

    { -do-not-wait }
delete-question = __Erase everything that is kept about you?__ Your registration, your answers and your messages to the moderators are gone then, and I can't bring them back. This chat itself stays; deleting it in Telegram takes it off your side only.
delete-keeps-role = You are a moderator: your role stays, and what you did stays in /audit. Only an owner can take the role away.
delete-not-yet = Nothing has been erased yet: only the button below does that. { -emergency }
delete-cancelled = Nothing was erased.
deleted = __What was kept about you is erased:__
deleted-nothing = there was nothing
deleted-patients = your registration
deleted-cases =
    { $count ->
        [one] the record of { $count } photo
       *[other] the records of { $count } photos
    }
deleted-feedback =
    { $count ->
        [one] { $count } message to the moderators
       *[other] { $count } messages to the moderators
    }
deleted-deliveries =
    { $count ->
        [one] the note of { $count } announcement
       *[other] the notes of { $count } announcements
    }
deleted-receipt = __Receipt:__ { $receipt }

    With it the operator can check that and when this was done, but not for whom. Keep it if you like. Backups of the operator may still hold your data: ask for their erasure.
deleted-keeps-ban = A ban stays, as a code without your id and without the reason.
deleted-farewell = If an answer of mine named a time, it still counts. A photo without an answer was not judged. { -see-a-doctor }.

    You can delete this chat in Telegram, and begin anew with /start whenever you like. Take care of yourself!
ask-feedback = Write to the people who look after this bot, in one message of words: I pass on no photos or files. They can't answer medical questions: for those, see a doctor. /cancel stops.
feedback-closed = Nothing was sent to the moderators; /feedback begins anew.
feedback-many = { $count } of your messages wait already. Please wait until they are answered. { -emergency }

    { -do-not-wait }
feedback-long = That is too long: at most { $most } characters, please. { -emergency }
feedback-nobody = Nobody reads messages here at the moment, so I take none. { -emergency }

    { -do-not-wait }
feedback-sent = Thank you. It waits for the moderators; if there is an answer, it comes here. Do not wait for it if a spot worries you: see a doctor. { -emergency }
feedback-answer = __The moderators answer:__
feedback-was = __You had written:__
feedback-write-back = To write back, send /feedback: I can't pass on a reply.

## Bans

banned = __You can't use this bot { $until }.__ Reason: { $reason }

    /help says when to see a doctor. /privacy, /export and /delete still work, too. If you think this is a mistake, write to the operator: see this bot's profile. If you worry about a spot, please show it to a doctor. { -emergency }

    { -do-not-wait }
banned-button = You can't use this bot at the moment.
ban-until = until { DATETIME($when, dateStyle: "medium", timeStyle: "short") } UTC
ban-for-good = any more
ban-no-reason = not kept
you-are-unbanned = You can use this bot again.

## What owners are told when something is wrong with the service

alert-incidents =
    { $count ->
        [one] __An error in the last hour.__ /errors shows where in the code.
       *[other] __{ $count } errors in the last hour.__ /errors shows where in the code.
    }
alert-queue-long = __{ $count } photos wait for their answers.__ /stats shows how it goes on; /maintenance can pause photos.
alert-queue-old = __A photo has waited for { $minutes } minutes.__ Look whether the workers run; /stats shows how it goes on.
alert-set-aside = __A photo was set aside:__ looking at it ended a worker or the whole service again and again. Its sender was told.
alert-database-away = __The database has not answered for { $minutes } minutes.__ Updates wait at Telegram meanwhile; nothing is lost.
alert-telegram-away = __Telegram did not answer for { $minutes } minutes.__ It does again, and what has waited is being answered.
alert-service-away = __I was away for { $minutes } minutes:__ stopped, or without my database. What has waited is being answered now.
alert-disk-full = __The disk is nearly full:__ { $megabytes } MB are free where the bot keeps its data.
alert-backup-old = __The last backup is { $hours } hours old.__
alert-backup-none = __No backup was ever made.__ If this disk fails, everything is lost: python -m bot backup FOLDER, every night. If you save it in another way, all is well; I say this once.
alert-model-changed = __Another network judges photos now:__ { $name }. If you did not change it, look into MODEL_DIR.
alert-again =
    { $count ->
        [one] It has happened once more since I told you last.
       *[other] It has happened { $count } more times since I told you last.
    }
alert-over-incidents = It is over: there are few errors again.
alert-over-queue-long = It is over: few photos wait.
alert-over-queue-old = It is over: no photo waits for long.
alert-over-database-away = It is over: the database answers again.
alert-over-disk-full = It is over: the disk has room again.
alert-over-backup-old = It is over: there is a fresh backup.
