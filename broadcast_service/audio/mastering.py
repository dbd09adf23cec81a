"""From a voice's raw sound to the piece that is stored: one loudness, no peak too high, bare MP3 frames.

All pieces have one loudness, so a ward's amplifier is set once; what is promised is measured on the decoded frames.
"""

import io
from dataclasses import dataclass, field

import lameenc
import numpy as np
import soundfile
import soxr

from ..domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, Frames
from ..domain.waveform import Waveform
from ..errors import EngineError
from .dynamics import apply_db, levels_db, riding_db, voice_level_db
from .filtering import Samples, band, filtered
from .frames import BIT_RATE, count, main_data_begin, offsets
from .limiter import Limiter
from .loudness import gating_for, integrated_lufs, true_peak_dbtp
from .profiles import TRUE_PEAK_LIMIT_DBTP, WEB, Profile

_CEILING_DBTP = -2.2
"""The limiter's first aim: encoding adds up to a decibel to a peak, …"""
_ENCODING_LOSS_LU = 0.45
"""… and takes this from the loudness of speech: it leaves out the highest tones."""
TOLERANCE_LU = 0.5
_GOOD_ENOUGH_LU = 0.4
_ENCODINGS = 5
_LAME_QUALITY = 7
"""The fastest. 64 kbit/s are plenty for one channel: on speech it is twice as fast as 5, and its error is smaller in
every band up to 11 kHz (25 dB below the signal instead of 23), since nothing is shaped away."""

ENCODER_DELAY = 1_105
"""Samples that encoder and decoder together lag behind: 576 and 529."""
DELAY_MS = round(ENCODER_DELAY * 1_000 / SAMPLE_RATE_HZ)
"""So much later than in the voice's own sound everything is heard in the decoded frames."""
_LONGEST_TAIL = 4 * SAMPLES_PER_FRAME
_UNHEARD = 10 ** (-60 / 20)
_SHORT_MS = 3_000
_SILENT_DBFS = -60.0

_DIRECT_CURRENT = 0.01
"""The mean of a sound that is off the middle. Smaller means are a voice's own: taking them away would put a step before
and after every word."""

_PEAKS_A_SECOND = 5


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
    decoded: Samples = field(repr=False, compare=False)
    """What is heard of the frames."""


def master(wave: Waveform, profile: Profile = WEB) -> Mastered:
    """Bring a sound to the profile's loudness ± 0.5 LU with a true peak of at most −1 dBTP, and encode it.

    Less than a second of sound is measured as `loudness.BRIEF` says. What lasts less than 3 s in all may stay quieter
    if the limiter can do no more. Raises EngineError, never retryable, for silence and for what can not have that
    loudness under that peak.
    """
    samples = prepare(wave, profile)
    is_dull = wave.rate_hz <= SAMPLE_RATE_HZ // 2
    mastered = _limited(samples, profile, is_dull=is_dull)
    if abs(mastered.loudness_lufs - profile.target_lufs) > TOLERANCE_LU and wave.length_ms < _SHORT_MS:
        mastered = _limited(_with_even_syllables(samples), profile, is_dull=is_dull)
    off = mastered.loudness_lufs - profile.target_lufs
    if mastered.true_peak_dbtp > TRUE_PEAK_LIMIT_DBTP or (abs(off) > TOLERANCE_LU and wave.length_ms >= _SHORT_MS):
        raise EngineError(
            f"sound of {wave.length_ms} ms reaches {mastered.loudness_lufs:.1f} LUFS at"
            f" {mastered.true_peak_dbtp:.1f} dBTP, not {profile.target_lufs}",
            retryable=False,
        )
    return mastered


def _limited(samples: Samples, profile: Profile, *, is_dull: bool) -> Mastered:
    """Gain, limiter, encoder, and again with what was measured, until it is right or can not be."""
    gating = gating_for(samples)
    aim, ceiling = profile.target_lufs + _ENCODING_LOSS_LU, _CEILING_DBTP
    limiter = Limiter(samples, lufs=aim, ceiling_dbtp=ceiling, gating=gating, is_dull=is_dull)
    for _ in range(_ENCODINGS):
        gain_db = limiter.gain_for(aim, ceiling)
        frames = encode(limiter.apply(gain_db, ceiling))
        decoded = decode(frames)
        loudness, peak = integrated_lufs(decoded, gating, is_dull=is_dull), true_peak_dbtp(decoded)
        off = profile.target_lufs - loudness
        is_loudest = off > 0 and gain_db == limiter.most_gain(ceiling)
        if peak > TRUE_PEAK_LIMIT_DBTP:
            ceiling -= peak - TRUE_PEAK_LIMIT_DBTP + 0.2
        elif abs(off) <= _GOOD_ENOUGH_LU or is_loudest:
            break
        aim += off
    return Mastered(frames, count(frames), loudness, peak, _outline(decoded), decoded)


def _with_even_syllables(samples: Samples) -> Samples:
    """A few words whose soft syllables are nearer to the loud ones, for want of others that make up for them."""
    levels = levels_db(samples)
    softest_db = voice_level_db(levels[levels > levels.max() - 40]) - 25
    gains = riding_db(levels, window_steps=3, share=0.7, most_db=10, softest_db=softest_db)
    return apply_db(samples, gains)


def encode(samples: Samples) -> bytes:
    """Bare frames of samples at 44.1 kHz, as many as last as long to half a frame (13 ms), so that joints are tight.

    The encoder begins 25 ms late and fills up what it has begun; of the silence at the end as much is left out, never
    sound. Raises EngineError if the encoder makes anything but the frames that are stored.
    """
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
        starts = offsets(frames)
    except ValueError as error:
        raise EngineError(f"encoder made foreign frames: {error}", retryable=False) from error
    if main_data_begin(frames) != 0:
        raise EngineError("encoder's first frame leans on one before it", retryable=False)
    wanted = _frames_of(samples)
    return frames[: starts[wanted]] if wanted < len(starts) else frames


def _frames_of(samples: Samples) -> int:
    """How many frames the samples need: their length, rounded; all that is heard; two, since no lone frame decodes."""
    tail = np.flatnonzero(np.abs(samples[-_LONGEST_TAIL:]) > _UNHEARD)
    heard = len(samples) - min(len(samples), _LONGEST_TAIL) + (int(tail[-1]) + 1 if len(tail) else 0)
    whole = -(-(heard + ENCODER_DELAY) // SAMPLES_PER_FRAME)
    return max(2, whole, round(len(samples) / SAMPLES_PER_FRAME))


def decode(frames: bytes) -> Samples:
    """The samples of bare frames, the encoder's delay and padding included: 1 152 for each. Raises EngineError."""
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(frames), dtype="float32")
    except soundfile.LibsndfileError as error:
        raise EngineError(f"frames can not be decoded: {error}", retryable=False) from error
    if rate_hz != SAMPLE_RATE_HZ or samples.ndim != 1:
        raise EngineError(f"frames decode to {rate_hz} Hz, {samples.ndim} channels", retryable=False)
    return np.asarray(samples, dtype=np.float32)


def prepare(wave: Waveform, profile: Profile) -> Samples:
    """Float samples at 44.1 kHz without direct current. Raises EngineError for silence."""
    raw = np.frombuffer(wave.pcm, dtype="<i2").astype(np.float32) / np.float32(32_768)
    if not len(raw):
        raise EngineError("sound is empty", retryable=False)
    rest = float(raw.mean(dtype=np.float64))
    if abs(rest) > _DIRECT_CURRENT:
        raw -= np.float32(rest)
    if float(np.abs(raw).max()) < 10 ** (_SILENT_DBFS / 20):
        raise EngineError(f"sound of {wave.length_ms} ms is silent", retryable=False)
    samples = np.asarray(soxr.resample(raw, wave.rate_hz, SAMPLE_RATE_HZ, quality="HQ"), dtype=np.float32)
    if profile.low_hz is not None:
        samples = np.concatenate(list(filtered(samples, band(profile.low_hz, profile.high_hz))))
    return samples


def _outline(samples: Samples) -> list[int]:
    step = SAMPLE_RATE_HZ // _PEAKS_A_SECOND
    tops = np.maximum.reduceat(np.abs(samples), np.arange(0, len(samples), step))
    return [int(top) for top in np.clip(np.rint(tops * 100), 0, 100)]
