"""The lectern sheet: written and spoken text side by side, marked where they differ, with marks to breathe at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .timing import PARAGRAPH_PAUSE_MS, estimate_ms
from .units import Milliseconds

LOOKS = {
    "number": "num",
    "date": "date",
    "abbreviation": "abbr",
    "code": "code",
}
"""Kind of a span → how it is drawn; kinds not named here are drawn as numbers."""


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


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One paragraph of the sheet."""

    number: int
    """From 1."""
    starts_ms: Milliseconds
    """When it begins, from the first paragraph on."""
    written: list[Stretch]
    spoken: list[Stretch]


def lay_out(
    written: Sequence[str],
    spoken: Sequence[str],
    spans: Sequence[Sequence[Any]],
    *,
    starts_ms: Sequence[Milliseconds],
) -> list[Paragraph]:
    """Pair the paragraphs. spans: for each paragraph [written, spoken, kind, certain] as a revision keeps them."""
    sheet = []
    pair = 0
    for place, (text, said) in enumerate(zip(written, spoken, strict=False)):
        marked: list[tuple[str, str, str, int]] = []
        for span in spans[place] if place < len(spans) else []:
            look = _look(*span)
            pair += bool(look)
            marked.append((span[0], span[1], look, pair if look else 0))
        sheet.append(
            Paragraph(
                number=place + 1,
                starts_ms=starts_ms[place] if place < len(starts_ms) else Milliseconds(0),
                written=_written(text, marked),
                spoken=_spoken(said, marked),
            )
        )
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


def _look(written: str, spoken: str, kind: str, certain: bool) -> str:
    """How a span is drawn; nothing for what is said as it is written."""
    if not certain:
        return "ask"
    if kind == "plain" or " ".join(written.split()) == " ".join(spoken.split()):
        return ""
    return LOOKS.get(kind, "num")


def _written(text: str, marked: Sequence[tuple[str, str, str, int]]) -> list[Stretch]:
    """The spans as they stand; the bare text when they do not make it up."""
    if "".join(span[0] for span in marked) != text:
        return [Stretch(text)]
    stretches: list[Stretch] = []
    for written, _, look, pair in marked:
        if look:
            core = written.strip()
            head, tail = written.split(core, 1) if core else (written, "")
            _add_plain(stretches, head)
            if core:
                stretches.append(Stretch(core, look, pair))
            _add_plain(stretches, tail)
        else:
            _add_plain(stretches, written)
    return stretches


def _spoken(text: str, marked: Sequence[tuple[str, str, str, int]]) -> list[Stretch]:
    """The spoken text exactly as it will be said, marked wherever a span's words are found in their order."""
    stretches: list[Stretch] = []
    end = 0
    for _, spoken, look, pair in marked:
        said = r"\s+".join(re.escape(word) for word in spoken.split())
        if not look or not said:
            continue
        found = re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE).search(text, end)
        if found is None:
            continue
        _breathe(stretches, text[end : found.start()])
        stretches.append(Stretch(" ".join(found.group().split()), look, pair))
        end = found.end()
    _breathe(stretches, text[end:])
    return stretches


_PAUSES = re.compile(r"[,:–—](?=\s)|;(?=\s)|[.?!…]*[”\")]?\n+")


def _breathe(stretches: list[Stretch], text: str) -> None:
    """Add plain text, cut after every sign at which a reader breathes: / after a comma, // after a sentence."""
    end = 0
    for found in _PAUSES.finditer(text):
        breath = "/" if found.group() in {",", ":", "–", "—"} else "//"
        stretches.append(Stretch(text[end : found.end()].replace("\n", " ").rstrip(), breath=breath))
        end = found.end()
    _add_plain(stretches, text[end:].replace("\n", " "))


def _add_plain(stretches: list[Stretch], text: str) -> None:
    if not text:
        return
    if stretches and not stretches[-1].look and not stretches[-1].breath:
        stretches[-1] = Stretch(stretches[-1].text + text)
    else:
        stretches.append(Stretch(text))
