"""E-mail and web addresses, hashtags and mentions in words."""

import re

from .cardinals import spell_digits
from .foreign import unmarked
from .letters import letter_name, spell
from .patterns import pattern
from .rules import Line, Said
from .syllables import is_syllable
from .tables import pairs

_EMAIL = pattern(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_URL = pattern(r"(?:(?:https?|ftp)://|www\.)[^\s<>\"“”()]{1,300}", re.IGNORECASE)
_DOMAIN = pattern(
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.(?:vn|com|net|org|gov|edu|info|io|asia|biz|tv|me|app|ai|dev|xyz|tech|site|online|store|shop|cloud|eu|uk|jp|cn|kr|docx?|xlsx?|pptx?|pdf|jpe?g|png|mp3|mp4|wav|zip|rar|txt|csv|json|xml|html?|php|py|log|apk|exe|(?:ly|gle|gl|be|co|to|cc)(?=/\w))(?:\.vn|\.kr|\.uk|\.jp)?(?![\w.-]*@)(?!\w)(?:[/?](?=\S)[^\s<>\"“”(),;]{0,200})?",
    re.IGNORECASE,
)
_PATH = pattern(
    r"(?:[A-Za-z]:)?\\{1,2}[\w.\\ -]{0,200}\.[A-Za-z0-9]{2,4}(?!\w)|(?:[A-Za-z]:)?\\{1,2}\w[\w.\\-]{1,200}"
    r"|/[a-z][\w.-]{1,60}(?:/[\w.-]{1,60}){1,9}",
    re.ASCII,
)
_FILE = pattern(r"(?=\w{0,60}_[^\W_])[A-Za-z]\w{1,60}(?:[.-]\w{1,60}){0,4}", re.ASCII)
_HOST = pattern(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?(?![\d.,]?\d|\w)")
_THOUSANDS = pattern(r"\d{1,3}(?:\.\d{3}){3}$")
_TAG = pattern(r"[#@]([^\W_][\w]{1,60})")
_CONSONANTS = pattern(r"[bcdfghjklmnpqrstvwxzy]{1,5}")
_PART = pattern(r"[A-ZĐ]?[a-zà-ỹđ]+|[A-ZĐÀ-Ỹ]+(?![a-zà-ỹđ])|[A-Za-zÀ-ỹĐđ]+|\d+|[^\w\s]|_")
_MARKS = {
    ".": "chấm",
    "@": "a còng",
    "/": "gạch chéo",
    "\\": "gạch chéo",
    "-": "gạch ngang",
    "_": "gạch dưới",
    ":": "hai chấm",
    "?": "hỏi chấm",
    "=": "bằng",
    "&": "và",
    "%": "phần trăm",
    "+": "cộng",
    "#": "thăng",
    "~": "ngã",
}


def say_address(written: str, line: Line) -> str:
    """An address part by part: known parts and syllables as words, the rest letter by letter."""
    known, foreign = pairs("web"), pairs("foreign")
    words: list[str] = []
    for part in _PART.findall(written):
        low = part.lower()
        if part in _MARKS:
            words.append(_MARKS[part])
        elif low in known:
            words.append(known[low])
        elif low in foreign:
            words.append(foreign[low])
        elif part.isdigit() or not part.isalpha() or (part.isupper() and len(part) < 6):
            words.append(spell(part, line))
        else:
            words.append(_letters_or_syllables(low))
    return " ".join(word for word in words if word)


def _letters_or_syllables(word: str) -> str:
    """A word without blanks cut into known words and syllables when it can be ("ninhhoa" → "ninh hoa"), else its
    letters; consonants alone may stand before or after them ("pnnbao" → "pê en-nờ en-nờ bao")."""
    if len(word) > 40:
        return _letters(word)
    best: list[tuple[float, list[str]] | None] = [(0.0, [])] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 12), end):
            head = best[start]
            found = _part(word[start:end], start == 0 or end == len(word)) if head is not None else None
            if head is not None and found is not None:
                cost, current = head[0] + found[0], best[end]
                if current is None or cost <= current[0]:
                    best[end] = (cost, [*head[1], found[1]])
    whole = best[-1]
    return " ".join(whole[1]) if whole and len(whole[1]) > 0 else _letters(word)


def _letters(word: str) -> str:
    return " ".join(filter(None, map(letter_name, word)))


def _part(part: str, outer: bool) -> tuple[float, str] | None:
    """What a part of an address is said as, and how unlikely it is to be one; None if it is none."""
    if len(part) > 2 and (known := pairs("web").get(part) or pairs("foreign").get(part)):
        return 1.0, known
    if 1 < len(part) < 8 and (sound := part if is_syllable(part) else unmarked(part)):
        return 1.2 + 0.1 * (part[0] in "aeiou") + 0.05 * (sound != part), sound
    if outer and _CONSONANTS.fullmatch(part):
        return 1.5 + 0.4 * len(part), _letters(part)
    return None


def read_address(line: Line, at: int) -> Said | None:
    """An e-mail address, a URL, a bare domain name, the address of a machine or the name of a file."""
    found = _EMAIL.match(line.text, at) or _PATH.match(line.text, at) or _FILE.match(line.text, at)
    if found is None and (host := _HOST.match(line.text, at)) and not _THOUSANDS.match(host.group()):
        return Said(host.end(), _digit_by_digit(host.group()), "web")
    if found:
        return Said(found.end(), say_address(found.group(), line), "web")
    found = _URL.match(line.text, at) or _DOMAIN.match(line.text, at)
    if found is None:
        return None
    written = found.group().rstrip(".,;:!?'…*_")
    end = at + len(written)
    said = re.sub(r"^(?:https?|ftp)://", "", written, flags=re.IGNORECASE).rstrip("/")
    return Said(end, say_address(said, line), "web")


def _digit_by_digit(host: str) -> str:
    groups = (spell_digits(group) for group in re.split(r"[.:]", host.partition(":")[0]))
    port = host.partition(":")[2]
    return " chấm ".join(groups) + (f" hai chấm {spell_digits(port)}" if port else "")


def read_tag(line: Line, at: int) -> Said | None:
    """A hashtag or a mention: its mark is dropped and its words are said; a path is read as an address."""
    if line.text[at] in "\\/" and (path := _PATH.match(line.text, at)) and not line.before(at)[-1:].isalnum():
        written = path.group().rstrip(".,;:!?")
        return Said(at + len(written), say_address(written, line), "web")
    found = _TAG.match(line.text, at)
    if found is None:
        return None
    word = found.group(1)
    if word.isdigit():
        return None
    if word.lower() in pairs("web"):
        return Said(found.end(), pairs("web")[word.lower()], "web")
    if word.lower() in pairs("foreign"):
        return Said(found.end(), pairs("foreign")[word.lower()], "web")
    parts = re.findall(r"[A-ZĐÀ-Ỹ]?[a-zß-öø-ɏḀ-ỿ]+|[A-ZĐ]+(?![a-z])|\d+", word)
    return Said(found.end(), " ".join(say_address(part, line) for part in parts) or say_address(word, line), "web")
