"""The head of an MP3 file made of stored pieces: tags and chapters, then the frame that tells players its length.

Laid before bare frames it makes a file that decodes without a warning, seeks exactly and lasts as long as the sum of
its frames: 1 152 samples for each. Nothing here imports more than the standard library: it is done for every download.
"""

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, frames_to_ms
from .frames import BIT_RATE, HEADER

if TYPE_CHECKING:
    import datetime

_UTF16 = b"\x01"
_NO_OFFSET = 0xFFFFFFFF
_MOST_CHAPTERS = 255
"""The list of contents counts them in one byte."""

_FRAME_BYTES = 208
_SIDE_INFO_END = 21
"""4 bytes of header and 17 of side information, for one channel."""
_DECODER_DELAY = 529
"""Samples a layer III decoder lags behind; players add them to the delay they read."""
_HAS_FRAMES, _HAS_BYTES, _HAS_TOC, _HAS_QUALITY = 1, 2, 4, 8


class Chapter(NamedTuple):
    """A stretch of a programme; frames are counted from the first one of sound, the end is left out."""

    start_frame: int
    end_frame: int
    title: str


def head(
    frame_count: int,
    byte_count: int | None = None,
    *,
    title: str,
    artist: str = "",
    album: str = "",
    date: "datetime.date | None" = None,
    track: int | None = None,
    chapters: Sequence[tuple[int, int, str]] = (),
) -> bytes:
    """ID3v2.3 tag in UTF-16, an Info frame, and one silent frame: what goes before so many frames of sound.

    byte_count: size of those frames; by default what their number makes, right to a byte a piece. chapters: as
    `Chapter`, in order; of more than 255 the first 255 are kept. The same arguments give the same bytes.
    """
    if byte_count is None:
        byte_count = frame_count * SAMPLES_PER_FRAME * BIT_RATE // 8 // SAMPLE_RATE_HZ
    return _tag(title, artist, album, date, track, chapters) + _info_frame(frame_count, byte_count) + _silent_frame()


def _tag(
    title: str,
    artist: str,
    album: str,
    date: "datetime.date | None",
    track: int | None,
    chapters: Sequence[tuple[int, int, str]],
) -> bytes:
    """ID3v2.3 with the ID3v2 chapter frame addendum 1.0 (id3.org)."""
    texts = {
        "TIT2": title,
        "TPE1": artist,
        "TALB": album,
        "TYER": f"{date:%Y}" if date else "",
        "TDAT": f"{date:%d%m}" if date else "",
        "TRCK": str(track) if track is not None else "",
    }
    frames = [_text_frame(name, text) for name, text in texts.items() if text]
    names = [b"chp%d\0" % number for number in range(1, min(len(chapters), _MOST_CHAPTERS) + 1)]
    if names:
        ordered_top_level = 0b11
        contents = b"toc\0" + bytes([ordered_top_level, len(names)]) + b"".join(names)
        frames.append(_id3_frame("CTOC", contents))
    for name, (start, end, heading) in zip(names, chapters, strict=False):
        times = struct.pack(">IIII", frames_to_ms(start), frames_to_ms(end), _NO_OFFSET, _NO_OFFSET)
        frames.append(_id3_frame("CHAP", name + times + _text_frame("TIT2", heading)))
    body = b"".join(frames)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))  # 7 bits a byte
    return b"ID3\x03\x00\x00" + size + body


def _text_frame(name: str, text: str) -> bytes:
    one_line = " ".join(text.replace("\0", " ").split())
    return _id3_frame(name, _UTF16 + b"\xff\xfe" + one_line.encode("utf-16-le", "replace"))


def _id3_frame(name: str, content: bytes) -> bytes:
    return struct.pack(">4sIH", name.encode(), len(content), 0) + content


def _info_frame(frame_count: int, byte_count: int) -> bytes:
    """A frame without sound that holds the length, as LAME writes it (“Mp3 Info Tag rev 1”, gabriel.mp3-tech.org).

    Delay and padding are chosen so that players which heed them leave out exactly the silent frame that follows,
    and nothing of the sound: then the first sample heard is the first sample of the first piece.
    """
    frames, size = frame_count + 1, byte_count + 2 * _FRAME_BYTES
    fields = struct.pack(
        ">4sIII100sI",
        b"Info",
        _HAS_FRAMES | _HAS_BYTES | _HAS_TOC | _HAS_QUALITY,
        frames,
        size,
        bytes(percent * 256 // 100 for percent in range(100)),
        50,
    )
    delay, padding = SAMPLES_PER_FRAME - _DECODER_DELAY, _DECODER_DELAY
    lame = struct.pack(
        ">9sBBIHHBB3sBBHIH",
        b"LAME3.100",
        0x01,  # revision 0, constant bit rate
        110,  # low-pass in hundreds of Hz
        0,  # peak: unknown
        0,  # replay gains: unset
        0,
        0,
        BIT_RATE // 1_000,
        (delay << 12 | padding).to_bytes(3, "big"),
        0,
        0,
        0,
        size,
        0,  # CRC of the music: not taken, the pieces have their own hashes
    )
    frame = HEADER + b"\xc4" + bytes(_SIDE_INFO_END - 4) + fields + lame
    frame += crc16(frame).to_bytes(2, "big")
    return frame.ljust(_FRAME_BYTES, b"\0")


def _silent_frame() -> bytes:
    """A frame that decodes to 1 152 zeros and leans on nothing before it."""
    return (HEADER + b"\xc4").ljust(_FRAME_BYTES, b"\0")


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x8005, reflected, from zero: the one of LAME's tag."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def _crc16_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC16 = [_crc16_of(byte) for byte in range(256)]
