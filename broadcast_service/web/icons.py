"""Bootstrap's icons, drawn into the page itself: no font, no request, no script."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol class="bi bi-[^"]+" viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', re.DOTALL)


@cache
def bootstrap_folder() -> Path:
    """Where the installed bootstrap-flask keeps Bootstrap 5."""
    spec = find_spec("flask_bootstrap")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static" / "bootstrap5"


@cache
def _symbols() -> dict[str, tuple[str, str]]:
    sprite = (bootstrap_folder() / "icons" / "bootstrap-icons.svg").read_text("utf-8")
    return {name: (box, paths) for box, name, paths in _SYMBOL.findall(sprite)}


@cache
def icon(name: str) -> Markup:
    """The icon of that name as inline SVG, hidden from readers. Raises KeyError for an unknown name."""
    box, paths = _symbols()[name]
    return Markup(f'<i class="bi" aria-hidden="true"><svg viewBox="{box}">{paths}</svg></i>')  # noqa: S704  from our own wheel
