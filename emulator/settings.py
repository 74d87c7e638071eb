"""What can be tightened or loosened about the emulated Telegram."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages a bot may send before it is told to wait.

    Telegram documents about 30 messages a second in all, about one a second in one chat with short bursts tolerated,
    and 20 a minute in a group, but not the exact algorithm. Token buckets with these sizes are an approximation: a
    bucket holds the burst and refills at the rate.

    Args:
        per_second: messages (and edits) a second in all chats; also the burst.
        chat_per_second: messages a second in one private chat.
        chat_burst: messages that one chat may get at once.
        group_per_minute: messages a minute in one group; also the burst.
    """

    per_second: float = 30
    chat_per_second: float = 1
    chat_burst: float = 20
    group_per_minute: float = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """The emulated Telegram's constants.

    Args:
        limits: how fast a bot may send.
        callback_timeout_s: how long a pressed button waits for answerCallbackQuery.
        press_kept_s: how long a pressed button waits for a bot that is away (Telegram's server: 150 s; a message 24 h).
        webhook_retry_s: the unit of the growing waits between attempts to deliver to a webhook (Telegram: 1 s).
        has_privacy_mode: whether the bot sees only commands and replies to it in groups, Telegram's default.
    """

    limits: Limits = field(default_factory=Limits)
    callback_timeout_s: float = 15
    press_kept_s: float = 150
    webhook_retry_s: float = 1
    has_privacy_mode: bool = True
