"""Being one person or another in the chat page."""

import pytest
from playwright.async_api import Page, expect
from telegram import Bot

from emulator.person import Channel, Person, Town
from emulator.server import RunningEmulator
from tests.emulator.page.looking import OpenPage, field_of, log_of, received

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_second_person_has_a_chat_of_their_own_in_their_language(chat: Page, ana: Person, town: Town) -> None:
    await chat.get_by_role("button", name="People").click()
    await chat.get_by_role("button", name="New person").click()
    dialog = chat.get_by_role("dialog", name="New person")
    await dialog.get_by_label("First name").fill("Marta")
    await dialog.get_by_label("Language").select_option("es")
    await dialog.get_by_role("button", name="Add").click()
    await expect(chat.get_by_role("button", name="INICIAR")).to_be_visible()
    await expect(log_of(chat).get_by_role("article")).to_have_count(0)
    marta = (await town.everybody())[-1]
    assert (marta.user["first_name"], marta.user["language_code"]) == ("Marta", "es")
    assert chat.url.endswith(f"/?user={marta.id}")
    await chat.get_by_role("button", name="Personas").click()
    await chat.get_by_role("link", name=f"Ana English · {ana.id}").click()
    await expect(log_of(chat).get_by_role("article")).to_have_count(1)
    await expect(field_of(chat)).to_be_visible()


async def test_blocked_bot_stays_silent_until_it_is_restarted(chat: Page, bot: Bot) -> None:
    await chat.get_by_role("button", name="Chat menu").click()
    await chat.get_by_role("menuitem", name="Block bot").click()
    await chat.get_by_role("alertdialog").get_by_role("button", name="Block bot").click()
    restart = chat.get_by_role("button", name="Restart bot")
    await expect(restart).to_be_visible()
    assert (await received(bot, "my_chat_member")).new_chat_member.status == "kicked"
    await restart.click()
    await expect(field_of(chat)).to_be_visible()
    assert (await received(bot, "my_chat_member")).new_chat_member.status == "member"
    assert (await received(bot)).text == "/start"


async def test_group_shows_who_speaks(open_page: OpenPage, emulator: RunningEmulator, town: Town, ana: Person) -> None:
    ben = await town.newcomer("Ben")
    group_id = await town.group("Friends", ana, ben)
    await ben.says("hello all", chat_id=group_id)
    page = await open_page(f"{emulator.url}/?user={ana.id}&chat={group_id}")
    await expect(log_of(page).get_by_role("article").last).to_contain_text("Ben")
    await field_of(page).fill("hello Ben")
    await field_of(page).press("Enter")
    await expect(log_of(page)).to_contain_text("hello Ben")
    assert "hello Ben" in [message.get("text") for message in await ben.messages(group_id)]


async def test_two_people_talk_side_by_side_and_see_only_their_own_chat(
    open_page: OpenPage, emulator: RunningEmulator, chat: Page, town: Town, bot: Bot
) -> None:
    mod = await town.newcomer("Mod")
    other = await open_page(f"{emulator.url}/?user={mod.id}")
    await other.get_by_role("button", name="START").click()
    assert (await received(bot)).from_user.id == mod.id
    await field_of(chat).fill("I have a question")
    await field_of(chat).press("Enter")
    await bot.send_message(mod.id, f"Ana asks: {(await received(bot)).text}")
    await expect(log_of(other)).to_contain_text("Ana asks: I have a question")
    await expect(log_of(chat).get_by_role("article")).to_have_count(2)
    await expect(log_of(chat)).not_to_contain_text("Ana asks")


async def test_forwarded_message_says_whose_it_is(chat: Page, ana: Person, town: Town) -> None:
    ben = await town.newcomer("Ben", last_name="Smith")
    await ana.says("rude words", forwarded_from=ben)
    await expect(log_of(chat).get_by_role("article").last).to_contain_text("Forwarded from Ben Smith")
    await ana.says("more of them", forwarded_from="Somebody hidden")
    await expect(log_of(chat).get_by_role("article").last).to_contain_text("Forwarded from Somebody hidden")
    await ana.says("news", forwarded_from=Channel("Skin news"))
    await expect(log_of(chat).get_by_role("article").last).to_contain_text("Forwarded from Skin news")
