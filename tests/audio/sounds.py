"""Sounds with known properties."""

import functools
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np

from broadcast_service.audio.filtering import Samples
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
def said(text: str) -> Waveform:
    """The text said by the embedded voice."""
    voice = EspeakVoice()
    try:
        return voice.speak(text)
    finally:
        voice.close()


class Measured(NamedTuple):
    """What ffmpeg's meter tells."""

    integrated_lufs: float
    true_peak_dbtp: float


def ebur128(path: Path) -> Measured:
    """A file measured by ffmpeg, for tests marked media."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    told = told[told.rindex("Summary:") :]
    loudness, peak = re.search(r"I:\s+(-?[\d.]+|-inf) LUFS", told), re.search(r"Peak:\s+(-?[\d.]+|-inf) dBFS", told)
    assert loudness
    assert peak
    return Measured(float(loudness[1]), float(peak[1]))


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
