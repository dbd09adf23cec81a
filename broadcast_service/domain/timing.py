"""How long a spoken text will last, before anybody has spoken it."""

import re

from .units import Milliseconds

SENTENCE_PAUSE_MS = Milliseconds(420)
"""Silence between two sentences of a paragraph."""

PARAGRAPH_PAUSE_MS = Milliseconds(700)
"""Silence after a paragraph."""

BED_LEAD_MS, BED_TAIL_MS = Milliseconds(2_500), Milliseconds(3_000)
"""For so long music that lies under speech is heard alone, before the first word and after the last."""

AROUND_SPEECH_MS = Milliseconds(BED_LEAD_MS + BED_TAIL_MS)

PLANNED_MS_PER_SYLLABLE = 285.0
"""A calm newsreader: about 190 syllables a minute once the pauses are counted in. For want of a voice."""

_PHRASE_END = re.compile(r"(?<=[,;:])\s+|\s+(?=[–—(“])")

_READ_SHORT, _READ_LONG = 0.55, 2.0
"""Shares of the expected length beyond which words are likely to be missing, or said twice."""
_READ_SPARE_MS = 3_000

_SYLLABLE = re.compile(r"[^\W_]+")


def count_syllables(spoken: str) -> int:
    """Syllables of spoken Vietnamese: each stands alone between blanks, hyphens and signs."""
    return len(_SYLLABLE.findall(spoken))


def syllable_spans(spoken: str) -> list[tuple[int, int]]:
    """(start, end) of each syllable that `count_syllables` counts."""
    return [found.span() for found in _SYLLABLE.finditer(spoken)]


def phrases(sentence: str) -> list[str]:
    """A sentence as one breathes in it: parted behind commas and the like, and before dashes and brackets."""
    return _PHRASE_END.split(" ".join(sentence.split()))


def estimate_ms(spoken: str, *, ms_per_syllable: float) -> Milliseconds:
    """Expected playing time of spoken text: paragraphs parted by blank lines, a sentence a line.

    Syllables × their mean length, 420 ms between two sentences, 700 ms after each paragraph.
    Empty text lasts 0 ms.
    """
    pauses_ms = 0
    for paragraph in re.split(r"\n\s*\n", spoken):
        sentences = sum(1 for line in paragraph.split("\n") if line.strip())
        if sentences:
            pauses_ms += (sentences - 1) * SENTENCE_PAUSE_MS + PARAGRAPH_PAUSE_MS
    return Milliseconds(round(count_syllables(spoken) * ms_per_syllable) + pauses_ms)


def is_readers_pace(lasts_ms: float, expected_ms: int) -> bool:
    """Whether a person may have read words for so long that take expected_ms when they are read calmly."""
    return expected_ms * _READ_SHORT <= lasts_ms <= expected_ms * _READ_LONG + _READ_SPARE_MS
