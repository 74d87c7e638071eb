"""How fast a bot may send: token buckets, see `settings.Limits`."""

import math

from emulator.settings import Limits


class _Bucket:
    """Holds at most `size` tokens and gets `per_second` new ones a second."""

    def __init__(self, size: float, per_second: float) -> None:
        self._size = size
        self._per_second = per_second
        self._tokens = size
        self._at = 0.0

    def wait_s(self, cost: float, now: float) -> float:
        """How long until there are `cost` tokens; 0 if there are."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (min(cost, self._size) - self._tokens) / self._per_second)

    def take(self, cost: float) -> None:
        """Use up tokens."""
        self._tokens -= cost


class SendingLimits:
    """Counts the bot's messages and edits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all = _Bucket(limits.per_second, limits.per_second)
        self._chats: dict[int, _Bucket] = {}

    def retry_after_s(self, chat_id: int, messages: int, now: float, *, is_edit: bool) -> int:
        """Count some messages to a chat; 0 if they may be sent, else after how many seconds to try again.

        Args:
            chat_id: negative for groups.
            messages: how many at once; an album has several.
            now: seconds on a clock that only goes forward.
            is_edit: edits count against the sum of all messages, not against the chat's.
        """
        buckets = [self._all] if is_edit else [self._all, self._bucket(chat_id)]
        wait_s = max(bucket.wait_s(messages, now) for bucket in buckets)
        if wait_s > 0:
            return math.ceil(wait_s)
        for bucket in buckets:
            bucket.take(messages)
        return 0

    def _bucket(self, chat_id: int) -> _Bucket:
        limits = self._limits
        if chat_id < 0:
            new = _Bucket(limits.group_per_minute, limits.group_per_minute / 60)
        else:
            new = _Bucket(limits.chat_burst, limits.chat_per_second)
        return self._chats.setdefault(chat_id, new)
