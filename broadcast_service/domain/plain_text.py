"""Text as people paste it, made fit to keep: composed, without what can not be seen or heard."""

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028]")
_UNHEARD = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # zero-width, direction and variation marks
    "\ud800-\udfff\U000e0000-\U000e0fff"  # lone surrogates, tags
    "]"
)
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILED_MARKS = re.compile(f"({_MARKS}{{4}}){_MARKS}+")


def clean(text: str) -> str:
    """NFC paragraphs parted by one blank line each; single blanks; nothing unseen.

    Controls, zero-width and direction marks and lone surrogates go; every kind of line end becomes a
    newline, every kind of blank a space. More than four marks on one letter are cut (no language needs them).
    """
    text = _LINE_ENDS.sub("\n", text).replace("\u2029", "\n\n")
    text = _PILED_MARKS.sub(r"\1", _UNHEARD.sub("", text))
    text = unicodedata.normalize("NFC", text)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def clean_line(text: str) -> str:
    """The same for what stands on one line, such as a title."""
    return " ".join(clean(text).split())


def unseen_sign(text: str) -> tuple[int, str] | None:
    """The first control or zero-width sign as (line from 1, “U+200B”), or None. Tabs and line ends are seen."""
    found = _UNHEARD.search(text)
    if found is None:
        return None
    return text.count("\n", 0, found.start()) + 1, f"U+{ord(found.group()):04X}"
