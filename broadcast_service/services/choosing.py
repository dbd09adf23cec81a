"""Which voice says a text in one broadcast: the best of the order that is there, and nobody silently in its stead.

What is done when a voice fails was chosen by the planner of the slot: wait for it, or, within LEAD of the broadcast,
take the next voice of the order and say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.scripts import paragraphs
from ..speech.voice import Voice
from ..storage.tables import Broadcast, Cue, Rendition, Revision, Script, Slot, Station
from ..studio import Studio
from . import jobs, recordings, renditions, voice_orders
from .recordings import HUMAN
from .revisions import speakers_of
from .voice_orders import Orders

WAIT, NEXT = "wait", "next"
"""`Slot.when_voice_fails`."""

LEAD = timedelta(hours=24)
"""How long before a broadcast another voice may take over: stations fetch on the evening before."""


@dataclass(frozen=True)
class Choice:
    """Who says a text."""

    voices: tuple[Voice, ...] = ()
    """One for each paragraph; empty when a person has read it, or only a person may."""
    rendition: Rendition | None = None
    """What a person has read."""
    wanted: str = ""
    """Names of the voices that should have spoken, joined by “+”; empty: these are they."""
    reason: str = ""
    """Why they do not, as a sentence for a person."""

    @property
    def names(self) -> tuple[str, ...]:
        """The voices' names, one for each paragraph."""
        return tuple(voice.name for voice in self.voices)


NOBODY = Choice()
"""For what is not said, and for what only a person may read and nobody has."""


class Chooser:
    """Chooses for many texts; asks the database a fixed number of times, and once more for what people have read."""

    def __init__(self, session: Session, studio: Studio) -> None:
        self._session = session
        self._studio = studio
        self._now = studio.now()
        self.orders = Orders(session, studio)
        self._in_turn = set(session.scalars(select(Slot.id).where(Slot.when_voice_fails == NEXT)))
        failed = session.scalars(select(Rendition).where(Rendition.state == "failed", Rendition.voice != HUMAN))
        self._failed = {each.key: each for each in failed if self._now < renditions.retry_at(each, self._now)}
        read = select(Rendition.paragraphs).where(Rendition.voice == HUMAN, Rendition.state == "ready")
        self._read = {tuple(texts) for texts in session.scalars(read)}
        self._by_people: dict[tuple[str, ...], Rendition | None] = {}
        self._states: dict[str, str] = {}
        self._speakers: dict[int, tuple[str, ...]] = {}

    def main(self, station: Station | None = None, script: Script | None = None) -> Voice:
        """The voice of the machine that should speak first; one that stands for none when only people may."""
        machines = [name for name in self.orders.of(station, script) if name != HUMAN]
        return voice_orders.voice_of(self._studio, machines[0] if machines else HUMAN)

    def may_take_next(self, broadcast: Broadcast) -> bool:
        """Whether another voice may take over in this broadcast by now."""
        return broadcast.slot_id in self._in_turn and broadcast.starts_at - self._now <= LEAD

    def choose(
        self,
        spoken: Sequence[str],
        *,
        station: Station | None,
        script: Script | None,
        revision: Revision | None = None,
        bed: str | None = None,
        internal: bool = False,
        may_take_next: bool = False,
    ) -> Choice:
        """Who says these paragraphs. revision: whose paragraphs they are, to know who speaks each.

        internal: they must stay in the house, whatever the script says of its own text.
        """
        order = self.orders.of(station, script, internal=internal)
        people = {} if revision is None or script is None else self._named(revision, script, spoken)
        wanted, reason = "", ""
        for name in order:
            if name == HUMAN:
                found = self._by_person(tuple(spoken)) if script is not None and not script.shell else None
                if found is not None:
                    return Choice(rendition=found, wanted=wanted, reason=reason)
                continue
            voices = [people.get(place, name) for place in range(len(spoken))]
            bad = self._failing(voices, spoken, bed)
            if bad and may_take_next and people:
                turned = self._replaced(voices, bad, order)
                again = self._failing(turned, spoken, bed) if turned else bad
                if turned and not again:
                    return self._choice(turned, "+".join(bad), next(iter(bad.values())))
            if not bad or not may_take_next:
                return self._choice(voices, wanted, reason)
            if not wanted:
                wanted, reason = "+".join(bad), next(iter(bad.values()))
        machines = [name for name in order if name != HUMAN]
        if not machines:
            return NOBODY
        return self._choice([people.get(place, machines[0]) for place in range(len(spoken))], "", "")

    def why_not(self, voices: Sequence[Voice], spoken: Sequence[str], bed: str | None = None) -> str:
        """Why these voices do not speak this text now; empty: they can."""
        return next(iter(self._failing([voice.name for voice in voices], spoken, bed).values()), "")

    def _choice(self, names: Sequence[str], wanted: str, reason: str) -> Choice:
        return Choice(tuple(voice_orders.voice_of(self._studio, name) for name in names), None, wanted, reason)

    def _named(self, revision: Revision, script: Script, spoken: Sequence[str]) -> Mapping[int, str]:
        """By the place of a paragraph, the voice that was given to who speaks it."""
        if not script.speakers:
            return {}
        if revision.id not in self._speakers:
            self._speakers[revision.id] = speakers_of(revision)
        labels = self._speakers[revision.id]
        if len(labels) != len(spoken):
            return {}
        given = {place: script.speakers.get(label, "") for place, label in enumerate(labels)}
        discreet = script.is_internal
        return {
            place: name
            for place, name in given.items()
            if name and not (discreet and voice_orders.leaves(self._studio, name))
        }

    def _by_person(self, spoken: tuple[str, ...]) -> Rendition | None:
        if spoken not in self._read:
            return None
        if spoken not in self._by_people:
            self._by_people[spoken] = recordings.rendition_for(self._session, spoken)
        return self._by_people[spoken]

    def _failing(self, names: Sequence[str], spoken: Sequence[str], bed: str | None) -> dict[str, str]:
        """Which of the voices can not speak, and why; the voices' own state first, then what became of this text."""
        bad = {name: why for name in dict.fromkeys(names) if (why := self._state(name))}
        if bad or not self._failed:
            return bad
        voices = [voice_orders.voice_of(self._studio, name) for name in names]
        rendition = self._failed.get(renditions.rendition_key(voices, spoken, bed))
        if rendition is None:
            return {}
        return {renditions.failed_voice(self._session, self._studio, rendition): rendition.error}

    def _state(self, name: str) -> str:
        if name not in self._states:
            state = voice_orders.voice_of(self._studio, name).state
            self._states[name] = "" if state.is_ready else state.sentence
        return self._states[name]

    def _replaced(self, names: Sequence[str], bad: Mapping[str, str], order: Sequence[str]) -> list[str]:
        """The same turns with other voices of the order for those that fail, rather one that nobody else has."""
        able = [name for name in order if name != HUMAN and name not in bad and not self._state(name)]
        fresh = [name for name in able if name not in names] or able
        if not fresh:
            return []
        stand_in = {name: fresh[place % len(fresh)] for place, name in enumerate(bad)}
        return [stand_in.get(name, name) for name in names]


def rendition_of(
    session: Session,
    studio: Studio,
    revision: Revision,
    *,
    spoken: Sequence[str] | None = None,
    station: Station | None = None,
) -> Rendition | None:
    """What is heard of a revision at the Centre, or at a station, in whatever state; None: not even wished for.

    spoken: a local reading's paragraphs, where it is said otherwise there.
    """
    texts = paragraphs(revision.spoken) if spoken is None else list(spoken)
    choice = Chooser(session, studio).choose(texts, station=station, script=revision.script, revision=revision)
    if choice.rendition is not None or not choice.voices:
        return choice.rendition
    return session.scalar(select(Rendition).where(Rendition.key == renditions.rendition_key(choice.voices, texts)))


def want_rendition(
    session: Session,
    studio: Studio,
    revision: Revision,
    *,
    due_at: datetime,
    spoken: Sequence[str] | None = None,
    station: Station | None = None,
) -> None:
    """Wish for what `rendition_of` looks for; nothing where a person has read it, or is the only one who may."""
    texts = paragraphs(revision.spoken) if spoken is None else list(spoken)
    choice = Chooser(session, studio).choose(texts, station=station, script=revision.script, revision=revision)
    if choice.voices:
        renditions.want_rendition(session, choice.voices, texts, due_at=due_at, now=studio.now())


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Why sound is not there yet."""

    reason: str = ""
    """A sentence; empty where the sound is there, or merely in the queue."""
    until: datetime | None = None
    """When it is tried again; None where nobody knows."""


def waiting(session: Session, studio: Studio, rendition: Rendition | None, now: datetime) -> Waiting:
    """What keeps sound waiting: the state of its voice, else what became of the last try. Asks no engine."""
    if rendition is None or rendition.state == "ready" or rendition.error == recordings.WITHDRAWN:
        return Waiting()
    states = [voice_orders.voice_of(studio, name).state for name in renditions.voice_names(rendition) if name != HUMAN]
    moments = [state.until for state in states]
    if rendition.state == "failed":
        reason = rendition.error
        moments.append(renditions.retry_at(rendition, now))
    else:
        reason = next((state.sentence for state in states if not state.is_ready), rendition.error)
        if rendition.error:
            moments.append(jobs.next_try(session, jobs.RENDER, str(rendition.id)))
    return Waiting(reason=reason, until=max((moment for moment in moments if moment and moment > now), default=None))


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a person is told of the voice of a cue."""

    title: str
    """Who speaks, or is to; empty: nobody yet."""
    instead_of: str = ""
    """Who should have spoken, where somebody else does."""
    reason: str = ""
    """Why that is so, or why its sound is not there yet; empty where it is merely in the queue."""
    until: datetime | None = None
    """When it is tried again; None where nobody knows."""

    def same_as(self, other: "Told") -> bool:
        """Whether both say the same, whenever it is tried again."""
        return (self.title, self.instead_of, self.reason) == (other.title, other.instead_of, other.reason)


def once(told: Iterable[Told]) -> list[Told]:
    """The same, each thing said once; with the latest moment, for only then is all of it there."""
    kept: list[Told] = []
    for one in told:
        place = next((place for place, other in enumerate(kept) if other.same_as(one)), None)
        if place is None:
            kept.append(one)
        elif one.until and (kept[place].until or one.until) <= one.until:
            kept[place] = one
    return kept


def tell(session: Session, studio: Studio, cue: Cue, now: datetime) -> Told:
    """The voice of a cue with words, in a sentence's parts. Wishes for nothing and asks no engine."""
    rendition = cue.rendition
    if rendition is None:
        return Told(title=voice_orders.title_of(studio, HUMAN), reason="Chưa ai thu đủ bài này.")
    awaited = waiting(session, studio, rendition, now)
    return Told(
        title=voice_orders.title_of(studio, "+".join(renditions.voice_names(rendition))),
        instead_of=voice_orders.title_of(studio, cue.wanted_voice),
        reason=cue.voice_reason or awaited.reason,
        until=awaited.until or _rests_until(studio, cue.wanted_voice, now),
    )


def _rests_until(studio: Studio, names: str, now: datetime) -> datetime | None:
    """When all of these voices, joined by “+”, may be ready again; None where nobody knows."""
    moments = [voice_orders.voice_of(studio, name).state.until for name in names.split("+") if name]
    return max((moment for moment in moments if moment and moment > now), default=None)
