"""At which speed and pitch the embedded voices speak: as somebody has chosen, kept beside the models of others."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RATES, PITCHES = range(80, 301), range(100)
"""What espeak takes; the library itself refuses less than 80."""

_FILE = "espeak.json"


@dataclass(frozen=True)
class Manner:
    """In espeak's units."""

    rate: int = 150
    """About 200 syllables a minute with the pauses, the pace of an announcement."""
    pitch: int = 50
    """espeak's own middle."""

    @property
    def is_possible(self) -> bool:
        """Whether both are within what espeak takes."""
        return self.rate in RATES and self.pitch in PITCHES


def kept_manner(folder: Path) -> Manner | None:
    """What was chosen; None: nothing, or it can not be read any more."""
    try:
        manner = Manner(**json.loads((folder / _FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return manner if manner.is_possible else None


def keep_manner(folder: Path, manner: Manner | None) -> None:
    """Write down what was chosen, for all processes of the installation; None: forget it. Raises OSError."""
    path = folder / _FILE
    if manner is None:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{_FILE}.{os.getpid()}.tmp")
    with temporary.open("w") as file:
        json.dump(asdict(manner), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def last_change(folder: Path) -> tuple[int, int]:
    """Something that is another after each `keep_manner`."""
    try:
        found = (folder / _FILE).stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)
