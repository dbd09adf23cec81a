"""The rundown: what one broadcast plays, in order, and when each item starts.

A programme is laid out as: signature tune, call, greeting, contents; for each script a sting, a hand-over
and the script; then farewell and closing tune. A script and what leads into it move together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from .units import Milliseconds

SIGNATURE, STING, CLOSING, BED = "nhac-hieu", "nhac-cat", "nhac-ket", "nhac-nen"
"""Codes of the sounds a programme is framed with; a programme may have others in their places."""

ROLES = {"signature": SIGNATURE, "sting": STING, "bed": BED, "closing": CLOSING}
"""For each kind of sound the place it takes in a programme."""

OVER_BED = ("greeting", "contents", "farewell")
"""Shells that may have music under them."""

OPENING_SHELLS = ("call", "greeting", "contents")
CLOSING_SHELLS = ("farewell",)


class Kind(StrEnum):
    """What a cue plays."""

    SOUND = "sound"
    SHELL = "shell"
    SCRIPT = "script"


@dataclass(frozen=True)
class Part:
    """One item of a rundown before it has sound: a tune by code, a shell by kind or a script by id."""

    kind: Kind
    name: str = ""
    """Code of the sound or kind of the shell; empty for a script."""
    script_id: int | None = None
    """The script; for a hand-over, the script it leads to."""


def lay_out(script_ids: Sequence[int], *, shells: Sequence[str]) -> list[Part]:
    """The parts of a programme of these scripts; shells that are not among `shells` are left out."""
    parts = [Part(Kind.SOUND, SIGNATURE)]
    parts += [Part(Kind.SHELL, shell) for shell in OPENING_SHELLS if shell in shells]
    for script_id in script_ids:
        parts += lead_in(script_id, shells=shells)
        parts.append(Part(Kind.SCRIPT, script_id=script_id))
    parts += [Part(Kind.SHELL, shell) for shell in CLOSING_SHELLS if shell in shells]
    return [*parts, Part(Kind.SOUND, CLOSING)]


def lead_in(script_id: int, *, shells: Sequence[str]) -> list[Part]:
    """What goes before a script: a sting, and a hand-over if there is such a shell."""
    handover = [Part(Kind.SHELL, "handover", script_id)] if "handover" in shells else []
    return [Part(Kind.SOUND, STING), *handover]


def block_start(parts: Sequence[Part], index: int) -> int:
    """Where the block of the item at `index` starts: a script's begins with its sting and hand-over."""
    start = index
    if parts[index].kind is Kind.SCRIPT:
        if start and parts[start - 1].name == "handover":
            start -= 1
        if start and parts[start - 1] == Part(Kind.SOUND, STING):
            start -= 1
    return start


def order_after_move(parts: Sequence[Part], index: int, to: int) -> list[int]:
    """The old places in their new order, when the item at `index` goes to the place of the item at `to`.

    A script takes its lead-in along, and goes before or after the other script's whole block.
    Raises ValueError when a place does not exist.
    """
    if not (0 <= index < len(parts) and 0 <= to < len(parts)):
        raise ValueError(f"no such place: {index} or {to} of {len(parts)}")
    start, end = block_start(parts, index), index + 1
    if start <= to < end:
        return list(range(len(parts)))
    block = list(range(start, end))
    rest = [place for place in range(len(parts)) if not start <= place < end]
    target = rest.index(block_start(parts, to) if to < start else to) + (0 if to < start else 1)
    return rest[:target] + block + rest[target:]


def neighbour(parts: Sequence[Part], index: int, by: int) -> int:
    """The place a step up (-1) or down (+1) leads to; the own place at the ends.

    A script steps over whole blocks but stays between the opening and the farewell.
    """
    if parts[index].kind is not Kind.SCRIPT:
        return min(max(index + by, 0), len(parts) - 1)
    scripts = [place for place, part in enumerate(parts) if part.kind is Kind.SCRIPT]
    step = scripts.index(index) + by
    return scripts[step] if 0 <= step < len(scripts) else index


def place_for_script(parts: Sequence[Part]) -> int:
    """Where an added script goes: after the last script, else after the opening, before the farewell."""
    for place in range(len(parts) - 1, -1, -1):
        if parts[place].kind is Kind.SCRIPT:
            return place + 1
    opening = [place for place, part in enumerate(parts) if part.name in (*OPENING_SHELLS, SIGNATURE)]
    return max(opening) + 1 if opening else 0


def start_times(lengths_ms: Sequence[Milliseconds]) -> list[Milliseconds]:
    """When each item starts, counted from the start of the broadcast."""
    return [Milliseconds(start) for start in accumulate(lengths_ms, initial=0)][:-1]
