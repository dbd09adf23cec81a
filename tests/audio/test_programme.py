"""The whole file, read back by other people's programs."""

import datetime
import json
import re
import subprocess
from itertools import accumulate, pairwise
from pathlib import Path

import mutagen.id3
import mutagen.mp3
import numpy as np
import pytest

from broadcast_service.audio.mastering import decode
from broadcast_service.audio.programme import Chapter, crc16, head
from broadcast_service.domain.units import frames_to_ms
from tests.audio.sounds import pieces

DAY = datetime.date(2026, 11, 24)
TITLE = "Người tốt, việc tốt: đường hoa “Ninh Hòa” 🌸"


def chapters() -> list[Chapter]:
    edges = list(accumulate((piece.frame_count for piece in pieces()), initial=0))
    return [Chapter(a, b, f"Mục {n}: bưởi") for n, (a, b) in enumerate(pairwise(edges), 1)]


def frame_total() -> int:
    return sum(piece.frame_count for piece in pieces())


def body() -> bytes:
    return b"".join(piece.frames for piece in pieces())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chương trình") / "buổi sáng.mp3"
    front = head(
        frame_total(), len(body()), title=TITLE, artist="Đài Ninh Hòa", album="Sáng", date=DAY, track=3,
        chapters=chapters(),
    )  # fmt: skip
    path.write_bytes(front + body())
    return path


def run(*command: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([str(part) for part in command], capture_output=True, check=True)


def test_tags_are_read_back(file: Path) -> None:
    tags = mutagen.id3.ID3(file, translate=False)
    assert tags.version == (2, 3, 0)
    assert str(tags["TIT2"]) == TITLE
    assert str(tags["TPE1"]) == "Đài Ninh Hòa"
    assert str(tags["TALB"]) == "Sáng"
    assert (str(tags["TYER"]), str(tags["TDAT"]), str(tags["TRCK"])) == ("2026", "2411", "3")
    assert {tags[name].encoding for name in ("TIT2", "TPE1", "TALB")} == {mutagen.id3.Encoding.UTF16}


def test_chapters_are_read_back_in_order(file: Path) -> None:
    tags = mutagen.id3.ID3(file)
    contents = tags["CTOC:toc"]
    assert contents.flags == mutagen.id3.CTOCFlags.TOP_LEVEL | mutagen.id3.CTOCFlags.ORDERED
    found = [tags[f"CHAP:{name}"] for name in contents.child_element_ids]
    assert [str(chapter.sub_frames["TIT2"]) for chapter in found] == [chapter.title for chapter in chapters()]
    assert [(chapter.start_time, chapter.end_time) for chapter in found] == [
        (frames_to_ms(chapter.start_frame), frames_to_ms(chapter.end_frame)) for chapter in chapters()
    ]


def test_the_length_read_from_the_head_is_the_sum_of_the_frames(file: Path) -> None:
    info = mutagen.mp3.MP3(file).info
    assert info.length == pytest.approx(frame_total() * 1_152 / 44_100, abs=1e-6)
    assert info.bitrate == pytest.approx(64_000, abs=2)
    assert info.bitrate_mode == mutagen.mp3.BitrateMode.CBR
    assert not info.sketchy


def test_the_file_decodes_to_the_sum_of_its_frames(file: Path) -> None:
    assert len(decode(file.read_bytes())) == frame_total() * 1_152


def test_the_first_sample_heard_is_the_first_of_the_first_piece(file: Path) -> None:
    whole, first = decode(file.read_bytes()), decode(pieces()[0].frames)
    assert np.abs(whole[: len(first) - 1_152] - first[:-1_152]).max() < 1e-4


def test_every_piece_is_heard_unchanged_within_the_whole(file: Path) -> None:
    whole = decode(file.read_bytes())
    for chapter, piece in zip(chapters(), pieces(), strict=True):
        alone = decode(piece.frames)
        within = whole[chapter.start_frame * 1_152 : chapter.end_frame * 1_152]
        # the first frame may carry what the piece before it has left in the decoder; its tail is silence
        assert np.abs(within[1_152:] - alone[1_152:]).max() < 1e-4
        assert np.abs(within[:1_152] - alone[:1_152]).max() < 2e-3


def test_the_same_arguments_give_the_same_bytes() -> None:
    arguments = {"title": TITLE, "date": DAY, "chapters": chapters()}
    assert head(100, **arguments) == head(100, **arguments)  # type: ignore[arg-type]


def test_without_a_byte_count_it_is_reckoned_from_the_frames() -> None:
    given, reckoned = (head(frame_total(), size, title="x") for size in (len(body()), None))
    (a,), (b,) = (np.frombuffer(data[data.index(b"Info") + 12 :][:4], dtype=">u4") for data in (given, reckoned))
    assert abs(int(a) - int(b)) <= len(pieces())


def test_empty_tags_are_left_out_and_no_chapters_make_no_contents() -> None:
    front = head(10, title="Chỉ có tên")
    for name in (b"TPE1", b"TALB", b"TYER", b"TRCK", b"CTOC", b"CHAP"):
        assert name not in front


def test_line_breaks_and_nul_in_a_title_become_blanks(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(head(pieces()[3].frame_count, title="Một\nhai\0ba\ud800") + pieces()[3].frames)
    assert str(mutagen.id3.ID3(path)["TIT2"]).startswith("Một hai ba")


def test_more_chapters_than_the_contents_can_count_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    many = [Chapter(n, n + 1, str(n)) for n in range(300)]
    path.write_bytes(head(pieces()[0].frame_count, title="x", chapters=many) + pieces()[0].frames)
    assert len(mutagen.id3.ID3(path)["CTOC:toc"].child_element_ids) == 255


def test_the_tag_carries_a_check_sum_that_is_right() -> None:
    front = head(10, title="x")
    info = front[front.index(b"\xff\xfb\x50") :]
    assert crc16(info[:175]) == int.from_bytes(info[175:177], "big")
    assert crc16(b"123456789") == 0xBB3D  # CRC-16/ARC's check value


@pytest.mark.media
def test_ffmpeg_decodes_every_sample_without_a_warning(file: Path) -> None:
    decoded = run("ffmpeg", "-v", "warning", "-i", file, "-f", "s16le", "-")
    assert decoded.stderr == b""
    assert len(decoded.stdout) == frame_total() * 1_152 * 2


@pytest.mark.media
def test_ffprobe_sees_the_chapters_in_order(file: Path) -> None:
    shown = run("ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_format", file)
    assert shown.stderr == b""
    told = json.loads(shown.stdout)
    assert [chapter["tags"]["title"] for chapter in told["chapters"]] == [chapter.title for chapter in chapters()]
    assert [chapter["start"] for chapter in told["chapters"]] == [frames_to_ms(c.start_frame) for c in chapters()]
    assert told["format"]["tags"]["title"] == TITLE
    assert float(told["format"]["duration"]) == pytest.approx(frame_total() * 1_152 / 44_100, abs=0.03)


@pytest.mark.media
def test_mpg123_decodes_every_sample_without_a_warning(file: Path) -> None:
    tested = run("mpg123", "-t", file)
    assert not re.search(rb"arning|rror|llegal|resync|Frankenstein", tested.stderr), tested.stderr.decode()
    assert len(run("mpg123", "-q", "-s", file).stdout) == frame_total() * 1_152 * 2


@pytest.mark.media
def test_seeking_lands_where_it_should(file: Path) -> None:
    whole = np.frombuffer(run("ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-").stdout, dtype="<i2")
    for chapter in chapters()[1:3]:
        start = chapter.start_frame * 1_152 / 44_100 + 0.5
        found = run("ffmpeg", "-v", "error", "-ss", f"{start:.6f}", "-i", file, "-t", "0.5", "-f", "s16le", "-")
        heard = np.frombuffer(found.stdout, dtype="<i2").astype(float)[2_000:12_000]
        place = round(start * 44_100) + 2_000
        window = whole[place - 3_000 : place + 13_000].astype(float)
        match = np.correlate(window, heard, "valid")
        assert abs(int(match.argmax()) - 3_000) <= 1_152
