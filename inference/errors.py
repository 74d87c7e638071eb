"""The tree of errors of this package. A photo that is merely poor is no error: see quality.py."""


class InferenceError(Exception):
    """Something went wrong between the photo's bytes and its assessment."""


class UnreadableImage(InferenceError):  # noqa: N818 - the name says what the patient hears
    """The bytes can't be read as a JPEG, PNG, WebP or HEIC image."""

    code = "unreadable"


class TruncatedImage(UnreadableImage):
    """The image ends before its last pixel."""

    code = "truncated"


class ImageTooLarge(UnreadableImage):
    """The image has more bytes or more pixels than are ever decoded."""

    code = "too_large"


class ModelMismatch(InferenceError):  # noqa: N818 - likewise
    """The networks and model.json do not belong together."""


class ModelMissing(InferenceError):  # noqa: N818 - likewise
    """There is no model where one was expected."""
