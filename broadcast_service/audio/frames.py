"""The frames of the one kind of MP3 that is stored: MPEG-1 layer III, 44.1 kHz, mono, CBR 64 kbit/s, no CRC."""

from ..domain.units import Frames

BIT_RATE = 64_000
HEADER = b"\xff\xfb\x50"
"""First bytes of a frame without padding, private bit clear (ISO 11172-3, 2.4.1.3)."""

_SHORT = 144 * BIT_RATE // 44_100
"""Bytes of an unpadded frame; a padded one has one more."""
_MONO = 0b11


class FormatError(ValueError):
    """The bytes are not whole frames of the stored kind. The text says where and why."""


def count(data: bytes) -> Frames:
    """How many frames the data consists of, from its first byte to its last. Raises FormatError."""
    return Frames(len(offsets(data)))


def offsets(data: bytes) -> list[int]:
    """Where each frame begins, in bytes; its end is where the next begins. Raises FormatError.

    A tag, an Info frame, another rate, bit rate or channel count, a cut-off frame: all are refused, since whatever
    is stored will stand in the middle of a programme.
    """
    found = []
    place, size = 0, len(data)
    while place + 4 <= size:
        if data[place] != 0xFF or data[place + 1] != 0xFB:
            raise FormatError(
                f"byte {place}: no frame of MPEG-1 layer III begins here: {data[place : place + 4].hex()}"
            )
        form = data[place + 2]
        if form & 0xFD != 0x50 or data[place + 3] >> 6 != _MONO:
            raise FormatError(f"byte {place}: not 64 kbit/s, 44.1 kHz, mono: {data[place : place + 4].hex()}")
        found.append(place)
        place += _SHORT + (form >> 1 & 1)
    if place != size:
        raise FormatError(f"the last frame ends at byte {place}, the data at {size}")
    if found and data[21:25] in (b"Info", b"Xing"):
        raise FormatError("the first frame is an Info frame, not sound")
    return found


def main_data_begin(data: bytes, frame_offset: int = 0) -> int:
    """How many bytes before this frame its sound begins (ISO 11172-3, 2.4.2.7).

    0 in the first frame of whatever an encoder makes; that is why whole pieces join without loss.
    """
    return data[frame_offset + 4] << 1 | data[frame_offset + 5] >> 7
