"""The station's own music, played at first start: free of anybody's rights, and the same everywhere.

Pentatonic, in the southern điệu Bắc (hò, xự, xang, xê, cống) on D: zither, flute and a low pad in a small room.
Recordings of a station's own can take their places.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..domain.units import SAMPLE_RATE_HZ
from ..domain.waveform import Waveform
from .filtering import Samples
from .instruments import flute, frequency, in_a_room, pad, zither
from .mixing import AudioSegment, segment, silent

_SCALE = (0, 2, 5, 7, 9)
"""Semitones above the hò: D, E, G, A, B."""

_FADE_MS = 40


@dataclass(frozen=True)
class Tune:
    """One piece of music: `make` plays it."""

    name: str
    kind: str
    """signature, sting, bed or closing."""
    make: Callable[[], Waveform]


@dataclass(frozen=True)
class _Sheet:
    """A canvas notes are laid on. Times are in milliseconds, degrees count the scale's notes from D4."""

    canvas: AudioSegment

    @classmethod
    def of(cls, length_ms: int) -> "_Sheet":
        return cls(silent(length_ms))

    def with_sound(self, at_ms: int, samples: Samples) -> "_Sheet":
        return _Sheet(self.canvas.overlay(segment(samples), position=at_ms))

    def plucked(self, *notes: tuple[int, int, float], ring_s: float = 2.2, trembling: float = 0.0) -> "_Sheet":
        """Notes as (at_ms, degree, strength)."""
        sheet = self
        for at_ms, degree, strength in notes:
            string = zither(_pitch(degree), ring_s, strength=strength, trembling=trembling) * np.float32(0.42)
            sheet = sheet.with_sound(at_ms, string)
        return sheet

    def blown(self, *notes: tuple[int, int, int]) -> "_Sheet":
        """Notes as (at_ms, degree, length_ms)."""
        sheet = self
        for number, (at_ms, degree, length_ms) in enumerate(notes):
            tone = flute(_pitch(degree), length_ms / 1_000, seed=number) * np.float32(0.34)
            sheet = sheet.with_sound(at_ms, tone)
        return sheet

    def held(self, at_ms: int, degrees: tuple[int, ...], length_ms: int, strength: float = 0.3) -> "_Sheet":
        """A chord of the pad."""
        chord = pad([_pitch(degree) for degree in degrees], length_ms / 1_000, strength=strength)
        return self.with_sound(at_ms, chord)

    def swept(self, at_ms: int, degrees: range, step_ms: int = 45) -> "_Sheet":
        """The zither's sweep over its strings, softer at first."""
        count = len(degrees)
        notes = [(at_ms + n * step_ms, degree, 0.3 + 0.45 * n / count) for n, degree in enumerate(degrees)]
        return self.plucked(*notes, ring_s=1.6)

    def played(self) -> Waveform:
        """In the room, without a click at either end."""
        dry = np.frombuffer(self.canvas.raw_data, dtype="<i2").astype(np.float32) / np.float32(32_768)
        wet = in_a_room(dry)
        whole = segment(wet * np.float32(min(1.0, 0.9 / float(np.abs(wet).max()))))
        return Waveform(whole.fade_in(5).fade_out(10 * _FADE_MS).raw_data, SAMPLE_RATE_HZ)


def _signature() -> Waveform:
    """A sweep up the strings, a call of two bars, the answer with the flute, home on D."""
    opening = _Sheet.of(8_300).swept(60, range(-5, 8))
    opening = opening.held(500, (-10, -5, -2), 7_200, 0.34)
    call = ((900, 5, 0.9), (1_300, 7, 0.7), (1_500, 8, 0.8), (1_900, 7, 0.7), (2_300, 5, 0.8), (2_700, 3, 0.8))
    answer = ((3_300, 3, 0.8), (3_700, 5, 0.8), (4_100, 7, 0.9), (4_500, 8, 0.8), (4_900, 7, 0.7), (5_300, 6, 0.7))
    home = ((5_700, 5, 1.0), (5_720, 0, 0.8), (5_745, -5, 0.7), (6_500, 7, 0.4), (6_700, 10, 0.35))
    basses = ((900, -5, 0.7), (2_500, -2, 0.6), (4_100, -7, 0.6), (4_900, -2, 0.6))
    music = opening.plucked(*call, *answer, *home, trembling=0.22).plucked(*basses, ring_s=2.8)
    return music.blown((3_300, 8, 1_500), (4_850, 7, 800), (5_650, 5, 2_300)).played()


def _sting() -> Waveform:
    """Five notes up and a rest: something new begins."""
    notes = ((40, 0, 0.7), (220, 3, 0.75), (400, 5, 0.8), (620, 7, 0.85), (900, 10, 0.9), (915, 5, 0.6))
    return _Sheet.of(3_400).held(300, (-5, 0), 2_900, 0.26).plucked(*notes, trembling=0.15).played()


def _bed() -> Waveform:
    """Two chords that breathe and a few far notes, quiet enough to speak over."""
    first = segment(pad([_pitch(d) for d in (-10, -5, 0)], 7.1, strength=0.5))
    second = segment(pad([_pitch(d) for d in (-7, -5, -2)], 7.1, strength=0.5))
    chords = first.append(second, crossfade=2_200)
    sheet = _Sheet(silent(12_000).overlay(chords))
    far = ((700, 5, 0.4), (2_200, 8, 0.35), (3_700, 7, 0.4), (5_200, 3, 0.35), (6_900, 5, 0.4), (8_400, 2, 0.35))
    return sheet.plucked(*far, (9_800, 0, 0.4), ring_s=2.6, trembling=0.2).played()


def _closing() -> Waveform:
    """The signature's answer going down, and a last low D."""
    notes = ((60, 8, 0.8), (420, 7, 0.75), (780, 5, 0.8), (1_140, 3, 0.75), (1_500, 2, 0.7), (1_980, 0, 0.9))
    end = ((2_000, -5, 0.8), (2_900, -5, 0.5), (2_960, 0, 0.5), (3_020, 5, 0.5))
    sheet = _Sheet.of(5_600).held(100, (-10, -5, 0), 4_900, 0.32).plucked(*notes, *end, trembling=0.22)
    return sheet.blown((1_940, 5, 2_400)).played()


TUNES: dict[str, Tune] = {
    "nhac-hieu": Tune("Nhạc hiệu", "signature", _signature),
    "nhac-cat": Tune("Nhạc cắt", "sting", _sting),
    "nhac-nen": Tune("Nhạc nền", "bed", _bed),
    "nhac-ket": Tune("Nhạc kết", "closing", _closing),
}
"""By code. Signature 8 s, sting 3.4 s, bed 12 s, closing 5.6 s."""


def _pitch(degree: int) -> float:
    octave, note = divmod(degree, len(_SCALE))
    return frequency(12 * octave + _SCALE[note])
