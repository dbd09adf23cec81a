"""Every benchmark runs and tells its figures in one form. Whether a limit is kept is for its own exit code to say."""

import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
FIELDS = {
    "what": str,
    "value": (int, float),
    "unit": str,
    "beside": str,
    "ratio": (int, float),
    "limit": str,
    "ok": bool,
}
NEEDS = {"assembly": "ffmpeg", "rendering": "ffmpeg"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


def rows_of(name: str) -> tuple[list[dict[str, object]], bool]:
    """The rows, and whether all was here that it compares with."""
    if name in NEEDS and shutil.which(NEEDS[name]) is None:
        pytest.skip(f"{name}.py compares with what needs {NEEDS[name]}")
    run = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", "--quick", "--json"], capture_output=True, text=True, timeout=400
    )
    assert "Traceback" not in run.stderr, run.stderr
    rows: list[dict[str, object]] = json.loads(run.stdout)
    is_whole = "not installed" not in run.stderr  # a comparison that could not be made is a limit missed
    assert run.returncode == (0 if is_whole and all(row["ok"] for row in rows) else 1)
    return rows, is_whole


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_and_its_rows_are_whole(name: str) -> None:
    rows, is_whole = rows_of(name)
    assert len(rows) >= 5
    for row in rows:
        assert set(row) == set(FIELDS), row
        for field, kind in FIELDS.items():
            assert isinstance(row[field], kind), row
            assert field == "ok" or not isinstance(row[field], bool), row
        assert row["what"], row
        assert all(math.isfinite(float(str(row[field]))) for field in ("value", "ratio")), row
        assert not row["limit"] or re.fullmatch(r"[≤≥<>] [\d.,]+.*", str(row["limit"])), row
    assert [row for row in rows if row["limit"]], "it promises nothing"
    assert not is_whole or [row for row in rows if row["beside"]], "it compares with nothing"


def test_every_benchmark_stands_in_the_list_with_its_limits() -> None:
    told = (FOLDER / "README.md").read_text("utf-8")
    assert [name for name in NAMES if f"| `{name}.py` |" not in told] == []
    assert len(NAMES) >= 4
