"""What the Bot API answers when it refuses a request."""

from emulator.objects import JsonObject


class BotApiError(Exception):
    """A request that the Bot API refuses.

    Args:
        status: the HTTP status, also sent as ``error_code``.
        description: the sentence sent to the bot, with its prefix ("Bad Request: ...").
        parameters: machine-readable hints, such as ``retry_after`` in seconds.
    """

    def __init__(self, status: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters or {}

    @property
    def body(self) -> JsonObject:
        """The answer's JSON."""
        answer: JsonObject = {"ok": False, "error_code": self.status, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


class ControlError(Exception):
    """Something a person can't do, with the sentence that says why."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def bad_request(reason: str) -> BotApiError:
    """A 400 with Telegram's prefix."""
    return BotApiError(400, f"Bad Request: {reason}")


def too_many_requests(retry_after_s: int) -> BotApiError:
    """A 429 that tells after how many seconds to try again."""
    return BotApiError(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})
