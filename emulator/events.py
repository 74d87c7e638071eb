"""What happened in the chats, in order, for the chat page and for tests that wait for an answer."""

import json

from emulator.objects import Json, JsonObject
from emulator.pulse import Pulse
from emulator.store import Store

_VISIBLE = """
SELECT seq, body FROM events WHERE seq > ? AND (user_id = ? OR (user_id IS NULL AND (chat_id = ?
    OR chat_id IN (SELECT group_id FROM members WHERE user_id = ?)))) ORDER BY seq
"""


class EventLog:
    """An ever-growing list of events, each seen by the people of its chat or by one person only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pulse = Pulse()
        self.is_closed = False

    def add(self, at: float, kind: str, chat_id: int, *, only_for: int | None = None, **fields: Json) -> None:
        """Something happened in a chat at `at` (seconds since 1970)."""
        body: JsonObject = {"at": at, "type": kind, "chat_id": chat_id, **fields}
        sql = "INSERT INTO events (chat_id, user_id, body) VALUES (?, ?, ?)"
        self._store.run(sql, chat_id, only_for, json.dumps(body))
        self._pulse.ring()

    @property
    def seq(self) -> int:
        """The number of the latest event."""
        (latest,) = self._store.rows("SELECT max(seq) FROM events")[0]
        return latest or 0

    def after(self, seq: int, user_id: int) -> list[JsonObject]:
        """Events later than `seq` that this person sees, oldest first."""
        rows = self._store.rows(_VISIBLE, seq, user_id, user_id, user_id)
        return [{"seq": number, **json.loads(body)} for number, body in rows]

    async def next_change(self, timeout_s: float) -> None:
        """Return when anything happens, or after `timeout_s` seconds."""
        await self._pulse.wait(timeout_s)

    def close(self) -> None:
        """Let everybody who waits look again, for the last time."""
        self.is_closed = True
        self._pulse.ring()
