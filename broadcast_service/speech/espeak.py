"""The embedded default voice: libespeak-ng from its wheel, in processes of its own."""

import re
from dataclasses import asdict
from functools import cached_property

from ..domain.waveform import Waveform
from . import pauses
from .faults import Fault, VoiceError
from .manner import Manner
from .sentences import sentences
from .voice import READY, VoiceState
from .words import Heard, with_words
from .workers import WorkerPool

PLAIN = Manner()
"""The manner MS_PER_SYLLABLE was measured in."""

VOLUME = 80
"""Per cent. More clips: at 100 the output already peaks at full scale."""

MS_PER_SYLLABLE = {"vi": 275.0, "vi-vn-x-central": 277.0, "vi-vn-x-south": 283.0}
"""Measured at PLAIN's speed over 8 500 syllables of the shipped scripts, commas included, without the pauses between
sentences.

A paragraph strays from it by at most 10 %."""


REGIONS = {"vi": "bac", "vi-vn-x-central": "trung", "vi-vn-x-south": "nam"}
TITLES = {
    "vi": "Giọng máy miền Bắc",
    "vi-vn-x-central": "Giọng máy miền Trung",
    "vi-vn-x-south": "Giọng máy miền Nam",
}

RESPELLED = {"veo": "vèo", "gen": "gien", "hat": "hát", "mat": "mát", "buy": "bùy"}
"""Words that the library takes for English in the middle of Vietnamese, and the nearest it says in Vietnamese."""

_RESPELLED = re.compile(rf"\b(?:{'|'.join(RESPELLED)})\b", re.IGNORECASE)


def respell(sentence: str) -> str:
    """The sentence with the words of RESPELLED written so that no English is heard; nothing else changes."""
    return _RESPELLED.sub(lambda found: RESPELLED[found.group().lower()], sentence)


class EspeakVoice:
    """One of espeak-ng's Vietnamese accents: `vi`, `vi-vn-x-central`, `vi-vn-x-south`."""

    leaves_the_house = False

    def __init__(self, accent: str = "vi", *, manner: Manner = PLAIN, pool: WorkerPool | None = None) -> None:
        self._accent = accent
        self.manner = manner
        self._pool = pool or WorkerPool()

    def at(self, manner: Manner) -> "EspeakVoice":
        """The same voice at another speed and pitch, in the same processes."""
        return EspeakVoice(self._accent, manner=manner, pool=self._pool)

    @property
    def name(self) -> str:
        """Such as “espeak:vi”."""
        return f"espeak:{self._accent}"

    @property
    def title(self) -> str:
        """Such as “Giọng máy miền Bắc”."""
        return TITLES[self._accent]

    @property
    def region(self) -> str:
        """“bac”, “trung” or “nam”."""
        return REGIONS[self._accent]

    @property
    def state(self) -> VoiceState:
        """Always ready: a worker that died is replaced."""
        return READY

    @cached_property
    def settings(self) -> str:
        """The library's build, speed, pitch, volume, respelled words and pauses."""
        from importlib.metadata import version  # slow to load, and seldom needed

        build = version("espeakng-loader")
        spoken_at = f"rate={self.manner.rate} pitch={self.manner.pitch} volume={VOLUME} respelled={len(RESPELLED)}"
        return f"espeakng-loader={build} {spoken_at} {pauses.SETTINGS}"

    @property
    def ms_per_syllable(self) -> float:
        """Measured at one speed; a syllable's length goes with the inverse of it, within 1 % from 120 to 200."""
        return MS_PER_SYLLABLE[self._accent] * PLAIN.rate / self.manner.rate

    def speak(self, paragraph: str) -> Waveform:
        """Each sentence said apart and trimmed, at 22 050 Hz. Safe for threads: each takes a process of its own.

        The same text gives slightly different samples each time. Raises VoiceError: retryable when the process
        died or hung, not when there is nothing to say.
        """
        said, heard = [], []
        rate_hz = 0
        spoken_at = {"voice": self._accent, **asdict(self.manner), "volume": VOLUME}
        wanted = sentences(paragraph)
        with self._pool.lend() as worker:
            for sentence in map(respell, wanted):
                answer = worker.ask(spoken_at | {"text": sentence})
                rate_hz = answer.facts["rate_hz"]
                sound, cut_ms = pauses.trim(answer.pcm, rate_hz)
                if sound:
                    said.append(sound)
                    heard.append(Heard(sentence, answer.facts["words"], cut_ms, len(sound) * 500 / rate_hz))
        if not said:
            raise VoiceError(Fault.NO_SOUND, "espeak made no sound of the text")
        return with_words(pauses.join(said, rate_hz), paragraph, heard)

    def close(self) -> None:
        """End the worker processes; they are started again if the voice is used again."""
        self._pool.close()
