"""Where the paragraphs of a text read in one take begin, and the sentences of each: at pauses, about where expected."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..domain.timing import count_syllables, phrases
from ..domain.units import SAMPLE_RATE_HZ, Milliseconds
from ..domain.waveform import Waveform
from ..errors import Invalid
from .dynamics import STEP, Decibels, voice_level_db
from .recording import Recording, levels_of, softest_db

LONGEST_PART_S = 5 * 60
"""A part is mastered in memory, as one piece."""
_SHORTEST_PAUSE_STEPS = 25
_PAUSE_BELOW_VOICE_DB = 12.0
_SHORTEST_BREATH_STEPS = 12
"""Between two sentences of a paragraph some hardly stop."""
_NOTHING_DB = -100.0
"""No room is so quiet: what is added to a recording."""
_LONGEST_COUNTED_S = 2.0
_PLACE_COUNTS = 3.0
"""How many seconds of pause a boundary is worth that is off by a whole paragraph."""

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


def part(recording: Recording, expected_ms: Sequence[int]) -> Recording:
    """The same recording cut into as many pieces as lengths are expected, each in the middle of a pause.

    Of all ways to choose the pauses in order, the one whose pauses are long and near to their expected places, which
    are in proportion to the lengths. Raises Invalid where there are fewer pauses, or a part lasts over five minutes.
    """
    cuts = (0, *_boundaries(recording, expected_ms), len(recording.samples))
    if max(end - start for start, end in pairwise(cuts)) > LONGEST_PART_S * SAMPLE_RATE_HZ:
        raise Invalid(
            f"Có đoạn dài quá {LONGEST_PART_S // 60} phút trong bản ghi. Hãy chia đoạn ấy trong bài thành nhiều đoạn.",
            field="recording",
        )
    return replace(recording, cuts=cuts)


def _boundaries(recording: Recording, expected_ms: Sequence[int]) -> list[int]:
    """Samples at which all parts but the first begin."""
    count = len(expected_ms) - 1
    if count <= 0:
        return []
    levels = levels_of(recording.samples)
    places, lengths_s = _pauses(levels)
    if len(places) < count:
        raise Invalid(
            f"Không tách được bản ghi thành {count + 1} đoạn như trong bài: có quá ít chỗ ngừng. Hãy đọc cả bài, "
            "ngừng hai giây giữa hai đoạn, hoặc ghi từng đoạn.",
            field="recording",
        )
    ends = np.cumsum(expected_ms)
    wanted = ends[:-1] / ends[-1] * len(levels)
    chosen = _chosen(places, lengths_s, wanted, mean=len(levels) / len(expected_ms))
    return [int(places[index]) * STEP for index in chosen]


def told_words(wave: Waveform, text: str) -> tuple[tuple[Milliseconds, int], ...] | None:
    """When the sentences of a paragraph and the phrases in them begin in a reading of it: (ms, which syllable, from 0).

    Each sentence begins where a pause ends, chosen as those between paragraphs are, but by how much was said before it,
    however long the reader paused; a phrase by its syllables, in what is said of its sentence. None where there are
    fewer pauses than sentences.
    """
    levels = levels_of(np.frombuffer(wave.pcm, dtype="<i2").astype(np.float32) / np.float32(32_768))
    is_said = levels > said_above_db(levels)
    said = np.concatenate(([0], np.cumsum(is_said)))  # steps of voice before each step
    sentences = [line for line in text.split("\n") if count_syllables(line)]
    bounds = _sentence_bounds(is_said, said, [count_syllables(line) for line in sentences])
    if bounds is None:
        return None
    words: list[tuple[Milliseconds, int]] = []
    syllable = 0
    for line, (start, end) in zip(sentences, bounds, strict=True):
        of_line, before = count_syllables(line), 0
        for phrase in phrases(line):
            voiced = said[start] + (said[end] - said[start]) * before / of_line
            step = start if before == 0 else int(np.searchsorted(said, voiced, side="right")) - 1
            if count_syllables(phrase):
                words.append((Milliseconds(step * STEP * 1_000 // SAMPLE_RATE_HZ), syllable + before))
            before += count_syllables(phrase)
        syllable += of_line
    return tuple(words)


def _sentence_bounds(is_said: Flags, said: Counts, syllables: Sequence[int]) -> list[tuple[int, int]] | None:
    """The first and one past the last step of each sentence; None where there are too few pauses."""
    there = np.flatnonzero(is_said)
    if not syllables or not len(there):
        return None
    first, last = int(there[0]), int(there[-1]) + 1
    starts, ends = _quiet_runs(is_said, _SHORTEST_BREATH_STEPS)
    if len(starts) < len(syllables) - 1:
        return None
    shares = np.cumsum(syllables) / sum(syllables)
    lengths_s = (ends - starts) * STEP / SAMPLE_RATE_HZ
    chosen: list[int] = []
    if len(syllables) > 1:
        chosen = _chosen(said[starts].astype(float), lengths_s, shares[:-1] * said[-1], mean=said[-1] / len(syllables))
    return list(zip([first, *ends[chosen].tolist()], [*starts[chosen].tolist(), last], strict=True))


def _chosen(places: Decibels, lengths_s: Decibels, wanted: Decibels, *, mean: float) -> list[int]:
    """Which pauses to take, in order, one for each wanted place: long and near to it. mean: length of a part."""
    worth = np.minimum(lengths_s, _LONGEST_COUNTED_S) - _PLACE_COUNTS * np.abs(places - wanted[:, None]) / mean
    best = worth[0]
    came_from = []
    for row in worth[1:]:
        running = np.maximum.accumulate(best)
        firsts = np.where(best == running, np.arange(len(best)), 0)
        came_from.append(np.maximum.accumulate(firsts))
        best = np.concatenate(([-np.inf], row[1:] + running[:-1]))
    chosen = [int(best.argmax())]
    for froms in reversed(came_from):
        chosen.append(int(froms[chosen[-1] - 1]))
    return chosen[::-1]


def _pauses(levels: Decibels) -> tuple[Decibels, Decibels]:
    """The middles of the pauses between words, in steps, and their lengths in seconds."""
    starts, ends = _quiet_runs(levels > said_above_db(levels), _SHORTEST_PAUSE_STEPS)
    return (starts + ends) / 2, (ends - starts) * STEP / SAMPLE_RATE_HZ


def said_above_db(levels: Decibels) -> float:
    """What is louder than this is a word, in whatever room; silence that was added to a reading counts for nothing."""
    heard = levels[levels > _NOTHING_DB]
    return min(softest_db(heard), voice_level_db(heard) - _PAUSE_BELOW_VOICE_DB) if len(heard) else _NOTHING_DB


def _quiet_runs(is_said: Flags, shortest_steps: int) -> tuple[Counts, Counts]:
    """The first steps of the pauses between words, and one past their last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], is_said, [True])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    inside = (ends - starts >= shortest_steps) & (starts > 0) & (ends < len(is_said))
    return starts[inside], ends[inside]
