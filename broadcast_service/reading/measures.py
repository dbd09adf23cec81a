"""Where a number with its unit stands in a line. The names are looked up in tables: no pattern has to hold them all."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from .cardinals import NUMBER
from .tables import pairs

LENGTHS = ("km", "hm", "dam", "m", "dm", "cm", "mm", "µm", "nm", "Km", "KM")
_POWERS = "²³23"
_NUMBER = re.compile(NUMBER)
_DASH = re.compile(r"\s{0,2}(?:[-–—−~]|->|→)\s{0,2}")
_MOST_DENOMINATORS = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """A number or a range of two with a unit: `low` and `unit` always, the others where they are written.

    `own` and `own_tail` are the unit of `low` and its denominators, which end at `own_end`.
    """

    low: str
    own: str | None
    own_tail: str
    own_end: int
    high: str | None
    unit: str
    tail: str
    unit_start: int
    end: int


@cache
def _units() -> tuple[frozenset[str], tuple[int, ...]]:
    """The names of units, lengths with a power too, and how long they are, the longest first."""
    return _by_length([*pairs("units"), *(f"{name}{power}" for name in LENGTHS for power in _POWERS)])


@cache
def _denominators() -> tuple[frozenset[str], tuple[int, ...]]:
    return _by_length(pairs("denominators"))


def _by_length(names: Collection[str]) -> tuple[frozenset[str], tuple[int, ...]]:
    return frozenset(names), tuple(sorted({len(name) for name in names}, reverse=True))


def _longest(table: tuple[frozenset[str], tuple[int, ...]], text: str, at: int) -> int:
    """Where the longest name of the table ends that stands at `at` as a whole word; `at` if none does."""
    names, lengths = table
    for length in lengths:
        end = at + length
        if (
            end <= len(text)
            and text[at:end] in names
            and not (text[end : end + 1].isalnum() or text[end : end + 1] == "_")
        ):
            return end
    return at


def unit_end(text: str, at: int) -> int:
    """Where the unit that begins at `at` ends; `at` if there is none."""
    return _longest(_units(), text, at)


def tail_end(text: str, at: int) -> int:
    """Where the denominators "/người/tháng" that begin at `at` end; `at` if there are none."""
    for _ in range(_MOST_DENOMINATORS):
        slash = _after_blank(text, at)
        if text[slash : slash + 1] != "/":
            break
        start = _after_blank(text, slash + 1)
        end = unit_end(text, start)
        if end == start:
            end = _longest(_denominators(), text, start)
        if end == start:
            break
        at = end
    return at


def _after_blank(text: str, at: int) -> int:
    return at + 1 if text[at : at + 1].isspace() else at


def measure_at(text: str, at: int) -> Measure | None:
    """The number with a unit, or the range of two, that begins at `at`: "3kg", "3-6kg/người", "3kg - 6kg"."""
    number = _NUMBER.match(text, at)
    if number is None:
        return None
    own_start = _after_blank(text, number.end())
    own_end = unit_end(text, own_start)
    own_tail_end = tail_end(text, own_end) if own_end > own_start else number.end()
    dash = _DASH.match(text, own_tail_end)
    second = _NUMBER.match(text, dash.end()) if dash else None
    if second:
        start = _after_blank(text, second.end())
        end = unit_end(text, start)
        if end > start:
            own = text[own_start:own_end] or None
            last = tail_end(text, end)
            own_tail = text[own_end:own_tail_end] if own else ""
            high = second.group()
            return Measure(
                number.group(), own, own_tail, own_tail_end, high, text[start:end], text[end:last], start, last
            )
    if own_end == own_start:
        return None
    unit, tail = text[own_start:own_end], text[own_end:own_tail_end]
    return Measure(number.group(), None, "", own_tail_end, None, unit, tail, own_start, own_tail_end)
