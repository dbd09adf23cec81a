"""The life of a script, and the hash an approval is of."""

import hashlib
import re
import unicodedata
from enum import StrEnum

LONGEST_BYTES = 200_000
"""Of a script in UTF-8. More than two hours of speech: nothing that is meant to be read out is longer."""

LONGEST_TITLE = 200
"""Characters."""


class Status(StrEnum):
    """Where a script stands. Any edit brings it back to DRAFT."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETIRED = "retired"


def content_hash(title: str, written: str, spoken: str) -> str:
    """SHA-256 over what is approved: title, written and spoken text, NFC, parted by NUL."""
    whole = "\0".join(unicodedata.normalize("NFC", part) for part in (title, written, spoken))
    return hashlib.sha256(whole.encode()).hexdigest()


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, parted by blank lines, without outer blanks; empty ones left out."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
