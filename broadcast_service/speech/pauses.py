"""Pauses are planned here, never left to an engine: the silence an engine adds is cut off first."""

from array import array

from ..domain.timing import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS
from ..domain.units import Milliseconds
from ..domain.waveform import Waveform

BREATH_MS = Milliseconds(180)
"""Where one sentence had to be asked for in parts."""

SETTINGS = f"pause={SENTENCE_PAUSE_MS} breath={BREATH_MS} tail={PARAGRAPH_PAUSE_MS}"
"""For a voice's `settings`: what is planned here changes the sound."""

_QUIET = 100
"""Samples up to this size (−50 dBFS) are silence."""
_MARGIN_MS = 15
"""Left of the silence on both sides, so that soft beginnings and endings of words stay whole."""
_STEP_MS = 5


def trim(pcm: bytes, rate_hz: int) -> tuple[bytes, float]:
    """The 16-bit samples without the silence before and after, empty if there is nothing else; and how many
    milliseconds were cut off before them."""
    samples = array("h", pcm)
    step = rate_hz * _STEP_MS // 1_000
    starts = range(0, len(samples), step)
    first = next((start for start in starts if _is_loud(samples[start : start + step])), None)
    if first is None:
        return b"", 0.0
    last = next(start for start in reversed(starts) if _is_loud(samples[start : start + step]))
    margin = rate_hz * _MARGIN_MS // 1_000
    start = max(0, first - margin)
    return samples[start : last + step + margin].tobytes(), start * 1_000 / rate_hz


def _is_loud(part: "array[int]") -> bool:
    return max(part) > _QUIET or min(part) < -_QUIET


def silence(length_ms: int, rate_hz: int) -> bytes:
    """So much silence as 16-bit samples."""
    return bytes(2 * (rate_hz * length_ms // 1_000))


def join(said: list[bytes], rate_hz: int) -> Waveform:
    """One paragraph from its trimmed sentences, with the pauses between them and the one after it."""
    pcm = silence(SENTENCE_PAUSE_MS, rate_hz).join(said) + silence(PARAGRAPH_PAUSE_MS, rate_hz)
    return Waveform(pcm, rate_hz)
