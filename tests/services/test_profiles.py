"""Packages for horn loudspeakers: the same programmes to the frame, of pieces without what a horn can not play."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broadcast_service.audio.profiles import HORN
from broadcast_service.errors import EngineError, Invalid
from broadcast_service.pool import run_one
from broadcast_service.services import broadcasts, due, jobs, packages, profiles, renditions, sound_checks
from broadcast_service.storage.tables import Job, Package, Piece, Rendition, RenditionPiece, Sound, Station
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, Day, plan_day, speak_all


def choose(studio: Studio, profile: str, *, active: bool = True) -> None:
    with studio.database.transaction() as session:
        for station in session.scalars(select(Station)):
            station.profile, station.active, station.updated_at = profile, active, studio.now()


def pack(studio: Studio, day: Day) -> Package:
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


def blobs(studio: Studio, package: Package) -> set[str]:
    return {
        part.blob
        for file in packages.files(package)
        for part in packages.file_splice(package, file.name, studio).parts
        if not isinstance(part, bytes)
    }


def count(studio: Studio) -> int:
    with studio.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Piece)) or 0


def test_a_horn_station_gets_other_sound_of_the_same_length(studio: Studio, day: Day) -> None:
    plain = pack(studio, day)
    choose(studio, "loa")
    horn = pack(studio, day)
    assert horn.number == 2
    assert blobs(studio, plain).isdisjoint(blobs(studio, horn))
    told = json.loads(b"".join(packages.file_splice(horn, "manifest.json", studio).read(studio.blobs.read_checked)))
    assert {broadcast["profile"] for broadcast in told["broadcasts"]} == {"loa"}
    lengths = [(file.name, file.duration_ms, file.duration_ms and file.size) for file in packages.files(plain)]
    assert lengths == [(file.name, file.duration_ms, file.duration_ms and file.size) for file in packages.files(horn)]


def test_back_again_it_is_the_sound_it_was(studio: Studio, day: Day) -> None:
    plain = pack(studio, day)
    choose(studio, "loa")
    pack(studio, day)
    choose(studio, "web")
    assert pack(studio, day).content_hash == plain.content_hash


def test_each_piece_is_made_once_for_all_horn_stations(studio: Studio, day: Day) -> None:
    other = plan_day(studio, code="ninh-an")
    speak_all(studio)
    before = count(studio)
    choose(studio, "loa")
    pack(studio, day)
    first = count(studio)
    assert first > before
    pack(studio, other)
    with studio.database.reading() as session:
        theirs = set(session.scalars(select(RenditionPiece.piece_key))) | set(session.scalars(select(Sound.piece_key)))
    assert count(studio) <= before + len(theirs)


def test_what_is_spoken_anew_is_made_for_horns_at_once(studio: Studio) -> None:
    day = plan_day(studio)
    choose(studio, "loa")
    while run_one(studio, owner="test", kind=jobs.RENDER):
        pass
    with studio.database.reading() as session:
        pieces = list(session.scalars(select(Piece).join(RenditionPiece, RenditionPiece.piece_key == Piece.key)))
        assert set(profiles.of_pieces(session, pieces, HORN)) == {piece.key for piece in pieces}
    tunes = profiles.prepare_days(studio, [(day.code, DAY)])
    assert 0 < tunes <= 4


def test_without_a_horn_station_nothing_is_made_for_it(studio: Studio, day: Day) -> None:
    choose(studio, "loa", active=False)
    before = count(studio)
    with studio.database.reading() as session:
        ids = list(session.scalars(select(Rendition.id)))
    assert sum(profiles.prepare_rendition(studio, rendition_id) for rendition_id in ids) == 0
    assert count(studio) == before


def test_a_lost_file_is_made_again(studio: Studio, day: Day) -> None:
    choose(studio, "loa")
    horn = pack(studio, day)
    lost = sorted(blobs(studio, horn))[0]
    studio.blobs.path(lost).unlink()
    assert profiles.prepare_days(studio, [(day.code, DAY)]) == 1
    assert studio.blobs.is_whole(lost)


def test_a_lost_file_is_found_at_the_next_start(studio: Studio, day: Day) -> None:
    choose(studio, "loa")
    horn = pack(studio, day)
    lost = sorted(blobs(studio, horn))[0]
    studio.blobs.path(lost).unlink()
    assert renditions.restore_lost(studio) == 1
    assert blobs(studio, pack(studio, day)) == blobs(studio, horn)
    assert studio.blobs.path(lost).exists() or profiles.prepare_days(studio, [(day.code, DAY)]) == 1


def test_of_a_damaged_piece_nothing_is_made(studio: Studio, day: Day) -> None:
    choose(studio, "loa")
    with studio.database.reading() as session:
        blob = session.scalars(select(Piece.blob).join(RenditionPiece, RenditionPiece.piece_key == Piece.key)).first()
    assert blob is not None
    path = studio.blobs.path(blob)
    path.chmod(0o600)
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    before = count(studio)
    with pytest.raises(EngineError, match="damaged"):
        profiles.prepare_days(studio, [(day.code, DAY)])
    with studio.database.reading() as session:
        assert not profiles.of_pieces(session, session.scalars(select(Piece).where(Piece.blob == blob)), HORN)
    assert count(studio) >= before


def test_a_profile_that_no_station_can_play_is_refused() -> None:
    for name in ("tinh", "fm", ""):
        with pytest.raises(Invalid) as mistake:
            profiles.chosen(name)
        assert mistake.value.field == "profile"


def test_changing_a_station_makes_its_coming_days_anew(studio: Studio, clock: StoppedClock, day: Day) -> None:
    with studio.database.transaction() as session:
        for job in session.scalars(select(Job)):
            session.delete(job)
    clock.forward(seconds=15)
    due.want_packages(studio)
    while run_one(studio, owner="test"):
        pass
    clock.forward(seconds=15)
    assert due.want_packages(studio) == 0
    clock.now += timedelta(seconds=5)
    choose(studio, "loa")
    assert due.want_packages(studio) == 1
    while run_one(studio, owner="test"):
        pass
    with studio.database.reading() as session:
        newest = packages.current(session, day.station_id, DAY)
        assert newest is not None
        assert newest.number == 2


def test_what_came_out_faulty_for_horns_alone_is_told_with_its_place(studio: Studio, day: Day) -> None:
    choose(studio, "loa")
    pack(studio, day)
    with studio.database.transaction() as session:
        broadcast = broadcasts.get_broadcast(session, day.broadcast_ids[0])
        cue = next(cue for cue in broadcast.cues if cue.rendition is not None)
        spoken = [place.piece for place in cue.rendition.pieces] if cue.rendition else []
        horn = profiles.of_pieces(session, spoken, HORN)[spoken[-1].key]
        assert profiles.flaws_of(session, broadcast) == []
        horn.checks = {**(horn.checks or {}), "findings": [["peak", 200, 400, True]]}
        horn.is_faulty = True
        session.flush()
        flaw, *_ = profiles.flaws_of(session, broadcast)  # the other story hums the same
        assert (flaw.cue.id, flaw.fault.kind, flaw.fault.blocks, flaw.is_of_station) == (cue.id, "peak", True, True)
        assert flaw.fault.piece == len(spoken)
        assert sound_checks.of_broadcast(session, broadcast) == []
        broadcast.station.profile = "web"
        assert profiles.flaws_of(session, broadcast) == []
