"""Files in other forms: what makes another file of them, what is promised of them, what a full disk leaves of them."""

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from broadcast_service.errors import EngineError
from broadcast_service.pool import run_one
from broadcast_service.services import due, encodings, jobs, listening, packages
from broadcast_service.services.listening import Tape
from broadcast_service.storage.tables import Broadcast, Encoding, Job, Piece
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, Day, plan_day, speak_all
from tests.faults.test_full_disk import Disk, Open, disk, open_on

__all__ = ["disk", "open_on"]

ROOT = Path(__file__).parents[2]


def tape_of(studio: Studio, broadcast_id: int) -> Tape:
    with studio.database.reading() as session:
        return listening.tape_of_broadcast(session, studio, session.get_one(Broadcast, broadcast_id))


def want(studio: Studio, tape: Tape, kind: str) -> str:
    with studio.database.transaction() as session:
        return encodings.want(session, studio, tape, kind).key


def work(studio: Studio) -> None:
    while run_one(studio, owner="test", kind=jobs.ENCODE):
        pass


def row(studio: Studio, key: str) -> Encoding:
    with studio.database.reading() as session:
        return session.get_one(Encoding, key)


def content(studio: Studio, key: str) -> bytes:
    return b"".join(encodings.content(row(studio, key)).read(studio.blobs.read_checked))


@pytest.fixture
def fresh_makers() -> Iterator[Callable[[], None]]:
    """Forget what the encoders were; also at the end."""
    yield encodings._maker.cache_clear
    encodings._maker.cache_clear()


@pytest.mark.parametrize("kind", sorted(encodings.KINDS))
def test_another_encoder_makes_another_file(
    studio: Studio, day: Day, monkeypatch: pytest.MonkeyPatch, fresh_makers: Callable[[], None], kind: str
) -> None:
    tape = tape_of(studio, day.broadcast_ids[0])
    key = want(studio, tape, kind)
    assert want(studio, tape, kind) == key
    monkeypatch.setattr(encodings, "version", lambda package: f"{package} of tomorrow")
    fresh_makers()
    with studio.database.reading() as session:
        assert encodings.find(session, tape, kind) is None
    assert want(studio, tape, kind) != key


def test_other_settings_make_another_file(
    studio: Studio, day: Day, monkeypatch: pytest.MonkeyPatch, fresh_makers: Callable[[], None]
) -> None:
    from dataclasses import replace

    from broadcast_service.audio import phones

    tape = tape_of(studio, day.broadcast_ids[0])
    opus, m4a = want(studio, tape, "ogg"), want(studio, tape, "m4a")
    monkeypatch.setattr(phones, "OPUS", replace(phones.OPUS, bit_rate=24_000))
    fresh_makers()
    assert want(studio, tape, "ogg") != opus
    assert want(studio, tape, "m4a") == m4a


def told(wav: bytes) -> tuple[str, float]:
    """(date and time of origin, hour of the first sample by the count of samples since midnight) in the bext chunk."""
    assert wav[12:16] == b"bext"
    return wav[340:358].decode(), struct.unpack_from("<Q", wav, 358)[0] / 48_000 / 3_600


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_broadcast_for_a_studio_originates_on_its_own_day_at_its_own_hour(
    studio: Studio, day: Day, is_packed: bool
) -> None:
    if is_packed:
        packages.make_package(studio, day.code, DAY)
    keys = [want(studio, tape_of(studio, broadcast_id), "wav") for broadcast_id in day.broadcast_ids]
    work(studio)
    assert [told(content(studio, key)) for key in keys] == [("2026-11-2405:30:00", 5.5), ("2026-11-2417:00:00", 17.0)]


def test_a_script_for_a_studio_originates_when_it_was_asked_for(studio: Studio, day: Day) -> None:
    with studio.database.reading() as session:
        rendition = session.get_one(Broadcast, day.broadcast_ids[0]).cues[2].rendition
        revision = session.get_one(Broadcast, day.broadcast_ids[0]).cues[2].revision
        assert revision
        tape = listening.tape_of_script(studio, rendition, revision)
    key = want(studio, tape, "wav")
    work(studio)
    assert told(content(studio, key)) == ("2026-11-2403:00:00", 0.0)


def made_before(studio: Studio, kind: str, length_s: int, took_s: float, number: int) -> None:
    with studio.database.transaction() as session:
        asked_at = studio.now() - timedelta(hours=number)
        session.add(
            Encoding(
                key=f"{kind}{number}",
                kind=kind,
                recipe={},
                state="ready",
                length_ms=1_000 * length_s,
                asked_at=asked_at,
                ready_at=asked_at + timedelta(seconds=took_s),
            )
        )


def outlook(studio: Studio, key: str) -> encodings.Outlook:
    with studio.database.reading() as session:
        return encodings.outlook(session, studio, session.get_one(Encoding, key))


def test_what_is_promised_is_learned_from_the_last_files_of_the_kind(
    studio: Studio, day: Day, clock: StoppedClock
) -> None:
    tape = tape_of(studio, day.broadcast_ids[0])
    length_s = tape.length_ms / 1_000
    key = want(studio, tape, "ogg")
    assert outlook(studio, key).expected_s == -int(-(1 + length_s / encodings.KINDS["ogg"].speed) // 1)
    for number, took_s in enumerate((600, 601, 599, 5, 7_000), 1):  # one second of sound a second, but for two
        made_before(studio, "ogg", 600, took_s, number)
    made_before(studio, "m4a", 600, 6_000, 9)
    assert outlook(studio, key).expected_s == pytest.approx(1 + length_s, abs=1.1)

    clock.forward(seconds=5)
    assert outlook(studio, key).left_s == outlook(studio, key).expected_s - 5
    clock.forward(minutes=5)
    assert outlook(studio, key).left_s == 0


def test_what_was_asked_for_before_is_waited_for_too(studio: Studio, day: Day, clock: StoppedClock) -> None:
    first, second = (tape_of(studio, broadcast_id) for broadcast_id in day.broadcast_ids)
    alone = outlook(studio, want(studio, first, "ogg"))
    clock.forward(seconds=1)
    for number in range(3):
        made_before(studio, "m4a", 100, 100, number)
    want(studio, first, "m4a")
    clock.forward(seconds=1)
    key = want(studio, second, "ogg")
    assert alone.ahead == 0
    assert outlook(studio, key).ahead == 2
    assert outlook(studio, key).expected_s > alone.expected_s + first.length_ms / 1_000 - 2


@pytest.mark.faults
@pytest.mark.parametrize("kind", sorted(encodings.KINDS))
def test_a_disk_that_is_full_ends_in_a_sentence_and_leaves_no_file(
    disk: Disk, open_on: Open, clock: StoppedClock, kind: str
) -> None:
    studio = open_on(audio=disk.folder)
    day = plan_day(studio)
    speak_all(studio)
    with studio.database.reading() as session:
        named = set(session.scalars(select(Piece.blob)))
    key = want(studio, tape_of(studio, day.broadcast_ids[0]), kind)
    disk.leave(40_960)
    for tries in range(1, 5):
        work(studio)
        assert "đĩa đầy" in row(studio, key).error, f"try {tries}"
        assert row(studio, key).state == ("wanted" if tries < 4 else "failed")
        assert stored(studio) == named
        assert list(studio.settings.data_dir.glob("dang-ma-hoa-*")) == []
        clock.forward(minutes=6)

    disk.empty()
    assert want(studio, tape_of(studio, day.broadcast_ids[0]), kind) == key
    work(studio)
    assert (row(studio, key).state, row(studio, key).error) == ("ready", "")
    assert len(content(studio, key)) == encodings.content(row(studio, key)).size


@pytest.mark.faults
@pytest.mark.parametrize("kind", sorted(encodings.KINDS))
def test_a_full_disk_under_the_file_in_the_making_is_told_too(
    disk: Disk, open_on: Open, clock: StoppedClock, kind: str
) -> None:
    studio = open_on(data=disk.folder)
    day = plan_day(studio)
    speak_all(studio)
    tape = tape_of(studio, day.broadcast_ids[0])
    before = stored(studio)
    key = want(studio, tape, kind)
    disk.leave(65_536)
    work(studio)
    assert "đĩa đầy" in row(studio, key).error
    assert str(studio.settings.data_dir) in row(studio, key).error
    assert stored(studio) == before
    assert list(studio.settings.data_dir.glob("dang-ma-hoa-*")) == []
    disk.empty()
    clock.forward(seconds=11)
    work(studio)
    assert row(studio, key).state == "ready"


@pytest.mark.faults
def test_a_file_of_many_parts_is_kept_whole_or_not_at_all(
    disk: Disk, open_on: Open, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encodings, "PART_BYTES", 1 << 18)
    studio = open_on(audio=disk.folder)
    day = plan_day(studio)
    speak_all(studio)
    before = stored(studio)
    key = want(studio, tape_of(studio, day.broadcast_ids[0]), "wav")
    disk.leave((3 << 18) + 65_536)
    work(studio)
    assert row(studio, key).state == "wanted"
    assert stored(studio) == before
    disk.empty()
    clock.forward(seconds=11)
    work(studio)
    assert len(stored(studio) - before) > 4, "or the test shows nothing"


def stored(studio: Studio) -> set[str]:
    """All files of the blob store, by the hash in their name; half-written ones by their name."""
    return {
        path.parent.name + path.stem if path.suffix == ".mp3" else path.name
        for path in studio.blobs.folder.rglob("*")
        if path.is_file()
    }


def test_what_went_wrong_is_told_while_it_is_tried_again(
    studio: Studio, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> list[object]:
        raise EngineError("libopus: went mad", retryable=True)

    key = want(studio, tape_of(studio, day.broadcast_ids[0]), "ogg")
    monkeypatch.setattr(encodings, "_encode", fail)
    work(studio)
    assert row(studio, key).state == "wanted"
    assert "trục trặc" in row(studio, key).error
    assert "libopus" not in row(studio, key).error
    with studio.database.reading() as session:
        assert "libopus" in session.scalars(select(Job.error).where(Job.kind == jobs.ENCODE)).one()


def test_what_a_killed_worker_left_goes_after_a_day(studio: Studio, clock: StoppedClock) -> None:
    old, new = studio.settings.data_dir / "dang-ma-hoa-1", studio.settings.data_dir / "dang-ma-hoa-2"
    for folder, hours in ((old, 25), (new, 1)):
        folder.mkdir()
        (folder / "tep.ogg").write_bytes(b"half")
        moment = (clock.now - timedelta(hours=hours)).timestamp()
        os.utime(folder, (moment, moment))
    encodings.forget_unwanted(studio)
    assert [path.exists() for path in (old, new)] == [False, True]
    assert Path(new / "tep.ogg").read_bytes() == b"half"


def make_apart(studio: Studio, failpoint: str = "") -> int:
    """Make what is wanted in a process of its own, which may be killed; its return code."""
    folders = [studio.settings.data_dir, studio.settings.audio_dir]
    command = [sys.executable, "-m", "tests.services.encode_folder", *map(str, folders)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"FAILPOINT": failpoint}, timeout=60).returncode


def let_leases_run_out(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Job).where(Job.state == "leased").values(lease_until=studio.now() - timedelta(days=1)))


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("point", ["blob.half-written", "blob.renamed", "encoding.written", "encoding.before-commit"])
@pytest.mark.parametrize("kind", ["ogg", "wav"])
def test_killed_at_this_point_the_file_is_made_by_the_next(studio: Studio, day: Day, kind: str, point: str) -> None:
    if not studio.database.is_sqlite:
        pytest.skip("the second process opens the folder")
    key = want(studio, tape_of(studio, day.broadcast_ids[0]), kind)
    assert make_apart(studio, failpoint=point) == -signal.SIGKILL
    assert row(studio, key).state == "wanted"
    assert all(studio.blobs.is_whole(name) for name in stored(studio) if not name.endswith(".tmp"))
    let_leases_run_out(studio)
    assert make_apart(studio) == 0
    assert row(studio, key).state == "ready"
    assert content(studio, key)[:4] == {"ogg": b"OggS", "wav": b"RIFF"}[kind]


@pytest.mark.faults
@pytest.mark.slow
def test_a_file_that_kills_every_worker_is_given_up_with_a_sentence(studio: Studio, day: Day) -> None:
    if not studio.database.is_sqlite:
        pytest.skip("the second process opens the folder")
    key = want(studio, tape_of(studio, day.broadcast_ids[0]), "ogg")
    for _ in range(4):
        due.sweep(studio)
        assert row(studio, key).state == "wanted", "it will be tried again"
        assert make_apart(studio, failpoint="encoding.written") == -signal.SIGKILL
        let_leases_run_out(studio)
    due.sweep(studio)
    assert row(studio, key).state == "failed"
    assert row(studio, key).error == jobs.CRASHED
    assert want(studio, tape_of(studio, day.broadcast_ids[0]), "ogg") == key
    work(studio)
    assert row(studio, key).state == "ready", "whoever asks again has it tried again"
