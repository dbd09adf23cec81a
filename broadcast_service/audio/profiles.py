"""For whom a sound is made: how loud it is and which tones it keeps."""

from dataclasses import dataclass

TRUE_PEAK_LIMIT_DBTP = -1.0
"""Of every profile: EBU R 128, 2020."""


@dataclass(frozen=True)
class Profile:
    """One kind of listening. `settings` goes into the key of every piece made with it."""

    name: str
    settings: str
    """Everything that changes the sound; raise its version when mastering changes audibly."""
    target_lufs: float
    low_hz: float | None = None
    """Tones below it fade by 12 dB an octave; None: all are kept."""
    high_hz: float | None = None
    """Tones above it fade by 24 dB an octave."""


WEB = Profile("web", "mp3 44100 mono cbr64 -16LUFS v1", -16.0)
"""FM, phones, a page: everything that is heard from an ordinary loudspeaker."""

HORN = Profile("loa", "mp3 44100 mono cbr64 -16LUFS 250-8000Hz v1", -16.0, 250.0, 8_000.0)
"""Horn loudspeakers. Below some 250 Hz a horn gives heat and no sound, and its driver is hurt; above 8 kHz nothing is
left a hundred metres away. What is saved there makes the words louder."""

STUDIO = Profile("tinh", "pcm 48000 mono 24bit -23LUFS v1", -23.0)
"""Handed to another broadcaster, who masters it himself: EBU R 128."""

PROFILES = {profile.name: profile for profile in (WEB, HORN, STUDIO)}
"""By name, as it stands in a station's settings."""
