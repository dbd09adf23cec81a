"""Numbers in words: integers, decimals, digit by digit, and the ordinals that have their own word."""

import re
from functools import lru_cache

from .patterns import pattern
from .regions import Region
from .rules import Line, Said, trigger

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_LONGEST = 18

# A number as people write it: 1.250.000,5 · 1,250,000.5 · 12,5 · 8.5 · 2021. Bounded, so that no input is walked twice.
NUMBER = (
    r"(?:\d{1,3}(?:\.\d{3}){1,6}(?:,\d{1,9})?(?![\d])|\d{1,3}(?:,\d{3}){2,6}(?:\.\d{1,9})?(?!\d)"
    r"|\d{1,3}(?:,\d{3}){1,6}\.\d{1,9}(?!\d)|\d{1,18}(?:[.,]\d{1,9})?(?!\d))"
)
_DOTTED = pattern(r"(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?$")
_ENGLISH = pattern(r"(\d{1,3}(?:,\d{3})+)\.(\d+)$|(\d{1,3}(?:,\d{3}){2,})$")
_DECIMAL = pattern(r"(\d+)([.,])(\d+)$")


def spell_digits(digits: str) -> str:
    """Digit by digit: "0258" → "không hai năm tám"."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def _below_thousand(value: int, region: Region, *, full: bool) -> str:
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    words: list[str] = []
    if hundreds or full:
        words += [DIGITS[hundreds], "trăm"]
    if tens == 0:
        if ones and words:
            words += [region.zero_ten, region.four_after_zero if ones == 4 else DIGITS[ones]]
        elif ones:
            words.append(DIGITS[ones])
        return " ".join(words)
    if tens == 1:
        words.append("mười")
    else:
        words += [DIGITS[tens], "mươi"]
    if ones == 5:
        words.append("lăm")
    elif ones == 1 and tens > 1:
        words.append("mốt")
    elif ones == 4 and tens > 1:
        words.append(region.four_after_ten)
    elif ones:
        words.append(DIGITS[ones])
    return " ".join(words)


@lru_cache(maxsize=4_000)
def cardinal(value: int, region: Region) -> str:
    """A whole number, zero or greater, in words; above 10^18 it is said in groups of "tỷ"."""
    if value == 0:
        return "không"
    if value < 1_000:
        return _below_thousand(value, region, full=False)
    if value >= 1_000_000_000:
        high, low = divmod(value, 1_000_000_000)
        words = f"{cardinal(high, region)} tỷ"
        return f"{words} {_padded(low, region)}" if low else words
    return _groups(value, region, full=False)


def _padded(value: int, region: Region) -> str:
    return _groups(value, region, full=True)


def _groups(value: int, region: Region, *, full: bool) -> str:
    words: list[str] = []
    for scale, name in ((1_000_000, "triệu"), (1_000, region.thousand), (1, "")):
        group, value = divmod(value, scale)
        if group:
            words.append(_below_thousand(group, region, full=full or bool(words)))
            if name:
                words.append(name)
        if group and not full:
            full = True
    return " ".join(words)


def fraction_digits(digits: str, region: Region) -> str:
    """The digits after the decimal mark: two without a leading zero as a number, else one by one."""
    if len(digits) == 2 and digits[0] != "0":
        return cardinal(int(digits), region)
    return spell_digits(digits)


def say_number(written: str, region: Region) -> str:
    """A number as `NUMBER` finds it, in words: dotted or comma groups, decimals, leading zeros dropped."""
    if written.isdigit():
        return cardinal(int(written), region) if len(written) <= _LONGEST else spell_digits(written)
    found = _DOTTED.match(written)
    if found and written[0] != "0":
        whole, decimals = found.groups()
        words = cardinal(int(whole.replace(".", "")), region)
        return f"{words} phẩy {fraction_digits(decimals, region)}" if decimals else words
    found = _ENGLISH.match(written)
    if found:
        whole = (found.group(1) or found.group(3)).replace(",", "")
        words = cardinal(int(whole), region)
        return f"{words} phẩy {fraction_digits(found.group(2), region)}" if found.group(2) else words
    found = _DECIMAL.match(written)
    if found:
        whole, mark, decimals = found.groups()
        word = "phẩy" if mark == "," else "chấm"
        return f"{say_number(whole, region)} {word} {fraction_digits(decimals, region)}"
    return " chấm ".join(say_number(part, region) for part in re.split(r"[.,]", written) if part)


def say_measured(written: str, region: Region) -> str:
    """A number before a unit, a share or a sum, where a dot that is no thousands mark is a decimal one."""
    return say_number(written, region).replace(" chấm ", " phẩy ")


_ONE_BY_ONE = trigger("cardinals.one_by_one")
_SERVICE = trigger("cardinals.service")
_SERVICE_LIST = pattern(r"(?<!\w)(?:gọi|tổng đài|hotline|điện thoại|số)[^.;]{0,25}\b1\d{2}(?:, | và | hoặc |; | - )$")
_PROGRAMME = trigger("cardinals.programme")
_FINENESS = trigger("cardinals.fineness")
_KEEPS_ZERO = trigger("cardinals.keeps_zero")
_ORDINAL = trigger("cardinals.ordinal")
_FIRST = trigger("cardinals.first")
_DAY = trigger("cardinals.day")
_NOT_DAY = trigger("cardinals.not_day")
_DAY_GOES_ON = re.compile(r"\s*(?:tháng|h[àằ]ng tháng|mỗi tháng|này|âm lịch|đến|tới|và|[-–,.;:)]|$)")
_LISTED = re.compile(r"(?<!\w)ngày (?:\d{1,2}(?:,| và|, và) ?){1,8}$")
_MONTH_COMES = pattern(r"(?:(?:,| và|, và) ?\d{1,2}){0,8}(?: tháng|/\d)")
_MONTH = trigger("cardinals.month")
_LUNAR = pattern(r"\s*\(?âm lịch|\s*ÂL\b")
_PART_OF = re.compile(r"(?:\d|một|hai|ba|năm) phần $")
_INTEGER = re.compile(r"\d+")
_NUMBER = re.compile(NUMBER)
_SPACED = pattern(r"\d{1,3}(?:[   ]\d{3}){1,5}(?![\d.,]\d|\d)")
_ACCOUNT = pattern(r"\d{2,6}(?:[ .-]\d{2,6}){1,6}(?!\d)")
_TAX = pattern(r"(\d{10})-(\d{3})(?![\d.,-])")
_VERSION = pattern(r"\d{1,4}(?:\.\d{1,4}){2,8}(?![\d])")
_THOUSANDS = pattern(r"\d{1,3}(?:\.\d{3}){2,8}(?:,\d{1,9})?(?!\d)")
_MEASURED = pattern(r"\s?(?:đ(?:ồng)?|vnđ|người|hộ|con|cây|tấn|m2|m²|ha|km|USD)(?!\w)", re.IGNORECASE)


def read_spaced(line: Line, at: int) -> Said | None:
    """Thousands parted by blanks, "1 250 000"; the groups of an account's or a tax number digit by digit."""
    found = _TAX.match(line.text, at) if line.text[at + 10 : at + 11] == "-" else None
    if found:
        return Said(found.end(), f"{spell_digits(found.group(1))}, {spell_digits(found.group(2))}", "letters")
    found = _ACCOUNT.match(line.text, at)
    if found and _ONE_BY_ONE(line.before(at).rstrip(" :")):
        return Said(found.end(), ", ".join(map(spell_digits, re.findall(r"\d+", found.group()))), "letters")
    found = _SPACED.match(line.text, at)
    if found is None or found.group()[0] == "0":
        return None
    written = found.group()
    groups = re.split(r"[   ]", written)
    if len(groups) == 2 and groups[1] != "000" and not _MEASURED.match(line.text, found.end()):
        return None
    return Said(found.end(), cardinal(int("".join(groups)), line.region), "cardinal")


def read_version(line: Line, at: int) -> Said | None:
    """Section, version and address numbers of three parts and more: "5.4.2", "192.168.1.1"."""
    found = _VERSION.match(line.text, at)
    if found is None or _THOUSANDS.match(line.text, at):
        return None
    words = " chấm ".join(say_number(part, line.region) for part in found.group().split("."))
    return Said(found.end(), words, "decimal")


def read_coded(line: Line, at: int) -> Said | None:
    """Integers that a trigger before them makes digits, ordinals, days or months."""
    found = _INTEGER.match(line.text, at)
    if found is None:
        return None
    digits, end = found.group(), found.end()
    if line.text[end : end + 2].strip(" ")[:1] in (",", ".") and line.text[end + 1 : end + 2].isdigit():
        return None
    before = line.before(at)
    value = int(digits) if len(digits) <= _LONGEST else -1
    named = before.rstrip(" :")
    if len(digits) >= 3 and (_ONE_BY_ONE(named) or (len(digits) <= 6 and _SERVICE(named))):
        return Said(end, spell_digits(digits), "phone" if _SERVICE(named) else "letters")
    if len(digits) == 3 and digits[0] == "1" and _SERVICE_LIST.search(before):
        return Said(end, spell_digits(digits), "phone")
    if len(digits) in (3, 4) and _PROGRAMME(before):
        return Said(end, spell_digits(digits), "letters")
    if len(digits) > 1 and digits[0] == "0" and _KEEPS_ZERO(before):
        return Said(end, spell_digits(digits), "cardinal")
    if set(digits) == {"9"} and len(digits) in (3, 4) and _FINENESS(before):
        return Said(end, spell_digits(digits), "letters")
    if value == 4 and _PART_OF.search(before):
        return Said(end, "tư", "fraction")
    if _ORDINAL(before) and value in (1, 4):
        return Said(end, "nhất" if value == 1 else "tư", "ordinal")
    if value == 1 and _FIRST(before):
        return Said(end, "nhất", "ordinal")
    if _MONTH(before) and value in (1, 4, 12):
        if value != 4 and not _LUNAR.match(line.text, end):
            return None
        return Said(end, {1: "giêng", 4: "tư", 12: "chạp"}[value], "date")
    if 1 <= value <= 10 and (
        (_DAY(before) and not _NOT_DAY(before) and _DAY_GOES_ON.match(line.text, end))
        or (_LISTED.search(before) and _MONTH_COMES.match(line.text, end))
    ):
        return Said(end, f"{line.region.day_prefix} {cardinal(value, line.region)}", "date")
    return None


def read_number(line: Line, at: int) -> Said | None:
    """Any number that no other rule wanted."""
    found = _NUMBER.match(line.text, at)
    if found is None:
        whole = _INTEGER.match(line.text, at)
        if whole is None:
            return None
        digits = whole.group()
        words = spell_digits(digits) if len(digits) > _LONGEST else say_number(digits, line.region)
        return Said(whole.end(), words, "letters")
    written = found.group()
    if written.isdigit() and len(written) > 2 and written[0] == "0":
        return Said(found.end(), spell_digits(written), "letters")
    if written == "00":
        return Said(found.end(), "không không", "letters")
    kind = "decimal" if "," in written or ("." in written and not _DOTTED.match(written)) else "cardinal"
    words = say_number(written, line.region)
    if kind == "decimal" and not _WORD.search(line.before(at)) and not _WORD.match(line.text, found.end()):
        words = _digit_by_digit(written, words)
    return Said(found.end(), words, kind)


_WORD = pattern(r" ?[^\W\d_]")
_TWO_DECIMALS = pattern(r"[.,]([1-9]\d)$")


def _digit_by_digit(written: str, words: str) -> str:
    """A decimal without a word beside it, as figures are read out: "3,14" is ba phẩy một bốn, elsewhere mười bốn."""
    found = _TWO_DECIMALS.search(written)
    if found is None:
        return words
    mark = " phẩy " if " phẩy " in words else " chấm "
    return f"{words.rpartition(mark)[0]}{mark}{spell_digits(found.group(1))}"
