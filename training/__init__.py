"""From the public data sets to models/. The only room that knows torch; nobody imports it."""

import inference  # noqa: F401 - it turns off what onnxruntime tells Microsoft, before onnxruntime is loaded
