"""Where a service that runs as a process of its own keeps its things."""

import os
from pathlib import Path


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Environment of an installation in a folder, with blanks and Vietnamese letters in its paths, on any free port.

    settings: what else is set, or set otherwise.
    """
    return (
        os.environ
        | {
            "BROADCAST_DATA_DIR": str(folder / "dữ liệu"),
            "BROADCAST_AUDIO_DIR": str(folder / "âm thanh"),
            "BROADCAST_PORT": "0",
            "PYTHONUTF8": "1",
        }
        | settings
    )
