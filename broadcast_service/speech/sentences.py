"""Spoken text made safe for every engine, and cut into sentences."""

import re
import unicodedata

from .faults import Fault, VoiceError

MOST_CHARS = 20_000
"""Of a paragraph: some twenty minutes of speech. A voice holds a paragraph in memory."""

_SPACE_FOR = {"Cc", "Cs", "Co", "Cn", "So", "Me"}
"""Control characters, halves of letters, private and unassigned ones, emoji and pictures: engines stop at them
or read their English names. A blank stands for each, so that the words on both sides stay two."""

_NOTHING_FOR = {"Cf", "Sk"}
"""Zero-width marks, byte-order marks, skin tones: inside a word they must not part it."""

_VARIATION = re.compile("[\ufe00-\ufe0f]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][\"”’»)\]])\s+")
_CUTS = (re.compile(r"[,;:–—]\s"), re.compile(r"\s"))
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
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))  # again: marks may have moved together


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph: a line each, and lines cut again after “.”, “!”, “?” and “…”.

    Engines take a full stop before a small letter for no stop at all, so they are never asked to find the end
    of a sentence. Raises VoiceError when nothing is left that can be said, or too much.
    """
    if len(paragraph) > MOST_CHARS:
        raise VoiceError(
            Fault.TOO_LONG, f"a paragraph of {len(paragraph)} characters", most=f"{MOST_CHARS:,}".replace(",", ".")
        )
    found = []
    for line in paragraph.splitlines():
        found += [part for part in _SENTENCE_END.split(clean(line)) if _SAID.search(part)]
    if not found:
        raise VoiceError(Fault.NOTHING_TO_SAY, "there is nothing to say in the text")
    return found


def pack(sentence: str, most: int) -> list[str]:
    """The sentence in parts of at most so many characters, cut after a comma if one stands late enough, else at a
    blank, and inside a word only where one is longer than that."""
    parts = []
    rest = sentence
    while len(rest) > most:
        cut = most
        for pattern in _CUTS:
            ends = [match.end() for match in pattern.finditer(rest, 0, most + 1)]
            if ends and ends[-1] > most // 3:
                cut = ends[-1]
                break
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [part for part in [*parts, rest] if _SAID.search(part)]
