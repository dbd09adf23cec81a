"""Deadlines that are over before the document was written that sets them."""

import re
from collections.abc import Iterator

from .proof_copy import Copy, Finding, Severity
from .proof_dates import Dated, dates_of, day_of

_TIME = (
    r"(?:\d{1,2}(?:[hg:]|[ ]giờ)(?:[ ]?\d{1,2}(?:[ ]phút|[’'])?)?,?[ ])?"
    r"(?:(?:thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật),?[ ])?"
)
_DUE = re.compile(
    r"(?<!\w)(?:(?P<term>thời hạn|(?<!giới )hạn (?:cuối|chót|nộp|gửi|nhận|trả|đóng|đăng ký|báo cáo|góp ý|hoàn thành|"
    r"thực hiện|dự thi|thanh toán|kê khai))(?:(?!(?<!\w)từ[ ])[^.;\n\d]){0,40}"
    r"|trước|chậm nhất|muộn nhất|(?<!tính )(?:đến )?hết)"
    rf":?[ ](?:(?:là|vào|lúc|trước|đến|hết)[ ]){{0,3}}{_TIME}(?:hết[ ])?(?P<day>ngày[ ])?$",
    re.IGNORECASE,
)
_DUTY = re.compile(r"(?<!\w)(?:báo cáo|gửi|nộp|đăng ký|hoàn thành|trình|góp ý|kê khai)(?!\w)", re.IGNORECASE)
_PAST = re.compile(r"(?<!\w)(?:đã|từng|vốn|sinh|tính đến|số liệu)(?!\w)", re.IGNORECASE)
_CITED = re.compile(
    r"(?:chỉ thị|nghị quyết|nghị định|quyết định|thông tư|kế hoạch|công văn|hướng dẫn|thông báo|luật|quy định|"
    r"văn bản|tờ trình|đề án|chương trình)(?:[^.;\n]{0,60}\d[^.;\n ]{0,20})?,?[ ](?:ký |ban hành )?ngày[ ]$",
    re.IGNORECASE,
)
_REACH = 120


def find_deadlines(copy: Copy) -> Iterator[Finding]:
    """Deadlines earlier than the latest document that the text cites."""
    cited: Dated | None = None
    due = []
    for each in dates_of(copy):
        if each.date is None or each.year is None:
            continue
        before = copy.text[max(0, each.start - _REACH) : each.start]
        if severity := _severity(copy, before, each):
            due.append((each, severity))
        elif _CITED.search(before) and (cited is None or cited.date is None or each.date > cited.date):
            cited = each
    for each, severity in due:
        if cited is None or each.date is None or cited.date is None or each.date >= cited.date:
            continue
        later = next((year for year in range(cited.date.year, cited.date.year + 2) if _later(each, year, cited)), None)
        yield copy.finding(
            "deadline",
            each.start,
            each.end,
            f"Thời hạn {copy.text[each.start : each.end]} sớm hơn văn bản ngày {copy.text[cited.start : cited.end]} "
            "mà bài viện dẫn.",
            severity,
            f"Có lẽ là {each.day}/{each.month}/{later}." if later else None,
        )


def _severity(copy: Copy, before: str, each: Dated) -> Severity | None:
    """ "must" if something is to be done by the date, "advise" if it may be so, None if it is no deadline."""
    named = _DUE.search(before)
    if named is None:
        return None
    sentence = copy.text[copy.sentence_at(each.start)[0] : each.start]
    if _PAST.search(sentence):
        return None
    duty = _DUTY.search(sentence)
    if named["term"] or named["day"]:
        return "must" if duty else "advise"
    return "advise" if duty or "xong trước" in before else None


def _later(due: Dated, year: int, cited: Dated) -> bool:
    day = day_of(due.day, due.month, year)
    return day is not None and cited.date is not None and day > cited.date
