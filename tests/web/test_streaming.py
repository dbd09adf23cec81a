"""Half an hour of sound from a server of its own: its memory, slow listeners, broken downloads, real players."""

import hashlib
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcast_service.domain.rundown import Kind
from broadcast_service.services import packages, renditions, sign_ins
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Broadcast, Cue, Fetch, Sound, Station
from broadcast_service.studio import Studio
from tests.days import DAY, plan_day, speak_all
from tests.factories import make_account
from tests.services.test_package_playback import FAULT, NOBODY

pytestmark = [pytest.mark.slow]

ROOT = Path(__file__).parents[2]
HALF_AN_HOUR_MS = 30 * 60_000
LISTENERS = 8


@dataclass
class House:
    """A running server, and what is heard from it."""

    port: int
    pid: int
    token: str
    operator: str
    broadcast_id: int
    studio: Studio

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/broadcasts/{self.broadcast_id}"

    @property
    def cookie(self) -> str:
        return f"dang-nhap={self.token}"

    @contextmanager
    def asked(self, path: str, token: str = "", **headers: str) -> Iterator[http.client.HTTPResponse]:
        """An answer of which nothing is read yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Cookie": f"dang-nhap={token or self.token}", **headers})
        try:
            yield connection.getresponse()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        with self.asked(path, **headers) as answer:
            return answer.status, answer.read()

    def memory_kb(self) -> int:
        """Resident set of the server."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1])


def lengthen(studio: Studio, broadcast_id: int, length_ms: int) -> None:
    """Have a long tune played again and again until the broadcast lasts so long."""
    renditions.store_piece(studio, "nhac-dai", ToneVoice().speak("la " * 120))
    with studio.database.transaction() as session:
        tune = Sound(code="nhac-dai", name="Nhạc dài", kind="bed", piece_key="nhac-dai")
        session.add(tune)
        session.flush()
        broadcast = session.get_one(Broadcast, broadcast_id)
        each_ms = tune.piece.frames * 1_152_000 / 44_100
        for _ in range(round(length_ms / each_ms)):
            cue = Cue(kind=Kind.SOUND, title=tune.name, sound=tune, position=len(broadcast.cues))
            broadcast.cues.append(cue)
        broadcast.slot.length_s = broadcast.length_s = length_ms // 1_000 + 60


@pytest.fixture
def house(studio: Studio) -> Iterator[House]:
    """With a broadcast of half an hour, packed."""
    if not studio.database.is_sqlite or sys.platform != "linux":
        pytest.skip("reads /proc, and the tables from a second process")
    day = plan_day(studio)
    lengthen(studio, day.broadcast_ids[0], HALF_AN_HOUR_MS)
    speak_all(studio)
    package = packages.make_package(studio, day.code, DAY)
    assert package
    assert package.broadcast_ids == day.broadcast_ids
    with studio.database.transaction() as session:
        unit = session.get_one(Station, day.station_id).unit
        people = [make_account(session, "planner"), make_account(session, "operator", unit=unit)]
        token, operator = (
            sign_ins.open(session, one.id, remembered=True, browser="", now=studio.now()) for one in people
        )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.web.serve_folder", studio.settings.data_dir, studio.settings.audio_dir],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    yield House(int(process.stdout.readline()), process.pid, token, operator, day.broadcast_ids[0], studio)
    process.kill()
    process.wait()


def test_memory_stays_flat_while_many_slow_listeners_have_half_an_hour_sent(house: House) -> None:
    path = f"/broadcasts/{house.broadcast_id}/sound.mp3"
    size = len(house.get(path)[1])
    assert size > 8 * 0.98 * HALF_AN_HOUR_MS
    received = [0] * LISTENERS

    def listen(number: int) -> None:
        with house.asked(path) as answer:
            while chunk := answer.read(200_000):
                received[number] += len(chunk)
                time.sleep(0.04)

    before_kb = house.memory_kb()
    listeners = [threading.Thread(target=listen, args=[number]) for number in range(LISTENERS)]
    for listener in listeners:
        listener.start()
    first_kb, rest_kb = 0, 0
    while any(listener.is_alive() for listener in listeners):
        if sum(received) < LISTENERS * size / 4:
            first_kb = max(first_kb, house.memory_kb())
        else:
            rest_kb = max(rest_kb, house.memory_kb())
        time.sleep(0.02)
    assert received == [size] * LISTENERS
    told = f"{before_kb} kB before, {first_kb} kB in the first quarter, {rest_kb} kB in the others"
    print(told)
    assert rest_kb - first_kb < 4_000, told
    assert first_kb - before_kb < LISTENERS * 4_000, told


def test_a_download_is_not_noted_before_the_phone_has_it(house: House) -> None:
    with house.studio.database.reading() as session:
        package = packages.current(session, session.get_one(Broadcast, house.broadcast_id).station_id, DAY)
        assert package
        name = packages.packed_broadcasts(package)[house.broadcast_id].whole.name

    def noted() -> int:
        with house.studio.database.reading() as session:
            return session.scalar(select(func.count(Fetch.id))) or 0

    with house.asked(f"/packages/{package.id}/files/{name}", token=house.operator) as answer:
        assert answer.status == 200
        answer.read(1_000)
        time.sleep(2)
        assert noted() == 0, "the phone has read a thousand bytes of fourteen millions"
        answer.read()
    for _ in range(50):
        if noted():
            break
        time.sleep(0.1)
    assert noted() == 1


def test_a_download_that_broke_goes_on_where_it_stopped_unless_the_tape_has_changed(house: House) -> None:
    path = f"/broadcasts/{house.broadcast_id}/sound.mp3"
    with house.asked(path) as answer:
        etag, first = answer.headers["ETag"], answer.read(1_000_000)  # and then it breaks
    status, rest = house.get(path, Range=f"bytes={len(first)}-", **{"If-Range": etag})
    assert status == 206
    assert first + rest == house.get(path)[1]
    assert house.get(path, **{"If-None-Match": etag})[0] == 304

    with house.studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, house.broadcast_id)
        del broadcast.cues[-1]
        code = broadcast.station.code
    package = packages.make_package(house.studio, code, DAY)
    assert package
    assert package.number == 2
    status, changed = house.get(path, Range=f"bytes={len(first)}-", **{"If-Range": etag})
    assert status == 200
    assert len(changed) < len(first + rest)
    assert house.get(path, **{"If-None-Match": etag})[0] == 200


def length_ms(house: House) -> float:
    with house.studio.database.reading() as session:
        package = packages.current(session, session.get_one(Broadcast, house.broadcast_id).station_id, DAY)
        assert package
        return packages.packed_broadcasts(package)[house.broadcast_id].whole.duration_ms or 0


@pytest.mark.media
def test_ffmpeg_hears_the_same_half_hour_in_the_stream_and_in_the_file(house: House) -> None:
    """Sample by sample: a cut within a piece costs nothing to who plays on."""
    heard = []
    for name in ("listen.m3u8", "sound.mp3"):
        command = ["ffmpeg", "-v", "error", "-headers", f"Cookie: {house.cookie}\r\n", "-i", f"{house.address}/{name}"]
        command += ["-af", "asetpts=N/SR/TB"]  # it reads ahead, and gives what it has read the time of the next segment
        played = subprocess.run([*command, "-f", "s16le", "-ac", "1", "-ar", "44100", "-"], capture_output=True)
        assert (played.returncode, played.stderr) == (0, b"")
        heard.append((len(played.stdout), hashlib.sha256(played.stdout).hexdigest()))
    assert heard[0] == heard[1]
    assert heard[0][0] / 2 / 44.1 == pytest.approx(length_ms(house), abs=1)


@contextmanager
def with_cookie(house: House) -> Iterator[str]:
    """The address of a door beside the server through which everybody comes in signed in: VLC sends no cookie."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: self.headers[name] for name in ("Range", "If-Range") if name in self.headers}
            with house.asked(self.path, **asked) as answer:
                body = answer.read()
                self.send_response(answer.status)
                for name in ("Content-Type", "Content-Range", "ETag", "Accept-Ranges"):
                    if answer.headers[name]:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quietly."""

    door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=door.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.server_port}"
    finally:
        door.shutdown()
        door.server_close()


@pytest.fixture
def nobodys(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder in which the player that refuses to be root may write."""
    folder = Path("/tmp") / f"nghe-thu-{os.getpid()}"  # noqa: S108  pytest's own folder is closed to nobody
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.media
def test_vlc_plays_the_stream_from_end_to_end(house: House, nobodys: Path) -> None:
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    out = nobodys / "nghe.wav"
    sout = f"#transcode{{acodec=s16l,channels=1,samplerate=44100}}:std{{access=file,mux=wav,dst={out}}}"
    with with_cookie(house) as base:
        player = ["cvlc", "-vv", "-I", "dummy", "--no-dbus", "--sout", sout, "--play-and-exit"]
        answer = subprocess.run(
            [*as_nobody, *player, f"{base}/broadcasts/{house.broadcast_id}/listen.m3u8"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=100,
            env={"HOME": str(nobodys), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        )
    assert answer.returncode == 0
    assert [line for line in answer.stderr.splitlines() if FAULT.search(line)] == []
    assert (out.stat().st_size - 44) / 2 / 44.1 == pytest.approx(length_ms(house), abs=100)
