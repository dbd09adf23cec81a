"""Everything an installation may change, read once at start-up from BROADCAST_*."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import UserError

PREFIX = "BROADCAST_"
ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds the package, `templates/`, `scripts_library/` and the default data folders."""


class SettingsError(UserError):
    """The environment is wrong. The text lists every mistake, one a line."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation. A field `port` is read from BROADCAST_PORT, and so on."""

    port: int = 8080
    """First port tried; the next free one is taken if it is busy."""

    host: str = "127.0.0.1"
    """Address listened on. Anything but loopback needs an administrator to exist."""

    url: str = ""
    """Public address, such as https://truyenthanh.example.vn; empty: the address listened on."""

    data_dir: Path = ROOT / "instance"
    """Database, keys and locks. Private: mode 0700."""

    audio_dir: Path = ROOT / "audio_out"
    """Pieces of sound. What is lost here is rendered again."""

    scripts_dir: Path = ROOT / "scripts_library"
    """Exemplar scripts imported at start."""

    database_url: str = ""
    """Empty: SQLite in the data folder. Otherwise postgresql+psycopg://…"""

    timezone: ZoneInfo = ZoneInfo("Asia/Ho_Chi_Minh")

    region: str = "trung"
    """Whose words are spoken: bac, trung or nam."""

    voice: str = "espeak:vi"
    """The voice new programmes are spoken by."""

    voice_rate: int = 150
    """Speed of the embedded voices, in espeak's unit; 150 is about 200 syllables a minute."""

    voice_pitch: int = 50
    """Pitch of the embedded voices, 0 to 99."""

    workers: int = 2
    """Threads that render and package in the serving process."""

    threads: int = 32
    """Threads that answer requests; a slow download holds one."""

    centre: str = "Trung tâm Văn hóa - Thông tin Ninh Hòa"
    """Name of the Centre, shown in the page head."""

    @property
    def resolved_database_url(self) -> str:
        """The database's address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'broadcast.sqlite3'}"

    @property
    def is_https(self) -> bool:
        """Whether people reach the service over TLS; decides the cookies' flags."""
        return urlsplit(self.url).scheme == "https"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read BROADCAST_*. Raises SettingsError with every mistake at once."""
        readers = _readers()
        known = [PREFIX + field.name.upper() for field in fields(cls)]
        values: dict[str, object] = {}
        mistakes: list[str] = []
        for field, variable in zip(fields(cls), known, strict=True):
            if environ.get(variable, "") == "":
                continue
            try:
                values[field.name] = readers.get(field.name, str)(environ[variable])
            except (ValueError, ZoneInfoNotFoundError) as error:
                mistakes.append(f"{variable}={environ[variable]!r} không hợp lệ: {error}")
        for variable in sorted(environ):
            if variable.startswith(PREFIX) and variable not in known:
                guess = get_close_matches(variable, known, n=1)
                hint = f" Có phải {guess[0]}?" if guess else ""
                mistakes.append(f"Không có thiết đặt {variable}.{hint}")
        if mistakes:
            raise SettingsError("\n".join(mistakes))
        return cls(**values)  # type: ignore[arg-type]


def _readers() -> dict[str, Callable[[str], object]]:
    """How each setting that is not plain text is read."""
    return {
        "port": _number(0, 65535),
        "workers": _number(1, 64),
        "threads": _number(4, 512),
        "voice_rate": _number(80, 300),
        "voice_pitch": _number(0, 99),
        "data_dir": _folder,
        "audio_dir": _folder,
        "scripts_dir": _folder,
        "timezone": ZoneInfo,
        "region": _one_of("bac", "trung", "nam"),
        "url": _address,
        "database_url": _database,
    }


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError("cần một số nguyên") from None
        if not least <= number <= most:
            raise ValueError(f"cần số từ {least} đến {most}")
        return number

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError("cần một trong: " + ", ".join(choices))
        return text

    return read


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("đã có một tệp mang tên ấy, cần một thư mục")
    return path


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("cần địa chỉ đầy đủ, như https://truyenthanh.example.vn")
    return text.rstrip("/")


def _database(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("cần sqlite:///… hoặc postgresql+psycopg://…")
    return text
