"""Roman numerals, only after a word that announces one: lần thứ XIII, thế kỷ XXI, quý III/2024."""

import re

from .cardinals import cardinal
from .rules import Line, Said, ends_with

_ROMAN = re.compile(r"(?=[IVXLC])(C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})(?![^\W\d_])")
_YEAR = re.compile(r"\s?[/-]\s?((?:19|20)\d{2})(?!\d)")
_DASH = re.compile(r"\s{0,2}[-–—]\s{0,2}|\s(?:đến|và)\s|,\s")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ORDINAL = ends_with("thứ")
_TRIGGER = ends_with(
    "thứ",
    "lần",
    "đại hội",
    "đại hội đảng",
    "hội nghị",
    "thế kỷ",
    "thế kỉ",
    "tk",
    "quý",
    "quí",
    "khóa",
    "khoá",
    "hạng",
    "loại",
    "chương",
    "phần",
    "mục",
    "cấp",
    "bậc",
    "nhóm",
    "tập",
    "kỳ",
    "phụ lục",
    "vùng",
    "khu",
    "quân khu",
    "quân đoàn",
    "giai đoạn",
    "bảng",
    "học kỳ",
    "hk",
    "đợt",
    "độ",
    "type",
    "typ",
    "liên khu",
    "trường sơn",
    "chính trị khu vực",
    "đại học",
    "giáo hoàng",
    "hoàng đế",
    "vua",
    "thế chiến",
    "chiến tranh thế giới",
    "thế giới",
    "kỳ họp",
    "trung tâm",
    "khu vực",
    "nhiệm kỳ",
    "tiểu khu",
    "phân khu",
    "công đoàn",
    "đại đội",
    "tổ",
    "khối",
    "tuyến",
    "thời kỳ",
    "đẳng",
    "louis",
    "elizabeth",
    "napoleon",
    "phêrô",
    "phaolô",
    "đại hội đảng bộ",
    "qh",
    "quốc hội",
    "số",
    "lớp",
    "mẫu",
    "biểu",
    "danh mục",
    "đề mục",
    "chủ đề",
    "bài",
    "quyển",
    "hình",
    "đại hội chi bộ",
    "đảng",
    "chuyên khoa",
    "bệnh viện",
    "nxb",
    "vành đai",
    r"(?:chương|phần|mục|quý|hạng|loại|nhóm|cấp|vùng|khóa|khoá|thế kỷ)[^.;:]{0,25}(?:,| và| đến| hoặc| hay)",
)
_MEDAL = ends_with("hạng", "giải")
_LETTER_ONLY = ends_with(
    "khu",
    "số",
    "lớp",
    "tổ",
    "nhóm",
    "khối",
    "vùng",
    "bảng",
    "tuyến",
    "loại",
    "cấp",
    "phần",
    "hình",
    "bài",
    "mẫu",
    "đội",
    "trung tâm",
    "khu vực",
    "đảng",
    "kỳ",
)


def roman_value(written: str) -> int:
    """The value of a well-formed Roman numeral below 400."""
    total = 0
    for here, following in zip(written, [*written[1:], ""], strict=True):
        value = _VALUES[here]
        total += -value if following and _VALUES[following] > value else value
    return total


def _say(value: int, before: str, line: Line) -> str:
    if _ORDINAL(before) and value in (1, 4):
        return "nhất" if value == 1 else "tư"
    if _MEDAL(before) and value in (1, 2):
        return "nhất" if value == 1 else "nhì"
    return cardinal(value, line.region)


def read_roman(line: Line, at: int) -> Said | None:
    """A Roman numeral after a trigger, or a span of two; single C, L, D, M and words such as MIX are left alone."""
    found = _ROMAN.match(line.text, at)
    if found is None or not found.group():
        return None
    before = line.before(at)
    written = found.group()
    if not _TRIGGER(before) or (written in ("C", "L") or (len(written) == 1 and written not in "IVX")):
        return None
    if written in ("X", "V") and _LETTER_ONLY(before):
        return None
    words = _say(roman_value(written), before, line)
    end = found.end()
    dash = _DASH.match(line.text, end)
    if dash and dash.group().strip() in ("-", "–", "—"):
        other = _ROMAN.match(line.text, dash.end())
        if other and other.group() and roman_value(other.group()) > roman_value(written):
            words, end = f"{words} đến {cardinal(roman_value(other.group()), line.region)}", other.end()
    year = _YEAR.match(line.text, end)
    if year:
        words, end = f"{words} năm {cardinal(int(year.group(1)), line.region)}", year.end()
    return Said(end, words, "roman")
