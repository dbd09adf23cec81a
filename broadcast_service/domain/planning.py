"""The filler: which scripts a broadcast plays. Pure, and the same for the same inputs.

It fits the slot first (a subset sum over a shortlist), and among what fits prefers what has rested longest,
what the programme is about, and the fields and areas that had less than an equal share of the minutes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .units import Milliseconds

REST_DAYS = 7
"""A script should rest a week before a station hears it again; on one day it is never heard twice."""

_FRESH_DAYS = 28
_STEP_MS = 500
_SHORTLIST = 24
_SAME_FIELD = 0.8
"""What each further script of one field is worth within one broadcast."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A script that may be aired."""

    script_id: int
    length_ms: Milliseconds
    """With its lead-in and its place in the list of contents: all it adds to the broadcast."""
    field: str = ""
    area: str = ""
    heard_on: frozenset[date] = frozenset()
    """Days on which any of the stations has it, past or planned."""
    is_evergreen: bool = False
    approved_at: datetime | None = None

    def rest_days(self, on: date) -> int | None:
        """Days to the nearest day on which it is heard; None: never."""
        return min((abs((day - on).days) for day in self.heard_on), default=None)


@dataclass(frozen=True, kw_only=True)
class Want:
    """What a broadcast needs."""

    on: date
    least_ms: Milliseconds
    """Scripts should last at least this long …"""
    most_ms: Milliseconds
    """… and never longer than this."""
    preferred: frozenset[str] = frozenset()
    """Fields the programme is about."""
    field_ms: Mapping[str, int] | None = None
    """Time each field has had lately, on these stations."""
    area_ms: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Choice:
    """The scripts to play, in order."""

    script_ids: tuple[int, ...] = ()
    length_ms: int = 0
    """Milliseconds, lead-ins included."""
    fallback_ids: frozenset[int] = frozenset()
    """Evergreens that stand in because nothing fresh was there."""


def choose(candidates: Iterable[Candidate], want: Want) -> Choice:
    """Pick and order scripts that last between `least_ms` and `most_ms` together.

    Rested scripts come first; then evergreens help out, marked as such; then scripts are repeated before
    their week is over. If nothing reaches `least_ms`, the longest programme found is returned, maybe empty.
    """
    able = [c for c in candidates if want.on not in c.heard_on and 0 < c.length_ms <= want.most_ms]
    worth = {c.script_id: _worth(c, want, able) for c in able}
    rested = [c for c in able if (days := c.rest_days(want.on)) is None or days >= REST_DAYS]
    fresh = [c for c in rested if not c.is_evergreen]
    best = Choice()
    for pool in (fresh, rested, able):
        picked = _fit(_shortlist(pool, worth, want), worth, want)
        length = sum(c.length_ms for c in picked)
        if length > best.length_ms:
            best = Choice(
                script_ids=tuple(c.script_id for c in _in_order(picked, worth)),
                length_ms=length,
                fallback_ids=frozenset(c.script_id for c in picked if c.is_evergreen and pool is not fresh),
            )
        if best.length_ms >= want.least_ms:
            break
    return best


def _worth(candidate: Candidate, want: Want, able: Sequence[Candidate]) -> float:
    """What a minute of this script is worth to the broadcast; always above 0."""
    days = candidate.rest_days(want.on)
    freshness = 1.2 if days is None else min(days, _FRESH_DAYS) / _FRESH_DAYS
    if days is not None and days < REST_DAYS:
        freshness -= 0.5
    bonus = 0.8 if candidate.field in want.preferred else 0.0
    field_due = _due(candidate.field, want.field_ms or {}, {c.field for c in able})
    area_due = _due(candidate.area, want.area_ms or {}, {c.area for c in able})
    stands_in = -0.2 if candidate.is_evergreen else 0.0
    return max(0.1, 1.0 + freshness + bonus + 0.6 * field_due + 0.3 * area_due + stands_in)


def _due(name: str, had_ms: Mapping[str, int], names: set[str]) -> float:
    """How far a field is below (above 0) or above (below 0) an equal share of the time so far; -1 … 1."""
    total = sum(had_ms.get(other, 0) for other in names)
    if not total:
        return 0.0
    share = total / len(names)
    return max(-1.0, (share - had_ms.get(name, 0)) / share)


def _shortlist(pool: Sequence[Candidate], worth: dict[int, float], want: Want) -> list[Candidate]:
    """The most worthy, with enough of them to fill the slot twice; `worth` falls with each of one field."""
    ranked = sorted(pool, key=lambda c: (-worth[c.script_id], c.script_id))
    taken: Counter[str] = Counter()
    for candidate in ranked:
        worth[candidate.script_id] *= _SAME_FIELD ** min(taken[candidate.field], 4)
        taken[candidate.field] += 1
    ranked.sort(key=lambda c: (-worth[c.script_id], c.script_id))
    chosen: list[Candidate] = []
    length = 0
    for candidate in ranked:
        if len(chosen) >= _SHORTLIST and length >= 2 * want.most_ms:
            break
        chosen.append(candidate)
        length += candidate.length_ms
    return chosen


def _fit(items: Sequence[Candidate], worth: Mapping[int, float], want: Want) -> list[Candidate]:
    """The subset worth most whose length lies within the wanted span; else the longest one below it."""
    most, least = want.most_ms // _STEP_MS, -(-want.least_ms // _STEP_MS)
    sizes = [-(-item.length_ms // _STEP_MS) for item in items]
    best: list[float] = [0.0] + [-1.0] * most
    taken = [bytearray(most + 1) for _ in items]
    for item, size, mark in zip(items, sizes, taken, strict=True):
        value = worth[item.script_id] * size
        for total in range(most, size - 1, -1):
            before = best[total - size]
            if before >= 0 and before + value > best[total]:
                best[total] = before + value
                mark[total] = 1
    reached = [total for total in range(most + 1) if best[total] >= 0]
    within = [total for total in reached if total >= least]
    total = max(within, key=lambda t: (best[t], t)) if within else reached[-1]
    picked = []
    for item, size, mark in reversed(list(zip(items, sizes, taken, strict=True))):
        if mark[total]:
            picked.append(item)
            total -= size
    return picked


def _in_order(picked: Sequence[Candidate], worth: Mapping[int, float]) -> list[Candidate]:
    """The worthiest first, two of one field apart where that can be."""
    waiting = sorted(picked, key=lambda c: (-worth[c.script_id], c.script_id))
    ordered: list[Candidate] = []
    while waiting:
        last = ordered[-1].field if ordered else None
        following = next((c for c in waiting if c.field != last), waiting[0])
        waiting.remove(following)
        ordered.append(following)
    return ordered
