"""How fast and how well texts are read: our reader beside sea-g2p, vietnormalizer and num2words.

    pip install -r benchmarks/requirements.txt
    python benchmarks/reading.py [--quick] [--json]

Every figure comes from fresh processes, turn by turn, and medians are shown; a process reads the plan on one core.
Exit code 1 when a limit is missed or one of the other readers is not installed (ours is then measured alone).
"""

import importlib.util
import json
import operator
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ways import report

WAY = Path(__file__).parent / "ways" / "readers.py"
PEERS = {"sea-g2p": "sea_g2p", "vietnormalizer": "vietnormalizer", "num2words": "num2words"}

SPEED_LIMIT = 500_000
"""Characters a second on the plan, cold and warm, or as fast as the fastest other reader of more than numbers."""
MEMORY_LIMIT = 30.0
"""Megabytes over the interpreter, the plan read."""
IMPORT_LIMIT = 150.0
"""Milliseconds of one core until the reader is ready."""
TURNS = 5
HEADING = """“cold” is the first pass over the plan in a fresh process, after one sentence (“sentence”: its own time),
“warm” the best of the later ones; the ratio is ours to theirs"""


def asked(reader: str, task: str) -> object:
    """What one fresh process answers."""
    done = subprocess.run([sys.executable, WAY, reader, task], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def measure(readers: list[str], *, quick: bool) -> dict[tuple[str, str], float]:
    """Medians by reader and figure: cold, warm (characters/s), sentence, import (ms), memory (MB), cases (%)."""
    asked("ours", "import")  # compiles, and fills the page cache
    runs: dict[tuple[str, str], list[float]] = {}
    for turn in range(TURNS):
        for reader in readers:
            if turn and quick and reader != "ours":
                continue
            speed = asked(reader, "speed")
            assert isinstance(speed, dict)
            for name, value in speed.items():
                runs.setdefault((reader, name), []).append(value)
            for task in ("memory", "import"):
                value = asked(reader, task)
                assert isinstance(value, float)
                runs.setdefault((reader, task), []).append(value)
    for reader in readers:
        share = asked(reader, "cases")
        assert isinstance(share, float)
        runs[reader, "cases"] = [share]
    return {key: statistics.median(values) for key, values in runs.items()}


def rows_of(medians: dict[tuple[str, str], float], readers: list[str]) -> list[dict[str, object]]:
    """One row a figure of ours and, below it, ours beside each other reader's."""
    rows: list[dict[str, object]] = []

    def row(figure: str, unit: str, limit: str, is_kept: Callable[[float], bool]) -> None:
        ours = medians["ours", figure]
        rows.append(
            {"what": figure, "value": round(ours, 1), "unit": unit, "beside": "", "ratio": 1.0, "limit": limit,
             "ok": is_kept(ours)}
        )  # fmt: skip
        for reader in readers[1:]:
            theirs = medians[reader, figure]
            rows.append(
                {"what": figure, "value": round(theirs, 1), "unit": unit, "beside": reader,
                 "ratio": float(f"{ours / theirs:.3g}") if theirs else 0.0, "limit": "", "ok": True}
            )  # fmt: skip

    for figure in ("cold", "warm"):
        others = [medians[reader, figure] for reader in readers if reader in PEERS and reader != "num2words"]
        enough = min(SPEED_LIMIT, max(others, default=SPEED_LIMIT))
        row(figure, "chars/s", f"≥ {SPEED_LIMIT:,}", partial(operator.le, enough))
    row("sentence", "ms", "", lambda _: True)
    row("memory", "MB", f"≤ {MEMORY_LIMIT:g}", lambda megabytes: megabytes <= MEMORY_LIMIT)
    row("import", "ms", f"< {IMPORT_LIMIT:g}", lambda took: took < IMPORT_LIMIT)
    row("cases", "% right", "", lambda _: True)
    return rows


def main() -> int:
    options = report.asked("Read the plan and the cases with four readers.", quick="the other readers once, below 50 s")
    absent = [name for name, module in PEERS.items() if importlib.util.find_spec(module) is None]
    if absent:
        print(
            f"not installed: {', '.join(absent)}. For the comparison: pip install -r benchmarks/requirements.txt",
            file=sys.stderr,
        )
    readers = ["ours", *(name for name in PEERS if name not in absent)]
    rows = rows_of(measure(readers, quick=options.quick), readers)
    return report.tell(rows, as_json=options.json, heading=HEADING) or (1 if absent else 0)


if __name__ == "__main__":
    raise SystemExit(main())
