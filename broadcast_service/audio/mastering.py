"""From a voice's raw sound to the piece that is stored: one loudness, no peak too high, bare MP3 frames.

All pieces have one loudness, so a ward's amplifier is set once; what is promised is measured on the decoded frames.
"""

import io
from dataclasses import dataclass

import lameenc
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from ..domain.units import SAMPLE_RATE_HZ, Frames
from ..domain.waveform import Waveform
from ..errors import EngineError
from .frames import BIT_RATE, count, main_data_begin
from .loudness import HOP, Samples, gated_lufs, integrated_lufs, k_energies, true_peak_dbtp, true_peaks

TARGET_LUFS = -16.0
TRUE_PEAK_LIMIT_DBTP = -1.0

_CEILING_DBTP = -2.2
"""The limiter's first aim: encoding adds up to a decibel to a peak, …"""
_ENCODING_LOSS_LU = 0.45
"""… and takes this from the loudness of speech: it leaves out the highest tones."""
_GOOD_ENOUGH_LU = 0.4
_ENCODINGS = 5
_LAME_QUALITY = 7
"""The fastest. 64 kbit/s are plenty for one channel: on speech it is twice as fast as 5, and its error is smaller in
every band up to 11 kHz (25 dB below the signal instead of 23), since nothing is shaped away."""

_GROUP = 15
"""The limiter thinks in steps of 15 samples, a third of a millisecond; they divide a gating hop."""
_ATTACK_DB = 1.0
"""The gain goes down by so much a step ahead of a peak, …"""
_RELEASE_DB = 120.0 * _GROUP / SAMPLE_RATE_HZ
"""… and up again by 120 dB a second."""
_MOST_LIMITING_DB = 14.0
"""More makes noise of a voice; …"""
_VOICE_PERCENT = 98
"""… its level being what so many of its groups stay below, …"""
_HEARD_DB = 40.0
"""… of those that are not silence."""
_SHORT_MS = 3_000
"""A single word may end below the target: its loudness is an average with the silence around it."""
_SILENT_DBFS = -60.0

_PEAKS_A_SECOND = 5

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mastered:
    """One piece of sound ready to be stored."""

    frames: bytes
    """Bare MP3 frames: 44.1 kHz, mono, CBR 64 kbit/s, no tag, no Info frame."""
    frame_count: Frames
    loudness_lufs: float
    """Integrated, measured on the decoded frames."""
    true_peak_dbtp: float
    """Measured on the decoded frames."""
    peaks: list[int]
    """The outline: the largest sample of each fifth of a second, 0–100 of full scale."""


def master(wave: Waveform, *, target_lufs: float = TARGET_LUFS) -> Mastered:
    """Bring a sound to the target ± 0.5 LU with a true peak of at most −1 dBTP, and encode it.

    What lasts less than 3 s may stay quieter if the limiter can do no more. Raises EngineError, never retryable, for
    silence and for what can not have that loudness under that peak.
    """
    limiter = _Limiter(_prepare(wave))
    aim, ceiling = target_lufs + _ENCODING_LOSS_LU, _CEILING_DBTP
    for _ in range(_ENCODINGS):
        gain_db = limiter.gain_for(aim, ceiling)
        frames = encode(limiter.apply(gain_db, ceiling))
        decoded = decode(frames)
        loudness, peak = integrated_lufs(decoded), true_peak_dbtp(decoded)
        off = target_lufs - loudness
        is_loudest = off > 0 and wave.length_ms < _SHORT_MS and gain_db == limiter.most_gain(ceiling)
        if peak > TRUE_PEAK_LIMIT_DBTP:
            ceiling -= peak - TRUE_PEAK_LIMIT_DBTP + 0.2
        elif abs(off) <= _GOOD_ENOUGH_LU or is_loudest:
            return Mastered(frames, count(frames), loudness, peak, _outline(decoded))
        aim += off
    raise EngineError(
        f"sound of {wave.length_ms} ms reaches {loudness:.1f} LUFS at {peak:.1f} dBTP, not {target_lufs}",
        retryable=False,
    )


def encode(samples: Samples) -> bytes:
    """Bare frames of samples at 44.1 kHz. Raises EngineError if the encoder makes anything else."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(SAMPLE_RATE_HZ)
    encoder.set_out_sample_rate(SAMPLE_RATE_HZ)
    encoder.set_channels(1)
    encoder.set_bit_rate(BIT_RATE // 1_000)
    encoder.set_quality(_LAME_QUALITY)
    pcm = np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype("<i2")
    frames = bytes(encoder.encode(pcm.tobytes()) + encoder.flush())
    try:
        count(frames)
    except ValueError as error:
        raise EngineError(f"encoder made foreign frames: {error}", retryable=False) from error
    if main_data_begin(frames) != 0:
        raise EngineError("encoder's first frame leans on one before it", retryable=False)
    return frames


def decode(frames: bytes) -> Samples:
    """The samples of bare frames, the encoder's delay and padding included: 1 152 for each. Raises EngineError."""
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(frames), dtype="float32")
    except soundfile.LibsndfileError as error:
        raise EngineError(f"frames can not be decoded: {error}", retryable=False) from error
    if rate_hz != SAMPLE_RATE_HZ or samples.ndim != 1:
        raise EngineError(f"frames decode to {rate_hz} Hz, {samples.ndim} channels", retryable=False)
    return np.asarray(samples, dtype=np.float32)


def _prepare(wave: Waveform) -> Samples:
    """Float samples at 44.1 kHz without direct current. Raises EngineError for silence."""
    raw = np.frombuffer(wave.pcm, dtype="<i2").astype(np.float32) / np.float32(32_768)
    if not len(raw):
        raise EngineError("sound is empty", retryable=False)
    raw -= raw.mean(dtype=np.float64)
    if float(np.abs(raw).max()) < 10 ** (_SILENT_DBFS / 20):
        raise EngineError(f"sound of {wave.length_ms} ms is silent", retryable=False)
    samples = soxr.resample(raw, wave.rate_hz, SAMPLE_RATE_HZ, quality="HQ")
    return np.asarray(samples, dtype=np.float32)


class _Limiter:
    """A look-ahead true-peak limiter whose loudness is known before it is applied.

    Gains are decided once for each group of samples from its true peak. Since gain changes slowly beside the sound,
    the K-weighted energy of a group after limiting is its energy before times the square of its gain.
    """

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        peaks = true_peaks(samples, _GROUP).astype(np.float64)
        self._peaks_db: Curve = 20 * np.log10(np.maximum(peaks, 1e-9))
        heard = self._peaks_db[self._peaks_db > self._peaks_db.max() - _HEARD_DB]
        self._loud_db = float(np.percentile(heard, _VOICE_PERCENT))
        self._energies: Curve = k_energies(samples, _GROUP)
        self._slopes: Curve = np.arange(len(peaks), dtype=np.float64)

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
        energies = self._energies * (left * left + left * right + right * right) / 3
        hops = np.add.reduceat(energies, np.arange(0, len(energies), HOP // _GROUP))
        return gated_lufs(hops, len(self._samples))

    def most_gain(self, ceiling_dbtp: float) -> float:
        """The gain in dB at which the voice itself, bangs and clicks apart, is limited as much as anything ever is."""
        return ceiling_dbtp - self._loud_db + _MOST_LIMITING_DB

    def gain_for(self, lufs: float, ceiling_dbtp: float) -> float:
        """The gain in dB before the limiter that makes it so loud after it, or else `most_gain`."""
        most = self.most_gain(ceiling_dbtp)
        gain_db, slope = most - _MOST_LIMITING_DB, 1.0
        loudness = self._loudness(self._gains(gain_db, ceiling_dbtp))
        for _ in range(20):
            if not np.isfinite(loudness):
                return most
            if abs(lufs - loudness) < 0.02:
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


def _outline(samples: Samples) -> list[int]:
    step = SAMPLE_RATE_HZ // _PEAKS_A_SECOND
    tops = np.maximum.reduceat(np.abs(samples), np.arange(0, len(samples), step))
    return [int(top) for top in np.clip(np.rint(tops * 100), 0, 100)]
