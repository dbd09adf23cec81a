"""Units of measure. A number with a unit says so in its type and in its name."""

from typing import NewType

Milliseconds = NewType("Milliseconds", int)
"""A length of sound or of time. 1 000 = one second. Names end in `_ms`."""

Seconds = NewType("Seconds", int)
"""A length as people plan it. Names end in `_s`."""

Frames = NewType("Frames", int)
"""A length of MP3 at 44.1 kHz: one frame is 1 152 samples."""

SAMPLE_RATE_HZ = 44_100
"""The one sample rate of stored sound."""

SAMPLES_PER_FRAME = 1_152
"""MPEG-1 layer III (ISO 11172-3)."""


def frames_to_ms(frames: int) -> Milliseconds:
    """Playing time of so many frames, rounded to the nearest millisecond."""
    return Milliseconds(round(frames * SAMPLES_PER_FRAME * 1_000 / SAMPLE_RATE_HZ))
