"""What a station sees of its days: the broadcast that matters now, the others, what can be taken, what is unsaid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain.readiness import Key, State, Trouble
from ..domain.rundown import Kind
from ..domain.units import Milliseconds
from ..storage.tables import AsRunEntry, Broadcast, Cue, Package, Rendition
from . import broadcasts, cues, packages, receipts
from .packages import PackedBroadcast

_DAYS_SHOWN = 4
"""Today and as many days after it as span a weekend, so that Monday can be taken home on Friday."""

_STAYS = timedelta(hours=2)
"""How long after its end an unreported broadcast stays in the foremost place."""


_REPORT_AHEAD = timedelta(hours=2)
"""How long before its hour a broadcast may be reported: a power cut is known ahead."""


@dataclass(frozen=True, kw_only=True)
class Airing:
    """One broadcast with all a station's page says of it."""

    broadcast: Broadcast
    state: State
    report: AsRunEntry | None
    """What counts as said of it; None also after it was withdrawn."""
    package: Package | None
    packed: PackedBroadcast | None
    """Its part of the package; None when it is not in it."""
    fetched_at: datetime | None
    """When its own MP3 came to the station."""
    zip_size: int
    """Bytes of the day's ZIP; 0 without a package."""
    zip_fetched_at: datetime | None
    is_zip_offered: bool = False
    """Whether all that is in the package has begun or may be taken: what waits for approval is in no ZIP on offer."""

    @property
    def ends_at(self) -> datetime:
        """When its last item ends."""
        return self.broadcast.starts_at + timedelta(milliseconds=self.length_ms)

    @property
    def length_ms(self) -> Milliseconds:
        """Of what is packed, else of what is planned."""
        packed_ms = self.packed.whole.duration_ms if self.packed else None
        return self.state.length_ms if packed_ms is None else packed_ms

    @property
    def may_be_taken(self) -> bool:
        """Whether the package plays what is planned now; what a person just changed or took back is not offered."""
        waits = self.state.key in (Key.EMPTY, Key.REVIEW, Key.RECORD) or self.state.trouble is not Trouble.NONE
        return self.packed is not None and not waits

    @property
    def may_withdraw(self) -> bool:
        """Whether a person's word stands that can still be taken back."""
        return self.report is not None and self.report.source == receipts.TAP

    def is_on_air(self, now: datetime) -> bool:
        """Whether its slot has begun and not ended."""
        return self.broadcast.starts_at <= now < self.slot_ends_at

    @property
    def slot_ends_at(self) -> datetime:
        """End of the slot."""
        return self.broadcast.starts_at + timedelta(seconds=self.broadcast.length_s)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A script, or all that is heard between two of them."""

    starts_at: datetime
    title: str
    kind: str
    """script, else the kind of the first item."""
    length_ms: Milliseconds
    items: int


@dataclass(frozen=True, kw_only=True)
class StationDay:
    """The station's page of today."""

    today: date
    yesterday: date
    foremost: Airing | None
    """The broadcast to play or report next: on air, just over and unreported, or the next to come."""
    others_today: list[Airing]
    unreported: list[Airing]
    """Over without a word, up to seven days back, oldest first; the foremost left out."""
    next_day: list[Airing]
    """Those of the next day that has any: tomorrow, or Monday before a weekend."""

    @property
    def tomorrow(self) -> date:
        """The day after today."""
        return self.today + timedelta(days=1)

    def is_time_to_report(self, now: datetime) -> bool:
        """Whether the foremost one is near enough to be reported: a second tap must not hit the evening's."""
        return self.foremost is not None and now >= self.foremost.broadcast.starts_at - _REPORT_AHEAD


def airings(
    session: Session, station_id: int, first: date, last: date, *, now: datetime, packed_from: date | None = None
) -> list[Airing]:
    """A station's broadcasts on the local dates `first` ≤ date < `last`, in order of time.

    packed_from: packages are looked at from this date on (default: from `first`).
    """
    found = broadcasts.between(session, first, last, station_ids=[station_id])
    states = broadcasts.states(session, found, now)
    said = receipts.latest(session, [broadcast.id for broadcast in found])
    days = sorted({b.local_date for b in found if b.local_date >= (packed_from or first)})
    packed = {day: _Packed.of(session, station_id, day) for day in days}
    nothing = _Packed()
    all_of_them = [_airing(b, states[b.id], said.get(b.id), packed.get(b.local_date, nothing)) for b in found]
    held_back = {
        a.package.id
        for a in all_of_them
        if a.package and a.packed and not a.may_be_taken and a.broadcast.starts_at > now
    }
    return [replace(a, is_zip_offered=a.package is not None and a.package.id not in held_back) for a in all_of_them]


def station_day(session: Session, station_id: int, *, now: datetime, zone: ZoneInfo) -> StationDay:
    """Everything on the station's page of today."""
    today = now.astimezone(zone).date()
    week_ago, after = today - receipts.LATEST_REPORT, today + timedelta(days=_DAYS_SHOWN)
    found = airings(session, station_id, week_ago, after, now=now, packed_from=today)
    ahead = [a for a in found if a.broadcast.local_date >= today]
    foremost = next((a for a in ahead if a.report is None and now < a.slot_ends_at + _STAYS), None)
    next_date = next((a.broadcast.local_date for a in ahead if a.broadcast.local_date > today), None)
    return StationDay(
        today=today,
        yesterday=today - timedelta(days=1),
        foremost=foremost,
        others_today=[a for a in ahead if a.broadcast.local_date == today and a is not foremost],
        unreported=[
            a
            for a in found
            if a.state.is_unreported
            and a.state.key != Key.EMPTY
            and a is not foremost
            and now <= a.slot_ends_at + receipts.LATEST_REPORT
        ],
        next_day=[a for a in ahead if a.broadcast.local_date == next_date],
    )


def lines(session: Session, airing: Airing) -> list[Line]:
    """A broadcast in the order of playing, with running times: as packed where it is, else as planned.

    What stands between two scripts is one line: “Nhạc cắt, lời chuyển mục”.
    """
    start, found = airing.broadcast.starts_at, list[Line]()
    for title, kind, length_ms in _items(session, airing):
        before = found[-1] if found else None
        if before is None or Kind.SCRIPT in (kind, before.kind):
            found.append(Line(starts_at=start, title=title, kind=kind, length_ms=length_ms, items=1))
        else:
            found[-1] = replace(
                before,
                title=f"{before.title}, {title[:1].lower()}{title[1:]}",
                length_ms=Milliseconds(before.length_ms + length_ms),
                items=before.items + 1,
            )
        start += timedelta(milliseconds=length_ms)
    return found


def outline(session: Session, broadcast_id: int, *, bars: int) -> list[int]:
    """The shape of a whole broadcast: so many heights 0–100; none while a sound is missing.

    All speech has one loudness, so the highest peaks of some seconds are the same everywhere; their mean differs
    by pauses and music, and the differences are drawn larger than they are.
    """
    found = _peaks(session, broadcast_id)
    if len(found) < bars:
        return found
    edges = [bar * len(found) // bars for bar in range(bars + 1)]
    means = [sum(found[start:end]) / (end - start) for start, end in pairwise(edges)]
    floor, top = 0.8 * min(means), max(means)
    return [round(100 * (mean - floor) / max(1.0, top - floor)) for mean in means]


def _peaks(session: Session, broadcast_id: int) -> list[int]:
    """Five whole numbers 0–100 a second; empty while a sound is missing."""
    found: list[int] = []
    rundown = session.scalars(
        select(Cue)
        .where(Cue.broadcast_id == broadcast_id)
        .options(selectinload(Cue.rendition).selectinload(Rendition.pieces))
        .order_by(Cue.position)
    )
    for cue in rundown:
        if cue.sound is not None:
            found += cue.sound.piece.peaks
        elif cue.rendition is not None and cue.rendition.pieces:
            for place in cue.rendition.pieces:
                found += place.piece.peaks
        else:
            return []
    return found


def days_of(found: Sequence[Airing], first: date, count: int) -> list[tuple[date, list[Airing]]]:
    """The airings of each of `count` days from `first`, days without any included."""
    days = [first + timedelta(days=n) for n in range(count)]
    return [(day, [a for a in found if a.broadcast.local_date == day]) for day in days]


@dataclass(frozen=True)
class _Packed:
    """The current package of one day, opened once for all its broadcasts."""

    package: Package | None = None
    zip_size: int = 0
    broadcasts: Mapping[int, PackedBroadcast] = field(default_factory=dict)
    fetched: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, station_id: int, day: date) -> "_Packed":
        package = packages.current(session, station_id, day)
        if package is None:
            return cls()
        fetched = packages.fetch_times(session, package.id)
        return cls(package, packages.zip_size(package), packages.packed_broadcasts(package), fetched)


def _airing(broadcast: Broadcast, state: State, report: AsRunEntry | None, day: _Packed) -> Airing:
    packed = day.broadcasts.get(broadcast.id)
    return Airing(
        broadcast=broadcast,
        state=state,
        report=report,
        package=day.package,
        packed=packed,
        fetched_at=day.fetched.get(packed.whole.name) if packed else None,
        zip_size=day.zip_size,
        zip_fetched_at=day.fetched.get(packages.ZIP),
    )


def _items(session: Session, airing: Airing) -> list[tuple[str, str, Milliseconds]]:
    if airing.packed:
        return [(item.title, item.kind, item.file.duration_ms or Milliseconds(0)) for item in airing.packed.items]
    planned = broadcasts.get_broadcast(session, airing.broadcast.id)
    return [(cue.title, cue.kind, cues.length_ms(cue)) for cue in planned.cues]
