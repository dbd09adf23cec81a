"""Shell texts: call, greeting, contents, hand-over, farewell. Templates with fields such as {tên đài}."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from ..errors import Invalid

FIELDS = ("tên đài", "thứ", "ngày", "chuyên mục", "các mục", "tên bài")
"""What a shell may ask for."""

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_FIELD = re.compile(r"\{([^{}]*)\}")


def fields_in(template: str) -> list[str]:
    """The names in braces, in order, NFC and lower case."""
    return [_name(match) for match in _FIELD.finditer(template)]


def check(template: str) -> None:
    """Raises Invalid, naming the field, when the template asks for one that does not exist or leaves a brace open."""
    for name in fields_in(template):
        if name not in FIELDS:
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            raise Invalid(f"Lời dẫn có chỗ điền {{{name}}} chưa biết. Các chỗ điền dùng được: {known}.")
    if set("{}") & set(_FIELD.sub("", template)):
        raise Invalid("Lời dẫn có dấu ngoặc nhọn lẻ. Mỗi chỗ điền cần đủ { và }, như {ngày}.")


def fill(template: str, fields: Mapping[str, str]) -> str:
    """The template with every field filled in, once: braces in a value are left alone.

    Raises Invalid for an unknown field, and for one that has no value here.
    """
    check(template)
    missing = [name for name in fields_in(template) if name not in fields]
    if missing:
        raise Invalid(f"Lời dẫn cần {{{missing[0]}}}, mà ở chỗ này không có. Hãy sửa lời dẫn.")
    return _FIELD.sub(lambda match: fields[_name(match)], template)


def parts(paragraph: str) -> list[str]:
    """A paragraph cut so that each sentence with a field stands alone and those between stay together.

    What has no field sounds the same every day, and is then spoken once.
    """
    cut: list[str] = []
    for sentence in _SENTENCE_END.split(paragraph.strip()):
        if cut and not fields_in(sentence) and not fields_in(cut[-1]):
            cut[-1] += f" {sentence}"
        else:
            cut.append(sentence)
    return cut


def day_fields(day: date) -> dict[str, str]:
    """{thứ} and {ngày} of a local date; the date stays in digits, to be read aloud later."""
    return {"thứ": weekday_name(day), "ngày": f"{day.day}/{day.month}/{day.year}"}


def weekday_name(day: date) -> str:
    """“thứ Hai” … “Chủ nhật”."""
    return _WEEKDAYS[day.weekday()]


def listing(titles: Sequence[str]) -> str:
    """Titles as one enumeration, without a final mark: “A; B; C”."""
    return "; ".join(title.strip().rstrip(".;") for title in titles)


def _name(match: re.Match[str]) -> str:
    return " ".join(unicodedata.normalize("NFC", match.group(1)).lower().split())
