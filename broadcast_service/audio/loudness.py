"""How loud a sound is, as ITU-R BS.1770-4 measures it. Mono only.

Samples are float32 arrays in one dimension, full scale ±1, at 44.1 kHz.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import soxr

from ..domain.units import SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float32]

HOP = SAMPLE_RATE_HZ // 10
"""Gating blocks are 400 ms and begin every 100 ms (BS.1770-4, annex 1)."""
_HOPS_A_BLOCK = 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET = -0.691

_FFT = 1 << 16
_STEP = 13 * HOP
_TAIL = _FFT - _STEP
"""The filter has died away by then: its slowest pole loses 380 dB in these 8 206 samples."""
_OVERSAMPLING = 4
_PEAK_CHUNK = 60 * HOP
_PEAK_MARGIN = 256


def _biquads() -> list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """Numerators and denominators of the two K-weighting filters at 44.1 kHz.

    BS.1770-4 gives coefficients for 48 kHz only; these are the analogue filters behind them, as libebur128 derives
    them, transformed to our rate.
    """
    k = np.tan(np.pi * 1681.974450955533 / SAMPLE_RATE_HZ)
    q, gain = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    root = gain**0.4996667741545416
    shelf_b = np.array([gain + root * k / q + k * k, 2 * (k * k - gain), gain - root * k / q + k * k])
    shelf_a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    k = np.tan(np.pi * 38.13547087602444 / SAMPLE_RATE_HZ)
    q = 0.5003270373238773
    pass_b = np.array([1.0, -2.0, 1.0])
    pass_a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return [(shelf_b / shelf_a[0], shelf_a / shelf_a[0]), (pass_b, pass_a / pass_a[0])]


def _response() -> npt.NDArray[np.complex64]:
    """The K-weighting as one factor for each bin of an FFT of _FFT samples."""
    z = np.exp(-2j * np.pi * np.arange(_FFT // 2 + 1) / _FFT)
    response = np.ones(len(z), dtype=complex)
    for numerator, denominator in _biquads():
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return response.astype(np.complex64)


_RESPONSE = _response()


def k_energies(samples: Samples, group: int) -> npt.NDArray[np.float64]:
    """Sum of squares of each `group` samples after the K-weighting filter; the last group may be shorter.

    `group` must divide HOP. Filters by overlap-save, 1.3 s at a time.
    """
    parts = [_sums_of_squares(part, group) for part in _k_weighted(samples)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _k_weighted(samples: Samples) -> Iterator[Samples]:
    window = np.zeros(_FFT, dtype=np.float32)
    for start in range(0, len(samples), _STEP):
        first = start - _TAIL
        part = samples[max(0, first) : start + _STEP]
        window[:] = 0
        offset = max(0, -first)
        window[offset : offset + len(part)] = part
        filtered = np.fft.irfft(np.fft.rfft(window) * _RESPONSE, _FFT)
        yield np.asarray(filtered[_TAIL : _TAIL + min(_STEP, len(samples) - start)], dtype=np.float32)


def _sums_of_squares(values: Samples, size: int) -> npt.NDArray[np.float64]:
    return np.add.reduceat(np.square(values), np.arange(0, len(values), size), dtype=np.float64)


def gated_lufs(hop_energies: npt.NDArray[np.float64], sample_count: int) -> float:
    """Integrated loudness from the sums of squares of each HOP samples, K-weighted; −inf for silence.

    A last, shorter hop is left out. What is shorter than one gating block is measured as one block of its own length.
    """
    whole = sample_count // HOP
    if whole < _HOPS_A_BLOCK:
        blocks = np.array([hop_energies.sum() / max(1, sample_count)])
    else:
        sums = np.cumsum(np.concatenate(([0.0], hop_energies[:whole])))
        blocks = (sums[_HOPS_A_BLOCK:] - sums[:-_HOPS_A_BLOCK]) / (_HOPS_A_BLOCK * HOP)
    blocks = blocks[blocks > 10 ** ((_ABSOLUTE_GATE_LUFS - _OFFSET) / 10)]
    if not len(blocks):
        return float("-inf")
    blocks = blocks[blocks > blocks.mean() * 10 ** (_RELATIVE_GATE_LU / 10)]
    return float(_OFFSET + 10 * np.log10(blocks.mean()))


def integrated_lufs(samples: Samples) -> float:
    """Integrated, gated loudness; −inf for silence."""
    return gated_lufs(k_energies(samples, HOP), len(samples))


def true_peaks(samples: Samples, group: int) -> Samples:
    """The largest absolute value of each `group` samples, seen at four times the rate (BS.1770-4, annex 2).

    `group` must divide HOP; the last group may be shorter.
    """
    peaks = list(_peak_parts(samples, group))
    return np.concatenate(peaks) if peaks else np.zeros(0, dtype=np.float32)


def _peak_parts(samples: Samples, group: int) -> Iterator[Samples]:
    for start in range(0, len(samples), _PEAK_CHUNK):
        first = max(0, start - _PEAK_MARGIN)
        end = min(len(samples), start + _PEAK_CHUNK)
        fine = soxr.resample(
            samples[first : end + _PEAK_MARGIN], SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * _OVERSAMPLING, quality="HQ"
        )
        fine = np.abs(fine[(start - first) * _OVERSAMPLING : (end - first) * _OVERSAMPLING])
        starts = np.arange(0, end - start, group)
        over = np.maximum.reduceat(fine, starts * _OVERSAMPLING)
        yield np.maximum(over, np.maximum.reduceat(np.abs(samples[start:end]), starts))


def true_peak_dbtp(samples: Samples) -> float:
    """The true peak in dB below full scale; −inf for silence."""
    peak = float(true_peaks(samples, HOP).max(initial=0.0))
    return float(20 * np.log10(peak)) if peak > 0 else float("-inf")
