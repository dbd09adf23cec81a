"""The embedded default voice: libespeak-ng from its wheel, in processes of its own."""

import re
from functools import cached_property

from ..domain.waveform import Waveform
from ..errors import EngineError
from . import pauses
from .espeak_pool import Request, WorkerPool
from .sentences import sentences

RATE = 150
"""espeak's speed parameter: about 200 syllables a minute with the pauses, the pace of an announcement."""

PITCH = 50
"""espeak's own middle."""

VOLUME = 80
"""Per cent. More clips: at 100 the output already peaks at full scale."""

MS_PER_SYLLABLE = {"vi": 275.0, "vi-vn-x-central": 277.0, "vi-vn-x-south": 283.0}
"""Measured at RATE over 8 500 syllables of the shipped scripts, commas included, pauses between sentences left out.

A paragraph strays from it by at most 10 %."""


RESPELLED = {"veo": "vèo", "gen": "gien", "hat": "hát", "mat": "mát", "buy": "bùy"}
"""Words that the library takes for English in the middle of Vietnamese, and the nearest it says in Vietnamese."""

_RESPELLED = re.compile(rf"\b(?:{'|'.join(RESPELLED)})\b", re.IGNORECASE)


def respell(sentence: str) -> str:
    """The sentence with the words of RESPELLED written so that no English is heard; nothing else changes."""
    return _RESPELLED.sub(lambda found: RESPELLED[found.group().lower()], sentence)


class EspeakVoice:
    """One of espeak-ng's Vietnamese accents: `vi`, `vi-vn-x-central`, `vi-vn-x-south`."""

    def __init__(self, accent: str = "vi", *, pool: WorkerPool | None = None) -> None:
        self._accent = accent
        self._pool = pool or WorkerPool()

    @property
    def name(self) -> str:
        """Such as “espeak:vi”."""
        return f"espeak:{self._accent}"

    @cached_property
    def settings(self) -> str:
        """The library's build, speed, pitch, volume, respelled words and pauses."""
        from importlib.metadata import version  # slow to load, and seldom needed

        build = version("espeakng-loader")
        spoken_at = f"rate={RATE} pitch={PITCH} volume={VOLUME} respelled={len(RESPELLED)}"
        return f"espeakng-loader={build} {spoken_at} {pauses.SETTINGS}"

    @property
    def ms_per_syllable(self) -> float:
        """Measured; see MS_PER_SYLLABLE."""
        return MS_PER_SYLLABLE[self._accent]

    def speak(self, paragraph: str) -> Waveform:
        """Each sentence said apart and trimmed, at 22 050 Hz. Safe for threads: each takes a process of its own.

        The same text gives slightly different samples each time. Raises EngineError: retryable when the process
        died or hung, not when there is nothing to say.
        """
        said = []
        rate_hz = 0
        with self._pool.lend() as worker:
            for sentence in sentences(paragraph):
                pcm, rate_hz = worker.speak(Request(self._accent, RATE, PITCH, VOLUME, respell(sentence)))
                if sound := pauses.trim(pcm, rate_hz):
                    said.append(sound)
        if not said:
            raise EngineError("espeak made no sound of the text", retryable=False)
        return pauses.join(said, rate_hz)

    def close(self) -> None:
        """End the worker processes; they are started again if the voice is used again."""
        self._pool.close()
