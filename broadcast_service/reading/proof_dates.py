"""Dates that are not in the calendar, and weekdays that do not fit theirs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .proof_copy import Copy, Finding

_DATE = re.compile(
    r"(?<![\d/.,])(?:(?<=ngày )|(?<![\w-]))(?:\d{1,2}[ ]?[-–][ ]?)?"
    r"(?:(?P<d>\d{1,2})(?P<mark>[/.-])(?P<m>\d{1,2})(?P=mark)(?P<y>(?:1[5-9]|20|21)\d\d)(?![\d/-]|\.\d)"
    r"|(?P<d2>\d{1,2})[ ]tháng[ ](?P<m2>\d{1,2})(?:[ ]?,?[ ]năm[ ](?P<y2>(?:1[5-9]|20|21)\d\d))?(?!\w)"
    r"|(?<=ngày )(?P<d3>\d{1,2})/(?P<m3>\d{1,2})(?![\d/.,-]*\d))"
)
_LUNAR = re.compile(r"âm lịch|(?:tháng )?chạp|giêng|(?<!\w)ÂL(?!\w)")
_WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
_SHOWN = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_NAMED = {str(number + 2): number for number in range(6)} | {
    "hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5, "bẩy": 5,
}  # fmt: skip
_WEEKDAY = re.compile(
    r"(?<!\w)(?<!lần )(?<!người )(?:thứ[ ](?P<day>hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|T(?P<short>[2-7])|"
    r"(?P<sunday>chủ nhật|CN))(?:[ ],?|,)?[ ]?\(?(?:ngày[ ])?$",
    re.IGNORECASE,
)
_WEEKDAY_AFTER = re.compile(
    r"[ ]?(?:,[ ]|\()(?:tức[ ]|nhằm[ ])?(?:thứ[ ](?P<day>hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|(?P<sunday>chủ nhật))(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as it stands in the text; `date` is None where no calendar has it."""

    start: int
    end: int
    day: int
    month: int
    year: int | None
    date: date | None


def dates_of(copy: Copy) -> list[Dated]:
    """The dates in figures, in their order."""
    found = []
    for each in _DATE.finditer(copy.text):
        named = {name: value for name, value in each.groupdict().items() if value}
        day = int(named.get("d") or named.get("d2") or named["d3"])
        month = int(named.get("m") or named.get("m2") or named["m3"])
        year = named.get("y") or named.get("y2")
        found.append(Dated(each.start(), each.end(), day, month, int(year) if year else None, day_of(day, month, year)))
    return found


def day_of(day: int, month: int, year: str | int | None) -> date | None:
    """The day, without a year that of a leap year; None if no calendar has it."""
    try:
        return date(int(year) if year else 2024, month, day)
    except ValueError:
        return None


def find_dates(copy: Copy) -> Iterator[Finding]:
    """Dates and weekdays that are wrong."""
    dates = dates_of(copy)
    yield from _impossible(copy, dates)
    yield from _weekdays(copy, dates)


def _impossible(copy: Copy, dates: list[Dated]) -> Iterator[Finding]:
    for each in dates:
        around = copy.text[max(0, each.start - 30) : each.end + 30].lower()
        if each.date is not None or (each.day <= 30 and each.month <= 12 and each.day and _LUNAR.search(around)):
            continue
        written = copy.text[each.start : each.end]
        if (each.day > 31 and each.year is None) or ("." in written and not around[:30].rstrip().endswith("ngày")):
            continue
        yield copy.finding(
            "date", each.start, each.end, f"Ngày {written} không có trong lịch.", "must", "Xem lại ngày và tháng."
        )


def _weekdays(copy: Copy, dates: list[Dated]) -> Iterator[Finding]:
    for each in dates:
        if each.date is None or each.year is None:
            continue
        base = max(0, each.start - 24)
        before = _WEEKDAY.search(copy.text[base : each.start])
        after = None if before else _WEEKDAY_AFTER.match(copy.text[: each.end + 24], each.end)
        named = before or after
        if named is None or copy.text[each.start : each.end].count("-") == 1:
            continue
        groups = named.groupdict()
        day = groups.get("day") or groups.get("short")
        claimed = 6 if groups.get("sunday") else _NAMED[(day or "2").lower()]
        actual = each.date.weekday()
        if claimed == actual:
            continue
        start, end = (base + named.start(), each.end) if before else (each.start, named.end())
        shown = f"{each.day}/{each.month}/{each.year}"
        yield copy.finding(
            "weekday",
            start,
            end,
            f"Ngày {shown} là {_SHOWN[actual]}, bài ghi {_SHOWN[claimed]}.",
            "must",
            f"Sửa thành {_SHOWN[actual]}, hoặc sửa ngày.",
        )
