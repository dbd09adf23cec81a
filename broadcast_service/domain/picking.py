"""Picking words out of a paragraph that was read aloud: whole tokens, and what is said for just them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

MOST_NEIGHBOURS = 3
"""Words on each side that are tried to make a place unlike all others."""

_EDGE = " \t\n,;:.!?…“”\"'()[]"
_SENTENCE_ENDS = re.compile(r"[.?!…;]\s")
_CHUNK = re.compile(r"\S+")


@dataclass(frozen=True)
class Piece:
    """One span of the paragraph, and where it stands in the written text."""

    start: int
    end: int
    spoken: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Picked:
    """Whole tokens of a paragraph."""

    start: int
    end: int
    written: str
    spoken: str
    """What is said for them, without the marks around it."""
    kind: str
    """Of the span they are; "plain" for words of a plain stretch, "" for several spans."""


@dataclass(frozen=True, kw_only=True)
class Wider:
    """The same tokens with neighbours, and how the neighbours are said."""

    written: str
    before: str
    after: str

    def said(self, spoken: str) -> str:
        """What the whole is said as when the tokens themselves are said so."""
        return _before_marks(f"{self.before} {spoken} {self.after}")


class Reading:
    """A written paragraph and its spans, each [written, spoken, kind, certain]; `token`: what entries are made of."""

    def __init__(self, text: str, spans: Sequence[Sequence[Any]], *, token: re.Pattern[str]) -> None:
        self.text = text
        self._bounds = [0, *(found.end() for found in token.finditer(text))]
        joined = "".join(span[0] for span in spans)
        first = -(len(joined) - len(joined.lstrip()))
        if joined.strip() != text:
            self.pieces = [Piece(0, len(text), text, "plain")]
            return
        ends = [first + end for end in accumulate(len(span[0]) for span in spans)]
        starts = [first, *ends]
        self.pieces = [
            Piece(start, end, span[1], span[2]) for start, end, span in zip(starts, ends, spans, strict=False)
        ]

    def pick(self, start: int, end: int) -> Picked | None:
        """The whole tokens between two places, without the marks at their edges; None when there is no word there.

        They stay within a line, for an entry of a lexicon does.
        """
        start, end = max(0, start), min(len(self.text), end)
        while start < end and self.text[start] in _EDGE:
            start += 1
        end = min([end, *(at for at in [self.text.find("\n", start)] if at >= 0)])
        while end > start and self.text[end - 1] in _EDGE:
            end -= 1
        if start >= end:
            return None
        start, end = self._whole(start, end)
        kinds = {piece.kind for piece in self._touching(start, end)}
        return Picked(
            start=start,
            end=end,
            written=self.text[start:end],
            spoken=self.said(start, end).strip(_EDGE),
            kind=kinds.pop() if len(kinds) == 1 else "",
        )

    def said(self, start: int, end: int) -> str:
        """What is said between two places; words of a plain stretch are said as they are written."""
        parts = []
        for piece in self._touching(start, end):
            inner = self.text[max(start, piece.start) : min(end, piece.end)]
            parts.append(inner if piece.kind == "plain" else piece.spoken)
        return _before_marks(" ".join(parts))

    def widened(self, picked: Picked, is_alone: Callable[[str], bool]) -> Wider | None:
        """The fewest neighbouring words with which the tokens are unlike every other place; None if none will do."""
        for start, end in self._around(picked):
            start, end = self._whole(start, end)
            written = self.text[start:end]
            if _SENTENCE_ENDS.search(written) or "\n" in written or not is_alone(written):
                continue
            return Wider(written=written, before=self.said(start, picked.start), after=self.said(picked.end, end))
        return None

    def _around(self, picked: Picked) -> Iterator[tuple[int, int]]:
        chunks = list(_CHUNK.finditer(self.text))
        ends, starts = [chunk.end() for chunk in chunks], [chunk.start() for chunk in chunks]
        first, last = bisect_right(ends, picked.start), bisect_left(starts, picked.end) - 1
        for count in range(1, MOST_NEIGHBOURS + 1):
            before, after = first - count, last + count
            later = None
            if after < len(chunks):
                later = starts[after] + len(chunks[after].group().rstrip(_EDGE))
                yield picked.start, later
            if before >= 0:
                yield starts[before], picked.end
                if later is not None:
                    yield starts[before], later

    def _whole(self, start: int, end: int) -> tuple[int, int]:
        """The least stretch around it that cuts neither a token nor a span that is said as one."""
        bounds = self._bounds
        while True:
            wider = bounds[bisect_right(bounds, start) - 1], bounds[bisect_left(bounds, end)]
            for piece in self._touching(*wider):
                if piece.kind not in {"plain", "pause"}:
                    wider = min(wider[0], piece.start), max(wider[1], piece.end)
            if wider == (start, end):
                return start, end
            start, end = wider

    def _touching(self, start: int, end: int) -> list[Piece]:
        return [piece for piece in self.pieces if piece.start < end and start < piece.end]


def _before_marks(text: str) -> str:
    """On one line, with single blanks and none before a mark."""
    return re.sub(r" +([,;:.!?…])", r"\1", " ".join(text.split()))
