"""Vietnamese text made comparable: for search, for file names and for sorting."""

import re
import unicodedata

_TONES = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_LETTERS = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}


def fold(text: str) -> str:
    """Lower case without marks, đ as d, blanks single: “Đường  Ninh Hoà” → “duong ninh hoa”.

    SQLite's own folding leaves đ alone and misses capitals, so both databases search this.
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(bare.replace("đ", "d").replace("Đ", "D").lower().split())


def slug(text: str, *, longest: int = 40) -> str:
    """An ASCII name for files and addresses: “Vườn bưởi” → “vuon-buoi”. Never empty."""
    name = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:longest].rstrip("-")
    return name or "khong-ten"


def sort_key(text: str) -> str:
    """A key that sorts as a Vietnamese dictionary does: letters first, then tones, then case.

    Letters a ă â b c d đ e ê …; tones ngang, huyền, hỏi, ngã, sắc, nặng. Compare as plain strings.
    """
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", text).casefold():
        decomposed = unicodedata.normalize("NFD", char)
        tone = next((c for c in decomposed if c in _TONES), "")
        base = unicodedata.normalize("NFC", decomposed.replace(tone, "") if tone else decomposed)
        letters.append(chr(0x41 + _LETTERS[base] + 32) if base in _LETTERS else chr(min(ord(base[0]), 0x60)))
        tones.append(str(_TONES[tone]))
    return "".join(letters) + "\x01" + "".join(tones)
