"""The eight states of a broadcast, derived from what is there. They are never stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .units import Milliseconds


class Key(StrEnum):
    """The eight states, in the order in which a broadcast passes through them."""

    EMPTY = "empty"
    SHORT = "short"
    REVIEW = "review"
    RECORD = "record"
    READY = "ready"
    FETCHED = "fetched"
    AIRED = "aired"
    MISSED = "missed"


TO_DO = frozenset({Key.EMPTY, Key.SHORT, Key.REVIEW, Key.RECORD})
"""States in which somebody at the Centre still has work."""

GRACE = timedelta(hours=12)
"""How long after its end a broadcast that was never packaged may still be explained by a person."""


class Trouble(StrEnum):
    """What keeps a broadcast from the air although its content may be complete."""

    NONE = ""
    OVER = "over"
    """It outlasts its slot."""
    QUIET = "quiet"
    """It lies in the station's quiet hours, which changed after it was planned."""
    SOUND = "sound"
    """Something in its sound must not be heard like that."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one broadcast."""

    starts_at: datetime
    slot_ms: Milliseconds
    length_ms: Milliseconds
    """Sum of its cues, exact where rendered, else estimated."""
    scripts: int
    """How many scripts it plays; tunes and shells do not count."""
    unapproved: int = 0
    """Scripts and shells whose text is not approved as it stands."""
    unrendered: int = 0
    """Cues without finished sound."""
    faulty: int = 0
    """Cues in whose sound something was heard that keeps it off the air, and silences between two cues."""
    is_quiet: bool = False
    """Whether the station may not air at this hour."""
    is_fetched: bool = False
    """Whether the station has the bytes of the rundown as it is now."""
    outcome: str = ""
    """Of the newest as-run entry: aired, missed, withdrawn; empty: none."""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class State:
    """A broadcast's state, and what the word alone does not say."""

    key: Key
    length_ms: Milliseconds
    slot_ms: Milliseconds
    trouble: Trouble = Trouble.NONE
    reason: str = ""
    """Why it was missed: a code of `taxonomy.REASONS`."""
    is_unreported: bool = False
    """Its hour is over and nobody has said whether it was aired."""

    @property
    def lack_ms(self) -> Milliseconds:
        """What is missing to the end of the slot; 0 if nothing."""
        return Milliseconds(max(0, self.slot_ms - self.length_ms))

    @property
    def over_ms(self) -> Milliseconds:
        """By how much it outlasts its slot; 0 if it fits."""
        return Milliseconds(max(0, self.length_ms - self.slot_ms))

    @property
    def needs_work(self) -> bool:
        """Whether the Centre has something left to do."""
        return self.key in TO_DO or self.trouble is not Trouble.NONE


def tolerance_ms(slot_ms: Milliseconds) -> Milliseconds:
    """By how much a broadcast may stay below its slot: ten seconds or 5 %, whichever is more."""
    return Milliseconds(max(10_000, slot_ms * 5 // 100))


def derive(facts: Facts, now: datetime) -> State:
    """The state of a broadcast.

    A report counts above all; then what the station has; then what is missing, from content to sound. One that
    outlasts its slot or lies in quiet hours is never ready: it stands with the planner, as `short`, with its trouble.
    One whose sound is faulty waits for other sound, as `record`, whatever its length: it will have another one then.
    """
    is_over = now >= facts.starts_at + timedelta(milliseconds=facts.slot_ms)
    trouble = Trouble.NONE
    if facts.outcome not in ("aired", "missed"):
        if facts.is_quiet:
            trouble = Trouble.QUIET
        elif facts.faulty:
            trouble = Trouble.SOUND
        elif facts.length_ms > facts.slot_ms:
            trouble = Trouble.OVER
    key = _key(facts, trouble)
    return State(
        key=key,
        length_ms=facts.length_ms,
        slot_ms=facts.slot_ms,
        trouble=trouble,
        reason=facts.reason if key is Key.MISSED else "",
        is_unreported=is_over and key not in (Key.AIRED, Key.MISSED),
    )


def _key(facts: Facts, trouble: Trouble) -> Key:
    if facts.outcome in ("aired", "missed"):
        return Key(facts.outcome)
    if not facts.scripts:
        return Key.EMPTY
    if trouble is Trouble.SOUND:
        return Key.REVIEW if facts.unapproved else Key.RECORD
    if trouble in (Trouble.OVER, Trouble.QUIET) or facts.slot_ms - facts.length_ms > tolerance_ms(facts.slot_ms):
        return Key.SHORT
    if facts.unapproved:
        return Key.REVIEW
    if facts.unrendered:
        return Key.RECORD
    return Key.FETCHED if facts.is_fetched else Key.READY
