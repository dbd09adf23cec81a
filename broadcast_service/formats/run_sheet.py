"""The run sheet of a package: one self-contained page to print, tick and sign.

It leaves the house inside the ZIP, so its style stands in the page itself.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import jinja2

from ..domain.units import Milliseconds
from ..settings import ROOT

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


@dataclass(frozen=True, kw_only=True)
class SheetItem:
    """One line of a broadcast."""

    starts_at: datetime
    """Local."""
    title: str
    length_ms: Milliseconds
    is_music: bool
    approval: str
    """Who approved which revision; empty for music."""
    voice: str = ""
    """Who speaks, as people call them; empty for music."""
    instead_of: str = ""
    """Who should have spoken, where somebody else does."""
    reason: str = ""
    """Why, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class SheetBroadcast:
    """One broadcast of the day."""

    starts_at: datetime
    """Local."""
    ends_at: datetime
    """When its last item ends. Local."""
    programme: str
    length_ms: Milliseconds
    file: str
    items: Sequence[SheetItem]


def run_sheet(
    *, station: str, local_date: date, number: int, content_hash: str, centre: str, broadcasts: Sequence[SheetBroadcast]
) -> bytes:
    """The page in UTF-8: hours, items with their lengths, boxes to tick and two places to sign.

    content_hash: of the package; its first 12 digits are printed, so that paper and package can be matched.
    """
    page = _template().render(
        station=station,
        local_date=local_date,
        number=number,
        short_hash=content_hash[:12],
        centre=centre,
        broadcasts=broadcasts,
    )
    return page.encode()


def style_source(page: bytes) -> str:
    """The page's own style as a Content-Security-Policy source, 'sha256-…', to show it in a browser."""
    style = re.search(rb"<style>(.*?)</style>", page, re.DOTALL)
    digest = hashlib.sha256(style[1] if style else b"").digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def length(length_ms: int) -> str:
    """Minutes and seconds, “14:55”, rounded to the nearest second."""
    seconds = (length_ms + 500) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def full_day(day: date) -> str:
    """“Thứ Năm, ngày 11/6/2026”."""
    return f"{WEEKDAYS[day.weekday()]}, ngày {day.day}/{day.month}/{day.year}"


@cache
def _template() -> jinja2.Template:
    house = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    house.filters |= {"length": length, "full_day": full_day}
    return house.get_template("packages/run_sheet.html")
