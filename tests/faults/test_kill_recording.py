"""Killed at every step while a recording comes in: nothing damaged, nothing half, and the second time it is there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcast_service.services import taking_in
from broadcast_service.storage.tables import Recording, Rendition
from tests.audio.files import encoded, written
from tests.faults.take_in import TEXT
from tests.faults.test_kill import ROOT, assert_nothing_is_broken
from tests.faults.worker import open_folder
from tests.services.test_recordings import speech

pytestmark = [pytest.mark.faults, pytest.mark.slow]

BEFORE = [
    "blob.opened",
    "blob.half-written",
    "blob.before-sync",
    "blob.synced",
    "blob.renamed",
    "piece.before-commit",
    "piece.committed",
    "recording.mastered",
    "recording.original-kept",
    "recording.before-commit",
]


def run(folder: Path, file: Path, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.take_in", str(folder), str(file)],
        cwd=ROOT,
        env=os.environ | {"FAILPOINT": failpoint},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("point", [*BEFORE, "recording.committed"])
def test_killed_at_this_point_the_next_time_it_is_there(tmp_path: Path, point: str) -> None:
    file = written(tmp_path, encoded(speech(*TEXT.split("\n\n")), "flac"))
    killed = run(tmp_path, file, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert_nothing_is_broken(tmp_path)
    assert count(tmp_path) == (0 if point in BEFORE else 1)

    second = run(tmp_path, file)

    assert second.stdout.strip() == "pieces=2", second.stderr
    assert_nothing_is_broken(tmp_path)
    assert count(tmp_path) == 1
    studio = open_folder(tmp_path)
    with studio.database.reading() as session:
        assert taking_in.originals(studio).is_whole(session.scalars(select(Recording.original)).one())
        assert session.scalar(select(func.count(Rendition.id)).where(Rendition.voice == "human")) == 1
    studio.close()
    left = [path for path in (tmp_path / "data" / "recordings").rglob("*") if path.is_file()]
    assert [path.suffix for path in left] == [".original"]


def count(folder: Path) -> int:
    studio = open_folder(folder)
    with studio.database.reading() as session:
        found = session.scalar(select(func.count(Recording.id))) or 0
    studio.close()
    return found
