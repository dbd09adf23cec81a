"""Numbers of years that do not fit the years beside them: anniversaries, spans, ages."""

import re
from collections.abc import Iterator
from itertools import chain

from .proof_copy import Copy, Finding

_YEARS = re.compile(
    r"\([ ]?(?:ngày[ ])?(?P<from>(?:\d{1,2}/)?(?:\d{1,2}/)?(?:1[5-9]|20)\d\d)[ ]?(?:[-–—]|đến)[ ]?(?:ngày[ ])?"
    r"(?P<to>(?:\d{1,2}/)?(?:\d{1,2}/)?(?:1[5-9]|20)\d\d)[ ]?\)"
)
_COUNT = re.compile(
    r"(?<![\w./,-])(?P<count>\d{1,3})[ ]năm(?!\w)(?![ ](?:học|tù|\d))|lần thứ[ ](?P<nth>\d{1,3})(?![\w/.])"
)
_ABOUT = re.compile(r"(?:hơn|gần|khoảng|trên|ngót|tháng|số|dưới|chừng|kế hoạch|từ|-|–)[ ]?$", re.IGNORECASE)
_FEAST = re.compile(r"kỷ niệm|kỉ niệm|năm ngày|thành lập|truyền thống|lần thứ|ngày sinh|giải phóng", re.IGNORECASE)
_YEAR = r"(?:1[5-9]|20)\d\d"
_SPAN = re.compile(
    rf"(?<![\w/])(?P<since>từ[ ])?(?:năm[ ]|ngày[ ])?(?:\d{{1,2}}/){{0,2}}(?P<from>{_YEAR})"
    rf"(?:,?[ ](?:tính[ ])?(?:đến|tới)[ ]|,[ ](?=nay[ ]\()|[ ]?[-–][ ]?)"
    rf"(?:(?P<now>(?:năm[ ])?nay)[ ]\(?)?(?:năm[ ])?(?P<to>{_YEAR})\)?(?![\d/])",
    re.IGNORECASE,
)
_LINK = re.compile(
    r",?[ ](?:(?:đã|được)[ ]){0,2}(?:(?:là|tức|vừa|tròn|tổng cộng|đúng|cả thảy)[ ]){1,3}"
    r"(?P<count>\d{1,3})[ ]năm(?!\w)(?![ ]học)",
    re.IGNORECASE,
)
_DATE = rf"\d{{1,2}}/\d{{1,2}}/{_YEAR}"
_ONE_DAY = re.compile(
    rf"\([ ]?(?:ngày[ ])?(?P<day>{_DATE})[ ]?\)|(?<![\d/(])(?P<bare>{_DATE})(?=[ ]?[-–][ ]?{_DATE}(?![ ]?\)))"
)
_DAY = re.compile(rf"(?<![\d/]){_DATE}(?!\d)")
_BORN = rf"(?<!\w)(?:sinh|SN)[ ](?:năm[ ])?(?:ngày[ ]\d{{1,2}}/\d{{1,2}}/)?(?P<from>{_YEAR})\)?,?[ ]"
_NOW = rf"(?:(?:năm[ ])?nay[ ]\(?)?(?:năm[ ])?(?P<to>{_YEAR})\)?,?[ ]"
_OLD = (
    r"(?:(?:ông|bà|cụ|mẹ|anh|chị|cháu|em|đã|vừa|tròn|được|mới|đúng|là|hưởng|thọ|bước|sang|ở)[ ]){0,4}"
    r"(?:(?P<count>\d{1,3})[ ]tuổi(?![ ](?:đảng|nghề|quân))|tuổi[ ](?P<nth>\d{1,3}))(?!\w)"
)
_AGES = (
    re.compile(rf"{_BORN}(?:(?:đến|tính đến|tới|mất)[ ])?{_NOW}{_OLD}", re.IGNORECASE),
    re.compile(rf"(?<!\w)năm[ ]{_NOW}[^.;\n\d]{{0,40}}{_BORN}{_OLD}", re.IGNORECASE),
)


def find_years(copy: Copy) -> Iterator[Finding]:
    """Anniversaries, spans of years and ages that do not add up."""
    yield from _anniversaries(copy)
    yield from _feasts(copy)
    yield from _spans(copy)
    yield from _ages(copy)


def _parts(written: str) -> tuple[int, int, int]:
    """(year, month, day), 0 for what is not written."""
    numbers = [int(part) for part in written.split("/")]
    return (numbers[-1], numbers[-2] if len(numbers) > 1 else 0, numbers[-3] if len(numbers) > 2 else 0)


def _anniversaries(copy: Copy) -> Iterator[Finding]:
    """ "74 năm … (11/6/1948 – 11/6/2021)": the number of years beside the two dates."""
    for years in _YEARS.finditer(copy.text):
        base = max(copy.sentence_at(years.start())[0], years.start() - 200)
        before = copy.text[base : years.start()]
        counts = _exact_counts(before)
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


def _feasts(copy: Copy) -> Iterator[Finding]:
    """ "74 năm Ngày … (11/6/1948), sáng 11/6/2021": the same day of another year in the sentence."""
    for bracket in _ONE_DAY.finditer(copy.text):
        start, end = copy.sentence_at(bracket.start())
        base = max(start, bracket.start() - 200)
        before = copy.text[base : bracket.start()]
        count = next(iter(_exact_counts(before)[-1:]), None)
        first, *day = _parts(bracket["day"] or bracket["bare"])
        dates = [_parts(each.group()) for each in _DAY.finditer(copy.text, base, min(end, bracket.end() + 200))]
        last = max((year for year, *other in dates if other == day), default=first)
        if count is None or last == first or not _FEAST.search(before):
            continue
        number = int(count["count"] or count["nth"])
        if number != last - first:
            yield copy.finding(
                "anniversary",
                base + count.start(),
                bracket.end(),
                f"Từ {first} đến {last} là {last - first} năm, bài ghi “{count.group()}”.",
                "must",
                f"Sửa thành {last - first}, hoặc sửa năm thành {first + number}.",
            )


def _exact_counts(text: str) -> list[re.Match[str]]:
    """The numbers of years that are not said to be about so many."""
    return [each for each in _COUNT.finditer(text) if not _ABOUT.search(text[: each.start()])]


def _spans(copy: Copy) -> Iterator[Finding]:
    """ "Từ 2018 đến 2026 … 7 năm": at once after the years it must fit, further on in the sentence it is asked."""
    for span in _SPAN.finditer(copy.text):
        start, to = int(span["from"]), int(span["to"])
        _, end = copy.sentence_at(span.start())
        near = _LINK.match(copy.text, span.end(), end)
        if near:
            number, place = int(near["count"]), near.end()
        else:
            rest = copy.text[span.end() : min(end, span.end() + 80)]
            far = [each for each in _exact_counts(rest) if each["count"]]
            if not far or not (span["since"] or span["now"]):
                continue
            number, place = int(far[0]["count"]), span.end() + far[0].end()
        apart = to - start
        if number in (apart, apart + 1) or apart <= 0 or (number == apart - 1 and "/" in span.group()):
            continue
        yield copy.finding(
            "anniversary",
            span.start(),
            place,
            f"Từ {start} đến {to} là {apart} năm, bài ghi “{number} năm”.",
            "must" if near else "advise",
            f"Sửa thành {apart} năm." if near else "Xem lại số năm.",
            copy.text[span.start() : near.start("count")] + f"{apart}{copy.text[near.end('count') : place]}"
            if near
            else None,
        )


def _ages(copy: Copy) -> Iterator[Finding]:
    """ "Sinh năm 1950, năm nay (2026) 70 tuổi": a year more or less is a matter of counting."""
    for found in chain.from_iterable(age.finditer(copy.text) for age in _AGES):
        age, apart = int(found["count"] or found["nth"]), int(found["to"]) - int(found["from"])
        if apart > 0 and abs(age - apart) > 1:
            yield copy.finding(
                "anniversary",
                found.start(),
                found.end(),
                f"Sinh năm {found['from']}, đến {found['to']} là {apart} tuổi, bài ghi {age} tuổi.",
                "must",
                f"Sửa thành {apart}, hoặc sửa năm sinh.",
            )
