"""A package in the players of this world: what is taken home plays through, in order, without a murmur."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
import waitress
from sqlalchemy import select

from broadcast_service.services import packages, sign_ins
from broadcast_service.storage.tables import Fetch, Package, Station
from broadcast_service.studio import Studio
from broadcast_service.web import create_app
from tests.days import DAY, plan_day, speak_all
from tests.factories import make_account

pytestmark = [pytest.mark.media, pytest.mark.slow]

NOBODY = 65534
FAULT = re.compile(r" (input|demux|decoder|stream|access|playlist|aout)[\w ]* error: ")


@pytest.fixture
def package(studio: Studio) -> Package:
    day = plan_day(studio, hours=[time(5, 30)])
    speak_all(studio)
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


@pytest.fixture
def stick(studio: Studio, package: Package) -> Iterator[Path]:
    """The package on a USB stick that anybody can read, in a folder with a blank and marks in its name."""
    folder = Path("/tmp") / f"thẻ nhớ {os.getpid()}"  # noqa: S108  pytest's own folder is closed to nobody
    packages.unpack(package, folder, studio)
    for path in (folder, folder / packages.PARTS_FOLDER):
        path.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def sounds(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.mp3"))


def vlc(what: str, home: Path) -> list[str]:
    """Play a list ten times as fast into nothing; the names that were opened, in order. VLC refuses to be root."""
    home.mkdir(exist_ok=True)
    home.chmod(0o777)
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    player = ["cvlc", "-vv", "-I", "dummy", "--aout=dummy", "--rate=10", "--play-and-exit", "--no-dbus", what]
    answer = subprocess.run(
        [*as_nobody, *player],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=90,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
    )
    lines = answer.stderr.splitlines()
    wrong = [
        line for line in lines if re.search(r" (input|demux|decoder|stream|access|playlist|aout)[\w ]* error: ", line)
    ]
    assert answer.returncode == 0
    assert wrong == []
    return [
        match[1].rpartition("/")[2]
        for line in lines
        if (match := re.search(r"`(?:file|http)://([^']+\.mp3)' successfully opened", line))
    ]


def test_ffmpeg_decodes_every_file_to_just_its_frames(stick: Path) -> None:
    told = {file["name"]: file for file in json.loads((stick / packages.MANIFEST).read_bytes())["files"]}
    for path in sounds(stick):
        command = ["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-"]
        answer = subprocess.run(command, capture_output=True)
        assert (answer.returncode, answer.stderr) == (0, b""), path
        samples = len(answer.stdout) // 2
        assert samples % 1152 == 0
        assert told[str(path.relative_to(stick))]["duration_ms"] == round(samples * 1000 / 44_100)


def test_mpg123_finds_no_fault(stick: Path) -> None:
    answer = subprocess.run(["mpg123", "-t", "-q", *sounds(stick)], capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_merged_file_has_a_chapter_for_each_item_and_its_title(stick: Path) -> None:
    command = ["ffprobe", "-v", "error", "-show_chapters", "-show_format", "-of", "json", stick / "0530_DHTT.mp3"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    listed = json.loads((stick / packages.MANIFEST).read_bytes())["broadcasts"][0]
    assert [chapter["tags"]["title"] for chapter in told["chapters"]] == [item["title"] for item in listed["items"]]
    assert told["format"]["tags"]["title"] == "Điển hình tiên tiến, 05:30 24/11/2026"
    assert float(told["format"]["duration"]) * 1000 == pytest.approx(listed["duration_ms"], abs=40)


@pytest.mark.parametrize("name", ["danh-sach.m3u8", "danh-sach.m3u", "CHUONG_TRINH.m3u8"])
def test_vlc_plays_each_list_in_order_without_an_error(stick: Path, name: str) -> None:
    wanted = [line.rpartition("/")[2] for line in (stick / name).read_text("utf-8").splitlines() if line[0] != "#"]
    assert vlc(str(stick / name), stick / "nha") == wanted


def test_the_zip_unpacks_to_the_same_files(studio: Studio, package: Package, stick: Path, tmp_path: Path) -> None:
    archive = tmp_path / "goi.zip"
    archive.write_bytes(b"".join(packages.zip_splice(package, studio).read(studio.blobs.read_checked)))
    assert subprocess.run(["unzip", "-q", archive, "-d", tmp_path / "ra"]).returncode == 0
    for file in packages.files(package):
        assert (tmp_path / "ra" / file.name).read_bytes() == (stick / file.name).read_bytes()


def test_vlc_plays_the_list_it_downloaded_over_the_network(studio: Studio, package: Package, stick: Path) -> None:
    with studio.database.transaction() as session:
        station = session.get_one(Station, package.station_id)
        operator = make_account(session, "operator", unit=station.unit)
        token = sign_ins.open(session, operator.id, remembered=False, browser="test", now=studio.now())
    app = create_app(studio)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    browser = app.test_client()
    browser.set_cookie("dang-nhap", token)
    base = f"http://localhost:{server.effective_port}"
    downloaded = stick / "tai-ve.m3u8"
    downloaded.write_bytes(browser.get(f"/packages/{package.id}/danh-sach.m3u8", base_url=base).data)
    try:
        wanted = [name.name.rpartition("/")[2] for name in packages.files(package) if "TUNG_MUC" in name.name]
        assert vlc(str(downloaded), stick / "nha") == wanted
    finally:
        server.close()
        server.task_dispatcher.shutdown(timeout=2)
    with studio.database.reading() as session:
        assert {fetch.file.rpartition("/")[2] for fetch in session.scalars(select(Fetch))} == set(wanted)
