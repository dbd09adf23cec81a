"""Sound before it is mastered: what a voice or a synthesiser hands over."""

from dataclasses import dataclass

from .units import Milliseconds


@dataclass(frozen=True)
class Waveform:
    """Mono sound in memory."""

    pcm: bytes
    """Signed 16-bit little-endian samples."""

    rate_hz: int

    words: tuple[tuple[Milliseconds, int], ...] | None = None
    """When each word begins: (from the start, which of the text's syllables, from 0), both rising; None where the
    voice does not tell. Syllables are those of `timing.syllable_spans`; a few may be missing."""

    @property
    def length_ms(self) -> Milliseconds:
        """Playing time, rounded down."""
        return Milliseconds(len(self.pcm) // 2 * 1_000 // self.rate_hz)
