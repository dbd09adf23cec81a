"""Marks and signs: pauses, brackets, quotation, Markdown, arithmetic, emoji."""

import re
import unicodedata

from .abbreviations import read_repeated
from .cardinals import NUMBER, say_number, spell_digits
from .documents import issued_by
from .fractions import VULGAR, say_vulgar
from .patterns import pattern
from .rules import Line, Said, trigger
from .tables import pairs
from .units import match_tail

_ENDING = pattern(r"(?:\s?\.\s?)?/\s?\.?/?\s?(?=$|[*_\"”)])")
_DOTS = pattern(r"\.{2,}|…+\.*")
_BLANK_LINE = pattern(r"(?:_{3,}|\.{4,}|…{2,}|…\.+|(?:…|\.{2,3}|_{2})(?=\s?/))[._…\s]*")
_BLANK_DATE = pattern(r"/ ?(?:0?(1?\d)|[.…_]{1,9})?[ .…_]{0,3}/? ?(?=(?:19|20)\d{2}(?!\d))")
_DASHES = re.compile(r"[-–—−‐‑‒―]+")
_NEGATIVE = pattern(rf"[-–−](?=\s?{NUMBER})")
_TAG = pattern(r"<(?:/?[a-zA-Z][^<>]{0,200}|!--.{0,500}?--)>")
_LINK = pattern(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_SIGNED = pattern(rf"(±|\+/-|≥|≤|>=|<=|>|<|~|≈|∼|№|#|\+|=)\s?(?={NUMBER}|\d)|=(?=\s?(?:[-–−]\s?\d|\?))")
_AGE = pattern(r"\d{1,3}\s?(?:-\s?\d{1,3}\s)?(?:tuổi|tháng tuổi|ngày tuổi|tuần tuổi)")
_SIGNS = {
    "±": "cộng trừ",
    "+/-": "cộng trừ",
    "≥": "lớn hơn hoặc bằng",
    ">=": "lớn hơn hoặc bằng",
    "≤": "nhỏ hơn hoặc bằng",
    "<=": "nhỏ hơn hoặc bằng",
    ">": "lớn hơn",
    "<": "nhỏ hơn",
    "~": "khoảng",
    "≈": "xấp xỉ",
    "∼": "khoảng",
    "№": "số",
    "#": "số",
    "+": "cộng",
    "=": "bằng",
}
_LONE = {
    "&": "và",
    "＆": "và",
    "%": "phần trăm",
    "‰": "phần nghìn",
    "+": "cộng",
    "=": "bằng",
    "×": "nhân",
    "÷": "chia",
    "≠": "khác",
    "∞": "vô cùng",
    "≥": "lớn hơn hoặc bằng",
    "≤": "nhỏ hơn hoặc bằng",
    "°": "độ",
    "€": "ơ-rô",
    "$": "đô la",
    "₫": "đồng",
    "£": "bảng",
    "@": "a còng",
    "²": "bình phương",
    "³": "lập phương",
    "√": "căn",
    "⊥": "vuông góc với",
    "∛": "căn bậc ba",
    "§": "mục",
    "Δ": "đen-ta",
    "Ω": "ôm",
    "µ": "mi-cờ-rô",
    "μ": "mi-cờ-rô",
    "№": "số",
    "→": ",",
    "⇒": ",",
    "±": "cộng trừ",
}
_PAUSES = {
    ",": ",",
    "，": ",",
    "、": ",",
    ";": ";",
    "；": ";",
    ":": ":",
    "：": ":",
    ".": ".",
    "。": ".",
    "?": "?",
    "？": "?",
    "!": "!",
    "！": "!",
    "…": "…",
    "(": ",",
    ")": ",",
    "[": ",",
    "]": ",",
    "{": ",",
    "}": ",",
    "|": ",",
    "¿": "",
    "¡": "",
}
_TELEPHONE = pattern(r"\s?0\d{2}[\d. -]{6,}")
_MEASURED = trigger("symbols.measured")
_OVER = trigger("symbols.over")
_PAIR = pattern(r"(?<![A-Za-z])[A-Z]{3}/[A-Z]{3}(?![A-Za-z])")
_GLUED = pattern(r"(\d)(?=[^\W\d_])")
_PARALLEL = pattern(r"// [A-Z]{1,2}(?!\w)")
_LESS = re.compile(r"(?:\d?[xyz]|[xyz][²³]|\))\s?$")
"""What something may be taken from in an equation."""
_TAKEN = pattern(r"\s?(?:\d|[xyz](?!\w))")
_EQUATION = pattern(r"[=≥≤<>]")
_MEASURE = pattern(r"\d\s?(?:ha|km|m|m2|m²|m3|m³|kg|g|tấn|tạ|lít|l)$")
_RATES = frozenset(
    {
        "phút",
        "giây",
        "giờ",
        "ngày",
        "tuần",
        "tháng",
        "quý",
        "năm",
        "người",
        "hộ",
        "lần",
        "ca",
        "vụ",
        "buổi",
        "héc-ta",
        "sào",
    }
)
_OF_MANY = pattern(
    r"(?:\d[\d.]{1,9}|vạn|nghìn|triệu) (?:dân|người|trẻ|bé|nam|nữ|hộ|ca|phụ nữ)(?!\w)"
    r"|\d[\d.,]{0,9} (?:tỷ|triệu|nghìn|ngàn) đồng(?!\w)"
    r"|\d{1,3} (?:ngày|tháng|giờ|phút|năm|km)(?!\w)"
)
_COUNTED = pattern(r"\d[a-zđ]{0,3}[23²³]? (?:[a-zß-öø-ɏḀ-ỿ]{1,7} ){0,2}[a-zß-öø-ɏḀ-ỿ]{2,7}$")
_SPANNED = re.compile(
    r"(?<!\w)(năm|ngày|tháng|quý|lớp|khóa|tuần|điều|khoản|chương|trang|thứ|bài|tập|tầng|phòng|tiết|tổ|mục|kỳ)"
    r" [\dIVXivx/.]{1,10}\s*$"
)
_BELOW_ZERO = re.compile(r"\s?[-–−]\d")
_NUMBERED = pattern(r"\d\s?(?:%|[°º]?[a-z]{0,2}) $")
_MILESTONE = re.compile(r"(?<!\w)km\s?\d{1,4}(?:\+\d{1,3})?\s?$")
_LASTS = re.compile(r"\d (?:ngày|tuần|tháng|năm|giờ|phút)\s?$")
_LASTED = pattern(r"\s?\d{1,3} (?:ngày|tuần|tháng|năm|giờ|phút)(?!\w)")
_KILOMETRE = pattern(r"\s?[Kk][Mm]\s?\d")
_GREEK = {
    "α": "an-pha",
    "β": "bê-ta",
    "γ": "gam-ma",
    "δ": "đen-ta",
    "π": "pi",
    "λ": "lam-đa",
    "σ": "xích-ma",
    "ω": "ô-mê-ga",
    "θ": "tê-ta",
    "ε": "ép-xi-lon",
    "η": "ê-ta",
    "ρ": "rô",
    "τ": "tao",
    "φ": "phi",
    "χ": "khi",
    "ψ": "pơ-xi",
    "∆": "đen-ta",
    "∑": "tổng",
}


_KEYS = {"#": "thăng", "*": "sao", "@": "a còng", "&": "và", "/": "gạch chéo", "-": "gạch ngang", "+": "cộng",
         "=": "bằng", "%": "phần trăm", "_": "gạch dưới", "!": "chấm than", "?": "hỏi"}  # fmt: skip
_KEY_NAMED = re.compile(r"(?<!\w)(?:phím|dấu|nút|ký tự|ký hiệu) $")
_SERVICE_CODE = pattern(r"\*\d{2,4}(?:\*\d{1,14}){0,3}#")
_FACTORIAL = pattern(r"!(?=\s?=\s?\d|$)")


def read_key(line: Line, at: int) -> Said | None:
    """A sign that is named as such, "bấm phím #"; what is dialled at a provider, "*101#"; a factorial, "5! = 120"."""
    text, sign = line.text, line.text[at]
    found = _SERVICE_CODE.match(text, at)
    if found:
        names = (_KEYS.get(part) or spell_digits(part) for part in re.findall(r"\d+|[*#]", found.group()))
        return Said(found.end(), " ".join(names), "letters")
    if sign in _KEYS and not text[at + 1 : at + 2].isalnum() and _KEY_NAMED.search(line.before(at)):
        return Said(at + 1, _KEYS[sign], "letters")
    if sign == "!" and text[:at].strip().isdigit() and _FACTORIAL.match(text, at):
        return Said(at + 1, "giai thừa", "ratio")
    return None


def read_symbol(line: Line, at: int) -> Said | None:
    """A sign or a mark where no number or word begins; it always answers, so that reading goes on."""
    text, sign = line.text, line.text[at]
    if sign in "[!<":
        found = _LINK.match(text, at)
        if found and found.group(1) and sign != "!":
            return Said(at + 1, "", "dropped")
        found = found or _TAG.match(text, at)
        if found:
            return Said(found.end(), "", "dropped")
    if sign == "]" and (found := re.compile(r"\]\([^()\s]{0,500}\)").match(text, at)):
        return Said(found.end(), "", "dropped")
    if sign == "/" and (said := _blank_date(line, at)) is not None:
        return said
    if sign in "./":
        found = _ENDING.match(text, at)
        if found and (sign == "/" or "/" in found.group()):
            return Said(found.end(), ".", "pause")
    if sign in "._…" and (found := _BLANK_LINE.match(text, at)):
        return _blank(line, found.start(), found.end())
    if sign == "(" and (said := read_repeated(line, at)) is not None:
        return said
    if sign in ".…":
        found = _DOTS.match(text, at)
        if found:
            return Said(found.end(), "…", "pause")
    if sign == "/":
        if _PARALLEL.match(text, at):
            return Said(at + 2, "song song với", "ratio")
        return _slash(line, at)
    if sign in "-–—−‐‑‒―":
        return _dash(line, at)
    found = _SIGNED.match(text, at)
    if found:
        mark = found.group(1) or "="
        if mark == "#" and at and text[at - 1].isalnum():
            return Said(at + 1, "thăng", "unit")
        if mark in "<>" and (_AGE.match(text, found.end()) or line.before(at).endswith(("đến ", "tới "))):
            return Said(found.end(), "dưới" if mark == "<" else "trên", "unit")
        return Said(found.end(), _SIGNS[mark], "unit")
    if sign == "," and not text[:at].strip() and text[at + 1 : at + 2].isdigit():
        return Said(at + 1, "phẩy", "decimal")
    if sign in VULGAR:
        return Said(at + 1, say_vulgar(sign, line), "fraction")
    if sign in _PAUSES:
        return Said(at + 1, _PAUSES[sign], "pause")
    if sign in _LONE:
        return _lone(line, at)
    return _other(line, at)


def _blank(line: Line, at: int, end: int) -> Said:
    """A place left blank, "ngày ......": a pause and a question; a document without its number keeps its issuer."""
    if line.text[end : end + 1] == "/" and (issued := issued_by(line, end + 1)) is not None:
        words = "" if " của " in line.text[issued[0] : issued[0] + 60] else f"của {issued[1]}"
        return Said(issued[0], words, "document", certain=False, question="blank")
    while end > at and line.text[end - 1].isspace():
        end -= 1
    return Said(end, ",", "pause", certain=False, question="blank")


def _blank_date(line: Line, at: int) -> Said | None:
    """The month and year of a date whose day was left blank, "…/11/2026"."""
    found = _BLANK_DATE.match(line.text, at)
    if found is None or line.before(at).rstrip()[-1:] not in tuple(".…_"):
        return None
    month = found.group(1)
    named = f"tháng {'tư' if int(month) == 4 else say_number(month, line.region)} năm" if month else "năm"
    return Said(found.end(), named, "date")


def _lone(line: Line, at: int) -> Said:
    text, sign = line.text, line.text[at]
    between = at + 1 < len(text) and text[at + 1 :].strip()[:1].isalnum() and text[:at].strip()[-1:].isalnum()
    if sign == "+" and text[at - 1 : at].isdigit() and not between:
        return Said(at + 1, "cộng", "unit")
    if sign in "+=@$" and not between and text.strip() != sign:
        return Said(at + 1, "", "dropped")
    spoken = _LONE[sign]
    return Said(at + 1, spoken, "pause" if spoken == "," else "unit")


def _is_rate(line: Line, at: int, tail: str) -> bool:
    """Are things counted before the slash and a time or a person named after it: "2 bữa ăn/ngày"?"""
    return tail.split(" ")[2] in _RATES and _COUNTED.search(line.before(at)) is not None


def _parted(before: str) -> str:
    """The words before with a blank between a number and what is glued to it, "12,5tấn"."""
    return _GLUED.sub(r"\1 ", before)


def _slash(line: Line, at: int) -> Said:
    text, codes = line.text, pairs("currencies")
    if _PAIR.match(text, at - 3) and text[at - 3 : at] in codes and text[at + 1 : at + 4] in codes:
        return Said(at + 1, "trên", "ratio")
    end, tail = match_tail(line.text, at)
    code = end == at + 2 and text[at + 1].isupper()
    if (
        tail
        and not code
        and (line.before(at)[-1:].isdigit() or _MEASURED(_parted(line.before(at))) or _is_rate(line, at, tail))
    ):
        return Said(end, tail.strip(), "unit")
    before = line.before(at)
    if _OVER(before) and text[at + 1 : at + 2].isalpha():
        return Said(at + 1, "trên", "ratio")
    if before.rstrip(" :").endswith(" số") and issued_by(line, at + 1) is not None:
        return _blank(line, at, at)
    if before[-1:].isalpha() and _OF_MANY.match(line.text, at + 1):
        return Said(at + 1, "trên", "ratio")
    if line.text[at + 1 : at + 2].isspace() or before.endswith(("và", "hoặc", " ")) or not before:
        return Said(at + 1, "" if before.endswith("và") else ",", "pause")
    if _MEASURE.search(text[max(0, at - 8) : at]) and text[at + 1 : at + 2].isdigit():
        return Said(at + 1, "trên", "ratio")
    if before[-1:].isdigit() and line.text[at + 1 : at + 2].isdigit() and not _TELEPHONE.match(line.text, at + 1):
        return Said(at + 1, "trên", "ratio")
    return Said(at + 1, ",", "pause")


def _dash(line: Line, at: int) -> Said:
    found = _DASHES.match(line.text, at)
    assert found is not None
    end, text = found.end(), line.text
    previous, following = text[at - 1 : at], text[end : end + 1]
    if end - at == 1 and following.isdigit() and (not previous or previous in " \t([:<>=≤≥~,"):
        before = line.before(at).rstrip()
        if not (before[-1:].isdigit() and previous == " "):
            return Said(end, "" if before.endswith("âm") else "âm", "cardinal")
    before = line.before(at)
    if _LESS.search(before) and _TAKEN.match(text, end) and _EQUATION.search(text):
        return Said(end, "trừ", "ratio")
    if (_MILESTONE.search(before) and _KILOMETRE.match(text, end)) or (
        _LASTS.search(before) and _LASTED.match(text, end)
    ):
        return Said(end, "đến", "range")
    if previous == " " and _BELOW_ZERO.match(text, end) and _NUMBERED.search(line.before(at)):
        return Said(end, "đến", "range")
    spanned = _SPANNED.search(line.before(at))
    if spanned and re.match(rf"\s*{spanned.group(1)}\s+[\dIVX]", text[end : end + 12], re.IGNORECASE):
        return Said(end, "đến", "range")
    if previous.isdigit() and following.isdigit():
        return Said(end, ",", "pause")
    return Said(end, "-", "pause")


def _other(line: Line, at: int) -> Said:
    sign = line.text[at]
    if sign.lower() in _GREEK:
        return Said(at + 1, _GREEK[sign.lower()], "letters")
    value = unicodedata.numeric(sign, None)
    if value is not None and value == int(value) and 0 <= value < 10**12:
        return Said(at + 1, say_number(str(int(value)), line.region), "cardinal")
    category = unicodedata.category(sign)
    if category[0] == "L":
        base = unicodedata.normalize("NFKD", sign)[:1]
        if base != sign and base.isascii() and base.isalpha():
            return Said(at + 1, base, "letters")
        end = at + 1
        while end < len(line.text) and unicodedata.category(line.text[end])[0] in "LM" and not _latin(line.text[end]):
            end += 1
        return Said(end, "", "dropped", certain=False, question="unreadable")
    return Said(at + 1, "", "pause" if sign in "\"'“”„‟‘’«»‹›" else "dropped")


def _latin(letter: str) -> bool:
    return letter <= "\u024f" or "\u1e00" <= letter <= "\u1eff"
