"""How numbers, days and hours are written on a page."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import Flask

_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_BROWSERS = (
    ("coc_coc", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac", "Mac"),
    ("Linux", "Linux"),
)


def clock(ms: int) -> str:
    """A length in milliseconds as minutes and seconds: 895000 → “14:55”, from an hour on “1:04:55”."""
    seconds = round(ms / 1000)
    minutes, hours = seconds // 60 % 60, seconds // 3600
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def size(count: int) -> str:
    """Bytes as people read them: 7200000 → “7,2 MB”, 81200 → “81 kB”, 200000000 → “200 MB”."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f}".removesuffix(".0").replace(".", ",") + " MB"
    return f"{max(1, round(count / 1000))} kB"


def number(value: int) -> str:
    """A whole number with points between thousands: 12345 → “12.345”."""
    return f"{value:,}".replace(",", ".")


def browser(user_agent: str) -> str:
    """What a person would call the browser: “Chrome trên Android”."""
    name = next((word for mark, word in _BROWSERS if mark in user_agent), "Trình duyệt khác")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    return f"{name} trên {system}" if system else name


class Local:
    """Filters that need the installation's time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def local(self, value: datetime) -> datetime:
        """The same moment on the wall clock."""
        return value.astimezone(self._zone)

    def day(self, value: date | datetime) -> str:
        """“Thứ Năm, 11/6”."""
        on = self._date(value)
        return f"{_WEEKDAYS[on.weekday()]}, {on.day}/{on.month}"

    def fullday(self, value: date | datetime) -> str:
        """“11/6/2026”."""
        on = self._date(value)
        return f"{on.day}/{on.month}/{on.year}"

    def shortday(self, value: date | datetime) -> str:
        """“11/6”."""
        on = self._date(value)
        return f"{on.day}/{on.month}"

    def hhmm(self, value: datetime | time) -> str:
        """“05:30”, on the wall clock."""
        return (self.local(value) if isinstance(value, datetime) else value).strftime("%H:%M")

    def iso(self, value: datetime) -> str:
        """For the `datetime` attribute of <time>: “2026-06-11T05:30:00+07:00”."""
        return self.local(value).isoformat(timespec="seconds")

    def _date(self, value: date | datetime) -> date:
        return self.local(value).date() if isinstance(value, datetime) else value


def register(app: Flask, zone: ZoneInfo) -> None:
    """Make the filters known to the templates."""
    local = Local(zone)
    app.jinja_env.filters.update(
        clock=clock,
        size=size,
        number=number,
        browser=browser,
        local=local.local,
        day=local.day,
        fullday=local.fullday,
        shortday=local.shortday,
        hhmm=local.hhmm,
        iso=local.iso,
    )
