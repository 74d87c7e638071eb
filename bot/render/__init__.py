"""What is known, in words and buttons. Pure: no Telegram, no clock, no files."""
