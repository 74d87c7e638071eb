"""/stats in words and as a chart; not a word on anybody."""

from collections.abc import Mapping
from typing import Final

from bot.content import Texts
from bot.faults import NoFile
from bot.pictures.chart import Chart, ChartColumn, ChartRow, Figure, tick_heights
from bot.pictures.own import OWN_ANSWER
from bot.render.formatting import MAX_CAPTION, shown_length
from bot.render.reply import Button, hyphenated, moment
from bot.storage.periods import Period, Step
from bot.storage.statistics import FEWEST_PEOPLE, NO_ANSWERS, Column, Counts, Queue
from bot.workers.pool import SET_ASIDE
from inference.classes import LesionClass
from inference.errors import ImageTooLarge, TruncatedImage, UnreadableImage
from inference.quality import DeclineReason
from inference.risk import RiskLevel

STATS: Final = "stats"  # callback data of the buttons, followed by a colon and a period
_SHOWN_REASONS: Final = 4
_UNREADABLE: Final = (UnreadableImage.code, TruncatedImage.code, ImageTooLarge.code)
_REASONS: Final = frozenset({*DeclineReason, *_UNREADABLE, *NoFile, OWN_ANSWER, SET_ASIDE, *NO_ANSWERS})


def period_buttons(texts: Texts, shown: Period) -> tuple[tuple[Button, ...], ...]:
    """Return a button for each period; the one that is shown has a mark, and counts anew when it is pressed."""
    labels = {period: texts.plain(f"button-stats-{period}") for period in Period}
    labels[shown] = f"• {labels[shown]}"
    return (tuple(Button(label, f"{STATS}:{period}") for period, label in labels.items()),)


def words(counts: Counts, uptime_s: float, texts: Texts) -> str:
    """Return the counts as the caption of the chart; where they don't fit, fewer reasons are named."""
    for shown_reasons in range(_SHOWN_REASONS, 0, -1):
        caption = _caption(counts, uptime_s, shown_reasons, texts)
        if shown_length(caption) <= MAX_CAPTION:
            return caption
    return _caption(counts, uptime_s, 0, texts)


def _caption(counts: Counts, uptime_s: float, shown_reasons: int, texts: Texts) -> str:
    title = texts.plain(f"stats-title-{counts.period}")
    lines = [texts.say("stats-heading", title=title, moment=moment(counts.now, texts)), "", _people(counts, texts)]
    lines += _photos(counts, shown_reasons, texts) if counts.photos else [texts.say("stats-no-photos")]
    lines += [_queue(counts.queue, texts), texts.say("stats-uptime", time=duration(uptime_s, texts))]
    return "\n".join(lines)


def chart(counts: Counts, texts: Texts) -> Chart:
    """Return what the chart shows."""
    ticks = tick_heights(max(column.total for column in counts.timeline))
    totals = {
        "assessed": counts.assessed,
        "declined": sum(column.declined for column in counts.timeline),
        "unanswered": sum(column.unanswered for column in counts.timeline),
    }
    assessed, declined, unanswered = (texts.plain(f"stats-legend-{kind}", count=n) for kind, n in totals.items())
    return Chart(
        title=texts.plain(f"stats-title-{counts.period}"),
        moment=moment(counts.now, texts),
        figures=_figures(counts, texts),
        timeline=texts.plain(f"stats-per-{counts.step}"),
        legend=(assessed, declined, unanswered),
        columns=tuple(_column(column, counts, texts) for column in counts.timeline),
        ticks=tuple((height, texts.plain("stats-number", count=height)) for height in ticks),
        nothing=texts.plain("stats-nothing"),
        classes=texts.plain("stats-chart-classes"),
        malignant=texts.plain("picture-malignant"),
        rows=() if counts.are_few and not counts.classes else _rows(counts.classes, texts),
        no_rows=texts.plain("stats-chart-few", people=FEWEST_PEOPLE),
    )


def duration(seconds: float, texts: Texts) -> str:
    """Return how long something took, as exactly as it matters."""
    if seconds < 10:
        return texts.plain("stats-seconds", seconds=round(seconds, 1))
    minutes = round(seconds) // 60
    if minutes == 0:
        return texts.plain("stats-seconds", seconds=round(seconds))
    if minutes < 60:
        return texts.plain("stats-minutes", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return texts.plain("stats-hours", hours=hours, minutes=minutes)
    return texts.plain("stats-days", days=hours // 24, hours=hours % 24)


def _people(counts: Counts, texts: Texts) -> str:
    people = counts.people
    if people.registered == people.active == people.blocked == 0:
        return texts.say("stats-nobody")
    numbers = {"registered": people.registered, "active": people.active, "blocked": people.blocked}
    if counts.period is Period.ALL:
        return texts.say("stats-people-all", **numbers)
    return texts.say("stats-people", new=people.new, **numbers)


def _photos(counts: Counts, shown_reasons: int, texts: Texts) -> list[str]:
    declined = sum(counts.declined.values())
    unanswered = counts.photos - counts.assessed - declined
    numbers = {"photos": counts.photos, "assessed": counts.assessed, "declined": declined, "unanswered": unanswered}
    lines = [texts.say("stats-photos", **numbers)]
    if counts.classes:
        names = {texts.plain(f"class-{lesion}"): counts.classes.get(lesion, 0) for lesion in _ranked(counts.classes)}
        lines.append(texts.say("stats-classes", list=_list(names, texts)))
        lines.append(texts.say("stats-advice", **{level: counts.risk_levels.get(level, 0) for level in RiskLevel}))
    if counts.are_few:
        lines.append(texts.say("stats-rest" if counts.classes else "stats-few", people=FEWEST_PEOPLE))
    for kind, outcomes in (("declined", counts.declined), ("unanswered", counts.unanswered)):
        if outcomes:
            lines.append(texts.say(f"stats-{kind}", list=_list(_reasons(outcomes, shown_reasons, texts), texts)))
    if (times := counts.answer_times) is not None:
        p50, p90, p99 = (duration(seconds, texts) for seconds in (times.p50_s, times.p90_s, times.p99_s))
        lines.append(texts.say("stats-times", p50=p50, p90=p90, p99=p99))
    return lines


def _reasons(outcomes: Mapping[str, int], shown: int, texts: Texts) -> dict[str, int]:
    """Name the most frequent outcomes; the rest, and what only another version can name, is counted together."""
    ranked = sorted(outcomes.items(), key=lambda item: -item[1])
    named = dict([(outcome, count) for outcome, count in ranked if outcome in _REASONS][:shown])
    codes = {hyphenated(outcome): count for outcome, count in named.items()}
    codes["other"] = sum(outcomes.values()) - sum(named.values())
    return {texts.plain(f"stats-reason-{code}"): count for code, count in codes.items()}


def _list(numbers: Mapping[str, int], texts: Texts) -> str:
    return " · ".join(texts.plain("stats-item", count=count, name=name) for name, count in numbers.items() if count)


def _queue(queue: Queue, texts: Texts) -> str:
    numbers = {"photos": queue.in_hand, "waiting": queue.waiting, "updates": queue.updates}
    if queue.oldest_s is None:
        return texts.say("stats-queue", **numbers)
    return texts.say("stats-queue-oldest", oldest=duration(queue.oldest_s, texts), **numbers)


def _figures(counts: Counts, texts: Texts) -> tuple[Figure, ...]:
    times = counts.answer_times
    numbers = {
        "photos": texts.plain("stats-number", count=counts.photos),
        "people": texts.plain("stats-number", count=counts.people.active),
        "time": duration(times.p50_s, texts) if times else "–",
        "queue": texts.plain("stats-number", count=counts.queue.in_hand + counts.queue.waiting),
    }
    return tuple(Figure(number, texts.plain(f"stats-figure-{name}")) for name, number in numbers.items())


def _column(column: Column, counts: Counts, texts: Texts) -> ChartColumn:
    start, parts = column.start, (column.assessed, column.declined, column.unanswered)
    month = texts.plain("stats-months").split()[start.month - 1]
    match counts.step:
        case Step.HOUR:
            day = texts.plain("stats-month-day", day=str(start.day), month=month)
            return ChartColumn(parts, f"{start.hour}", day)
        case Step.DAY if counts.period is Period.WEEK:
            weekday = texts.plain("stats-weekdays").split()[start.weekday()]
            return ChartColumn(parts, f"{weekday} {start.day}", month)
        case Step.DAY | Step.WEEK:
            return ChartColumn(parts, f"{start.day}", month)
        case Step.MONTH:
            return ChartColumn(parts, month, f"{start.year}")
        case Step.YEAR:
            return ChartColumn(parts, f"{start.year}", "")


def _ranked(classes: Mapping[str, int]) -> list[LesionClass]:
    return sorted(LesionClass, key=lambda lesion: -classes.get(lesion, 0))


def _rows(classes: Mapping[str, int], texts: Texts) -> tuple[ChartRow, ...]:
    total = sum(classes.values()) or 1
    return tuple(
        ChartRow(
            texts.plain(f"class-{lesion}"),
            texts.plain("stats-number", count=classes.get(lesion, 0)),
            classes.get(lesion, 0) / total,
            lesion.is_malignant,
        )
        for lesion in _ranked(classes)
    )
