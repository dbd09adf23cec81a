"""Who says what in a script for several voices: “Hỏi: …”, “Đáp: …”, “Chị Lan: …”.

A turn begins a line with a label and a colon. Labels that were given a voice are not said: the voice tells
who speaks. All others stay words like any.
"""

import re
from collections import Counter
from collections.abc import Collection

MOST_SPEAKERS = 12
"""More labels than that are a list or a form, not a conversation."""

_LABEL = re.compile(r"(?P<label>[^\W\d_][^\n:.,;!?()\"“”/]{0,39}?) ?: +(?=\S)")
_LONGEST_LABEL = 5
"""Words."""


def label_of(line: str) -> str:
    """The label a line begins with, without its colon; empty when it begins with none."""
    found = _LABEL.match(line)
    if found is None or not line[0].isupper() or len(found["label"].split()) > _LONGEST_LABEL:
        return ""
    return found["label"]


def labels(written: str) -> list[str]:
    """The labels of a conversation in the order of their first turn; none unless two of them take turns.

    written: paragraphs. A lone “Lưu ý: …” is no speaker: there must be two labels or more, and three turns.
    """
    turns = Counter(filter(None, map(label_of, written.splitlines())))
    fitting = 2 <= len(turns) <= MOST_SPEAKERS and sum(turns.values()) >= 3 and max(turns.values()) >= 2
    return list(turns) if fitting else []


def part_turns(written: str, speakers: Collection[str]) -> str:
    """The same text with every turn of these speakers in a paragraph of its own."""
    lines: list[str] = []
    for line in written.splitlines():
        if label_of(line) in speakers and lines and lines[-1]:
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def cut_label(paragraph: str, speakers: Collection[str]) -> tuple[str, str]:
    """A paragraph as its label, with colon and blanks, and what is said; the label is empty for nobody of these."""
    found = _LABEL.match(paragraph)
    if found is None or label_of(paragraph) not in speakers:
        return "", paragraph
    return found.group(), paragraph[found.end() :]
