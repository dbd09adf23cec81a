"""Music under speech and music into music. The one room that knows pydub.

Speech is never faded, cut or cross-faded: it only has music beside it. The same arguments give the same samples.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import soxr

from ..domain.timing import BED_LEAD_MS, BED_TAIL_MS
from ..domain.units import SAMPLE_RATE_HZ, Milliseconds
from ..domain.waveform import Waveform
from .filtering import Samples
from .loudness import integrated_lufs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub warns that there is no ffmpeg, and uses audioop; sound here is PCM only
    from pydub import AudioSegment as AudioSegment

LEAD_MS, TAIL_MS = BED_LEAD_MS, BED_TAIL_MS
_UNDER_LU = -20.0
"""The bed beside the speech: every word is understood, also from a horn; …"""
_ALONE_LU = -6.0
"""… and where it is alone."""
_DUCK_MS = 600
"""How long it takes to step back, and to come forward again."""
_LOOP_MS = 1_500
"""A bed that is too short is played again, so much of it over its own end."""
_FADE_MS = 800
_SPEECH_LUFS = -22.0
"""Room is left above: mastering sets the level."""


def segment(samples: Samples) -> AudioSegment:
    """Samples at 44.1 kHz as pydub has them: 16 bit."""
    pcm = np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype("<i2").tobytes()
    return AudioSegment(pcm, sample_width=2, frame_rate=SAMPLE_RATE_HZ, channels=1)


def silent(length_ms: int) -> AudioSegment:
    """So much silence, to lay sounds on."""
    return AudioSegment.silent(length_ms, SAMPLE_RATE_HZ)


def bed_under(speech: Waveform, bed: Waveform) -> Waveform:
    """Speech with music under it: the music begins alone, steps back for the words and comes forward after them.

    LEAD_MS and TAIL_MS longer than the speech. The bed is repeated as often as need be.
    """
    said = levelled(speech, _SPEECH_LUFS)
    length_ms = LEAD_MS + len(said) + TAIL_MS
    music = _as_long(levelled(bed, _SPEECH_LUFS + _ALONE_LU), length_ms)
    depth_db = _UNDER_LU - _ALONE_LU
    ducked = music.fade(to_gain=depth_db, start=LEAD_MS - _DUCK_MS, duration=_DUCK_MS)
    ducked = ducked.fade(from_gain=0, to_gain=-depth_db, start=LEAD_MS + len(said), duration=_DUCK_MS)
    whole = ducked.fade_in(_FADE_MS).fade_out(TAIL_MS - _DUCK_MS).overlay(said, position=LEAD_MS)
    words = speech.words and tuple((Milliseconds(at_ms + LEAD_MS), syllable) for at_ms, syllable in speech.words)
    return Waveform(whole.raw_data, SAMPLE_RATE_HZ, words)


def cross_faded(tunes: Sequence[Waveform], *, over_ms: int = 1_500) -> Waveform:
    """Pieces of music, each beginning while the one before it dies away. For music only.

    over_ms: how long two are heard together; less if one is shorter than twice that. Raises ValueError for no tunes.
    """
    if not tunes:
        raise ValueError("there is no music to cross-fade")
    even = [levelled(tune, _SPEECH_LUFS) for tune in tunes]
    whole = even[0]
    for tune in even[1:]:
        whole = whole.append(tune, crossfade=min(over_ms, len(tune) // 2, len(whole) // 2))
    return Waveform(whole.raw_data, SAMPLE_RATE_HZ)


def levelled(wave: Waveform, lufs: float) -> AudioSegment:
    """At 44.1 kHz and that loudness, or as near to it as its peaks allow."""
    raw = np.frombuffer(wave.pcm, dtype="<i2").astype(np.float32) / np.float32(32_768)
    samples = np.asarray(soxr.resample(raw, wave.rate_hz, SAMPLE_RATE_HZ, quality="HQ"), dtype=np.float32)
    loudness, peak = integrated_lufs(samples), float(np.abs(samples).max(initial=0.0))
    if not np.isfinite(loudness) or peak == 0:
        return segment(samples)
    return segment(samples * np.float32(min(10 ** ((lufs - loudness) / 20), 0.7 / peak)))


def _as_long(bed: AudioSegment, length_ms: int) -> AudioSegment:
    over_ms = min(_LOOP_MS, len(bed) // 3)
    whole = bed
    while len(whole) < length_ms:
        whole = whole.append(bed, crossfade=over_ms)
    return whole[:length_ms]
