"""What the page of a broadcast needs to play it: where on the wave which item begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..domain.rundown import Kind
from ..domain.units import Milliseconds, frames_to_ms
from ..services.listening import Stretch, Tape
from ..storage.tables import Cue


@dataclass(frozen=True)
class Flag:
    """A place on the wave that has a name."""

    starts_ms: Milliseconds
    title: str


@dataclass(frozen=True)
class Heard:
    """A tape beside the rundown it was made from, if that has not changed since it was packed."""

    tape: Tape
    starts_ms: Mapping[int, Milliseconds]
    """When each cue is heard, by its id; empty where the rundown has changed."""
    flags: Sequence[Flag]
    """Of the rows of the rundown; where it has changed, of the scripts on the tape."""

    @property
    def paragraphs_ms(self) -> Sequence[Milliseconds]:
        """When each paragraph of a story begins but its first."""
        stretches = zip(self.tape.stretches, self.tape.starts_ms, strict=True)
        return [ms for stretch, start in stretches if stretch.kind == Kind.SCRIPT for ms in _inside(stretch, start)]

    @property
    def is_as_planned(self) -> bool:
        """Whether the rows of the rundown are what is heard."""
        return bool(self.starts_ms)


def heard(tape: Tape, rows: Sequence[Sequence[Cue]]) -> Heard:
    """rows: the cues of the rundown, as the page puts them together; the last of a row gives it its name."""
    cues = [cue for row in rows for cue in row]
    if [cue.title for cue in cues] == [stretch.title for stretch in tape.stretches]:
        starts = {cue.id: start for cue, start in zip(cues, tape.starts_ms, strict=True)}
        return Heard(tape, starts, [Flag(starts[row[0].id], row[-1].title) for row in rows])
    told = zip(tape.stretches, tape.starts_ms, strict=True)
    return Heard(tape, {}, [Flag(start, stretch.title) for stretch, start in told if stretch.kind == Kind.SCRIPT])


def _inside(stretch: Stretch, starts_ms: Milliseconds) -> list[Milliseconds]:
    ends = accumulate(strip.frames for strip in stretch.strips)
    return [Milliseconds(starts_ms + frames_to_ms(frames)) for frames in ends][:-1]
