"""Instruments made of sines: a plucked zither (đàn tranh), a bamboo flute (sáo), a pad of low voices, and a room.

Every function gives float32 samples, full scale ±1, at 44.1 kHz; the same arguments give the same samples.
"""

import numpy as np
import numpy.typing as npt

from ..domain.units import SAMPLE_RATE_HZ
from .filtering import Samples


def frequency(semitones_above_d4: float) -> float:
    """Pitch in hertz, equal temperament, a' = 440 Hz."""
    return float(440.0 * 2 ** ((semitones_above_d4 - 7) / 12))


def zither(pitch_hz: float, length_s: float, *, strength: float = 1.0, trembling: float = 0.0) -> Samples:
    """A steel string plucked near its end; dies away within `length_s`.

    strength: 0–1, brighter when stronger. trembling: depth of the left hand's vibrato in semitones, which is what
    tells the đàn tranh from a harp.
    """
    t = _time(length_s)
    swing = trembling * np.sin(2 * np.pi * 5.5 * t) * np.clip((t - 0.12) * 4, 0, 1)
    turns = np.cumsum(pitch_hz * 2 ** (swing / 12)) / SAMPLE_RATE_HZ
    highest = int(min(24, 9_000 // pitch_hz))
    out = np.zeros(len(t), dtype=np.float32)
    for number in range(1, highest + 1):
        stretched = number * np.sqrt(1 + 0.00012 * number**2)  # a stiff string's partials are a little sharp
        level = np.sin(np.pi * number * 0.13) / number * (0.55 + 0.45 * strength) ** number
        loss = 1.5 + 0.0028 * pitch_hz + 0.45 * number
        heard = min(len(t), int(8 / loss * SAMPLE_RATE_HZ))  # 70 dB down
        dying = np.exp(np.float32(-loss) * t[:heard].astype(np.float32)) * np.float32(level)
        out[:heard] += dying * _sine(stretched * turns[:heard])
    return _shaped(out * strength, 0.002, 0.06)


def flute(pitch_hz: float, length_s: float, *, strength: float = 1.0, seed: int = 0) -> Samples:
    """A soft held tone with a little breath; the vibrato comes late, as a player's does."""
    t = _time(length_s)
    late = np.clip((t - 0.35) * 2, 0, 1)
    turns = np.cumsum(pitch_hz * 2 ** (0.18 * late * np.sin(2 * np.pi * 4.8 * t) / 12)) / SAMPLE_RATE_HZ
    tone = _sine(turns) + 0.22 * _sine(2 * turns) + 0.09 * _sine(3 * turns)
    breath = _band(np.random.default_rng(seed).standard_normal(len(t)), pitch_hz * 0.9, pitch_hz * 3.5)
    swell = 1 + 0.12 * late * np.sin(2 * np.pi * 4.8 * t + 1)
    return _shaped((tone * swell + 0.05 * breath) * 0.4 * strength, 0.09, 0.25)


def pad(pitches_hz: list[float], length_s: float, *, strength: float = 1.0) -> Samples:
    """Several tones held together, each a pair slightly apart, so that they breathe."""
    t = _time(length_s)
    out = np.zeros(len(t), dtype=np.float32)
    for place, pitch in enumerate(pitches_hz):
        apart = 0.23 + 0.11 * place  # pairs that beat together would throb
        for offset, level in ((0.0, 1.0), (apart, 0.35)):
            turns = (pitch + offset) * t + 0.17 * place
            out += np.float32(level) * (_sine(turns) + np.float32(0.3) * _sine(2 * turns))
    return _shaped(out * strength / (3 * len(pitches_hz)), min(0.9, length_s / 3), min(1.5, length_s / 3))


def in_a_room(samples: Samples, *, wet: float = 0.22, dying_s: float = 1.1, seed: int = 7) -> Samples:
    """The same samples as heard in a small hall; as long as before, so leave room at the end."""
    t = _time(dying_s)
    echo = np.random.default_rng(seed).standard_normal(len(t)) * np.exp(-t * 6.9 / dying_s)
    echo = _band(echo, 180.0, 5_000.0)
    echo[: int(0.012 * SAMPLE_RATE_HZ)] = 0  # the first wall is four metres away
    echo /= np.sqrt(np.square(echo).sum())
    size = 1 << (len(samples) + len(echo)).bit_length()
    heard = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echo, size), size)[: len(samples)]
    return np.asarray(samples + wet * heard, dtype=np.float32)


def _time(length_s: float) -> npt.NDArray[np.float64]:
    return np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _sine(turns: npt.NDArray[np.float64]) -> Samples:
    """The sine of so many turns of the circle; in single precision, which is four times as fast."""
    return np.asarray(np.sin(2 * np.pi * (turns % 1.0).astype(np.float32)), dtype=np.float32)


def _shaped(samples: npt.NDArray[np.floating], rise_s: float, fall_s: float) -> Samples:
    """Zero at both ends, with smooth slopes: nothing clicks."""
    samples = samples.astype(np.float32)
    rise, fall = (max(2, round(span * SAMPLE_RATE_HZ)) for span in (rise_s, fall_s))
    samples[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    samples[-fall:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, fall + 1) / fall)
    return samples


def _band(samples: npt.NDArray[np.float64], low_hz: float, high_hz: float) -> npt.NDArray[np.float64]:
    """Only what lies between two pitches, with soft edges."""
    spectrum = np.fft.rfft(samples)
    pitch = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    spectrum *= 1 / (1 + (low_hz / np.maximum(pitch, 1.0)) ** 4) / (1 + (pitch / high_hz) ** 4)
    return np.fft.irfft(spectrum, len(samples))
