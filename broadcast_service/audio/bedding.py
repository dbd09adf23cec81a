"""Stored music under freshly spoken paragraphs."""

from collections.abc import Iterable

import numpy as np

from ..domain.timing import AROUND_SPEECH_MS
from ..domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, Milliseconds
from ..domain.waveform import Waveform
from ..errors import EngineError
from .frames import FormatError, offsets
from .mastering import decode
from .mixing import bed_under, levelled

_SPEECH_LUFS = -22.0


def lay_under(paragraphs: Iterable[tuple[Waveform, int]], bed_frames: bytes) -> Waveform:
    """Paragraphs one after another, each at the same loudness, with one stretch of music under all of them.

    paragraphs: each with the number of its syllables, so that words are counted through. bed_frames: the bare frames
    of a piece. Raises EngineError when those can not be decoded.
    """
    pcm, words, place_ms, said = [], [], 0, 0
    for wave, syllables in paragraphs:
        part = levelled(wave, _SPEECH_LUFS)
        pcm.append(part.raw_data)
        words += [(Milliseconds(place_ms + at_ms), said + nth) for at_ms, nth in wave.words or ()]
        place_ms, said = place_ms + len(part), said + syllables
    bed_frames = _as_much(bed_frames, AROUND_SPEECH_MS + place_ms + 2_000)
    speech = Waveform(b"".join(pcm), SAMPLE_RATE_HZ, tuple(words) or None)
    music = np.clip(np.rint(decode(bed_frames) * 32_767), -32_768, 32_767).astype("<i2").tobytes()
    return bed_under(speech, Waveform(music, SAMPLE_RATE_HZ))


def _as_much(frames: bytes, length_ms: int) -> bytes:
    """The beginning of a long piece: the rest would be decoded for nothing."""
    needed = length_ms * SAMPLE_RATE_HZ // 1_000 // SAMPLES_PER_FRAME + 1
    try:
        starts = offsets(frames)
    except FormatError as error:
        raise EngineError(f"the bed is damaged: {error}", retryable=False) from error
    return frames[: starts[needed]] if needed < len(starts) else frames
