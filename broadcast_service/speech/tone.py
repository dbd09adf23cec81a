"""A hum of the right length in place of words: quick and the same everywhere, for trials and tests."""

import functools
import math
from array import array

from ..domain.timing import count_syllables
from ..domain.waveform import Waveform
from . import pauses
from .sentences import sentences
from .voice import READY

RATE_HZ = 22_050
MS_PER_SYLLABLE = 250
_PITCH_HZ = 180


class ToneVoice:
    """Hums one note a syllable."""

    name = "tone"
    title = "Tiếng ngân thử máy"
    region = ""
    leaves_the_house = False
    state = READY
    settings = f"1 {pauses.SETTINGS}"
    ms_per_syllable = float(MS_PER_SYLLABLE)

    def speak(self, paragraph: str) -> Waveform:
        """A swelling note for each syllable. Raises EngineError when there is nothing to say."""
        said = [_note() * count_syllables(sentence) for sentence in sentences(paragraph)]
        return pauses.join(said, RATE_HZ)

    def close(self) -> None:
        """Nothing is held."""


@functools.cache
def _note() -> bytes:
    count = RATE_HZ * MS_PER_SYLLABLE // 1_000
    samples = array("h")
    for place in range(count):
        swell = 0.15 + 0.85 * math.sin(math.pi * place / count) ** 2
        turn = 2 * math.pi * _PITCH_HZ * place / RATE_HZ
        samples.append(round(9_000 * swell * (math.sin(turn) + 0.4 * math.sin(2 * turn) + 0.2 * math.sin(3 * turn))))
    return samples.tobytes()
