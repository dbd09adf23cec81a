"""Slow hands on a fader: level riding and a gentle gate. Both look at a sound in steps of 10 ms and decide in decibels.

Deciding and applying are apart, so that a long recording is decided on as a whole and changed in parts.
"""

import numpy as np
import numpy.typing as npt

from ..domain.units import SAMPLE_RATE_HZ
from .filtering import Samples

STEP = SAMPLE_RATE_HZ // 100
"""10 ms."""

Decibels = npt.NDArray[np.float64]
"""One value for each step."""

_NOTHING_DB = -120.0
_GATE_ABOVE_FLOOR_DB = 6.0
"""What is so close to the noise is not the voice; …"""
_GATE_DEPTH_DB = 9.0
"""… it becomes so much softer, not silent: a room that comes and goes with every word is worse than its noise."""
_GATE_OPENS_STEPS = 4
"""The gate is open so long before a word, since words begin softly, …"""
_GATE_HOLDS_STEPS = 15
"""… and after it, since they die away."""
_GATE_FADES_STEPS = 8


def levels_db(samples: Samples) -> Decibels:
    """RMS level of each step in dB of full scale; the last, shorter step counts as its own length."""
    if not len(samples):
        return np.zeros(0)
    starts = np.arange(0, len(samples), STEP)
    lengths = np.diff(np.append(starts, len(samples)))
    means = np.add.reduceat(np.square(samples), starts, dtype=np.float64) / lengths
    return np.asarray(10 * np.log10(np.maximum(means, 10 ** (_NOTHING_DB / 10))))


def noise_floor_db(levels: Decibels) -> float:
    """The level of a recording between its words: what a tenth of its steps stay below."""
    return float(np.percentile(levels, 10))


def voice_level_db(levels: Decibels) -> float:
    """The level of the loud syllables: what a twentieth of the steps exceed."""
    return float(np.percentile(levels, 95))


def riding_db(levels: Decibels, *, window_steps: int, share: float, most_db: float, softest_db: float) -> Decibels:
    """Gains that bring stretches of so many steps nearer to the level of the voice.

    share: the part of the difference that is made up. Steps below softest_db are no speech: there the gain of the
    words around them goes on, so that noise is not pulled up.
    """
    is_speech = levels > softest_db
    if not is_speech.any():
        return np.zeros(len(levels))
    powers = np.where(is_speech, 10 ** (levels / 10), 0.0)
    around = smooth(powers, window_steps) / np.maximum(smooth(is_speech.astype(float), window_steps), 1e-9)
    there = np.flatnonzero(is_speech)
    heard = 10 * np.log10(around[there])
    wanted = np.clip(share * (voice_level_db(heard) - heard), -most_db, most_db)
    return smooth(np.interp(np.arange(len(levels)), there, wanted), window_steps)


def gate_db(levels: Decibels, *, floor_db: float) -> Decibels:
    """Gains from −9 dB, where only the room is heard, to 0 around every word."""
    is_voice = levels > floor_db + _GATE_ABOVE_FLOOR_DB
    wide = np.convolve(is_voice, np.ones(_GATE_OPENS_STEPS + _GATE_HOLDS_STEPS + 1))
    is_open = wide[_GATE_OPENS_STEPS : _GATE_OPENS_STEPS + len(levels)] > 0.5
    return np.minimum(0.0, smooth(np.where(is_open, 0.0, -_GATE_DEPTH_DB), _GATE_FADES_STEPS))


def smooth(values: Decibels, steps: int) -> Decibels:
    """The mean of so many steps around each; fewer at both ends."""
    before, after = (steps - 1) // 2, steps // 2
    sums = np.cumsum(np.concatenate(([0.0], values)))
    places = np.arange(len(values))
    low, high = np.maximum(places - before, 0), np.minimum(places + after + 1, len(values))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def apply_db(samples: Samples, gains_db: Decibels, *, first_step: int = 0) -> Samples:
    """The samples with the gain of each step at its middle and straight lines between, so that nothing clicks.

    first_step: where in the gains the samples begin.
    """
    near = slice(max(0, first_step - 1), first_step + len(samples) // STEP + 2)
    places = (np.arange(near.start, near.start + len(gains_db[near])) + 0.5) * STEP
    gains = np.interp(np.arange(len(samples)) + first_step * STEP, places, 10 ** (gains_db[near] / 20))
    return np.asarray(samples * gains.astype(np.float32), dtype=np.float32)
