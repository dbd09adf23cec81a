"""Laying a package out: names, numbers, playlists, manifest and sums around the sound that is there.

The layout is what a package's row keeps: `files`, each with name, size, sums and its parts (ranges of blobs
and a few bytes), deflated, since a station gets a package a day for years; and `broadcasts`, each with the
files it is heard from.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from ..domain.folding import slug
from ..domain.rundown import Kind
from ..domain.splice import BlobRange, Splice
from ..domain.units import Frames, Milliseconds, Seconds, frames_to_ms
from ..formats.archive import measure
from ..formats.m3u import Entry, m3u, m3u8
from ..formats.manifest import BroadcastLine, FileLine, ItemLine, canonical, manifest, sums
from ..formats.run_sheet import SheetBroadcast, SheetItem, run_sheet
from ..studio import Studio
from .voice_orders import title_of

AS_SHIPPED = "bài mẫu đi kèm"
"""Who approved a script that came with the service."""

ZIP = "package.zip"
"""The name under which a fetch of the whole package is noted."""

_LOCAL = {"region": "; lời đọc theo vùng", "station": "; lời đọc riêng của đài"}
"""What the run sheet adds to the approval of a local reading."""

PARTS_FOLDER = "TUNG_MUC"
WHOLE_LIST, PARTS_LIST, PLAIN_LIST = "CHUONG_TRINH.m3u8", "danh-sach.m3u8", "danh-sach.m3u"
SHEET, MANIFEST, SUMS = "LICH_PHAT.html", "manifest.json", "SHA256SUMS"
_LONGEST_NAME = 64


@dataclass(frozen=True, kw_only=True)
class Item:
    """One cue as it will be heard."""

    title: str
    kind: str
    script: str | None = None
    revision: int | None = None
    content_hash: str | None = None
    """Of what is heard: the revision's, or that of the local reading."""
    reading: str | None = None
    """Whose local reading it is: “region/nam”, “station/hoa-tri”; None: the common one."""
    approved_by: str | None = None
    approved_at: str | None = None
    voices: tuple[str, ...] = ()
    """Names of the voices that are heard, in the order of their first words; none for music."""
    instead_of: str | None = None
    """The voice that was wanted, where another one speaks in its stead."""
    voice_reason: str | None = None
    """Why, in a sentence."""
    pieces: tuple[BlobRange, ...]
    frames: int

    @property
    def facts(self) -> dict[str, Any]:
        """All but the sound, as the layout keeps it."""
        return {name: value for name, value in asdict(self).items() if name not in ("pieces", "frames")}


@dataclass(frozen=True, kw_only=True)
class Play:
    """One broadcast as it will be heard."""

    broadcast_id: int
    starts_at: datetime
    """Local."""
    programme: str
    code: str
    length_s: int
    items: tuple[Item, ...]

    @cached_property
    def played(self) -> str:
        """SHA-256 over what is heard, when, and under which titles; who approved it does not matter here."""
        heard = [
            [
                item.title,
                item.kind,
                item.script,
                item.revision,
                item.content_hash,
                [piece.blob for piece in item.pieces],
            ]
            for item in self.items
        ]
        return digest([self.starts_at.isoformat(), self.programme, self.code, self.length_s, heard])


@dataclass(frozen=True)
class Recorded:
    """One MP3 without its name."""

    content: Splice
    sha256: str
    crc32: int
    duration_ms: Milliseconds


@dataclass(frozen=True, kw_only=True)
class Laid:
    """One broadcast with its MP3s: the whole and each item's."""

    broadcast_id: int
    starts_at: datetime
    programme: str
    code: str
    length_s: int
    played: str
    whole: Recorded
    items: tuple[tuple[Mapping[str, Any], Recorded], ...]

    @classmethod
    def of(cls, entry: Mapping[str, Any], layout: Mapping[str, Any]) -> "Laid":
        """Taken over from the layout of an earlier package, to the byte."""
        files = {file["name"]: file for file in files_of(layout)}
        return cls(
            broadcast_id=entry["id"],
            starts_at=datetime.fromisoformat(entry["starts_at"]),
            programme=entry["programme"],
            code=entry["code"],
            length_s=entry["length_s"],
            played=entry["played"],
            whole=_recorded(files[entry["file"]]),
            items=tuple(
                ({name: value for name, value in item.items() if name != "file"}, _recorded(files[item["file"]]))
                for item in entry["items"]
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """All that goes into a package."""

    station_id: int
    station_code: str
    station_name: str
    centre: str
    local_date: date
    number: int
    made_at: datetime
    plays: tuple[Play | Laid, ...]
    """In order of time."""

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over what the day plays; the number and the moment of packing do not matter."""
        day = self.local_date.isoformat()
        return digest([self.station_code, self.station_name, day, [play.played for play in self.plays]])


def digest(value: Any) -> str:
    """SHA-256 of the canonical form of a value."""
    return hashlib.sha256(canonical(value)).hexdigest()


def lay_out(draft: Draft, studio: Studio) -> dict[str, Any]:
    """The layout of a package; reads all new sound once. Raises OSError for a blob that is missing or damaged."""
    if not draft.plays:
        return {"files": _deflated([]), "broadcasts": []}
    book = _Book(studio)
    laid = [play if isinstance(play, Laid) else _record(play, draft, book) for play in draft.plays]
    entries = _entries(laid)
    for play, entry in zip(laid, entries, strict=True):
        book.add(entry["file"], play.whole)
    parts = [
        (item["file"], recorded, item["title"])
        for play, entry in zip(laid, entries, strict=True)
        for item, (_, recorded) in zip(entry["items"], play.items, strict=True)
    ]
    listed = [Entry(name, title, recorded.duration_ms) for name, recorded, title in parts]
    wholes = [
        Entry(entry["file"], f"{play.starts_at:%H:%M} {play.programme}", play.whole.duration_ms)
        for play, entry in zip(laid, entries, strict=True)
    ]
    book.add_text(WHOLE_LIST, m3u8(wholes))
    book.add_text(PARTS_LIST, m3u8(listed))
    book.add_text(PLAIN_LIST, m3u(listed))
    book.add_text(SHEET, _sheet(draft, laid, entries, studio))
    for name, recorded, _ in parts:
        book.add(name, recorded)
    book.add_text(MANIFEST, _manifest(draft, laid, entries, book.files))
    book.add_text(SUMS, sums((file["name"], file["sha256"]) for file in book.files))
    return {"files": _deflated(book.files), "broadcasts": entries}


def files_of(layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of a layout in order: name, size, sha256, crc32, duration_ms (None: no sound) and parts."""
    found: list[dict[str, Any]] = json.loads(zlib.decompress(base64.b64decode(layout["files"])))
    return found


def _deflated(files: list[dict[str, Any]]) -> str:
    return base64.b64encode(zlib.compress(canonical(files), 9)).decode()


class _Book:
    """The files of a package in order, as the layout keeps them."""

    def __init__(self, studio: Studio) -> None:
        self._read = studio.blobs.read_checked
        self.files: list[dict[str, Any]] = []

    def record(self, content: Splice, frames: int) -> Recorded:
        """Read an MP3 through once."""
        found = measure(content, self._read)
        return Recorded(content, found.sha256, found.crc32, frames_to_ms(Frames(frames)))

    def add(self, name: str, recorded: Recorded) -> None:
        """Put an MP3 at the end."""
        self._put(name, recorded.content, recorded.sha256, recorded.crc32, recorded.duration_ms)

    def add_text(self, name: str, text: bytes) -> None:
        """Put a text at the end."""
        content = Splice([text])
        found = measure(content, self._read)
        self._put(name, content, found.sha256, found.crc32, None)

    def _put(self, name: str, content: Splice, sha256: str, crc32: int, duration_ms: int | None) -> None:
        row = {"name": name, "size": content.size, "sha256": sha256, "crc32": crc32, "duration_ms": duration_ms}
        self.files.append({**row, "parts": content.to_json()})


def _record(play: Play, draft: Draft, book: _Book) -> Laid:
    """Put heads on the sound of a broadcast: the whole one gets a chapter for each item."""
    moment = f"{play.starts_at:%H:%M} {play.starts_at.day}/{play.starts_at.month}/{play.starts_at.year}"
    name = f"{play.programme}, {moment}"

    def mp3(items: Sequence[Item], title: str) -> Recorded:
        from ..audio.programme import head  # the workshop is opened by whoever packs, not by every page

        edges = list(accumulate((item.frames for item in items), initial=0))
        pieces = [piece for item in items for piece in item.pieces]
        front = head(
            edges[-1],
            sum(piece.length for piece in pieces),
            title=title,
            artist=draft.station_name,
            album=name,
            date=draft.local_date,
            chapters=[(*span, item.title) for span, item in zip(pairwise(edges), items, strict=True)]
            if len(items) > 1
            else (),
        )
        return book.record(Splice([front, *pieces]), edges[-1])

    return Laid(
        broadcast_id=play.broadcast_id,
        starts_at=play.starts_at,
        programme=play.programme,
        code=play.code,
        length_s=play.length_s,
        played=play.played,
        whole=mp3(play.items, name),
        items=tuple((item.facts, mp3([item], item.title)) for item in play.items),
    )


def _entries(laid: Sequence[Laid]) -> list[dict[str, Any]]:
    """The layout's `broadcasts`, with the names of their files; items are numbered over the whole day."""
    width = max(2, len(str(sum(len(play.items) for play in laid))))
    entries, number = [], 0
    for play in laid:
        stem = f"{play.starts_at:%H%M}_{slug(play.code, longest=12).upper()}"
        items = []
        for facts, _ in play.items:
            number += 1
            start = f"{number:0{width}}_{stem}_"
            name = start + slug(facts["title"], longest=min(40, _LONGEST_NAME - len(start) - len(".mp3"))) + ".mp3"
            items.append({**facts, "file": f"{PARTS_FOLDER}/{name}"})
        entries.append(
            {
                "id": play.broadcast_id,
                "starts_at": play.starts_at.isoformat(timespec="seconds"),
                "programme": play.programme,
                "code": play.code,
                "length_s": play.length_s,
                "played": play.played,
                "file": f"{stem}.mp3",
                "items": items,
            }
        )
    return entries


def _manifest(
    draft: Draft, laid: Sequence[Laid], entries: Sequence[dict[str, Any]], files: Sequence[dict[str, Any]]
) -> bytes:
    lines = [
        BroadcastLine(
            starts_at=entry["starts_at"],
            programme=play.programme,
            length_s=Seconds(play.length_s),
            duration_ms=play.whole.duration_ms,
            file=entry["file"],
            items=[
                ItemLine(**item, sha256=recorded.sha256, duration_ms=recorded.duration_ms)
                for item, (_, recorded) in zip(entry["items"], play.items, strict=True)
            ],
        )
        for play, entry in zip(laid, entries, strict=True)
    ]
    return manifest(
        station_code=draft.station_code,
        station_name=draft.station_name,
        local_date=draft.local_date,
        number=draft.number,
        made_at=draft.made_at,
        content_hash=draft.content_hash,
        files=[
            FileLine(name=f["name"], bytes=f["size"], sha256=f["sha256"], duration_ms=f["duration_ms"]) for f in files
        ],
        broadcasts=lines,
    )


def _sheet(draft: Draft, laid: Sequence[Laid], entries: Sequence[dict[str, Any]], studio: Studio) -> bytes:
    return run_sheet(
        station=draft.station_name,
        local_date=draft.local_date,
        number=draft.number,
        content_hash=draft.content_hash,
        centre=draft.centre,
        broadcasts=[
            SheetBroadcast(
                starts_at=play.starts_at,
                ends_at=_to_second(play.starts_at + timedelta(milliseconds=play.whole.duration_ms)),
                programme=play.programme,
                length_ms=play.whole.duration_ms,
                file=entry["file"],
                items=_sheet_items(play, studio),
            )
            for play, entry in zip(laid, entries, strict=True)
        ],
    )


def _sheet_items(play: Laid, studio: Studio) -> list[SheetItem]:
    items, start = [], play.starts_at
    for facts, recorded in play.items:
        approval = ""
        if facts["approved_at"]:
            day = datetime.fromisoformat(facts["approved_at"])
            who = facts["approved_by"] if facts["approved_by"] == AS_SHIPPED else f"{facts['approved_by']} duyệt"
            approval = f"Bản {facts['revision']}, {who}, {day.day}/{day.month}/{day.year}"
            approval += _LOCAL.get((facts.get("reading") or "").partition("/")[0], "")
        items.append(
            SheetItem(
                starts_at=_to_second(start),
                title=facts["title"],
                length_ms=recorded.duration_ms,
                is_music=facts["kind"] == Kind.SOUND,
                approval=approval,
                voice=title_of(studio, "+".join(facts.get("voices", ()))),
                instead_of=title_of(studio, facts.get("instead_of") or ""),
                reason=facts.get("voice_reason") or "",
            )
        )
        start += timedelta(milliseconds=recorded.duration_ms)
    return items


def _to_second(moment: datetime) -> datetime:
    """To the nearest whole second, as a clock on the wall shows it."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def _recorded(file: Mapping[str, Any]) -> Recorded:
    return Recorded(Splice.from_json(file["parts"]), file["sha256"], file["crc32"], Milliseconds(file["duration_ms"]))
