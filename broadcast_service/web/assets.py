"""Addresses of static files that change with their content, so that browsers may keep them for ever."""

import hashlib
from pathlib import Path

from flask import Flask

from .icons import bootstrap_folder


class Assets:
    """The files below `static/`, fingerprinted on first use."""

    def __init__(self, app: Flask) -> None:
        self._folder = Path(str(app.static_folder))
        self._known: dict[str, tuple[int, str]] = {}

    def address(self, name: str) -> str:
        """“/static/theme.css?v=1f0c…”. Raises FileNotFoundError for a file that is not there."""
        path = self._folder / name
        changed = path.stat().st_mtime_ns
        if self._known.get(name, (0, ""))[0] != changed:
            self._known[name] = (changed, _fingerprint(path))
        return f"/static/{name}?v={self._known[name][1]}"


def bootstrap_css() -> str:
    """The address of Bootstrap's own style sheet."""
    name = "css/bootstrap.min.css"
    return f"/bootstrap/{name}?v={_fingerprint(bootstrap_folder() / name)}"


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
