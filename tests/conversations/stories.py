"""What several stories begin with."""

from collections.abc import Callable

from bot.content import Texts
from bot.delivery import formatted
from bot.questions import Step
from emulator.objects import Message
from emulator.person import Person


def shown(texts: Texts, message_id: str, **values: str | float) -> str:
    """A sentence as the patient sees it, without the signs of its formatting."""
    return formatted(texts.say(message_id, **values))[0].strip()


def first_line(texts: Texts, message_id: str) -> str:
    """The first line of a sentence, for those that end differently."""
    return shown(texts, message_id).splitlines()[0]


def button(step: Step, answer: str) -> str:
    """What the button of a question sends."""
    return f"reg:{int(step)}:{answer}"


async def register(person: Person, language: str, skin_type: str = "skip") -> None:
    """Answer every question with a button."""
    await person.says("/start")
    for step, answer in (
        (Step.LANGUAGE, language),
        (Step.CONSENT, "agree"),
        (Step.AGE, "adult"),
        (Step.NAME, "keep"),
        (Step.SKIN_TYPE, skin_type),
    ):
        await person.waits_for(asks(step))
        await person.presses(button(step, answer))
    await person.waits_for(lambda message: not message.get("reply_markup"))


def asks(step: Step) -> Callable[[Message], bool]:
    """A message that holds the buttons of a question."""

    def asks_step(message: Message) -> bool:
        return has_button(message, f"reg:{int(step)}:")

    return asks_step


def has_button(message: object, data: str) -> bool:
    """Whether a message has a button that sends something that begins like this."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", []) if isinstance(message, dict) else []
    return any(str(b.get("callback_data", "")).startswith(data) for row in rows for b in row)
