"""Dates that are not in the calendar, weekdays and anniversaries that do not add up."""

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
_YEARS = re.compile(
    r"\([ ]?(?:ngày[ ])?(?P<from>(?:\d{1,2}/)?(?:\d{1,2}/)?(?:1[5-9]|20)\d\d)[ ]?(?:[-–—]|đến)[ ]?(?:ngày[ ])?"
    r"(?P<to>(?:\d{1,2}/)?(?:\d{1,2}/)?(?:1[5-9]|20)\d\d)[ ]?\)"
)
_COUNT = re.compile(
    r"(?<![\w./,-])(?P<count>\d{1,3})[ ]năm(?!\w)(?![ ](?:học|tù|\d))|lần thứ[ ](?P<nth>\d{1,3})(?![\w/.])"
)
_ABOUT = re.compile(r"(?:hơn|gần|khoảng|trên|ngót|tháng|số|dưới|chừng|kế hoạch|từ|-|–)[ ]?$", re.IGNORECASE)
_FEAST = re.compile(r"kỷ niệm|kỉ niệm|năm ngày|thành lập|truyền thống|lần thứ|ngày sinh|giải phóng", re.IGNORECASE)
_SPAN = re.compile(
    r"(?<!\w)từ(?:[ ]năm)?[ ](?P<from>(?:1[5-9]|20)\d\d)[ ](?:đến|tới)(?:[ ]năm)?[ ]"
    r"(?P<to>(?:1[5-9]|20)\d\d)(?![\d/])",
    re.IGNORECASE,
)
_LINK = re.compile(
    r",?[ ](?:(?:là|tức|vừa|tròn|tổng cộng|đúng|cả thảy)[ ]){1,3}"
    r"(?P<count>\d{1,3})[ ]năm(?!\w)(?![ ]học)",
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
    """Dates, weekdays and numbers of years that are wrong."""
    dates = dates_of(copy)
    yield from _impossible(copy, dates)
    yield from _weekdays(copy, dates)
    yield from _anniversaries(copy)
    yield from _spans_of_years(copy)


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


def _parts(written: str) -> tuple[int, int, int]:
    """(year, month, day), 0 for what is not written."""
    numbers = [int(part) for part in written.split("/")]
    return (numbers[-1], numbers[-2] if len(numbers) > 1 else 0, numbers[-3] if len(numbers) > 2 else 0)


def _anniversaries(copy: Copy) -> Iterator[Finding]:
    """ "74 năm … (11/6/1948 – 11/6/2021)": the number of years beside the two dates."""
    for years in _YEARS.finditer(copy.text):
        base = max(copy.sentence_at(years.start())[0], years.start() - 200)
        before = copy.text[base : years.start()]
        counts = [each for each in _COUNT.finditer(before) if not _ABOUT.search(before[: each.start()])]
        if not counts:
            continue
        count = counts[-1]
        number = int(count["count"] or count["nth"])
        first, last = _parts(years["from"]), _parts(years["to"])
        apart = last[0] - first[0]
        feast = _FEAST.search(before) or count["nth"] or number > 20
        fitting = {apart}
        if first[1:] != last[1:]:
            fitting |= {apart - 1, apart + 1}
        elif not feast:
            fitting.add(apart + 1)
        if not (first[1] or _FEAST.search(before)):
            fitting.add(apart - 1)
        if number in fitting or apart <= 0:
            continue
        start = base + count.start()
        digits = count.span("count" if count["count"] else "nth")
        mended = f"{before[count.start() : digits[0]]}{apart}{before[digits[1] :]}{years.group()}"
        yield copy.finding(
            "anniversary",
            start,
            years.end(),
            f"Từ {first[0]} đến {last[0]} là {apart} năm, bài ghi “{copy.text[start : base + count.end()]}”.",
            "must",
            f"Sửa thành {apart}, hoặc sửa năm thành {first[0] + number}.",
            mended,
        )


def _spans_of_years(copy: Copy) -> Iterator[Finding]:
    """ "Từ 2018 đến 2026 … 7 năm": at once after the years it must fit, further on in the sentence it is asked."""
    for span in _SPAN.finditer(copy.text):
        start, to = int(span["from"]), int(span["to"])
        _, end = copy.sentence_at(span.start())
        near = _LINK.match(copy.text, span.end(), end)
        if near:
            number, place = int(near["count"]), near.end()
        else:
            rest = copy.text[span.end() : min(end, span.end() + 80)]
            far = [each for each in _COUNT.finditer(rest) if each["count"] and not _ABOUT.search(rest[: each.start()])]
            if not far:
                continue
            number, place = int(far[0]["count"]), span.end() + far[0].end()
        apart = to - start
        if number in (apart, apart + 1) or apart <= 0:
            continue
        mended = (
            f"{copy.text[span.start() : near.start('count')]}{apart}{copy.text[near.end('count') : place]}"
            if near
            else None
        )
        yield copy.finding(
            "anniversary",
            span.start(),
            place,
            f"Từ {start} đến {to} là {apart} năm, bài ghi “{number} năm”.",
            "must" if near else "advise",
            f"Sửa thành {apart} năm." if near else "Xem lại số năm.",
            mended,
        )
