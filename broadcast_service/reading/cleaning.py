"""What comes before reading: NFC, invisible characters out, every kind of blank and digit made the ordinary one."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from .syllables import is_syllable

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]|\r(?=\n)"
)
_ODD = re.compile(
    "[^\x00-\x7e\u00c0-\u024f\u1e00-\u1eff\u2010-\u2026\u20ab\u201c\u201d\u2018\u2019\u0300-\u036f]|[\r\x0b\x0c\x1c-\x1e]"
)

_PARTING = re.compile(r"([A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{1,8})([\u200b\u200c\u00ad])(?=([A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{1,8}))")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`text` is to be read; `whole` is the NFC text that it was.

    `hidden` has, for every character left out, the place in `text` before which it stood, in rising order.
    """

    text: str
    whole: str
    hidden: tuple[int, ...]

    def written(self, start: int, end: int) -> str:
        """What stands in the whole text for `text[start:end]`; hidden characters go with what follows them."""
        if not self.hidden:
            return self.whole[start:end]
        last = len(self.whole) if end >= len(self.text) else end + bisect_left(self.hidden, end)
        return self.whole[start + bisect_left(self.hidden, start) if start else 0 : last]

    def place(self, position: int) -> int:
        """Where in the whole text the character `text[position]` stands."""
        return position + bisect_right(self.hidden, position)


def _ordinary(found: re.Match[str]) -> str:
    letter = found.group()
    if letter in "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029":
        return "\n"
    if letter.isspace():
        return " "
    if letter in "\u2044\u2215":
        return "/"
    if letter.isdigit() and unicodedata.category(letter) == "Nd":
        return str(unicodedata.digit(letter))
    if "\u2080" <= letter <= "\u2089":
        return str(unicodedata.digit(letter))
    if "\uff01" <= letter <= "\uff5e":
        return chr(ord(letter) - 0xFEE0)
    if unicodedata.category(letter) in ("Mn", "Me", "Cn"):
        return " "
    return letter


def _parted(found: re.Match[str]) -> str:
    """A blank for a mark that parts two words, "thành\u200bphố"; nothing is changed inside a word."""
    first, mark, second = found.groups()
    joins = is_syllable(first + second) or (mark != "\u200b" and not (is_syllable(first) and is_syllable(second)))
    return found.group() if joins else f"{first} "


def clean(text: str) -> Cleaned:
    """The text made ready for the rules; lengths differ from the NFC text only by the hidden characters."""
    whole = unicodedata.normalize("NFC", text)
    shown = _PARTING.sub(_parted, whole) if _INVISIBLE.search(whole) else whole
    hidden = tuple(found.start() - count for count, found in enumerate(_INVISIBLE.finditer(shown)))
    cleaned = _INVISIBLE.sub("", shown) if hidden else shown
    return Cleaned(_ODD.sub(_ordinary, cleaned), whole, hidden)
