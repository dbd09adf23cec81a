"""Packages: what a station takes home. It is Tuesday 24 November 2026, 03:00; broadcasts at 05:30 and 17:00."""

import hashlib
import io
import json
import zipfile
from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcast_service.domain.rundown import Kind
from broadcast_service.domain.splice import Splice
from broadcast_service.errors import EngineError, NoSpace, NotFound
from broadcast_service.services import packages, sealing
from broadcast_service.services.laying import files_of
from broadcast_service.storage.tables import (
    Broadcast,
    Cue,
    Package,
    Piece,
    Rendition,
    Script,
    Sound,
    Station,
)
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, Day, fill, plan_day


def pack(studio: Studio, day: Day) -> Package:
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


def read(studio: Studio, splice: Splice) -> bytes:
    return b"".join(splice.read(studio.blobs.read_checked))


def text_of(studio: Studio, package: Package, name: str) -> str:
    return read(studio, packages.file_splice(package, name, studio)).decode()


def names(package: Package) -> list[str]:
    return [file.name for file in packages.files(package)]


def test_a_day_holds_whole_programmes_lists_sheet_parts_manifest_and_sums_in_order(studio: Studio, day: Day) -> None:
    package = pack(studio, day)
    parts = [name for name in names(package) if name.startswith("TUNG_MUC/")]
    assert names(package)[:6] == [
        "0530_DHTT.mp3",
        "1700_HBAC.mp3",
        "CHUONG_TRINH.m3u8",
        "danh-sach.m3u8",
        "danh-sach.m3u",
        "LICH_PHAT.html",
    ]
    assert names(package)[-2:] == ["manifest.json", "SHA256SUMS"]
    assert parts == names(package)[6:-2]
    assert [part.split("/")[1][:8] for part in parts] == [
        f"{n:02}_{hour}_" for n, hour in enumerate(["0530"] * 6 + ["1700"] * 6, start=1)
    ]
    assert parts[2] == "TUNG_MUC/03_0530_DHTT_vuon-buoi-tren-dat-bac-mau-ky-1-1.mp3"
    assert (package.number, package.broadcast_ids) == (1, day.broadcast_ids)


def test_every_file_is_what_its_sums_say(studio: Studio, day: Day) -> None:
    package = pack(studio, day)
    listed = dict(line.split("  ")[::-1] for line in text_of(studio, package, "SHA256SUMS").splitlines())
    told = {file["name"]: file for file in json.loads(text_of(studio, package, "manifest.json"))["files"]}
    for file in packages.files(package):
        content = read(studio, packages.file_splice(package, file.name, studio))
        sha256 = hashlib.sha256(content).hexdigest()
        assert len(content) == file.size
        assert file.name == "SHA256SUMS" or listed[file.name] == sha256
        if file.name not in ("SHA256SUMS", "manifest.json"):
            assert (told[file.name]["bytes"], told[file.name]["sha256"]) == (file.size, sha256)
            assert told[file.name]["duration_ms"] == file.duration_ms


def test_a_whole_broadcast_is_not_hashed_until_somebody_takes_its_sum_along(studio: Studio, day: Day) -> None:
    package = pack(studio, day)
    wholes = {entry["file"] for entry in package.layout["broadcasts"]}
    waiting = {file["name"] for file in files_of(package.layout) if file["sha256"] is None}
    assert waiting == wholes | {"manifest.json", "SHA256SUMS"}
    archive = packages.zip_splice(package, studio)
    assert archive.size == packages.zip_size(package)
    with zipfile.ZipFile(io.BytesIO(read(studio, archive))) as opened:
        assert opened.testzip() is None
        for line in opened.read("SHA256SUMS").decode().splitlines():
            sha256, _, name = line.partition("  ")
            assert hashlib.sha256(opened.read(name)).hexdigest() == sha256, name


def test_sums_are_not_told_of_sound_that_is_lost(studio: Studio, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    package = pack(studio, day)
    monkeypatch.setattr(sealing, "_KNOWN", {})
    for path in studio.settings.audio_dir.rglob("*"):
        if path.is_file():
            path.write_bytes(b"somebody wrote over it")
    with pytest.raises(EngineError):
        packages.zip_splice(package, studio)
    with pytest.raises(EngineError):
        packages.file_splice(package, "SHA256SUMS", studio)


def test_the_manifest_carries_the_chain_from_approval_to_sound(studio: Studio, day: Day) -> None:
    package = pack(studio, day)
    told = json.loads(text_of(studio, package, "manifest.json"))
    sums = dict(line.split("  ")[::-1] for line in text_of(studio, package, "SHA256SUMS").splitlines())
    first = told["broadcasts"][0]
    assert first["profile"] == "web"
    assert first["starts_at"] == "2026-11-24T05:30:00+07:00"
    assert (told["number"], told["date"], told["station"]["code"]) == (1, "2026-11-24", "hoa-tri")
    assert told["made_at"] == "2026-11-23T20:00:00+00:00"
    with studio.database.reading() as session:
        story = session.get_one(Script, day.script_ids[0])
        item = first["items"][2]
        assert item == {
            "title": story.title,
            "kind": "script",
            "script": story.code,
            "revision": 1,
            "content_hash": story.latest.content_hash,
            "reading": None,
            "approved_by": "Lê Thị Hoa",
            "approved_at": "2026-11-24T03:00:00+07:00",
            "voices": ["tone"],
            "instead_of": None,
            "voice_reason": None,
            "file": item["file"],
            "sha256": sums[item["file"]],
            "duration_ms": item["duration_ms"],
        }
    assert first["items"][0]["approved_by"] is None
    assert first["duration_ms"] == pytest.approx(sum(item["duration_ms"] for item in first["items"]), abs=6)


def test_playlists_name_the_files_in_the_order_of_playing(studio: Studio, day: Day) -> None:
    package = pack(studio, day)
    parts = [name for name in names(package) if name.startswith("TUNG_MUC/")]
    for name in ("danh-sach.m3u8", "danh-sach.m3u"):
        lines = text_of(studio, package, name).split("\r\n")
        assert [line for line in lines if line and not line.startswith("#")] == parts
    lines = text_of(studio, package, "CHUONG_TRINH.m3u8").split("\r\n")
    assert [line for line in lines if line.endswith(".mp3")] == names(package)[:2]


def test_the_zip_opens_and_is_the_same_every_time(studio: Studio, day: Day, clock: StoppedClock) -> None:
    package = pack(studio, day)
    first = read(studio, packages.zip_splice(package, studio))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == names(package)
    clock.forward(minutes=7)
    again = pack(studio, day)
    assert again.id == package.id
    assert read(studio, packages.zip_splice(again, studio)) == first


def test_made_from_nothing_a_second_time_it_has_the_same_bytes(studio: Studio, day: Day) -> None:
    first = read(studio, packages.zip_splice(pack(studio, day), studio))
    with studio.database.transaction() as session:
        for package in session.scalars(select(Package)):
            session.delete(package)
    assert read(studio, packages.zip_splice(pack(studio, day), studio)) == first


def test_a_change_makes_the_next_number_and_leaves_the_first_as_it_was(studio: Studio, day: Day) -> None:
    first = pack(studio, day)
    before = read(studio, packages.zip_splice(first, studio))
    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[1])
        stories = [session.get_one(Script, script_id) for script_id in reversed(day.script_ids[2:])]
        fill(session, studio, broadcast, stories)
    second = pack(studio, day)
    assert (first.number, second.number) == (1, 2)
    assert second.content_hash != first.content_hash
    with studio.database.reading() as session:
        assert read(studio, packages.zip_splice(packages.get_package(session, first.id), studio)) == before
        current = packages.current(session, day.station_id, DAY)
        assert current is not None
        assert current.id == second.id
    assert pack(studio, day).id == second.id


def test_what_has_begun_is_never_rewritten(studio: Studio, day: Day, clock: StoppedClock) -> None:
    first = pack(studio, day)
    clock.forward(hours=3)
    with studio.database.transaction() as session:
        for broadcast_id in day.broadcast_ids:
            broadcast = session.get_one(Broadcast, broadcast_id)
            stories = [session.get_one(Script, script_id) for script_id in day.script_ids[:1:-1]]
            fill(session, studio, broadcast, stories)
    second = pack(studio, day)
    morning, afternoon = names(first)[:2]
    assert packages.file_splice(second, morning, studio).etag == packages.file_splice(first, morning, studio).etag
    assert packages.file_splice(second, afternoon, studio).etag != packages.file_splice(first, afternoon, studio).etag
    told = [json.loads(text_of(studio, package, "manifest.json"))["broadcasts"][0] for package in (first, second)]
    assert told[0] == told[1]


def test_what_outlasts_its_slot_or_lies_in_quiet_hours_is_not_packed(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        session.get_one(Broadcast, day.broadcast_ids[0]).length_s = 15
    assert pack(studio, day).broadcast_ids == day.broadcast_ids[1:]
    with studio.database.transaction() as session:
        session.get_one(Station, day.station_id).quiet_from = time(16, 0)
    assert packages.make_package(studio, day.code, DAY) is None


def test_nothing_complete_is_no_package(studio: Studio) -> None:
    day = plan_day(studio, hours=[time(5, 30)])
    assert packages.make_package(studio, day.code, DAY) is None
    assert packages.make_package(studio, day.code, date(2026, 12, 1)) is None
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Package.id))) == 0


def test_an_unknown_station_or_file_is_named(studio: Studio, day: Day) -> None:
    with pytest.raises(NotFound, match="khong-co"):
        packages.make_package(studio, "khong-co", DAY)
    with pytest.raises(NotFound, match=r"x\.mp3"):
        packages.file_splice(pack(studio, day), "x.mp3", studio)


@pytest.mark.parametrize("damage", ["gone", "other bytes"])
def test_lost_or_damaged_sound_is_never_packed(studio: Studio, day: Day, damage: str) -> None:
    with studio.database.reading() as session:
        blob = session.scalars(select(Piece.blob).join(Sound, Sound.piece_key == Piece.key)).first()
    path = studio.blobs.path(blob or "")
    content = bytearray(path.read_bytes())
    content[700] ^= 255
    path.unlink()
    if damage == "other bytes":
        path.write_bytes(content)
    with pytest.raises(EngineError) as failed:
        packages.make_package(studio, day.code, DAY)
    assert failed.value.retryable
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Package.id))) == 0


def test_files_are_written_one_after_the_other_and_none_is_half(studio: Studio, day: Day, tmp_path: Path) -> None:
    package = pack(studio, day)
    folder = tmp_path / "thẻ nhớ"
    written: list[str] = []
    assert packages.unpack(package, folder, studio, progress=written.append) == names(package) == written
    for line in (folder / "SHA256SUMS").read_text("ascii").splitlines():
        sha256, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    assert not list(folder.rglob("*.tmp"))


def test_a_newer_package_takes_the_place_of_the_older_one_in_a_folder(studio: Studio, day: Day, tmp_path: Path) -> None:
    packages.unpack(pack(studio, day), tmp_path / "usb", studio)
    own = tmp_path / "usb" / "cua-toi.mp3"
    own.write_bytes(b"mine")
    changed = tmp_path / "usb" / names(pack(studio, day))[0]
    changed.write_bytes(b"somebody wrote over it")
    with studio.database.transaction() as session:
        session.get_one(Script, day.script_ids[0]).status = "draft"
    newer = pack(studio, day)
    packages.unpack(newer, tmp_path / "usb", studio)
    left = {str(path.relative_to(tmp_path / "usb")) for path in (tmp_path / "usb").rglob("*") if path.is_file()}
    assert left == {*names(newer), "cua-toi.mp3", changed.name}


def test_a_folder_that_can_not_be_written_is_named(studio: Studio, day: Day, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NoSpace, match="file"):
        packages.unpack(pack(studio, day), tmp_path / "file", studio)


def test_damage_found_while_writing_leaves_no_file_under_its_name(studio: Studio, day: Day, tmp_path: Path) -> None:
    package = pack(studio, day)
    with studio.database.reading() as session:
        cue = session.scalars(select(Cue).where(Cue.script_id == day.script_ids[0], Cue.kind == Kind.SCRIPT)).one()
        blob = session.get_one(Rendition, cue.rendition_id).pieces[0].piece.blob
    studio.blobs.path(blob).write_bytes(b"other")
    with pytest.raises(EngineError, match="lost"):
        packages.unpack(package, tmp_path / "usb", studio)
    assert not [path for path in (tmp_path / "usb").rglob("*") if path.is_file()]


def test_a_fetch_is_noted_with_its_moment(studio: Studio, day: Day, clock: StoppedClock) -> None:
    package = pack(studio, day)
    with studio.database.transaction() as session:
        packages.record_fetch(session, package.id, packages.ZIP, account_id=None, now=clock.now)
    with studio.database.reading() as session:
        assert packages.fetch_times(session, package.id) == {packages.ZIP: clock.now}


def test_what_the_station_has_already_counts_in_the_next_package_too(
    studio: Studio, day: Day, clock: StoppedClock
) -> None:
    first = pack(studio, day)
    morning, afternoon = names(first)[:2]
    with studio.database.transaction() as session:
        packages.record_fetch(session, first.id, packages.ZIP, account_id=None, now=clock.now)
        broadcast = session.get_one(Broadcast, day.broadcast_ids[1])
        fill(session, studio, broadcast, [session.get_one(Script, n) for n in day.script_ids[:1:-1]])
    second = pack(studio, day)
    with studio.database.reading() as session:
        assert packages.fetch_times(session, second.id) == {morning: clock.now}
        assert afternoon in names(second)
