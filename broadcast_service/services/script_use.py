"""Where a script has been heard and where it will be: one square for each station."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..storage.tables import AsRunEntry, Broadcast, Cue, Station, Unit

_WARDS = ("phuong", "xa")
"""Kinds of units that have loudspeakers; the Centre's own station is not one of the squares."""


@dataclass(frozen=True, kw_only=True)
class Square:
    """One station's word on a script."""

    station: str
    letters: str
    mark: Literal["on", "soon", ""]
    """on: aired; soon: planned; empty: neither."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Where a script was or will be heard."""

    squares: list[Square]
    aired: int
    """Stations that aired it."""
    last_aired: datetime | None
    planned: int
    """Stations that have it ahead and never aired it."""
    next_planned: datetime | None


def where_used(session: Session, script_ids: Collection[int], *, now: datetime) -> dict[int, Use]:
    """For each script its use on the wards' stations, in two queries however many scripts there are."""
    stations = session.scalars(
        select(Station).join(Unit).where(Station.active, Unit.kind.in_(_WARDS)).order_by(Station.position, Station.id)
    ).all()
    aired: dict[tuple[int, int], datetime] = {}
    planned: dict[tuple[int, int], datetime] = {}
    newest = select(func.max(AsRunEntry.id)).group_by(AsRunEntry.broadcast_id)
    rows = session.execute(
        select(Cue.script_id, Broadcast.station_id, Broadcast.starts_at, AsRunEntry.outcome)
        .join(Broadcast, Broadcast.id == Cue.broadcast_id)
        .outerjoin(AsRunEntry, (AsRunEntry.broadcast_id == Broadcast.id) & AsRunEntry.id.in_(newest))
        .where(Cue.kind == "script", Cue.script_id.in_(list(script_ids)))
    )
    for script_id, station_id, starts_at, outcome in rows:
        key = (script_id or 0, station_id)
        if outcome == "aired":
            aired[key] = max(starts_at, aired.get(key, starts_at))
        elif starts_at > now:
            planned[key] = min(starts_at, planned.get(key, starts_at))
    return {script_id: _use(script_id, stations, aired, planned) for script_id in script_ids}


def _use(
    script_id: int,
    stations: Collection[Station],
    aired: dict[tuple[int, int], datetime],
    planned: dict[tuple[int, int], datetime],
) -> Use:
    past = [when for (script, _), when in aired.items() if script == script_id]
    ahead = {station: when for (script, station), when in planned.items() if script == script_id}
    squares = [
        Square(
            station=station.name,
            letters=station.letters,
            mark="on" if (script_id, station.id) in aired else "soon" if station.id in ahead else "",
        )
        for station in stations
    ]
    return Use(
        squares=squares,
        aired=len(past),
        last_aired=max(past, default=None),
        planned=sum((script_id, station) not in aired for station in ahead),
        next_planned=min(ahead.values(), default=None),
    )
