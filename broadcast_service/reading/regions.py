"""How the three regions say the same thing: nghìn or ngàn, linh or lẻ, tư or bốn."""

from dataclasses import dataclass
from functools import cache

from .tables import rows

REGIONS = ("bac", "trung", "nam")


@dataclass(frozen=True, slots=True)
class Region:
    """The words of one region; every field is a row of `data/regions.tsv`."""

    name: str
    thousand: str
    zero_ten: str
    four_after_ten: str
    four_after_zero: str
    day_prefix: str
    per_mille: str
    address_slash: str
    pig: str


@cache
def region_named(name: str) -> Region:
    """The region called "bac", "trung" or "nam"; ValueError names any other."""
    if name not in REGIONS:
        raise ValueError(f"region must be bac, trung or nam, not {name!r}")
    return Region(name=name, **{row["key"]: row[name] for row in rows("regions")})
