"""At which speed and pitch the embedded voices speak: chosen on a page and tried before, else as the settings say."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..errors import Invalid, NoSpace
from ..settings import Settings
from ..speech.installed import VOICES_FOLDER
from ..speech.manner import PITCHES, RATES, Manner, keep_manner, kept_manner
from ..speech.voice import Tunable, Voice
from ..studio import Studio
from . import broadcasts
from .broadcasts import Followed


@dataclass(frozen=True)
class InForce:
    """How the embedded voices speak now."""

    manner: Manner
    is_chosen: bool
    """Somebody has chosen it; else it is that of the settings."""


def in_force(settings: Settings) -> InForce:
    """What counts in all processes of the installation."""
    chosen = kept_manner(settings.data_dir / VOICES_FOLDER)
    return InForce(chosen or Manner(settings.voice_rate, settings.voice_pitch), chosen is not None)


def typed(rate: str, pitch: str, *, instead: Manner) -> Manner:
    """What was typed; what was left empty is as in `instead`. Raises Invalid, naming the field."""
    return Manner(
        _number(rate, "rate", "Tốc độ", RATES) if rate.strip() else instead.rate,
        _number(pitch, "pitch", "Độ cao", PITCHES) if pitch.strip() else instead.pitch,
    )


def choose(session: Session, studio: Studio, manner: Manner | None) -> Followed:
    """Have the embedded voices speak so from now on; None: as the settings say. Rundowns ahead follow.

    Raises NoSpace.
    """
    folder = studio.settings.data_dir / VOICES_FOLDER
    try:
        keep_manner(folder, manner)
    except OSError as error:
        raise NoSpace(str(folder)) from error
    return broadcasts.follow(session, studio)


def tuned(voice: Voice, manner: Manner | None) -> Voice:
    """The voice in that manner; None: as it is. Raises Invalid where it has no such choice."""
    if manner is None:
        return voice
    if not isinstance(voice, Tunable):
        raise Invalid(f"“{voice.title}” không chỉnh được tốc độ, độ cao. Chỉ giọng có sẵn trong máy chỉnh được.")
    return voice.at(manner)


def _number(text: str, field: str, what: str, possible: range) -> int:
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) in possible:
        return int(text)
    raise Invalid(f"{what} cần một số từ {possible[0]} đến {possible[-1]}.", field=field)
