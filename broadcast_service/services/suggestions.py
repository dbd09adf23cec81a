"""Scripts a planner may put into a gap: what fits, what has rested, what was searched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ..domain.folding import fold
from ..domain.units import Milliseconds
from ..storage.tables import Broadcast, Script
from ..studio import Studio
from . import cues
from .cues import CueMaker
from .repertoire import Repertoire

MOST = 12


@dataclass(frozen=True)
class Suggestion:
    """One script that may be aired, and how well it would do."""

    script: Script
    length_ms: Milliseconds
    """Playing time of the script itself."""
    added_ms: Milliseconds
    """What it adds to the broadcast, lead-in included."""
    last_heard: date | None
    """The day nearest to the broadcast on which the station has it; None: never."""
    fits: bool
    """Whether the broadcast stays within its slot."""


def suggest(
    session: Session, studio: Studio, broadcast: Broadcast, *, query: str = "", replacing: int | None = None
) -> list[Suggestion]:
    """At most twelve scripts that are not in the rundown, best first.

    What fits comes before what does not, the nearer to the gap the better; what the station hears within a week
    comes later. `query` narrows by title, text and code, marks or none. `replacing`: id of a script whose place
    becomes free.
    """
    maker = CueMaker(session, studio)
    repertoire = Repertoire(session, maker, first=broadcast.local_date, last=broadcast.local_date)
    played = set(cues.script_ids(broadcast))
    slot_ms = broadcast.length_s * 1000
    gap_ms = slot_ms - sum(cues.length_ms(cue) for cue in broadcast.cues)
    if not broadcast.cues:
        gap_ms = slot_ms
    words = fold(query).split()
    offered: list[tuple[tuple[int, int, int, int], Suggestion]] = []
    for candidate in repertoire.candidates(broadcast, [broadcast.station_id]):
        script = repertoire.scripts[candidate.script_id]
        if script.id in played or not all(word in script.search_text or word in fold(script.title) for word in words):
            continue
        length_ms = repertoire.length_ms(script.id)
        added_ms = length_ms if replacing is not None else candidate.length_ms
        room_ms = gap_ms + (_length_of(broadcast, replacing) if replacing is not None else 0)
        rest = candidate.rest_days(broadcast.local_date)
        nearest = min(candidate.heard_on, key=lambda day: abs((day - broadcast.local_date).days), default=None)
        fits = added_ms <= room_ms
        order = (not fits, rest is not None and rest < 7, abs(room_ms - added_ms), script.id)
        offered.append((order, Suggestion(script, length_ms, Milliseconds(added_ms), nearest, fits)))
    return [suggestion for _, suggestion in sorted(offered, key=lambda pair: pair[0])][:MOST]


def _length_of(broadcast: Broadcast, script_id: int) -> int:
    played: Sequence[int] = [cues.length_ms(cue) for cue in broadcast.cues if cue.script_id == script_id]
    return sum(played)
