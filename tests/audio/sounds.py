"""Sounds with known properties."""

import functools

import numpy as np

from broadcast_service.audio.loudness import Samples
from broadcast_service.audio.mastering import Mastered, master
from broadcast_service.domain.waveform import Waveform
from broadcast_service.speech.espeak import EspeakVoice

SENTENCES = (
    "Kính thưa bà con, phong trào thi đua yêu nước được các tầng lớp nhân dân hưởng ứng sôi nổi.",
    "Gia đình ông Minh đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn.",
    "Ông Minh nói rằng, đất thì quý, nhưng tình làng nghĩa xóm còn quý hơn.",
    "Vâng.",
)


def sine(pitch_hz: float, seconds: float, *, dbfs: float = 0.0, phase: float = 0.0) -> Samples:
    """A sine of that peak level at 44.1 kHz."""
    t = np.arange(round(seconds * 44_100)) / 44_100
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * pitch_hz * t + phase)).astype(np.float32)


def wave(samples: Samples, rate_hz: int = 44_100) -> Waveform:
    return Waveform(np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype("<i2").tobytes(), rate_hz)


@functools.cache
def spoken() -> tuple[Waveform, ...]:
    """Each of SENTENCES said by the embedded voice."""
    voice = EspeakVoice()
    try:
        return tuple(voice.speak(sentence) for sentence in SENTENCES)
    finally:
        voice.close()


@functools.cache
def pieces() -> tuple[Mastered, ...]:
    """The same, mastered."""
    return tuple(master(said) for said in spoken())
