"""The filler at work: chooses once for all stations of a slot and day, and keeps what was chosen within the slot.

It never touches what people edited, nor what has started.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ..domain import planning
from ..domain.planning import Candidate, Choice, Want
from ..domain.readiness import Key, tolerance_ms
from ..domain.rundown import lay_out
from ..domain.scripts import Status
from ..domain.units import Milliseconds
from ..errors import BroadcastError
from ..storage.tables import Broadcast
from ..studio import Studio
from . import broadcasts, cues, scripts
from .cues import CueMaker
from .repertoire import Repertoire

log = logging.getLogger(__name__)

_AIM_LEAST, _AIM_MOST = 0.96, 0.995
"""Of a slot's length, everything included."""

_TRIES = 4
_DAY = timedelta(days=1)


@dataclass
class FillReport:
    """What a run of the filler did."""

    filled: int = 0
    """Broadcasts that got a rundown."""
    fallbacks: int = 0
    """Those of them in which an evergreen stands in."""
    short: int = 0
    """Those of them that stay below their slot."""
    empty: list[Broadcast] = field(default_factory=list)
    """Broadcasts for which nothing was found."""

    def __str__(self) -> str:
        told = [f"Đã xếp bài cho {self.filled} buổi phát."]
        if self.fallbacks:
            told.append(f"{self.fallbacks} buổi dùng bài dự phòng.")
        if self.short:
            told.append(f"{self.short} buổi còn thiếu giờ.")
        if self.empty:
            told.append(f"{len(self.empty)} buổi chưa có bài nào hợp, cần thêm bài đã duyệt.")
        return " ".join(told)


def fill(session: Session, studio: Studio, *, first: date, last: date) -> FillReport:
    """Choose for every broadcast from `first` up to and with `last` that has no script and was not edited.

    All stations of a slot hear the same on the same day. Each cue wishes for its sound, needed at the start.
    Run again, it changes nothing unless something is missing.
    """
    report = FillReport()
    if not _anything_open(session, studio, first, last):
        return report
    groups: dict[tuple[int, date], list[Broadcast]] = defaultdict(list)
    for broadcast in broadcasts.between(session, first, last + _DAY, rundowns=True):
        if broadcast.starts_at > studio.now():
            groups[broadcast.slot_id, broadcast.local_date].append(broadcast)
    desk = _Desk(session, studio, first, last)
    for group in groups.values():
        todo = [broadcast for broadcast in group if _is_open(broadcast)]
        if not todo:
            continue
        try:
            with session.begin_nested():
                choice = desk.like_siblings(group, todo) or desk.choose(group, todo)
                desk.apply(todo, choice, report)
        except BroadcastError:
            log.exception("slot %s on %s could not be filled", todo[0].slot_id, todo[0].local_date)
            report.empty.extend(todo)
            desk = _Desk(session, studio, first, last)  # what it had looked up was rolled back
    session.flush()
    return report


def settle(session: Session, studio: Studio, broadcast: Broadcast) -> bool:
    """Bring a broadcast back into its slot once its sound is there: swap or drop the last scripts, or add some.

    Scripts that were put away leave too. Stations that hear the same are settled alike. True if anything
    changed; edited or started broadcasts are left alone.
    """
    group = _group_of(session, studio, broadcast)
    if not _needs_settling(session, group):
        return False
    return _Desk(session, studio, broadcast.local_date, broadcast.local_date).resettle(group)


def settle_between(session: Session, studio: Studio, *, first: date, last: date) -> int:
    """Settle what needs it from `first` up to and with `last`; return for how many groups that changed anything."""
    now = studio.now()
    between = broadcasts.between(session, first, last + _DAY)
    ahead = [broadcast for broadcast in between if broadcast.starts_at > now and broadcast.edited_at is None]
    states = broadcasts.states(session, ahead, now)
    seen: set[int] = set()
    changed = 0
    desk: _Desk | None = None
    for broadcast in ahead:
        if broadcast.id in seen or states[broadcast.id].key not in (Key.SHORT, Key.REVIEW):
            continue
        group = _group_of(session, studio, broadcast)
        seen.update(other.id for other in group)
        if _needs_settling(session, group):
            desk = desk or _Desk(session, studio, first, last)
            changed += desk.resettle(group)
    return changed


def _group_of(session: Session, studio: Studio, broadcast: Broadcast) -> list[Broadcast]:
    """The broadcast and those of other stations that hear the same, as far as the filler may touch them."""
    now = studio.now()
    broadcast = broadcasts.get_broadcast(session, broadcast.id)
    ids = cues.script_ids(broadcast)
    alike = [other for other in broadcasts.siblings(session, broadcast, now) if cues.script_ids(other) == ids]
    return [other for other in [broadcast, *alike] if ids and other.edited_at is None and other.starts_at > now]


def _needs_settling(session: Session, group: Sequence[Broadcast]) -> bool:
    """Whether it outlasts its slot, stays short although all its sound is there, or has a script that was put away."""
    if not group:
        return False
    slot_ms = Milliseconds(group[0].length_s * 1000)
    longest_ms = max(sum(cues.length_ms(cue) for cue in broadcast.cues) for broadcast in group)
    all_exact = all(cues.is_exact(cue) for broadcast in group for cue in broadcast.cues)
    is_short = all_exact and slot_ms - longest_ms > tolerance_ms(slot_ms)
    return longest_ms > slot_ms or is_short or _is_put_away(session, group[0])


def _anything_open(session: Session, studio: Studio, first: date, last: date) -> bool:
    """Whether there is anything to fill; asked every few minutes, so without loading a rundown."""
    now = studio.now()
    found = broadcasts.between(session, first, last + _DAY)
    ahead = [broadcast for broadcast in found if broadcast.starts_at > now and broadcast.edited_at is None]
    return len(broadcasts.headlines(session, ahead)) < len(ahead)


class _Desk:
    """One sitting of the filler: what it has looked up once."""

    def __init__(self, session: Session, studio: Studio, first: date, last: date) -> None:
        self._session = session
        self._now = studio.now()
        self._maker = CueMaker(session, studio)
        self.repertoire = Repertoire(session, self._maker, first=first, last=last)

    def like_siblings(self, group: Sequence[Broadcast], todo: Sequence[Broadcast]) -> Choice | None:
        """What the other stations of the slot already hear that day, if these can hear it too."""
        for other in group:
            ids = cues.script_ids(other)
            if ids and other.edited_at is None and all(key in self.repertoire.scripts for key in ids):
                stations = [broadcast.station_id for broadcast in todo]
                able = {c.script_id for c in self._able(todo[0], stations)}
                if set(ids) <= able and self._longest(todo, ids) <= todo[0].length_s * 1000:
                    fallback = frozenset(c.script_id for c in other.cues if c.is_fallback and c.script_id)
                    return Choice(tuple(ids), fallback_ids=fallback)
        return None

    def choose(self, group: Sequence[Broadcast], todo: Sequence[Broadcast]) -> Choice:
        """Ask the planning rules; a choice that proves too long with its shells is made again, shorter."""
        slot_ms = todo[0].length_s * 1000
        frame_ms = self._longest(todo, [])
        stations = [broadcast.station_id for broadcast in group]
        candidates = list(self.repertoire.candidates(todo[0], stations))
        most_ms = round(slot_ms * _AIM_MOST) - frame_ms
        for _ in range(_TRIES):
            least_ms = min(round(slot_ms * _AIM_LEAST) - frame_ms, most_ms)
            choice = planning.choose(candidates, self._want(todo[0], stations, least_ms, most_ms))
            over_ms = self._longest(todo, choice.script_ids) - round(slot_ms * _AIM_MOST)
            if not choice.script_ids or over_ms <= 0:
                return choice
            most_ms -= over_ms + 500
        return Choice()

    def apply(self, todo: Sequence[Broadcast], choice: Choice, report: FillReport) -> None:
        """Write the choice into the rundowns."""
        if not choice.script_ids:
            report.empty.extend(todo)
            return
        for broadcast in todo:
            total_ms = self._write(broadcast, choice.script_ids, choice.fallback_ids)
            report.filled += 1
            report.fallbacks += bool(choice.fallback_ids)
            slot_ms = Milliseconds(broadcast.length_s * 1000)
            report.short += slot_ms - total_ms > tolerance_ms(slot_ms)

    def resettle(self, group: Sequence[Broadcast]) -> bool:
        """Find the nearest rundown that fits, and write it where it differs."""
        before = cues.script_ids(group[0])
        fallback = {c.script_id for c in group[0].cues if c.is_fallback and c.script_id}
        for broadcast in group:
            self.repertoire.forget(broadcast, before)
        kept = [key for key in before if key in self.repertoire.scripts]
        slot_ms = group[0].length_s * 1000
        while kept and self._longest(group, kept) > slot_ms:
            kept.pop()
        best = self._completed(group, kept, before)
        if best == before or not best:
            return False
        evergreens = {key for key in best if key not in before and self.repertoire.scripts[key].is_evergreen}
        for broadcast in group:
            self._write(broadcast, best, fallback | evergreens)
        self._session.flush()
        return True

    def _completed(self, group: Sequence[Broadcast], kept: list[int], before: list[int]) -> list[int]:
        """The kept rundown, filled up; its last one or two are given up only where it would stay short otherwise."""
        slot_ms = group[0].length_s * 1000
        stations = [broadcast.station_id for broadcast in group]
        best = kept
        for given_up in range(min(3, len(kept) + 1)):
            base = kept[: len(kept) - given_up]
            gap_ms = round(slot_ms * _AIM_MOST) - self._longest(group, base)
            least_ms = gap_ms - round(slot_ms * (_AIM_MOST - _AIM_LEAST))
            able = [c for c in self._able(group[0], stations) if c.script_id not in {*base, *before}]
            extra = planning.choose(able, self._want(group[0], stations, least_ms, gap_ms)).script_ids
            found = [*base, *extra]
            if self._longest(group, best) < self._longest(group, found) <= slot_ms:
                best = found
            if self._longest(group, best) >= slot_ms * _AIM_LEAST:
                break
        return best

    def _write(self, broadcast: Broadcast, ids: Sequence[int], fallback_ids: Collection[int]) -> int:
        lines = self._lines(broadcast, ids)
        made = [self._maker.cue(broadcast, line) for line in lines]
        cues.flag(made, fallback_ids=fallback_ids, repeat_ids=self.repertoire.repeats(broadcast, ids))
        cues.put(broadcast, made)
        broadcast.filled_at = self._now
        self.repertoire.note(broadcast, ids)
        return self._maker.total_ms(lines)

    def _lines(self, broadcast: Broadcast, ids: Sequence[int]) -> list[cues.Line]:
        parts = lay_out(ids, shells=sorted(self._maker.book.kinds))
        return self._maker.lines(broadcast, parts, self.repertoire.scripts)

    def _longest(self, group: Sequence[Broadcast], ids: Sequence[int]) -> int:
        """Playing time on the station where it lasts longest: names differ in length."""
        return max(self._maker.total_ms(self._lines(broadcast, ids)) for broadcast in group)

    def _able(self, broadcast: Broadcast, stations: Sequence[int]) -> list[Candidate]:
        found = self.repertoire.candidates(broadcast, stations)
        return [c for c in found if broadcast.local_date not in c.heard_on]

    def _want(self, broadcast: Broadcast, stations: Sequence[int], least_ms: int, most_ms: int) -> Want:
        fields, areas = self.repertoire.shares(stations, broadcast.local_date)
        return Want(
            on=broadcast.local_date,
            least_ms=Milliseconds(max(0, least_ms)),
            most_ms=Milliseconds(max(0, most_ms)),
            preferred=frozenset(broadcast.programme.fields),
            field_ms=fields,
            area_ms=areas,
        )


def _is_open(broadcast: Broadcast) -> bool:
    return broadcast.edited_at is None and not cues.script_ids(broadcast)


def _is_put_away(session: Session, broadcast: Broadcast) -> bool:
    """Whether a rundown has a script that no approval will bring back: retired, or a sample while those are off."""
    samples_on_air = scripts.samples_on_air(session)
    played = [cue.script for cue in broadcast.cues if cue.script is not None]
    return any(s.status == Status.RETIRED or (s.is_sample and not samples_on_air) for s in played if not s.shell)
