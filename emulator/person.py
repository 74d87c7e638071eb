"""People for tests: they talk to the bot through the control API, over real HTTP.

    async with open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", language_code="es")
        await ana.says("/start")
        greeting = await ana.waits_for("Hola")
        await ana.presses("Acepto")

The address is that of `python -m emulator`, or of `emulator.server.running_emulator`.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

import aiohttp

from emulator.asking import RefusedError, answered, first_event, got, posted
from emulator.objects import JsonObject, Message, User
from emulator.reading import Expectation, buttons, described, has_label, matches, shown

__all__ = ["Channel", "Person", "RefusedError", "Sendable", "Town", "Writer", "open_town"]

Sendable: TypeAlias = Path | tuple[str, bytes]  # a file, or a file name and its bytes
_TAIL = 12


@dataclass(frozen=True, slots=True)
class Channel:
    """Where people forward something from; it is nowhere else."""

    title: str


@asynccontextmanager
async def open_town(url: str) -> AsyncIterator["Town"]:
    """The people of the emulator at `url`."""
    async with aiohttp.ClientSession(url) as session:
        yield Town(session)


class Town:
    """Where people come from, and what befalls them all."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def newcomer(self, first_name: str = "Ana", *, language_code: str = "en", **profile: str | int) -> "Person":
        """Somebody new, or somebody known if `id` is theirs."""
        body: JsonObject = {"first_name": first_name, "language_code": language_code, **profile}
        return Person(self._session, cast("User", await posted(self._session, "/control/users", body)))

    async def everybody(self) -> list["Person"]:
        """All people, in order of their ids."""
        answer = await got(self._session, "/control/users")
        return [Person(self._session, user) for user in answer["users"]]

    async def group(self, title: str, *members: "Person", kind: str = "group") -> int:
        """A group or supergroup of these people and the bot; returns its chat id."""
        body: JsonObject = {"title": title, "member_ids": [member.id for member in members], "type": kind}
        return int((await posted(self._session, "/control/groups", body))["id"])

    async def suffers(self, *faults: JsonObject) -> None:
        """Schedule faults, in place of those before; none at all to end them."""
        await posted(self._session, "/control/faults", {"faults": list(faults)})

    async def says_nothing_for_a_week(self, next_update_id: int | None = None) -> int:
        """Let the next update have this number or any, as after a week without updates; returns it."""
        body: JsonObject = {} if next_update_id is None else {"next_update_id": next_update_id}
        return int((await posted(self._session, "/control/quiet_week", body))["next_update_id"])

    async def calls(self) -> list[JsonObject]:
        """All requests of the bot so far."""
        return list((await got(self._session, "/control/calls"))["calls"])


class Person:
    """Somebody who chats with the bot.

    What they wait for is looked for in the bot's messages, new or edited, since the last thing they did; no event is
    returned twice.
    """

    def __init__(self, session: aiohttp.ClientSession, user: User) -> None:
        self._session = session
        self._since = 0
        self._taken: set[int] = set()
        self.user = user
        self.id = user["id"]
        self._path = f"/control/users/{self.id}"

    async def says(
        self,
        text: str,
        *,
        reply_to: Message | None = None,
        chat_id: int | None = None,
        forwarded_from: "Writer | None" = None,
        entities: Sequence[JsonObject] = (),
    ) -> Message:
        """Send a text with its formatting, or forward one."""
        content = {"text": text, "entities": [*entities], **_origin(forwarded_from)}
        return (await self._sends(content, reply_to, chat_id))[0]

    async def shares_location(self, latitude: float, longitude: float, *, live_period_s: int = 0) -> Message:
        """Send a point on the map; a live one with a period."""
        live = {"live_period": live_period_s} if live_period_s else {}
        return (await self._sends({"location": {"latitude": latitude, "longitude": longitude, **live}}))[0]

    async def shares_venue(self, latitude: float, longitude: float, title: str, address: str = "Street 1") -> Message:
        """Send a place with its name."""
        place = {"latitude": latitude, "longitude": longitude, "title": title, "address": address}
        return (await self._sends({"venue": place}))[0]

    async def shares_contact(self, phone_number: str, first_name: str, user_id: int | None = None) -> Message:
        """Send a phone contact; with an id, of somebody who is on Telegram."""
        contact: JsonObject = {"phone_number": phone_number, "first_name": first_name}
        return (await self._sends({"contact": contact | ({"user_id": user_id} if user_id else {})}))[0]

    async def sends(self, **fields: object) -> Message:
        """Send a message of any other kind, such as a poll, with these fields of the Bot API's Message."""
        return (await self._sends({"fields": fields}))[0]

    async def sends_photo(self, photo: Sendable, caption: str = "") -> Message:
        """Send a photo the usual way, compressed."""
        return (await self.sends_files("photo", [photo], caption))[0]

    async def sends_document(self, document: Sendable, caption: str = "") -> Message:
        """Send something as a file, byte for byte."""
        return (await self.sends_files("document", [document], caption))[0]

    async def sends_album(self, photos: Iterable[Sendable], caption: str = "") -> list[Message]:
        """Send two to ten photos at once."""
        return await self.sends_files("photo", list(photos), caption)

    async def sends_files(
        self,
        kind: str | Sequence[str],
        files: Sequence[Sendable],
        caption: str = "",
        *,
        caption_entities: Sequence[JsonObject] = (),
        forwarded_from: "Writer | None" = None,
    ) -> list[Message]:
        """Send or forward files as photo, document, video, video_note, voice, audio, sticker or animation.

        Of an album, each may be of a kind of its own.
        """
        origin = {name: str(value) for name, value in _origin(forwarded_from).items()}
        words = {"caption": caption, "caption_entities": json.dumps([*caption_entities])}
        form = aiohttp.FormData({**words, **origin})
        for one in [kind] if isinstance(kind, str) else kind:
            form.add_field("kind", one)
        for file in files:
            name, content = (file.name, await asyncio.to_thread(file.read_bytes)) if isinstance(file, Path) else file
            form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
        await self._turn()
        async with self._session.post(f"{self._path}/files", data=form) as response:
            return list((await answered(response))["messages"])

    async def presses(self, button: str, message: Message | None = None, *, is_gone: bool = False) -> str:
        """Press the button with this label or callback data below the latest message with it; returns the query id.

        Of a message that is gone in the same moment the bot is not told what stood in it.
        """
        target = message or await self._message_with_button(button)
        field = "text" if has_label(target, button) else "callback_data"
        await self._turn()
        press: JsonObject = {"message_id": target["message_id"], field: button, "gone": is_gone}
        return str((await self._post("press", press | _chat(target)))["callback_query_id"])

    async def forges(self, message: Message, callback_data: str) -> str:
        """Press a button that the message does not have, as a tampered client can; returns the query's id."""
        await self._turn()
        press: JsonObject = {"message_id": message["message_id"], "callback_data": callback_data, "forge": True}
        return str((await self._post("press", press | _chat(message)))["callback_query_id"])

    async def edits(self, message: Message, text: str, entities: Sequence[JsonObject] = ()) -> None:
        """Change a text sent before, or the caption of a photo or file, with its formatting."""
        field, formatting = ("text", "entities") if "text" in message else ("caption", "caption_entities")
        await self._turn()
        said: JsonObject = {field: text, formatting: [*entities]}
        await self._post("edit", {"message_id": message["message_id"], **said, **_chat(message)})

    async def moves(self, message: Message, latitude: float, longitude: float) -> None:
        """Go on with a live location."""
        await self._turn()
        location: JsonObject = {**message["location"], "latitude": latitude, "longitude": longitude}
        await self._post("edit", {"message_id": message["message_id"], "location": location, **_chat(message)})

    async def deletes(self, message: Message, *, is_one_sided: bool = False) -> None:
        """Delete a message for both sides, or, as the apps do in a private chat with a bot, only on the own side."""
        deed: JsonObject = {"message_id": message["message_id"], "is_one_sided": is_one_sided}
        await self._post("delete", deed | _chat(message))

    async def clears_the_chat(self) -> None:
        """Delete everything in the private chat on the own side; the bot has it still."""
        await self._post("clear", {})

    async def reacts(self, message: Message, emoji: str) -> None:
        """Put a reaction on a message; an empty one takes it back."""
        await self._post("react", {"message_id": message["message_id"], "emoji": emoji, **_chat(message)})

    async def blocks(self) -> None:
        """Block the bot."""
        await self._post("block", {"is_blocked": True})

    async def unblocks(self) -> None:
        """Let the bot write again."""
        await self._post("block", {"is_blocked": False})

    async def deletes_the_account(self) -> None:
        """Be at Telegram no more."""
        await self._post("deactivate", {})

    async def chat(self, chat_id: int | None = None) -> JsonObject:
        """All that this person sees: messages, commands, reply_keyboard, action, is_blocked."""
        return await got(self._session, f"{self._path}/chat" + (f"?chat_id={chat_id}" if chat_id else ""))

    async def messages(self, chat_id: int | None = None) -> list[Message]:
        """The messages of the chat as they are now, oldest first."""
        return list((await self.chat(chat_id))["messages"])

    async def downloads(self, file_id: str) -> bytes:
        """The bytes of a photo or file in the chat."""
        async with self._session.get(f"/control/files/{file_id}") as response:
            response.raise_for_status()
            return await response.read()

    async def waits_for(self, expected: Expectation, timeout_s: float = 45) -> Message:
        """The first message of the bot, new or edited, that has a text (or matches a pattern, or a condition).

        Raises:
            AssertionError: nothing of the kind came in time; shows the end of the chat.
        """

        def is_expected(event: JsonObject) -> bool:
            is_message = event["type"] in {"message", "edited_message"} and event["message"]["from"]["is_bot"]
            return bool(is_message and matches(event["message"], expected))

        event = await self._event(is_expected, timeout_s, f"a message with {described(expected)}")
        return cast("Message", event["message"])

    async def waits_for_event(self, kind: str, timeout_s: float = 45) -> JsonObject:
        """The first event of a kind: chat_action, callback_answer, deleted_message, commands, reaction, …."""
        return await self._event(lambda event: bool(event["type"] == kind), timeout_s, f"an event “{kind}”")

    async def _event(self, is_expected: Callable[[JsonObject], bool], timeout_s: float, what: str) -> JsonObject:
        def is_new(event: JsonObject) -> bool:
            return event["seq"] not in self._taken and is_expected(event)

        event = await first_event(self._session, f"{self._path}/events", self._since, is_new, timeout_s)
        if event is None:
            raise AssertionError(f"{self.user['first_name']} waited {timeout_s:g} s for {what}.\n{await self._tail()}")
        self._taken.add(event["seq"])
        return event

    async def _tail(self) -> str:
        messages = (await self.messages())[-_TAIL:]
        return "\n".join(["The chat ended with:", *map(shown, messages)]) if messages else "The chat is empty."

    async def _message_with_button(self, button: str) -> Message:
        for message in reversed(await self.messages()):
            if any(button in {b["text"], b.get("callback_data")} for b in buttons(message)):
                return message
        raise AssertionError(f"There is no button “{button}”.\n{await self._tail()}")

    async def _sends(
        self, content: JsonObject, reply_to: Message | None = None, chat_id: int | None = None
    ) -> list[Message]:
        await self._turn()
        reply = {"reply_to_message_id": reply_to["message_id"]} if reply_to else {}
        chat = {"chat_id": chat_id} if chat_id else {}
        return list((await self._post("messages", content | reply | chat))["messages"])

    async def _turn(self) -> None:
        """From here on counts only what comes after this person's next deed."""
        self._since = int((await got(self._session, f"{self._path}/events"))["seq"])
        self._taken.clear()

    async def _post(self, deed: str, body: JsonObject) -> JsonObject:
        return await posted(self._session, f"{self._path}/{deed}", body)


def _chat(message: Message) -> JsonObject:
    chat_id = message["chat"]["id"]
    return {"chat_id": chat_id} if chat_id < 0 else {}


# Who wrote what is forwarded: a person, a name where their account is hidden, a group by its chat id, or a channel.
Writer: TypeAlias = Person | str | int | Channel


def _origin(writer: Writer | None) -> JsonObject:
    if isinstance(writer, Person):
        return {"forward_from_user_id": writer.id}
    if isinstance(writer, Channel):
        return {"forward_from_channel": writer.title}
    if isinstance(writer, int):
        return {"forward_from_chat_id": writer}
    return {"forward_from_name": writer} if writer else {}
