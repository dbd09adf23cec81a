"""The manifest of a package: what lies in it, what is played when, and who approved which text.

Canonical JSON, so that the same content has the same bytes: keys sorted, no blanks, UTF-8, NFC as stored.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..domain.units import Milliseconds, Seconds

SCHEMA = "truyen-thanh-co-so/package/1"
"""Changes when a reader of the old form would misread the new one."""


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One file of the package."""

    name: str
    bytes: int
    sha256: str
    duration_ms: Milliseconds | None
    """None for what is no sound."""


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """One item of a broadcast and the approval it goes by."""

    title: str
    kind: str
    """sound, shell or script."""
    script: str | None
    """The script's code; None, like the next five lines, for music."""
    revision: int | None
    content_hash: str | None
    reading: str | None = None
    """Whose way of saying it: “region/nam”, “station/hoa-tri”; None: the common one."""
    approved_by: str | None
    approved_at: str | None
    voices: Sequence[str] = ()
    """Names of the voices that are heard in it; none for music, and in packages older than this line."""
    instead_of: str | None = None
    """The voice that was wanted and did not speak; `voice_reason` says why."""
    voice_reason: str | None = None
    file: str
    sha256: str
    """Of `file`, the item as an MP3 of its own."""
    duration_ms: Milliseconds


@dataclass(frozen=True, kw_only=True)
class BroadcastLine:
    """One broadcast of the day."""

    starts_at: str
    """ISO 8601 with the offset of local time."""
    programme: str
    length_s: Seconds
    """Of the slot."""
    profile: str
    """What the station's loudspeakers were said to be: “web”, or “loa” for horns; the sound differs by it."""
    duration_ms: Milliseconds
    file: str
    items: Sequence[ItemLine]


def manifest(
    *,
    station_code: str,
    station_name: str,
    local_date: date,
    number: int,
    made_at: datetime,
    content_hash: str,
    files: Iterable[FileLine],
    broadcasts: Iterable[BroadcastLine],
) -> bytes:
    """The manifest as UTF-8 JSON with a final newline. Raises ValueError when `made_at` has no zone."""
    if made_at.tzinfo is None:
        raise ValueError("made_at needs a zone")
    return canonical(
        {
            "schema": SCHEMA,
            "station": {"code": station_code, "name": station_name},
            "date": local_date.isoformat(),
            "number": number,
            "made_at": made_at.isoformat(timespec="seconds"),
            "content_hash": content_hash,
            "files": [vars(line) for line in files],
            "broadcasts": [{**vars(line), "items": [vars(item) for item in line.items]} for line in broadcasts],
        }
    )


def canonical(value: Any) -> bytes:
    """JSON of which there is one form only for each value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def digest(value: Any) -> str:
    """SHA-256 of the canonical form of a value."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sums(files: Iterable[tuple[str, str]]) -> bytes:
    """The file SHA256SUMS for pairs (name, sha256), as `sha256sum -c` reads it."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in files).encode("ascii")
