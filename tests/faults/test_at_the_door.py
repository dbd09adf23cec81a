"""Files as nobody should hand them in, at both doors: each ends in a sentence, and nothing of it stays."""

import http.client
import io
import socket
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.audio.loudness import integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import decode
from broadcast_service.services import recordings
from broadcast_service.storage.tables import Recording, Script
from broadcast_service.studio import Studio
from tests.audio.files import encoded, float_wav, id3, plain_wav
from tests.factories import make_script
from tests.faults.aftermath import assert_nothing_is_damaged, browser, counts
from tests.services.test_recordings import FIRST, SECOND, speech
from tests.web.test_serving import running

pytestmark = pytest.mark.faults


def a_zip() -> bytes:
    """What a colleague sends who has packed the recording, and renamed it then."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ghi-am.wav", plain_wav(1))
    return out.getvalue()


def with_chunk(name: bytes, payload: bytes, *, claimed: int | None = None) -> bytes:
    """A WAV with one more chunk before its sound."""
    wav = plain_wav(3)
    chunk = name + struct.pack("<I", len(payload) if claimed is None else claimed) + payload + bytes(len(payload) & 1)
    body = wav[8:12] + chunk + wav[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def frame(name: bytes, payload: bytes, flags: bytes = b"\0\0") -> bytes:
    """A frame of an ID3v2.3 tag."""
    return name + struct.pack(">I", len(payload)) + flags + payload


def tag(payload: bytes) -> bytes:
    return id3(len(payload)) + payload


def three_hours() -> bytes:
    """As a small file: silence."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="flac") as file:
        stream = file.add_stream("flac", rate=16_000, layout="mono")
        part = av.AudioFrame.from_ndarray(np.zeros((1, 4_608), dtype=np.int16), format="s16", layout="mono")
        part.sample_rate = 16_000
        for _ in range(3 * 3_600 * 16_000 // 4_608):
            part.pts = None
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def mp3() -> bytes:
    return encoded(speech(FIRST), "mp3")


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "0 bytes": (lambda: b"", "rỗng"),
    "renamed ZIP": (a_zip, "ZIP"),
    "Word file": (lambda: a_zip().replace(b"ghi-am.wav", b"word/a.xml"), "Word"),
    "sound, then ZIP": (lambda: plain_wav(3) + a_zip(), "ZIP"),
    "mp3, then ZIP": (lambda: mp3() + a_zip(), "ZIP"),
    "page in a tag": (lambda: tag(frame(b"TIT2", b"\0<script>alert(1)</script>")) + mp3(), "giấu"),
    "page in a chunk": (lambda: with_chunk(b"LIST", b"<html><script>alert(1)</script></html>"), "giấu"),
    "PDF in a tag": (lambda: tag(b"%PDF-1.7\n" + bytes(500)) + mp3(), "giấu"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(4_000), "tấm ảnh"),
    "program": (lambda: b"MZ" + bytes(4_000), "chương trình"),
    "tag of 100 MB that is not there": (lambda: id3(100 << 20) + bytes(2_000), "ID3"),
    "tag of 9 MB that is there": (lambda: tag(bytes(9 << 20)) + mp3(), "ID3"),
    "tags one after another": (lambda: tag(bytes(20)) * 40 + mp3(), "ID3"),
    "nothing but a tag": (lambda: tag(frame(b"TIT2", b"\0bai")), "ID3"),
    "tag that is no tag": (lambda: b"ID3\x03\0\0\xff\xff\xff\xff" + mp3(), "ID3"),
    "silence": (lambda: plain_wav(5, value=0), "không có tiếng"),
    "no numbers": (lambda: float_wav(np.full(200_000, np.nan, dtype=np.float32)), "hỏng"),
    "half of it": (lambda: encoded(speech(FIRST), "wav")[:100_000], "cụt"),
}
"""What it is, how it is made, and a word of the sentence that both doors say."""

VOICES_ONLY: dict[str, tuple[Callable[[], bytes], str]] = {
    "8 kHz": (lambda: plain_wav(5, rate_hz=8_000), "8 kHz"),
    "nothing but direct current": (lambda: plain_wav(5, value=9_000), "không có tiếng"),
    "a tenth of a second": (lambda: plain_wav(0.1), "ngắn quá"),
}


@pytest.fixture
def script(studio: Studio) -> Script:
    with studio.database.transaction() as session:
        return make_script(session, text=f"{FIRST}\n\n{SECOND}", status="approved")


@pytest.fixture
def editor(studio: Studio) -> FlaskClient:
    return browser(studio, "editor")


def hand_in(
    editor: FlaskClient, script: Script, data: bytes, *, name: str = "ghi-am.mp3", reader: str = "Trần Văn An"
) -> tuple[int, str]:
    form = {
        "revision_id": script.latest.id, "paragraph": 1, "words": recordings.text_hash([FIRST]), "reader": reader,
        "recording": (io.BytesIO(data), name),
    }  # fmt: skip
    answer = editor.post(f"/scripts/{script.id}/recording", data=form)
    return answer.status_code, answer.text


@pytest.mark.parametrize("what", [*BAD, *VOICES_ONLY])
def test_a_bad_recording_is_a_sentence_at_its_field(
    studio: Studio, editor: FlaskClient, script: Script, what: str
) -> None:
    make, word = (BAD | VOICES_ONLY)[what]
    status, page = hand_in(editor, script, make())
    assert status == 422
    told = page.partition('id="recording-loi"')[2].partition("</div>")[0]
    assert word in told, told
    assert "Hãy" in told, "it says what to do"
    assert counts(studio)["recording"] == counts(studio)["piece"] == 0
    assert_nothing_is_damaged(studio)
    assert not [path for path in (studio.settings.data_dir / "recordings").rglob("*") if path.is_file()]


@pytest.mark.parametrize("what", list(BAD))
def test_bad_music_is_a_sentence_at_its_field(studio: Studio, what: str) -> None:
    make, word = BAD[what]
    form = {"name": "Nhạc mới", "kind": "signature", "file": (io.BytesIO(make()), "nhac.mp3")}
    answer = browser(studio, "planner").post("/sounds", data=form)
    assert answer.status_code == 422
    assert word in answer.text
    assert counts(studio)["sound"] == counts(studio)["piece"] == 0
    assert_nothing_is_damaged(studio)
    assert not [path for path in (studio.settings.data_dir / "recordings").rglob("*") if path.is_file()]


@pytest.mark.slow
def test_three_hours_are_refused_at_both_doors(studio: Studio, editor: FlaskClient, script: Script) -> None:
    data = three_hours()
    status, page = hand_in(editor, script, data)
    assert status == 422
    assert "dài quá 60 phút" in page
    form = {"name": "Nhạc mới", "kind": "bed", "file": (io.BytesIO(data), "nhac.mp3")}
    answer = browser(studio, "planner").post("/sounds", data=form)
    assert answer.status_code == 422
    assert "dài quá 10 phút" in answer.text
    assert counts(studio)["piece"] == 0
    assert_nothing_is_damaged(studio)


def taken(studio: Studio) -> Recording:
    with studio.database.reading() as session:
        return session.scalars(select(Recording)).one()


def heard(studio: Studio, take: Recording) -> np.ndarray:
    """What is heard of the take, after the checks that every piece must pass."""
    from broadcast_service.services import recordings

    with studio.database.reading() as session:
        (piece,) = recordings.pieces_of(session, take)
        assert piece.is_faulty is False
        samples = decode(b"".join(studio.blobs.read(piece.blob)))
    assert integrated_lufs(samples) == pytest.approx(-16, abs=0.5)
    assert true_peak_dbtp(samples) <= -1
    return samples


def test_two_channels_become_one_that_is_whole(studio: Studio, editor: FlaskClient, script: Script) -> None:
    left = speech(FIRST)
    status, _ = hand_in(editor, script, encoded(np.stack((left, left[::-1] * 0)), "wav"))
    assert status == 302
    take = taken(studio)
    assert "gộp thành một kênh" in take.notes[0]
    length_s = len(heard(studio, take)) / 44_100
    assert length_s == pytest.approx(len(left) / 44_100 - 2 + 0.6 + 0.4, abs=1.0), "no word is missing"
    assert_nothing_is_damaged(studio)


def test_direct_current_is_gone_and_said(studio: Studio, editor: FlaskClient, script: Script) -> None:
    status, _ = hand_in(editor, script, encoded(speech(FIRST) * np.float32(0.5) + np.float32(0.2), "wav"))
    assert status == 302
    take = taken(studio)
    assert "lệch khỏi mức giữa" in " ".join(take.notes)
    assert abs(float(heard(studio, take).mean())) < 0.001
    assert take.before["noise_db"] < -20, "the room was quiet, whatever the microphone added"
    assert_nothing_is_damaged(studio)


HARMLESS: dict[str, Callable[[], bytes]] = {
    "a tag of 200 000 frames": lambda: tag(frame(b"TXXX", b"\0") * 200_000) + mp3(),
    "a tag that unpacks to 600 MB": lambda: (
        tag(frame(b"APIC", struct.pack(">I", 600_000_000) + zlib.compress(bytes(60_000_000), 9), b"\0\x80")) + mp3()
    ),
    "a chunk of ID3 in a WAV": lambda: with_chunk(b"id3 ", tag(frame(b"TIT2", b"\0bai") * 1_000)),
}


@pytest.mark.parametrize("what", list(HARMLESS))
def test_a_tag_that_would_explode_is_never_opened(
    studio: Studio, editor: FlaskClient, script: Script, what: str
) -> None:
    data = HARMLESS[what]()
    tracemalloc.start()
    status, page = hand_in(editor, script, data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert status == 302, page
    assert most < 60_000_000, "the recording itself takes some megabytes in each of its forms"
    assert taken(studio).original_bytes == len(data)
    assert_nothing_is_damaged(studio)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "C:\\Users\\Lan\\ghi âm.wav",
        "a\0b.wav",
        "x" * 300 + ".wav",
        "ghi âm.wav",
        "\u202egnp.wav",
        " ",
    ],
)
def test_whatever_a_file_is_called_it_lies_where_we_put_it(
    studio: Studio, editor: FlaskClient, script: Script, name: str, tmp_path: Path
) -> None:
    status, page = hand_in(editor, script, encoded(speech(FIRST), "wav"), name=name)
    assert status == 302, page
    kept = taken(studio).original_name
    assert 0 < len(kept) <= 200
    assert not set(kept) & set("/\\\0\u202e")
    assert editor.get("/recordings/1/original?download=1").status_code == 200
    assert_nothing_is_damaged(studio)


@pytest.mark.parametrize("reader", ["Trần\0 Văn An", "Tra\u0302\u0300n Va\u0306n An", "Trần\u200b Văn\tAn"])
def test_the_reader_is_named_as_people_write(studio: Studio, editor: FlaskClient, script: Script, reader: str) -> None:
    assert hand_in(editor, script, encoded(speech(FIRST), "wav"), reader=reader)[0] == 302
    assert taken(studio).reader == "Trần Văn An"


def test_an_upload_that_breaks_off_leaves_nothing(studio: Studio, editor: FlaskClient, script: Script) -> None:
    cookie = editor.get_cookie("dang-nhap")
    assert cookie
    head = (
        f"POST /scripts/{script.id}/recording HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: dang-nhap={cookie.value}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'
    )
    with running(editor.application, studio) as server:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as phone:
                phone.sendall(head.encode() + plain_wav(40))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
    assert counts(studio)["recording"] == counts(studio)["piece"] == 0
    assert_nothing_is_damaged(studio)
    assert not (studio.settings.data_dir / "recordings").exists()
