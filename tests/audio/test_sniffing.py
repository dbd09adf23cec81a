"""What a file really is, told by its bytes: sound behind tags and zeros is found, nothing else passes for it."""

import io
import zipfile
from pathlib import Path

import pytest
import soxr

from tests.audio.files import encoded, id3, plain_wav
from tests.audio.sounds import sine
from tests.audio.test_recording import refused, speech, taken


def test_nothing_at_all(tmp_path: Path) -> None:
    assert "rỗng" in refused(tmp_path, b"")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04" + bytes(500), "ZIP"),
        (b"%PDF-1.7\n" + bytes(500), "PDF"),
        (b"MZ" + bytes(500), "Windows"),
        (b"<!doctype html><title>x</title>", "trang web"),
        (b"\x89PNG\r\n" + bytes(500), "ảnh"),
        (bytes(5_000), "Không nhận ra"),
        (b"Xin chao ba con", "Không nhận ra"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "Không nhận ra"),
    ],
)
def test_what_is_no_sound_is_told_by_its_content(data: bytes, word: str, tmp_path: Path) -> None:
    assert word in refused(tmp_path, data)


def test_a_sound_that_is_a_zip_as_well_is_refused(tmp_path: Path) -> None:
    end = b"PK\x05\x06" + bytes(18)
    assert "ZIP" in refused(tmp_path, plain_wav(1) + end)


@pytest.mark.parametrize("behind", [b"", b"\n", b"\0" * 900], ids=["nothing", "a line end", "zeros"])
@pytest.mark.parametrize("before", [b"", b"moved"], ids=["as it was", "moved"])
@pytest.mark.parametrize("kind", ["mp3", "wav"])
def test_a_zip_behind_a_sound_is_found_whatever_follows(
    kind: str, before: bytes, behind: bytes, tmp_path: Path
) -> None:
    packed = io.BytesIO(sound := encoded(speech()[:44_100], kind))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("a.txt", "x" * 1_000)
    data = sound + before + packed.getvalue()[len(sound) :] + behind
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["a.txt"]
    assert "ZIP" in refused(tmp_path, data)


def test_four_bytes_that_happen_to_stand_in_a_sound_make_no_zip(tmp_path: Path) -> None:
    data = bytearray(encoded(speech(), "wav"))
    data[-5_000:-4_978] = b"PK\x05\x06" + bytes(range(18))
    assert taken(tmp_path, bytes(data)).codec.startswith("pcm")


@pytest.mark.parametrize("payload", [b"<script>alert(1)</script>", b"<html>", b"%PDF-1.4", b"<?php system(1);"])
def test_a_tag_that_hides_a_page_is_refused(payload: bytes, tmp_path: Path) -> None:
    data = id3(200) + payload.ljust(200, b"\0") + encoded(speech(), "mp3")
    assert "giấu" in refused(tmp_path, data)


def test_a_tag_of_a_hundred_megabytes_is_not_read(tmp_path: Path) -> None:
    assert "ID3" in refused(tmp_path, id3(100 << 20) + bytes(2_000))
    assert "ID3" in refused(tmp_path, id3(10) * 4_000)
    assert "ID3" in refused(tmp_path, (id3(10) + bytes(10)) * 4_000)
    assert "ID3" in refused(tmp_path, b"ID3\x03\x00\x00\xff\xff\xff\xff" + bytes(2_000))


def test_a_tag_that_claims_more_than_there_is_is_called_damaged_though_sound_follows(tmp_path: Path) -> None:
    assert "hỏng" in refused(tmp_path, id3(90 << 20) + bytes(1_000) + encoded(speech(), "mp3"))
    assert "không có tiếng" in refused(tmp_path, id3(500) + bytes(500))


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100, 48_000])
def test_zeros_before_an_mp3_and_its_tag_are_left_out(rate_hz: int, tmp_path: Path) -> None:
    whole = encoded(soxr.resample(speech(), 44_100, rate_hz), "mp3", rate_hz=rate_hz)
    frames = whole[10 + int.from_bytes(whole[6:10]) :] if whole[:3] == b"ID3" else whole
    for padded in (b"\0" + frames, bytes(3_000) + whole, id3(100) + bytes(600) + frames, bytes(60_000) + frames):
        found = taken(tmp_path, padded)
        assert abs(found.before.length_ms - len(speech()) / 44.1) < 150


def test_an_mp3_that_begins_within_a_frame_is_taken(tmp_path: Path) -> None:
    whole = encoded(speech(), "mp3")
    for data in (whole[700:], b"\0" + whole[700:], id3(100) + bytes(600) + whole[700:]):
        assert abs(taken(tmp_path, data).before.length_ms - len(speech()) / 44.1) < 200


LATE = encoded(sine(300, 1), "mp3")


@pytest.mark.parametrize(
    ("hidden", "word"),
    [
        (b"PK\x03\x04" + bytes(900), "Không nhận ra"),
        (b"\xff\xfb\x90\xc4" + bytes(5_000), "Không nhận ra"),
        (b"PK\x03\x04" + bytes(900) + LATE, "Không nhận ra"),
        (b"\x01\x02<script>alert(1)</script>" + LATE, "Không nhận ra"),
        (id3(200) + b"<script>alert(1)</script>".ljust(200, b"\0"), "giấu"),
    ],
    ids=["a ZIP", "one frame and no other", "a ZIP before a sound", "a page before a sound", "a tag with a page in it"],
)
def test_zeros_hide_nothing(hidden: bytes, word: str, tmp_path: Path) -> None:
    frames = encoded(speech(), "mp3")
    behind = frames if hidden[:3] == b"ID3" else b""
    assert word in refused(tmp_path, bytes(700) + hidden + behind)
    assert word in refused(tmp_path, bytes(50_000) + hidden + behind)
    assert "Không nhận ra" in refused(tmp_path, bytes(70_000) + frames)


def test_a_usual_tag_does_no_harm(tmp_path: Path) -> None:
    assert taken(tmp_path, id3(3_000) + bytes(3_000) + encoded(speech(), "mp3")).codec.startswith("mp3")
