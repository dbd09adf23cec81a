"""Roman numerals, only after a word that announces one: lần thứ XIII, thế kỷ XXI, quý III/2024."""

import re

from .cardinals import cardinal
from .rules import Line, Said, trigger

_ROMAN = re.compile(r"(?=[IVXLC])(C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]|-[a-zß-öø-ɏḀ-ỿ])")
_YEAR = re.compile(r"\s?[/-]\s?((?:19|20)\d{2})(?!\d)")
_SECTION = re.compile(r"(?:\.\d{1,2}){1,3}(?![\d/]|[.,]\d)")
_DASH = re.compile(r"\s{0,2}[-–—]\s{0,2}|\s(?:đến|và)\s|,\s")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ORDINAL = trigger("romans.ordinal")
_TRIGGER = trigger("romans.trigger")
_MEDAL = trigger("romans.medal")
_LETTER_ONLY = trigger("romans.letter_only")


def roman_value(written: str) -> int:
    """The value of a well-formed Roman numeral below 400."""
    total = 0
    for here, following in zip(written, [*written[1:], ""], strict=True):
        value = _VALUES[here]
        total += -value if following and _VALUES[following] > value else value
    return total


def _say(value: int, before: str, line: Line) -> str:
    if _ORDINAL(before) and value in (1, 4):
        return "nhất" if value == 1 else "tư"
    if _MEDAL(before) and value in (1, 2):
        return "nhất" if value == 1 else "nhì"
    return cardinal(value, line.region)


def read_roman(line: Line, at: int) -> Said | None:
    """A Roman numeral after a trigger, or a span of two; single C, L, D, M and words such as MIX are left alone."""
    found = _ROMAN.match(line.text, at)
    if found is None or not found.group():
        return None
    before = line.before(at)
    written = found.group()
    if not _TRIGGER(before) or (written in ("C", "L") or (len(written) == 1 and written not in "IVX")):
        return None
    if written in ("X", "V") and _LETTER_ONLY(before):
        return None
    words = _say(roman_value(written), before, line)
    end = found.end()
    dash = _DASH.match(line.text, end)
    if dash and dash.group().strip() in ("-", "–", "—"):
        other = _ROMAN.match(line.text, dash.end())
        if other and other.group() and roman_value(other.group()) > roman_value(written):
            words, end = f"{words} đến {cardinal(roman_value(other.group()), line.region)}", other.end()
    section = _SECTION.match(line.text, end)
    if section:
        parts = (cardinal(int(part), line.region) for part in section.group()[1:].split("."))
        words, end = " chấm ".join([words, *parts]), section.end()
    year = _YEAR.match(line.text, end)
    if year:
        words, end = f"{words} năm {cardinal(int(year.group(1)), line.region)}", year.end()
    return Said(end, words, "roman")
