"""Laying a package out: names, numbers, playlists, manifest and sums around the sound that is there.

The layout is what a package's row keeps: `files`, each with name, size, sums and its parts (ranges of blobs
and a few bytes), deflated, since a station gets a package a day for years; and `broadcasts`, each with the
files it is heard from.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from ..domain.folding import slug
from ..domain.rundown import Kind
from ..domain.splice import Splice
from ..domain.units import Milliseconds, Seconds
from ..formats.m3u import Entry, m3u, m3u8
from ..formats.manifest import BroadcastLine, FileLine, ItemLine, canonical, digest, manifest, sums
from ..formats.run_sheet import SheetBroadcast, SheetItem, run_sheet
from ..studio import Studio
from .pressing import Press, Recorded
from .sealing import place_of_sum, waits_for_sums
from .stock import AS_SHIPPED, Play
from .voice_orders import title_of

ZIP = "package.zip"
"""The name under which a fetch of the whole package is noted."""

_LOCAL = {"region": "; lời đọc theo vùng", "station": "; lời đọc riêng của đài"}
"""What the run sheet adds to the approval of a local reading."""

PARTS_FOLDER = "TUNG_MUC"
WHOLE_LIST, PARTS_LIST, PLAIN_LIST = "CHUONG_TRINH.m3u8", "danh-sach.m3u8", "danh-sach.m3u"
SHEET, MANIFEST, SUMS = "LICH_PHAT.html", "manifest.json", "SHA256SUMS"
_LONGEST_NAME = 64
_EFFORT = 3
"""Of zlib: a tenth larger than 9 makes it, in a third of the time."""


@dataclass(frozen=True, kw_only=True)
class Laid:
    """One broadcast with its MP3s: the whole and each item's."""

    broadcast_id: int
    starts_at: datetime
    programme: str
    code: str
    length_s: int
    profile: str
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
            profile=entry.get("profile", "web"),  # packages of earlier days have none
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


def lay_out(drafts: Sequence[Draft], studio: Studio) -> list[dict[str, Any] | OSError]:
    """The layout of each package, or why there is none: a blob that is missing or damaged.

    All new sound is read once for all of them together.
    """
    press = Press(studio)
    failures: dict[int, OSError] = {}
    laid: dict[tuple[int, int], Laid] = {}
    turns = [(number, place, play) for number, draft in enumerate(drafts) for place, play in enumerate(draft.plays)]
    for number, place, play in sorted(turns, key=lambda turn: (turn[2].starts_at, turn[2].code)):  # alike, one by one
        if number not in failures:
            try:
                laid[number, place] = play if isinstance(play, Laid) else _record(play, drafts[number], press)
            except OSError as error:
                failures[number] = error
    return [
        failures.get(number) or _layout(draft, [laid[number, place] for place in range(len(draft.plays))], studio)
        for number, draft in enumerate(drafts)
    ]


def _layout(draft: Draft, laid: Sequence[Laid], studio: Studio) -> dict[str, Any]:
    if not laid:
        return {"files": _deflated([]), "broadcasts": []}
    book = _Book()
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
    book.add_text(MANIFEST, _manifest(draft, laid, entries, book.lines))
    book.add_text(SUMS, sums((line.name, line.sha256) for line in book.lines))
    return {"files": _deflated(book.rows), "broadcasts": entries}


def files_of(layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of a layout in order: name, size, sha256, crc32, duration_ms (None: no sound) and parts.

    The sums are None where they are not worked out yet: `sealing.sealed` does it.
    """
    found: list[dict[str, Any]] = json.loads(zlib.decompress(base64.b64decode(layout["files"])))
    for file in found:
        if "text" in file:
            file["parts"] = Splice([file.pop("text").encode()]).to_json()
    return found


def _deflated(rows: Iterable[str]) -> str:
    return base64.b64encode(zlib.compress(f"[{','.join(rows)}]".encode(), _EFFORT)).decode()


class _Book:
    """The files of a package in order, as the layout keeps them: each a row of canonical JSON.

    Where a sum is not worked out yet, its place stands in the texts that tell it (see `sealing`).
    """

    def __init__(self) -> None:
        self.lines: list[FileLine] = []
        self.rows: list[str] = []

    def add(self, name: str, recorded: Recorded) -> None:
        """Put an MP3 at the end."""
        size, length_ms = recorded.content.size, recorded.duration_ms
        sha256 = recorded.sha256 or place_of_sum(name)
        self.lines.append(FileLine(name=name, bytes=size, sha256=sha256, duration_ms=length_ms))
        self.rows.append(recorded.row(name))

    def add_text(self, name: str, text: bytes) -> None:
        """Put a text at the end; it stands in the row as it is."""
        waits = waits_for_sums(text)
        sha256, crc32 = (None, None) if waits else (hashlib.sha256(text).hexdigest(), zlib.crc32(text))
        told = sha256 or place_of_sum(name)
        self.lines.append(FileLine(name=name, bytes=len(text), sha256=told, duration_ms=None))
        facts = {"name": name, "size": len(text), "sha256": sha256, "crc32": crc32, "duration_ms": None}
        self.rows.append(canonical({**facts, "text": text.decode()}).decode())


def _record(play: Play, draft: Draft, press: Press) -> Laid:
    """Put heads on the sound of a broadcast."""
    whole, items = press.whole(play, draft.station_name, draft.local_date), press.items(play, draft.local_date)
    return Laid(
        broadcast_id=play.broadcast_id,
        starts_at=play.starts_at,
        programme=play.programme,
        code=play.code,
        length_s=play.length_s,
        profile=play.profile,
        played=play.played,
        whole=whole,
        items=tuple((item.facts, recorded) for item, recorded in zip(play.items, items, strict=True)),
    )


@lru_cache(4096)
def _slug(text: str, longest: int) -> str:
    """The same titles come back at every station."""
    return slug(text, longest=longest)


def _entries(laid: Sequence[Laid]) -> list[dict[str, Any]]:
    """The layout's `broadcasts`, with the names of their files; items are numbered over the whole day."""
    width = max(2, len(str(sum(len(play.items) for play in laid))))
    entries, number = [], 0
    for play in laid:
        stem = f"{play.starts_at:%H%M}_{_slug(play.code, 12).upper()}"
        items = []
        for facts, _ in play.items:
            number += 1
            start = f"{number:0{width}}_{stem}_"
            name = start + _slug(facts["title"], min(40, _LONGEST_NAME - len(start) - len(".mp3"))) + ".mp3"
            items.append({**facts, "file": f"{PARTS_FOLDER}/{name}"})
        entries.append(
            {
                "id": play.broadcast_id,
                "starts_at": play.starts_at.isoformat(timespec="seconds"),
                "programme": play.programme,
                "code": play.code,
                "length_s": play.length_s,
                "profile": play.profile,
                "played": play.played,
                "file": f"{stem}.mp3",
                "items": items,
            }
        )
    return entries


def _manifest(
    draft: Draft, laid: Sequence[Laid], entries: Sequence[dict[str, Any]], files: Sequence[FileLine]
) -> bytes:
    lines = [
        BroadcastLine(
            starts_at=entry["starts_at"],
            programme=play.programme,
            length_s=Seconds(play.length_s),
            profile=play.profile,
            duration_ms=play.whole.duration_ms,
            file=entry["file"],
            items=[
                ItemLine(**item, sha256=recorded.sha256 or place_of_sum(item["file"]), duration_ms=recorded.duration_ms)
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
        files=files,
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
    names = {"+".join(facts.get("voices", ())) for facts, _ in play.items}
    titles = {name: title_of(studio, name) for name in names}
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
                voice=titles["+".join(facts.get("voices", ()))],
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
