"""What a voice is. Every engine runs the same contract test."""

from typing import Protocol

from ..domain.waveform import Waveform


class Voice(Protocol):
    """Turns spoken Vietnamese into sound. One engine, one class, one module."""

    @property
    def name(self) -> str:
        """Stable key kept in the database: engine and voice, such as “espeak:vi”."""
        ...

    @property
    def settings(self) -> str:
        """Everything else that changes the sound, such as “1.52 rate=145”; part of a piece's key."""
        ...

    @property
    def ms_per_syllable(self) -> float:
        """Mean length of a syllable in running text without the pauses, to plan before rendering."""
        ...

    def speak(self, paragraph: str) -> Waveform:
        """Speak one paragraph of spoken text, a sentence a line, with the pauses between its sentences.

        Safe to call from several threads. Raises EngineError, and nothing else, when no sound can be had.
        """
        ...

    def close(self) -> None:
        """End worker processes and connections. Harmless twice."""
        ...
