"""Which network the workers load, by its name and its sum."""

import json
from dataclasses import dataclass
from pathlib import Path

from inference.errors import ModelMismatch, ModelMissing


@dataclass(frozen=True, slots=True)
class Network:
    """A network as its model.json has it."""

    name: str
    sha256: str


def network_in(model_dir: Path) -> Network:
    """Read who lies in a folder; whether the file beside it is that one is for the workers to check.

    Raises:
        ModelMissing: nobody does, or model.json can't be opened.
        ModelMismatch: what it says is no description of a network.
    """
    try:
        described = json.loads((model_dir / "model.json").read_text(encoding="utf-8"))
        return Network(str(described["name"]), str(described["onnx_sha256"]))
    except OSError as error:
        raise ModelMissing(f"There is no model: {error.filename} does not exist, or can't be read.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelMismatch(f"{model_dir}: model.json can't be read: {error!r}") from error
