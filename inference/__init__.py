"""From the bytes of a photo to an Assessment. Knows nothing of Telegram, SQL or asyncio."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before onnxruntime is loaded, or it tells Microsoft of its use
