"""Words that tell something sensitive about a person who can be known, and words of advertising."""

import re
from collections.abc import Iterator, Mapping

from .proof_copy import FAMILY_NAMES, Copy, Finding, find_phrases
from .rules import vietnamese
from .tables import rows

_PERSON = vietnamese(
    r"(?<!\w)(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Ee]m|[Cc]háu|[Cc]ô|[Cc]hú|[Bb]ác|[Cc]ụ|[Đđ]ồng chí|[Tt]hầy|"
    r"[Cc]ô giáo|[Tt]hầy giáo|[Mm]ẹ|[Bb]é|[Bb]ạn|[Tt]ên là|[Nn]ghệ nhân|[Bb]ác sĩ)[ ]"
    r"(?!Hồ(?!\w)|Ninh|Việt Nam)(?:[A-ZĐÀ-Ỹ][a-zà-ỹđ]+|(?:[A-ZĐ]\.){1,3}[ ]?[A-ZĐ]?)"
    rf"|(?<!\w)(?:{FAMILY_NAMES})[ ]"
    r"(?:Thị|Văn|Hữu|Đức|Thành|Minh|Ngọc|Quốc|Xuân|Công|Đình)[ ][A-ZĐÀ-Ỹ][a-zà-ỹđ]*"
)


_REACH = 120
_MOBILE = re.compile(r"(?<![\w.])0[ .]?[35789](?:[ .-]?\d){8}(?![\d/])")
_OFFICE = re.compile(
    r"(?<!\w)(?:cán bộ|chủ tịch|bí thư|trưởng|phó|công an|bộ đội|bác sĩ|y sĩ|điều dưỡng|giáo viên|giám đốc|đại diện|"
    r"hội|ban|tổ|trạm|trung tâm|văn phòng|ủy ban|ubnd|đường dây nóng|hotline|phụ trách|trực|tiếp nhận|hướng dẫn|"
    r"liên hệ|gặp|đăng ký|cửa hàng|công ty)(?!\w)",
    re.IGNORECASE,
)
"""Whose number is there to be called."""
_HOME = vietnamese(
    r"(?<!\w)(?:[Ss]ố nhà|(?:[Nn]hà|[Tt]rú|[Nn]gụ|[Đđ]ịa chỉ)(?:[ ](?:riêng|ở|tại|số|nhà)|:){1,3})[ ]"
    r"\d{1,4}[A-Za-z]?(?:/\d{1,4}){0,3},?[ ]"
    r"(?:(?:đường|phố|hẻm|ngõ|kiệt|ngách)[ ](?:[\d/]{1,7}|[A-ZĐÀ-Ỹ]\w*)|[A-ZĐÀ-Ỹ]\w*)(?:[ ][A-ZĐÀ-Ỹ]\w*){0,3}"
)
_EMERGENCY = re.compile(r"[ ](?:số[ ]|điện thoại[ ]){0,2}11\d(?!\d)")


def find_sensitive(copy: Copy) -> Iterator[Finding]:
    """Faith, party, health, descent … in a sentence that names somebody: only with that person's consent."""
    named: dict[tuple[int, int], bool] = {}

    def names_somebody(place: int) -> bool:
        sentence = copy.sentence_at(place)
        if sentence not in named:
            named[sentence] = _PERSON.search(copy.text, *sentence) is not None
        return named[sentence]

    for row, first, last in find_phrases(copy, "sensitive_words"):
        start, end = copy.words[first].start, copy.words[last].end
        if not _stands_beside(copy, row, first, last) and (row["always"] or names_somebody(start)):
            yield _sensitive(copy, start, end, f"{row['about']} của một người, là dữ liệu cá nhân nhạy cảm")
    for found in _MOBILE.finditer(copy.text):
        if names_somebody(found.start()) and not _OFFICE.search(copy.text, *copy.sentence_at(found.start())):
            yield _sensitive(copy, *found.span(), "số điện thoại riêng của một người, là dữ liệu cá nhân")
    for found in _HOME.finditer(copy.text):
        if names_somebody(found.start()):
            yield _sensitive(copy, *found.span(), "nơi ở của một người, là dữ liệu cá nhân")


def _stands_beside(copy: Copy, row: Mapping[str, str], first: int, last: int) -> bool:
    """Is there a word before or after with which the phrase means something else?"""
    near = [copy.words[place].lower for place in (first - 1, last + 1) if 0 <= place < len(copy.words)]
    return bool(row["beside"]) and not set(near).isdisjoint(row["beside"].split("|"))


def _sensitive(copy: Copy, start: int, end: int, what: str) -> Finding:
    return copy.finding(
        "sensitive",
        start,
        end,
        f"“{copy.text[start:end]}” cho biết {what}.",
        "advise",
        "Bỏ chi tiết này, hoặc chỉ nêu khi người ấy đã đồng ý.",
    )


def find_promotion(copy: Copy) -> Iterator[Finding]:
    """Words that sell something: notices on the loudspeakers may not."""
    for row, first, last in find_phrases(copy, "promotion_words"):
        start, end = copy.words[first].start, copy.words[last].end
        elsewhere = row["near"] and not _is_near(copy, row["near"], start, end)
        if elsewhere or _stands_beside(copy, row, first, last) or _EMERGENCY.match(copy.text, end):
            continue
        yield copy.finding(
            "promotion",
            start,
            end,
            f"“{copy.text[start:end]}” là lời quảng cáo; loa truyền thanh không quảng bá sản phẩm.",
            "advise",
            "Bỏ, hoặc viết thành thông tin.",
        )


def _is_near(copy: Copy, kind: str, start: int, end: int) -> bool:
    """Is something sold a line or so away? kind: "seller" for the words of selling, "goods" for those of goods too."""
    around = " ".join(word.lower for word in copy.words_between(start - _REACH, end + _REACH))
    kinds = ("seller", "goods") if kind == "goods" else ("seller",)
    return any(row["kind"] in kinds and f" {row['words']} " in f" {around} " for row in rows("selling_words"))
