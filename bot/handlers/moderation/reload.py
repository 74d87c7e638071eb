"""/reload: texts and lists are read anew, all of them or, where a file is broken, none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from telegram import Update
from telegram.ext import CommandHandler

from bot.content import Texts
from bot.context import Context
from bot.errors import ContentError
from bot.handlers.access import respond
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.library import Library
from bot.render.reply import Reply, shortened

_MAX_REASON: Final = 500  # characters of what is wrong; it may quote a line of the file


@dataclass(frozen=True, slots=True)
class _Stock:
    """What there is to be told about the library."""

    languages: Sequence[str]
    consent_version: str
    dermatologists: int
    listed: int
    clinics: int

    @classmethod
    def of(cls, library: Library) -> Self:
        """Return what there is now."""
        content = library.content
        return cls(
            languages=sorted(content.by_language),
            consent_version=content.consent_version,
            dermatologists=len(library.directory),
            listed=len(library.listed),
            clinics=len(library.clinics),
        )


def handlers() -> list[Any]:
    """Return the command."""
    return [CommandHandler("reload", reload)]


@for_moderators
async def reload(update: Update, context: Context, actor: Actor) -> None:
    """Read everything anew; say what changed, or which file is broken."""
    services, library = context.services, context.services.library
    before = _Stock.of(library)
    try:
        await library.reload()
    except ContentError as error:
        where = library.shown_path(error.path) if error.path else ""
        await services.audit.record(actor.entry("reload-refused", services.now(), file=where, line=error.line or "?"))
        await respond(update, context, Reply(_refusal(error, where, actor.texts)))
        return
    after = _Stock.of(library)
    languages, dermatologists = "+".join(after.languages), after.dermatologists
    deed = actor.entry("reload", services.now(), languages=languages, dermatologists=dermatologists)
    await services.audit.record(deed)
    services.menus.forget()
    services.beside.begin(services.menus.show_to_all(context.bot, library))
    await respond(update, context, Reply(_report(before, after, services.content.texts(actor.texts.language))))


def _refusal(error: ContentError, where: str, texts: Texts) -> str:
    parts = [texts.say("reload-refused")]
    if where and error.line:
        parts.append(texts.say("reload-where-line", file=where, line=str(error.line)))
    elif where:
        parts.append(texts.say("reload-where", file=where))
    return "\n\n".join([*parts, texts.say("reload-why", reason=shortened(error.reason, _MAX_REASON))])


def _report(before: _Stock, after: _Stock, texts: Texts) -> str:
    now, then = ", ".join(after.languages), ", ".join(before.languages)
    counts = {"count": after.dermatologists, "listed": after.listed, "before": before.dermatologists}
    lines = [
        texts.say("reload-languages", languages=now)
        if now == then
        else texts.say("reload-languages-changed", languages=now, before=then),
        texts.say("reload-dermatologists", **counts),
        texts.say("reload-clinics", count=after.clinics, before=before.clinics),
    ]
    words = [texts.say("reload-done"), "\n".join(f"- {line}" for line in lines)]
    if after.consent_version != before.consent_version:
        words.append(texts.say("reload-consent", version=after.consent_version, before=before.consent_version))
    return "\n\n".join(words)
