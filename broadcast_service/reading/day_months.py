"""A day and its month without a year, "15/8": only where the words around say so; else a fraction or a house number."""

import re

from .dates import AFTER_DATE, LISTED_DAYS, LUNAR, is_day, other_days, say_date, stands_alone
from .patterns import pattern
from .rules import Line, Said, follower, trigger, vietnamese

_DAY_MONTH = pattern(r"(\d{1,2})\s?/\s?(\d{1,2})(?![\d/A-Za-zĐđ]|,\d)")
_DAY_MONTH_LOOSE = pattern(r"(\d{1,2})[-.](\d{1,2})(?![\d/%]|[.,\-]\d|\s?[-–]\s?\d|\s+(?:tháng|[Tt]ết|âm))")
_NUMBERED_HOUSE = re.compile(r"(?<!\w)(?:số|nhà|hẻm|ngõ|kiệt|ngách|địa chỉ:?) $")
_STREET_FOLLOWS = pattern(r",? (?:đường|phố|hẻm|ngõ|kiệt)(?!\w)")
_PARTED = follower("dates.parted")
"""What is eaten or cut in parts: "1/6 cái bánh"."""
_NAMED_DAY = vietnamese(r"[Nn]gày (?:hội |lễ |hội lễ )?[A-ZĐÀ-Ỹ][^,.;:()\d]{2,40} $")
_DAY_WORD = trigger("dates.day_word")
_DAY_STRICT = trigger("dates.day_strict")
_STREET = trigger("dates.street")
_COUNTED = follower("counted")
_STREETS = frozenset(
    {
        (30, 4),
        (2, 4),
        (3, 2),
        (23, 10),
        (2, 9),
        (19, 5),
        (1, 5),
        (19, 8),
        (27, 7),
        (20, 11),
        (22, 12),
        (8, 3),
        (26, 3),
        (10, 3),
        (16, 7),
    }
)
_KNOWN = frozenset(
    {(29, 2), (20, 11), (20, 10), (8, 3), (27, 7), (22, 12), (19, 5), (26, 3), (19, 8), (25, 12), (24, 12), (14, 2)}
)
HOUSE = vietnamese(
    r" (?!Trường|Trạm|Chi |Ban |Xã |Phường |Thôn |Tổ )[A-ZĐÀ-Ỹ][a-zà-ỹ]{1,6} [A-ZĐÀ-Ỹ][a-zà-ỹ]{1,6}(?!\w)"
)
"""A street after a house number."""
_FEASTS = frozenset({(1, 1), (2, 9), (1, 5), (1, 6), (3, 2), (1, 10), (5, 6)})
_ENDS = pattern(r"\s*(?:$|[,.;:!?)\]–-])")
_GOES_ON = follower("dates.goes_on")
_FEAST_BEFORE = trigger("dates.feast_before")
_FEAST_AFTER = follower("dates.feast_after")
_SUM = re.compile(r"\s?[-–−+]\s?\d{1,4}/\d{1,4}\s?=|\s?[=×+]")
_HOLIDAYS = frozenset({(8, 3), (7, 5), (11, 6), (9, 5), (10, 3), (6, 6)})


def _named_day(line: Line, at: int) -> bool:
    """Does the name of a day stand before the place: "Ngày Gia đình Việt Nam 28-6"?"""
    return _NAMED_DAY.search(line.text[max(0, at - 50) : at]) is not None


def read_day_month(line: Line, at: int) -> Said | None:
    """A day and its month where the words around say that it is one, or where it can be nothing else."""
    before = line.before(at)
    if before.endswith(("lớp ", "tổ ", "phân số ", "hỗn số ")):
        return None
    found = _DAY_MONTH.match(line.text, at)
    if found and _NUMBERED_HOUSE.search(before) and _STREET_FOLLOWS.match(line.text, found.end()):
        return None
    if found and _PARTED(line.text, found.end()) and not _DAY_STRICT(before):
        return None
    if found and (before.endswith("tại ") and HOUSE.match(line.text, found.end())):
        return None
    if found and _is_sum(line, at, found.end()):
        return None
    if found is None:
        found = _DAY_MONTH_LOOSE.match(line.text, at)
        if (
            found is None
            or before.endswith("từ ")
            or not (_DAY_STRICT(before) or _named_day(line, at) or LISTED_DAYS.search(before))
        ):
            return None
        day, month = int(found.group(1)), int(found.group(2))
        if not is_day(day, month):
            return None
        return Said(found.end(), say_date(day, month, None, line, at, found.end()), "date")
    day, month = int(found.group(1)), int(found.group(2))
    if not is_day(day, month):
        return _read_impossible(day, month, found.end(), line, at)
    words = say_date(day, month, None, line, at, found.end())
    if day < 30 and "0" not in (found.group(1)[0], found.group(2)[0]) and stands_alone(line, at, found.end()):
        return Said(found.end(), words, "date", certain=False) if (day, month) in _KNOWN else None
    if _is_feast(line, before, day, month, found.end()):
        return Said(found.end(), words, "date")
    if (
        LUNAR.match(line.text, found.end())
        or AFTER_DATE.search(before)
        or LISTED_DAYS.search(before)
        or (_named_day(line, at) and not _COUNTED(line.text, found.end()))
        or (_STREET(before) and (day, month) in _STREETS)
    ):
        return Said(found.end(), words, "date")
    likely = (day > month and day > 12) or found.group(1)[0] == "0"
    if _DAY_WORD(before) or (likely and not _COUNTED(line.text, found.end())):
        return Said(found.end(), words, "date")
    if (day, month) in _HOLIDAYS and not _COUNTED(line.text, found.end()):
        return Said(found.end(), words, "date", certain=LUNAR.match(line.text, found.end()) is not None)
    return None


def _read_impossible(day: int, month: int, end: int, line: Line, at: int) -> Said | None:
    """A day that no calendar has, "ngày 31/4": said as it is written and asked about."""
    if not (28 < day <= 31 and 1 <= month <= 12 and _DAY_STRICT(line.before(at))) or _COUNTED(line.text, end):
        return None
    words, *others = other_days(day, month, None, line.region)
    return Said(end, words, "date", certain=False, question="date", candidates=tuple(others))


def _is_feast(line: Line, before: str, day: int, month: int, end: int) -> bool:
    """Is it a feast among words of feasts ("nghỉ 2/9", "1/6 là ngày …"), and no share of something?"""
    if (day, month) not in _FEASTS or not (_FEAST_BEFORE(before) or _FEAST_AFTER(line.text, end)):
        return False
    return _ENDS.match(line.text, end) is not None or _GOES_ON(line.text, end)


def _is_sum(line: Line, at: int, end: int) -> bool:
    """Does the fraction stand in a sum: "1/2 - 1/3 = 1/6"?"""
    if _SUM.match(line.text, end):
        return True
    return line.text[max(0, at - 3) : at].strip(" -–−")[-1:] in ("=", "+", "×")
