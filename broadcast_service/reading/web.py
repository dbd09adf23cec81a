"""E-mail and web addresses, hashtags and mentions in words."""

import re

from .foreign import unmarked
from .letters import letter_name, spell
from .rules import Line, Said
from .syllables import is_syllable
from .tables import pairs

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_URL = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s<>\"“”()]{1,300}", re.IGNORECASE)
_DOMAIN = re.compile(
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.(?:vn|com|net|org|gov|edu|info|io|asia|biz|tv|me|app|ai|dev|xyz|docx?|xlsx?|pptx?|pdf|jpe?g|png|mp3|mp4|zip|txt|csv)(?:\.vn)?(?![\w.-]*@)(?!\w)(?:/[^\s<>\"“”(),;]{0,200})?",
    re.IGNORECASE,
)
_TAG = re.compile(r"[#@]([^\W_][\w]{1,60})")
_PART = re.compile(r"[A-Za-zÀ-ỹĐđ]+|\d+|[^\w\s]|_")
_MARKS = {
    ".": "chấm",
    "@": "a còng",
    "/": "gạch chéo",
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
        elif part.isdigit() or not part.isalpha():
            words.append(spell(part, line))
        else:
            words.append(_letters_or_syllables(low))
    return " ".join(word for word in words if word)


def _letters_or_syllables(word: str) -> str:
    """A word without blanks cut into syllables when it can be ("ninhhoa" → "ninh hoa"), else its letters."""
    if len(word) > 40:
        return " ".join(filter(None, map(letter_name, word)))
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 7), end):
            head = best[start]
            sound = _sayable(word[start:end]) if head is not None and end - start > 1 else ""
            if head is not None and sound:
                longer = [*head, sound]
                current = best[end]
                if current is None or len(longer) < len(current):
                    best[end] = longer
    cut = best[-1]
    return " ".join(cut) if cut else " ".join(filter(None, map(letter_name, word)))


def _sayable(part: str) -> str:
    """The part as a syllable; one that closes on c, p or t gets the tone it must have: "tuc" → "túc"; "" for none."""
    return part if is_syllable(part) else unmarked(part)


def read_address(line: Line, at: int) -> Said | None:
    """An e-mail address, a URL or a bare domain name."""
    found = _EMAIL.match(line.text, at)
    if found:
        return Said(found.end(), say_address(found.group(), line), "web")
    found = _URL.match(line.text, at) or _DOMAIN.match(line.text, at)
    if found is None:
        return None
    written = found.group().rstrip(".,;:!?'…*_")
    end = at + len(written)
    said = re.sub(r"^(?:https?|ftp)://", "", written, flags=re.IGNORECASE).rstrip("/")
    return Said(end, say_address(said, line), "web")


def read_tag(line: Line, at: int) -> Said | None:
    """A hashtag or a mention: its mark is dropped and its words are said."""
    found = _TAG.match(line.text, at)
    if found is None:
        return None
    word = found.group(1)
    if word.isdigit():
        return None
    if word.lower() in pairs("foreign"):
        return Said(found.end(), pairs("foreign")[word.lower()], "web")
    parts = re.findall(r"[A-ZĐÀ-Ỹ]?[a-zß-öø-ɏḀ-ỿ]+|[A-ZĐ]+(?![a-z])|\d+", word)
    return Said(found.end(), " ".join(say_address(part, line) for part in parts) or say_address(word, line), "web")
