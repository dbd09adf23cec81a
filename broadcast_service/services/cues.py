"""The items of a rundown: first as lines that can be measured, then as rows that wish for their sound."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.rundown import Kind, Part
from ..domain.scripts import paragraphs
from ..domain.timing import AROUND_SPEECH_MS, estimate_ms
from ..domain.units import Milliseconds, frames_to_ms
from ..storage.tables import Broadcast, Cue, Rendition, Revision, Script, Sound
from ..studio import Studio
from . import renditions, sounds
from .local_readings import Counting
from .shells import Shell, open_book


@dataclass(frozen=True)
class Line:
    """What one cue will play, before anything is asked of the tables."""

    kind: Kind
    title: str
    sound: Sound | None = None
    script_id: int | None = None
    revision_id: int | None = None
    spoken: tuple[str, ...] = ()
    """Spoken paragraphs; empty for a tune."""
    bed: str | None = None
    """Key of the piece of music under the words."""


class CueMaker:
    """Lays out and measures many broadcasts; asks the database once for what they share."""

    def __init__(self, session: Session, studio: Studio) -> None:
        self._session = session
        self._now = studio.now()
        self._zone = studio.settings.timezone
        self.voice = studio.default_voice
        self._sounds = sounds.Shelf(session)
        self._wanted: dict[tuple[tuple[str, ...], str | None], Rendition] = {}
        self._lengths_ms: dict[tuple[str, ...], Milliseconds] = {}
        self._exact: set[tuple[str, ...]] = set()
        self._counting = Counting()
        self.book = open_book(session)

    def learn_readings(self, revision_ids: Iterable[int]) -> None:
        """Look up at once what is said locally of many revisions, and how long that lasts."""
        self._counting.learn(self._session, revision_ids)
        self.learn_lengths(tuple(paragraphs(text)) for text in self._counting.texts())

    def lines(self, broadcast: Broadcast, parts: Sequence[Part], scripts: Mapping[int, Script]) -> list[Line]:
        """What these parts mean in one broadcast; parts without tune or shell are left out."""
        revisions = [scripts[part.script_id or 0].latest for part in parts if part.kind is Kind.SCRIPT]
        titles = [revision.title for revision in revisions]
        self._counting.learn(self._session, [revision.id for revision in revisions])
        lines: list[Line] = []
        handovers = 0
        for part in parts:
            if part.kind is Kind.SOUND:
                if sound := self._sounds.pick(part.name, broadcast.programme, broadcast.local_date):
                    lines.append(Line(Kind.SOUND, sound.name, sound=sound))
            elif part.kind is Kind.SCRIPT:
                lines.append(self._script_line(scripts[part.script_id or 0].latest, broadcast))
            else:
                shell = self._pick(part.name, broadcast.starts_at, handovers)
                handovers += part.name == "handover"
                title = scripts[part.script_id].latest.title if part.script_id else ""
                if shell:
                    lines.append(self._shell_line(shell, broadcast, titles=titles, title=title))
        return lines

    def line_ms(self, line: Line) -> Milliseconds:
        """Playing time of a line: exact if such a rendition is ready, else estimated. Wishes for nothing."""
        if line.sound is not None:
            return frames_to_ms(line.sound.piece.frames)
        if line.spoken not in self._lengths_ms:
            self.learn_lengths([line.spoken])
        return Milliseconds(self._lengths_ms[line.spoken] + (AROUND_SPEECH_MS if line.bed else 0))

    def learn_lengths(self, texts: Iterable[tuple[str, ...]]) -> None:
        """Look up or estimate the playing time of many spoken texts at once."""
        unknown = [text for text in texts if text not in self._lengths_ms]
        keys = {renditions.rendition_key(self.voice, list(text)): text for text in unknown}
        for text in unknown:
            per_syllable = self.voice.ms_per_syllable
            self._lengths_ms[text] = estimate_ms("\n\n".join(text), ms_per_syllable=per_syllable)
        names = list(keys)
        for start in range(0, len(names), 1_000):
            chunk = names[start : start + 1_000]
            ready = Rendition.key.in_(chunk) & Rendition.frames.is_not(None)
            for key, frames in self._session.execute(select(Rendition.key, Rendition.frames).where(ready)):
                self._lengths_ms[keys[key]] = frames_to_ms(frames or 0)
                self._exact.add(keys[key])

    def is_estimated(self, line: Line) -> bool:
        """Whether the playing time of a line is still a guess."""
        return line.sound is None and line.spoken not in self._exact

    def total_ms(self, lines: Iterable[Line]) -> Milliseconds:
        """Playing time of a rundown that is still lines."""
        return Milliseconds(sum(self.line_ms(line) for line in lines))

    def handover_ms(self, broadcast: Broadcast, title: str) -> Milliseconds:
        """Playing time of the hand-over to a script of that title; 0 without such a shell."""
        shell = self._pick("handover", broadcast.starts_at, 0)
        return self.line_ms(self._shell_line(shell, broadcast, titles=[], title=title)) if shell else Milliseconds(0)

    def sound_ms(self, role: str, broadcast: Broadcast) -> Milliseconds:
        """Playing time of the tune that takes this place in a broadcast; 0 if there is none."""
        sound = self._sounds.pick(role, broadcast.programme, broadcast.local_date)
        return frames_to_ms(sound.piece.frames) if sound else Milliseconds(0)

    def cue(self, broadcast: Broadcast, line: Line) -> Cue:
        """A new row for a line, with its wish for sound; not yet in a rundown."""
        return Cue(
            kind=line.kind,
            title=line.title,
            sound=line.sound,
            script_id=line.script_id,
            revision_id=line.revision_id,
            rendition=self._want(broadcast, line.spoken, line.bed) if line.spoken else None,
        )

    def part_of(self, cue: Cue) -> Part:
        """The part a cue stands for, also one that is not stored yet."""
        shell = next((shell for shell in self.book.shells if shell.script_id == cue.script_id), None)
        return Part(Kind.SHELL, shell.kind) if cue.kind == Kind.SHELL and shell else part_of(cue)

    def play(self, cue: Cue, broadcast: Broadcast, revision: Revision) -> None:
        """Let a cue play this revision as the station says it, and wish for its sound."""
        line = self._script_line(revision, broadcast)
        cue.title, cue.script_id, cue.revision_id = line.title, line.script_id, line.revision_id
        cue.rendition = self._want(broadcast, line.spoken)

    def resay(self, broadcast: Broadcast) -> None:
        """Fill the shells of a rundown anew after its scripts or a shell changed; nothing else moves."""
        titles = [cue.title for cue in broadcast.cues if cue.kind == Kind.SCRIPT]
        by_script = {shell.script_id: shell for shell in self.book.shells}
        for place, cue in enumerate(broadcast.cues):
            shell = by_script.get(cue.script_id or 0)
            if cue.kind != Kind.SHELL or shell is None:
                continue
            following = [later.title for later in broadcast.cues[place + 1 :] if later.kind == Kind.SCRIPT]
            line = self._shell_line(shell, broadcast, titles=titles, title=following[0] if following else "")
            cue.revision_id = line.revision_id
            cue.rendition = self._want(broadcast, line.spoken, line.bed)

    def reframe(self, broadcast: Broadcast) -> None:
        """Give a rundown the tunes and beds that its programme has on that day; nothing else moves."""
        for cue in broadcast.cues:
            if cue.sound is not None:
                role = sounds.role_of(cue.sound)
                sound = self._sounds.pick(role, broadcast.programme, broadcast.local_date)
                if sound is not None and sound is not cue.sound:
                    cue.sound, cue.title = sound, sound.name
        self.resay(broadcast)

    def _pick(self, kind: str, starts_at: datetime, nth: int) -> Shell | None:
        return self.book.pick(kind, starts_at=starts_at.astimezone(self._zone), nth=nth)

    def _shell_line(self, shell: Shell, broadcast: Broadcast, *, titles: Sequence[str], title: str) -> Line:
        spoken = self.book.say(shell, broadcast, titles=titles, title=title)
        return Line(
            Kind.SHELL,
            shell.title,
            script_id=shell.script_id,
            revision_id=shell.revision_id,
            spoken=tuple(spoken),
            bed=self._sounds.bed(shell.kind, broadcast.programme, broadcast.local_date),
        )

    def _script_line(self, revision: Revision, broadcast: Broadcast) -> Line:
        self._counting.learn(self._session, [revision.id])
        return Line(
            Kind.SCRIPT,
            revision.title,
            script_id=revision.script_id,
            revision_id=revision.id,
            spoken=tuple(paragraphs(self._counting.text(revision, broadcast.station))),
        )

    def _want(self, broadcast: Broadcast, spoken: tuple[str, ...], bed: str | None = None) -> Rendition:
        if (spoken, bed) not in self._wanted:
            self._wanted[spoken, bed] = renditions.want_rendition(
                self._session, self.voice, list(spoken), due_at=broadcast.starts_at, now=self._now, bed=bed
            )
        return self._wanted[spoken, bed]


def part_of(cue: Cue) -> Part:
    """The part a cue stands for, for the rules of moving and laying out."""
    if cue.kind == Kind.SOUND:
        return Part(Kind.SOUND, sounds.role_of(cue.sound) if cue.sound else "")
    if cue.kind == Kind.SCRIPT:
        return Part(Kind.SCRIPT, script_id=cue.script_id)
    return Part(Kind.SHELL, cue.script.shell if cue.script else "")


def length_ms(cue: Cue) -> Milliseconds:
    """Playing time of a cue: exact once rendered, else estimated."""
    if cue.sound is not None:
        return frames_to_ms(cue.sound.piece.frames)
    return renditions.length_ms(cue.rendition) if cue.rendition is not None else Milliseconds(0)


def is_exact(cue: Cue) -> bool:
    """Whether the cue's sound is there, so that its length is known to the frame."""
    return cue.sound is not None or (cue.rendition is not None and cue.rendition.state == "ready")


def script_ids(broadcast: Broadcast) -> list[int]:
    """The scripts of a rundown, in order."""
    return [cue.script_id for cue in broadcast.cues if cue.kind == Kind.SCRIPT and cue.script_id is not None]


def put(broadcast: Broadcast, cues: Sequence[Cue]) -> None:
    """Make these the rundown, numbered from 0."""
    broadcast.cues[:] = cues
    for position, cue in enumerate(cues):
        cue.position = position


def flag(cues: Iterable[Cue], *, fallback_ids: Collection[int], repeat_ids: Collection[int]) -> None:
    """Mark the scripts that stand in, and those the station has heard before."""
    for cue in cues:
        if cue.kind == Kind.SCRIPT:
            cue.is_fallback = cue.script_id in fallback_ids
            cue.is_repeat = cue.script_id in repeat_ids
