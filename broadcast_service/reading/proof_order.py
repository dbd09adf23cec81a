"""Spans of years, months, days and hours that end before they begin."""

import re
from collections.abc import Iterator

from .proof_copy import Copy, Finding, Severity

_YEAR = r"(?:1[5-9]|20|21)\d\d"
_TO = r"(?:[ ]?[-–—][ ]?|[ ](?:đến|tới)[ ](?:hết[ ])?)"
_YEARS = re.compile(
    rf"(?<!\w)(?:giai đoạn|nhiệm kỳ|nhiệm kì|khóa|khoá|niên khóa|năm học|từ năm)[ ](?:năm[ ])?(?P<from>{_YEAR}){_TO}"
    rf"(?:năm[ ])?(?P<to>{_YEAR})(?![\d/]|[.,]\d)",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    rf"(?<!\w)(?:từ[ ]|tháng[ ]){{1,2}}(?P<from>\d{{1,2}}/{_YEAR}){_TO}(?:tháng[ ])?(?P<to>\d{{1,2}}/{_YEAR})(?![\d/])",
    re.IGNORECASE,
)
_DAYS = re.compile(
    rf"(?<!\w)(?:từ[ ]|ngày[ ]){{1,2}}(?P<from>\d{{1,2}}/\d{{1,2}}(?:/{_YEAR})?){_TO}(?:ngày[ ])?"
    rf"(?P<to>\d{{1,2}}/\d{{1,2}}(?:/{_YEAR})?)(?![\d/]|,\d)",
    re.IGNORECASE,
)
_PART = r"(?:[ ](?P<{0}_part>sáng|trưa|chiều|tối|đêm))?"
_CLOCK = r"(?P<{0}>(?:[01]?\d|2[0-4])(?:[hg](?:[0-5]\d)?|:[0-5]\d|[ ]giờ(?:[ ][0-5]\d(?:[ ]phút)?)?))" + _PART
_HOURS = re.compile(
    rf"(?<![\w:/.,])(?:từ[ ])?{_CLOCK.format('from')}{_TO}{_CLOCK.format('to')}(?!\w)(?P<same>[ ]cùng ngày)?",
    re.IGNORECASE,
)
_NEXT_DAY = re.compile(
    r"[ ,(]{1,3}(?:của |sáng |trưa |chiều |tối |ngày ){0,2}(?:hôm sau|mai|kế tiếp|tiếp theo|sau(?!\w))"
)
_LUNAR = re.compile(r"[ (]{1,2}(?:âm lịch|ÂL|tháng chạp)")
_LONGEST_OVER_NEW_YEAR = 8
"""Months."""
_EVENING = 17 * 60
_AFTER_NOON = frozenset({"chiều", "tối"})


def find_backward_spans(copy: Copy) -> Iterator[Finding]:
    """Spans that run backwards; those over night and over New Year are as they should be."""
    for found in _YEARS.finditer(copy.text):
        if int(found["to"]) < int(found["from"]):
            yield _finding(copy, found, "must")
    for found in _MONTHS.finditer(copy.text):
        if _numbers(found["to"]) < _numbers(found["from"]):
            yield _finding(copy, found, "must")
    for found in _DAYS.finditer(copy.text):
        severity = None if _LUNAR.match(copy.text, found.end()) else _days_backward(found)
        if severity:
            yield _finding(copy, found, severity)
    for found in _HOURS.finditer(copy.text):
        severity = None if _NEXT_DAY.match(copy.text, found.end()) else _hours_backward(found)
        if severity:
            yield _finding(copy, found, severity)


def _numbers(written: str) -> list[int]:
    """ "20/11/2026" as [2026, 11, 20], to compare."""
    return [int(part) for part in reversed(written.split("/"))]


def _days_backward(found: re.Match[str]) -> Severity | None:
    first, last = _numbers(found["from"]), _numbers(found["to"])
    years = [day.pop(0) if len(day) > 2 else 0 for day in (first, last)]
    if all(years):
        return "must" if [years[1], *last] < [years[0], *first] else None
    if last >= first or (not any(years) and "ngày" not in found.group().lower()):
        return None
    if first[0] == last[0]:
        return "must"
    return "advise" if last[0] + 12 - first[0] > _LONGEST_OVER_NEW_YEAR else None


def _hours_backward(found: re.Match[str]) -> Severity | None:
    first, last = (_minutes(found[name], found[f"{name}_part"]) for name in ("from", "to"))
    is_ratio = ":" in found["from"] and not found.group().lower().startswith("từ")
    if last >= first or is_ratio:
        return None
    if found["same"]:
        return "must"
    return None if first >= _EVENING or found["to_part"] else "advise"


def _minutes(clock: str, part: str | None) -> int:
    """Minutes since midnight; "5h chiều" is 17 hours."""
    hour, *minute = map(int, re.findall(r"\d+", clock))
    if (part or "").lower() in _AFTER_NOON and 0 < hour < 12:
        hour += 12
    return hour * 60 + sum(minute)


def _finding(copy: Copy, found: re.Match[str], severity: Severity) -> Finding:
    return copy.finding(
        "order",
        found.start(),
        found.end(),
        f"“{found.group()}” kết thúc trước khi bắt đầu.",
        severity,
        "Đổi chỗ hai mốc, hoặc sửa mốc ghi sai.",
    )
