"""A splice: ranges of stored blobs, and a few bytes between, read as one file.

A merged MP3 is a splice, a stored ZIP is one too. It has a size, a strong ETag and byte ranges,
and nothing is written to serve it.
"""

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple, Self


class BlobRange(NamedTuple):
    """Bytes `start` to `start + length` of the blob whose SHA-256 is `blob`."""

    blob: str
    start: int
    length: int


Part = bytes | BlobRange
ReadBlob = Callable[[str, int, int], Iterable[bytes]]
"""(blob, start, length) → its bytes in chunks."""


class Splice:
    """An immutable file laid out in parts."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts: tuple[Part, ...] = tuple(parts)
        lengths = [len(part) if isinstance(part, bytes) else part.length for part in self.parts]
        self._starts = [0, *accumulate(lengths)]

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._starts[-1]

    @property
    def etag(self) -> str:
        """A strong validator: equal for equal parts, 32 hexadecimal digits."""
        digest = hashlib.sha256()
        for part in self.parts:
            if isinstance(part, bytes):
                digest.update(b"B%d:" % len(part) + part)
            else:
                digest.update(f"R{part.blob}:{part.start}:{part.length};".encode())
        return digest.hexdigest()[:32]

    def read(self, read_blob: ReadBlob, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` up to but not including `end` (default: to the end).

        Raises ValueError when the range does not lie within the file.
        """
        end = self.size if end is None else end
        if not 0 <= start <= end <= self.size:
            raise ValueError(f"bytes {start}–{end} do not lie within {self.size}")
        if start == end:
            return
        for index in range(bisect_right(self._starts, start) - 1, len(self.parts)):
            offset = self._starts[index]
            if offset >= end:
                return
            skip, stop = max(0, start - offset), min(self._starts[index + 1], end) - offset
            part = self.parts[index]
            if stop <= skip:
                continue
            if isinstance(part, bytes):
                yield part[skip:stop]
            else:
                yield from read_blob(part.blob, part.start + skip, stop - skip)

    def to_json(self) -> list[Any]:
        """Plain lists for a table: text is base64 bytes, a triple is a range."""
        return [
            base64.b64encode(part).decode() if isinstance(part, bytes) else [part.blob, part.start, part.length]
            for part in self.parts
        ]

    @classmethod
    def from_json(cls, parts: list[Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(base64.b64decode(part) if isinstance(part, str) else BlobRange(*part) for part in parts)
