"""Where the paragraphs of a text read in one take begin: in its long pauses, about where each was expected."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..domain.units import SAMPLE_RATE_HZ
from ..errors import Invalid
from .dynamics import STEP, Decibels, voice_level_db
from .recording import Recording, levels_of, softest_db

LONGEST_PART_S = 5 * 60
"""A part is mastered in memory, as one piece."""
_SHORTEST_PAUSE_STEPS = 25
_PAUSE_BELOW_VOICE_DB = 12.0
_LONGEST_COUNTED_S = 2.0
_PLACE_COUNTS = 3.0
"""How many seconds of pause a boundary is worth that is off by a whole paragraph."""


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
    mean = len(levels) / len(expected_ms)
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
    return [int(places[index]) * STEP for index in reversed(chosen)]


def _pauses(levels: Decibels) -> tuple[Decibels, Decibels]:
    """The middles of the pauses between words, in steps, and their lengths in seconds."""
    softest = min(softest_db(levels), voice_level_db(levels) - _PAUSE_BELOW_VOICE_DB)
    quiet = np.concatenate(([False], levels <= softest, [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(quiet))
    starts, ends = edges[::2], edges[1::2]
    inside = (ends - starts >= _SHORTEST_PAUSE_STEPS) & (starts > 0) & (ends < len(levels))
    return (starts[inside] + ends[inside]) / 2, (ends[inside] - starts[inside]) * STEP / SAMPLE_RATE_HZ
