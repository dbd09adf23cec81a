"""Which voices an installation has."""

from .espeak import MS_PER_SYLLABLE, EspeakVoice
from .google import GttsVoice
from .voice import Voice
from .workers import WorkerPool


def open_voices() -> dict[str, Voice]:
    """Every voice by its name. Nothing is started or connected before one is asked to speak."""
    pool = WorkerPool()
    voices: list[Voice] = [*(EspeakVoice(accent, pool=pool) for accent in MS_PER_SYLLABLE), GttsVoice()]
    return {voice.name: voice for voice in voices}
