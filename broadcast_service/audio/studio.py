"""A programme for another broadcaster: 48 kHz, 24 bit, −23 LUFS (EBU R 128), of exactly the planned length.

The stored pieces are decoded twice, once to measure and once to hand out; never more than one is in memory.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import soxr

from ..domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from ..errors import EngineError
from .filtering import Samples
from .frames import count
from .loudness import HOP, gated_lufs, k_energies, loudest_lufs, loudness_range_lu, true_peak
from .mastering import decode
from .profiles import STUDIO, TRUE_PEAK_LIMIT_DBTP

RATE_HZ = 48_000
BITS = 24

Pieces = Callable[[], Iterable[bytes]]
"""Gives the frames of all pieces in order, each time it is called."""


@dataclass(frozen=True)
class StudioSound:
    """Measured and ready to be handed out. Loudness is what the file will have."""

    pieces: Pieces
    gain_db: float
    sample_count: int
    """At RATE_HZ."""
    loudness_lufs: float
    range_lu: float
    true_peak_dbtp: float
    loudest_momentary_lufs: float
    loudest_short_term_lufs: float

    def samples(self) -> Iterator[bytes]:
        """24-bit little-endian samples, exactly `sample_count` of them. Raises EngineError for a damaged piece."""
        stream = soxr.ResampleStream(SAMPLE_RATE_HZ, RATE_HZ, 1, dtype="float32", quality="HQ")
        gain, left = np.float32(10 ** (self.gain_db / 20)), self.sample_count
        for frames in self.pieces():
            part = stream.resample_chunk(decode(frames) * gain)[:left]
            left -= len(part)
            yield _packed(part)
        last = stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)[:left]
        yield _packed(np.concatenate((last, np.zeros(left - len(last), dtype=np.float32))))


def for_studio(pieces: Pieces) -> StudioSound:
    """Measure the programme and plan the gain that brings it to −23 LUFS.

    Raises EngineError when there is nothing but silence, or its peaks leave no room.
    """
    energies, peak, total, rest = [], 0.0, 0, np.zeros(0, dtype=np.float32)
    for frames in pieces():
        decoded = decode(frames)
        total += count(frames) * SAMPLES_PER_FRAME
        peak = max(peak, true_peak(decoded))
        samples = np.concatenate((rest, decoded))
        whole = len(samples) // HOP * HOP
        energies.append(k_energies(samples[:whole], HOP))
        rest = samples[whole:]
    hops = np.concatenate(energies) if energies else np.zeros(0)
    loudness = gated_lufs(hops, total)
    if not np.isfinite(loudness):
        raise EngineError("the programme is silent", retryable=False)
    gain_db = STUDIO.target_lufs - loudness
    peak_dbtp = float(20 * np.log10(peak)) + gain_db
    if peak_dbtp > TRUE_PEAK_LIMIT_DBTP:
        raise EngineError(
            f"the programme has peaks of {peak_dbtp:.1f} dBTP at {STUDIO.target_lufs} LUFS", retryable=False
        )
    momentary, short_term = loudest_lufs(hops)
    return StudioSound(
        pieces=pieces,
        gain_db=gain_db,
        sample_count=round(total * RATE_HZ / SAMPLE_RATE_HZ),
        loudness_lufs=STUDIO.target_lufs,
        range_lu=loudness_range_lu(hops),
        true_peak_dbtp=peak_dbtp,
        loudest_momentary_lufs=momentary + gain_db,
        loudest_short_term_lufs=short_term + gain_db,
    )


def _packed(samples: Samples) -> bytes:
    """Three bytes a sample."""
    whole = np.clip(np.rint(samples.astype(np.float64) * 8_388_607), -8_388_608, 8_388_607).astype("<i4")
    return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
