"""A ZIP laid out in advance: stored members, every size and CRC-32 known, so that it can be served in ranges.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
Names are ASCII, so the UTF-8 flag, which older Windows ignores, is never needed.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

from ..domain.splice import Part, ReadBlob, Splice
from ..errors import Invalid

LARGEST_BYTES = 0xFFFF_FFFE
"""Without the ZIP64 extension sizes and offsets are 32 bits, and all ones has another meaning."""

_VERSION = 20
_STORED = 0
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?<![.])")


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path with forward slashes, its bytes, and what was measured of them."""

    name: str
    content: Splice
    crc32: int


@dataclass(frozen=True)
class Sums:
    """What reading a file through once tells."""

    sha256: str
    crc32: int


def measure(content: Splice, read_blob: ReadBlob) -> Sums:
    """Read the file once and return its SHA-256 (hexadecimal) and CRC-32. Raises OSError for a missing blob."""
    digest, crc = hashlib.sha256(), 0
    for chunk in content.read(read_blob):
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
    return Sums(digest.hexdigest(), crc)


class Crc32(NamedTuple):
    """The CRC-32 of some bytes and what it takes to put others before them; `Crc32()` is of none.

    Source: the identity zlib's `crc32_combine` rests on: crc(A + B) = crc(A) · x^(8·|B|) + crc(B), in polynomials
    over GF(2) modulo the generator.
    """

    value: int = 0
    shift: int = 1 << 31
    """x^(8·length), reflected: of no bytes it is 1."""

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Of some bytes."""
        return cls(zlib.crc32(content), _shift(len(content)))

    def then(self, other: "Crc32") -> "Crc32":
        """Of these bytes and those of the other behind them."""
        return Crc32(_product(other.shift, self.value) ^ other.value, _product(self.shift, other.shift))


@lru_cache(4096)
def _shift(length: int) -> int:
    """x^(8·length)."""
    found, square = 1 << 31, 1 << 23
    while length:
        if length & 1:
            found = _product(square, found)
        square, length = _product(square, square), length >> 1
    return found


def _product(left: int, right: int) -> int:
    """Of two polynomials, the lowest power in the highest bit."""
    found = 0
    while left:
        if left & 0x8000_0000:
            found ^= right
        left = left << 1 & 0xFFFF_FFFF
        right = right >> 1 ^ 0xEDB8_8320 if right & 1 else right >> 1
    return found


def lay_out(members: Sequence[Member], *, day: date) -> Splice:
    """The archive as a splice: the same members and day give the same bytes.

    day: stands as date of every member, at midnight. Raises ValueError for a name that some system can not
    write, or twice the same; Invalid when the archive would pass 4 GB.
    """
    _check_names([member.name for member in members])
    parts: list[Part] = []
    directory = bytearray()
    offset = 0
    moment = struct.pack("<HH", 0, max(0, day.year - 1980) << 9 | day.month << 5 | day.day)
    for member in members:
        name, size = member.name.encode("ascii"), member.content.size
        if max(offset, size) > LARGEST_BYTES:
            raise _too_large()
        facts = struct.pack("<H", _STORED) + moment + struct.pack("<IIIHH", member.crc32, size, size, len(name), 0)
        header = b"PK\x03\x04" + struct.pack("<HH", _VERSION, 0) + facts + name
        directory += b"PK\x01\x02" + struct.pack("<HHH", _VERSION, _VERSION, 0) + facts
        directory += struct.pack("<HHHII", 0, 0, 0, 0, offset) + name
        parts += [header, *member.content.parts]
        offset += len(header) + size
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), offset, 0)
    if offset + len(directory) > LARGEST_BYTES or len(members) > 0xFFFE:
        raise _too_large()
    parts.append(bytes(directory) + b"PK\x05\x06" + end)
    return Splice(parts)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        for step in name.split("/"):
            if not _NAME.fullmatch(step) or _RESERVED.match(step) or len(step) > 64:
                raise ValueError(f"not every system can write a file called {name!r}")
    if len({name.lower() for name in names}) != len(names):
        raise ValueError("two members have the same name")


def _too_large() -> Invalid:
    return Invalid("Gói phát thanh lớn hơn 4 GB nên không đóng thành một tệp ZIP được. Hãy tải từng tệp MP3.")
