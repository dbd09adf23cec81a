"""Words that tell something sensitive about a person who can be known, and words of advertising."""

from collections.abc import Iterator

from .proof_copy import Copy, Finding, find_phrases
from .rules import vietnamese

_PERSON = vietnamese(
    r"(?<!\w)(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Ee]m|[Cc]háu|[Cc]ô|[Cc]hú|[Bb]ác|[Cc]ụ|[Đđ]ồng chí|[Tt]hầy|"
    r"[Cc]ô giáo|[Tt]hầy giáo|[Mm]ẹ|[Bb]é|[Bb]ạn|[Tt]ên là|[Nn]ghệ nhân|[Bb]ác sĩ)[ ]"
    r"(?!Hồ(?!\w)|Ninh|Việt Nam)(?:[A-ZĐÀ-Ỹ][a-zà-ỹđ]+|(?:[A-ZĐ]\.){1,3}[ ]?[A-ZĐ]?)"
    r"|(?<!\w)(?:Nguyễn|Trần|Lê|Phạm|Huỳnh|Hoàng|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Ngô|Dương|Lý)[ ]"
    r"(?:Thị|Văn|Hữu|Đức|Thành|Minh|Ngọc|Quốc|Xuân|Công|Đình)[ ][A-ZĐÀ-Ỹ][a-zà-ỹđ]*"
)


def find_sensitive(copy: Copy) -> Iterator[Finding]:
    """Faith, party, health, descent … in a sentence that names somebody: only with that person's consent."""
    words = copy.words
    named: dict[int, bool] = {}
    for row, first, last in find_phrases(copy, "sensitive_words"):
        start, end = words[first].start, words[last].end
        if row["beside"] and any(
            words[place].lower in row["beside"].split("|") for place in (first - 1, last + 1) if 0 <= place < len(words)
        ):
            continue
        sentence = copy.sentence_at(start)
        if sentence[0] not in named:
            named[sentence[0]] = _PERSON.search(copy.text, *sentence) is not None
        if row["always"] or named[sentence[0]]:
            yield copy.finding(
                "sensitive",
                start,
                end,
                f"“{copy.text[start:end]}” cho biết {row['about']} của một người, là dữ liệu cá nhân nhạy cảm.",
                "advise",
                "Bỏ chi tiết này, hoặc chỉ nêu khi người ấy đã đồng ý.",
            )


def find_promotion(copy: Copy) -> Iterator[Finding]:
    """Words that sell something: notices on the loudspeakers may not."""
    words = copy.words
    for _, first, last in find_phrases(copy, "promotion_words"):
        start, end = words[first].start, words[last].end
        yield copy.finding(
            "promotion",
            start,
            end,
            f"“{copy.text[start:end]}” là lời quảng cáo; loa truyền thanh không quảng bá sản phẩm.",
            "advise",
            "Bỏ, hoặc viết thành thông tin.",
        )
