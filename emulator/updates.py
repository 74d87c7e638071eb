"""Updates that wait for the bot, and how it fetches them by long polling."""

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from typing import TypeAlias

from emulator.errors import BotApiError
from emulator.objects import Json, JsonObject
from emulator.pulse import Pulse
from emulator.store import Store

FIRST_UPDATE_ID = 100_000_001
LONG_POLL_MAX_S = 50
_UPDATE_IDS = 900_000_000  # among which the number after a quiet week is chosen
MAX_AHEAD = 10  # how far beyond the next update an offset may be: Telegram's server takes others for no offset
Line: TypeAlias = tuple[int, str]
"""Updates brought to a webhook in order: the presses of a chat, its changes of members, or whatever else it has."""
_OWN_LINE = "CASE WHEN kind IN ('callback_query', 'my_chat_member') THEN kind ELSE 'message' END"
# Telegram sends these only to bots that ask for them by name.
_ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class UpdateQueue:
    """Updates not yet confirmed by the bot, oldest first; pressed buttons are soon forgotten.

    Args:
        store: keeps them.
        clock: seconds since 1970.
        press_kept_s: see Settings.
    """

    def __init__(self, store: Store, clock: Callable[[], float], press_kept_s: float) -> None:
        self._store = store
        self._clock = clock
        self._press_kept_s = press_kept_s
        self._poller: object = None
        self._is_closed = False
        self.pulse = Pulse()
        self.rerouted = Pulse()  # rung when the webhook is set or deleted
        self.repeats = 0  # how many confirmations to lose, so that updates come twice (a fault)

    def put(self, kind: str, chat_id: int, body: Json) -> int | None:
        """Queue an update unless the bot asked not to get its kind; returns its id."""
        if not self.is_allowed(kind):
            return None
        update_id = self._store.next_number("next_update_id", FIRST_UPDATE_ID)
        update: JsonObject = {"update_id": update_id, kind: body}
        self._store.run("INSERT INTO updates VALUES (?, ?, ?, ?)", update_id, chat_id, json.dumps(update), kind)
        self.pulse.ring()
        return update_id

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Remember which kinds of updates to make from now on; None changes nothing, [] means the default."""
        if kinds is not None:
            self._store.remember("allowed_updates", list(kinds))

    @property
    def allowed(self) -> list[str]:
        """The kinds asked for; empty for Telegram's default."""
        return list(self._store.fact("allowed_updates", []))

    def is_allowed(self, kind: str) -> bool:
        """Whether updates of this kind are made."""
        return kind in self.allowed if self.allowed else kind not in _ONLY_ON_REQUEST

    def pending(self, limit: int) -> list[JsonObject]:
        """The oldest updates."""
        return self._in_time("SELECT body FROM updates ORDER BY update_id LIMIT ?", limit)

    def pending_of(self, line: Line) -> JsonObject | None:
        """The oldest update of a line."""
        sql = f"SELECT body FROM updates WHERE chat_id = ? AND {_OWN_LINE} = ? ORDER BY update_id LIMIT 1"  # noqa: S608 - no input
        return next(iter(self._in_time(sql, *line)), None)

    def _in_time(self, sql: str, *values: object) -> list[JsonObject]:
        """What a query finds, asked again as long as there are presses that came too late among it."""
        while True:
            found = [json.loads(body) for (body,) in self._store.rows(sql, *values)]
            late = [update for update in found if self._is_late(update)]
            if not late:
                return found
            for update in late:
                self.drop(update["update_id"])

    def _is_late(self, update: JsonObject) -> bool:
        if "callback_query" not in update:
            return False
        row = self._store.row("SELECT asked_at FROM callbacks WHERE id = ?", update["callback_query"]["id"])
        return row is not None and self._clock() > row[0] + self._press_kept_s

    def waiting_lines(self) -> list[Line]:
        """The lines in which updates stand."""
        return list(self._store.rows(f"SELECT DISTINCT chat_id, {_OWN_LINE} FROM updates"))  # noqa: S608 - no input

    def pending_count(self) -> int:
        """How many updates wait."""
        return int(self._store.rows("SELECT count(*) FROM updates")[0][0])

    def drop(self, update_id: int) -> None:
        """Forget one update."""
        self._store.run("DELETE FROM updates WHERE update_id = ?", update_id)

    def drop_all(self) -> None:
        """Forget everything that waits."""
        self._store.run("DELETE FROM updates")

    def begin_anew(self, next_update_id: int | None) -> int:
        """Count from another number, as Telegram does after a week without updates; returns it.

        Args:
            next_update_id: the number; None for any. What waits is forgotten: Telegram keeps nothing that long.
        """
        number = next_update_id or FIRST_UPDATE_ID + secrets.randbelow(_UPDATE_IDS)
        with self._store.together():
            self.drop_all()
            self._store.remember("next_update_id", number)
        return number

    def confirm(self, offset: int) -> None:
        """Forget updates before `offset`, none if that is far ahead; a negative one keeps so many of the latest."""
        if offset > 0 and self.repeats > 0:
            self.repeats -= 1
        elif offset > self._store.fact("next_update_id", FIRST_UPDATE_ID) + MAX_AHEAD:
            return
        elif offset > 0:
            self._store.run("DELETE FROM updates WHERE update_id < ?", offset)
        elif offset < 0:
            latest = "SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?"
            self._store.run(f"DELETE FROM updates WHERE update_id NOT IN ({latest})", -offset)  # noqa: S608 - no input

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[JsonObject]:
        """What getUpdates answers: waits until there is an update or the time is over.

        Raises:
            BotApiError: 409 when another poller or a webhook takes over meanwhile.
        """
        self.interrupt(
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        me = self._poller = _Poller()
        deadline = asyncio.get_running_loop().time() + timeout_s
        self.confirm(offset)
        while not me.interruption:
            left_s = deadline - asyncio.get_running_loop().time()
            found = self.pending(limit)
            if found or left_s <= 0 or self._is_closed:
                self._poller = None
                return found
            await self.pulse.wait(left_s)
        raise BotApiError(409, me.interruption)

    def interrupt(self, reason: str) -> None:
        """End the long poll under way with a 409."""
        if isinstance(self._poller, _Poller):
            self._poller.interruption = reason
            self.pulse.ring()

    def reroute(self) -> None:
        """Note that the webhook was set or deleted."""
        self.rerouted.ring()
        self.pulse.ring()

    def close(self) -> None:
        """Let a long poll under way answer at once."""
        self._is_closed = True
        self.pulse.ring()


class _Poller:
    """One getUpdates request that waits."""

    interruption = ""
