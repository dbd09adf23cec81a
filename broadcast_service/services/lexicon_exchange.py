"""Decisions about words as files: what leaves, and what comes in as changes to be looked at before they are kept."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..formats.lexicon_files import BadLexiconFile, FileEntry
from ..storage.tables import LexiconEntry, Script, Station
from .lexicon import AT_CENTRE, SCRIPT, STATION, Change, Scope, entries


def export(session: Session, scopes: Sequence[Scope] = (), *, zone: ZoneInfo) -> list[FileEntry]:
    """The entries of these scopes, or all, as a file has them; days are those of the zone."""
    return [
        FileEntry(
            written=entry.written,
            spoken=entry.spoken,
            example=entry.example,
            scope=scope_code(entry),
            author=entry.author.full_name if entry.author else "",
            day=entry.changed_at.astimezone(zone).date(),
        )
        for entry in entries(session, scopes)
    ]


def scope_code(entry: LexiconEntry) -> str:
    """Where an entry counts, told by code, which means the same in every installation: “station/hoa-tri”."""
    if entry.station is not None:
        return f"{STATION}/{entry.station.code}"
    if entry.script is not None:
        return f"{SCRIPT}/{entry.script.code}"
    return entry.scope


def changes(session: Session, rows: Iterable[FileEntry], *, default: Scope = AT_CENTRE) -> list[Change]:
    """What a file asks for; where it does not say for whom, for `default`. Raises BadLexiconFile, naming lines.

    The author and the day of a file are not believed: whoever imports it decides, today.
    """
    rows = list(rows)
    codes = {row.scope for row in rows}
    known = _scopes(session, codes) | {"": default}
    mistakes: list[str] = []
    found: dict[tuple[Scope, str], tuple[FileEntry, Change]] = {}
    for row in rows:
        scope = known.get(row.scope)
        if scope is None:
            layer, _, code = row.scope.partition("/")
            thing = "đài" if layer == STATION else "bài"
            mistakes.append(f"Dòng {row.line}: không có {thing} mang mã “{code}”. Hãy sửa cột scope.")
            continue
        change = Change(scope=scope, written=row.written, spoken=row.spoken, example=row.example)
        earlier, _ = found.setdefault((scope, row.written), (row, change))
        if earlier is not row:
            mistakes.append(f"Dòng {row.line}: “{row.written}” đã có ở dòng {earlier.line}. Hãy bỏ bớt một dòng.")
    if mistakes:
        raise BadLexiconFile(mistakes)
    return [change for _, change in found.values()]


def scope_named(session: Session, code: str) -> Scope | None:
    """The scope a code names: “centre”, “station/hoa-tri”, “script/vuon-buoi”; None when there is none."""
    return _scopes(session, {code}).get(code)


def _scopes(session: Session, codes: Iterable[str]) -> dict[str, Scope]:
    found = {AT_CENTRE.key: AT_CENTRE}
    layers = {code.partition("/")[0] for code in codes}
    if STATION in layers:
        rows = session.execute(select(Station.code, Station.id)).all()
        found |= {f"{STATION}/{code}": Scope(STATION, row_id) for code, row_id in rows}
    if SCRIPT in layers:
        rows = session.execute(select(Script.code, Script.id)).all()
        found |= {f"{SCRIPT}/{code}": Scope(SCRIPT, row_id) for code, row_id in rows}
    return found
