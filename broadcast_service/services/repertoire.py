"""The repertoire: what may be aired, how long each script lasts, and where it has been heard lately."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain.planning import Candidate
from ..domain.rundown import STING, Kind
from ..domain.scripts import paragraphs
from ..domain.timing import count_syllables
from ..domain.units import Milliseconds
from ..storage.tables import AsRunEntry, Broadcast, Cue, Script
from . import scripts
from .cues import CueMaker

MEMORY = timedelta(days=180)
"""How far back it matters that a station has heard a script."""

BALANCE = timedelta(days=28)
"""Over which time the fields' shares are balanced."""

_CAUTION = 1.01
"""Estimates are off by a percent or so over a whole broadcast: rather a little short than swapped once spoken."""

_TITLE_PAUSE_MS = 300
"""What a title adds to the list of contents beside its syllables."""


class Repertoire:
    """Candidates for any broadcast of some days; learns what is planned while it is planned."""

    def __init__(self, session: Session, maker: CueMaker, *, first: date, last: date) -> None:
        self.scripts: dict[int, Script] = {script.id: script for script in scripts.airable(session)}
        self._maker = maker
        self._lines = {
            key: maker.centre_line(script, tuple(paragraphs(script.latest.spoken)))
            for key, script in self.scripts.items()
        }
        maker.learn_lines(self._lines.values())
        maker.learn_readings(script.latest.id for script in self.scripts.values())
        self._heard: defaultdict[tuple[int, int], set[date]] = defaultdict(set)
        self._stations_of: defaultdict[int, set[int]] = defaultdict(set)
        self._had_ms: defaultdict[int, list[tuple[date, int, int]]] = defaultdict(list)
        self._handover_ms: dict[int, Milliseconds] = {}
        self._remember(session, first - MEMORY, last + timedelta(days=7))

    def length_ms(self, script_id: int) -> Milliseconds:
        """Playing time of the script alone, as the Centre reads it: exact once rendered."""
        return self._maker.line_ms(self._lines[script_id])

    def candidates(self, broadcast: Broadcast, station_ids: Collection[int]) -> Iterator[Candidate]:
        """What may be chosen for a broadcast on these stations, each with what it adds to the whole."""
        sting = self._maker.sound_ms(STING, broadcast)
        per_syllable = self._maker.voice.ms_per_syllable
        stations = set(station_ids)
        for script_id, script in self.scripts.items():
            title = script.latest.title
            if script_id not in self._handover_ms:
                self._handover_ms[script_id] = self._maker.handover_ms(broadcast, script)
            named = count_syllables(title) * per_syllable + _TITLE_PAUSE_MS
            caution = _CAUTION if self._maker.is_estimated(self._lines[script_id]) else 1.0
            lead_in = sting + self._handover_ms[script_id] + round(named)
            heard = [self._heard[script_id, station] for station in stations & self._stations_of[script_id]]
            yield Candidate(
                script_id=script_id,
                length_ms=Milliseconds(round(self.length_ms(script_id) * caution) + lead_in),
                field=script.field,
                area=script.area,
                heard_on=frozenset().union(*heard),
                is_evergreen=script.is_evergreen,
                approved_at=script.updated_at,
            )

    def shares(self, station_ids: Collection[int], on: date) -> tuple[Counter[str], Counter[str]]:
        """Milliseconds each field and each area had on these stations in the four weeks around a day."""
        fields: Counter[str] = Counter()
        areas: Counter[str] = Counter()
        for station in station_ids:
            for day, script_id, length in self._had_ms[station]:
                if abs(day - on) <= BALANCE and script_id in self.scripts:
                    fields[self.scripts[script_id].field] += length
                    areas[self.scripts[script_id].area] += length
        return fields, areas

    def repeats(self, broadcast: Broadcast, script_ids: Sequence[int]) -> set[int]:
        """Those of the scripts that the station has had on an earlier day."""
        station, on = broadcast.station_id, broadcast.local_date
        return {key for key in script_ids if any(day < on for day in self._heard[key, station])}

    def note(self, broadcast: Broadcast, script_ids: Sequence[int]) -> None:
        """Remember what was just planned."""
        for script_id in script_ids:
            self._note(script_id, broadcast.station_id, broadcast.local_date)

    def forget(self, broadcast: Broadcast, script_ids: Sequence[int]) -> None:
        """Forget what a broadcast was to play, before it is planned anew."""
        for script_id in script_ids:
            self._heard[script_id, broadcast.station_id].discard(broadcast.local_date)

    def _remember(self, session: Session, first: date, last: date) -> None:
        newest = select(func.max(AsRunEntry.id)).group_by(AsRunEntry.broadcast_id)
        missed = select(AsRunEntry.broadcast_id).where(AsRunEntry.id.in_(newest), AsRunEntry.outcome == "missed")
        rows = session.execute(
            select(Cue.script_id, Broadcast.station_id, Broadcast.local_date)
            .join(Broadcast, Broadcast.id == Cue.broadcast_id)
            .where(
                Cue.kind == Kind.SCRIPT,
                Broadcast.local_date >= first,
                Broadcast.local_date < last,
                Broadcast.id.not_in(missed),
            )
        )
        for script_id, station_id, day in rows:
            self._note(script_id or 0, station_id, day)

    def _note(self, script_id: int, station_id: int, day: date) -> None:
        self._heard[script_id, station_id].add(day)
        self._stations_of[script_id].add(station_id)
        if script_id in self.scripts:
            self._had_ms[station_id].append((day, script_id, self.length_ms(script_id)))
