"""What people have decided about how words are said, in layers: Centre, then station, then script.

The reader's own dictionaries are the layer below: any entry here goes before them, and a nearer layer
before a wider one. The caller opens the transaction and passes the session; nothing here commits.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, true
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from ..domain.lexicon_words import LONGEST_WRITTEN, checked_spoken, checked_written, cut_example, plain
from ..errors import NotFound
from ..storage.tables import LexiconEntry, Revision

__all__ = ["LONGEST_WRITTEN", "checked_spoken", "checked_written"]

CENTRE, STATION, SCRIPT = "centre", "station", "script"
LAYERS = (CENTRE, STATION, SCRIPT)
"""From the widest to the nearest."""


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


def scope_of(key: str) -> Scope:
    """The scope a key names: “centre”, “station/3”, “script/12”. Raises NotFound for anything else."""
    layer, _, owner = key.partition("/")
    if key == CENTRE:
        return AT_CENTRE
    if layer in (STATION, SCRIPT) and owner.isascii() and owner.isdecimal() and len(owner) < 10:
        return Scope(layer, int(owner))
    raise NotFound("nơi áp dụng này")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One decision to be made, or taken back."""

    scope: Scope
    written: str
    spoken: str | None
    """None: taken back."""
    example: str = ""

    @staticmethod
    def of(scope: Scope, written: str, spoken: str | None, example: str = "") -> "Change":
        """The change with its texts as they are kept. Raises Invalid."""
        return Change(
            scope=scope,
            written=checked_written(written),
            spoken=None if spoken is None else checked_spoken(spoken),
            example=cut_example(example),
        )


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

    def of(self, scope: Scope) -> Mapping[str, str]:
        """The decisions of just this scope."""
        return self._of.get(scope.key, {})

    def having(self, changes: Iterable[Change]) -> "Layers":
        """The same with these decisions made, or taken back."""
        other = copy.copy(self)
        other._of = {key: dict(entries) for key, entries in self._of.items()}
        for change in changes:
            entries = other._of.setdefault(change.scope.key, {})
            entries.pop(change.written, None)
            if change.spoken is not None:
                entries[change.written] = change.spoken
        return other

    def changed(self, changes: Iterable[Change]) -> list[Change]:
        """Those of the changes after which something else would be decided."""
        return [change for change in changes if self._of.get(change.scope.key, {}).get(change.written) != change.spoken]


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


def entries(session: Session, scopes: Sequence[Scope] = ()) -> Sequence[LexiconEntry]:
    """Entries of these scopes, or all, in the order of scope and what is written, with who and whose."""
    wanted = LexiconEntry.scope.in_([scope.key for scope in scopes]) if scopes else true()
    return session.scalars(
        select(LexiconEntry).where(wanted).options(*with_owners()).order_by(LexiconEntry.scope, LexiconEntry.written)
    ).all()


def with_owners() -> tuple[ORMOption, ...]:
    """Loader options: an entry's author, station and script."""
    return joinedload(LexiconEntry.author), joinedload(LexiconEntry.station), joinedload(LexiconEntry.script)


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
    written, spoken, example = checked_written(written), checked_spoken(spoken), cut_example(example)
    entry = find(session, scope, written)
    if entry is None:
        entry = LexiconEntry(**_values(scope, written, spoken, example, author_id, now))
        session.add(entry)
    entry.spoken, entry.example = spoken, example or entry.example
    entry.author_id, entry.changed_at = author_id, now
    session.flush()
    return entry


def _values(
    scope: Scope, written: str, spoken: str, example: str, author_id: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "scope": scope.key,
        "station_id": scope.owner_id if scope.layer == STATION else None,
        "script_id": scope.owner_id if scope.layer == SCRIPT else None,
        "written": written,
        "spoken": spoken,
        "example": example,
        "author_id": author_id,
        "changed_at": now,
    }


def make(session: Session, changes: Iterable[Change], *, author_id: int | None, now: datetime) -> int:
    """Write decisions down and take others back; return how many there were to make.

    What is decided already in just this way stays, with its author and day, but for an example it lacked.
    """
    changes = list(changes)
    scopes = {change.scope.key for change in changes}
    standing = {
        (entry.scope, entry.written): entry
        for entry in session.scalars(select(LexiconEntry).where(LexiconEntry.scope.in_(scopes)))
    }
    made, new = 0, {}
    for change in changes:
        entry = standing.get((change.scope.key, change.written))
        if entry is None and change.spoken is not None:
            made += 1
            new[change.scope, change.written] = _values(
                change.scope, change.written, change.spoken, change.example, author_id, now
            )
        elif entry is not None and change.spoken is None:
            made += 1
            session.delete(entry)
        elif entry is not None and change.spoken is not None:
            example = change.example or entry.example
            if (entry.spoken, entry.example) != (change.spoken, example):
                made += 1
                entry.spoken, entry.example = change.spoken, example
                entry.author_id, entry.changed_at = author_id, now
    session.flush()
    if new:
        session.execute(insert(LexiconEntry), list(new.values()))
    return made


def remove_entry(session: Session, entry: LexiconEntry) -> None:
    """Take a decision back: the wider layers, then the reader, say the token again."""
    session.delete(entry)
    session.flush()


def open_questions(session: Session, revision: Revision) -> list[dict[str, Any]]:
    """What the reader asks about a revision and nobody has decided yet; not what is too long for an entry."""
    decided = merged(session, script_id=revision.script_id) if revision.questions else {}
    asked = ((question, plain(question["written"])) for question in revision.questions)
    return [question for question, token in asked if token not in decided and len(token) <= LONGEST_WRITTEN]
