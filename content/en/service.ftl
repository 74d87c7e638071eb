# What moderators read about the service: /stats, /errors, /maintenance. Markdown: __bold__, - lists.

## /stats

stats-wrong = Which time? Send /stats alone, or one of these: /stats day, /stats week, /stats all.
stats-moment = { DATETIME($when, dateStyle: "medium") }, { $time } UTC
stats-title-day = The last 24 hours
stats-title-week = The last 7 days
stats-title-all = Everything so far
stats-heading = __{ $title }__ · { $moment }
stats-people = __People:__ { $registered } registered, { $new } of them new; { $active } sent a photo; { $blocked } blocked the bot
stats-people-all = __People:__ { $registered } registered; { $active } sent a photo; { $blocked } blocked the bot
stats-nobody = __Nobody has registered yet.__ Share the address of this bot, then look here again.
stats-photos = __Photos:__ { $photos }; { $assessed } assessed, { $declined } declined, { $unanswered } without an answer
stats-no-photos = __Photos:__ none came in this time
stats-classes = __Likeliest class:__ { $list }
stats-advice = __Advice:__ { $urgent } within two weeks · { $soon } in the coming weeks · { $routine } keep watching
stats-few = __Likeliest class and advice:__ shown from { $people } people on, so that nobody's assessment stands there alone
stats-rest = (of the latest photos; what the older ones show is left out, as they are of fewer than { $people } people)
stats-declined = __Declined:__ { $list }
stats-unanswered = __Without an answer:__ { $list }
stats-times = __Answered within:__ { $p50 } (half of them), { $p90 } (90 of 100), { $p99 } (99 of 100)
stats-queue = __Queue:__ { $photos } in hand; { $waiting } held by maintenance; messages to handle: { $updates }
stats-queue-oldest = __Queue:__ { $photos } in hand, the oldest for { $oldest }; { $waiting } held by maintenance; messages to handle: { $updates }
stats-uptime = __Running for:__ { $time }

stats-item = { $count } { $name }
stats-reason-too-small = too small
stats-reason-dark = dark
stats-reason-bright = bright
stats-reason-glare = glaring
stats-reason-colour-cast = coloured light
stats-reason-blurred = blurred
stats-reason-no-lesion = no spot
stats-reason-too-far = too far away
stats-reason-cut-off = spot cut off
stats-reason-several = several spots
stats-reason-unreadable = unreadable
stats-reason-truncated = incomplete
stats-reason-too-large = too large
stats-reason-gone = gone from Telegram
stats-reason-slow = not received
stats-reason-failed = our fault
stats-reason-own-answer = answers of the bot sent back
stats-reason-set-aside = set aside, they ended a worker
stats-reason-undeliverable = blocked the bot
stats-reason-withdrawn = consent withdrawn
stats-reason-other = other

stats-seconds = { NUMBER($seconds, maximumFractionDigits: 1) } s
stats-minutes = { $minutes } min
stats-hours = { $hours } h { $minutes } min
stats-days = { $days } d { $hours } h

## The chart of /stats

stats-number = { $count }
stats-figure-photos = photos
stats-figure-people = people
stats-figure-time = median answer
stats-figure-queue = in the queue
stats-per-hour = Photos per hour (UTC)
stats-per-day = Photos per day (UTC)
stats-per-week = Photos per week, from Monday
stats-per-month = Photos per month
stats-per-year = Photos per year
stats-legend-assessed = { $count } assessed
stats-legend-declined = { $count } declined
stats-legend-unanswered = { $count } no answer
stats-nothing = No photos in this time
stats-chart-classes = Likeliest class
stats-chart-few = Shown from { $people } people on, so that nobody's stands there alone
stats-weekdays = Mon Tue Wed Thu Fri Sat Sun
stats-months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
stats-month-day = { $day } { $month }

button-stats-day = Day
button-stats-week = Week
button-stats-all = All

## /errors

errors-wrong = Send /errors for the last incidents, or /errors and the number that a patient told you: six characters, like 3FA29C.
errors-none = No incidents. Whatever goes wrong will stand here under the number that the patient is told.
errors-heading = __Incidents__, latest first: { $count } (at most 200 are kept)
errors-line = __{ $number }__ · { $when }
errors-unknown = There is no incident { $number }. The last 200 are kept here; the log on the server has all of them.
errors-one = __Incident { $number }__ · { $when }
errors-way = The way there, outermost first; what these lines held is not kept:
errors-frame = { $file }:{ $line } { $function }
errors-no-frames = Where it happened is not known.

## /maintenance

maintenance-wrong = Send /maintenance to see the state, /maintenance on or /maintenance off.
maintenance-off = __Maintenance is off.__ Photos are answered as they come.
maintenance-off-already = Maintenance is off already. Photos are answered as they come.
maintenance-not-yet = __Maintenance is not on yet:__ one of the buttons switches it on.
maintenance-on-already = Maintenance is on already. Nothing has changed.
maintenance-wait = __Maintenance is on__ since { $when }. New photos wait: { $count } so far. They are answered once it is switched off.
maintenance-refuse = __Maintenance is on__ since { $when }. New photos are refused; patients are asked to send them again later. Photos that wait from before: { $count }.
maintenance-ask = __What shall happen to photos that come during maintenance?__ Those in hand are finished either way, and everything else goes on.
maintenance-ended = __Maintenance is over.__ Photos that waited and are answered now: { $count }.
button-maintenance-wait = Let photos wait
button-maintenance-refuse = Refuse photos
button-maintenance-off = Switch maintenance off
