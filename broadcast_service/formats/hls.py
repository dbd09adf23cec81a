"""HTTP Live Streaming straight from the stored pieces of MP3: nothing is encoded, written or kept for it.

Source: RFC 8216, sections 3.4 (packed audio), 4 (playlists). A segment is a tag with its time and ranges of pieces.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..domain.splice import BlobRange, Part, Splice
from ..domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME

CONTENT_TYPE = "application/vnd.apple.mpegurl"
SEGMENT_TYPE = "audio/mpeg"
TARGET_S = 10

_BIT_RATE = 64_000
_TARGET_FRAMES = TARGET_S * SAMPLE_RATE_HZ // SAMPLES_PER_FRAME
_OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
_CLOCK_HZ = 90_000
_CLOCK_BITS = 33


@dataclass(frozen=True)
class Piece:
    """A stored piece: its blob, its bytes, its frames."""

    blob: str
    size: int
    frames: int


@dataclass(frozen=True)
class Segment:
    """Some ten seconds of a programme, to be sent as one file."""

    content: Splice
    start_frame: int
    frames: int

    @property
    def length_s(self) -> float:
        """Playing time."""
        return self.frames * SAMPLES_PER_FRAME / SAMPLE_RATE_HZ


def segments(pieces: Iterable[Piece]) -> list[Segment]:
    """The programme in segments of at most TARGET_S, cut between pieces and, where one is longer, within it.

    A cut within a piece may cost a player that begins there a frame or two of 26 ms; who plays on loses nothing.
    """
    made: list[Segment] = []
    parts: list[Part] = []
    start = frames = 0

    def close() -> None:
        nonlocal parts, start, frames
        if frames:
            made.append(Segment(Splice([_timestamp(start), *parts]), start, frames))
        start, frames, parts = start + frames, 0, []

    for piece in pieces:
        first = 0
        while first < piece.frames:
            left = piece.frames - first
            room = _TARGET_FRAMES - frames
            if left > room and frames and left <= _TARGET_FRAMES:
                close()
                continue
            taken = min(left, room)
            parts.append(_range(piece, first, first + taken))
            first, frames = first + taken, frames + taken
            if frames == _TARGET_FRAMES:
                close()
    close()
    return made


def playlist(found: Sequence[Segment], address: Callable[[int], str]) -> bytes:
    """The media playlist of a whole programme. address: where the segment of that number is to be had."""
    target = max((-(-segment.frames * SAMPLES_PER_FRAME // SAMPLE_RATE_HZ) for segment in found), default=TARGET_S)
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{target}", "#EXT-X-PLAYLIST-TYPE:VOD"]
    lines.append("#EXT-X-MEDIA-SEQUENCE:0")
    for number, segment in enumerate(found):
        lines += [f"#EXTINF:{segment.length_s:.5f},", address(number)]
    return ("\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n").encode()


def _range(piece: Piece, first: int, end: int) -> BlobRange:
    start = _offset(first)
    return BlobRange(piece.blob, start, (piece.size if end == piece.frames else _offset(end)) - start)


def _offset(frame: int) -> int:
    """Where a frame begins in a piece of constant bit rate that begins with frame 0: what is left over is carried."""
    return frame * SAMPLES_PER_FRAME * _BIT_RATE // (8 * SAMPLE_RATE_HZ)


def _timestamp(frame: int) -> bytes:
    """ID3v2.4 tag with one PRIV frame: when the segment begins, in ticks of 90 kHz (RFC 8216, 3.4)."""
    ticks = frame * SAMPLES_PER_FRAME * _CLOCK_HZ // SAMPLE_RATE_HZ % (1 << _CLOCK_BITS)
    private = _OWNER + ticks.to_bytes(8, "big")
    body = b"PRIV" + _synchsafe(len(private)) + b"\0\0" + private
    return b"ID3\x04\0\0" + _synchsafe(len(body)) + body


def _synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
