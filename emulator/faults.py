"""A schedule of things that go wrong on the way between a bot and Telegram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from emulator.errors import ControlError
from emulator.pulse import Pulse

KINDS = frozenset({"delay", "429", "5xx", "refused", "reset", "half_body", "duplicate_update"})
_NUMBERS = ("times", "every", "delay_s", "retry_after", "status", "chat_id", "migrate_to_chat_id")
_KEYS = frozenset({"kind", "method", "after", "description", *_NUMBERS})

_OF_NO_CHAT = frozenset({"getFile", "file", "webhook", "getUpdates"})


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: ``delay`` the request; answer ``429`` or ``5xx``, or that it is ``refused``; ``reset`` the connection
            without an answer; send only half of the answer's body (``half_body``); deliver the next updates twice
            (``duplicate_update``).
        method: the Bot API method it strikes, ``file`` for downloads, ``webhook`` for deliveries, or any if empty.
        times: how often it strikes; 0 for ever.
        every: it strikes only every n-th time.
        is_after: delay, refuse or reset only after the method did its work: the bot does not learn that it did.
        delay_s: how long a request is held up, in seconds; no longer than its schedule is in force.
        retry_after: what a 429 tells, in seconds.
        status: the HTTP status of a 5xx or a refusal; 502 or 400 if absent.
        description: what a refusal says.
        chat_id: the chat it strikes, or any if 0.
        migrate_to_chat_id: the supergroup that a refusal says the group has become; none if 0.
    """

    kind: str
    method: str = ""
    times: int = 0
    every: int = 1
    is_after: bool = False
    delay_s: float = 1.0
    retry_after: int = 1
    status: int = 0
    description: str = "Bad Request"
    chat_id: int = 0
    migrate_to_chat_id: int = 0
    seen: int = 0
    struck: int = 0

    def strikes(self, method: str, chat_id: str) -> bool:
        """Whether it strikes this request; counts it."""
        is_meant = self.method in {"", method} and (not self.chat_id or chat_id == str(self.chat_id))
        if not is_meant or (self.times and self.struck >= self.times):
            return False
        self.seen += 1
        is_turn = self.seen % self.every == 0
        self.struck += is_turn
        return is_turn


class FaultSchedule:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._replaced = Pulse()

    def replace(self, faults: Sequence[Mapping[str, object]]) -> None:
        """Forget the faults so far, let go of what they hold up, and take these.

        Raises:
            ControlError: an unknown kind or a wrong value.
        """
        self._faults = [_fault(fault) for fault in faults]
        self._replaced.ring()

    def striking(self, method: str, *kinds: str, chat_id: str = "", is_after: bool = False) -> list[Fault]:
        """The faults of some kinds that strike this request, before or after its work."""
        meant = [fault for fault in self._faults if fault.kind in kinds and fault.is_after == is_after]
        return [fault for fault in meant if fault.strikes(method, chat_id)]

    async def hold(self, fault: Fault) -> None:
        """Return when a delay is over, or the schedule is replaced."""
        await self._replaced.wait(fault.delay_s)


def _fault(described: Mapping[str, object]) -> Fault:
    kind = str(described.get("kind"))
    if kind not in KINDS:
        raise ControlError(f"There is no kind of fault “{kind}”; there are {', '.join(sorted(KINDS))}.")
    if unknown := set(described) - _KEYS:
        raise ControlError(f"A fault has no “{min(unknown)}”.")
    is_after = bool(described.get("after")) and kind not in {"half_body", "duplicate_update"}  # these always are
    fault = Fault(kind, str(described.get("method") or ""), is_after=is_after)
    fault.description = str(described.get("description") or fault.description)
    for name in _NUMBERS:
        value = described.get(name)
        if value is None:
            continue
        least = {"every": 1, "chat_id": -inf, "migrate_to_chat_id": -inf}.get(name, 0)
        if not isinstance(value, int | float) or value < least:
            raise ControlError(f"“{name}” must be a positive number.")
        setattr(fault, name, value if name == "delay_s" else int(value))
    if fault.chat_id and (kind == "duplicate_update" or fault.method in _OF_NO_CHAT):
        raise ControlError("What is of no chat strikes in none.")
    return fault
