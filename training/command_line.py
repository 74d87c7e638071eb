"""What the scripts of this folder are told: folders first, then what else."""

import argparse
from pathlib import Path


def folders(documentation: str | None, *names: str) -> argparse.ArgumentParser:
    """Return a parser of these paths, in their order; its help is the documentation of the script, as it stands."""
    parser = argparse.ArgumentParser(description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in names:
        parser.add_argument(name, type=Path)
    return parser
