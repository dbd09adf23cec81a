"""What a rule sees and what it answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from .patterns import pattern
from .regions import Region
from .tables import rows

_LETTERS = map(chr, (*range(0xC0, 0x1B5), *range(0x1EA0, 0x1EFA)))
_CAPITALS = "".join(letter for letter in _LETTERS if letter.isupper())
_SYNTAX = frozenset("()[]{}?*+|\\.^$")
_QUOTES = str.maketrans("", "", '"“”„‟‘’«»*_`')


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of the line up to `end` and what it is said as.

    `question` is empty, or the kind of question to put to a person, with the `candidates` to choose from.
    """

    end: int
    spoken: str
    kind: str
    certain: bool = True
    question: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(slots=True)
class Line:
    """One line of cleaned text, with what the rules may want to know about the whole."""

    text: str
    region: Region
    style: str = "radio"
    heading: bool = False
    town: bool = True
    _before: tuple[int, str] = field(default=(-1, ""))

    def before(self, position: int) -> str:
        """Up to 60 characters before `position`, in lower case, without quotation marks."""
        if self._before[0] != position:
            self._before = (position, self.text[max(0, position - 60) : position].translate(_QUOTES).lower())
        return self._before[1]

    def after(self, position: int, length: int = 60) -> str:
        """Up to `length` characters from `position` on."""
        return self.text[position : position + length]


def vietnamese(source: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern in which À-Ỹ stands for the capitals with marks and à-ỹ for the small letters with marks."""
    return pattern(source.replace("À-Ỹ", _CAPITALS).replace("à-ỹ", _CAPITALS.lower()), flags)


Rule = Callable[[Line, int], Said | None]


@cache
def _triggers() -> dict[str, tuple[tuple[str, ...], str]]:
    """The words of `data/triggers.tsv` by trigger: the plain ones, and the patterns joined by "|"."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in rows("triggers"):
        plain, patterns = found.setdefault(row["trigger"], ([], []))
        (patterns if _SYNTAX.intersection(row["words"]) else plain).append(row["words"])
    return {name: (tuple(plain), "|".join(patterns)) for name, (plain, patterns) in found.items()}


def _in_word(letter: str) -> bool:
    """Does `\\w` match the letter? False for ""."""
    return letter.isalnum() or letter == "_"


def trigger(name: str) -> Callable[[str], bool]:
    """A test whether a lower-case text ends with one of the words of `data/triggers.tsv` under that name.

    The words are regular expressions, matched as whole words; they are put together when first asked for.
    """

    @cache
    def compiled() -> re.Pattern[str] | None:
        patterns = _triggers()[name][1]
        return re.compile(rf"(?<!\w)(?:{patterns})[ ]*$") if patterns else None

    def ends(text: str) -> bool:
        plain = _triggers()[name][0]
        bare = text.rstrip(" ")
        if bare.endswith(plain):
            for word in plain:
                if bare.endswith(word) and not _in_word(bare[: -len(word)][-1:]):
                    return True
        found = compiled()
        return found is not None and found.search(text) is not None

    return ends


def follower(name: str) -> Callable[[str, int], bool]:
    """A test whether one of the words of `data/triggers.tsv` under that name follows at a place, after a blank."""

    @cache
    def compiled() -> re.Pattern[str] | None:
        patterns = _triggers()[name][1]
        return re.compile(rf"\s+(?:{patterns})(?!\w)") if patterns else None

    def begins(text: str, at: int) -> bool:
        start = at
        while text[start : start + 1].isspace():
            start += 1
        if start == at:
            return False
        plain = _triggers()[name][0]
        if text.startswith(plain, start):
            for word in plain:
                if text.startswith(word, start) and not _in_word(text[start + len(word) : start + len(word) + 1]):
                    return True
        found = compiled()
        return found is not None and found.match(text, at) is not None

    return begins
