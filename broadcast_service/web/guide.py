"""The operator's guide as a page: the same Markdown file that is printed, of which only the simplest is understood."""

import re
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from ..settings import ROOT

GUIDE = ROOT / "docs" / "huong-dan-can-bo-dai.md"

_LIST = re.compile(r"(?:(\d+)\.|-) +(.*)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def guide_html() -> Markup:
    """The guide as HTML: headings, numbered and plain lists, paragraphs, bold words. Raises FileNotFoundError."""
    return _rendered(GUIDE, GUIDE.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _rendered(path: Path, _changed_ns: int) -> Markup:
    return to_html(path.read_text("utf-8"))


def to_html(text: str) -> Markup:
    """Markdown of this small kind as HTML; everything else in it is shown as it stands. The first heading is h1."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block]
    return Markup("\n").join(_block(block.splitlines()) for block in blocks)


def _block(rows: list[str]) -> Markup:
    heading = re.match(r"(#{1,3}) +(.*)", rows[0])
    if heading:
        tag = Markup(f"h{len(heading[1])}")  # noqa: S704  a digit of our own
        return Markup("<{0}>{1}</{0}>").format(tag, _inline(heading[2]))
    if first := _LIST.match(rows[0]):
        tag = Markup("ol") if first[1] else Markup("ul")
        items: list[str] = []
        for row in rows:
            item = _LIST.match(row)
            if item:
                items.append(item[2])
            else:
                items[-1] += " " + row.strip()
        inside = Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
        return Markup("<{0}>{1}</{0}>").format(tag, inside)
    return Markup("<p>{}</p>").format(_inline(" ".join(row.strip() for row in rows)))


def _inline(text: str) -> Markup:
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704  escaped first
