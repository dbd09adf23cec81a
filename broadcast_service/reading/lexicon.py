"""The caller's own readings: whole written tokens and what they are said as, found in a line without a pattern."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .cleaning import clean

TOKEN = re.compile(r"\s+|[^\W_]+(?:(?<=\d)[.,/:](?=\d)[^\W_]+)*|([\W_])\1*")
"""What an entry is made of: letters and digits together ("7h30", "14/3/2019"), a run of one mark, a run of blanks."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry in a line: `line[start:end]` is said as `value`."""

    start: int
    end: int
    value: str


class _Node:
    """A place in the tree of tokens: where the next token leads, and what is said if an entry ends here."""

    __slots__ = ("following", "value")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.value: str | None = None


class Lexicon(Mapping[str, str]):
    """Entries made ready for reading; keys are NFC, without invisible characters, one blank between words.

    Made once for many texts; a mapping that is no Lexicon is made one by `of`. Of two keys that become the same the
    later one counts. An entry with the value "" is not said at all.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = {tidy: value for key, value in entries.items() if (tidy := tidied(key))}
        self._top = _Node()
        for key, value in self._entries.items():
            node = self._top
            for token in TOKEN.finditer(key):
                node = node.following.setdefault(token.group(), _Node())
            node.value = value

    @staticmethod
    def of(entries: Mapping[str, str]) -> "Lexicon":
        """The mapping as a Lexicon; the last few are remembered by their content."""
        return entries if isinstance(entries, Lexicon) else _remembered(tuple(entries.items()))

    def __getitem__(self, written: str) -> str:
        return self._entries[tidied(written)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, text: str) -> Iterator[Found]:
        """The entries in a line of cleaned text from left to right, the longest at each place, without overlap."""
        heads, at = self._top.following, 0
        for token in TOKEN.finditer(text):
            if token.start() < at or token.group() not in heads:
                continue
            found = self._longest(text, token.start())
            if found:
                yield found
                at = found.end

    def _longest(self, text: str, start: int) -> Found | None:
        node, at, found = self._top, start, None
        while token := TOKEN.match(text, at):
            following = node.following.get(" " if token.group().isspace() else token.group())
            if following is None:
                break
            node, at = following, token.end()
            if node.value is not None:
                found = Found(start, at, node.value)
        return found


def tidied(written: str) -> str:
    """A key as it is compared: cleaned like a text, each run of blanks one blank, none at the ends."""
    return " ".join(clean(written).text.split())


@lru_cache(maxsize=16)
def _remembered(entries: tuple[tuple[str, str], ...]) -> Lexicon:
    return Lexicon(dict(entries))
