import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.audio.frames import count, offsets
from broadcast_service.domain.splice import BlobRange
from broadcast_service.formats.hls import Piece, playlist, segments
from tests.audio.sounds import pieces

TAG = 73


def stored() -> dict[str, bytes]:
    """A short piece, one longer than a segment, and others."""
    single = [piece.frames for piece in pieces()]
    return {"a": single[3], "b": b"".join(single[:3] * 3), "c": single[0], "d": single[1]}


def shelf(blobs: dict[str, bytes]) -> list[Piece]:
    return [Piece(name, len(data), count(data)) for name, data in blobs.items()]


def bytes_of(blobs: dict[str, bytes]) -> list[bytes]:
    def read(blob: str, start: int, length: int) -> Iterator[bytes]:
        yield blobs[blob][start : start + length]

    return [b"".join(segment.content.read(read)) for segment in segments(shelf(blobs))]


def test_segments_are_the_pieces_to_the_last_byte() -> None:
    single = {name: data for name, data in stored().items() if name != "b"}
    bodies = [data[TAG:] for data in bytes_of(single)]
    assert b"".join(bodies) == b"".join(single.values())


def test_every_segment_begins_with_its_time_and_consists_of_whole_frames() -> None:
    place = 0
    single = {name: data for name, data in stored().items() if name != "b"}
    for data, segment in zip(bytes_of(single), segments(shelf(single)), strict=True):
        assert data[:3] == b"ID3"
        assert data[20:65] == b"com.apple.streaming.transportStreamTimestamp\0"
        assert int.from_bytes(data[65:TAG], "big") == segment.start_frame * 1_152 * 90_000 // 44_100
        assert segment.start_frame == place
        assert len(offsets(data[TAG:])) == segment.frames
        place += segment.frames


def test_a_piece_longer_than_a_segment_is_cut_between_frames() -> None:
    one = pieces()[0].frames
    long = encode_long()
    found = bytes_of({"long": long, "one": one})
    assert len(found) > 3
    assert all(offsets(data[TAG:]) for data in found)
    assert b"".join(data[TAG:] for data in found) == long + one


def encode_long() -> bytes:
    import numpy as np

    from broadcast_service.audio.mastering import decode, encode

    return encode(np.tile(decode(pieces()[0].frames), 6))


@given(st.lists(st.integers(1, 3_000), max_size=30))
def test_no_segment_is_longer_than_promised_and_no_frame_is_lost(lengths: list[int]) -> None:
    found = segments(Piece(str(n), frames * 1_152 * 8_000 // 44_100, frames) for n, frames in enumerate(lengths))
    assert sum(segment.frames for segment in found) == sum(lengths)
    assert all(0 < segment.length_s <= 10 for segment in found)
    ranges = [part for segment in found for part in segment.content.parts if isinstance(part, BlobRange)]
    assert sum(part.length for part in ranges) == sum(frames * 1_152 * 8_000 // 44_100 for frames in lengths)


def test_the_playlist_tells_every_length_and_an_end() -> None:
    found = segments(shelf({"a": pieces()[0].frames, "b": pieces()[1].frames}))
    lines = playlist(found, lambda number: f"doan-{number}.mp3").decode().splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    target = int(re.findall(r"TARGETDURATION:(\d+)", "\n".join(lines))[0])
    told = [float(line[8:-1]) for line in lines if line.startswith("#EXTINF:")]
    assert sum(told) == pytest.approx(sum(segment.length_s for segment in found), abs=1e-3)
    assert max(told) <= target <= 10


def test_nothing_makes_an_empty_playlist() -> None:
    assert b"#EXT-X-ENDLIST" in playlist(segments([]), str)


@pytest.mark.media
def test_ffmpeg_plays_the_list_from_end_to_end(tmp_path: Path) -> None:
    blobs = {"long": encode_long(), "one": pieces()[1].frames, "two": pieces()[3].frames}
    for number, data in enumerate(bytes_of(blobs)):
        (tmp_path / f"{number}.mp3").write_bytes(data)
    path = tmp_path / "list.m3u8"
    path.write_bytes(playlist(segments(shelf(blobs)), lambda number: f"{number}.mp3"))
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", "44100", "-"]
    played = subprocess.run(command, capture_output=True, check=True)
    frames = sum(count(data) for data in blobs.values())
    assert played.stderr == b""
    assert len(played.stdout) / 2 == pytest.approx(frames * 1_152, abs=3 * 1_152)
