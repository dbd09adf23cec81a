"""What the proof-reader finds in a revision, and in which paragraph."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from ..domain.scripts import paragraphs
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
