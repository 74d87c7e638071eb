"""The control API: plays the people, for the chat page and for tests."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from emulator import contents, people
from emulator.bot_api import BotApi
from emulator.errors import ControlError
from emulator.fields import array, body_of, integer, seconds, upload_of
from emulator.objects import JsonObject
from emulator.origins import origin_of
from emulator.reactions import emoji_reaction
from emulator.world import World

MAX_WAIT_S = 60
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep other web sites out of the control API, which has no login, and turn its errors into JSON."""
    if not request.path.startswith("/control"):
        return await handler(request)
    try:
        _check_origin(request)
        return await handler(request)
    except ControlError as error:
        return web.json_response({"error": str(error)}, status=error.status)
    except web.HTTPClientError as error:
        return web.json_response({"error": f"{error.reason}."}, status=error.status)


def _check_origin(request: web.Request) -> None:
    host = urlsplit(f"//{request.host}")
    local = request.transport.get_extra_info("sockname")[0] if request.transport else ""
    if local in _LOOPBACK and host.hostname not in _LOOPBACK:
        raise ControlError("The control API is only for this machine.", 403)
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if is_foreign or request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise ControlError("Other web sites may not use the control API.", 403)


@dataclass(frozen=True, slots=True)
class ControlApi:
    """What people do and see, over HTTP."""

    world: World
    bot_api: BotApi

    def routes(self) -> list[web.RouteDef]:
        """The paths of emulator/README.md."""
        person = "/control/users/{user_id:[0-9]+}"
        return [
            web.get("/control/users", self.users),
            web.post("/control/users", self.add_user),
            web.post("/control/groups", self.add_group),
            web.get(f"{person}/chat", self.chat),
            web.post(f"{person}/messages", self.say),
            web.post(f"{person}/files", self.send_files),
            web.post(f"{person}/press", self.press),
            web.post(f"{person}/edit", self.edit),
            web.post(f"{person}/delete", self.delete),
            web.post(f"{person}/clear", self.clear),
            web.post(f"{person}/block", self.block),
            web.post(f"{person}/deactivate", self.deactivate),
            web.post(f"{person}/react", self.react),
            web.get(f"{person}/events", self.events),
            web.get(f"{person}/stream", self.stream),
            web.get("/control/files/{file_id}", self.file),
            web.post("/control/faults", self.faults),
            web.post("/control/quiet_week", self.quiet_week),
            web.get("/control/calls", self.calls),
        ]

    async def users(self, _request: web.Request) -> web.Response:
        """Everybody and the bot."""
        return web.json_response({"users": self.world.accounts.users(), "bot": self.world.accounts.bot})

    async def add_user(self, request: web.Request) -> web.Response:
        """A new person."""
        return web.json_response(self.world.accounts.add_user(await body_of(request)))

    async def add_group(self, request: web.Request) -> web.Response:
        """A new group of people and the bot."""
        body = await body_of(request)
        member_ids = body.get("member_ids")
        if not isinstance(member_ids, list) or not member_ids:
            raise ControlError("A group needs members.")
        for user_id in member_ids:
            people.person_of(self.world, user_id)
        title, kind = str(body.get("title") or "Group"), str(body.get("type") or "group")
        return web.json_response(people.found_group(self.world, title, member_ids, kind))

    async def chat(self, request: web.Request) -> web.Response:
        """All that somebody sees of a chat."""
        world, user_id = self.world, self._user_id(request)
        chat = people.chat_of(world, user_id, integer(request.query, "chat_id"))
        shown: JsonObject = {
            "seq": world.events.seq,
            "bot": world.accounts.bot,
            "messages": world.messages.seen_in(chat["id"]),
            "reactions": world.messages.reactions(chat["id"]),
            "commands": world.commands.seen_by(people.person_of(world, user_id), chat),
            "reply_keyboard": world.messages.keyboard(chat["id"]),
            "action": world.action(chat["id"]),
            "is_blocked": world.accounts.is_blocked(user_id),
        }
        return web.json_response(shown)

    async def say(self, request: web.Request) -> web.Response:
        """Somebody sends anything but a file, their own or forwarded."""
        body = await body_of(request)
        user = people.person_of(self.world, self._user_id(request))
        chat = people.chat_of(self.world, user["id"], integer(body, "chat_id"))
        reply_to = integer(body, "reply_to_message_id")
        content = contents.content_of(body) | origin_of(self.world, body)
        return _deed(people.send(self.world, user, chat, [content], reply_to))

    async def send_files(self, request: web.Request) -> web.Response:
        """Somebody sends a file, a photo or an album, their own or forwarded."""
        user = people.person_of(self.world, self._user_id(request))
        form = await request.post()
        uploads = [upload_of(field) for field in form.getall("file", []) if isinstance(field, web.FileField)]
        fields = {name: str(value) for name, value in form.items() if isinstance(value, str)}
        chat = people.chat_of(self.world, user["id"], integer(fields, "chat_id"))
        kinds = [str(kind) for kind in form.getall("kind", ["document"])]
        caption = contents.caption_content(fields.get("caption", ""), array(fields, "caption_entities"))
        described = await contents.file_contents(self.world, kinds, uploads, caption)
        origin, reply_to = origin_of(self.world, fields), integer(fields, "reply_to_message_id")
        return _deed(people.send(self.world, user, chat, [content | origin for content in described], reply_to))

    async def press(self, request: web.Request) -> web.Response:
        """Somebody presses a button, given by its label or its data."""
        body = await body_of(request)
        user = people.person_of(self.world, self._user_id(request))
        message = self._message(user["id"], body)
        data = body.get("callback_data") or people.data_of_button(message, str(body.get("text")))
        if not data or not (body.get("forge") or people.has_button(message, data)):
            raise ControlError(f"Message {message['message_id']} has no such button.")
        query_id, update_id = people.press(self.world, user, message, data, is_gone=bool(body.get("gone")))
        return web.json_response({"callback_query_id": query_id, "update_id": update_id})

    async def edit(self, request: web.Request) -> web.Response:
        """Somebody edits a message of theirs, or its caption; a live location moves."""
        body = await body_of(request)
        message = self._message(self._user_id(request), body)
        if message["from"]["id"] != self._user_id(request):
            raise ControlError("People can edit only their own messages.")
        update_id = people.edit(self.world, message, contents.changes_of(message, body))
        return web.json_response({"update_id": update_id})

    async def delete(self, request: web.Request) -> web.Response:
        """Somebody deletes a message, for both sides or only on their own."""
        body = await body_of(request)
        message = self._message(self._user_id(request), body)
        if body.get("is_one_sided"):
            people.hide(self.world, message["chat"], [message["message_id"]])
        else:
            people.delete(self.world, message["chat"]["id"], message["message_id"])
        return web.json_response({})

    async def clear(self, request: web.Request) -> web.Response:
        """Somebody clears the history of their private chat, on their own side."""
        user_id = self._user_id(request)
        people.clear(self.world, people.chat_of(self.world, user_id, user_id))
        return web.json_response({})

    async def block(self, request: web.Request) -> web.Response:
        """Somebody blocks or unblocks the bot."""
        user = people.person_of(self.world, self._user_id(request))
        people.block(self.world, user, is_blocked=bool((await body_of(request)).get("is_blocked")))
        return web.json_response({})

    async def deactivate(self, request: web.Request) -> web.Response:
        """Somebody deletes their account; bots are not told."""
        self.world.accounts.deactivate(people.person_of(self.world, self._user_id(request))["id"])
        return web.json_response({})

    async def react(self, request: web.Request) -> web.Response:
        """Somebody puts a reaction on a message; an empty emoji takes it back."""
        body = await body_of(request)
        user = people.person_of(self.world, self._user_id(request))
        message = self._message(user["id"], body)
        update_id = people.react(self.world, user, message, emoji_reaction(str(body.get("emoji") or "")))
        return web.json_response({"update_id": update_id})

    async def events(self, request: web.Request) -> web.Response:
        """What happened since, at once or as soon as anything does; without a since, only where things stand."""
        user_id = self._user_id(request)
        people.person_of(self.world, user_id)
        after = integer(request.query, "after")
        if after is None:
            return web.json_response({"events": [], "seq": self.world.events.seq})
        found = await self._events(user_id, after, seconds(request.query, "timeout_s", MAX_WAIT_S))
        return web.json_response({"events": found, "seq": found[-1]["seq"] if found else after})

    async def _events(self, user_id: int, after: int, timeout_s: float) -> list[JsonObject]:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not (found := self.world.events.after(after, user_id)):
            left_s = deadline - asyncio.get_running_loop().time()
            if left_s <= 0 or self.world.events.is_closed:
                break
            await self.world.events.next_change(left_s)
        return found

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """The same as a stream of server-sent events."""
        user_id = self._user_id(request)
        people.person_of(self.world, user_id)
        after = integer(request.headers, "Last-Event-ID") or integer(request.query, "after") or 0
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        await response.write(b": hello\n\n")
        try:
            while not self.world.events.is_closed:
                found = await self._events(user_id, after, 15)
                after = found[-1]["seq"] if found else after
                lines = [f"id: {event['seq']}\ndata: {json.dumps(event)}\n\n" for event in found]
                await response.write("".join(lines).encode() or b": still here\n\n")
        except ConnectionResetError:
            pass  # the page was closed
        return response

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of a file."""
        file = self.world.files.find(request.match_info["file_id"])
        if file is None:
            raise ControlError("There is no such file.", 404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=self.world.files.content(file), content_type=file.mime_type, headers=headers)

    async def faults(self, request: web.Request) -> web.Response:
        """Replace the schedule of faults."""
        self.bot_api.faults.replace((await body_of(request)).get("faults") or [])
        return web.json_response({})

    async def quiet_week(self, request: web.Request) -> web.Response:
        """Let the next update have a number of its own, as after a week without any."""
        number = integer(await body_of(request), "next_update_id")
        if number is not None and number < 1:
            raise ControlError("The numbers of updates begin with 1.")
        return web.json_response({"next_update_id": self.world.updates.begin_anew(number)})

    async def calls(self, _request: web.Request) -> web.Response:
        """Every request of the bot, in order."""
        return web.json_response({"calls": [call.body for call in self.bot_api.calls]})

    def _user_id(self, request: web.Request) -> int:
        return int(request.match_info["user_id"])

    def _message(self, user_id: int, body: JsonObject) -> JsonObject:
        chat = people.chat_of(self.world, user_id, integer(body, "chat_id"))
        message_id = integer(body, "message_id") or 0
        message = self.world.messages.get(chat["id"], message_id)
        if message is None or self.world.messages.is_hidden(chat["id"], message_id):
            raise ControlError(f"There is no message {body.get('message_id')} in this chat.", 404)
        return message


def _deed(deed: people.Deed) -> web.Response:
    return web.json_response({"messages": deed.messages, "update_ids": deed.update_ids})
