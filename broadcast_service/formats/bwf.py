"""The head of a Broadcast Wave file: WAV with the chunk that tells a studio what it is and how loud.

Source: EBU Tech 3285 v2 (bext), Microsoft's RIFF WAVE. The samples follow it, and are not needed to make it.
"""

import struct
from dataclasses import dataclass
from datetime import datetime

from ..errors import Invalid
from .m3u import plain

LARGEST_BYTES = 0xFFFF_FFFF
CONTENT_TYPE = "audio/wav"
_PCM = 1
_VERSION = 2
_UNMEASURED = 0x7FFF


@dataclass(frozen=True)
class Described:
    """What the chunk tells. Texts are written in plain ASCII, as the format asks."""

    description: str
    originator: str
    reference: str
    """A code that nothing else of the originator has."""
    made_at: datetime
    """Local time; samples begin at midnight plus `starts_at_sample`."""
    starts_at_sample: int
    coding_history: str
    """A step a line (EBU R 98)."""
    loudness_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None
    loudest_momentary_lufs: float | None = None
    loudest_short_term_lufs: float | None = None


def head(told: Described, *, sample_count: int, rate_hz: int, bits: int) -> bytes:
    """Everything before the samples of one channel, little-endian; if their bytes are odd, one zero goes after them.

    Raises Invalid when the file would pass 4 GB.
    """
    size = sample_count * bits // 8
    form = struct.pack("<HHIIHH", _PCM, 1, rate_hz, rate_hz * bits // 8, bits // 8, bits)
    chunks = _chunk(b"bext", _bext(told)) + _chunk(b"fmt ", form) + b"data" + struct.pack("<I", size & LARGEST_BYTES)
    total = 4 + len(chunks) + size + (size & 1)
    if total > LARGEST_BYTES:
        raise Invalid("Chương trình dài quá 4 GB nên không xuất thành một tệp WAV được. Hãy xuất từng phần.")
    return b"RIFF" + struct.pack("<I", total) + b"WAVE" + chunks


def _bext(told: Described) -> bytes:
    loudness = (
        told.loudness_lufs, told.range_lu, told.true_peak_dbtp,
        told.loudest_momentary_lufs, told.loudest_short_term_lufs,
    )  # fmt: skip
    fixed = struct.pack(
        "<256s32s32s10s8sQH64s5h180s",
        _ascii(told.description, 256),
        _ascii(told.originator, 32),
        _ascii(told.reference, 32),
        f"{told.made_at:%Y-%m-%d}".encode(),
        f"{told.made_at:%H:%M:%S}".encode(),
        told.starts_at_sample,
        _VERSION,
        b"",
        *(_hundredths(value) for value in loudness),
        b"",
    )
    steps = plain(told.coding_history).encode("ascii", "replace").splitlines()
    return fixed + b"".join(step + b"\r\n" for step in steps) + b"\0"


def _hundredths(value: float | None) -> int:
    """As Tech 3285 v2 writes a loudness; what is not known, or nothing but silence, is marked as not measured."""
    return _UNMEASURED if value is None or abs(value) > 99.99 else round(value * 100)


def _ascii(text: str, size: int) -> bytes:
    return " ".join(plain(text).split()).encode("ascii", "replace")[:size]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)
