"""The shape of a text: list markers, headings in capitals, the block of receivers and the signature."""

import re
from dataclasses import dataclass

from .cardinals import say_number
from .foreign import unmarked
from .letters import letter_name
from .measures import unit_end
from .patterns import pattern
from .regions import Region
from .romans import roman_value
from .rules import vietnamese
from .syllables import is_syllable
from .tables import pairs

_QUOTED = pattern(r"[ \t]*(?:>[ \t]*){1,8}(?=[^\s\d=])")
_HASHES = pattern(r"[ \t]*#{1,6}[ \t]+")
_RULE = pattern(r"[ \t]*([-*_=~–—.·•])(?:[ \t]?\1){2,}[ \t]*$")
_BULLET = pattern(
    r"[ \t]*(?:[-–—•▪●○◦‣∙·*+✓✔➢►▶★☆✦❖◆◇■□➤→⇒]+|[oO](?=\t))[ \t]+(?=\S)"
    r"|[ \t]*[-–—•▪●○◦‣∙·✓✔➢►▶★☆✦❖◆◇■□➤→⇒](?=[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ])"
)
_STARS = pattern(r"[ \t]*(?:\*\*|__)?")
_NUMBER = vietnamese(
    r"(\d{1,2}(?:\.\d{1,2}){0,3})(?:[.)]|\.\))(?:\*\*|__)?[ \t]+(?=[^\s\d])"
    r"|(\d{1,2}(?:\.\d{1,2}){1,3})[ \t]+(?=[A-ZĐÀ-Ỹ])|\((\d{1,2})\)[ \t]+(?=\S)"
)
_LETTER = vietnamese(
    r"([a-zA-ZđĐ])\)(?:\*\*|__)?[ \t]*(?=[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ])|\(([a-zđ])\)[ \t]+(?=\S)|([a-hđ])\.[ \t]+(?=[A-ZĐÀ-Ỹ])"
)
_ROMAN = vietnamese(
    r"((?:X{0,3})(?:IX|IV|V?I{0,3}))[.)](?:\*\*|__)?[ \t]*(?=[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]|\*)"
    r"|((?:X{0,3})(?:IX|IV|V?I{0,3}))[ \t]*[-–/][ \t]+(?=[A-ZĐÀ-Ỹ])"
)
_INITIALS = vietnamese(r"[A-ZĐ]\. ?[A-ZĐ]\. ?[A-ZĐÀ-Ỹ][a-zà-ỹ]")
"""Of a name at the head of a line, "V.I. Lênin": no numerals."""
_ROMAN_SECTION = pattern(r"(X{0,3}(?:IX|IV|VI{0,3}|I{1,3}))((?:\.\d{1,2}){1,3})[.)]?[ \t]+(?=[^\s\d])")
_SMALL_ROMAN = pattern(r"\(?(ii|iii|iv|vi{1,3}|ix|xi{1,3})\)[ \t]+(?=\S)")
_LETTERS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{2,}")
_TWO_NAMES = vietnamese(r"[A-ZĐÀ-Ỹ][a-zà-ỹ]+ [A-ZĐÀ-Ỹ][a-zà-ỹ]+[ \t]*(?:$|[,;:.(]|[a-zà-ỹ])")
_UNNUMBERED = pattern(
    r"[ \t]*Số[ \t]*:?[ \t._…]*/[A-ZĐa-z&/-]{2,30}[ \t]*"
    r"(?:\S{1,20}(?: \S{1,20}){0,3}, ?ngày[ \t._…]+tháng[ \t._…]+năm[ \t._…\d]*)?$"
)
_NEGATIVE = pattern(r"[ \t]*[-–−]\d")
_RECEIVERS = pattern(
    r"[ \t]*(?:\*\*|__|\*|_)?N[ơƠ][iI] [nN][hH][ậẬ][nN](?:\*\*|__|\*|_)?[ \t]*:?(?:\*\*|__|\*|_)?[ \t]*(.*)$"
)
_RECEIVER_LINE = pattern(r"[ \t]*(?:[-–—•+*]|Như|Lưu)")
_SIGNED = vietnamese(
    r"[ \t]*(?:\*\*|__)?(?:(?:TM|KT|TL|TUQ|T/M|K/T|T\.M|K\.T|Q)\.[ \t]?[A-ZĐÀ-Ỹ]{2,}"
    r"|(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG PHÒNG|BÍ THƯ|CHÁNH VĂN PHÒNG|TRƯỞNG BAN|TỔNG GIÁM ĐỐC)(?:\*\*|__)?[ \t]*$)"
)
_NAME = vietnamese(
    r"[ \t]*(?:\*\*|__|\*)?(?:(?:TS|ThS|BS|GS|PGS)\.? ?)?[A-ZĐÀ-Ỹ][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]*"
    r"(?: [A-ZĐÀ-Ỹ][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]*){1,5}"
    r"(?:\*\*|__|\*)?[ \t]*$|[ \t]*\([^()]{2,60}\)[ \t]*$|[ \t]*\.{2,}[ \t]*$"
)
_TITLE_LINE = vietnamese(r"[^a-zà-ỹ]{2,80}$")


@dataclass(frozen=True, slots=True)
class Marker:
    """The first `length` characters of a line and what they are said as; empty for a bullet."""

    length: int
    spoken: str
    bullet: bool = False


def read_marker(line: str, region: Region, *, listed: bool) -> Marker | None:
    """The marker a line begins with; `listed` says that the text uses dashes as bullets, so "-5" is one too."""
    at = 0
    for prefix in (_QUOTED, _HASHES):
        found = prefix.match(line, at)
        if found:
            at = found.end()
    if _RULE.match(line, at):
        return Marker(len(line), "", bullet=True)
    start = at
    found = _BULLET.match(line, at)
    if found:
        at = found.end()
    elif listed and _NEGATIVE.match(line, at):
        at = line.index(line[at:].lstrip()[0], at) + 1
    bullet = at > start
    stars = _STARS.match(line, at)
    after = stars.end() if stars else at
    found = _NUMBER.match(line, after)
    if found and not (found.group(2) and _is_measured(line, found.end())):
        number = found.group(1) or found.group(2) or found.group(3)
        spoken = " chấm ".join(say_number(part, region) for part in number.split("."))
        return Marker(found.end(), spoken)
    found = _ROMAN_SECTION.match(line, after)
    if found:
        parts = [str(roman_value(found.group(1))), *found.group(2)[1:].split(".")]
        return Marker(found.end(), " chấm ".join(say_number(part, region) for part in parts))
    found = None if _INITIALS.match(line, after) else _ROMAN.match(line, after)
    if found and (found.group(1) or found.group(2)) and not _no_numeral(line, found):
        return Marker(found.end(), say_number(str(roman_value(found.group(1) or found.group(2))), region))
    found = _SMALL_ROMAN.match(line, after)
    if found:
        return Marker(found.end(), say_number(str(roman_value(found.group(1).upper())), region))
    found = _LETTER.match(line, after)
    if found:
        return Marker(found.end(), letter_name(found.group(1) or found.group(2) or found.group(3)))
    return Marker(at, "", bullet=bullet) if at else None


def _is_measured(line: str, at: int) -> bool:
    """Is what begins at `at` a unit or a currency, so that "2.5 GHz" heads no section?"""
    word = _LETTERS.match(line, at)
    return word is not None and (unit_end(line, at) == word.end() or word.group() in pairs("currencies"))


def _no_numeral(line: str, found: re.Match[str]) -> bool:
    """ "V.League" is a name, and "X. Ninh An" is a xã."""
    word = _LETTERS.match(line, found.end())
    joined = found.group()[-1] in ".)" and word is not None and not is_syllable(word.group())
    return joined or (found.group().startswith("X.") and _TWO_NAMES.match(line, found.end()) is not None)


def lacks_marks(line: str) -> bool:
    """Is this Vietnamese written without its marks: five words or more, nearly all of which could be syllables?"""
    if not line.isascii() or len(line) < 12:
        return False
    words = _LETTERS.findall(line)[:60]
    return len(words) > 4 and sum(bool(is_syllable(word) or unmarked(word)) for word in words) > 0.9 * len(words)


def is_heading(line: str) -> bool:
    """Is the line written in capitals throughout (with at least two words, one of them longer than a code)?"""
    if sum(map(str.islower, line[: len(line) // 2])) > 0.2 * len(line):
        return False
    letters = [letter for letter in line if letter.isalpha()]
    if len(letters) < 4 or sum(letter.isupper() for letter in letters) < 0.8 * len(letters):
        return False
    words = [word for word in line.split() if word.isalpha() and len(word) > 1]
    return len(words) > 1


def uses_dashes(lines: list[str]) -> bool:
    """Do two lines or more begin with a dash?"""
    return sum(line.lstrip()[:1] in ("-", "–", "+") for line in lines) > 1


def unspoken_lines(lines: list[str]) -> frozenset[int]:
    """The indices of the lines that radio leaves out: receivers, signatures, a letterhead whose number is blank."""
    dropped: set[int] = set()
    at = 0
    while at < len(lines):
        line = lines[at]
        found = _RECEIVERS.match(line)
        if found and (found.group(1) or at + 1 < len(lines)):
            at = _drop_receivers(lines, at, found.group(1), dropped)
        elif _SIGNED.match(line) and _signature_goes_on(lines, at):
            at = _drop_signature(lines, at, dropped)
        else:
            if line.lstrip()[:2] == "Số" and _UNNUMBERED.match(line):
                dropped.add(at)
            at += 1
    return frozenset(dropped)


def _drop_receivers(lines: list[str], at: int, rest: str, dropped: set[int]) -> int:
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or _RECEIVER_LINE.match(lines[end])):
        end += 1
    while end > at + 1 and not lines[end - 1].strip():
        end -= 1
    if end > at + 1 or _RECEIVER_LINE.match(rest):
        dropped.update(range(at, end))
    return end


def _signature_goes_on(lines: list[str], at: int) -> bool:
    """A signature is followed only by titles, names and blank lines, for at most a dozen lines, up to the end."""
    if not re.match(r"[ \t]*(?:\*\*|__)?(?:TM|KT|TL|TUQ|T/M|K/T|T\.M|K\.T|Q)\.", lines[at]) and at == 0:
        return False
    following = [line for line in lines[at + 1 : at + 40] if line.strip()]
    return len(following) <= 8 and all(
        _NAME.match(line) or _TITLE_LINE.match(line) or _RECEIVERS.match(line) or _RECEIVER_LINE.match(line)
        for line in following
    )


def _drop_signature(lines: list[str], at: int, dropped: set[int]) -> int:
    end = at
    while end < len(lines) and not _RECEIVERS.match(lines[end]):
        end += 1
    dropped.update(range(at, end))
    return end
