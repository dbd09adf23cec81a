"""A word of a script: how it is said, at how many places it stands, and how to mean just one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from ..domain.picking import Picked, Reading, Wider
from ..domain.plain_text import clean_line
from ..domain.scripts import paragraphs
from ..errors import Invalid, NotFound
from ..storage.tables import Revision
from . import lexicon
from .revisions import BY_HAND

MOST_ASKED = 100
"""Questions that are shown, and may be answered, at a time."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """Whole tokens of one paragraph."""

    paragraph: int
    """From 1."""
    picked: Picked
    places: tuple[int, ...]
    """The number of the paragraph for each place in the script where the same tokens stand."""
    wider: Wider | None
    """With as many neighbours as make this place unlike the others; None where it is the only one, or can not be."""

    @property
    def by_hand(self) -> bool:
        """Is the paragraph worded by a person, so that no decision about a word reaches it?"""
        return self.picked.kind == BY_HAND


@dataclass(kw_only=True)
class Asked:
    """One token about which the reader asks, once for all its places."""

    written: str
    kind: str
    reason: str
    candidates: list[str] = field(default_factory=list)
    """What may be said; the first is said now."""
    places: list[int] = field(default_factory=list)
    """Numbers of the paragraphs, from 1."""


def asked(questions: Iterable[dict[str, Any]]) -> list[Asked]:
    """The questions of a revision, one for each token, in the order of the text."""
    found: dict[str, Asked] = {}
    for question in questions:
        written = clean_line(question["written"])
        one = found.setdefault(written, Asked(written=written, kind=question["kind"], reason=question["reason"]))
        one.candidates = list(dict.fromkeys([*one.candidates, *question["candidates"]]))
        one.places.append(int(question["paragraph"]) + 1)
    return list(found.values())


def open_ranges(session: Session, revision: Revision) -> dict[int, list[tuple[int, int]]]:
    """Where in the written paragraphs something is asked and not decided, by their places from 0."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    for question in lexicon.open_questions(session, revision):
        start = int(question["start"])
        ranges.setdefault(int(question["paragraph"]), []).append((start, start + len(question["written"])))
    return {place: sorted(found) for place, found in ranges.items()}


def word_at(revision: Revision, *, paragraph: int, start: int, end: int) -> Word:
    """The word between two places of a written paragraph (from 1). Raises NotFound when there is none."""
    parts = paragraphs(revision.written)
    if not 0 < paragraph <= len(parts):
        raise NotFound(f"đoạn {paragraph} của bài này")
    reading = _reading(revision, parts, paragraph - 1)
    picked = reading.pick(start, end)
    if picked is None:
        raise Invalid("Chỗ này không có chữ nào để định cách đọc. Hãy chọn một chữ trong bài.")
    if len(picked.written) > lexicon.LONGEST_WRITTEN and picked.kind != BY_HAND:
        raise Invalid(f"Chỗ vừa chọn dài quá {lexicon.LONGEST_WRITTEN} ký tự. Hãy chọn một vài chữ.")
    places = _places(revision, parts, picked.written)
    return Word(
        paragraph=paragraph,
        picked=picked,
        places=places,
        wider=reading.widened(picked, lambda text: len(_places(revision, parts, text)) == 1)
        if len(places) > 1
        else None,
    )


def span_at(revision: Revision, *, paragraph: int, span: int) -> Word:
    """The word that a span of the revision is, both counted as the page does: paragraphs from 1, spans from 0."""
    parts = paragraphs(revision.written)
    if not 0 < paragraph <= len(parts):
        raise NotFound(f"đoạn {paragraph} của bài này")
    pieces = _reading(revision, parts, paragraph - 1).pieces
    if not 0 <= span < len(pieces):
        raise NotFound(f"chỗ này ở đoạn {paragraph}")
    return word_at(revision, paragraph=paragraph, start=pieces[span].start, end=pieces[span].end)


def find_word(revision: Revision, written: str) -> Word:
    """The first place of some words that a person typed. Raises Invalid when they are not in the text."""
    written = lexicon.checked_written(written)
    for number, part in enumerate(paragraphs(revision.written), 1):
        at = part.find(written)
        if at >= 0:
            return word_at(revision, paragraph=number, start=at, end=at + len(written))
    raise Invalid(f"Trong bài không có “{written}”. Hãy ghi đúng như văn bản viết, cả chữ hoa.", field="text")


def _reading(revision: Revision, parts: list[str], place: int) -> Reading:
    from ..reading.lexicon import TOKEN  # the reader is loaded by whoever asks it

    spans = revision.spans[place] if place < len(revision.spans) else []
    return Reading(parts[place], spans, token=TOKEN)


def _places(revision: Revision, parts: list[str], written: str) -> tuple[int, ...]:
    """The paragraphs' numbers where an entry for these tokens would count, each as often as it would."""
    from ..reading.lexicon import Lexicon

    entry = Lexicon({written: written})
    return tuple(
        number
        for number, part in enumerate(parts, 1)
        if written in part
        for line in part.split("\n")
        for _ in entry.find(line)
    )
