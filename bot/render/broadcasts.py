"""What a moderator sees of a broadcast: whom it may go to, how far it has come, and how it ended."""

from collections import Counter
from typing import Final

from bot.content import Content, Texts
from bot.render.reply import Button, Reply
from bot.storage.broadcasts import Broadcast, Counts, State

# Callback data of the buttons, followed by a colon and
CHOOSE: Final = "broadcast:to"  # the number of the moderator's message, and a language or EVERYBODY
SEND: Final = "broadcast:send"  # likewise: nothing but what was seen is sent
DROP: Final = "broadcast:drop"  # likewise
STOP: Final = "broadcast:stop"  # the broadcast's number
EVERYBODY: Final = "*"


def audiences(message_id: int, people: Counter[str], content: Content, texts: Texts) -> Reply:
    """Return the question who is to get a message, with how many each button reaches; people are by language."""
    everybody = Button(
        texts.plain("button-broadcast-everybody", people=people.total()), f"{CHOOSE}:{message_id}:{EVERYBODY}"
    )
    languages = [
        Button(
            texts.plain("button-broadcast-language", language=own.plain("language-name"), people=people[code]),
            f"{CHOOSE}:{message_id}:{code}",
        )
        for code, own in content.by_language.items()
    ]
    return Reply(texts.say("broadcast-ask-audience"), tuple((button,) for button in (everybody, *languages)))


def confirmation(message_id: int, audience: str, people: int, content: Content, texts: Texts) -> Reply:
    """Return the question whether to send what was shown, to so many people."""
    is_to_all = audience == EVERYBODY
    language = texts.plain("broadcast-any-language") if is_to_all else content.texts(audience).plain("language-name")
    buttons = [
        Button(texts.plain(f"button-broadcast-{deed}"), f"{pressed}:{message_id}:{audience}")
        for deed, pressed in (("send", SEND), ("drop", DROP))
    ]
    return Reply(texts.say("broadcast-confirm", people=people, language=language), (tuple(buttons),))


def progress(broadcast: Broadcast, counts: Counts, texts: Texts) -> Reply:
    """Return how far a broadcast has come, with the button that stops it."""
    if broadcast.state is State.CANCELLED:
        return Reply(texts.say("broadcast-stopping"))
    stop = Button(texts.plain("button-broadcast-stop"), f"{STOP}:{broadcast.broadcast_id}")
    heading = texts.say("broadcast-sending", done=counts.people - counts.unsent, people=counts.people)
    return Reply(f"{heading}\n\n{_counted(counts, texts)}", ((stop,),))


def report(state: State, counts: Counts, texts: Texts) -> Reply:
    """Return how a broadcast ended."""
    heading = texts.say("broadcast-cancelled" if state is State.CANCELLED else "broadcast-done", people=counts.people)
    return Reply(f"{heading}\n\n{_counted(counts, texts)}")


def _counted(counts: Counts, texts: Texts) -> str:
    lines = [
        texts.say("broadcast-delivered", count=counts.delivered),
        texts.say("broadcast-blocked", count=counts.blocked),
        texts.say("broadcast-failed", count=counts.failed),
    ]
    if counts.unsent:
        lines.append(texts.say("broadcast-unsent", count=counts.unsent))
    return "\n".join(lines)
