"""The dictionary as a list to look through: what people decided, and below it what the reader brings along."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ..domain.folding import fold, sort_key
from ..domain.lexicon_words import plain
from ..reading.tables import rows
from ..storage.tables import LexiconEntry
from .lexicon import CENTRE, LAYERS, with_owners

SYSTEM = "system"
"""The layer below the Centre's: the reader's own tables."""

PER_PAGE = 50
LONGEST_QUERY = 200


@dataclass(frozen=True)
class Shipped:
    """A token the reader knows by itself."""

    written: str
    spoken: str
    others: tuple[str, ...]
    """What else it can mean; the words around it decide."""
    group: str
    """abbreviation, foreign or code."""
    folded: str
    """Written and spoken, made comparable."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of the list: decisions first, then what the reader brings along."""

    entries: list[LexiconEntry]
    shipped: list[Shipped]
    overruled: frozenset[str]
    """Of the shipped tokens on the page, those the Centre has decided otherwise."""
    total: int
    page: int
    pages: int


def search(session: Session, query: str = "", *, within: str = "", page: int = 1) -> Found:
    """Entries whose texts contain the query, marks and capitals aside; the very token first.

    within: nothing for all, “system”, a layer (“centre”, “station”, “script”) or one scope (“station/3”).
    page: from 1; one past the last is the last.
    """
    query = plain(query[:LONGEST_QUERY])
    wanted = _within(within)
    if within == SYSTEM:
        ids: list[int] | None = []
        count = 0
    elif query:
        ids = _matching(session, query, wanted)
        count = len(ids)
    else:
        ids = None
        count = session.scalar(select(func.count()).select_from(LexiconEntry).where(*wanted)) or 0
    known = _shipped_matching(query) if within in ("", SYSTEM) else []
    total = count + len(known)
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    first, last = (page - 1) * PER_PAGE, page * PER_PAGE
    found: list[LexiconEntry] = []
    if ids is None:
        found = list(
            session.scalars(
                select(LexiconEntry)
                .where(*wanted)
                .options(*with_owners())
                .order_by(LexiconEntry.written, LexiconEntry.id)
                .offset(first)
                .limit(PER_PAGE)
            )
        )
    elif chosen := ids[first:last]:
        by_id = {
            entry.id: entry
            for entry in session.scalars(
                select(LexiconEntry).where(LexiconEntry.id.in_(chosen)).options(*with_owners())
            )
        }
        found = [by_id[each] for each in chosen]
    shipped = known[max(0, first - count) : max(0, last - count)]
    return Found(
        entries=found,
        shipped=shipped,
        overruled=_decided(session, [each.written for each in shipped]),
        total=total,
        page=page,
        pages=pages,
    )


def _within(within: str) -> list[ColumnElement[bool]]:
    if within in ("", SYSTEM):
        return []
    if within in LAYERS and within != CENTRE:
        return [LexiconEntry.scope.startswith(f"{within}/")]
    return [LexiconEntry.scope == within]


def _matching(session: Session, query: str, wanted: list[ColumnElement[bool]]) -> list[int]:
    """Ids of the entries that contain the query. Folded here: the databases do not fold đ and Ủ alike."""
    folded = fold(query)
    texts = session.execute(
        select(LexiconEntry.id, LexiconEntry.written, LexiconEntry.spoken, LexiconEntry.example)
        .where(*wanted)
        .order_by(LexiconEntry.written, LexiconEntry.id)
    )
    hits = [
        (_rank(written, query, folded), place, entry_id)
        for place, (entry_id, written, spoken, example) in enumerate(texts)
        if folded in fold(f"{written}\n{spoken}\n{example}")
    ]
    return [entry_id for *_, entry_id in sorted(hits)]


def _rank(written: str, query: str, folded: str) -> int:
    """0 for the very token, 1 but for marks and capitals, 2 if it begins so, 3 otherwise."""
    bare = fold(written)
    return 0 if written == query else 1 if bare == folded else 2 if bare.startswith(folded) else 3


def _shipped_matching(query: str) -> list[Shipped]:
    if not query:
        return list(_shipped())
    folded = fold(query)
    hits = [each for each in _shipped() if folded in each.folded]
    return sorted(hits, key=lambda each: _rank(each.written, query, folded))


def _decided(session: Session, written: Collection[str]) -> frozenset[str]:
    if not written:
        return frozenset()
    mine = LexiconEntry.scope == CENTRE
    return frozenset(session.scalars(select(LexiconEntry.written).where(mine, LexiconEntry.written.in_(written))))


@cache
def _shipped() -> tuple[Shipped, ...]:
    """The reader's tables of whole tokens, in the order of a dictionary."""
    meanings: dict[str, dict[str, None]] = {}
    for row in rows("context"):
        meanings.setdefault(row["written"], {})[row["spoken"]] = None
    found: dict[str, Shipped] = {}
    for table, group in (("abbreviations", "abbreviation"), ("codes", "code"), ("foreign", "foreign")):
        for row in rows(table):
            written, spoken = row["written"], row["spoken"]
            if written in found:
                continue
            others = tuple(each for each in meanings.get(written, ()) if each != spoken)
            folded = fold("\n".join((written, spoken, *others)))
            found[written] = Shipped(written, spoken, others, group, folded)
    return tuple(sorted(found.values(), key=lambda each: sort_key(each.written)))
