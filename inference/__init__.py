"""From the bytes of a photo to an Assessment. Knows nothing of Telegram, SQL or asyncio."""
