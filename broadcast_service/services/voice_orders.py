"""Which voice is preferred: the Centre's order, a station's own, a script's own; the nearest that is set counts.

An order is a list of names of voices, the best first; among them `recordings.HUMAN` for what a colleague has read.
A voice that sends the text to somebody else's machine is never in the order of an internal script.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.rundown import Kind
from ..domain.scripts import paragraphs
from ..domain.timing import PLANNED_MS_PER_SYLLABLE
from ..domain.waveform import Waveform
from ..errors import EngineError, Forbidden, Invalid
from ..reading import read_aloud
from ..reading.regions import REGIONS
from ..speech.voice import Voice, VoiceState
from ..storage.tables import Cue, Preference, Rendition, Script, Station
from ..studio import Studio
from . import recordings
from .recordings import HUMAN

_CENTRE = "voice_order"
"""Preference: the Centre's order as JSON."""


@dataclass(frozen=True)
class MissingVoice:
    """Stands for a voice that an order names and that is not installed any more."""

    name: str
    title: str = ""
    region: str = ""
    leaves_the_house: bool = False
    settings: str = ""
    ms_per_syllable: float = float(PLANNED_MS_PER_SYLLABLE)

    @property
    def state(self) -> VoiceState:
        """Never ready."""
        return VoiceState(is_ready=False, sentence=f"Giọng “{self.name}” không còn trong máy này.")

    def speak(self, paragraph: str) -> Waveform:
        """Raises EngineError."""
        raise EngineError(f"no voice is called {self.name!r}", retryable=False, sentence=self.state.sentence)

    def close(self) -> None:
        """Nothing is held."""


class Own(NamedTuple):
    """What a script says of its voices; the columns of its row."""

    voices: Sequence[str]
    is_internal: bool
    speakers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One voice of an order, as a page shows it."""

    name: str
    title: str
    region: str
    is_human: bool
    is_missing: bool
    leaves_the_house: bool
    state: VoiceState


class Orders:
    """The orders of many stations and scripts: one query, however many are asked for."""

    def __init__(self, session: Session, studio: Studio) -> None:
        self._studio = studio
        self._centre = centre_order(session)
        self._defaults: dict[str, tuple[str, ...]] = {}

    def of(self, station: Station | None, script: Script | None, *, internal: bool = False) -> tuple[str, ...]:
        """Names of the voices for a script at a station, the best first; None: at the Centre, for any script.

        internal: what is said must stay in the house, as when a shell names an internal script.

        There is always a voice that can say a shell, which nobody can read beforehand, and one that keeps an internal
        text in the house unless its order asks for people only.
        """
        own = script.voices if script is not None else ()
        named = own or (station.voices if station is not None else ()) or self._centre
        region = station.region if station is not None else self._studio.settings.region
        order = tuple(named) or self._default(region)
        internal = internal or (script is not None and script.is_internal)
        is_shell = script is not None and bool(script.shell)
        if not (internal or is_shell):
            return order
        kept = tuple(name for name in order if not (internal and leaves(self._studio, name)))
        if any(name != HUMAN for name in kept) or (kept and not is_shell and kept == order):
            return kept
        rest = (name for name in self._default(region) if not (internal and leaves(self._studio, name)))
        return tuple(dict.fromkeys([*kept, *rest]))

    def source(self, station: Station | None, script: Script | None) -> str:
        """Whose order that is: script, station, centre, or default."""
        if script is not None and script.voices:
            return "script"
        if station is not None and station.voices:
            return "station"
        return "centre" if self._centre else "default"

    def _default(self, region: str) -> tuple[str, ...]:
        if region not in self._defaults:
            voices = self._studio.voices.values()
            local = [v.name for v in voices if v.name.startswith("espeak:") and v.region == region]
            self._defaults[region] = tuple(dict.fromkeys([HUMAN, self._studio.settings.voice, *local]))
        return self._defaults[region]


def order_for(session: Session, studio: Studio, station: Station | None, script: Script | None) -> list[str]:
    """Names of the voices for one script at one station, the best first. For many, keep an `Orders`."""
    return list(Orders(session, studio).of(station, script))


def centre_order(session: Session) -> list[str]:
    """The Centre's order as it was set; empty: people, then the installation's voice, then that of the region."""
    row = session.get(Preference, _CENTRE)
    return [str(name) for name in json.loads(row.value)] if row else []


def set_centre_order(session: Session, studio: Studio, names: Sequence[str]) -> None:
    """Set the Centre's order; none: back to the default. Raises Invalid."""
    session.merge(Preference(name=_CENTRE, value=json.dumps(checked(studio, names, before=centre_order(session)))))
    session.flush()


def set_station_order(session: Session, studio: Studio, station: Station, names: Sequence[str]) -> None:
    """Set a station's own order; none: the Centre's. Raises Invalid."""
    station.voices = checked(studio, names, before=station.voices)
    session.flush()


def set_script_order(
    session: Session, studio: Studio, script: Script, names: Sequence[str], *, is_internal: bool
) -> None:
    """Set a script's own order, and whether its text must stay in the house. Raises Invalid, Forbidden."""
    names = checked(studio, names, before=script.voices)
    if is_internal:
        for name in (*names, *_speaking(script).values()):
            require_discreet(studio.voices.get(name), internal=True)
    if is_internal and not script.is_internal:
        _withhold(session, studio, script)
    script.voices, script.is_internal = names, is_internal
    session.flush()


def keep_in_house(session: Session, studio: Studio, script: Script, is_internal: bool) -> None:
    """Mark a script as internal, or no longer; rundowns ahead follow.

    Raises Invalid, naming what is to be changed first, where its own voices would send its text away.
    """
    from .broadcasts import follow  # its room asks this room who speaks

    if script.is_internal != is_internal:
        if is_internal:
            _check_own_voices(studio, script)
        set_script_order(session, studio, script, script.voices, is_internal=is_internal)
        follow(session, studio, script_id=script.id)


def _speaking(script: Script) -> dict[str, str]:
    """Voices by the names that still stand in the text."""
    return {label: name for label, name in script.speakers.items() if f"{label}:" in script.latest.written}


def _check_own_voices(studio: Studio, script: Script) -> None:
    whose = dict.fromkeys(script.voices, "Thứ tự giọng đọc riêng của bài này")
    whose |= {name: f"Người nói “{label}” trong bài này" for label, name in _speaking(script).items()}
    for name, who in whose.items():
        if leaves(studio, name):
            raise Invalid(
                f"{who} dùng “{title_of(studio, name)}”, giọng gửi lời đọc ra ngoài máy này. "
                "Hãy đổi sang giọng có sẵn trong máy ở trang chọn giọng, rồi ghi bài là nội bộ.",
                field="is_internal",
            )


def _withhold(session: Session, studio: Studio, script: Script) -> None:
    """Take back the wishes for sound that would send words of this script away: its texts, and what names it."""
    texts = [revision.spoken for revision in script.revisions]
    texts += [reading.spoken for revision in script.revisions for reading in revision.local_readings]
    said = [paragraphs(text) for text in texts]
    titles = {said for revision in script.revisions for said in _spoken_titles(revision.title)}
    around = _shells_around(session, script)
    for rendition in session.scalars(select(Rendition).where(Rendition.state == "wanted")):
        named = any(title in paragraph.casefold() for title in titles for paragraph in rendition.paragraphs)
        is_its_own = rendition.paragraphs in said or rendition.id in around or named
        if is_its_own and any(leaves(studio, name) for name in rendition.voices or [rendition.voice]):
            rendition.state = "failed"
            rendition.error = "Bài này là bài nội bộ nên lời đọc không được gửi ra ngoài máy này."


def _shells_around(session: Session, script: Script) -> set[int]:
    """Ids of the shells' renditions in rundowns with this script; those that do not name it are wished for anew."""
    theirs = select(Cue.broadcast_id).where(Cue.script_id == script.id)
    shells = select(Cue.rendition_id).where(Cue.kind == Kind.SHELL, Cue.broadcast_id.in_(theirs))
    return {number for number in session.scalars(shells) if number is not None}


def _spoken_titles(title: str) -> set[str]:
    """A title as shells may have said it, in small letters: also where its rundown does not hold it any more."""
    spoken = [title, *(read_aloud(title, region=region).spoken for region in REGIONS)]
    return {folded for each in spoken if (folded := each.strip().rstrip(".").casefold())}


def require_discreet(voice: Voice | None, *, internal: bool) -> None:
    """Raise Forbidden when an internal text would be sent to somebody else's machine to be spoken."""
    if internal and voice is not None and voice.leaves_the_house:
        raise Forbidden(
            f"Kịch bản này ghi là nội bộ, mà “{voice.title}” gửi lời đọc ra ngoài máy này. "
            "Hãy chọn giọng có sẵn trong máy."
        )


def checked(studio: Studio, names: Sequence[str], *, before: Sequence[str] = ()) -> list[str]:
    """The names, each once. before: what stood there already and may stay although it is gone. Raises Invalid."""
    for name in names:
        if name != HUMAN and name not in studio.voices and name not in before:
            raise Invalid(f"Không có giọng đọc “{name[:60]}”. Hãy chọn lại trong danh sách.", field="voices")
    return list(dict.fromkeys(names))


def leaves(studio: Studio, name: str) -> bool:
    """Whether this voice sends the text out of the house."""
    return name in studio.voices and studio.voices[name].leaves_the_house


def voice_of(studio: Studio, name: str) -> Voice:
    """The voice of that name, or what stands for a missing one."""
    return studio.voices.get(name) or MissingVoice(name, title=name)


def title_of(studio: Studio, name: str) -> str:
    """What a person calls a voice, also of several joined by “+”; empty for none."""
    names = [each for each in name.split("+") if each]
    titles = [recordings.TITLE if each == HUMAN else voice_of(studio, each).title for each in names]
    return " và ".join(filter(None, (", ".join(titles[:-1]), *titles[-1:])))


def places(studio: Studio, order: Sequence[str]) -> list[Place]:
    """An order as a page shows it."""
    found = []
    for name in order:
        voice = voice_of(studio, name)
        found.append(
            Place(
                name=name,
                title=title_of(studio, name),
                region=voice.region,
                is_human=name == HUMAN,
                is_missing=name != HUMAN and name not in studio.voices,
                leaves_the_house=voice.leaves_the_house,
                state=VoiceState() if name == HUMAN else voice.state,
            )
        )
    return found


def shell_scripts(session: Session) -> dict[int, Script]:
    """The scripts of shells by id, to ask for their orders."""
    return {script.id: script for script in session.scalars(select(Script).where(Script.shell != ""))}
