"""How a revision is said where it is said otherwise than at the Centre: in another region, or at one station.

Every place has its own approved text. What is read anew waits beside it until somebody approves it too;
meanwhile the place plays what was approved before: its own text, else its region's, else the common one.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ..domain.scripts import Status, content_hash
from ..storage.tables import LocalReading, Revision, Script, Station

APPROVED_LOCAL = "approved-local"
"""The verdict of an approval that is of one local reading: it has that reading's hash."""


@dataclass(frozen=True)
class Place:
    """Where a text is said in its own way: a region, or one station."""

    region: str = ""
    station_id: int | None = None


def place_of(reading: LocalReading) -> Place:
    """Whose the reading is."""
    return Place(reading.region, reading.station_id)


def places_of(station: Station) -> tuple[Place, Place]:
    """Whose readings a station plays, the nearest first."""
    return Place(station_id=station.id), Place(region=station.region)


class Counting:
    """The local readings that count: of each revision and place the newest that an approval covers."""

    def __init__(self, readings: Iterable[LocalReading] = ()) -> None:
        self._of: dict[tuple[int, Place], LocalReading] = {}
        self._known: set[int] = set()
        self._add(readings)

    def learn(self, session: Session, revision_ids: Iterable[int]) -> None:
        """Fetch the readings of these revisions, in one query for all that are not known yet."""
        unknown = sorted(set(revision_ids) - self._known)
        for start in range(0, len(unknown), 1_000):
            chunk = LocalReading.revision_id.in_(unknown[start : start + 1_000])
            approved = chunk & LocalReading.approval_id.is_not(None)
            self._add(session.scalars(select(LocalReading).where(approved).order_by(LocalReading.id)))
        self._known.update(unknown)

    def at(self, revision: Revision, station: Station) -> LocalReading | None:
        """What the station says; None: the common reading."""
        found = (self._of.get((revision.id, place)) for place in places_of(station))
        return next((reading for reading in found if reading is not None), None)

    def text(self, revision: Revision, station: Station) -> str:
        """The spoken text of a revision at a station."""
        reading = self.at(revision, station)
        return revision.spoken if reading is None else reading.spoken

    def is_newest(self, reading: LocalReading) -> bool:
        """Whether the reading is the one that counts at its place."""
        return self._of.get((reading.revision_id, place_of(reading))) is reading

    def texts(self) -> Iterator[str]:
        """All spoken texts that are known here."""
        return (reading.spoken for reading in self._of.values())

    def before(self, reading: LocalReading) -> str:
        """What is said at a reading's place while it waits."""
        keys = [place_of(reading)]
        if reading.station is not None:
            keys.append(Place(region=reading.station.region))
        found = (self._of.get((reading.revision_id, place)) for place in keys)
        return next((each.spoken for each in found if each is not None), reading.revision.spoken)

    def _add(self, readings: Iterable[LocalReading]) -> None:
        for reading in readings:
            if reading.approval_id is not None:
                self._of[reading.revision_id, place_of(reading)] = reading


def is_genuine(reading: LocalReading) -> bool:
    """Whether the reading is, to the letter, what somebody approved."""
    revision, approval = reading.revision, reading.approval
    return (
        approval is not None
        and approval.verdict == APPROVED_LOCAL
        and approval.revision_id == reading.revision_id
        and approval.content_hash == reading.content_hash == hash_of(revision, reading.spoken)
    )


def scope_of(reading: LocalReading) -> str:
    """Whose the reading is, as manifests name it: “region/nam”, “station/hoa-tri”."""
    return f"region/{reading.region}" if reading.station is None else f"station/{reading.station.code}"


def hash_of(revision: Revision, spoken: str) -> str:
    """What an approval of a local reading is of: title, written text, and what is said there."""
    return content_hash(revision.title, revision.written, spoken)


def waiting_of(session: Session, revision: Revision) -> list[LocalReading]:
    """The readings of a revision that nobody has approved yet, of places in use, in the order of their ids."""
    regions = regions_in_use(session)
    return [row for row in revision.local_readings if row.approval_id is None and is_in_use(row, regions)]


def waiting(session: Session) -> list[LocalReading]:
    """All readings that wait although their script is approved, script by script; only of places in use."""
    newest = select(func.max(Revision.id)).group_by(Revision.script_id)
    rows = session.scalars(
        select(LocalReading)
        .join(Revision)
        .join(Script)
        .where(LocalReading.approval_id.is_(None), Script.status == Status.APPROVED, Revision.id.in_(newest))
        .options(joinedload(LocalReading.revision).joinedload(Revision.script), joinedload(LocalReading.station))
        .order_by(Script.sort_key, Script.id, LocalReading.id)
    ).all()
    regions = regions_in_use(session)
    return [row for row in rows if is_in_use(row, regions)]


def is_in_use(reading: LocalReading, regions: Collection[str]) -> bool:
    """Whether anybody would play the reading; regions: those in use."""
    return reading.region in regions if reading.station is None else reading.station.active


def regions_in_use(session: Session) -> set[str]:
    """The regions of working stations."""
    return set(session.scalars(select(Station.region).where(Station.active).distinct()))


def add(revision: Revision, place: Place, spoken: str, *, now: datetime) -> LocalReading:
    """A further reading of a revision, waiting for its approval."""
    reading = LocalReading(
        region=place.region,
        station_id=place.station_id,
        spoken=spoken,
        content_hash=hash_of(revision, spoken),
        created_at=now,
    )
    revision.local_readings.append(reading)
    return reading


def in_order(readings: Collection[LocalReading]) -> Sequence[LocalReading]:
    """Regions first, then stations in their order."""
    return sorted(readings, key=lambda one: (one.station.position + 1 if one.station else 0, one.region, one.id))
