"""Units after a number, with powers and quotients: m², m3/s, tạ/ha, km/h, đồng/người/tháng."""

from functools import cache

from .cardinals import NUMBER, say_measured, say_number, spell_digits
from .measures import measure_at, tail_end, unit_end
from .patterns import pattern
from .rules import Line, Said, trigger
from .tables import pairs, rows

_DASH = r"\s{0,2}(?:[-–—−~]|->|→)\s{0,2}"
_POWERS = {"2": "vuông", "²": "vuông", "3": "khối", "³": "khối"}
_ONE_LETTER_NEEDS = {
    "B": trigger("units.bytes"),
    "N": trigger("units.newton"),
    "J": trigger("units.joule"),
}
_CLASSROOM = trigger("units.classroom")
_AMPERE = trigger("units.ampere")
_POWER = trigger("units.power")
_DATA = trigger("units.bytes")
_PER_ONE = frozenset({"ha", "Ha", "HA"})
_DENSITY = frozenset({"km2", "km²"})
_PER_MANY = pattern(r"/(?=\d{2,4}\s?(?:km|m|g|ml|kg|ha|l|h|giờ)(?!\w))")
_SCREEN = trigger("units.screen")
_INCHES = pattern(r"(\d{1,3}(?:[.,]\d)?)\s?(?:[\"”″]|'')(?!\w)")
_SIGNED = pattern(r"[\d.,]{1,5}\s?[°º\"”″']")
_TOUCHES = frozenset({"CV", "TB", "TW", "v", "w", "in", "kv", "mi"})


@cache
def _kinds() -> dict[str, str]:
    return {row["written"]: row["group"] for row in rows("units")}


def _kind(unit: str) -> str:
    """What a unit measures: length, mass …; a length with a power measures an area or a volume."""
    return _kinds().get(unit) or ("area" if unit[-1] in "2²" else "volume")


def say_unit(written: str) -> str:
    """One unit, perhaps with a power, in words; a Vietnamese word stays what it is."""
    units = pairs("units")
    if written in units:
        return units[written]
    if written[:-1] in units and written[-1] in _POWERS:
        return f"{units[written[:-1]]} {_POWERS[written[-1]]}"
    return pairs("currencies").get(written) or pairs("denominators").get(written) or written


def _is_unit(written: str) -> bool:
    units = pairs("units")
    return written in units or (written[:-1] in units and written[-1:] in _POWERS)


def say_tail(written: str, above: str = "") -> str:
    """The denominators "/người/tháng" in words: " một người một tháng"; empty for none.

    One unit of measure over another is "trên" ("km/h": ki-lô-mét trên giờ), but a yield is said by the hectare.
    """
    words = ""
    for part in map(str.strip, written.split("/")[1:]):
        quotient = part in _DENSITY or (_is_unit(above) and _is_unit(part) and part not in _PER_ONE)
        words += f" {'trên' if quotient else 'một'} {say_unit(part)}"
    return words


def match_tail(text: str, at: int, above: str = "") -> tuple[int, str]:
    """The end of the denominators that begin at `at`, and their words (empty if there are none)."""
    end = tail_end(text, at)
    return end, say_tail(text[at:end], above)


def match_unit(text: str, at: int) -> tuple[int, str]:
    """The end of a unit that follows a fraction or a power at `at`, and its words after a blank (or `at` and "")."""
    start = at + 1 if text[at : at + 1].isspace() else at
    end = unit_end(text, start)
    unit = text[start:end]
    if not unit or unit in _ONE_LETTER_NEEDS or unit == "TB":
        return at, ""
    last = tail_end(text, end)
    return last, f" {say_unit(unit)}{say_tail(text[end:last], unit)}"


_POLES = {"N": "bắc", "B": "bắc", "S": "nam", "E": "đông", "Đ": "đông", "W": "tây", "T": "tây"}
_ANGLE = pattern(
    r"(\d{1,3})[°º]\s?(\d{1,2})['’′](?:\s?(\d{1,2}(?:[.,]\d{1,4})?)(?:[\"”″]|''))?(?:\s?([NSEWBĐT])(?!\w))?"
)


def _read_signed(line: Line, at: int) -> Said | None:
    """Degrees with minutes, "10°46'37\"N"; the inches of a screen or a pipe."""
    found = _ANGLE.match(line.text, at)
    if found:
        parts = zip(found.groups(), ("độ", "phút", "giây"), strict=False)
        words = " ".join(f"{say_measured(part, line.region)} {name}" for part, name in parts if part)
        return Said(found.end(), f"{words} {_POLES[found.group(4)]}" if found.group(4) else words, "unit")
    found = _INCHES.match(line.text, at)
    if found and _SCREEN(line.before(at)):
        return Said(found.end(), f"{say_measured(found.group(1), line.region)} inh", "unit")
    return None


def read_measure(line: Line, at: int) -> Said | None:
    """A number, or a range of two, with its unit; an angle in degrees, minutes and seconds; inches."""
    if _SIGNED.match(line.text, at) and (said := _read_signed(line, at)) is not None:
        return said
    measure = measure_at(line.text, at)
    if measure is None:
        return None
    low, own, own_tail, high = measure.low, measure.own, measure.own_tail, measure.high
    unit, tail = measure.unit, measure.tail
    before = line.before(at)
    if len(unit) == 1 and unit.isupper() and (_CLASSROOM(before) or tail.startswith("/v")):
        return None
    alone = not before and measure.end == len(line.text)
    if unit in _ONE_LETTER_NEEDS and not _ONE_LETTER_NEEDS[unit](before) and not (alone and unit != "B"):
        return None
    bytes_meant = unit == "TB" and (alone or _DATA(before))
    power_meant = unit == "CV" and _POWER(before)
    if unit in _TOUCHES and line.text[measure.unit_start - 1] == " " and not (bytes_meant or power_meant):
        return None
    if unit == "m" and own is None and high is None and line.text[measure.end : measure.end + 1].isdigit():
        return None
    words = say_measured(low, line.region)
    kind = "unit"
    if own and (
        _kind(own) != _kind(unit)
        or (own[-1] in "NB" and unit[-1] in "EĐ")
        or (_kind(own) == "electric" and own[-1] != unit[-1])
    ):
        return Said(measure.own_end, f"{words} {say_unit(own)}{say_tail(own_tail, own)}", kind)
    if high is not None:
        first = f"{words} {say_unit(own)}{say_tail(own_tail, own)}" if own else words
        words = f"{first} đến {say_measured(high, line.region)}"
        kind = "range"
    many = _PER_MANY.match(line.text, measure.end) if not tail else None
    if many:
        return Said(many.end(), f"{words} {say_unit(unit)} trên", kind)
    return Said(measure.end, f"{words} {say_unit(unit)}{say_tail(tail, unit)}", kind)


_TALL = pattern(r"(?<!\w)(?:cao|trẻ(?: em)?)(?: (?:dưới|trên|từ|đến|chưa|khoảng|hơn|gần|tầm|chỉ|được)){0,2} $")
_METRES = pattern(r"(\d{1,3})(m|kg|Kg|KG|kí|ký|tấn|tạ|lít|l)(\d{1,2})(?![\w²³])")


def read_metres(line: Line, at: int) -> Said | None:
    """A height or a weight as people write it: "1m75", "2m5", "1kg2"."""
    found = _METRES.match(line.text, at)
    if found is None or (found.group(2) == "m" and found.group(3) in "23" and not _TALL.search(line.before(at))):
        return None
    whole, unit, parts = found.groups()
    rest = spell_digits(parts) if parts[0] == "0" else say_number(parts, line.region)
    return Said(found.end(), f"{say_number(whole, line.region)} {say_unit(unit)} {rest}", "unit")


_AMPERES = pattern(rf"({NUMBER})\s?A(?!\w)")


def read_ampere(line: Line, at: int) -> Said | None:
    """Amperes, only where the words before speak of electricity: "cầu dao 10A"."""
    found = _AMPERES.match(line.text, at)
    if found is None or not _AMPERE(line.before(at)):
        return None
    return Said(found.end(), f"{say_number(found.group(1), line.region)} am-pe", "unit")
