"""The Telegram side: from an update to an answer."""
