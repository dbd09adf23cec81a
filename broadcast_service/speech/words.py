"""When each word of a paragraph is heard, put together from what an engine tells of each sentence."""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ..domain.timing import SENTENCE_PAUSE_MS, count_syllables, syllable_spans
from ..domain.units import Milliseconds
from ..domain.waveform import Waveform


class Heard(NamedTuple):
    """What an engine tells of one sentence."""

    sentence: str
    """As the engine was asked."""
    words: Sequence[Sequence[int]]
    """(ms from the start of the engine's sound, place of the word's first character in the sentence)."""
    cut_ms: float
    """So much of the start was cut off as silence."""
    length_ms: float
    """Of what is left."""


def with_words(wave: Waveform, paragraph: str, heard: Sequence[Heard]) -> Waveform:
    """The waveform with the beginnings of its words; without them where they can not be told apart.

    heard: the sentences as `pauses.join` laid them out, one after another with a pause between.
    """
    if sum(count_syllables(each.sentence) for each in heard) != count_syllables(
        unicodedata.normalize("NFC", paragraph)
    ):
        return wave
    words: dict[int, Milliseconds] = {}
    start_ms, first = 0.0, 0
    for each in heard:
        places = [start for start, _ in syllable_spans(each.sentence)]
        for ms, character in each.words:
            place = first + max(0, bisect_right(places, character) - 1)
            words.setdefault(place, Milliseconds(round(start_ms + max(0.0, ms - each.cut_ms))))
        start_ms += each.length_ms + SENTENCE_PAUSE_MS
        first += len(places)
    rising: list[tuple[Milliseconds, int]] = []
    for place, ms in sorted(words.items()):
        if not rising or ms > rising[-1][0]:
            rising.append((ms, place))
    return replace(wave, words=tuple(rising))
