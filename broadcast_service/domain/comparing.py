"""Two texts side by side, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 6_000
"""Of each text; past that whole lines are compared, for word matching is quadratic."""

MOST_BESIDE = 60
"""Characters shown beside a change at a glance."""


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


def differing_lines(older: str, newer: str) -> list[list[Change]]:
    """Only the lines that differ, each stretch of them with its changes, in the order of the newer text."""
    left, right = ([line for line in text.splitlines() if line.strip()] for text in (older, newer))
    return [
        compare("\n".join(left[a:b]), "\n".join(right[c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def side_by_side(older: str, newer: str) -> tuple[list[Change], list[Change]]:
    """Both texts whole, each with what the other has not; a blank between two such stretches belongs to them."""
    changes = compare(older, newer)
    return _side(changes, "gone"), _side(changes, "new")


def at_a_glance(older: str, newer: str) -> tuple[list[Change], list[Change]]:
    """`side_by_side` with what both have cut at blanks to a few words beside the changes."""
    before, after = side_by_side(older, newer)
    return _shortened(before), _shortened(after)


def _shortened(side: list[Change]) -> list[Change]:
    found = []
    for place, change in enumerate(side):
        text = change.text
        if change.kind == "same" and len(text) > 2 * MOST_BESIDE and len(side) > 1:
            head = text[:MOST_BESIDE].rpartition(" ")[0] + " " if place > 0 else ""
            tail = " " + text[-MOST_BESIDE:].partition(" ")[2] if place < len(side) - 1 else ""
            change = Change("same", f"{head}…{tail}")
        found.append(change)
    return found


def _side(changes: list[Change], kind: Literal["gone", "new"]) -> list[Change]:
    side: list[Change] = []
    for change in changes:
        if change.kind not in ("same", kind):
            continue
        if len(side) > 1 and change.kind == kind and side[-1].kind == "same" and side[-1].text.isspace():
            blank, before = side.pop(), side.pop()
            change = Change(kind, before.text + blank.text + change.text)
        side.append(change)
    return side
