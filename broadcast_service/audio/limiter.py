"""A look-ahead true-peak limiter whose loudness is known before it is applied."""

from functools import cached_property

import numpy as np

from ..domain.units import SAMPLE_RATE_HZ
from .filtering import Samples
from .loudness import Curve, Gating, gated_lufs, k_energies, true_peaks

_GROUP = 30
"""The limiter thinks in steps of 30 samples, two thirds of a millisecond; they divide a gating hop."""
_ATTACK_DB = 2.0
"""The gain goes down by so much a step ahead of a peak, …"""
_RELEASE_DB = 120.0 * _GROUP / SAMPLE_RATE_HZ
"""… and up again by 120 dB a second."""
_MOST_LIMITING_DB = 14.0
"""More makes noise of a voice; …"""
_VOICE_PERCENT = 98
"""… its level being what so many of its groups stay below, …"""
_HEARD_DB = 40.0
"""… of those that are not silence."""
_SURE_DB = 6.0
"""What may come on top of a first guess of the gain, before a group needs to be looked at finely."""
_CLOSE_LU = 0.02


class Limiter:
    """Holds one sound; `gain_for` and `apply` are asked as often as need be.

    Gains are decided once for each group of samples from its true peak. Since gain changes slowly beside the sound,
    the K-weighted energy of a group after limiting is its energy before times the square of its gain.
    """

    def __init__(
        self, samples: Samples, *, lufs: float, ceiling_dbtp: float, gating: Gating, is_dull: bool = False
    ) -> None:
        """lufs, ceiling_dbtp: what will be asked for first; peaks far below that are only looked at coarsely."""
        self._samples = samples
        self._gating = gating
        self._energies: Curve = k_energies(samples, _GROUP, is_dull=is_dull)
        likely_db = lufs - self._lufs(self._energies)
        least = 10 ** ((ceiling_dbtp - likely_db - _SURE_DB) / 20) if np.isfinite(likely_db) else 0.0
        peaks = true_peaks(samples, _GROUP, least=least).astype(np.float64)
        self._peaks_db: Curve = 20 * np.log10(np.maximum(peaks, 1e-9))
        self._slopes: Curve = np.arange(len(peaks), dtype=np.float64)

    def _lufs(self, energies: Curve) -> float:
        hops = np.add.reduceat(energies, np.arange(0, len(energies), self._gating.hop // _GROUP))
        return gated_lufs(hops, len(self._samples), self._gating)

    def _gains(self, gain_db: float, ceiling_dbtp: float) -> Curve:
        """Linear gain at every border between groups, one more than there are groups.

        Decibels above the ceiling, then held up by the release after and the attack before: running maxima of a
        line, so no loop. A border takes the stronger of its neighbours; between borders the gain is a straight line.
        """
        over = np.maximum(self._peaks_db + (gain_db - ceiling_dbtp), 0.0)
        fall = self._slopes * _RELEASE_DB
        over = np.maximum.accumulate(over + fall) - fall
        rise = self._slopes * _ATTACK_DB
        over = (np.maximum.accumulate((over - rise)[::-1]))[::-1] + rise
        edges = np.concatenate((over[:1], np.maximum(over[:-1], over[1:]), over[-1:]))
        return np.asarray(10 ** ((gain_db - edges) / 20), dtype=np.float64)

    def _loudness(self, gains: Curve) -> float:
        left, right = gains[:-1], gains[1:]
        return self._lufs(self._energies * (left * left + left * right + right * right) / 3)

    @cached_property
    def _voice_db(self) -> float:
        heard = self._peaks_db[self._peaks_db > self._peaks_db.max() - _HEARD_DB]
        return float(np.percentile(heard, _VOICE_PERCENT))

    def most_gain(self, ceiling_dbtp: float) -> float:
        """The gain in dB at which the voice itself, bangs and clicks apart, is limited as much as anything ever is."""
        return ceiling_dbtp - self._voice_db + _MOST_LIMITING_DB

    def gain_for(self, lufs: float, ceiling_dbtp: float) -> float:
        """The gain in dB before the limiter that makes it so loud after it, or else `most_gain`."""
        most = self.most_gain(ceiling_dbtp)
        gain_db, slope = most - _MOST_LIMITING_DB, 1.0
        loudness = self._loudness(self._gains(gain_db, ceiling_dbtp))
        for _ in range(20):
            if not np.isfinite(loudness):
                return most
            if abs(lufs - loudness) < _CLOSE_LU:
                break
            step = min((lufs - loudness) / slope, most - gain_db)
            if step == 0:
                break
            gain_db = min(gain_db + step, most)
            before, loudness = loudness, self._loudness(self._gains(gain_db, ceiling_dbtp))
            slope = min(1.0, max(0.1, (loudness - before) / step))  # the limiter takes part of every decibel
        return gain_db

    def apply(self, gain_db: float, ceiling_dbtp: float) -> Samples:
        """The samples after gain and limiter."""
        gains = self._gains(gain_db, ceiling_dbtp).astype(np.float32)
        out = np.zeros(len(gains) * _GROUP - _GROUP, dtype=np.float32)
        out[: len(self._samples)] = self._samples
        grid = out.reshape(-1, _GROUP)
        ramp = (np.arange(_GROUP, dtype=np.float32) + np.float32(0.5)) / np.float32(_GROUP)
        grid *= gains[:-1, None] + (gains[1:] - gains[:-1])[:, None] * ramp
        return out[: len(self._samples)]
