"""Making packages: what stations play on a day, laid out as files that need not be written.

Looking (a short reading), measuring (no transaction), writing the rows down (a short transaction): for many stations
at a time, since what they share is loaded and read but once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain.readiness import Trouble
from ..errors import EngineError, NotFound
from ..failpoints import failpoint
from ..storage.tables import Broadcast, Fetch, Package, Station
from ..studio import Studio
from . import broadcasts, profiles
from .laying import ZIP, Draft, Laid, files_of, lay_out
from .stock import Play, Stock, play_of

__all__ = ["TOGETHER", "Made", "make_package", "make_packages", "play_of"]

TOGETHER = 100
"""How many packages are made at a time: enough for what is shared to cost next to nothing, and done in a second."""

_TRIES = 3
"""How often a package is made anew when another one was written down meanwhile."""

Day = tuple[str, date]
"""A station's code and a local date."""

Made = Package | NotFound | EngineError | None
"""What came of packing a day: see `make_package`."""


@dataclass(frozen=True)
class _Newest:
    """The newest package of the day, as far as the next one goes on from it."""

    id: int
    number: int
    content_hash: str


def make_package(studio: Studio, station_code: str, local_date: date) -> Package | None:
    """The package of a station's day: the existing one if it plays the same, else a new one with the next number.

    It holds every broadcast whose cues all have finished sound and approved text, and, untouched, those of
    the package before that have begun already. None when there is nothing to play; a package that was there
    is then superseded by an empty one. Raises NotFound for an unknown station, EngineError when sound that
    should be there is lost or damaged.
    """
    made = make_packages(studio, [(station_code, local_date)])[station_code, local_date]
    if isinstance(made, NotFound | EngineError):
        raise made
    return made


def make_packages(studio: Studio, days: Collection[Day]) -> dict[Day, Made]:
    """The packages of many stations' days, as `make_package` makes each; what one of them fails by is its value.

    Everything is looked up, read and verified anew for every TOGETHER of them, and once for those.
    """
    made: dict[Day, Made] = {}
    for together in _chunks(list(dict.fromkeys(days))):
        for _ in range(_TRIES):
            left = [day for day in together if day not in made]
            made |= _prepare(studio, left)
            left = [day for day in left if day not in made]
            made |= _make(studio, left) if left else {}
        for code, local_date in (day for day in together if day not in made):
            error = EngineError(f"the package of {code} {local_date} keeps being overtaken", retryable=True)
            made[code, local_date] = error
    return made


def _prepare(studio: Studio, days: Sequence[Day]) -> dict[Day, Made]:
    """Make what the loudspeakers of these stations need; the days for which that fails. Raises NoSpace."""
    try:
        profiles.prepare_days(studio, days)
    except EngineError as error:
        if len(days) == 1:
            return {days[0]: error}
        alone = [_prepare(studio, [day]) for day in days]
        return {day: made for each in alone for day, made in each.items()}
    return {}


def _make(studio: Studio, days: Sequence[Day]) -> dict[Day, Made]:
    """One try; what was overtaken is left out."""
    with studio.database.reading() as session:
        made, drafts = _look(session, studio, days)
    new: list[tuple[Draft, Mapping[str, Any]]] = []
    for draft, layout in zip(drafts, lay_out(drafts, studio), strict=True):
        if isinstance(layout, OSError):
            told = f"no package of {draft.station_code} {draft.local_date}: {layout}"
            made[draft.station_code, draft.local_date] = EngineError(told, retryable=True)
        else:
            new.append((draft, layout))
    return made | (_store(studio, new) if new else {})


def _look(session: Session, studio: Studio, days: Sequence[Day]) -> tuple[dict[Day, Made], list[Draft]]:
    """What is settled already, and the drafts of what is to be made."""
    made: dict[Day, Made] = {}
    drafts: list[Draft] = []
    codes = {code for code, _ in days}
    stations = {row.code: row for row in session.scalars(select(Station).where(Station.code.in_(codes)))}
    by_date: dict[date, list[Station]] = defaultdict(list)
    for code, local_date in days:
        if code in stations:
            by_date[local_date].append(stations[code])
        else:
            made[code, local_date] = NotFound(f"đài “{code}”")
    for local_date, here in by_date.items():
        newest = _newest(session, [station.id for station in here], local_date)
        for draft in _drafts(session, studio, here, local_date, newest):
            last = newest.get(draft.station_id)
            if last and last.content_hash == draft.content_hash:
                made[draft.station_code, local_date] = _playing(session.get_one(Package, last.id))
            elif last is None and not draft.plays:
                made[draft.station_code, local_date] = None
            else:
                drafts.append(draft)
    return made, drafts


def _playing(package: Package) -> Package | None:
    return package if package.broadcast_ids else None


def _newest(session: Session, station_ids: Collection[int], local_date: date) -> dict[int, _Newest]:
    """By station."""
    rows = session.execute(
        select(Package.station_id, Package.id, Package.number, Package.content_hash)
        .where(Package.station_id.in_(station_ids), Package.local_date == local_date)
        .order_by(Package.number)
    )
    return {row.station_id: _Newest(row.id, row.number, row.content_hash) for row in rows}


def _drafts(
    session: Session, studio: Studio, stations: Sequence[Station], local_date: date, newest: Mapping[int, _Newest]
) -> Iterator[Draft]:
    now = studio.now()
    found = session.scalars(
        select(Broadcast)
        .where(Broadcast.station_id.in_([station.id for station in stations]), Broadcast.local_date == local_date)
        .order_by(Broadcast.starts_at)
    ).all()
    states = broadcasts.states(session, found, now)
    stock = Stock(session, studio, found)
    days: dict[int, list[Broadcast]] = defaultdict(list)
    for broadcast in found:
        days[broadcast.station_id].append(broadcast)
    may_have_begun = local_date <= now.astimezone(studio.settings.timezone).date()
    for station in stations:
        last = newest.get(station.id)
        begun = _begun(session, last, now) if last and may_have_begun else {}
        plays: list[Play | Laid] = list(begun.values())
        for broadcast in days[station.id]:
            if broadcast.id not in begun and states[broadcast.id].trouble is Trouble.NONE:
                play = stock.play(broadcast)
                if play is not None:
                    plays.append(play)
        plays.sort(key=lambda play: play.starts_at)
        yield Draft(
            station_id=station.id,
            station_code=station.code,
            station_name=station.name,
            centre=studio.settings.centre,
            local_date=local_date,
            number=last.number + 1 if last else 1,
            made_at=now,
            plays=tuple(plays),
        )


def _begun(session: Session, newest: _Newest, now: datetime) -> dict[int, Laid]:
    """What of the newest package has begun, by broadcast."""
    layout = session.get_one(Package, newest.id).layout
    kept = [Laid.of(entry, layout) for entry in layout["broadcasts"]]
    return {one.broadcast_id: one for one in kept if one.starts_at <= now}


def _store(studio: Studio, new: Sequence[tuple[Draft, Mapping[str, Any]]]) -> dict[Day, Made]:
    """Write the packages down; left out is where another one of the same number is there already."""
    stored: list[Package] = []
    with studio.database.transaction() as session:
        ids = {draft.station_id for draft, _ in new}
        locked = select(Station).where(Station.id.in_(ids)).order_by(Station.id).with_for_update()
        stations = {row.id: row for row in session.scalars(locked)}  # one at a time, also on PostgreSQL
        numbers = _numbers(session, ids, {draft.local_date for draft, _ in new})
        for draft, layout in new:
            if numbers.get((draft.station_id, draft.local_date), 0) == draft.number - 1:
                stored.append(
                    Package(
                        station=stations[draft.station_id],
                        local_date=draft.local_date,
                        number=draft.number,
                        content_hash=draft.content_hash,
                        broadcast_ids=[play.broadcast_id for play in draft.plays],
                        layout=layout,
                        created_at=draft.made_at,
                    )
                )
        failpoint("package.before-insert")
        session.add_all(stored)
        session.flush()
        for package in stored:
            _carry_fetches(session, package)
    failpoint("package.inserted")
    return {(package.station.code, package.local_date): _playing(package) for package in stored}


def _numbers(session: Session, station_ids: Collection[int], dates: Collection[date]) -> dict[tuple[int, date], int]:
    """The highest number of each station's day."""
    rows = session.execute(
        select(Package.station_id, Package.local_date, func.max(Package.number))
        .where(Package.station_id.in_(station_ids), Package.local_date.in_(dates))
        .group_by(Package.station_id, Package.local_date)
    )
    return {(station_id, local_date): number for station_id, local_date, number in rows}


def _chunks(days: Sequence[Day]) -> Iterator[Sequence[Day]]:
    for start in range(0, len(days), TOGETHER):
        yield days[start : start + TOGETHER]


def _carry_fetches(session: Session, package: Package) -> None:
    """What the station has of the package before and is the same to the byte in this one, it need not fetch again."""
    if package.number == 1:
        return
    same_day = (Package.station_id == package.station_id, Package.local_date == package.local_date)
    before = session.scalar(select(Package).where(*same_day, Package.number == package.number - 1))
    if before is None:
        return
    old = {file["name"]: file["parts"] for file in files_of(before.layout)}
    wholes = [entry["file"] for entry in package.layout["broadcasts"]]
    same = [f["name"] for f in files_of(package.layout) if f["name"] in wholes and old.get(f["name"]) == f["parts"]]
    for fetch in session.scalars(select(Fetch).where(Fetch.package_id == before.id).order_by(Fetch.id)).all():
        for name in same:
            if fetch.file in (ZIP, name):
                session.add(
                    Fetch(package_id=package.id, account_id=fetch.account_id, file=name, fetched_at=fetch.fetched_at)
                )
    session.flush()
