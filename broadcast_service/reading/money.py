"""Money: 500.000đ/người/tháng, 1,2 tỷ đồng, 2tr5, 50k, $100, 3 - 5 tr.đ."""

import re
from functools import cache

from .cardinals import NUMBER, cardinal, say_measured
from .patterns import pattern
from .rules import Line, Said, trigger, vietnamese
from .syllables import is_syllable
from .tables import pairs
from .units import match_tail, match_unit

_DASH = r"\s{0,2}(?:[-–—−~]|->|→)\s{0,2}"
_SCALES = {
    "k": 1_000,
    "tr": 1_000_000,
    "triệu": 1_000_000,
    "tỷ": 1_000_000_000,
    "tỉ": 1_000_000_000,
    "t": 1_000_000_000,
}
_SCALE = (
    r"(?:million|billion|nghìn tỷ|ngàn tỷ|triệu tỷ|trăm tỷ|triệu|nghìn|ngàn|trăm|tỷ|tỉ|tr|T[Rr]|[kK](?!Ω)"
    r"|[MB](?=\s?(?:USD|VN[DĐ]|EUR|đồng|đô|[$€£]))|M(?=\s?(?:lượt|người|view|sub|follow|like|tài khoản|bản)))"
)
_COMPOUND = pattern(
    r"(\d{1,4})(?:(tr|triệu|tỷ|tỉ|k|(?-i:t))|\s?(tr|triệu|tỷ|tỉ|k)\s?(?=\d{1,3}(?!\d|\s?đồng)))"
    r"(\d{1,3})(?![\w%]|[.,]\d|\s?(?:triệu|nghìn|ngàn|tr\b))(?:\s?(đồng|đ|vn[dđ]|usd)(?!\w))?",
    re.IGNORECASE,
)
_TO_SUM = pattern(rf"{_DASH}(?=\d{{1,4}}(?:,\d)?\s?{_SCALE})")
_TO_COMPOUND = pattern(rf"{_DASH}(?=\d{{1,4}}(?:tr|triệu|tỷ|tỉ|k)\d)")
_SHORT = pattern(r"(\d{1,3}(?:,\d)?)([tT])(?!\w)")
_LOADED = trigger("money.loaded")
_MARK = pattern(r"\d{1,2},\d{1,2}")
_MARKED = pattern(r"(?<!\w)(?:điểm|cộng|trừ|môn|đạt|thi|bài)[^.;]{0,20}$")
"""No sum in đồng has decimals: "8,5đ" are the marks of a pupil."""
_CARATS = trigger("money.carats")
_AGED = trigger("money.aged")


@cache
def _amount() -> re.Pattern[str]:
    names = sorted(pairs("currencies"), key=len, reverse=True)
    begins = "".join(sorted({re.escape(name[0]) for name in names}))
    currency = f"(?=[{begins}])(?:{'|'.join(map(re.escape, names))})"
    last = rf"({NUMBER})\s?({_SCALE}(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ\d]))?\.?\s?({currency})?(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ])"
    return re.compile(rf"({NUMBER})\s?({_SCALE}(?!\w))?\s?((?:{currency})(?!\w))?{_DASH}{last}|{last}")


_SIGN = r"(?:(?:US|HK|AU?|CA?|S|N[TZ])?\$|[€£¥₩฿₽₹₫])"
_PREFIXED = pattern(
    rf"({_SIGN}|(?:VNĐ|VND|USD|EUR|GBP|JPY|CHF)(?=\s?\d))\s?({NUMBER})(?:{_DASH}{_SIGN}?({NUMBER}))?\s?((?:{_SCALE}|[MB])(?!\w))?"
)
_CENTS = pattern(r"(\d[\d.]{0,14}),(\d\d?)")
_MINOR = {"$": "xu", "€": "xu", "£": "pen-ni"}
_NO_CENTS = pattern(r"[.,]00$")
_HECTARES = pattern(r"\sha(?![\w-])")
_ROADS = trigger("money.roads")
_FOR_ONE = vietnamese(r"/ ?([à-ỹ]|[a-zà-ỹđ]{2,7})(?!\w)")
"""What a price is for: "20k/bông"."""
_COMRADES = pattern(r"đ/c(?!\w)")
"""So many đồng chí: "09 đ/c"."""
_SLOGAN = pattern(r"(?:thông điệp|thực hiện|nguyên tắc|quy tắc|quy định|biện pháp|khuyến cáo|yêu cầu|tuân thủ) $")
"""The five measures of the epidemic, each beginning with K."""
_PRICED = pattern(r"(?:giá|phí|tiền|bán|mua|vé|đồng|chỉ)[^.;]{0,20}$")


def _scale(written: str | None, line: Line) -> str:
    if not written:
        return ""
    short = {
        "million": "triệu",
        "billion": "tỷ",
        "m": "triệu",
        "b": "tỷ",
        "k": line.region.thousand,
        "tr": "triệu",
        "tỉ": "tỷ",
        "nghìn": line.region.thousand,
        "ngàn": line.region.thousand,
    }
    words = [short.get(part.lower(), part.lower()) for part in written.split()]
    return " " + " ".join(words)


_FOREIGN = frozenset({"USD", "$", "US$", "EUR", "€", "GBP", "£"})


def _ungrouped(written: str) -> str:
    """A sum of foreign money without the commas that part its thousands: "1,500" dollars are not one and a half."""
    written = _NO_CENTS.sub("", written)
    return written.replace(",", "") if re.fullmatch(r"\d{1,3},\d{3}", written) else written


def _say_cents(written: str, currency: str, line: Line) -> str:
    """A sum with its hundredths named, "10,5$": mười đô la năm mươi xu; empty if it has none."""
    found = _CENTS.fullmatch(written)
    if found is None or currency not in _MINOR:
        return ""
    whole, cents = found.group(1), int(found.group(2).ljust(2, "0"))
    words = "" if whole == "0" else f"{say_measured(whole, line.region)}{_currency(currency)}"
    return f"{words} {cardinal(cents, line.region)} {_MINOR[currency]}".strip() if cents else words


def _currency(written: str | None) -> str:
    return f" {pairs('currencies')[written]}" if written else ""


def read_compound(line: Line, at: int) -> Said | None:
    """Speech-like sums: "2tr5" is two million five hundred thousand, "1tr250", "3 tỷ 2"."""
    found = _COMPOUND.match(line.text, at)
    if found is None:
        return _read_short(line, at)
    spaced = " " in found.group()[: found.end(4) - at]
    word = (found.group(2) or found.group(3)).lower()
    if spaced and word in ("triệu", "tỷ", "tỉ") and len(found.group(4)) < 2:
        return None
    value = int(found.group(1)) * _SCALES[word] + int(found.group(4)) * _SCALES[word] // 10 ** len(found.group(4))
    end, tail = match_tail(line.text, found.end())
    named = (found.group(5) or "").lower()
    unit = "" if not named else " đô la Mỹ" if named == "usd" else " đồng"
    span = _TO_SUM.match(line.text, end)
    if span:
        return Said(span.end(), f"{cardinal(value, line.region)}{unit}{tail} đến", "money")
    return Said(end, f"{cardinal(value, line.region)}{unit}{tail}", "money")


def _read_short(line: Line, at: int) -> Said | None:
    """A number with a lone t: tonnes after a word for a load, else thousands of millions where a price may stand."""
    found = _SHORT.match(line.text, at)
    if found is None:
        return None
    before = line.before(at)
    if found.group(2) == "T" and not _LOADED(before):
        return None
    if _LOADED(before):
        return Said(found.end(), f"{say_measured(found.group(1), line.region)} tấn", "unit")
    number = say_measured(found.group(1), line.region)
    if _AGED(before) and found.group(1).isdigit():
        return Said(found.end(), f"{number} tuổi", "unit")
    if _PRICED.search(before):
        return Said(found.end(), f"{number} tỷ", "money")
    words = ("tuổi", "tấn", "tỷ") if before.strip() and found.group(1).isdigit() else ("tỷ", "tấn", "tuổi")
    meanings = tuple(f"{number} {word}" for word in words)
    return Said(
        found.end(),
        meanings[0],
        "unit" if words[0] == "tuổi" else "money",
        certain=False,
        question="context",
        candidates=meanings,
    )


def read_money(line: Line, at: int) -> Said | None:
    """An amount, or a range of two, with a scale (k, tr, tỷ), a currency or both, and what it is per."""
    found = _amount().match(line.text, at)
    if found is None:
        return None
    low, low_scale, low_currency, high, high_scale, high_currency, single, scale, currency = found.groups()
    region = line.region
    if single is None:
        if not (high_scale or high_currency):
            return None
        words = say_measured(low, region)
        words += _scale(low_scale, line) + _currency(low_currency)
        words += f" đến {say_measured(high, region)}{_scale(high_scale, line)}{_currency(high_currency)}"
        kind = "money" if high_currency or (high_scale or "").lower() in ("k", "tr") else "range"
    else:
        if not (scale or currency) or (scale in ("k", "K") and _ROADS(line.before(at))):
            return None
        if scale == "K" and single == "5" and not currency and _SLOGAN.search(line.before(at)):
            return None
        if scale == "K" and not currency and single.isdigit() and int(single) <= 24 and _CARATS(line.before(at)):
            return Said(found.end(8), f"{cardinal(int(single), region)} ca", "unit")
        if scale == "K" and single in ("2", "4", "8") and not currency and not _PRICED.search(line.before(at)):
            return None
        if (
            currency in ("đ", "Đ")
            and len(single) < 4
            and (_ROADS(line.before(at)) or _COMRADES.match(line.text, found.end() - 1))
        ):
            return None
        if currency == "đ" and not scale and _MARK.fullmatch(single) and _MARKED.search(line.before(at)):
            return Said(found.end(), f"{say_measured(single, region)} điểm", "unit")
        amount = _ungrouped(single) if currency in _FOREIGN else _NO_CENTS.sub("", single) if currency else single
        words = "" if scale else _say_cents(single, currency, line)
        words = words or f"{say_measured(amount, region)}{_scale(scale, line)}{_currency(currency)}"
        kind = "money" if currency or (scale or "").lower() in ("k", "tr") else "cardinal"
    stop = found.end()
    while line.text[stop - 1] == " " or (line.text[stop - 1] == "." and not (currency or high_currency)):
        if line.text[stop - 1] == "." and (scale or high_scale or "").lower() == "tr":
            break
        stop -= 1
    if scale and not currency and _HECTARES.match(line.text, stop):
        end, unit = match_unit(line.text, stop)
        return Said(end, words + unit, "unit")
    end, tail = match_tail(line.text, stop)
    thing = _FOR_ONE.match(line.text, stop) if end == stop and kind == "money" else None
    if thing and is_syllable(thing.group(1)):
        end, tail = thing.end(), f" một {thing.group(1)}"
    span = _TO_COMPOUND.match(line.text, end) if single and scale else None
    return Said(span.end(), f"{words}{tail} đến", kind) if span else Said(end, words + tail, kind)


def read_prefixed(line: Line, at: int) -> Said | None:
    """An amount with the sign of its currency before it: "$100", "€2,5 tỷ"."""
    found = _PREFIXED.match(line.text, at)
    if found is None or line.text[at - 1 : at] == "/":  # "USD/VND 25.450"
        return None
    sign, low, high, scale = found.groups()
    words = say_measured(_ungrouped(low), line.region)
    if high:
        words += f" đến {say_measured(_ungrouped(high), line.region)}"
    stop = found.end() if scale else found.end(3) if high else found.end(2)
    end, tail = match_tail(line.text, stop)
    return Said(end, f"{words}{_scale(scale, line)}{_currency(sign)}{tail}", "money")
