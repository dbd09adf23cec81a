"""Two texts side by side, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 6_000
"""Of each text; past that whole lines are compared, for word matching is quadratic."""


@dataclass(frozen=True)
class Change:
    """A stretch of text that both have, or that only the older or the newer one has."""

    kind: Literal["same", "gone", "new"]
    text: str


def compare(older: str, newer: str) -> list[Change]:
    """The way from the older text to the newer one. Leaving out "new" gives the older text, "gone" the newer."""
    cut = r"\s+|[^\s]+"
    if max(len(older.split()), len(newer.split())) > MOST_WORDS:
        cut = r"\n+|[^\n]+"
    left, right = re.findall(cut, older), re.findall(cut, newer)
    changes: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            changes.append(Change("same", "".join(left[a:b])))
            continue
        if b > a:
            changes.append(Change("gone", "".join(left[a:b])))
        if d > c:
            changes.append(Change("new", "".join(right[c:d])))
    return changes
