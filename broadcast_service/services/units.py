"""Units and stations as they are and were: dated data, loaded once and never overwritten."""

import csv
from collections.abc import Iterable
from datetime import date
from importlib import resources

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..storage.tables import Programme, Station, Succession, Unit


def seed(session: Session, *, region: str = "trung") -> int:
    """Add the units, stations and programmes that are missing; return how many rows were added.

    What an administrator changed stays: rows are recognised by code. region: whose words the stations speak.
    """
    return _seed_units(session) + _seed_stations(session, region) + _seed_programmes(session)


def units_on(session: Session, day: date) -> list[Unit]:
    """The units that exist on a day, by name. Their spans are half-open."""
    exists = (Unit.valid_from <= day) & (Unit.valid_to.is_(None) | (Unit.valid_to > day))
    return list(session.scalars(select(Unit).where(exists).order_by(Unit.kind, Unit.name)))


def successors(session: Session, unit: Unit, day: date) -> list[Unit]:
    """What a unit has become by a day: itself while it exists, else what it was merged into, step by step."""
    if unit.valid_to is None or unit.valid_to > day:
        return [unit]
    heirs = session.scalars(
        select(Unit).join(Succession, Succession.successor_id == Unit.id).where(Succession.predecessor_id == unit.id)
    ).all()
    found = {heir.code: heir for child in heirs for heir in successors(session, child, day)}
    return [found[code] for code in sorted(found)]


def _missing(name: str, known: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a seed file whose code is not known yet, each with its place in the file."""
    text = resources.files("broadcast_service.storage.seeds").joinpath(name).read_text("utf-8")
    codes = set(known)
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return [(place, row) for place, row in enumerate(rows) if row["code"] not in codes]


def _seed_units(session: Session) -> int:
    rows = [row for _, row in _missing("units.tsv", session.scalars(select(Unit.code)))]
    for row in rows:
        session.add(
            Unit(
                code=row["code"],
                name=row["name"],
                kind=row["kind"],
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                legal_basis=row["legal_basis"],
            )
        )
    session.flush()
    ids = dict(session.execute(select(Unit.code, Unit.id)).all())
    for row in rows:
        for successor in row["successors"].split():
            session.add(
                Succession(
                    predecessor_id=ids[row["code"]],
                    successor_id=ids[successor],
                    happened_on=date.fromisoformat(row["valid_to"]),
                )
            )
    session.flush()
    return len(rows)


def _seed_stations(session: Session, region: str) -> int:
    ids = dict(session.execute(select(Unit.code, Unit.id)).all())
    rows = _missing("stations.tsv", session.scalars(select(Station.code)))
    for place, row in rows:
        session.add(
            Station(
                code=row["code"],
                name=row["name"],
                letters=row["letters"],
                unit_id=ids[row["unit"]],
                position=place,
                region=region,
            )
        )
    session.flush()
    return len(rows)


def _seed_programmes(session: Session) -> int:
    rows = _missing("programmes.tsv", session.scalars(select(Programme.code)))
    for place, row in rows:
        session.add(
            Programme(
                code=row["code"],
                name=row["name"],
                letters=row["letters"],
                hue=row["hue"],
                fields=row["fields"].split(),
                position=place,
            )
        )
    session.flush()
    return len(rows)
