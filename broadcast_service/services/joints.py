"""Silences that lie between two items of a rundown, looked for in many rundowns at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..storage.tables import Piece, RenditionPiece
from .sound_checks import LONGEST_SILENCE_MS

T = TypeVar("T")

_AT_ONCE = 5_000
"""How many values one query names."""


class Heard(NamedTuple):
    """What an item is heard from: a rendition, or the piece of a tune."""

    rendition_id: int | None
    tune_key: str | None


class _Ends(NamedTuple):
    lead_ms: int
    tail_ms: int


def quiet_joints(session: Session, rundowns: Mapping[int, Sequence[Heard]]) -> dict[int, int]:
    """How many silences between two of its items keep a rundown off the air, by its key; left out where there are none.

    They are those that `sound_checks.of_broadcast` tells. Where no item has half of one at an end, which is the rule,
    no more than that is asked for.
    """
    items = {item for items in rundowns.values() for item in items}
    wide = set(_ends(session, items, least_ms=LONGEST_SILENCE_MS // 2))
    concerned = {key: items for key, items in rundowns.items() if wide.intersection(items)}
    ends = _ends(session, {item for items in concerned.values() for item in items})
    found = {key: sum(map(_is_quiet, pairwise(ends.get(item) for item in items))) for key, items in concerned.items()}
    return {key: count for key, count in found.items() if count}


def _is_quiet(neighbours: tuple[_Ends | None, _Ends | None]) -> bool:
    """Whether two make a silence together that neither has alone."""
    one, other = neighbours
    if one is None or other is None:
        return False
    return max(one.tail_ms, other.lead_ms) < LONGEST_SILENCE_MS <= one.tail_ms + other.lead_ms


def _ends(session: Session, items: Collection[Heard], *, least_ms: int = 0) -> dict[Heard, _Ends]:
    """The silence at both ends of these items; least_ms: only of those in which some piece has so much at one end."""
    lead_ms, tail_ms = (Piece.checks[name].as_integer() for name in ("lead_ms", "tail_ms"))
    is_wide = (lead_ms >= least_ms) | (tail_ms >= least_ms)
    found: dict[Heard, _Ends] = {}
    for keys in _chunks(item.tune_key for item in items if item.tune_key is not None):
        for key, lead, tail in session.execute(select(Piece.key, lead_ms, tail_ms).where(Piece.key.in_(keys), is_wide)):
            found[Heard(None, key)] = _Ends(lead, tail)
    for numbers in _chunks(item.rendition_id for item in items if item.rendition_id is not None):
        asked = select(RenditionPiece.rendition_id, lead_ms, tail_ms).join(Piece)
        asked = asked.where(RenditionPiece.rendition_id.in_(numbers), is_wide)
        for number, lead, tail in session.execute(asked.order_by(RenditionPiece.position)):
            item = Heard(number, None)
            found[item] = _Ends(found[item].lead_ms if item in found else lead, tail)
    return found


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    whole = list(values)
    for start in range(0, len(whole), _AT_ONCE):
        yield whole[start : start + _AT_ONCE]
