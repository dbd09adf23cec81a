"""Weekly slots: which moments a rule of wall-clock time means, and whether two rules meet.

A slot is wall-clock time plus zone; a moment is aware and in UTC; every interval is half-open, so that
22:00–24:00 and 00:00–02:00 do not meet. Weekdays are those of the slot's own zone: Sunday 06:00 stays
Sunday wherever the service runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .units import Seconds

SHORTEST_S, LONGEST_S = Seconds(60), Seconds(3600)
"""Bounds of a slot: a minute to an hour."""

EVERY_DAY = 0b111_1111
"""Weekday mask: Monday 1, Tuesday 2, … Sunday 64."""

_DAY = timedelta(days=1)
_STEADY_DAYS, _YEAR_DAYS = 15, 371
"""A weekly rule repeats itself after two weeks; where clocks change, after a year of whole weeks."""


@dataclass(frozen=True, kw_only=True)
class SlotRule:
    """A weekly recurrence, for as long as it is valid."""

    weekdays: int
    """Bit mask: Monday 1 … Sunday 64."""
    starts_at: time
    """Wall-clock time in `zone`."""
    zone: ZoneInfo
    length_s: Seconds
    valid_from: date
    valid_until: date | None = None
    """First day on which it no longer airs."""

    def airs_on(self, day: date) -> bool:
        """Whether the slot has a broadcast on that local date."""
        within = self.valid_from <= day and (self.valid_until is None or day < self.valid_until)
        return within and bool(self.weekdays >> day.weekday() & 1)


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One dated moment of a slot: [starts_at, ends_at) in UTC."""

    local_date: date
    starts_at: datetime
    ends_at: datetime

    def meets(self, other: "Occurrence") -> bool:
        """Whether both have a moment in common; touching is not meeting."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def to_utc(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock time, in UTC.

    A time that the clocks skip is read with the offset before the change (02:30 becomes 03:30 on that
    one day), a time that comes twice is its first coming: the rule of RFC 5545, 3.3.5.
    """
    return datetime.combine(day, wall.replace(fold=0), zone).astimezone(UTC)


def occurrences(rule: SlotRule, first: date, last: date) -> Iterator[Occurrence]:
    """The slot's moments on the local dates `first` ≤ date < `last`, in order."""
    day = max(first, rule.valid_from)
    last = last if rule.valid_until is None else min(last, rule.valid_until)
    length = timedelta(seconds=rule.length_s)
    while day < last:
        if rule.airs_on(day):
            start = to_utc(day, rule.starts_at, rule.zone)
            yield Occurrence(local_date=day, starts_at=start, ends_at=start + length)
        day += _DAY


def clashes(one: SlotRule, other: SlotRule, *, since: date) -> list[tuple[Occurrence, Occurrence]]:
    """The pairs of moments at which two rules meet, from `since` on; empty: never.

    Looks at the first fortnight both are valid in, or at a year where clocks change or zones differ:
    what does not meet by then never does.
    """
    first = max(one.valid_from, other.valid_from, since) - _DAY
    last = first + timedelta(days=_horizon_days(one.zone, other.zone, first))
    rivals = list(occurrences(other, first, last))
    found: list[tuple[Occurrence, Occurrence]] = []
    place = 0
    for mine in occurrences(one, first, last):
        while place < len(rivals) and rivals[place].ends_at <= mine.starts_at:
            place += 1
        if place < len(rivals) and mine.meets(rivals[place]):
            found.append((mine, rivals[place]))
    return found


def in_quiet_hours(start: datetime, end: datetime, quiet_from: time, quiet_until: time, zone: ZoneInfo) -> bool:
    """Whether any moment of [start, end) lies in the quiet hours of a station in `zone`.

    Quiet is from `quiet_from` until `quiet_until`, over midnight if the second is the earlier; equal: never.
    """
    if quiet_from == quiet_until:
        return False
    day, last = start.astimezone(zone).date() - _DAY, end.astimezone(zone).date()
    while day <= last:
        opens = to_utc(day, quiet_from, zone)
        closes = to_utc(day if quiet_from < quiet_until else day + _DAY, quiet_until, zone)
        if start < closes and opens < end:
            return True
        day += _DAY
    return False


def first_quiet(rule: SlotRule, quiet_from: time, quiet_until: time, zone: ZoneInfo) -> Occurrence | None:
    """The first moment of a slot that lies in a station's quiet hours, wholly or in part; None: it has none."""
    last = rule.valid_from + timedelta(days=_horizon_days(rule.zone, zone, rule.valid_from))
    for moment in occurrences(rule, rule.valid_from, last):
        if in_quiet_hours(moment.starts_at, moment.ends_at, quiet_from, quiet_until, zone):
            return moment
    return None


def weekdays_in(mask: int) -> list[int]:
    """Weekday numbers of a mask, Monday 0 … Sunday 6."""
    return [day for day in range(7) if mask >> day & 1]


def mask_of(days: list[int]) -> int:
    """The inverse of `weekdays_in`."""
    return sum(1 << day for day in set(days))


def _horizon_days(one: ZoneInfo, other: ZoneInfo, first: date) -> int:
    """How many days tell all about two weekly rules."""
    if one.key != other.key:
        return _YEAR_DAYS
    months = (datetime.combine(first, time(12), one) + timedelta(days=30 * month) for month in range(13))
    return _STEADY_DAYS if len({moment.utcoffset() for moment in months}) == 1 else _YEAR_DAYS
