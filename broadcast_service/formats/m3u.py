"""Playlists: M3U8 in UTF-8 for players on a PC, M3U in plain ASCII for the older ones and for devices.

Lines end in CRLF, there is no blank one, lengths are whole seconds rounded up, paths use forward slashes:
what VLC, Winamp, foobar2000, Liquidsoap and Barix decoders all read.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from ..domain.units import Milliseconds

_PLAIN = {"đ": "d", "Đ": "D", "–": "-", "—": "-", "“": "'", "”": "'", "‘": "'", "’": "'", "…": "..."}


@dataclass(frozen=True)
class Entry:
    """One line of a playlist."""

    path: str
    """Relative to the playlist, or an address; ASCII without blanks."""
    title: str
    length_ms: Milliseconds


def m3u8(entries: Iterable[Entry]) -> bytes:
    """The playlist in UTF-8, without a byte order mark. Raises ValueError for a path players trip over."""
    return _lines(entries, str).encode("utf-8")


def m3u(entries: Iterable[Entry]) -> bytes:
    """The same with titles stripped of their marks, since old players guess the encoding."""
    return _lines(entries, plain).encode("ascii")


@lru_cache(4096)
def plain(text: str) -> str:
    """The text in ASCII, case kept: “Đường về” → “Duong ve”. What has no plain form is left out."""
    swapped = "".join(_PLAIN.get(char, char) for char in unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFD", swapped).encode("ascii", "ignore").decode()


def _lines(entries: Iterable[Entry], spell: Callable[[str], str]) -> str:
    lines = ["#EXTM3U"]
    for entry in entries:
        seconds = -(-entry.length_ms // 1000)
        lines += [f"#EXTINF:{seconds},{_title(spell(entry.title))}", _checked(entry.path)]
    return "\r\n".join(lines) + "\r\n"


@lru_cache(4096)
def _checked(path: str) -> str:
    if not re.fullmatch(r"(https?://)?[A-Za-z0-9][!-~]*", path) or {"\\", '"'} & set(path):
        raise ValueError(f"players can not follow the path {path!r}")
    if ".." in path.split("/"):
        raise ValueError(f"the path {path!r} leads out of the package")
    return path


@lru_cache(4096)
def _title(title: str) -> str:
    """One line without control characters or straight quotation marks, which some players take as syntax."""
    composed = unicodedata.normalize("NFC", title)
    seen = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in composed)
    return " ".join(seen.replace('"', "'").split())
