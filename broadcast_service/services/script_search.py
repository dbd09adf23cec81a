"""Finding scripts: by words with or without marks, by field, state and length, with counts to choose by."""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from ..domain import taxonomy
from ..domain.folding import fold
from ..domain.scripts import Status
from ..domain.searching import MOST_WORDS, folded_words, words
from ..storage.tables import Revision, Script

PER_PAGE = 20

LENGTHS = {"short": (0, 180_000), "middle": (180_000, 300_001), "long": (300_001, (1 << 31) - 1)}
"""Choices of length in milliseconds, half-open: under 3 minutes, 3 to 5, over 5."""


LONGEST_QUERY = 200


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of what was found."""

    hits: list[Script]
    """With revisions and their decisions loaded."""
    whole: bool
    """Whether the words were found whole; if no script has them so, words that begin so count."""
    total: int
    page: int
    """From 1."""
    pages: int
    field_counts: dict[str, int]
    """How many each field would show, were no field chosen."""
    area_counts: dict[str, int]
    status_counts: dict[str, int]
    """How many each state would show, were none chosen."""


def search(
    session: Session,
    query: str = "",
    *,
    fields: Collection[str] = (),
    area: str = "",
    status: str = "",
    length: str = "",
    shells: bool = False,
    order: str = "relevance",
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Found:
    """Scripts in which every word of the query occurs; none given: all.

    Where no script has all of them whole, words that begin so are found instead. Marks may be left out;
    where they are typed, texts that have them come first. Retired scripts are shown only when asked for.
    fields, area, status, length, order: codes; unknown ones are ignored. shells: search the station's
    phrases instead of the pieces.
    """
    query = query[:LONGEST_QUERY]
    kind = [Script.shell != "" if shells else Script.shell == ""]
    whole = session.scalar(select(Script.id).where(*kind, *_matching(query, whole=True)).limit(1)) is not None
    base = [*kind, *_matching(query, whole=whole), *_lasting(length)]
    fields = [field for field in fields if field in taxonomy.FIELDS]
    by_field = [Script.field.in_(fields)] if fields else []
    by_area = [Script.area == area] if area in taxonomy.AREAS else []
    by_status = [Script.status == status] if status in set(Status) else [Script.status != Status.RETIRED]
    ids = _ranked(session, query, [*base, *by_field, *by_area, *by_status], order)
    pages = max(1, ceil(len(ids) / per_page))
    page = min(max(1, page), pages)
    chosen = ids[(page - 1) * per_page : page * per_page]
    return Found(
        hits=_load(session, chosen),
        whole=whole,
        total=len(ids),
        page=page,
        pages=pages,
        field_counts=_counts(session, Script.field, [*base, *by_status]),
        area_counts=_counts(session, Script.area, [*base, *by_status]),
        status_counts=_counts(session, Script.status, [*base, *by_field, *by_area]),
    )


def _matching(query: str, *, whole: bool) -> list[ColumnElement[bool]]:
    """Each folded word is a word of the script, or begins one. A query of signs alone finds nothing."""
    wanted = folded_words(query)[:MOST_WORDS]
    if query.strip() and not wanted:
        return [false()]
    end = " " if whole else ""
    return [Script.search_text.contains(f" {word}{end}", autoescape=True) for word in wanted]


def _lasting(length: str) -> list[ColumnElement[bool]]:
    if length not in LENGTHS:
        return []
    least, under = LENGTHS[length]
    newest = select(func.max(Revision.number)).where(Revision.script_id == Script.id).scalar_subquery()
    return [
        select(Revision.id)
        .where(Revision.script_id == Script.id, Revision.number == newest.correlate(Script))
        .where(Revision.estimated_ms >= least, Revision.estimated_ms < under)
        .exists()
    ]


def _ranked(session: Session, query: str, where: list[ColumnElement[bool]], order: str) -> list[int]:
    """Ids of all matches in the order asked for. Ranks: exact marks, phrase in the title, phrase, newest."""
    if order == "title":
        return list(session.scalars(select(Script.id).where(*where).order_by(Script.sort_key, Script.id)))
    newest_first = select(Script.id).where(*where)
    newest_first = newest_first.order_by(Script.updated_at.desc(), Script.id.desc())
    wanted = folded_words(query)[:MOST_WORDS]
    if not wanted or order == "newest":
        return list(session.scalars(newest_first))
    marked = [word for word in words(query[:LONGEST_QUERY])[:MOST_WORDS] if fold(word) != word]
    exact = [Script.search_text.contains(f" {word}", autoescape=True).label(f"m{n}") for n, word in enumerate(marked)]
    phrase = Script.search_text.contains(" " + " ".join(wanted), autoescape=True).label("phrase")
    rows = session.execute(newest_first.add_columns(Script.title, phrase, *exact)).all()

    def rank(row: tuple[int, str, bool, bool]) -> tuple[bool, bool, bool, bool]:
        title = " " + " ".join(folded_words(row[1]))
        in_title = all(f" {word}" in title for word in wanted)
        return not all(row[3:]), " " + " ".join(wanted) not in title, not in_title, not row[2]

    return [row[0] for row in sorted((tuple(row) for row in rows), key=rank)]


def _load(session: Session, ids: list[int]) -> list[Script]:
    """The scripts in the order of the ids."""
    if not ids:
        return []
    query = (
        select(Script)
        .where(Script.id.in_(ids))
        .options(selectinload(Script.revisions).selectinload(Revision.decisions), selectinload(Script.unit))
    )
    by_id = {script.id: script for script in session.scalars(query)}
    return [by_id[script_id] for script_id in ids]


def _counts(session: Session, column: InstrumentedAttribute[str], where: list[ColumnElement[bool]]) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*where).group_by(column))
    return {value: count for value, count in rows if value}
