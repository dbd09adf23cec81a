"""The items of a rundown: first as lines that can be measured, then as rows that wish for their sound."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.rundown import Kind, Part
from ..domain.scripts import paragraphs
from ..domain.timing import AROUND_SPEECH_MS
from ..domain.units import Milliseconds, frames_to_ms
from ..speech.voice import Voice
from ..storage.tables import Broadcast, Cue, Rendition, Revision, Script, Sound
from ..studio import Studio
from . import renditions, sounds, voice_orders
from .choosing import NOBODY, Choice, Chooser
from .keeping import LATER, Keeper, says
from .local_readings import Counting
from .recordings import HUMAN
from .shells import NOTHING, Named, Shell, open_book


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
    choice: Choice = NOBODY
    """Who says them."""

    @property
    def saying(self) -> "Saying":
        """What tells one sound from another before it is there; without the music."""
        return self.choice.names, self.spoken


Saying = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of voices, one for each of the spoken paragraphs that follow."""


class CueMaker:
    """Lays out and measures many broadcasts; asks the database once for what they share.

    What is there is never given up for what is merely wished for: a cue keeps its sound while the same words are spoken
    anew, and for good where its broadcast was packed. `keeper` tells where that was so.

    patient: what failed a moment ago is left alone for a while, as when nobody has asked for it.
    """

    def __init__(self, session: Session, studio: Studio, *, patient: bool = False) -> None:
        self._session = session
        self._studio = studio
        self._patient = patient
        self._now = studio.now()
        self._zone = studio.settings.timezone
        self.chooser = Chooser(session, studio)
        self.voice = self.chooser.main()
        self._sounds = sounds.Shelf(session)
        self._wanted: dict[tuple[Saying, str | None], Rendition] = {}
        self._lengths_ms: dict[Saying, Milliseconds] = {}
        self._exact: set[Saying] = set()
        self._counting = Counting()
        self.book = open_book(session)
        self._shells = voice_orders.shell_scripts(session)
        self.keeper = Keeper(session)
        self._internal = frozenset(session.scalars(select(Script.id).where(Script.is_internal)))

    def learn_readings(self, revision_ids: Iterable[int]) -> None:
        """Look up at once what is said locally of many revisions, and how long that lasts."""
        self._counting.learn(self._session, revision_ids)
        texts = (tuple(paragraphs(text)) for text in self._counting.texts())
        self.learn_lengths(((self.voice,) * len(text), text) for text in texts)

    def lines(self, broadcast: Broadcast, parts: Sequence[Part], scripts: Mapping[int, Script]) -> list[Line]:
        """What these parts mean in one broadcast; parts without tune or shell are left out."""
        revisions = [scripts[part.script_id or 0].latest for part in parts if part.kind is Kind.SCRIPT]
        named = [self._named(revision.script_id, revision.title) for revision in revisions]
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
                following = (
                    self._named(part.script_id, scripts[part.script_id].latest.title) if part.script_id else NOTHING
                )
                if shell:
                    lines.append(self._shell_line(shell, broadcast, named, following))
        return lines

    def line_ms(self, line: Line) -> Milliseconds:
        """Playing time of a line: exact if such a rendition is ready, else estimated. Wishes for nothing."""
        if line.sound is not None:
            return frames_to_ms(line.sound.piece.frames)
        if line.choice.rendition is not None:
            return renditions.length_ms(line.choice.rendition)
        self.learn_lines([line])
        return Milliseconds(self._lengths_ms[line.saying] + (AROUND_SPEECH_MS if line.bed else 0))

    def learn_lines(self, lines: Iterable[Line]) -> None:
        """Look up or estimate the playing time of many lines at once."""
        self.learn_lengths(
            (line.choice.voices, line.spoken) for line in lines if line.spoken and line.choice.rendition is None
        )

    def learn_lengths(self, texts: Iterable[tuple[tuple[Voice, ...], tuple[str, ...]]]) -> None:
        """The same for texts with their voices; none: the main voice stands for whoever reads."""
        keys: dict[str, Saying] = {}
        for voices, spoken in texts:
            saying = tuple(voice.name for voice in voices), spoken
            if saying not in self._lengths_ms:
                said_by = voices or (self.voice,) * len(spoken)
                self._lengths_ms[saying] = renditions.estimated_ms(said_by, spoken)
                if voices:
                    keys[renditions.rendition_key(voices, spoken)] = saying
        names = list(keys)
        for start in range(0, len(names), 1_000):
            chunk = names[start : start + 1_000]
            ready = Rendition.key.in_(chunk) & Rendition.frames.is_not(None)
            for key, frames in self._session.execute(select(Rendition.key, Rendition.frames).where(ready)):
                self._lengths_ms[keys[key]] = frames_to_ms(frames or 0)
                self._exact.add(keys[key])

    def is_estimated(self, line: Line) -> bool:
        """Whether the playing time of a line is still a guess."""
        return line.sound is None and line.choice.rendition is None and line.saying not in self._exact

    def total_ms(self, lines: Sequence[Line]) -> Milliseconds:
        """Playing time of a rundown that is still lines."""
        self.learn_lines(lines)
        return Milliseconds(sum(self.line_ms(line) for line in lines))

    def handover_ms(self, broadcast: Broadcast, script: Script) -> Milliseconds:
        """Playing time of the hand-over to a script; 0 without such a shell."""
        shell = self._pick("handover", broadcast.starts_at, 0)
        following = self._named(script.id, script.latest.title)
        return self.line_ms(self._shell_line(shell, broadcast, [], following)) if shell else Milliseconds(0)

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
            rendition=self._want(broadcast, line),
            wanted_voice=line.choice.wanted,
            voice_reason=line.choice.reason,
        )

    def part_of(self, cue: Cue) -> Part:
        """The part a cue stands for, also one that is not stored yet."""
        shell = next((shell for shell in self.book.shells if shell.script_id == cue.script_id), None)
        return Part(Kind.SHELL, shell.kind) if cue.kind == Kind.SHELL and shell else part_of(cue)

    def play(self, cue: Cue, broadcast: Broadcast, revision: Revision) -> None:
        """Let a cue play this revision as the station says it, and wish for its sound."""
        line = self._script_line(revision, broadcast)
        cue.title, cue.script_id, cue.revision_id = line.title, line.script_id, line.revision_id
        self._dress(cue, broadcast, line)

    def resay(self, broadcast: Broadcast) -> None:
        """Fill the shells of a rundown anew after its scripts or a shell changed; nothing else moves."""
        for cue in broadcast.cues:
            if cue.kind == Kind.SHELL and (line := self._shell_again(broadcast, cue)) is not None:
                cue.revision_id = line.revision_id
                self._dress(cue, broadcast, line)

    def choose_again(self, broadcast: Broadcast) -> bool:
        """Take other voices, or the wanted ones again, where the order says so by now; whether anything changed.

        The words stay. While another voice speaks, the wanted one is wished for too, and gets its place back once its
        sound is there, but not in a broadcast that was packed: `is_packed` is the caller's to see to.
        """
        changed = False
        for cue in broadcast.cues:
            line = self._line_of(broadcast, cue)
            has_sound = cue.rendition is not None and cue.rendition.state == "ready"
            comes = cue.rendition is not None and cue.rendition.voice == HUMAN and cue.rendition.state == "wanted"
            if line is None or comes or (has_sound and not cue.wanted_voice):
                continue
            before = cue.rendition, cue.wanted_voice
            self._dress(cue, broadcast, line)
            changed |= before != (cue.rendition, cue.wanted_voice)
        return changed

    def reframe(self, broadcast: Broadcast) -> None:
        """Give a rundown the tunes and beds that its programme has on that day; nothing else moves."""
        for cue in broadcast.cues:
            if cue.sound is not None:
                role = sounds.role_of(cue.sound)
                sound = self._sounds.pick(role, broadcast.programme, broadcast.local_date)
                if sound is not None and sound is not cue.sound:
                    cue.sound, cue.title = sound, sound.name
        self.resay(broadcast)

    def _line_of(self, broadcast: Broadcast, cue: Cue) -> Line | None:
        """What a stored cue says, with the voice it should have now; None for tunes and what can not be said."""
        if cue.kind == Kind.SCRIPT and cue.revision is not None:
            return self._script_line(cue.revision, broadcast)
        return self._shell_again(broadcast, cue) if cue.kind == Kind.SHELL else None

    def _shell_again(self, broadcast: Broadcast, cue: Cue) -> Line | None:
        shell = next((each for each in self.book.shells if each.script_id == cue.script_id), None)
        if shell is None:
            return None
        place = broadcast.cues.index(cue)
        before, after = (
            [self._named(one.script_id, one.title) for one in part if one.kind == Kind.SCRIPT]
            for part in (broadcast.cues[:place], broadcast.cues[place + 1 :])
        )
        return self._shell_line(shell, broadcast, before + after, after[0] if after else NOTHING)

    def _named(self, script_id: int | None, title: str) -> Named:
        return Named(title, script_id in self._internal)

    def _pick(self, kind: str, starts_at: datetime, nth: int) -> Shell | None:
        return self.book.pick(kind, starts_at=starts_at.astimezone(self._zone), nth=nth)

    def _shell_line(self, shell: Shell, broadcast: Broadcast, scripts: Sequence[Named], following: Named) -> Line:
        spoken = tuple(self.book.say(shell, broadcast, scripts=scripts, following=following))
        bed = self._sounds.bed(shell.kind, broadcast.programme, broadcast.local_date)
        script, internal = self._shells.get(shell.script_id), shell.is_internal(scripts, following)
        choice = self._choose(broadcast, spoken, script=script, bed=bed, internal=internal)
        return Line(
            Kind.SHELL,
            shell.title,
            script_id=shell.script_id,
            revision_id=shell.revision_id,
            spoken=spoken,
            bed=None if choice.rendition else bed,  # what a person has read is left as it was read
            choice=choice,
        )

    def _script_line(self, revision: Revision, broadcast: Broadcast) -> Line:
        self._counting.learn(self._session, [revision.id])
        spoken = tuple(paragraphs(self._counting.text(revision, broadcast.station)))
        return Line(
            Kind.SCRIPT,
            revision.title,
            script_id=revision.script_id,
            revision_id=revision.id,
            spoken=spoken,
            choice=self._choose(broadcast, spoken, script=revision.script, revision=revision),
        )

    def centre_line(self, script: Script, spoken: tuple[str, ...]) -> Line:
        """A script as the Centre has it read, to be measured."""
        choice = self.chooser.choose(spoken, station=None, script=script, revision=script.latest)
        return Line(Kind.SCRIPT, script.title, script_id=script.id, spoken=spoken, choice=choice)

    def _choose(
        self,
        broadcast: Broadcast,
        spoken: tuple[str, ...],
        *,
        script: Script | None,
        revision: Revision | None = None,
        bed: str | None = None,
        internal: bool = False,
    ) -> Choice:
        return self.chooser.choose(
            spoken,
            station=broadcast.station,
            script=script,
            revision=revision,
            bed=bed,
            internal=internal,
            may_take_next=self.chooser.may_take_next(broadcast),
        )

    def _dress(self, cue: Cue, broadcast: Broadcast, line: Line) -> None:
        """Give a cue the sound of a line, at once or, where the same words are heard already, once it is there."""
        if not says(cue, line.spoken, line.bed) or line.choice.rendition is not None:
            new = self._want(broadcast, line)
        elif cue.rendition is not None and cue.rendition.key == self._key(line):
            new = cue.rendition
        elif self.keeper.is_packed(broadcast):
            self.keeper.staying.add(broadcast.id)
            return
        else:
            new = self._want(broadcast, line)
            if new is not None and new.state != "ready":
                self._wait(cue, broadcast, line)
                return
        cue.rendition, cue.wanted_voice, cue.voice_reason = new, line.choice.wanted, line.choice.reason

    def _wait(self, cue: Cue, broadcast: Broadcast, line: Line) -> None:
        """Let a cue keep what is heard of it while the sound of a line is made."""
        choice = line.choice
        cue.wanted_voice = choice.wanted or "+".join(dict.fromkeys(choice.names))
        cue.voice_reason = choice.reason or self.chooser.why_not(choice.voices, line.spoken, line.bed) or LATER
        self.keeper.awaiting.add(broadcast.id)

    def _key(self, line: Line) -> str:
        voices = line.choice.voices
        return renditions.rendition_key(voices, line.spoken, line.bed) if voices else ""

    def _want(self, broadcast: Broadcast, line: Line) -> Rendition | None:
        """What is heard of a line: found or wished for; None for a tune, and while only a person may read it."""
        if line.choice.rendition is not None or not line.choice.voices:
            return line.choice.rendition
        return self._want_of(broadcast, line)

    def _want_of(self, broadcast: Broadcast, line: Line) -> Rendition:
        key = line.saying, line.bed
        if key not in self._wanted:
            self._wanted[key] = renditions.want_rendition(
                self._session,
                line.choice.voices,
                list(line.spoken),
                due_at=broadcast.starts_at,
                now=self._now,
                bed=line.bed,
                patient=self._patient,
            )
        return self._wanted[key]


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
    if cue.rendition is not None:
        return renditions.length_ms(cue.rendition)
    return Milliseconds(cue.revision.estimated_ms if cue.revision is not None else 0)


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
