"""Filters of any shape, by overlap-save on the Fourier transform: fast, in little memory, the same for every chunk.

Samples are float32 arrays in one dimension, full scale ±1, at 44.1 kHz.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..domain.units import SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float32]
Response = npt.NDArray[np.complex64]

_FFT = 1 << 16
_STEP = 14 * SAMPLE_RATE_HZ // 10
_TAIL = _FFT - _STEP
"""A filter has to die away in these 3 796 samples, 86 ms."""


def frequencies() -> npt.NDArray[np.float64]:
    """The frequencies in hertz for which a response has a factor each."""
    return np.asarray(np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ), dtype=np.float64)


def filtered(samples: Samples, response: Response, *, every: int = 1, rest: float = 0.0) -> Iterator[Samples]:
    """The samples after a causal filter, 1.4 s at a time.

    every: 2 gives every other sample, for sounds and filters that leave nothing above 11 kHz. rest: taken away from
    every sample first, where a sound does not rest at zero.
    """
    window = np.zeros(_FFT, dtype=np.float32)
    size = _FFT // every
    factors = response[: size // 2 + 1] / np.float32(every)
    for start in range(0, len(samples), _STEP):
        first = start - _TAIL
        part = samples[max(0, first) : start + _STEP]
        window[:] = 0
        offset = max(0, -first)
        window[offset : offset + len(part)] = part - np.float32(rest) if rest else part
        spectrum = np.fft.rfft(window)[: len(factors)]
        wanted = -(-min(_STEP, len(samples) - start) // every)
        heard = np.fft.irfft(spectrum * factors, size)[_TAIL // every :]
        yield np.asarray(heard[:wanted], dtype=np.float32)


def band(low_hz: float, high_hz: float | None = None) -> Response:
    """A band-pass of second order below (12 dB an octave) and fourth above, as Butterworth drew them.

    high_hz: None leaves the top open. low_hz is at least 40: slower filters would outlast the window.
    """
    assert low_hz >= 40
    s = 1j * frequencies()
    ratio = s / low_hz
    response = ratio**2 / (ratio**2 + np.sqrt(2) * ratio + 1)
    if high_hz is not None:
        ratio = s / high_hz
        for q in (0.5411961, 1.3065630):
            response = response / (ratio**2 + ratio / q + 1)
    return np.asarray(response, dtype=np.complex64)
