"""From Telegram to the handlers: stored before it is acknowledged, in order per chat."""
