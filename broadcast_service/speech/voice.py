"""What a voice is. Every engine runs the same contract test."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from ..domain.waveform import Waveform
from .manner import Manner


@dataclass(frozen=True)
class VoiceState:
    """Whether a voice can be used now."""

    is_ready: bool = True
    sentence: str = "sẵn sàng"
    """For a person: ready, or what is wrong and what to do; without a time, since it may be kept."""
    until: datetime | None = None
    """When it may be ready again by itself; aware, UTC."""


READY = VoiceState()


class Voice(Protocol):
    """Turns spoken Vietnamese into sound. One engine, one class, one module."""

    @property
    def name(self) -> str:
        """Stable key kept in the database: engine and voice, such as “espeak:vi”."""
        ...

    @property
    def title(self) -> str:
        """What a person calls it, such as “Giọng máy miền Bắc”."""
        ...

    @property
    def region(self) -> str:
        """Whose accent it is: “bac”, “trung”, “nam”, or “” where nobody has said."""
        ...

    @property
    def leaves_the_house(self) -> bool:
        """Whether the text is sent to somebody else's machine to be spoken."""
        ...

    @property
    def state(self) -> VoiceState:
        """Whether it can be used now, without starting or asking anything."""
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

        With the beginnings of the words where the engine tells them. Safe to call from several threads.
        Raises EngineError, and nothing else, when no sound can be had: a paragraph comes whole or not at all.
        """
        ...

    def close(self) -> None:
        """End worker processes and connections. Harmless twice."""
        ...


@runtime_checkable
class Tunable(Protocol):
    """A voice whose speed and pitch people may choose."""

    @property
    def manner(self) -> Manner:
        """Its speed and pitch."""
        ...

    def at(self, manner: Manner) -> Voice:
        """The same voice at another speed and pitch."""
        ...


@runtime_checkable
class Resting(Protocol):
    """A voice that leaves itself alone for a while when it fails."""

    def let_try(self) -> None:
        """End its rest now, for one trial. Harmless when it does not rest."""
        ...
