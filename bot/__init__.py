"""The Telegram side: from an update to an answer."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "true")  # python-telegram-bot: durations are timedeltas, as in its next version
