"""What people have decided about how words are said, in layers: Centre, then station, then script.

The reader's own dictionaries are the layer below: any entry here goes before them, and a nearer layer
before a wider one. The caller opens the transaction and passes the session; nothing here commits.
"""

import copy
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from ..domain.plain_text import clean_line
from ..errors import Invalid, NotFound
from ..storage.tables import LexiconEntry, Revision

CENTRE, STATION, SCRIPT = "centre", "station", "script"
LAYERS = (CENTRE, STATION, SCRIPT)
"""From the widest to the nearest."""

LONGEST_WRITTEN, LONGEST_SPOKEN = 200, 400
"""Characters of an entry."""


@dataclass(frozen=True)
class Scope:
    """A layer, and whose it is: 0 for the Centre, else the id of the station or script."""

    layer: str = CENTRE
    owner_id: int = 0

    @property
    def key(self) -> str:
        """As the table keeps it: “centre”, “station/3”, “script/12”."""
        return self.layer if self.layer == CENTRE else f"{self.layer}/{self.owner_id}"


AT_CENTRE = Scope()


class Layers:
    """All decisions as they stand, for whoever reads many texts."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(LexiconEntry.scope, LexiconEntry.written, LexiconEntry.spoken))
        self._of: dict[str, dict[str, str]] = {}
        for scope, written, spoken in rows:
            self._of.setdefault(scope, {})[written] = spoken

    def merged(self, *, station_id: int | None = None, script_id: int | None = None) -> dict[str, str]:
        """What counts for a text: written token to spoken words, the nearest layer's where several have it."""
        found: dict[str, str] = {}
        for scope in _scopes(station_id, script_id):
            found |= self._of.get(scope.key, {})
        return found

    def having(self, scope: Scope, written: str, spoken: str | None) -> "Layers":
        """The same with one decision made, or with None taken back."""
        other = copy.copy(self)
        entries = {key: said for key, said in self._of.get(scope.key, {}).items() if key != written}
        other._of = self._of | {scope.key: entries if spoken is None else entries | {written: spoken}}
        return other


def merged(session: Session, *, station_id: int | None = None, script_id: int | None = None) -> dict[str, str]:
    """`Layers.merged` for one text: only its own layers are fetched."""
    found: dict[str, str] = {}
    for scope in _scopes(station_id, script_id):
        rows = session.execute(select(LexiconEntry.written, LexiconEntry.spoken).where(LexiconEntry.scope == scope.key))
        found.update((written, spoken) for written, spoken in rows)
    return found


def _scopes(station_id: int | None, script_id: int | None) -> list[Scope]:
    scopes = [AT_CENTRE]
    if station_id is not None:
        scopes.append(Scope(STATION, station_id))
    if script_id is not None:
        scopes.append(Scope(SCRIPT, script_id))
    return scopes


def entries(session: Session, scopes: Sequence[Scope] = (), *, query: str = "") -> Sequence[LexiconEntry]:
    """Entries in the order of what is written; of these scopes, or all; query: part of either text."""
    wanted: list[ColumnElement[bool]] = []
    if scopes:
        wanted.append(LexiconEntry.scope.in_([scope.key for scope in scopes]))
    if query := unicodedata.normalize("NFC", query.strip()):
        columns = (LexiconEntry.written, LexiconEntry.spoken)
        wanted.append(or_(*(column.icontains(query, autoescape=True) for column in columns)))
    return session.scalars(
        select(LexiconEntry)
        .where(*wanted)
        .options(joinedload(LexiconEntry.author), joinedload(LexiconEntry.station), joinedload(LexiconEntry.script))
        .order_by(LexiconEntry.written, LexiconEntry.id)
    ).all()


def get_entry(session: Session, entry_id: int) -> LexiconEntry:
    """The entry. Raises NotFound."""
    entry = session.get(LexiconEntry, entry_id) if 0 < entry_id < 1 << 31 else None
    if entry is None:
        raise NotFound("mục từ này")
    return entry


def find(session: Session, scope: Scope, written: str) -> LexiconEntry | None:
    """The entry of just this scope for a token, or None."""
    return session.scalar(
        select(LexiconEntry).where(LexiconEntry.scope == scope.key, LexiconEntry.written == checked_written(written))
    )


def save_entry(
    session: Session,
    scope: Scope,
    *,
    written: str,
    spoken: str,
    author_id: int | None,
    now: datetime,
    example: str = "",
) -> LexiconEntry:
    """Write a decision down, in place of an earlier one for the same token and scope. Raises Invalid."""
    written, spoken = checked_written(written), checked_spoken(spoken)
    entry = find(session, scope, written)
    if entry is None:
        entry = LexiconEntry(
            scope=scope.key,
            station_id=scope.owner_id if scope.layer == STATION else None,
            script_id=scope.owner_id if scope.layer == SCRIPT else None,
            written=written,
        )
        session.add(entry)
    entry.spoken = spoken
    entry.example = clean_line(example)[:LONGEST_SPOKEN] or entry.example or ""
    entry.author_id, entry.changed_at = author_id, now
    session.flush()
    return entry


def remove_entry(session: Session, entry: LexiconEntry) -> None:
    """Take a decision back: the wider layers, then the reader, say the token again."""
    session.delete(entry)
    session.flush()


def open_questions(session: Session, revision: Revision) -> list[dict[str, Any]]:
    """What the reader asks about a revision and nobody has decided yet."""
    decided = merged(session, script_id=revision.script_id) if revision.questions else {}
    return [question for question in revision.questions if _plain(question["written"]) not in decided]


def checked_written(written: str) -> str:
    """The token as it is kept. Raises Invalid when it is empty, too long, or nothing but marks."""
    written = _plain(written)
    if not any(unicodedata.category(char)[0] in "LNS" for char in written):
        raise Invalid("Chưa ghi chữ viết cần định cách đọc.", field="written")
    if len(written) > LONGEST_WRITTEN:
        raise Invalid(f"Chữ viết dài quá {LONGEST_WRITTEN} ký tự. Hãy ghi riêng từ cần định.", field="written")
    return written


def checked_spoken(spoken: str) -> str:
    """What is said, as it is kept. Raises Invalid when it is too long."""
    spoken = _plain(spoken)
    if len(spoken) > LONGEST_SPOKEN:
        raise Invalid(f"Lời đọc dài quá {LONGEST_SPOKEN} ký tự. Hãy ghi ngắn lại.", field="spoken")
    return spoken


def _plain(text: str) -> str:
    return clean_line(unicodedata.normalize("NFC", text))
