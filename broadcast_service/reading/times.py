"""Times of day and short durations: 7h30, 17g00, 19:00, 3p20s, 24/24."""

from .cardinals import cardinal, say_number
from .letters import spell
from .patterns import pattern
from .rules import Line, Said, follower, trigger
from .units import match_tail

_CLOCK = pattern(
    r"(\d{1,2})\s?(?:h|H|g|giờ|hrs?)(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ])(?::?\s?(\d{1,2})(?!\d|[/.,]\d|\s?(?:%|giờ|h\b|g\b))\s?(?:phút|ph|p|m|['’′´])?(?:(?=GMT|UTC|gmt|utc)|(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]))"
    r"(?:\s?(\d{1,2})(?!\d)\s?(?:giây|s|[\"”″])(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]))?)?"
)
_COLON = pattern(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,6})?)?(?![\d:]|[.,]\d)(?:Z\b)?"
    r"(?:\s?(AM|PM|am|pm|SA|CH|[ap]\.m(?:\.(?= [a-zđ]))?)(?!\w))?(?:\s?(?:h|giờ|g|phút|giây)(?!\w))?"
)
_ZONE = pattern(
    r"\s?(GMT|UTC|gmt|utc|[CEPM][SD]?T|CES?T|JST|KST|[cep]st|[cep]dt|cet|jst)(?:\s?([+−-])\s?(\d{1,2})(?::?(\d{2}))?)?(?!\w)"
)
_MINUTES = pattern(r"(\d{1,4})\s?(?:p|ph|phút|['’′´])\s?(\d{1,2})\s?(?:s|giây|[\"”″]|'')?(?!\w)")
_MINUTES_SPAN = pattern(
    r"(\d{1,3})\s?(p|ph|phút|['’′´])?\s{0,2}[-–—]\s{0,2}(\d{1,3})\s?(?:['’′´]|ph(?!\w)|p(?![\w.]))(?!\w)"
)
_ONLY_SECONDS = pattern(r"(\d{1,3})\s?(?:''|’’|″)(?!\w)")
_ONLY_MINUTES = pattern(r"(\d{1,4})\s?(?:['’′´](?!['’′´])|ph(?!\w)|p(?![\w.]))(?!\w)")
_RESOLUTIONS = frozenset({"144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p"})
_SPLIT_SECONDS = pattern(r"(\d{1,2})(?:[\"”″]|'')([1-9]\d)(?![\w])")
_ROUND = pattern(r"(24|7|12|365|8)\s?/\s?(24|7|12|365)(?!\d)\s?(h|giờ|g)?(?!\w)")
_BARE = pattern(r"(\d{1,2})\s{0,2}[-–—]\s{0,2}(?=\d{1,2}\s?(?:h|g|giờ)(?![A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]))")
_PART_OF_DAY = pattern(r" (?:sáng|trưa|chiều|tối|đêm|khuya)(?!\w)")
_HALF = pattern(r"(\d{1,2})\s?([AP]M|[ap]m|[ap]\.m\.?)(?!\w)")
_DASH = pattern(r"\s{0,2}(?:[-–—−]|->|→)\s{0,2}")
_RACE = pattern(r"(?:trong|thời gian|thành tích|với|dài|là|hết|mất|sau|phút|kỷ lục)[ :]+$")
_SCREEN = trigger("units.screen")
_AT_MINUTE = pattern(r"phút (?:\d{1,3}\s?\+\s?)?$")
_RATIO = trigger("times.ratio")
_GRAMS = trigger("times.grams")
_AT = pattern(r"(?:lúc|hồi|từ|đến|tới|trước|sau|vào|sáng|trưa|chiều|tối|-|–) $")
_WEIGHED = follower("times.weighed")
_DENSITY = pattern(r"g/(?!\d)")


def _half_day(hours: int, mark: str) -> str:
    """The part of the day people name: 3 AM is sáng, 12 PM trưa, 3 PM chiều, 8 PM tối, 11 PM đêm."""
    if mark.lower().rstrip(".") in ("am", "a.m", "sa"):
        return "đêm" if hours in (0, 12) else "sáng"
    hour = hours % 12
    return "trưa" if hour == 0 else "chiều" if hour < 7 else "tối" if hour < 11 else "đêm"


def _say(hours: int, minutes: str | None, seconds: str | None, line: Line) -> str:
    words = f"{cardinal(hours, line.region)} giờ"
    if (minutes and int(minutes)) or (seconds and int(seconds)):
        words += f" {cardinal(int(minutes or 0), line.region)} phút"
    if seconds and int(seconds):
        words += f" {cardinal(int(seconds), line.region)} giây"
    return words


def _one(line: Line, at: int) -> Said | None:
    found = _COLON.match(line.text, at)
    if found:
        hours, minutes = int(found.group(1)), int(found.group(2))
        if 24 < hours < 60 and minutes < 60 and not (found.group(3) or found.group(4) or _RATIO(line.before(at))):
            words = f"{cardinal(hours, line.region)} phút {cardinal(minutes, line.region)} giây"
            return Said(found.end(), words, "time") if _RACE.search(line.before(at)) else None
        if hours <= 24 and minutes < 60 and int(found.group(3) or 0) < 60 and not _RATIO(line.before(at)):
            words = _say(hours, found.group(2), found.group(3), line)
            half = found.group(4)
            return Said(found.end(), f"{words} {_half_day(hours, half)}" if half else words, "time")
    found = _HALF.match(line.text, at)
    if found and 1 <= int(found.group(1)) <= 12:
        hours = int(found.group(1))
        return Said(found.end(), f"{_say(hours, None, None, line)} {_half_day(hours, found.group(2))}", "time")
    found = _CLOCK.match(line.text, at)
    if found:
        hours = int(found.group(1))
        grams = (
            found.group(2) is None
            and line.text[found.end() - 1] == "g"
            and (
                (line.text[found.end() - 2] == " " and not _AT.search(line.before(at)))
                or _GRAMS(line.before(at))
                or _WEIGHED(line.text, found.end())
                or _DENSITY.match(line.text, found.end() - 1) is not None
            )
        )
        if hours <= 24 and int(found.group(2) or 0) < 60 and not grams:
            return Said(found.end(), _say(hours, found.group(2), found.group(3), line), "time")
    return None


def read_time(line: Line, at: int) -> Said | None:
    """A time of day, or two with a dash between; "5-6h" too."""
    found = _BARE.match(line.text, at)
    if found and int(found.group(1)) <= 24:
        last = _one(line, found.end())
        if last:
            return Said(last.end, f"{cardinal(int(found.group(1)), line.region)} đến {last.spoken}", "time")
    first = _one(line, at)
    if first is None:
        return None
    part = _PART_OF_DAY.match(line.text, first.end)
    dash = _DASH.match(line.text, part.end() if part else first.end)
    last = _one(line, dash.end()) if dash else None
    if last:
        return Said(last.end, f"{first.spoken}{part.group() if part else ''} đến {last.spoken}", "time")
    zone = _ZONE.match(line.text, first.end)
    if zone:
        words = f"{first.spoken} {spell(zone.group(1).upper(), line)}"
        if zone.group(3):
            sign = "cộng" if zone.group(2) == "+" else "trừ"
            words += f" {sign} {_say_offset(int(zone.group(3)), zone.group(4), line)}"
        return Said(zone.end(), words, "time")
    end, tail = match_tail(line.text, first.end)
    return Said(end, first.spoken + tail, "time")


def _say_offset(hours: int, minutes: str | None, line: Line) -> str:
    words = cardinal(hours, line.region)
    return f"{words} giờ {cardinal(int(minutes), line.region)} phút" if minutes and int(minutes) else words


def read_duration(line: Line, at: int) -> Said | None:
    """Minutes and seconds: "3p20s", "1'20\\"", "30'", "45p"."""
    found = _MINUTES.match(line.text, at)
    if found and int(found.group(2)) < 60 and (found.group()[-1:] in "sy\"”″'" or "'" in found.group()):
        minutes, seconds = (cardinal(int(part), line.region) for part in found.groups())
        return Said(found.end(), f"{minutes} phút {seconds} giây", "time")
    found = _MINUTES_SPAN.match(line.text, at)
    if found and int(found.group(1)) < int(found.group(3)):
        low, high = (say_number(part, line.region) for part in (found.group(1), found.group(3)))
        return Said(found.end(), f"{low}{' phút' if found.group(2) else ''} đến {high} phút", "time")
    found = _ONLY_SECONDS.match(line.text, at)
    if found and not _SCREEN(line.before(at)):
        return Said(found.end(), f"{cardinal(int(found.group(1)), line.region)} giây", "time")
    found = _ONLY_MINUTES.match(line.text, at)
    if found and found.group() in _RESOLUTIONS:
        return Said(found.end(), f"{say_number(found.group(1), line.region)} pê", "letters")
    if found:
        unit = "" if _AT_MINUTE.search(line.before(at)) else " phút"
        return Said(found.end(), f"{say_number(found.group(1), line.region)}{unit}", "time")
    found = _SPLIT_SECONDS.match(line.text, at)
    if found:
        seconds, hundredths = (cardinal(int(part), line.region) for part in found.groups())
        return Said(found.end(), f"{seconds} giây {hundredths}", "time")
    return None


def read_round_the_clock(line: Line, at: int) -> Said | None:
    """Round the clock: "24/24", "24/7", "24/24h"."""
    found = _ROUND.match(line.text, at)
    if found is None or (found.group(0)[:1] in "18" and found.group(1) != "12" and found.group(2) != "24"):
        return None
    if (found.group(1), found.group(2)) not in {
        ("24", "24"),
        ("24", "7"),
        ("7", "7"),
        ("12", "24"),
        ("365", "365"),
        ("8", "24"),
    }:
        return None
    if found.group(1) == "7" and not line.before(at).rstrip().endswith(("24/24", "24/7", ",", "và")):
        if not line.before(at).rstrip().endswith("ngày") and not line.after(found.end()).lstrip().startswith("ngày"):
            return None
        if (
            line.before(at).rstrip().endswith("ngày")
            and "/24" not in line.before(at)
            and "24 giờ" not in line.before(at)
        ):
            return None
    words = f"{cardinal(int(found.group(1)), line.region)} trên {cardinal(int(found.group(2)), line.region)}"
    return Said(found.end(), f"{words} giờ" if found.group(3) else words, "time")
