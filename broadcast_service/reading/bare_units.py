"""Units without a number before them, and the x between two sides of a measure."""

from functools import cache

from .measures import LENGTHS
from .patterns import pattern
from .rules import Line, Said, trigger
from .tables import pairs, rows
from .units import match_tail

_BY = pattern(r"[xX](?=\s?\d)")
_FACTOR = pattern(r"x(?=(?:1?\d|20|50|100)(?![\w.]))")
"""Times as much: "x3 lương"."""
_DIAMETER = pattern(r"[Øø](?=\s?\d)")
_SIDE = pattern(r"(?:\d|(?<!\w)(?:m|cm|mm|dm|km|ml|mg|mét|viên|gói|ống|lần)|\d(?:m|cm|mm|dm|km|ml|mg|g))\s*$")


def read_by(line: Line, at: int) -> Said | None:
    """The x between two sides of a measure, "5m x 20m"; the sign of a diameter, "Ø21"."""
    if _DIAMETER.match(line.text, at):
        return Said(at + 1, "phi", "unit")
    if _FACTOR.match(line.text, at) and line.text[at - 1 : at] in ("", " ", "("):
        return Said(at + 1, "nhân", "ratio")
    if _BY.match(line.text, at) and _SIDE.search(line.before(at)):
        return Said(at + 1, "nhân", "ratio")
    return None


@cache
def _numbered() -> frozenset[str]:
    """The units that are units only after a number: elsewhere "tb" or "mb" may be anything."""
    return frozenset(row["written"] for row in rows("units") if row["note"])


def read_bare_unit(line: Line, at: int) -> Said | None:
    """A unit without a number before it, where it can be no word: "mỗi kg", "giá/m2"."""
    found = _UNIT_TOKEN.match(line.text, at)
    if found is None:
        return None
    written, units = found.group(), pairs("units")
    base = written[:-1] if written[-1] in "23²³" else written
    if base != written and base not in LENGTHS:
        return None
    if base not in units or not (
        _NO_VOWEL.match(base) or (base in ("ha", "Ha") and (line.before(at)[-1:] == "/" or _COUNTS(line.before(at))))
    ):
        return None
    if len(written) == 1 and not (written == "đ" and (line.before(at)[-1:] == "/" or _COUNTS(line.before(at)))):
        return None
    if (base.isupper() and base == written) or base in _numbered():
        return None
    power = {"2": " vuông", "²": " vuông", "3": " khối", "³": " khối"}.get(written[-1], "") if base != written else ""
    end, tail = match_tail(line.text, found.end(), written)
    return Said(end, units[base] + power + tail, "unit")


_UNIT_TOKEN = pattern(r"[A-Za-zµ]{1,5}[23²³]?(?!\w)")
_NO_VOWEL = pattern(r"[^aeiouyAEIOUY]{1,5}$|mAh$")
_COUNTS = trigger("symbols.counts")
