"""The proof-reader: every check over one text, and what they found in the order of the text."""

from .proof_breath import find_breathless
from .proof_care import find_promotion, find_sensitive
from .proof_copy import Copy, Finding
from .proof_dates import find_dates
from .proof_deadlines import find_deadlines
from .proof_lists import find_repeated_items, find_two_names
from .proof_marks import find_unbalanced
from .proof_order import find_backward_spans
from .proof_spelling import find_unknown
from .proof_words import find_confusables, find_doubled
from .proof_years import find_years

__all__ = ["Finding", "proofread"]

_CHECKS = (
    find_doubled,
    find_confusables,
    find_dates,
    find_deadlines,
    find_years,
    find_backward_spans,
    find_repeated_items,
    find_two_names,
    find_unknown,
    find_breathless,
    find_sensitive,
    find_promotion,
    find_unbalanced,
)


def proofread(text: str) -> tuple[Finding, ...]:
    """What a proof-reader would stop at in a written text, in its order; places count characters of the NFC text.

    Answers for every str, in time that grows in step with its length.
    """
    copy = Copy(text)
    found = [finding for check in _CHECKS for finding in check(copy)]
    confused = {finding.start for finding in found if finding.kind == "confusable"}
    kept = [finding for finding in found if finding.kind != "spelling" or finding.start not in confused]
    return tuple(sorted(kept, key=lambda finding: (finding.start, finding.severity != "must", finding.end)))
