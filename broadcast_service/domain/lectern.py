"""The lectern sheet: written and spoken text side by side, marked where they differ, with marks to breathe at."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from .timing import PARAGRAPH_PAUSE_MS, estimate_ms
from .units import Milliseconds

Spans = Sequence[Sequence[Sequence[Any]]]
"""For each paragraph its spans, each [written, spoken, kind, certain]."""

LOOKS = {
    "plain": "",
    "pause": "",
    "date": "date",
    "abbreviation": "abbr",
    "letters": "abbr",
    "foreign": "abbr",
    "document": "code",
    "code": "code",
    "lexicon": "abbr",
    "hand": "",
    "dropped": "",
    "speaker": "abbr",
}
"""Kind of a span → how it is drawn; kinds not named here are drawn as numbers."""

Ranges = Mapping[int, Sequence[tuple[int, int]]]
"""For a paragraph, by its place from 0, the stretches of its written text that are meant: (start, end)."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of one line of text."""

    text: str
    look: str = ""
    """num, date, abbr, code or ask; empty for plain text."""
    pair: int = 0
    """The same number on both sides marks what is said for what is written; 0: plain."""
    breath: str = ""
    """“/” or “//” to be drawn after the text."""
    span: int = 0
    """Which span of the paragraph it is of, from 0; only where there is a look."""


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One paragraph of the sheet."""

    number: int
    """From 1."""
    starts_ms: Milliseconds
    """When it begins, from the first paragraph on."""
    written: list[Stretch]
    spoken: list[Stretch]
    by_hand: bool = False
    """Did a person word what is said?"""


def spoken_beside(written: Sequence[str], spoken: Sequence[str], spans: Spans) -> list[str]:
    """The spoken paragraph for each written one; empty where nothing of it is said.

    spoken: the paragraphs that are said, in their order; spans: as `lay_out`.
    """
    joined = ["".join(span[1] for span in paragraph).strip() for paragraph in spans]
    if len(joined) == len(written) and [text for text in joined if text] == list(spoken):
        return joined
    return [spoken[place] if place < len(spoken) else "" for place in range(len(written))]


def lay_out(
    written: Sequence[str],
    spoken: Sequence[str],
    spans: Spans,
    *,
    starts_ms: Sequence[Milliseconds],
    asked: Ranges | None = None,
) -> list[Paragraph]:
    """Pair the paragraphs.

    spans: for each written paragraph a list of [written, spoken, kind, certain], as a revision keeps them.
    starts_ms: when each spoken paragraph begins; a paragraph that is not said begins where the next one does.
    asked: what waits for a decision; None: whatever is not certain does.
    """
    sheet = []
    pair = said_before = 0
    for place, (text, said) in enumerate(zip(written, spoken_beside(written, spoken, spans), strict=True)):
        own = spans[place] if place < len(spans) else []
        open_ranges = None if asked is None else asked.get(place, ())
        marked: list[_Marked] = []
        at = 0
        for span in own:
            end = at + len(span[0])
            if open_ranges is None:
                waits = not span[3]
            else:
                doubtful = not span[3] or span[2] == "dropped"
                waits = doubtful and _meets(open_ranges, at, end)
            look = "ask" if waits else _look(*span[:3])
            pair += bool(look)
            marked.append(_Marked(span[0], span[1], look, pair if look else 0))
            at = end
        sheet.append(
            Paragraph(
                number=place + 1,
                starts_ms=starts_ms[min(said_before, len(starts_ms) - 1)] if starts_ms else Milliseconds(0),
                written=_cut(text, [(span.written, span.look, span.pair) for span in marked], {}),
                spoken=_cut(said, [(span.spoken, span.look, span.pair) for span in marked], _breaths(said)),
                by_hand=[span[2] for span in own if span[2] != "speaker"] == ["hand"],
            )
        )
        said_before += bool(said)
    return sheet


def estimated_starts(spoken: Sequence[str], *, of_ms: int) -> list[Milliseconds]:
    """When each paragraph should begin, shared out of the whole length by syllables and pauses."""
    lengths = [float(estimate_ms(paragraph, ms_per_syllable=285)) for paragraph in spoken]
    whole = sum(lengths) or float(PARAGRAPH_PAUSE_MS)
    starts, sofar = [], 0.0
    for length in lengths:
        starts.append(Milliseconds(round(sofar * of_ms / whole)))
        sofar += length
    return starts


def with_breaths(spoken: str) -> list[Stretch]:
    """Spoken text with the marks to breathe at, and no others."""
    return _cut(spoken, [], _breaths(spoken))


class _Marked(NamedTuple):
    written: str
    spoken: str
    look: str
    pair: int


def _meets(ranges: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Does one of the ranges, which rise and do not overlap, share a character with this one?"""
    before = bisect_left(ranges, (end, 0))
    return before > 0 and start < ranges[before - 1][1]


def _look(written: str, spoken: str, kind: str) -> str:
    """How a span is drawn; nothing for what is said as it is written."""
    if " ".join(written.split()) == " ".join(spoken.split()):
        return ""
    return LOOKS.get(kind, "num")


_PAUSE = re.compile(r"[,:–—](?=\s)|;(?=\s)|[.?!…]*[”\")]?\n+")
_CORE = re.compile(r"\s*(.*?)[\s,.;:!?…]*", re.DOTALL)


def _breaths(text: str) -> dict[int, str]:
    """Where a reader breathes: / after a comma, // after a semicolon or a sentence; not at the very end."""
    return {found.end(): "/" if found.group() in {",", ":", "–", "—"} else "//" for found in _PAUSE.finditer(text)}


def _cut(text: str, spans: Sequence[tuple[str, str, int]], breaths: Mapping[int, str]) -> list[Stretch]:
    """The text exactly as it is, cut where a span's own words begin and end and where there is a breath.

    Spans that do not make up the text are left out, so that no mark can stand in a wrong place.
    """
    ranges: list[tuple[int, int, str, int, int]] = []
    at = 0
    if "".join(span[0] for span in spans).strip() == text:
        at = -(len(spans[0][0]) - len(spans[0][0].lstrip())) if spans else 0
        for number, (own, look, pair) in enumerate(spans):
            core = _CORE.fullmatch(own)
            if look and core and core.group(1):
                ranges.append((at + core.start(1), at + core.end(1), look, pair, number))
            at += len(own)
    cuts = sorted({0, len(text), *breaths, *(edge for found in ranges for edge in found[:2])})
    stretches = []
    here = 0  # the first range that does not end before the stretch: both lists rise
    for start, end in pairwise(cuts):
        while here < len(ranges) and ranges[here][1] <= start:
            here += 1
        look, pair, number = ("", 0, 0)
        if here < len(ranges) and ranges[here][0] <= start:
            look, pair, number = ranges[here][2:]
        breath = breaths.get(end, "")
        part = text[start:end].replace("\n", " ")
        stretches.append(Stretch(part.rstrip() if breath else part, look, pair, breath, number))
    return stretches
