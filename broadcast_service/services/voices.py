"""The voices of an installation: which there are, how they do, installing models and trying them.

Speaking takes a moment: have no transaction open.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import Conflict, EngineError
from ..speech.installed import VOICES_FOLDER
from ..speech.manner import Manner
from ..speech.piper import CARD, InstalledModel
from ..speech.piper_card import PiperCard, licence_beside, read_card
from ..speech.piper_models import SAMPLE, add_model, remove_model
from ..speech.voice import Resting, Tunable, Voice, VoiceState
from ..storage.tables import Rendition
from ..studio import Studio
from . import audition, jobs, renditions
from .audition import choose_voice
from .voice_orders import require_discreet

__all__ = [
    "Added",
    "VoiceLine",
    "add_voice",
    "choose_voice",
    "let_try",
    "list_voices",
    "remove_voice",
    "require_discreet",
    "times_real_time",
    "try_voice",
]

_ENGINE_NAMES = {"espeak": "espeak-ng", "gtts": "gTTS", "piper": "Piper"}
_PIPER = "piper:"


@dataclass(frozen=True, kw_only=True)
class VoiceLine:
    """What a person is told of a voice."""

    name: str
    title: str
    engine: str
    region: str
    leaves_the_house: bool
    state: VoiceState
    is_default: bool
    is_tunable: bool
    """Whether its speed and pitch may be chosen."""
    may_try: bool
    """Whether it rests, and somebody may end that."""
    times_real_time: float | None
    """Seconds of sound a second makes, on one core of this machine; None where it was not measured."""


def list_voices(studio: Studio, *, measure: bool = False) -> list[VoiceLine]:
    """Every voice, those of the program first. measure: let those of this machine speak, about a second each."""
    return [
        VoiceLine(
            name=voice.name,
            title=voice.title,
            engine=_ENGINE_NAMES.get(voice.name.partition(":")[0], voice.name),
            region=voice.region,
            leaves_the_house=voice.leaves_the_house,
            state=voice.state,
            is_default=voice.name == studio.settings.voice,
            is_tunable=isinstance(voice, Tunable),
            may_try=isinstance(voice, Resting) and not voice.state.is_ready,
            times_real_time=times_real_time(voice) if measure and voice.state.is_ready else None,
        )
        for voice in studio.voices.values()
    ]


def times_real_time(voice: Voice) -> float | None:
    """How much faster than the sound lasts it is made; None for somebody else's machine, or a voice that fails."""
    if voice.leaves_the_house:
        return None
    try:
        voice.speak(SAMPLE)  # starts what must be started
        started = time.perf_counter()
        sound = voice.speak(SAMPLE)
    except EngineError:
        return None
    return sound.length_ms / 1_000 / (time.perf_counter() - started)


def let_try(session: Session, studio: Studio, name: str) -> Voice:
    """End the rest of a voice for one trial, and have tried at once what waits for it; return the voice.

    Raises Invalid for a voice there is not, Conflict for one that does not rest.
    """
    voice = choose_voice(studio, name)
    if not isinstance(voice, Resting) or voice.state.is_ready:
        raise Conflict(f"“{voice.title}” không đang nghỉ, không cần thử lại.")
    voice.let_try()
    waiting = session.scalars(select(Rendition).where(Rendition.state == "wanted"))
    subjects = [str(one.id) for one in waiting if name in renditions.voice_names(one)]
    jobs.hasten(session, jobs.RENDER, subjects, now=studio.now())
    return voice


@dataclass(frozen=True)
class Added:
    """A model that was installed, and what its maker and its trial tell of it."""

    voice: Voice
    model: InstalledModel
    card: PiperCard
    licence: str
    """As its maker says; empty: nothing is said."""
    sample: bytes
    """What it has said as a trial, as an MP3 file."""


def add_voice(studio: Studio, source: Path, *, name: str = "", speaker: int = 0, region: str = "") -> Added:
    """Install the Piper model in this file; a running service has it at once.

    Raises what `piper_models.add_model` raises: Invalid, Conflict, NoSpace.
    """
    model, said = add_model(_folder(studio), source, name=name, speaker=speaker, region=region)
    card = read_card((_folder(studio) / model.name / CARD).read_bytes())
    licence = card.licence or licence_beside(source)
    return Added(studio.voice(f"{_PIPER}{model.name}"), model, card, licence, audition.encoded(said, title=model.name))


def remove_voice(studio: Studio, name: str) -> None:
    """Take an installed model away. What it has spoken stays.

    Raises NotFound, or Conflict when the voice is the program's own, the default, or still awaited.
    """
    if not name.startswith(_PIPER):
        raise Conflict(f"Giọng “{name}” không phải mẫu cài thêm nên không gỡ được. Chỉ gỡ được các giọng piper:….")
    if name == studio.settings.voice:
        raise Conflict(f"“{name}” đang là giọng mặc định (BROADCAST_VOICE). Hãy đổi giọng mặc định trước khi gỡ.")
    with studio.database.reading() as session:
        awaited = session.scalar(
            select(func.count()).select_from(Rendition).where(Rendition.voice == name, Rendition.state == "wanted")
        )
    if awaited:
        raise Conflict(f"Còn {awaited} bản thu đang chờ giọng “{name}”. Hãy đợi thu xong hoặc đổi giọng của chúng.")
    remove_model(_folder(studio), name.removeprefix(_PIPER))


def try_voice(studio: Studio, name: str, sentence: str, *, manner: Manner | None = None) -> bytes:
    """A written sentence read aloud and spoken by that voice, as an MP3 file. manner: to try another.

    Raises Invalid when there is no such voice, nothing to say or too much; EngineError when the voice can not.
    """
    voice = choose_voice(studio, name)
    return audition.hear(studio, audition.said(studio, sentence), voice.name, manner=manner)


def _folder(studio: Studio) -> Path:
    return studio.settings.data_dir / VOICES_FOLDER
