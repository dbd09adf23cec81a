"""A recording of 180 MB through the real server: taken in whole, in bounded memory, while others are answered."""

import http.client
import os
import re
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from sqlalchemy import select

from broadcast_service.services import recordings, sign_ins
from broadcast_service.settings import Settings
from broadcast_service.storage.migrating import migrate
from broadcast_service.storage.tables import Recording
from broadcast_service.studio import Studio, open_studio
from tests.factories import make_account, make_script
from tests.faults.aftermath import assert_nothing_is_damaged
from tests.faults.test_servers import Start, start, wait_for_address
from tests.services.test_recordings import speech

__all__ = ["start"]

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc"),
]

WORDS = "Kính thưa bà con, hôm nay ông Minh hiến đất mở đường, xe máy đi lại dễ dàng, ai cũng mừng. " * 5
PARTS = 20
RATE_HZ, CHANNELS, BYTES = 44_100, 2, 3
SERVER_LIMIT_MB, DECODER_LIMIT_MB = 180, 80
"""Beyond what the server takes when it is idle; for the process that decodes, in all."""


def studio_in(folder: Path) -> Studio:
    return open_studio(Settings(data_dir=folder / "dữ liệu", audio_dir=folder / "âm thanh"), voices={})


def write_wav(path: Path) -> int:
    """PARTS paragraphs as a studio records them, 44.1 kHz, 24 bit, two channels; its size."""
    part = np.asarray(speech(WORDS.strip(), pause_s=1.0) * 0.4 * 8_388_607, dtype="<i4")
    one = np.repeat(part, CHANNELS).view(np.uint8).reshape(-1, 4)[:, :BYTES].tobytes()
    size = len(one) * PARTS
    with path.open("wb") as file:
        form = (16).to_bytes(4, "little") + (1).to_bytes(2, "little") + CHANNELS.to_bytes(2, "little")
        form += RATE_HZ.to_bytes(4, "little") + (RATE_HZ * CHANNELS * BYTES).to_bytes(4, "little")
        form += (CHANNELS * BYTES).to_bytes(2, "little") + (BYTES * 8).to_bytes(2, "little")
        file.write(b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + form)
        file.write(b"data" + size.to_bytes(4, "little"))
        for _ in range(PARTS):
            file.write(one)
    return size


class Watch(threading.Thread):
    """The most memory that a process and its children were seen to hold, and how long pages took meanwhile."""

    def __init__(self, process: int, address: str) -> None:
        super().__init__(daemon=True)
        self._process, self._address = process, address
        self.server_mb = self.child_mb = self.slowest_s = 0.0
        self.is_over = False

    def run(self) -> None:
        while not self.is_over:
            self.server_mb = max(self.server_mb, resident_mb(self._process))
            children = Path(f"/proc/{self._process}/task").glob("*/children")
            numbers = [number for path in children for number in read(path).split()]
            self.child_mb = max([self.child_mb, *(resident_mb(int(number)) for number in numbers)])
            began = time.monotonic()
            urllib.request.urlopen(self._address + "/health", timeout=20).read()
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            time.sleep(0.05)


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def resident_mb(process: int) -> float:
    """Memory that is the process's own: files it only looks into are not counted."""
    told = re.search(r"RssAnon:\s+(\d+) kB", read(Path(f"/proc/{process}/status")))
    return int(told[1]) / 1_024 if told else 0.0


def pieces_of_form(fields: dict[str, str], path: Path, boundary: str) -> Iterator[bytes]:
    for name, value in fields.items():
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield f'--{boundary}\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'.encode()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk
    yield f"\r\n--{boundary}--\r\n".encode()


def test_a_recording_of_180_megabytes_is_taken_in_without_holding_it(start: Start, tmp_path: Path) -> None:
    studio = studio_in(tmp_path)
    migrate(studio.database)
    with studio.database.transaction() as session:
        person = make_account(session, "editor")
        script = make_script(session, text="\n\n".join([WORDS.strip()] * PARTS), status="approved")
        number, revision = script.id, script.latest.id
        token = sign_ins.open(session, person.id, remembered=True, browser="", now=studio.now())
    file = tmp_path / "ghi-am.wav"
    size = write_wav(file)
    assert 150_000_000 < size < 200_000_000

    process = start()
    address = wait_for_address(process)
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=200)
    connection.request("GET", f"/scripts/{number}/recording", headers={"Cookie": f"dang-nhap={token}"})
    page = connection.getresponse()
    html = page.read().decode()
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', html)
    words = re.search(r'name="words" value="([^"]+)"', html)
    assert csrf
    assert words
    cookies = f"dang-nhap={token}; {(page.getheader('Set-Cookie') or '').split(';')[0]}"
    wait_until_idle(process.pid)
    idle_mb = resident_mb(process.pid)

    watch = Watch(process.pid, address)
    watch.start()
    began = time.monotonic()
    fields = {
        "csrf_token": csrf[1], "revision_id": str(revision), "words": words[1], "paragraph": "",
        "reader": "Trần Văn An",
    }  # fmt: skip
    length = sum(len(part) for part in pieces_of_form(fields, file, "x"))
    headers = {
        "Cookie": cookies, "Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(length)
    }  # fmt: skip
    connection.request("POST", f"/scripts/{number}/recording", pieces_of_form(fields, file, "x"), headers)
    answer = connection.getresponse()
    told = answer.read().decode()
    took_s = time.monotonic() - began
    watch.is_over = True
    watch.join(30)
    print(
        f"{size / 1e6:.0f} MB in {took_s:.1f} s: server {idle_mb:.0f} → {watch.server_mb:.0f} MB,"
        f" decoder {watch.child_mb:.0f} MB, slowest page {watch.slowest_s:.2f} s"
    )

    assert answer.status == 302, told
    assert watch.server_mb - idle_mb < SERVER_LIMIT_MB
    assert watch.child_mb < DECODER_LIMIT_MB
    assert watch.slowest_s < 5
    with studio.database.reading() as session:
        take = session.scalars(select(Recording)).one()
        assert take.original_bytes == file.stat().st_size
        assert len(recordings.pieces_of(session, take)) == PARTS
    studio.close()
    process.kill()
    process.wait()
    assert_nothing_is_damaged(studio_in(tmp_path))
    assert os.listdir(tmp_path / "dữ liệu" / "recordings" / "incoming") == []


def wait_until_idle(process: int) -> None:
    """A fresh server renders what its first week needs; what is measured here is the upload."""
    before = -1.0
    for _ in range(60):
        spent = sum(map(int, read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()[11:15]))
        if spent - before < 20:
            return
        before = spent
        time.sleep(1)
