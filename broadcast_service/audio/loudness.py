"""How loud a sound is, as ITU-R BS.1770-4 measures it. Mono only.

Samples are float32 arrays in one dimension, full scale ±1, at 44.1 kHz.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..domain.units import SAMPLE_RATE_HZ
from .filtering import Samples, filtered, frequencies

HOP = SAMPLE_RATE_HZ // 10
"""100 ms."""
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_RANGE_GATE_LU = -20.0
_OFFSET = -0.691

_OVERSAMPLING = 4
_TAPS = 24
"""Samples an interpolated one is made of; BS.1770-4, annex 2 makes do with 12."""
_OVERSHOOT = 2.0
"""Between samples a sound is at most so many times its largest sample, if
nothing of it lies above 14.7 kHz: 1 / cos(π · f / fs)."""
_ROWS = 48
"""Groups interpolated by one product of matrices: below that size no library takes a second thread for it."""

Curve = npt.NDArray[np.float64]


def _biquads() -> list[tuple[Curve, Curve]]:
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
    """The K-weighting as one factor for each of the frequencies a filter works on."""
    z = np.exp(-2j * np.pi * frequencies() / SAMPLE_RATE_HZ)
    response = np.ones(len(z), dtype=complex)
    for numerator, denominator in _biquads():
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return response.astype(np.complex64)


_RESPONSE = _response()


def k_energies(samples: Samples, group: int, *, is_dull: bool = False) -> Curve:
    """Sum of squares of each `group` samples after the K-weighting filter; the last group may be shorter.

    `group` must divide HOP. is_dull: nothing sounds above 11 kHz, so that every other sample of the filtered sound
    tells its energy; `group` is then even.
    """
    step = 2 if is_dull else 1
    parts = [
        np.add.reduceat(np.square(part), np.arange(0, len(part), group // step), dtype=np.float64) * step
        for part in filtered(samples, _RESPONSE, every=step)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _block_energies(hop_energies: Curve, gating: "Gating") -> Curve:
    """Mean squares of all blocks, one beginning at every hop."""
    sums = np.cumsum(np.concatenate(([0.0], hop_energies)))
    return np.asarray((sums[gating.hops :] - sums[: -gating.hops]) / (gating.hops * gating.hop))


def _lufs(mean_square: float) -> float:
    return float(_OFFSET + 10 * np.log10(mean_square)) if mean_square > 0 else float("-inf")


def _gated(blocks: Curve, relative_lu: float) -> Curve:
    """The blocks above −70 LUFS, of these the ones above their mean loudness and `relative_lu`."""
    blocks = blocks[blocks > 10 ** ((_ABSOLUTE_GATE_LUFS - _OFFSET) / 10)]
    return blocks[blocks > blocks.mean() * 10 ** (relative_lu / 10)] if len(blocks) else blocks


@dataclass(frozen=True)
class Gating:
    """How long the blocks are whose loudness is compared: `hops` of `hop` samples, one beginning at every hop."""

    hop: int
    hops: int
    above_lu: float = 0.0
    """By how much running speech is louder in such blocks than in the standard's."""


STANDARD = Gating(HOP, 4)
"""BS.1770-4, annex 1: 400 ms."""

BRIEF = Gating(HOP // 7, 4, above_lu=1.1)
"""57 ms, about a vowel, for less than a second of sound.

The standard is made for programmes: in its blocks a single word is averaged with the silence planned around it, and
would have to be 3 to 6 dB louder than the words of a sentence. So a word gets what the syllables of running speech have
that is at the same loudness by the standard: 1.1 LU more in such blocks, measured on the embedded voice.
"""

_SHORT_TERM = Gating(HOP, 30)
"""EBU Tech 3341: 3 s."""

_BRIEF_SAMPLES = SAMPLE_RATE_HZ
_FAINT = 0.01
"""What is 40 dB below the highest sample does not count as the beginning or the end of a sound."""


def gating_for(samples: Samples) -> Gating:
    """STANDARD, or BRIEF when less than a second passes from the first sound to the last."""
    loud = np.flatnonzero(np.abs(samples) > _FAINT * np.abs(samples).max(initial=0.0))
    return BRIEF if len(loud) and loud[-1] - loud[0] < _BRIEF_SAMPLES else STANDARD


def gated_lufs(hop_energies: Curve, sample_count: int, gating: Gating = STANDARD) -> float:
    """Integrated loudness from the sums of squares of each hop's samples, K-weighted; −inf for silence.

    A last, shorter hop is left out. What is shorter than one gating block is measured as one block of its own length.
    """
    whole = sample_count // gating.hop
    if whole < gating.hops:
        blocks = np.array([hop_energies.sum() / max(1, sample_count)])
    else:
        blocks = _block_energies(hop_energies[:whole], gating)
    blocks = _gated(blocks, _RELATIVE_GATE_LU)
    return _lufs(float(blocks.mean())) - gating.above_lu if len(blocks) else float("-inf")


def integrated_lufs(samples: Samples, gating: Gating = STANDARD, *, is_dull: bool = False) -> float:
    """Integrated, gated loudness; −inf for silence. is_dull: as in `k_energies`."""
    return gated_lufs(k_energies(samples, gating.hop, is_dull=is_dull), len(samples), gating)


def loudest_lufs(hop_energies: Curve) -> tuple[float, float]:
    """The largest momentary (400 ms) and short-term (3 s) loudness, EBU Tech 3341; −inf where it is too short."""
    both = []
    for gating in (STANDARD, _SHORT_TERM):
        blocks = _block_energies(hop_energies, gating) if len(hop_energies) >= gating.hops else np.zeros(0)
        both.append(_lufs(float(blocks.max(initial=0.0))))
    return both[0], both[1]


def loudness_range_lu(hop_energies: Curve) -> float:
    """How far the loud stretches are from the quiet ones, EBU Tech 3342: 10th to 95th percentile, gated at −20 LU."""
    if len(hop_energies) < _SHORT_TERM.hops:
        return 0.0
    blocks = _gated(_block_energies(hop_energies, _SHORT_TERM), _RANGE_GATE_LU)
    if not len(blocks):
        return 0.0
    low, high = np.percentile(10 * np.log10(blocks), (10, 95))
    return float(high - low)


def _interpolation(group: int) -> Samples:
    """Times this, a group with _TAPS / 2 samples before and behind it gives the values between its samples.

    Columns are the points at 1/4, 2/4 and 3/4 after each sample: a sinc under a Kaiser window.
    """
    half = _TAPS // 2
    matrix = np.zeros((group + _TAPS, group * (_OVERSAMPLING - 1)))
    taps = np.arange(-half + 1, half + 1)
    for number in range(1, _OVERSAMPLING):
        away = taps - number / _OVERSAMPLING
        window = np.i0(7.0 * np.sqrt(np.clip(1 - (away / half) ** 2, 0, 1))) / np.i0(7.0)
        for place in range(group):
            column = place * (_OVERSAMPLING - 1) + number - 1
            matrix[place + 1 : place + 1 + _TAPS, column] = np.sinc(away) * window
    return matrix.astype(np.float32)


_MATRICES: dict[int, Samples] = {}


def true_peaks(samples: Samples, group: int, *, least: float = 0.0) -> Samples:
    """The largest absolute value of each `group` samples, seen at four times the rate (BS.1770-4, annex 2).

    The last group may be shorter. least: groups that stay below it wherever one looks need not be seen so finely;
    theirs is the largest sample.
    """
    if not len(samples):
        return np.zeros(0, dtype=np.float32)
    half, count = _TAPS // 2, -(-len(samples) // group)
    padded = np.zeros(count * group + _TAPS, dtype=np.float32)
    padded[half : half + len(samples)] = samples
    peaks = np.maximum.reduceat(np.abs(padded[half:-half]), np.arange(0, count * group, group))
    chosen = np.flatnonzero(peaks * np.float32(_OVERSHOOT) >= np.float32(least))
    matrix = _MATRICES.setdefault(group, _interpolation(group))
    windows = np.lib.stride_tricks.sliding_window_view(padded, group + _TAPS)[::group]
    for start in range(0, len(chosen), _ROWS):
        rows = chosen[start : start + _ROWS]
        between = np.abs(windows[rows] @ matrix).max(axis=1)
        peaks[rows] = np.maximum(peaks[rows], between)
    return peaks


def true_peak(samples: Samples) -> float:
    """The largest absolute value, seen at four times the rate."""
    largest = float(np.abs(samples).max(initial=0.0))
    return float(true_peaks(samples, 30, least=largest).max(initial=0.0))


def true_peak_dbtp(samples: Samples) -> float:
    """The true peak in dB below full scale; −inf for silence."""
    peak = true_peak(samples)
    return float(20 * np.log10(peak)) if peak > 0 else float("-inf")
