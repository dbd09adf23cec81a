"""Questions are about whole tokens, so that the answer can stand in a lexicon."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from .lexicon import TOKEN
from .sentences import Piece, join

_MOST_STEPS = 12
_HYPHENS = "-’'"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about `start` to `end` of the cleaned text; the first candidate is what is said now."""

    start: int
    end: int
    kind: str
    candidates: tuple[str, ...]


def settled(asks: list[Ask], line: str, base: int, pieces: list[Piece]) -> Iterator[Ask]:
    """The questions about a line that begins at `base`, each widened to the whole tokens it stands in.

    `pieces` are those of the line, not yet put together. Of two questions about the same tokens the first stays.
    """
    bounds = [base, *(base + token.end() for token in TOKEN.finditer(line))]
    fixed = [piece for piece in pieces if not _as_written(piece, line, base)]
    asked = base
    for ask in asks:
        if ask.start < asked:  # inside the tokens that were asked about: widening moves the start back only
            continue
        start, end = _whole(ask.start, ask.end, bounds, fixed)
        for _ in range(_MOST_STEPS):
            if not (joined := _joined_to(end, line, base, pieces)):
                break
            start, end = _whole(start, end + joined, bounds, fixed)
        for _ in range(_MOST_STEPS):
            if start <= asked or not (joined := _joined_to(start, line, base, pieces)):
                break
            start, end = _whole(start - joined, end, bounds, fixed)
        if start < asked:
            continue
        asked = end
        if (start, end) == (ask.start, ask.end) and ask.candidates:
            yield ask
        else:
            yield replace(ask, start=start, end=end, candidates=(join(_between(start, end, pieces, line, base)),))


def _as_written(piece: Piece, line: str, base: int) -> bool:
    """Is the piece said as it is written, so that it may be cut anywhere?"""
    return piece.kind == "plain" and piece.spoken == line[piece.start - base : piece.end - base]


def _whole(start: int, end: int, bounds: list[int], fixed: list[Piece]) -> tuple[int, int]:
    """The least stretch around `start` to `end` that cuts neither a token nor a piece that is said as one."""
    for _ in range(_MOST_STEPS):
        wider_start = bounds[bisect_right(bounds, start) - 1]
        wider_end = bounds[bisect_left(bounds, end)]
        for piece in _touching(wider_start, wider_end, fixed):
            wider_start, wider_end = min(wider_start, piece.start), max(wider_end, piece.end)
        if (wider_start, wider_end) == (start, end):
            break
        start, end = wider_start, wider_end
    return start, end


def _joined_to(place: int, line: str, base: int, pieces: list[Piece]) -> int:
    """1 if a word with a hyphen, said as written, goes on over this place ("xã|-xã", "xã-|xã"), else 0."""
    at = place - base
    if not any(mark in _HYPHENS for mark in line[max(0, at - 1) : at + 1]):
        return 0
    return int(
        any(
            piece.start < place < piece.end and _as_written(piece, line, base)
            for piece in _touching(place - 1, place + 1, pieces)
        )
    )


def _touching(start: int, end: int, pieces: list[Piece]) -> list[Piece]:
    first = bisect_right(pieces, start, key=attrgetter("end"))
    return pieces[first : bisect_left(pieces, end, key=attrgetter("start"))]


def _between(start: int, end: int, pieces: list[Piece], line: str, base: int) -> list[Piece]:
    """Copies of the pieces from `start` to `end`, those said as written cut to fit."""
    return [
        replace(piece, spoken=line[max(start, piece.start) - base : min(end, piece.end) - base])
        if _as_written(piece, line, base)
        else replace(piece)
        for piece in _touching(start, end, pieces)
    ]
