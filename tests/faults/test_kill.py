"""Killed at every step of storing a piece, doing a job and making a package: nothing lost, the next start goes on."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from broadcast_service.services import due, jobs
from broadcast_service.storage.tables import Job, Package, Piece, Rendition
from tests.faults.worker import open_folder

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
POINTS = [
    "blob.opened",
    "blob.half-written",
    "blob.before-sync",
    "blob.synced",
    "blob.renamed",
    "blob.folder-synced",
    "piece.before-commit",
    "piece.committed",
    "rendition.before-commit",
    "job.claimed",
    "job.done",
    "job.before-commit",
    "job.committed",
    "package.before-insert",
    "package.inserted",
]


def run(folder: Path, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.worker", str(folder)],
        cwd=ROOT,
        env=os.environ | {"FAILPOINT": failpoint},
        capture_output=True,
        text=True,
        timeout=60,
    )


def let_leases_run_out(folder: Path) -> None:
    """As half a minute of waiting would."""
    studio = open_folder(folder)
    with studio.database.transaction() as session:
        session.execute(
            update(Job).where(Job.state == "leased").values(lease_until=studio.now() - timedelta(seconds=1))
        )
    studio.close()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_this_point_the_next_start_goes_on(tmp_path: Path, point: str) -> None:
    killed = run(tmp_path, failpoint=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert_nothing_is_broken(tmp_path)

    let_leases_run_out(tmp_path)
    second = run(tmp_path)
    assert second.stdout.strip() == "ready=1 packages=1", second.stderr
    assert_nothing_is_broken(tmp_path)
    assert list((tmp_path / "audio").rglob("*.tmp")) == []


def test_words_that_kill_every_worker_are_given_up_with_a_sentence(tmp_path: Path) -> None:
    for _ in range(4):
        assert run(tmp_path, failpoint="piece.before-commit").returncode == -signal.SIGKILL
        let_leases_run_out(tmp_path)
    assert "ready=0" in run(tmp_path).stdout

    studio = open_folder(tmp_path)
    due.sweep(studio)
    with studio.database.reading() as session:
        rendition = session.scalars(select(Rendition)).one()
        assert (rendition.state, rendition.error) == ("failed", jobs.CRASHED)
        assert "Hãy" in rendition.error
    studio.close()
    assert_nothing_is_broken(tmp_path)


def assert_nothing_is_broken(folder: Path) -> None:
    studio = open_folder(folder)
    with studio.database.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        for blob in session.scalars(select(Piece.blob)):
            assert studio.blobs.is_whole(blob)
        for path in studio.blobs.folder.rglob("*.mp3"):
            assert studio.blobs.is_whole(path.parent.name + path.stem), "a partial file has a final name"
        for rendition in session.scalars(select(Rendition).where(Rendition.state == "ready")):
            assert rendition.pieces
        numbers = list(session.scalars(select(Package.number)))
        assert numbers == list(range(1, len(numbers) + 1))
        assert session.query(Job).filter(Job.kind == jobs.RENDER, Job.idem_key.is_not(None)).count() <= 1
    studio.close()
