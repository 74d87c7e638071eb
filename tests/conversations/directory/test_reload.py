"""Moderators let content that was changed be read again; what is broken is refused."""

import re
from pathlib import Path

from bot.content import Content, Texts
from emulator.person import Person, Town
from tests.conversations.directory.moderating import House, begins, seen_by_patient
from tests.conversations.stories import first_line, shown


async def test_broken_content_is_refused_with_file_and_line_and_the_old_is_kept(
    house: House, moderator: Person, texts: Texts, town: Town
) -> None:
    path = house.content_dir / "dermatologists" / "AT-salzburg.csv"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}Dr. Broken,,,,,95,13,\n", encoding="utf-8")
    try:
        await moderator.says("/reload")
        told = (await moderator.waits_for(first_line(texts, "reload-refused")))["text"]
    finally:
        path.write_text(before, encoding="utf-8")
    assert shown(texts, "reload-where-line", file="dermatologists/AT-salzburg.csv", line="25") in told
    assert "95, 13" in told
    assert str(house.content_dir) not in told
    assert "Salzburg" in await seen_by_patient(town, (47.8, 13.05))
    assert house.audited()[0] == ("reload-refused", "file=dermatologists/AT-salzburg.csv, line=25")


async def test_new_content_is_used_at_once_and_the_change_is_told(
    house: House, moderator: Person, texts: Texts, content: Content
) -> None:
    page, version = house.content_dir / "{}" / "consent.md", f"2030-01-0{len(texts.language)}"
    before = {language: Path(str(page).format(language)).read_text(encoding="utf-8") for language in ("en", "es")}
    words = house.content_dir / texts.language / "ui.ftl"
    said = words.read_text(encoding="utf-8")
    try:
        for language, text in before.items():
            changed = text.replace(f"Version: {content.consent_version}", f"Version: {version}")
            Path(str(page).format(language)).write_text(changed, encoding="utf-8")
        words.write_text(re.sub("(?m)^cancelled = .*$", "cancelled = Stop it is.", said), encoding="utf-8")
        await moderator.says("/reload")
        told = (await moderator.waits_for(first_line(texts, "reload-done")[:12]))["text"]
        assert shown(texts, "reload-consent", version=version, before=content.consent_version) in told
        assert shown(texts, "reload-languages", languages="en, es") in told
        await begins(moderator, "find")
        await moderator.says("/cancel")
        await moderator.waits_for("Stop it is.")
    finally:
        words.write_text(said, encoding="utf-8")
        for language, text in before.items():
            Path(str(page).format(language)).write_text(text, encoding="utf-8")
        await moderator.says("/reload")
    await moderator.waits_for(first_line(texts, "reload-done")[:12])
    assert house.audited()[0][0] == "reload"
