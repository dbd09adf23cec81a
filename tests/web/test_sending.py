"""Downloads that break and go on, over a real socket."""

import hashlib
import http.client
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
import waitress
from flask import Flask, Response
from flask.testing import FlaskClient

from broadcast_service.domain.splice import BlobRange, Splice
from broadcast_service.settings import Settings
from broadcast_service.storage.blobs import BlobStore
from broadcast_service.storage.database import Database
from broadcast_service.studio import Studio
from broadcast_service.web.errors_page import EngineError
from broadcast_service.web.sending import ascii_name, send_splice

MANY = "bytes=" + ",".join(["0-"] * 500)


@dataclass
class Shelf:
    """One splice over real blobs, and how often it was fetched to its end."""

    blobs: BlobStore
    splice: Splice
    whole: bytes
    finished: list[str] = field(default_factory=list)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    blobs = BlobStore(tmp_path / "audio_out")
    chance = random.Random(7)
    first, second = chance.randbytes(300_000), chance.randbytes(150_001)
    parts = (b"ID3head", BlobRange(blobs.put(first), 0, 300_000), b"between", BlobRange(blobs.put(second), 17, 100_000))
    return Shelf(blobs, Splice(parts), b"ID3head" + first + b"between" + second[17:100_017])


@pytest.fixture
def app(shelf: Shelf, tmp_path: Path) -> Iterator[Flask]:
    app = Flask(__name__)
    app.testing = True
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    app.extensions["studio"] = Studio(
        settings=Settings(data_dir=tmp_path),
        database=database,
        blobs=shelf.blobs,
        voices=MappingProxyType({}),
        secret_key=b"k" * 32,
        now=lambda: datetime(2026, 6, 11, tzinfo=UTC),
    )

    @app.get("/sound.mp3")
    def sound() -> Response:
        return send_splice(shelf.splice, content_type="audio/mpeg", on_complete=lambda: shelf.finished.append("sound"))

    @app.get("/named")
    def named() -> Response:
        return send_splice(shelf.splice, content_type="audio/mpeg", download_name='../Vườn\r\n"bưởi".mp3')

    yield app
    database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4, outbuf_high_watermark=1 << 16)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    server.task_dispatcher.shutdown(timeout=2)


def etag_of(client: FlaskClient) -> str:
    return client.head("/sound.mp3").headers["ETag"]


def test_the_whole_file_comes_with_its_length_and_a_strong_validator(client: FlaskClient, shelf: Shelf) -> None:
    answer = client.get("/sound.mp3")
    assert answer.status_code == 200
    assert answer.data == shelf.whole
    assert answer.headers["Content-Length"] == str(len(shelf.whole))
    assert answer.headers["ETag"] == f'"{shelf.splice.etag}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Content-Disposition" not in answer.headers
    assert shelf.finished == ["sound"]


def test_head_tells_the_length_and_sends_and_notes_nothing(client: FlaskClient, shelf: Shelf) -> None:
    answer = client.head("/sound.mp3")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(shelf.whole))
    assert shelf.finished == []


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, None),
        ("bytes=5-300010", 5, 300_011),
        ("bytes=399999-", 399_999, None),
        ("bytes=100-99999999", 100, None),
        ("bytes=-1", -1, None),
        ("bytes=-99999999", 0, None),
        ("BYTES= 7 - 9 ", 7, 10),
    ],
)
def test_one_range_is_answered_with_just_those_bytes(
    client: FlaskClient, shelf: Shelf, asked: str, start: int, end: int | None
) -> None:
    answer = client.get("/sound.mp3", headers={"Range": asked})
    wanted = shelf.whole[start:end]
    first = start % len(shelf.whole)
    assert answer.status_code == 206
    assert answer.data == wanted
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(shelf.whole)}"
    assert shelf.finished == (["sound"] if end is None else [])


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=0-1,5-9", "bytes=-", "bytes=a-b", "items=0-1", "", "bytes", "bytes=" + "9" * 40 + "-", MANY],
)
def test_what_is_no_single_range_is_answered_with_the_whole(client: FlaskClient, shelf: Shelf, asked: str) -> None:
    answer = client.get("/sound.mp3", headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.data == shelf.whole


@pytest.mark.parametrize("asked", ["bytes=400014-", "bytes=99999999-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(client: FlaskClient, shelf: Shelf, asked: str) -> None:
    answer = client.get("/sound.mp3", headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(shelf.whole)}"


def test_a_range_of_another_version_is_answered_with_the_whole(client: FlaskClient, shelf: Shelf) -> None:
    weak = "W/" + etag_of(client)
    for other in ('"other"', weak, "Thu, 11 Jun 2026 05:30:00 GMT"):
        answer = client.get("/sound.mp3", headers={"Range": "bytes=5-9", "If-Range": other})
        assert (answer.status_code, len(answer.data)) == (200, len(shelf.whole))
    same = client.get("/sound.mp3", headers={"Range": "bytes=5-9", "If-Range": etag_of(client)})
    assert (same.status_code, same.data) == (206, shelf.whole[5:10])


def test_what_the_browser_has_already_is_not_sent_again(client: FlaskClient, shelf: Shelf) -> None:
    answer = client.get("/sound.mp3", headers={"If-None-Match": etag_of(client), "Range": "bytes=0-4"})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == f'"{shelf.splice.etag}"'
    assert client.get("/sound.mp3", headers={"If-None-Match": '"other"'}).data == shelf.whole
    assert shelf.finished == ["sound"]


def test_a_download_name_is_plain_and_can_not_write_headers(client: FlaskClient) -> None:
    answer = client.get("/named")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="V-n-b-i-.mp3"'
    assert ascii_name("TUNG_MUC/01_0530.mp3") == "01_0530.mp3"
    assert ascii_name("..") == "tep"


def test_a_missing_blob_is_told_before_any_sound_is_sent(client: FlaskClient, shelf: Shelf) -> None:
    shelf.blobs.path(shelf.splice.parts[1].blob).unlink()  # type: ignore[union-attr]
    with pytest.raises(EngineError, match="is gone"):
        client.get("/sound.mp3")


@pytest.mark.parametrize("damage", ["one byte", "short"])
def test_a_damaged_blob_breaks_the_connection_and_never_gives_other_bytes(port: int, shelf: Shelf, damage: str) -> None:
    path = shelf.blobs.path(shelf.splice.parts[3].blob)  # type: ignore[union-attr]
    content = bytearray(path.read_bytes())
    content[120_000] ^= 1  # outside of the range that is played, inside of the blob
    path.write_bytes(content if damage == "one byte" else content[:5_000])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/sound.mp3")
    with pytest.raises(http.client.IncompleteRead) as broken:
        connection.getresponse().read()
    assert shelf.whole.startswith(broken.value.partial)
    assert shelf.finished == []


@pytest.mark.faults
def test_downloads_aborted_anywhere_go_on_to_the_same_file(port: int, shelf: Shelf) -> None:
    chance = random.Random(18)
    for _round in range(int(os.environ.get("FAULT_ROUNDS", "20"))):
        got, tries = b"", 0
        etag = ""
        while len(got) < len(shelf.whole):
            tries += 1
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            headers = {"Range": f"bytes={len(got)}-", "If-Range": etag} if got else {}
            connection.request("GET", "/sound.mp3", headers=headers)
            answer = connection.getresponse()
            assert answer.status == (206 if got else 200)
            etag = answer.headers["ETag"]
            most = len(shelf.whole) if tries > 3 else chance.randint(1, len(shelf.whole))
            got += answer.read(min(most, len(shelf.whole) - len(got)))
            connection.sock and connection.sock.close()
            connection.close()
        assert hashlib.sha256(got).hexdigest() == hashlib.sha256(shelf.whole).hexdigest()
    assert len(shelf.finished) >= 20
