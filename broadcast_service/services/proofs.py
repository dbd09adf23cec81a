"""What the proof-reader finds in a revision, and in which paragraph."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from ..domain.scripts import paragraphs
from ..errors import NotFound
from ..reading.proofreader import Finding, proofread
from ..storage.tables import Revision

REMEMBERED = 64
"""Texts whose findings are kept at hand: a script is looked at just before it is put forward."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A finding and the number of its paragraph, from 1."""

    finding: Finding
    paragraph: int

    @property
    def must(self) -> bool:
        """Does it stand in the way of an approval?"""
        return self.finding.severity == "must"


def findings_of(revision: Revision) -> tuple[Placed, ...]:
    """Everything found in the written text: what must be mended first, then in the order of the text."""
    return _found(revision.written)


def must_mend(revision: Revision) -> int:
    """How many findings must be mended before the revision is put forward."""
    return sum(placed.must for placed in findings_of(revision))


def mend_of(revision: Revision, kind: str, start: int) -> Placed:
    """The finding at a place whose mend is sure. Raises NotFound."""
    found = (each for each in findings_of(revision) if (each.finding.kind, each.finding.start) == (kind, start))
    placed = next((each for each in found if each.finding.mend is not None), None)
    if placed is None:
        raise NotFound("chỗ cần sửa này")
    return placed


def mended(revision: Revision, placed: Placed) -> str:
    """The written text with the finding's mend in it; the rest stays as it is."""
    whole, finding = unicodedata.normalize("NFC", revision.written), placed.finding
    return whole[: finding.start] + (finding.mend or "") + whole[finding.end :]


@lru_cache(maxsize=REMEMBERED)
def _found(written: str) -> tuple[Placed, ...]:
    whole = unicodedata.normalize("NFC", written)
    starts, at = [], 0
    for part in paragraphs(whole):
        at = whole.index(part, at)
        starts.append(at)
        at += len(part)
    placed = [
        Placed(finding=finding, paragraph=max(1, bisect_right(starts, finding.start))) for finding in proofread(whole)
    ]
    return tuple(sorted(placed, key=lambda each: not each.must))
