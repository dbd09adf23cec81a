"""Transcripts as WebVTT: what is said, when, for a page's player and for whoever can not hear it.

Source: W3C WebVTT: The Web Video Text Tracks Format, sections 4.1 (file), 4.2.2 (cue text) and 3.3 (timestamps).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..domain.timing import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, count_syllables, phrases
from ..domain.units import Milliseconds

CONTENT_TYPE = "text/vtt; charset=utf-8"
_LONGEST = 90
"""Letters of a cue: two lines of a phone."""
_SHORTEST_MS = 500


@dataclass(frozen=True)
class Cue:
    """A text that is shown from one time to another."""

    start_ms: Milliseconds
    end_ms: Milliseconds
    text: str


@dataclass(frozen=True)
class Spoken:
    """One stored piece and what is said in it."""

    text: str
    """Sentences, one a line; empty for music."""
    length_ms: Milliseconds
    words: Sequence[tuple[int, int]] | None = None
    """When words begin: (from the start of the piece in ms, which syllable, from 0), where the voice has told."""


def webvtt(cues: Iterable[Cue]) -> bytes:
    """The file, in UTF-8. Raises ValueError for a cue that ends before it begins or begins before the last one."""
    lines, last = ["WEBVTT", ""], 0
    for number, cue in enumerate(cues, 1):
        if not last <= cue.start_ms < cue.end_ms:
            raise ValueError(f"cue {number} lasts from {cue.start_ms} to {cue.end_ms} ms, after {last}")
        last = cue.start_ms
        lines += [str(number), f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}", _escaped(cue.text), ""]
    return "\n".join(lines).encode("utf-8")


def cues_of(pieces: Iterable[Spoken]) -> Iterator[Cue]:
    """The cues of pieces that are heard one after another; long sentences are parted where one breathes."""
    place = 0
    for piece in pieces:
        yield from _of_one(piece, place)
        place += piece.length_ms


def _of_one(piece: Spoken, place: int) -> Iterator[Cue]:
    parts = list(_parts(piece.text))
    if not parts:
        return
    starts = _told(parts, piece.words) if piece.words else _reckoned(parts, piece.length_ms)
    ends = [*starts[1:], piece.length_ms - PARAGRAPH_PAUSE_MS // 2]
    for (text, is_last), start, end in zip(parts, starts, ends, strict=True):
        until = end - SENTENCE_PAUSE_MS // 2 if is_last else end
        until = min(max(until, start + _SHORTEST_MS), max(end, start + 1))
        yield Cue(Milliseconds(place + start), Milliseconds(place + until), text)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """(what is shown at once, whether it ends a sentence)."""
    for line in text.splitlines():
        shown = ""
        for bit in phrases(line):
            if shown and len(shown) + 1 + len(bit) > _LONGEST:
                yield shown, False
                shown = ""
            shown = f"{shown} {bit}".strip()
        if count_syllables(shown):
            yield shown, True


def _told(parts: Sequence[tuple[str, bool]], words: Sequence[tuple[int, int]]) -> list[int]:
    """When each part begins, from the words that begin: the first one told at or after its first syllable."""
    starts: list[int] = []
    syllable = number = 0
    for text, _ in parts:
        while number + 1 < len(words) and words[number][1] < syllable:
            number += 1
        at = words[number][0]
        starts.append(max(at, starts[-1] + 1) if starts else at)
        syllable += count_syllables(text)
    return starts


def _reckoned(parts: Sequence[tuple[str, bool]], length_ms: int) -> list[int]:
    """When each part begins if every syllable takes the same time and pauses are as planned."""
    planned = sum(SENTENCE_PAUSE_MS for _, is_last in parts[:-1] if is_last) + PARAGRAPH_PAUSE_MS
    pauses = min(planned, length_ms / 2)
    each_ms = (length_ms - pauses) / max(1, sum(count_syllables(text) for text, _ in parts))
    starts: list[int] = []
    place = 0.0
    for text, is_last in parts:
        starts.append(round(place))
        place += count_syllables(text) * each_ms + (SENTENCE_PAUSE_MS * pauses / planned if is_last else 0)
    return starts


def _clock(time_ms: int) -> str:
    seconds, milliseconds = divmod(time_ms, 1_000)
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"


def _escaped(text: str) -> str:
    plain = " ".join(text.replace("\0", " ").split())
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
