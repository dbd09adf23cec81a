"""A disk that is really full: under the voice, under a piece, under a recording, under the tables."""

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from broadcast_service.errors import NoSpace
from broadcast_service.services import recordings
from broadcast_service.settings import Settings
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Piece
from broadcast_service.studio import Studio, open_studio
from tests.audio.files import encoded, plain_wav
from tests.conftest import StoppedClock
from tests.factories import make_script
from tests.faults.aftermath import (
    assert_nothing_is_damaged,
    browser,
    counts,
    planned,
    rendition_of,
    rundown,
    told,
    work,
)
from tests.services.test_recordings import FIRST, speech
from tests.web.test_serving import running

pytestmark = pytest.mark.faults

SPOKEN = (
    "Kính thưa bà con, hôm nay trời nắng đẹp.\n\nÔng Minh hiến đất mở đường."
    + " Bà con ai cũng mừng vì từ nay xe cứu thương vào được tận nhà." * 3
)
FULL = "đĩa đầy"
Open = Callable[..., Studio]


class Disk:
    """A small disk of memory, and something large on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, free: int) -> None:
        """Fill it up but for so many bytes."""
        self.empty()
        room = os.statvfs(self.folder)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - free))

    def empty(self) -> None:
        """Take the large thing away."""
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "đĩa nhỏ"
    folder.mkdir()
    mounted = sys.platform == "linux" and shutil.which("mount")
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]).returncode:
        pytest.skip("a small disk can not be mounted here: it takes Linux and root")
    yield Disk(folder)
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def open_on(tmp_path: Path, clock: StoppedClock, migrated: Path) -> Iterator[Open]:
    """open_on(data=…, audio=…): an installation whose folders lie there."""
    opened: list[Studio] = []

    def open_(*, data: Path = tmp_path, audio: Path = tmp_path) -> Studio:
        voice = ToneVoice()
        settings = Settings(data_dir=data / "data", audio_dir=audio / "audio", voice="tone", port=0)
        settings.data_dir.mkdir()
        shutil.copy(migrated, settings.data_dir)
        opened.append(open_studio(settings, voices={voice.name: voice}, now=clock))
        return opened[-1]

    yield open_
    for studio in opened:
        studio.close()


@pytest.mark.parametrize("free", [0, 4_096, 12_288])
def test_sound_that_finds_no_room_is_tried_again_and_in_the_end_told_on_the_rundown(
    disk: Disk, open_on: Open, clock: StoppedClock, free: int
) -> None:
    studio = open_on(audio=disk.folder)
    broadcast = planned(studio, SPOKEN)
    disk.leave(free)
    for _ in range(4):
        work(studio)
        assert FULL in told(studio)
        assert_nothing_is_damaged(studio)
        clock.forward(minutes=6)
    assert rendition_of(studio, broadcast).state == "failed"
    assert FULL in rundown(studio, broadcast)
    assert counts(studio)["piece"] == 0


def test_room_between_two_tries_is_enough(disk: Disk, open_on: Open, clock: StoppedClock) -> None:
    studio = open_on(audio=disk.folder)
    broadcast = planned(studio, SPOKEN)
    disk.leave(40_960)  # the first paragraph finds room, the second does not
    work(studio)
    assert (rendition_of(studio, broadcast).state, counts(studio)["piece"]) == ("wanted", 1)
    assert_nothing_is_damaged(studio)
    disk.empty()
    clock.forward(seconds=11)
    work(studio)
    assert (rendition_of(studio, broadcast).state, counts(studio)["piece"]) == ("ready", 2)
    assert_nothing_is_damaged(studio)


def test_tables_that_find_no_room_lose_nothing_and_go_on_when_there_is_some(
    disk: Disk, open_on: Open, clock: StoppedClock
) -> None:
    studio = open_on(data=disk.folder)
    broadcast = planned(studio, SPOKEN)
    disk.leave(0)
    for _ in range(6):
        with suppress(OperationalError):  # the worker's thread logs it and looks again
            work(studio)
        clock.forward(minutes=6)
    page = rundown_on_a_full_disk(studio, disk, broadcast)
    assert "Traceback" not in page
    stored = {path.parent.name + path.stem for path in studio.blobs.folder.rglob("*.mp3")}
    assert_nothing_is_damaged(studio, unnamed=list(stored))

    disk.empty()
    for _ in range(6):
        work(studio)
        clock.forward(minutes=6)
    assert rendition_of(studio, broadcast).state == "ready"
    assert_nothing_is_damaged(studio)


def rundown_on_a_full_disk(studio: Studio, disk: Disk, broadcast: int) -> str:
    """Signing in takes a row, looking does not."""
    disk.empty()
    planner = browser(studio, "planner")
    disk.leave(0)
    answer = planner.get(f"/broadcasts/{broadcast}")
    assert answer.status_code == 200
    return answer.text


def send(client: FlaskClient, path: str, data: bytes, *, field: str, **fields: object) -> tuple[int, str]:
    """(status, page) of a form with a file, sent as bytes: the browser of the tests would need room of its own."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    parts.append(f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="a.wav"\r\n\r\n')
    body = "".join(parts).encode() + data + b"\r\n--x--\r\n"
    answer = client.post(path, data=body, content_type="multipart/form-data; boundary=x")
    return answer.status_code, answer.text


def send_recording(editor: FlaskClient, script: int, revision: int, data: bytes) -> tuple[int, str]:
    return send(
        editor, f"/scripts/{script}/recording", data,
        field="recording", revision_id=revision, paragraph=1, reader="Trần Văn An",
        words=recordings.text_hash([FIRST]),
    )  # fmt: skip


@pytest.mark.slow
def test_a_recording_finds_room_for_all_of_it_or_leaves_nothing(disk: Disk, open_on: Open) -> None:
    studio = open_on(data=disk.folder, audio=disk.folder)
    with studio.database.transaction() as session:
        made = make_script(session, text=FIRST, status="approved")
        script, revision = made.id, made.latest.id
    editor = browser(studio, "editor")
    data = encoded(speech(FIRST), "wav")
    refused = 0
    for free in (0, 8_192, 65_536, *range(len(data) // 2, 5_000_000, 250_000), 12_000_000):
        disk.leave(free)
        status, page = send_recording(editor, script, revision, data)
        if status == 302:
            break
        refused += 1
        assert status == 507, f"{free} bytes free: {page}"
        assert FULL in page or "hết chỗ trống" in page, page
        assert counts(studio)["recording"] == 0
        with studio.database.reading() as session:
            named = set(session.scalars(select(Piece.blob)))
        stored = {path.parent.name + path.stem for path in studio.blobs.folder.rglob("*.mp3")}
        assert_nothing_is_damaged(studio, unnamed=list(stored - named))
    assert status == 302, page
    assert refused > 5
    assert counts(studio)["recording"] == 1
    assert_nothing_is_damaged(studio)


@pytest.mark.slow
def test_music_finds_room_for_all_of_it_or_leaves_nothing(disk: Disk, open_on: Open) -> None:
    studio = open_on(data=disk.folder, audio=disk.folder)
    planner = browser(studio, "planner")
    data = plain_wav(6)
    refused = 0
    for free in (0, 8_192, *range(len(data) // 2, 6_000_000, 500_000), 12_000_000):
        disk.leave(free)
        status, page = send(planner, "/sounds", data, field="file", name="Nhạc hiệu mới", kind="signature")
        if status == 302:
            break
        refused += 1
        assert status == 507, f"{free} bytes free: {page}"
        assert FULL in page or "hết chỗ trống" in page
        assert counts(studio)["sound"] == 0
    assert status == 302
    assert refused > 3
    assert_nothing_is_damaged(studio)


def test_a_folder_for_temporary_files_that_is_full_is_told_too(
    disk: Disk, open_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = open_on()
    with studio.database.transaction() as session:
        made = make_script(session, text=FIRST, status="approved")
        script, revision = made.id, made.latest.id
    disk.leave(0)
    monkeypatch.setattr("tempfile.tempdir", str(disk.folder))
    status, page = send_recording(browser(studio, "editor"), script, revision, plain_wav(20))
    assert status == 507
    assert "hết chỗ trống" in page
    assert counts(studio)["recording"] == 0
    assert_nothing_is_damaged(studio)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_server_with_no_room_for_what_is_sent_hears_it_out_and_answers(
    disk: Disk, open_on: Open, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    studio = open_on()
    editor = browser(studio, "editor")
    cookie = editor.get_cookie("dang-nhap")
    assert cookie
    disk.leave(2_000_000)
    monkeypatch.setattr("tempfile.tempdir", str(disk.folder))
    body = bytes(9_000_000)
    with running(editor.application, studio) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for _ in range(2):
            length = {} if chunked else {"Content-Length": str(len(body))}
            kind = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": f"dang-nhap={cookie.value}"}
            parts = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
            connection.request("POST", "/scripts/1/recording", parts, length | kind, encode_chunked=chunked)
            answer = connection.getresponse()
            page = answer.read().decode()
            assert answer.status == 507
            assert f"Không ghi được vào “{disk.folder}”: {FULL}" in page
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
    assert list(disk.folder.iterdir()) == [disk.folder / "ballast"]


def test_the_sentence_names_the_folder_and_the_next_step() -> None:
    assert str(NoSpace("/srv/loa")) == (
        "Không ghi được vào “/srv/loa”: đĩa đầy hoặc bị khóa. Hãy giải phóng chỗ trống rồi thử lại."
    )
