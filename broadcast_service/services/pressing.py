"""Pressing MP3s: heads on the sound that is there, and the sums of what comes of it.

A piece is read and held against its name once for all files it stands in. SHA-256 knows no short cut, and each whole
broadcast says its station's name near the start: its SHA-256 is left to `sealing`, for whoever asks for it.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, pairwise

from ..domain.splice import BlobRange, Splice
from ..domain.units import Frames, Milliseconds, frames_to_ms
from ..formats.archive import Crc32, measure
from ..formats.manifest import canonical
from ..studio import Studio
from .stock import Item, Play

_SHELF_BYTES = 16 << 20
"""How much sound that was read is kept for the next file."""


@dataclass(frozen=True)
class Recorded:
    """One MP3 without its name."""

    content: Splice
    sha256: str | None
    """None while nobody has asked for it."""
    crc32: int
    duration_ms: Milliseconds

    def row(self, name: str) -> str:
        """As a layout keeps it under its name: canonical JSON."""
        before, behind = self._row
        return before + json.dumps(name) + behind

    @cached_property
    def _row(self) -> tuple[str, str]:
        """What stands before the name, and behind it."""
        facts = {"size": self.content.size, "sha256": self.sha256, "crc32": self.crc32, "duration_ms": self.duration_ms}
        row = canonical({**facts, "name": "", "parts": self.content.to_json()}).decode().rstrip()
        before, behind = row.split('"name":""', 1)
        return f'{before}"name":', behind


class Press:
    """Presses what is packed in one go; takes up to 20 MB however much that is. Not for two threads at a time."""

    def __init__(self, studio: Studio) -> None:
        self._centre = studio.settings.centre
        self._shelf = _Shelf(studio)
        self._ends = _Ends(self._shelf)
        self._items: dict[tuple[Item, str, date], Recorded] = {}

    def whole(self, play: Play, station_name: str, day: date) -> Recorded:
        """All items as one MP3 with a chapter for each. Raises OSError for a blob that is missing or damaged."""
        name = _name(play)
        content, frames = _mp3(play.items, title=name, artist=station_name, album=name, day=day)
        return Recorded(content, None, self._ends.crc32(content), frames_to_ms(Frames(frames)))

    def items(self, play: Play, day: date) -> list[Recorded]:
        """Each item as an MP3 of its own, the same to the byte at every station. Raises OSError as `whole`."""
        name = _name(play)
        return [self._item(item, name, day) for item in play.items]

    def _item(self, item: Item, album: str, day: date) -> Recorded:
        key = (item, album, day)
        if key not in self._items:
            content, frames = _mp3([item], title=item.title, artist=self._centre, album=album, day=day)
            found = measure(content, self._shelf.read)
            self._items[key] = Recorded(content, found.sha256, found.crc32, frames_to_ms(Frames(frames)))
        return self._items[key]


class _Shelf:
    """Pieces as they were read last, held against their names."""

    def __init__(self, studio: Studio) -> None:
        self._blobs = studio.blobs
        self._contents: OrderedDict[BlobRange, bytes] = OrderedDict()
        self._sums: dict[BlobRange, Crc32] = {}
        self._size = 0

    def piece(self, piece: BlobRange) -> bytes:
        """The bytes of a whole blob. Raises OSError when it is missing or damaged."""
        content = self._contents.pop(piece, None)
        if content is None:
            content = b"".join(self._blobs.read_checked(*piece))
            self._size += len(content)
        self._contents[piece] = content
        while self._size > _SHELF_BYTES and len(self._contents) > 1:
            self._size -= len(self._contents.popitem(last=False)[1])
        return content

    def crc32(self, piece: BlobRange) -> Crc32:
        """Of a whole blob. Raises OSError when it is missing or damaged."""
        if piece not in self._sums:
            self._sums[piece] = Crc32.of(self.piece(piece))
        return self._sums[piece]

    def read(self, blob: str, start: int, length: int) -> Iterator[bytes]:
        """The same as `domain.splice.ReadBlob`."""
        yield self.piece(BlobRange(blob, start, length))


class _Ends:
    """The CRC-32 of what follows each piece of the file before: the next one mostly ends alike."""

    def __init__(self, shelf: _Shelf) -> None:
        self._shelf = shelf
        self._known: list[tuple[BlobRange, Crc32]] = []
        """From the end: each piece with the sum from its first byte on."""

    def crc32(self, content: Splice) -> int:
        """Of a head with pieces behind it. Raises OSError for a blob that is missing or damaged."""
        head, *pieces = content.parts
        assert isinstance(head, bytes)
        wanted = [piece for piece in reversed(pieces) if isinstance(piece, BlobRange)]
        same = 0
        while same < min(len(wanted), len(self._known)) and self._known[same][0] == wanted[same]:
            same += 1
        del self._known[same:]
        for piece in wanted[same:]:
            behind = self._known[-1][1] if self._known else Crc32()
            self._known.append((piece, self._shelf.crc32(piece).then(behind)))
        return Crc32.of(head).then(self._known[-1][1] if self._known else Crc32()).value


def _name(play: Play) -> str:
    start = play.starts_at
    return f"{play.programme}, {start:%H:%M} {start.day}/{start.month}/{start.year}"


def _mp3(items: Sequence[Item], *, title: str, artist: str, album: str, day: date) -> tuple[Splice, int]:
    """The file and the number of its frames; of several items each is a chapter."""
    from ..audio.programme import head  # the workshop is opened by whoever packs, not by every page

    edges = list(accumulate((item.frames for item in items), initial=0))
    pieces = [piece for item in items for piece in item.pieces]
    chapters = [(*span, item.title) for span, item in zip(pairwise(edges), items, strict=True)]
    front = head(
        edges[-1],
        sum(piece.length for piece in pieces),
        title=title,
        artist=artist,
        album=album,
        date=day,
        chapters=chapters if len(items) > 1 else (),
    )
    return Splice([front, *pieces]), edges[-1]
