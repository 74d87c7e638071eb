"""Who may not go on is told why, as far as that is kept, and until when."""

from datetime import timedelta

import pytest

from bot.delivery import formatted
from bot.render.refusals import ban_words
from bot.storage.bans import Ban
from tests.bot.conftest import NOON
from tests.shipped import CONTENT

WEEK = NOON + timedelta(days=7)


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_banned_person_reads_the_reason_or_that_it_is_not_kept(language: str) -> None:
    texts = CONTENT.texts(language)
    named, nameless = (formatted(ban_words(Ban(reason, NOON, None), texts))[0] for reason in ("shouting", ""))
    no_reason = texts.plain("ban-no-reason")
    assert ("shouting" in named, no_reason in named) == (True, False)
    assert ("shouting" in nameless, no_reason in nameless) == (False, True)


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_banned_person_reads_until_when_or_that_it_is_for_good(language: str) -> None:
    texts = CONTENT.texts(language)
    for_a_week, for_good = (formatted(ban_words(Ban("shouting", NOON, until), texts))[0] for until in (WEEK, None))
    until, ever = " ".join(texts.plain("ban-until", when=WEEK).split()), texts.plain("ban-for-good")
    assert (until in for_a_week, ever in for_a_week) == (True, False)
    assert (until in for_good, ever in for_good) == (False, True)
