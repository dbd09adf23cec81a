"""Spoken text made safe for every engine, and cut into sentences."""

import re
import unicodedata

from ..errors import EngineError

_SPACE_FOR = {"Cc", "Cs", "Co", "Cn", "So", "Me"}
"""Control characters, halves of letters, private and unassigned ones, emoji and pictures: engines stop at them
or read their English names. A blank stands for each, so that the words on both sides stay two."""

_NOTHING_FOR = {"Cf", "Sk"}
"""Zero-width marks, byte-order marks, skin tones: inside a word they must not part it."""

_VARIATION = re.compile("[\ufe00-\ufe0f]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][\"”’»)\]])\s+")
_SAID = re.compile(r"[^\W_]")


def clean(line: str) -> str:
    """One line in NFC, with single blanks, without anything that is not said. Idempotent.

    Decomposed letters are misread (“thưa” becomes English) and NUL cuts a text short, both silently.
    """
    kept = []
    for char in unicodedata.normalize("NFC", _VARIATION.sub("", line)):
        category = unicodedata.category(char)
        if category in _SPACE_FOR:
            kept.append(" ")
        elif category not in _NOTHING_FOR:
            kept.append(char)
    return " ".join("".join(kept).split())


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph: a line each, and lines cut again after “.”, “!”, “?” and “…”.

    Engines take a full stop before a small letter for no stop at all, so they are never asked to find the end
    of a sentence. Raises EngineError when nothing is left that can be said.
    """
    found = []
    for line in paragraph.splitlines():
        found += [part for part in _SENTENCE_END.split(clean(line)) if _SAID.search(part)]
    if not found:
        raise EngineError("there is nothing to say in the text", retryable=False)
    return found
