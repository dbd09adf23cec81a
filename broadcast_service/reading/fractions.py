"""Two numbers with a mark between: fractions, ratios, scores, measures, ranges; and percentages."""

import re
from dataclasses import replace

from .cardinals import NUMBER, say_measured, say_number, spell_digits
from .dates import say_date, stands_alone
from .day_months import HOUSE
from .patterns import pattern
from .rules import Line, Said, follower, trigger, vietnamese
from .units import match_tail, match_unit

_DASH = r"\s{0,2}(?:[-–—−~]|->|→)\s{0,2}"
_PERCENT = pattern(rf"({NUMBER})\s?(%|‰|phần trăm)?{_DASH}({NUMBER})\s?(%|‰)|({NUMBER})\s?(%|‰)")
_MIXED = pattern(r"([1-9]\d{0,2})(?:\s|\s?và\s)([1-9]\d{0,2})/([1-9]\d{0,3})(?![\d/])")
_GROUPED = pattern(r"\d{1,3}(?:\.\d{3})+")
_LESS = pattern(r"\s?[-–−]\s?(?=\d{1,4}/\d{1,4}\s?=)")
_TO_SHARE = pattern(r"\s?[-–−]\s?(?=(\d{1,2})/(\d{1,2})(?![\d/]))")
_VULGAR = pattern(r"(\d{1,4})\s?([¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_SLASHED = pattern(rf"({NUMBER})\s?/\s?({NUMBER})")
_MANY = pattern(r"\d{1,6}(?:/\d{1,6}){2,7}(?!\d)")
_COLON = pattern(rf"({NUMBER})\s?:\s?({NUMBER})((?:\s?:\s?\d{{1,6}}){{0,4}})")
_DASHED = pattern(rf"({NUMBER}){_DASH}({NUMBER})(?!\s?[-–—]\s?\d)")
_BELOW = pattern(rf"({NUMBER}){_DASH}(<|<=|≤)\s?(?=({NUMBER}))")
_CHAIN = pattern(r"\d{1,6}(?:\s?[-–]\s?\d{1,6}){2,12}(?![\d/])")
_POWER = pattern(
    r"(\d{1,6}(?:[.,](?!10[\^⁻⁰¹²³⁴-⁹])\d{1,12})?)(?:([eE^])([-–−+]?)(\d{1,4})(?!\w)|([⁻⁺]?)([⁰¹²³⁴-⁹]{1,4}))"
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_QUOTIENT = pattern(rf"({NUMBER})\s(?::|÷|/)\s(?={NUMBER}\s?=)")
_DIVIDED = pattern(rf"({NUMBER})\s:\s(?={NUMBER})")
_CALCULATED = pattern(r"(?<!\w)(?:phép tính|phép chia|thương của) $")
_DIFFERENCE = pattern(rf"({NUMBER})\s?[-–−]\s?(?={NUMBER}\s?=)")
_TIMES = pattern(rf"({NUMBER})(?:\s?(?:[xX×*·]|х)\s?(?=\d)|\.(?=10(?:\^|[⁻⁰¹²³⁴-⁹])))")

_SCORE = trigger("fractions.score")
_SCORES = pattern(r"(?:\(?\d{1,3}\s?[-–]\s?\d{1,3}(?:,| và|;)? ?\(?){1,6}$")
_TEAM = vietnamese(
    r"(?:[A-ZĐÀ-Ỹ][a-zà-ỹ]{0,9} (?!(?:Điều|Khoản|Chương|Mục|Phần|Lớp|Tổ|Khối|Tiết|Trang|Cấp|Bài|Thôn|Quý|Tháng|Ngày) $)"
    r"[A-ZĐÀ-Ỹ][a-zà-ỹ]{0,9}|(?<!\w)[A-ZĐ]{3,5}|U\d\d [\w ]{2,20}) $"
)
_MATCH = vietnamese(
    r"(?:[A-ZĐÀ-Ỹ][a-zà-ỹ]{1,9}|[A-ZĐ]{3,5}|U\d\d) [-–] (?:(?:[A-ZĐÀ-Ỹ][a-zà-ỹ]{1,9} ){1,3}|[A-ZĐ]{3,5} ):? ?$"
)
_ENDS = pattern(r"\s?(?:[,.;)(]|$)")
_OPPONENT = vietnamese(r" (?:[A-ZĐÀ-Ỹ][a-zà-ỹ]{1,12}(?!\w)|[A-ZĐ]{3,5}(?!\w)|U\d\d)")
_ADDRESS = trigger("fractions.address")
_STREET = vietnamese(r"[A-Z]?\s*,?\s*(?:đường|phố|hẻm|ngõ|kiệt|[A-ZĐ][a-zà-ỹ]+ [A-ZĐ][a-zà-ỹ]+,)")
_RATIO = trigger("fractions.ratio")
_PART = trigger("fractions.part")
_RESULT = trigger("fractions.result")
_ALONE = pattern(r"\s?(?:[.,;:!?)]|$)|\s(?:của|là|và|tổng|bằng|cộng|trừ|nhân|[-+=×÷<>])(?=\s)")
_WHOLE = follower("fractions.whole")
_COUNTED = follower("counted")
_PEOPLE = follower("fractions.people")
_DENOMINATORS = frozenset({20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 25000, 50000, 100000, 1000000})
_MINUS = pattern(r"(?<!\w)(?:bằng|tính|phép tính|phép trừ|hiệu|hiệu số|lấy) $")
_IN_SUM = pattern(r"\d\s?[+×÷]\s?$")
_BLOOD_PRESSURE = (range(80, 221), range(40, 131))
_HOLIDAYS = frozenset({"20-10", "20-11", "22-12", "30-4", "19-5", "27-7", "26-3", "19-8", "8-3"})
_SIGNS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_WORTH = "1/4 1/2 3/4 1/7 1/9 1/10 1/3 2/3 1/5 2/5 3/5 4/5 1/6 5/6 1/8 3/8 5/8 7/8"
VULGAR = dict(zip(_SIGNS, _WORTH.split(" "), strict=True))


def _percent(sign: str, line: Line) -> str:
    return line.region.per_mille if sign == "‰" else "phần trăm"


def say_fraction(above: str, below: str, line: Line) -> str:
    """A fraction in words; a quarter is "phần tư" where the region says so."""
    low = "tư" if below == "4" else say_number(below, line.region)
    return f"{say_number(above, line.region)} phần {low}"


def _is_mixed(line: Line, at: int, below: int, end: int) -> bool:
    """Is a fraction with this denominator part of the whole number before it? Not where its things are counted."""
    if below <= 16:
        return True
    return (below in _DENOMINATORS or stands_alone(line, at, end)) and not _COUNTED(line.text, end)


def read_percent(line: Line, at: int) -> Said | None:
    """A percentage, or a range of them."""
    found = _PERCENT.match(line.text, at)
    if found is None:
        return None
    low, both, high, sign, single, own = found.groups()
    if single:
        end, tail = match_tail(line.text, found.end())
        return Said(end, f"{say_measured(single, line.region)} {_percent(own, line)}{tail}", "percent")
    first = say_measured(low, line.region) + (f" {_percent(both, line)}" if both else "")
    words = f"{first} đến {say_measured(high, line.region)} {_percent(sign, line)}"
    end, tail = match_tail(line.text, found.end())
    return Said(end, words + tail, "percent")


def read_fraction(line: Line, at: int) -> Said | None:
    """Two whole numbers with a slash: a fraction, perhaps with its unit, so many of so many, or a house number."""
    said = _read_fraction(line, at)
    if said is not None and said.kind == "ratio" and " trên " in said.spoken:
        end, unit = match_unit(line.text, said.end)
        return replace(said, end=end, spoken=said.spoken + unit)
    if said is None or said.kind != "fraction":
        return said
    less = _LESS.match(line.text, said.end)
    if less:
        return replace(said, end=less.end(), spoken=f"{said.spoken} trừ")
    rising = _TO_SHARE.match(line.text, said.end)
    share = _SLASHED.match(line.text, at)
    if rising and share and share.group(1).isdigit() and share.group(2).isdigit():
        low, high = (int(part[0]) / max(1, int(part[1])) for part in (share.groups(), rising.groups()))
        if low < high <= 1:
            return replace(said, end=rising.end(), spoken=f"{said.spoken} đến")
    end, unit = match_unit(line.text, said.end)
    return replace(said, end=end, spoken=said.spoken + unit)


def _read_fraction(line: Line, at: int) -> Said | None:
    region = line.region
    found = _VULGAR.match(line.text, at)
    if found:
        above, below = VULGAR[found.group(2)].split("/")
        return Said(
            found.end(), f"{say_number(found.group(1), region)} và {say_fraction(above, below, line)}", "fraction"
        )
    found = _MIXED.match(line.text, at)
    if found and int(found.group(2)) < int(found.group(3)) and _is_mixed(line, at, int(found.group(3)), found.end()):
        return Said(
            found.end(),
            f"{say_number(found.group(1), region)} và {say_fraction(found.group(2), found.group(3), line)}",
            "fraction",
        )
    found = _MANY.match(line.text, at)
    if found:
        word = region.address_slash if _ADDRESS(line.before(at)) else "trên"
        return Said(
            found.end(), f" {word} ".join(say_number(part, region) for part in found.group().split("/")), "ratio"
        )
    found = _SLASHED.match(line.text, at)
    if found is None:
        return None
    above, below = found.groups()
    before, end = line.before(at), found.end()
    grouped = _GROUPED.fullmatch(below)
    if grouped and (above == "1" or (above.isdigit() and len(above) <= 3 and stands_alone(line, at, end))):
        return Said(end, say_fraction(above, below, line), "fraction")
    if not (above.isdigit() and below.isdigit()):
        return Said(end, f"{say_number(above, region)} trên {say_number(below, region)}", "ratio")
    if _ADDRESS(before) and (_STREET.match(line.text, end) or not before.rstrip().endswith("số") or "nhà" in before):
        return Said(end, f"{say_number(above, region)} {region.address_slash} {say_number(below, region)}", "ratio")
    if before.endswith("tại ") and HOUSE.match(line.text, end):
        return Said(end, f"{say_number(above, region)} {region.address_slash} {say_number(below, region)}", "ratio")
    high, low = int(above), int(below)
    pressed = high > low and high in _BLOOD_PRESSURE[0] and low in _BLOOD_PRESSURE[1]
    named = before.endswith(("phân số ", "hỗn số "))
    alone = stands_alone(line, at, end)
    if alone and "0" in (above[0], below[0]) and len(above + below) > 2:
        parts = (spell_digits(part) if part[0] == "0" else say_number(part, region) for part in (above, below))
        return Said(end, " trên ".join(parts), "ratio")
    if 0 < low != high and not pressed and (named or alone):
        return Said(end, say_fraction(above, below, line), "fraction")
    counted = _COUNTED(line.text, end)
    share = (_WHOLE(line.text, end) and not (low > 10 and _PEOPLE(line.text, end))) or _RATIO(before)
    if counted and 0 < high < low <= 5 and (high == 1 or _PEOPLE(line.text, end)):
        return Said(end, say_fraction(above, below, line), "fraction", certain=False)
    if _RESULT(before) and not share:
        return Said(end, f"{say_number(above, region)} trên {say_number(below, region)}", "ratio")
    if 0 < high < low and (
        share or (not counted and (low <= 10 or (high == 1 and (low > 31 or low in _DENOMINATORS))))
    ):
        return Said(end, say_fraction(above, below, line), "fraction", certain=share or _PART(before) or low > 12)
    if 0 < high < low <= 100 and not _RESULT(before) and _ALONE.match(line.text, end):
        return Said(end, say_fraction(above, below, line), "fraction", certain=share)
    if counted or high == low or not 0 < high < 10 or low == 0 or low > 10:
        return Said(end, f"{say_number(above, region)} trên {say_number(below, region)}", "ratio")
    return Said(end, say_fraction(above, below, line), "fraction", certain=share)


def read_ratio(line: Line, at: int) -> Said | None:
    """A ratio or a score with a colon: "1:500", "2:1", "1:2:3"."""
    found = _COLON.match(line.text, at)
    if found is None or found.group().find(": ") >= 0:
        return None
    low, high, rest = found.groups()
    joint = " " if _SCORE(line.before(at)) else ", " if len(low) > 3 and len(high) > 3 else " trên "
    words = joint.join(say_number(part.strip(), line.region) for part in [low, high, *rest.split(":")[1:]])
    return Said(found.end(), words, "ratio")


def read_dashed(line: Line, at: int) -> Said | None:
    """Two numbers with a dash: a score after a word for one, a range if it rises, else the numbers side by side."""
    found = _BELOW.match(line.text, at)
    if found:
        joint = "đến dưới" if found.group(2) == "<" else "đến"
        return Said(found.end(), f"{say_number(found.group(1), line.region)} {joint}", "range")
    found = _CHAIN.match(line.text, at)
    if found:
        parts = re.split(r"\s?[-–]\s?", found.group())
        if max(map(len, parts)) > 2:
            return Said(found.end(), ", ".join(spell_digits(part) for part in parts), "letters")
        return Said(found.end(), ", ".join(say_number(part, line.region) for part in parts), "letters")
    found = _DASHED.match(line.text, at)
    if found is None:
        return None
    low, high = (say_number(part, line.region) for part in found.groups())
    left, right = (_value(part) for part in found.groups())
    if line.before(at).endswith("thứ ") and left < right <= 7 and right == int(right):
        names = ("tư" if part == "4" else say_number(part, line.region) for part in found.groups())
        return Said(found.end(), " đến thứ ".join(names), "range")
    if _IN_SUM.search(line.before(at)) or (left > right and _MINUS.search(line.before(at))):
        return Said(found.end(), f"{low} trừ {high}", "ratio")
    if found.group().count(" ") == 2 and left > right >= 0 and stands_alone(line, at, found.end()):
        return Said(found.end(), f"{low} trừ {high}", "ratio")
    if _SCORE(_SCORES.sub("", line.before(at))) and len(found.group(1)) <= 2 and len(found.group(2)) <= 2:
        return Said(found.end(), _score(left, right, low, high), "ratio")
    if right < 20 and _TEAM.search(line.text[max(0, at - 40) : at]) and _OPPONENT.match(line.text, found.end()):
        return Said(found.end(), _score(left, right, low, high), "ratio", certain=False)
    if right < 20 and _MATCH.search(line.text[max(0, at - 50) : at]) and _ENDS.match(line.text, found.end()):
        return Said(found.end(), _score(left, right, low, high), "ratio", certain=False)
    if left < right:
        return Said(found.end(), f"{low} đến {high}", "range")
    if f"{left:g}-{right:g}" in _HOLIDAYS:
        return Said(found.end(), say_date(int(left), int(right), None, line, at, found.end()), "date", certain=False)
    if left < 100 and right < 100:
        return Said(found.end(), _score(left, right, low, high), "ratio", certain=False)
    if left >= 100 and right < 10 and not line.before(at).endswith(("từ ", "giảm ", "khoảng ")):
        return Said(found.end(), f"{low}, {high}", "letters", certain=False)  # a type: "Boeing 787-9"
    return Said(found.end(), f"{low} đến {high}", "range", certain=False)


def _score(left: float, right: float, low: str, high: str) -> str:
    """The two sides of a score; apart where they would run into one number, "20-5": hai mươi, năm."""
    return f"{low}, {high}" if left >= 10 and left % 10 == 0 and 0 < right < 10 else f"{low} {high}"


def _value(written: str) -> float:
    if written.count(".") == 1 and len(written.split(".")[1]) != 3 and "," not in written:
        return float(written)
    return float(written.replace(".", "").replace(",", ".", 1).replace(",", ""))


def read_times(line: Line, at: int) -> Said | None:
    """The first side of a measure, "3x4", of a sum, "10 : 2 = 5", or a power, "2^3", "3,2e5"; the rest has its own."""
    found = _POWER.match(line.text, at)
    if found:
        base, mark, sign, exponent, high_sign, high = found.groups()
        sign, exponent = (sign, exponent) if mark else (high_sign, high.translate(_RAISED))
        if mark in ("e", "E"):
            if base.isdigit() and not sign and line.before(at).strip():
                return None
            words = f"{_say_mantissa(base, line)} nhân mười"
        else:
            words = say_number(base, line.region)
        if high in ("²", "³") and not sign and base != "10":
            return Said(found.end(), f"{words} {'bình phương' if high == '²' else 'lập phương'}", "ratio")
        minus = "trừ " if sign and sign not in "+⁺" else ""
        end, unit = match_unit(line.text, found.end())
        return Said(end, f"{words} mũ {minus}{say_number(exponent, line.region)}{unit}", "ratio")
    found = _QUOTIENT.match(line.text, at)
    if found:
        return Said(found.end(), f"{say_number(found.group(1), line.region)} chia", "ratio")
    divided = _DIVIDED.match(line.text, at)
    if divided and _CALCULATED.search(line.before(at)):
        return Said(divided.end(), f"{say_number(divided.group(1), line.region)} chia", "ratio")
    found = _DIFFERENCE.match(line.text, at)
    if found:
        return Said(found.end(), f"{say_number(found.group(1), line.region)} trừ", "ratio")
    found = _TIMES.match(line.text, at)
    if found is None:
        return None
    return Said(found.end(), f"{say_number(found.group(1), line.region)} nhân", "ratio")


def _say_mantissa(written: str, line: Line) -> str:
    """The number before a power of ten, whose dot parts no thousands."""
    whole, mark, decimals = written.partition("." if "." in written else ",")
    words = say_number(whole, line.region)
    return f"{words} {'chấm' if mark == '.' else 'phẩy'} {spell_digits(decimals)}" if decimals else words


def say_vulgar(mark: str, line: Line) -> str:
    """One of the ready-made fraction signs in words."""
    above, below = VULGAR[mark].split("/")
    return say_fraction(above, below, line)
