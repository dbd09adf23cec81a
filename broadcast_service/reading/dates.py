"""Dates in all written forms, months and quarters with their year, spans of days, months and years."""

import re
from dataclasses import replace

from .cardinals import cardinal
from .patterns import pattern
from .regions import Region
from .rules import Line, Said, follower, trigger

_DASH = r"\s{0,2}(?:[-–—−]|->|→)\s{0,2}"
_FULL = pattern(r"(\d{1,2})\s?([/.\-–])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/]|[.,]\d)")
_ISO = pattern(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d|[.,/]\d)(?:[T ](?=\d{2}:))?")
_DAYS_OF_MONTH = pattern(r"(\d{1,2})" + _DASH + r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}))?(?![\d/]|[.,]\d)")
_DAYS_LISTED = pattern(r"(\d{1,2})(,\s?|\s?và\s|\s?&\s?)(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])")
_BARE_DAYS = pattern(rf"(\d{{1,2}}){_DASH}(\d{{1,2}})(?=\s+(?:tháng|h[àằ]ng tháng|mỗi tháng|[Tt]ết|âm))")
_BARE_MONTHS = pattern(rf"(\d{{1,2}}){_DASH}(\d{{1,2}})(?![\d/]|[.,]\d)")
LISTED_DAYS = pattern(r"ngày (?:\d{1,2}(?:[-/.]\d{1,2})?(?:,| và) {0,2}){1,8}$")
_TWO_DAY_MONTHS = pattern(r"(\d{1,2})/(\d{1,2})" + _DASH + r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])")
_MONTH_YEAR = pattern(r"(\d{1,2})\s?[/.-]\s?((?:1[0-9]|20|21)\d{2})(?![\d/]|[.,]\d)")
_MONTHS_OF_YEAR = pattern(r"(\d{1,2})" + _DASH + r"(\d{1,2})\s?/\s?((?:1[0-9]|20|21)\d{2})(?!\d)")
_MONTH_THEN_YEAR = re.compile(r"(\d{1,2}) ((?:19|20)\d{2})(?!\w|[/.,-]\d)")
_ERA = pattern(r"(\d{1,4})\s?([TtSs])[Cc][Nn](?!\w)")
_YEARS = pattern(r"((?:1[0-9]|20|21)\d{2})" + _DASH + r"((?:1[0-9]|20|21)\d{2})(?![\d/%]|[.,]\d)")
_SEASON = pattern(r"((?:19|20)\d{2})/((?:19|20)\d{2})(?![\d/%-]|[.,]\d)")
_YEAR_SHORT = pattern(r"((?:19|20)\d{2})[-–/](\d{2})(?![\d/%-]|[.,]\d)")
_SPAN = pattern(_DASH)

_DAY_WORD = trigger("dates.day_word")
_DAY_STRICT = trigger("dates.day_strict")
_AFTER_DAY = trigger("dates.after_day")
_RATIO = trigger("fractions.ratio")
_MONTH_WORD = trigger("dates.month_word")
_QUARTER_WORD = trigger("dates.quarter_word")
_ROUND = trigger("dates.round")
_SAID_PREFIX = trigger("dates.said_prefix")
LUNAR = pattern(r"\s*\(?(?:âm lịch|ÂL|al\b|năm (?:Giáp|Ất|Bính|Đinh|Mậu|Kỷ|Canh|Tân|Nhâm|Quý)\b)")
_FULL_MOON = trigger("dates.full_moon")
_PERIOD = trigger("dates.period")
_HOLIDAY = pattern(r"(?:lễ|dịp|mừng|kỷ niệm|nghỉ)[^.;]{0,40}$")
_STREET = trigger("dates.street")
AFTER_DATE = re.compile(
    r"(?:ngày|lễ|dịp|sáng|chiều|tối|hôm)[^.;]{0,30}\d{1,2}/\d{1,2}(?:/\d{4})?"
    r"(?:\)|,| và| hoặc| đến| tới|;| -| –)+ ?\(?$"
)
_DECADE = pattern(r"((?:1[6-9]|20)\d0)s(?!\w)")
_SAYS_DAY = trigger("dates.says_day")
_COUNTED = follower("counted")
_SHORT_BEFORE = re.compile(r"(?<!\w)\d{1,2}(?:[/.]\d{1,2})? (?:đến|tới|và|hoặc) $")
_OPENERS = ("(", "[", "-", "–", "/", "+")
_OLDEST_BARE = 1800
_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_day(day: int, month: int, year: int | None = None) -> bool:
    """Is there such a day in the calendar? Without a year 29 February counts."""
    if not (1 <= month <= 12 and 1 <= day <= _LONGEST[month]):
        return False
    leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return leap or (day, month) != (29, 2)


def say_day(day: int, region: Region, *, prefixed: bool = False) -> str:
    """The day of the month: mùng up to the tenth, unless mùng is written before it."""
    words = cardinal(day, region)
    return words if day > 10 or prefixed else f"{region.day_prefix} {words}"


def say_month(month: int, region: Region, *, lunar: bool = False) -> str:
    """The month's name without "tháng": tư for April; giêng and chạp in the lunar year."""
    if lunar and month in (1, 12):
        return "giêng" if month == 1 else "chạp"
    return "tư" if month == 4 else cardinal(month, region)


def say_date(day: int, month: int, year: int | None, line: Line, at: int, end: int) -> str:
    """A date in words; `at` and `end` bound what is written, for the words around it decide on mùng, rằm, giêng."""
    region = line.region
    before = line.before(at)
    lunar = LUNAR.match(line.text, end) is not None or _FULL_MOON(before)
    if lunar and day == 15:
        words = "" if _FULL_MOON(before) else "rằm "
        return f"{words}tháng {say_month(month, region, lunar=lunar)}" + (
            f" năm {cardinal(year, region)}" if year else ""
        )
    words = say_day(day, region, prefixed=_SAID_PREFIX(before) or _STREET(before))
    words = f"{words} tháng {say_month(month, region, lunar=lunar)}"
    return words if year is None else f"{words} năm {cardinal(year, region)}"


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) == 4 else year + (2000 if year < 50 else 1900)


def _one_date(line: Line, at: int) -> Said | None:
    text = line.text
    found = _ISO.match(text, at)
    if found:
        year, month, day = (int(found.group(part)) for part in (1, 3, 4))
        if is_day(day, month, year) and (found.group(2) != "." or 1800 <= year <= 2199):
            said = say_date(day, month, year, line, at, found.end())
            return Said(found.end(), said + (", " if found.group().endswith(("T", " ")) else "").rstrip(), "date")
    found = _FULL.match(text, at)
    if found:
        day, month, year = int(found.group(1)), int(found.group(3)), _year(found.group(4))
        short = len(found.group(4)) == 2
        if short and ("." in found.group(2) or not is_day(day, month, year)):
            return None
        if short and "/" not in found.group(2) and not _DAY_STRICT(line.before(at)):
            return None
        if is_day(day, month, year):
            return Said(found.end(), say_date(day, month, year, line, at, found.end()), "date")
        if is_day(month, day, year):
            swapped = say_date(month, day, year, line, at, found.end())
            meant = other_days(day, month, year, line.region)
            return Said(found.end(), swapped, "date", certain=False, question="date", candidates=meant)
        if not (1 <= year <= 2999 and day <= 39):
            return None
        words, *others = other_days(day, month, year, line.region)
        return Said(found.end(), words, "date", certain=False, question="date", candidates=tuple(others))
    return None


def other_days(day: int, month: int, year: int | None, region: Region) -> tuple[str, ...]:
    """What may be said for a day that no calendar has: as it is written, its figures, the last day of that month.

    Without a year February has 28.
    """
    numbers = [cardinal(number, region) for number in (day, month, year) if number is not None]
    ending = f" năm {numbers[2]}" if year is not None else ""
    said = [f"{numbers[0]} tháng {say_month(month, region)}{ending}", " trên ".join(numbers)]
    last = next((each for each in range(min(day, 31), 27, -1) if is_day(each, month, year or 1)), 0)
    if last:
        said.append(f"{cardinal(last, region)} tháng {say_month(month, region)}{ending}")
    return tuple(said)


def _needs_day(line: Line, at: int) -> bool:
    """Is "ngày" to be said before a full date? Not where the words before already tell a day, nor after a bracket."""
    before = line.before(at)
    return not (
        _SAYS_DAY(before)
        or _STREET(before)
        or AFTER_DATE.search(before)
        or _SHORT_BEFORE.search(before)
        or LISTED_DAYS.search(before)
        or before.rstrip().endswith(_OPENERS)
    )


def read_date(line: Line, at: int) -> Said | None:
    """A full date with "ngày" before it, or two of them with a dash between."""
    first = _one_date(line, at)
    if first is None:
        return None
    if _needs_day(line, at):
        candidates = tuple(f"ngày {other}" for other in first.candidates)
        first = replace(first, spoken=f"ngày {first.spoken}", candidates=candidates)
    dash = _SPAN.match(line.text, first.end)
    if dash:
        second = _one_date(line, dash.end())
        if second is not None:
            certain = first.certain and second.certain
            return Said(second.end, f"{first.spoken} đến {second.spoken}", "date", certain, "" if certain else "date")
    return first


def read_days_of_month(line: Line, at: int) -> Said | None:
    """Two days of one month, "12-15/9/2022"; two days with their months, "30/4 - 3/5"; "9,10/8"."""
    text, region = line.text, line.region
    found = _TWO_DAY_MONTHS.match(text, at)
    if found and text[found.end() : found.end() + 2].strip()[:1] != "=":
        d1, m1, d2, m2 = (int(part) for part in found.groups()[:4])
        year = int(found.group(5)) if found.group(5) else None
        shares = max(d1, d2) < 13 and year is None and m1 > m2 and d1 <= d2 and not _DAY_WORD(line.before(at))
        if is_day(d1, m1) and is_day(d2, m2) and (d1, m1) != (d2, m2) and not shares:
            holiday = _HOLIDAY.search(line.before(at)) is not None and not _AFTER_DAY(line.before(at))
            joint = "và" if holiday else "đến"
            first = say_date(d1, m1, None, line, at, found.end())
            return Said(
                found.end(), f"{first} {joint} {say_date(d2, m2, year, line, found.end(), found.end())}", "date"
            )
    found = _DAYS_OF_MONTH.match(text, at)
    if found:
        d1, d2, month = (int(part) for part in found.groups()[:3])
        year = int(found.group(4)) if found.group(4) else None
        if d1 < d2 and is_day(d2, month, year) and ("/" in found.group() or _DAY_STRICT(line.before(at))):
            first = say_day(d1, region, prefixed=_SAID_PREFIX(line.before(at)))
            return Said(found.end(), f"{first} đến {say_date(d2, month, year, line, found.end(), found.end())}", "date")
    found = _BARE_DAYS.match(text, at)
    if found and _DAY_STRICT(line.before(at)) and 1 <= int(found.group(1)) < int(found.group(2)) <= 31:
        first = say_day(int(found.group(1)), region, prefixed=_SAID_PREFIX(line.before(at)))
        return Said(found.end(), f"{first} đến {say_day(int(found.group(2)), region)}", "date")
    found = _DAYS_LISTED.match(text, at)
    if found and (_DAY_STRICT(line.before(at)) or LISTED_DAYS.search(line.before(at))):
        d1, d2, month = int(found.group(1)), int(found.group(3)), int(found.group(4))
        year = int(found.group(5)) if found.group(5) else None
        if is_day(d1, month, year) and is_day(d2, month, year):
            joint = ", " if found.group(2).startswith(",") else " và "
            return Said(
                found.end(),
                say_day(d1, region) + joint + say_date(d2, month, year, line, found.end(), found.end()),
                "date",
            )
    return None


def read_month_year(line: Line, at: int) -> Said | None:
    """A month or a quarter with its year: "6/2022", "tháng 3 - 5/2022", "quý 3/2024"."""
    text, region, before = line.text, line.region, line.before(at)
    found = _MONTHS_OF_YEAR.match(text, at)
    if found:
        m1, m2, year = (int(part) for part in found.groups())
        if m1 < m2 <= 12:
            year_words = cardinal(year, region)
            if _QUARTER_WORD(before):
                return Said(
                    found.end(), f"{cardinal(m1, region)} đến quý {cardinal(m2, region)} năm {year_words}", "date"
                )
            first = say_month(m1, region) if _MONTH_WORD(before) else f"tháng {say_month(m1, region)}"
            return Said(found.end(), f"{first} đến tháng {say_month(m2, region)} năm {year_words}", "date")
    found = _MONTH_YEAR.match(text, at)
    if found is None:
        found = _BARE_MONTHS.match(text, at)
        if not _MONTH_WORD(before):
            return None
        year_follows = _MONTH_THEN_YEAR.match(text, at)
        if year_follows and 1 <= int(year_follows.group(1)) <= 12 and not _COUNTED(line.text, year_follows.end()):
            month, year = int(year_follows.group(1)), int(year_follows.group(2))
            return Said(year_follows.end(), f"{say_month(month, region)} năm {cardinal(year, region)}", "date")
        if found is None:
            return None
        m1, m2 = int(found.group(1)), int(found.group(2))
        if not 1 <= m1 < m2 <= 12:
            return None
        return Said(found.end(), f"{say_month(m1, region)} đến tháng {say_month(m2, region)}", "date")
    if _RATIO(before):
        return None
    month, year = int(found.group(1)), int(found.group(2))
    if _ROUND(before):
        return Said(found.end(), f"{cardinal(month, region)} năm {cardinal(year, region)}", "date")
    if year < _OLDEST_BARE and not (_MONTH_WORD(before) or _QUARTER_WORD(before)):
        return None
    year_words = cardinal(year, region)
    if _QUARTER_WORD(before) and 1 <= month <= 4:
        words = f"{cardinal(month, region)} năm {year_words}"
    elif not 1 <= month <= 12:
        return None
    else:
        words = f"{'' if _MONTH_WORD(before) else 'tháng '}{say_month(month, region)} năm {year_words}"
    dash = _SPAN.match(text, found.end())
    if dash:
        other = _MONTH_YEAR.match(text, dash.end())
        if other and 1 <= int(other.group(1)) <= 12:
            last = f"tháng {say_month(int(other.group(1)), region)} năm {cardinal(int(other.group(2)), region)}"
            return Said(other.end(), f"{words} đến {last}", "date")
    return Said(found.end(), words, "date")


def read_years(line: Line, at: int) -> Said | None:
    """A span of years: "2021 – 2025", "2021-25" after giai đoạn or năm học; a year with its era, "179 TCN"."""
    found = _ERA.match(line.text, at)
    if found:
        side = "trước" if found.group(2) in "Tt" else "sau"
        return Said(found.end(), f"{cardinal(int(found.group(1)), line.region)} {side} Công nguyên", "date")
    found = _YEARS.match(line.text, at)
    if found and (int(found.group(1)) < int(found.group(2)) or _PERIOD(line.before(at))):
        first, second = (cardinal(int(year), line.region) for year in found.groups())
        return Said(found.end(), f"{first} đến {second}", "range")
    found = _SEASON.match(line.text, at)
    if found and int(found.group(2)) == int(found.group(1)) + 1:
        first, second = (cardinal(int(year), line.region) for year in found.groups())
        return Said(found.end(), f"{first} đến {second}", "range")
    found = _DECADE.match(line.text, at)
    if found:
        return Said(found.end(), cardinal(int(found.group(1)), line.region), "cardinal")
    found = _YEAR_SHORT.match(line.text, at)
    season = found is not None and (int(found.group(1)) + 1) % 100 == int(found.group(2)) and found.group(1)[:2] == "20"
    if found and (season or (_PERIOD(line.before(at)) and int(found.group(1)[2:]) < int(found.group(2)))):
        first = cardinal(int(found.group(1)), line.region)
        return Said(found.end(), f"{first} đến {cardinal(_year(found.group(2)), line.region)}", "range")
    return None


def stands_alone(line: Line, at: int, end: int) -> bool:
    """Is there nothing else in the line than what stands at `at` to `end`, a sign before it and marks after it?"""
    return line.text[:at].strip(" -–−") == "" and line.text[end:].strip(" .!?") == ""
