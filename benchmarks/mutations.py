"""Real updates, bent at random: fields lost, of another kind, enormous, out of another update."""

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

MARK: Final = "Zqxjv"  # in every name and text that people send here: it must not turn up in a log
_COMMANDS: Final = (
    *("start", "help", "cancel", "delete", "export", "privacy", "settings", "history", "feedback", "dermatologist"),
    *("users", "ban", "inbox", "broadcast", "stats", "reload", "nonsense"),
)
_BUTTONS: Final = ("reg:0:en", "reg:1:agree", "delete:yes:en", "privacy:withdraw", "inbox:answer:1", "")
_WORDS: Final = (
    "",
    " ",
    "\0",
    "\u202e",
    "é" * 5000,
    "💥" * 4096,
    "/",
    "//",
    "{{}}",
    "[",
    "%s",
    "'; DROP TABLE cases; --",
)
_NUMBERS: Final = (0, -1, 1, 2**31, 2**53, 2**63 - 1, -(2**63), 2**64, 1e308, 0.1, True)
_STRANGE: Final[tuple[Any, ...]] = (None, [], {}, [[]], [None], {"id": None}, False, *_NUMBERS, *_WORDS)


def updates(rng: random.Random, user_ids: Sequence[int], first_id: int) -> Iterator[dict[str, Any]]:
    """Yield mutated updates without end; every tenth is left as it is."""
    number = first_id
    while True:
        number += 1
        update = _real(rng, rng.choice(user_ids), number)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 5, 8, 2, 1))):
            _bend(update, _real(rng, rng.choice(user_ids), number), rng)
        yield update


def _real(rng: random.Random, user_id: int, number: int) -> dict[str, Any]:
    user = {"id": user_id, "is_bot": False, "first_name": MARK, "username": f"{MARK}_{user_id}", "language_code": "es"}
    chat = {"id": user_id, "type": "private", "first_name": MARK}
    head = {"message_id": number, "date": 1_795_000_000, "chat": chat, "from": user}
    kind = rng.choice(("text", "command", "photo", "document", "location", "contact", "press", "membership"))
    if kind == "press":
        message = head | {"text": "?", "from": {"id": 1, "is_bot": True, "first_name": "Bot"}}
        data = rng.choice(_BUTTONS)
        query = {"id": str(number), "from": user, "chat_instance": "1", "message": message, "data": data}
        return {"update_id": number, "callback_query": query}
    if kind == "membership":
        member = {"user": {"id": 1, "is_bot": True, "first_name": "Bot"}, "status": "member"}
        change = {"chat": chat, "from": user, "date": 1_795_000_000, "old_chat_member": member}
        return {"update_id": number, "my_chat_member": change | {"new_chat_member": member}}
    return {"update_id": number, "message": head | _content(kind, rng)}


def _content(kind: str, rng: random.Random) -> dict[str, Any]:
    size = {"file_id": f"AgACAgI{MARK}", "file_unique_id": "AQAD", "file_size": 90_000}
    match kind:
        case "command":
            text = f"/{rng.choice(_COMMANDS)}"
            return {"text": f"{text} {MARK}", "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}]}
        case "photo":
            return {"photo": [size | {"width": 90, "height": 67}, size | {"width": 1280, "height": 960}]}
        case "document":
            return {"document": size | {"file_name": f"{MARK}.heic", "mime_type": "image/heic"}}
        case "location":
            return {"location": {"latitude": rng.uniform(-90, 90), "longitude": rng.uniform(-180, 180)}}
        case "contact":
            return {"contact": {"phone_number": "+43 1 234", "first_name": MARK}}
        case _:
            return {"text": f"{MARK} {rng.choice(_WORDS)}"}


def _bend(update: dict[str, Any], another: dict[str, Any], rng: random.Random) -> None:
    """Change one place of an update, whichever it is; some of it comes from another."""
    places = list(_places(update))
    if not places:  # nothing is left of it
        return
    holder, key = rng.choice(places)
    match rng.randrange(5):
        case 0:
            del holder[key]
        case 1:
            other_holder, other_key = rng.choice(list(_places(another)))
            holder[key] = copy.deepcopy(other_holder[other_key])
        case 2 if isinstance(holder[key], str):
            holder[key] = _misspelt(holder[key], rng)
        case 3 if isinstance(holder, dict):
            holder[rng.choice(list(holder))] = copy.deepcopy(holder[key])
        case _:
            holder[key] = copy.deepcopy(rng.choice(_STRANGE))  # it may be changed later, too


def _misspelt(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(_WORDS) + text[place + 1 :]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON is anything
    """Yield every holder with each of its keys, from the outside in."""
    held: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(held):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def bytes_of(real: bytes, rng: random.Random) -> bytes:
    """Return a file with some of its bytes changed, cut out, doubled, or its end missing."""
    bent = bytearray(real)
    for _ in range(rng.randint(1, 20)):
        place, length = rng.randrange(len(bent) + 1), rng.randint(1, 64)
        match rng.randrange(4):
            case 0:
                bent[place : place + length] = rng.randbytes(length)
            case 1:
                del bent[place : place + length]
            case 2:
                bent[place:place] = bent[place : place + length]
            case _:
                bent[place : place + 1] = rng.choice((b"\0", b"\xff", b"\x7f", b"\xff\xd9", b"\xff\xda"))
    return bytes(bent[: rng.randrange(len(bent) + 1)] if rng.random() < 0.2 else bent)
