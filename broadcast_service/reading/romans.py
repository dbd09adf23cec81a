"""Roman numerals, only after a word that announces one: lần thứ XIII, thế kỷ XXI, quý III/2024."""

import re

from .cardinals import cardinal
from .patterns import pattern
from .rules import Line, Said, trigger, vietnamese

_ROMAN = pattern(
    r"(?=[IVXLCDM])(M{0,3})(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]|-[a-zß-öø-ɏḀ-ỿ])"
)
# Small numerals that are no syllable; "vi", "xi", "mi", "di" and lone letters stay words.
_SMALL = pattern(r"(?:x{1,3}(?:i{2,3}|iv|vi{0,3}|ix)|x{2,3}i?|vi{2,3}|iv|ix|i{2,3})(?!\w)")
_GROUPED = pattern(r"(I{1,3}|IV)([A-C])(?!\w)")
"""Protected kinds: "nhóm IIB"."""
_WORDS = frozenset({"MIX", "CD", "DC", "MC", "MD", "DI", "CI", "CV", "CC", "MM", "DM", "CM", "LI", "MI", "DV", "MV"})
_NAMED = vietnamese(r"(?<!\w)[A-ZĐÀ-Ỹ][a-zà-ỹ]{2,15} $")
_YEAR = re.compile(r"\s?[/-]\s?((?:19|20)\d{2})(?!\d)")
_SECTION = re.compile(r"(?:\.\d{1,2}){1,3}(?![\d/]|[.,]\d)")
_DASH = re.compile(r"\s{0,2}[-–—]\s{0,2}|\s(?:đến|và)\s|,\s")
_RANK = re.compile(r"(?<!\w)bậc $")
_OF_RANKS = pattern(r"/([IVX]{1,4})(?!\w)")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ORDINAL = trigger("romans.ordinal")
_TRIGGER = trigger("romans.trigger")
_MEDAL = trigger("romans.medal")
_LETTER_ONLY = trigger("romans.letter_only")


def roman_value(written: str) -> int:
    """The value of a well-formed Roman numeral below 4000."""
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
    if line.text[at].islower():
        return _read_small(line, at)
    before = line.before(at)
    grouped = _GROUPED.match(line.text, at)
    if grouped and before.endswith("nhóm "):
        number = cardinal(roman_value(grouped.group(1)), line.region)
        return Said(grouped.end(), f"{number} {grouped.group(2)}", "roman")
    found = _ROMAN.match(line.text, at)
    if found is None or not found.group():
        return None
    written = found.group()
    if written in _WORDS or (len(written) == 1 and written not in "IVX"):
        return None
    if not _TRIGGER(before):
        return _read_reign(line, at, found)
    if written in ("X", "V") and _LETTER_ONLY(before):
        return None
    words = _say(roman_value(written), before, line)
    end = found.end()
    dash = _DASH.match(line.text, end)
    if dash and dash.group().strip() in ("-", "–", "—"):
        other = _ROMAN.match(line.text, dash.end())
        if other and other.group() and roman_value(other.group()) > roman_value(written):
            words, end = f"{words} đến {cardinal(roman_value(other.group()), line.region)}", other.end()
    rank = _OF_RANKS.match(line.text, end) if _RANK.search(before) else None
    if rank:
        words, end = f"{words} trên {cardinal(roman_value(rank.group(1)), line.region)}", rank.end()
    section = _SECTION.match(line.text, end)
    if section:
        parts = (cardinal(int(part), line.region) for part in section.group()[1:].split("."))
        words, end = " chấm ".join([words, *parts]), section.end()
    year = _YEAR.match(line.text, end)
    if year:
        words, end = f"{words} năm {cardinal(int(year.group(1)), line.region)}", year.end()
    return Said(end, words, "roman")


def _read_small(line: Line, at: int) -> Said | None:
    """A numeral in small letters that can be no word, after a trigger: "thế kỷ xix", "phần ix"."""
    found = _SMALL.match(line.text, at)
    if found is None or not (_TRIGGER(line.before(at)) or line.before(at).endswith("trang ")):
        return None
    return Said(found.end(), _say(roman_value(found.group().upper()), line.before(at), line), "roman")


def _read_reign(line: Line, at: int, found: re.Match[str]) -> Said | None:
    """The number of a king, a pope or a work after its name: "Edward II", "Benedict XVI"; II, III, VII … anywhere."""
    value = roman_value(found.group())
    if len(found.group()) == 1 or value > 39:
        return None
    plain = "II" in found.group() and line.text[max(0, at - 1) : at] in (" ", "/", "(")
    if not plain and not _NAMED.search(line.text[max(0, at - 18) : at]):
        return None
    return Said(found.end(), cardinal(value, line.region), "roman")
