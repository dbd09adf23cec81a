"""Letters by their names, and codes of letters and digits: QL1A, H5N1, 5C, PM2.5."""

import re
import unicodedata

from .cardinals import cardinal, say_number, spell_digits
from .patterns import pattern
from .romans import roman_value
from .rules import Line, Said, trigger
from .tables import pairs

_ROAD = pattern(r"(QL|TL|ĐT|HL|ĐH|DT|CT)\s?[.\-–]?\s?(\d{1,4})([A-ZĐ])?(?![\w]|,\d|[.\- ]\d{3})")
_ROADS = {
    "QL": "quốc lộ",
    "TL": "tỉnh lộ",
    "ĐT": "đường tỉnh",
    "DT": "đường tỉnh",
    "HL": "hương lộ",
    "ĐH": "đường huyện",
    "CT": "cao tốc",
}
_MIXED = pattern(
    r"(?=[A-Za-zĐđ]{0,6}\d|[A-ZĐ]{1,6}[-–]\d)[A-Za-zĐđ]{1,6}[-–]?\d{1,6}"
    r"(?:[.,]\d{1,4}){0,3}(?:[A-Za-zĐđ]{0,3}\d{0,4}){0,3}(?:-0\d{1,2})?(?!\w)"
)
_DOTTED = pattern(r"([A-ZĐ]{1,2})((?:\.\d{1,3}){1,4})(?!\w)")
_PLUS = pattern(r"([A-ZĐ]{1,3}|[A-Z][a-z])(\+{1,2}|#)(?![\w+#])")
_PETROL = pattern(r"RON\s?(\d{2})[- ]([IV]{1,3})(?!\w)")
_SIZED = pattern(r"([A-ZĐ])(?=\d{1,4}(?:[.,]\d)?(?:mm|cm|kV|kVA|kg)(?!\w))")
_ENGLISH_ORDINAL = re.compile(r"(\d{1,4})(st|nd|rd|th)(?!\w)")
_LASTING = pattern(r"(?:bảo hành|trả góp|kỳ hạn|thời hạn|vay|gói)[ :]+$")
_KILOMETRE = pattern(r"(?:Km|KM|km)\s?(?=\d{1,4}(?!\w))")
_QUARTER = pattern(r"Q\.?\s?(?:([1-4])|(IV|I{1,3}))\s?/((?:19|20)\d{2})(?!\d)")
_AFTER_DIGITS = re.compile(r"(\d{1,4})([A-ZĐ]{1,3}\d{0,2}|in1|[a-eđ])(?!\w)")
_TRIP = re.compile(r"(\d{1,2})N(\d{1,2})Đ(?!\w)")
_MONTHS = re.compile(r"(\d{1,2})T/((?:19|20)\d{2})(?!\d)")
_DAYS = pattern(r"(T[2-7])(?:\s?[-–]\s?(T[2-7]|CN))?(?!\w)")
_MONTH = pattern(r"T\.?(\d{1,2})/((?:19|20)\d{2})(?!\d)")
_DAY_FOLLOWS = pattern(
    r"(?:\s?[,;]\s?|\svà\s)(?:T[2-7]|CN)(?!\w)|,? ?\(?\d{1,2}/\d{1,2}(?![\d%])"
    r"|\s?[-–]\s?(?:T[2-7]|CN)(?!\w)|\s(?:này|tới|tuần|hàng tuần|hằng tuần|vừa rồi|vừa qua|và CN)(?!\w)"
)
_ONE_MORE_DAY = pattern(r"\s?[-–]\s?(?:T[2-7]|CN)(?!\w)")
_DAY_BEFORE = pattern(r"(?<!\w)t[2-7]\s?[-–]\s?$")
_WEEK = trigger("letters.week")
_DAY_NAMES = {
    "T2": "thứ hai",
    "T3": "thứ ba",
    "T4": "thứ tư",
    "T5": "thứ năm",
    "T6": "thứ sáu",
    "T7": "thứ bảy",
    "CN": "chủ nhật",
}
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_PART = re.compile(r"\d+(?:[.,]\d+){0,3}|[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]")


def letter_name(letter: str) -> str:
    """The name of one letter in Vietnamese; a letter with other marks is named by its base; "" if it has none."""
    names = pairs("letters")
    letter = letter.lower()
    if letter in names:
        return names[letter]
    base = unicodedata.normalize("NFD", letter)[:1]
    return names.get(base, "")


def is_letter(letter: str) -> bool:
    """Is this one letter, in any case and with any tone, of the Vietnamese or the Latin alphabet?"""
    marked = unicodedata.normalize("NFD", letter.lower())
    return unicodedata.normalize("NFC", marked.translate(_TONES)) in pairs("letters")


def spell(token: str, line: Line) -> str:
    """Letters by name, digits as numbers up to two places and one by one beyond."""
    words: list[str] = []
    for part in _PART.findall(token):
        if not part[0].isdigit():
            words.append(letter_name(part))
        elif part.isdigit() and (len(part) > 2 or part[0] == "0") and not (len(part) == 3 and part[1:] == "00"):
            words.append(spell_digits(part))
        else:
            words.append(say_number(part, line.region))
    return " ".join(word for word in words if word)


def read_road(line: Line, at: int) -> Said | None:
    """A road by its number: "QL26", "QL.1A", "ĐT651"; the letter after it stays a letter."""
    found = _ROAD.match(line.text, at)
    if found is None or (found.group(1) == "CT" and (len(found.group(2)) > 2 or " " in found.group())):
        return None
    kind, number, letter = found.groups()
    before = line.before(at)
    if kind == "ĐT" and before.endswith(("lúa ", "giống ", "giống lúa ")):
        return None
    road = "" if before.endswith(_ROADS[kind] + " ") else f"{_ROADS[kind]} "
    if before.endswith("đường "):
        road = road.removeprefix("đường ")
    digits = spell_digits(number) if number[0] == "0" else cardinal(int(number), line.region)
    return Said(found.end(), f"{road}{digits}{' ' + letter if letter else ''}", "abbreviation")


def read_petrol(line: Line, at: int) -> Said | None:
    """A petrol with its grade, "RON95-III"."""
    found = _PETROL.match(line.text, at)
    if found is None:
        return None
    octane, grade = cardinal(int(found.group(1)), line.region), cardinal(roman_value(found.group(2)), line.region)
    return Said(found.end(), f"rôn {octane} - {grade}", "letters")


def read_weekdays(line: Line, at: int) -> Said | None:
    """Days of the week: "T2 - T6", "T7, CN"; months, "T6/2023"; quarters, "Q3/2026", "Q.IV/2026"."""
    found = _MONTH.match(line.text, at)
    if found and 1 <= int(found.group(1)) <= 12:
        month = "tư" if int(found.group(1)) == 4 else cardinal(int(found.group(1)), line.region)
        return Said(found.end(), f"tháng {month} năm {cardinal(int(found.group(2)), line.region)}", "date")
    found = _QUARTER.match(line.text, at)
    if found:
        quarter = int(found.group(1)) if found.group(1) else roman_value(found.group(2))
        year = cardinal(int(found.group(3)), line.region)
        return Said(found.end(), f"quý {cardinal(quarter, line.region)} năm {year}", "date")
    found = _DAYS.match(line.text, at)
    if found is None or not (found.group(2) or _WEEK(line.before(at)) or _DAY_FOLLOWS.match(line.text, found.end())):
        return None
    words = _DAY_NAMES[found.group(1)]
    if found.group(2) and (
        _ONE_MORE_DAY.match(line.text, found.end()) or _DAY_BEFORE.search(line.before(at))
    ):  # "T3-T5-T7": one after another
        return Said(found.end(1), words, "date")
    return Said(found.end(), f"{words} đến {_DAY_NAMES[found.group(2)]}" if found.group(2) else words, "date")


def read_code(line: Line, at: int) -> Said | None:
    """A code that begins with letters and has digits in it."""
    found = _KILOMETRE.match(line.text, at)
    if found:
        return Said(found.end(), "ki-lô-mét", "unit")
    found = _SIZED.match(line.text, at)
    if found:
        return Said(found.end(), spell(found.group(), line), "letters")
    found = _PLUS.match(line.text, at)
    if found:
        sign = "thăng" if found.group(2) == "#" else " ".join(["cộng"] * len(found.group(2)))
        return Said(found.end(), f"{spell(found.group(1), line)} {sign}", "letters")
    found = _DOTTED.match(line.text, at)
    if found:
        parts = [say_number(part, line.region) for part in found.group(2)[1:].split(".")]
        joint = " " if found.group(1) == "U" else " chấm "
        return Said(found.end(), joint.join([spell(found.group(1), line), *parts]), "letters")
    found = _MIXED.match(line.text, at)
    if found is None or not any(ch.isdigit() for ch in found.group()):
        return None
    spoken = pairs("codes").get(found.group())
    return Said(found.end(), spoken or spell(found.group(), line), "letters")


def read_digits_and_letter(line: Line, at: int) -> Said | None:
    """A number with letters after it: "lớp 5C", "5G", "5in1", "9T/2026", "3N2Đ"; one letter stays a letter."""
    found = _TRIP.match(line.text, at)
    if found:
        days, nights = (cardinal(int(part), line.region) for part in found.groups())
        return Said(found.end(), f"{days} ngày {nights} đêm", "time")
    found = _MONTHS.match(line.text, at)
    if found:
        months, year = (cardinal(int(part), line.region) for part in found.groups())
        return Said(found.end(), f"{months} tháng năm {year}", "date")
    found = _ENGLISH_ORDINAL.match(line.text, at)
    if found and found.group(2) == _english_ending(int(found.group(1))) and not _LASTING.search(line.before(at)):
        value, named = int(found.group(1)), line.before(at).endswith("thứ ")
        words = {1: "nhất", 4: "tư"}.get(value) or cardinal(value, line.region)
        return Said(found.end(), words if named else f"thứ {words}", "ordinal")
    found = _AFTER_DIGITS.match(line.text, at)
    if found is None:
        return None
    ready = pairs("codes").get(found.group())
    if ready:
        return Said(found.end(), ready, "letters")
    number = say_number(found.group(1), line.region)
    letters = found.group(2)
    return Said(found.end(), f"{number} {letters if len(letters) == 1 else spell(letters, line)}", "letters")


def _english_ending(value: int) -> str:
    if value % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
