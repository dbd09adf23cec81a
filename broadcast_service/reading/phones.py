"""Telephone numbers, short service numbers, plates: digit by digit in groups."""

import re

from .cardinals import spell_digits
from .patterns import pattern
from .rules import Line, Said, trigger

_INTERNATIONAL = pattern(
    r"(?:\(?(\+|00)\(?84\)?\)?|\(84\)?(?=[ .-]\d)|84(?=[.-]\d{2,3}[.-]\d{3,8}))"
    r"(?:[ .-]?\(?0\)?)?((?:[ .-]?\d{1,4}\)?){2,5})(?!\d)"
)
_NATIONAL = re.compile(
    r"\(0\d{2,3}\)\d{6,8}(?!\d)|\(?0\d{1,4}\)?(?:[ .–-]{1,3}\d{1,8}){1,4}(?![\d]|[.,]\d|/\d)|0\d{9,10}(?!\d|[.,]\d)"
)
_TOLL = re.compile(r"1[89]00(?:[ .-]?\d{2,4}){1,3}(?!\d|[.,]\d)")
_WITHOUT_PLUS = pattern(r"84([35789]\d{8})(?!\w|[.,]\d|\s?(?:đ|VN|USD))")
_CALLED = trigger("phones.called")
_LOCAL = re.compile(r"\d{2,4}(?:[ .-]\d{2,4}){1,3}(?!\d|[.,]\d)|\d{6,8}(?!\d)")
_DOTTED = pattern(r"\d\.\d{3}\.(?!000)\d{3}(?!\d|[.,]\d|\s?(?:đ|VN|USD|triệu))")
_JUST_CALLED = pattern(r"(?<!\w)(?:điện thoại|sđt|đt|tel|fax)[ :.]*$")
_LEADING_ZERO = pattern(r"0\d{2,3}\.\d{3,4}(?!\d|[.,]\d)")
_CASE = pattern(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}(?:\.\d{2,4})?-\d{6}-\d{4,5}(?!\d)")
_MASKED = re.compile(
    r"\(?0\d{1,4}\)?(?:[ .-]?\d{1,4}){0,2}(?:[ .-]?(?:[xX]{2,8}|\*{2,8})){1,3}(?:[ .-]?\d{1,4}){0,2}(?![\w*])"
)
_PLATE = pattern(r"(\d{2})[ -]?([A-ZĐ]{1,2})(\d)?(?:\s?[-–.]\s?|\s)(\d{3}\.?\d{2}|\d{4})(?!\d)")
_LICENCE = pattern(r"(\d{2})([A-ZĐ]{1,2})(\d{0,1})(\d{3}\.\d{2})(?!\d)")
_VESSEL = pattern(r"([A-ZĐ][A-ZĐa-z]{0,2})[ -]?(\d{4,5})[ -]?TS(?!\w)")
_PLATE_LETTERS = {
    "A": "a",
    "B": "bê",
    "C": "xê",
    "D": "dê",
    "Đ": "đê",
    "E": "e",
    "F": "ép",
    "G": "giê",
    "H": "hát",
    "K": "ca",
    "L": "e-lờ",
    "M": "em-mờ",
    "N": "en-nờ",
    "P": "pê",
    "Q": "quy",
    "R": "e-rờ",
    "S": "ét",
    "T": "tê",
    "U": "u",
    "V": "vê",
    "X": "ích-xì",
    "Y": "i dài",
    "Z": "dét",
    "I": "i",
    "J": "gi",
    "O": "o",
    "W": "vê kép",
}


def _grouped(written: str) -> str:
    groups = " ".join(_split_long(group) if len(group) > 4 else group for group in re.findall(r"\d+", written))
    return ", ".join(map(spell_digits, groups.split(" ")))


def _split_long(digits: str) -> str:
    """Ten or eleven digits without a gap, in the groups people say: 4-3-3, or 4-3-4."""
    if len(digits) <= 4:
        return digits
    if len(digits) in (6, 9):
        return " ".join(digits[start : start + 3] for start in range(0, len(digits), 3))
    if len(digits) < 9:
        return f"{digits[:4]} {digits[4:]}" if len(digits) > 6 else digits
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


def read_phone(line: Line, at: int) -> Said | None:
    """A telephone number: national, international, 1900 and 1800, or local after a word such as "điện thoại"."""
    text = line.text
    found = _INTERNATIONAL.match(text, at)
    if found:
        digits = re.sub(r"\D", "", found.group(2))
        if not 8 <= len(digits) <= 11:
            return None
        rest = found.group(2) if re.search(r"\d\D+\d", found.group(2)) else _split_long(digits)
        prefix = {"+": "cộng ", "00": "không không "}.get(found.group(1), "")
        return Said(found.end(), f"{prefix}tám bốn, {_grouped(rest)}", "phone")
    if text[at] == "0" or text[at] == "(":
        found = _MASKED.match(text, at)
        if found:
            groups = re.findall(r"\d+|[xX*]+", found.group())
            hidden = _PLATE_LETTERS["X"]
            words = (spell_digits(group) if group.isdigit() else " ".join([hidden] * len(group)) for group in groups)
            return Said(found.end(), ", ".join(words), "phone")
        found = _NATIONAL.match(text, at)
        if found:
            digits = re.sub(r"\D", "", found.group())
            if 9 <= len(digits) <= 12 or (
                len(digits) >= 7 and (_CALLED(line.before(at)) or _LEADING_ZERO.match(text, at))
            ):
                plain = found.group().isdigit()
                return Said(found.end(), _grouped(_split_long(digits) if plain else found.group()), "phone")
        return None
    found = _WITHOUT_PLUS.match(text, at) if text[at] == "8" and _CALLED(line.before(at)) else None
    if found:
        return Said(found.end(), f"tám bốn, {_grouped(_split_long(found.group(1)))}", "phone")
    found = _TOLL.match(text, at) if text[at] == "1" else None
    if found and 7 <= len(re.sub(r"\D", "", found.group())) <= 10:
        written = found.group()
        if written.isdigit() and not _CALLED(line.before(at)):
            return None
        if written.isdigit():
            written = f"{written[:4]} {written[4:]}"
        return Said(found.end(), _grouped(written), "phone")
    if (found := _DOTTED.match(text, at)) and _JUST_CALLED.search(line.before(at)):
        return Said(found.end(), _grouped(found.group()), "phone")
    if _CALLED(line.before(at)):
        found = _LOCAL.match(text, at)
        if found and 5 <= len(re.sub(r"\D", "", found.group())) <= 9:
            written = found.group()
            return Said(found.end(), _grouped(_split_long(written) if written.isdigit() else written), "phone")
    return None


def read_plate(line: Line, at: int) -> Said | None:
    """A vehicle's plate, "79A-123.45", "79C1 - 1234"; the number of a case, "000.00.16.H32-250101-0001"."""
    case = _CASE.match(line.text, at)
    if case:
        parts = re.findall(r"\d+|[A-Z]", case.group())
        said = " ".join(_PLATE_LETTERS.get(part) or spell_digits(part) + "," for part in parts)
        return Said(case.end(), said.rstrip(","), "letters")
    found = _PLATE.match(line.text, at) or _LICENCE.match(line.text, at)
    if found is None:
        return None
    province, letters, series, number = found.groups()
    words = [spell_digits(province), *(_PLATE_LETTERS[letter] for letter in letters)]
    if series:
        words.append(spell_digits(series))
    return Said(found.end(), f"{' '.join(words)}, {spell_digits(number.replace('.', ''))}", "letters")


def read_vessel(line: Line, at: int) -> Said | None:
    """A fishing vessel by its province, number and TS: "KH 96123 TS"."""
    found = _VESSEL.match(line.text, at)
    if found is None:
        return None
    letters = " ".join(_PLATE_LETTERS[letter] for letter in found.group(1).upper())
    return Said(found.end(), f"{letters} {spell_digits(found.group(2))} tê ét", "letters")
