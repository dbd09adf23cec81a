"""A full disk, a lost folder of sound, and a clock that is a day off."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcast_service.pool import run_one
from broadcast_service.services import due, first_start, renditions, units
from broadcast_service.storage.tables import AsRunEntry, Broadcast, Job, Piece, Rendition, Slot
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock

pytestmark = pytest.mark.faults


def wish(studio: Studio, text: str = "Kính chào bà con.") -> int:
    with studio.database.transaction() as session:
        rendition = renditions.want_rendition(
            session, studio.default_voice, [text], due_at=studio.now(), now=studio.now()
        )
        return rendition.id


def state(studio: Studio, rendition_id: int) -> str:
    with studio.database.reading() as session:
        return session.get_one(Rendition, rendition_id).state


def test_a_disk_full_while_rendering_leaves_no_file_and_is_tried_again(
    studio: Studio, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendition_id = wish(studio)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert run_one(studio, owner="test")
    assert state(studio, rendition_id) == "wanted"
    assert [path for path in studio.blobs.folder.rglob("*") if path.is_file()] == []
    with studio.database.reading() as session:
        assert "đĩa đầy" in session.scalars(select(Job.error)).one()

    clock.forward(seconds=11)
    assert run_one(studio, owner="test")
    assert state(studio, rendition_id) == "ready"


def test_a_lost_folder_of_sound_is_rendered_again(studio: Studio) -> None:
    rendition_id = wish(studio)
    while run_one(studio, owner="test"):
        pass
    shutil.rmtree(studio.settings.audio_dir)
    studio.settings.audio_dir.mkdir()

    assert renditions.restore_lost(studio) == 1
    assert state(studio, rendition_id) == "wanted"
    while run_one(studio, owner="test"):
        pass
    assert state(studio, rendition_id) == "ready"
    with studio.database.reading() as session:
        assert all(studio.blobs.is_whole(blob) for blob in session.scalars(select(Piece.blob)))


def test_a_voice_that_always_fails_ends_in_a_dead_job_and_a_failed_rendition(
    studio: Studio, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broadcast_service.errors import EngineError

    def hoarse(*_: object) -> None:
        raise EngineError("no sound today", retryable=True)

    rendition_id = wish(studio)
    monkeypatch.setattr(type(studio.default_voice), "speak", hoarse)
    for _ in range(4):
        assert run_one(studio, owner="test")
        clock.forward(minutes=10)
    assert not run_one(studio, owner="test")
    assert state(studio, rendition_id) == "failed"


@pytest.fixture
def planned(studio: Studio, tmp_path: Path) -> Studio:
    """Stations, slots and four weeks of broadcasts, but no scripts."""
    from broadcast_service.services.first_start import add_first_slots

    with studio.database.transaction() as session:
        units.seed(session)
    add_first_slots(studio)
    due.materialise(studio)
    return studio


def test_a_clock_a_day_ahead_and_back_loses_and_doubles_nothing(planned: Studio, clock: StoppedClock) -> None:
    def rows() -> int:
        with planned.database.reading() as session:
            return session.scalar(select(func.count(Broadcast.id))) or 0

    before = rows()
    clock.forward(days=1)
    due.materialise(planned)
    ahead = rows()
    clock.forward(days=-2)
    due.materialise(planned)
    due.want_packages(planned)
    due.sweep(planned)
    clock.forward(days=1)
    due.materialise(planned)

    assert before > 0
    with planned.database.reading() as session:
        doubled = session.execute(
            select(Broadcast.slot_id)
            .group_by(Broadcast.slot_id, Broadcast.station_id, Broadcast.local_date)
            .having(func.count() > 1)
        ).all()
    assert not doubled
    assert rows() >= ahead


def test_what_passed_while_the_machine_was_off_is_marked_missed_once(planned: Studio, clock: StoppedClock) -> None:
    clock.forward(days=3)
    due.materialise(planned)
    due.mark_missed(planned)
    due.mark_missed(planned)

    with planned.database.reading() as session:
        passed = session.scalar(select(func.count(Broadcast.id)).where(Broadcast.starts_at < clock.now.replace(hour=0)))
        entries = session.scalars(select(AsRunEntry)).all()
    assert passed
    assert {entry.outcome for entry in entries} == {"missed"}
    assert {entry.reason for entry in entries} == {"unprepared"}
    assert len({entry.broadcast_id for entry in entries}) == len(entries) > 0


def test_preparing_twice_changes_nothing(studio: Studio) -> None:
    from dataclasses import replace

    empty = replace(studio, settings=replace(studio.settings, scripts_dir=studio.settings.data_dir / "none"))
    empty.settings.scripts_dir.mkdir()
    first_start.prepare(empty)
    with studio.database.reading() as session:
        before = [session.scalar(select(func.count()).select_from(table)) for table in (Broadcast, Slot, Piece)]
    first_start.prepare(empty)
    with studio.database.reading() as session:
        after = [session.scalar(select(func.count()).select_from(table)) for table in (Broadcast, Slot, Piece)]
    assert before == after
