"""What an entry of a lexicon may hold: a written token and the words said for it."""

import re
import unicodedata

from ..errors import Invalid
from .plain_text import clean_line

LONGEST_WRITTEN, LONGEST_SPOKEN = 200, 400
"""Characters of an entry."""

_NO_CHARACTER = re.compile("[\ufffe\uffff\ufdd0-\ufdef]")


def plain(text: str) -> str:
    """The text on one line, composed, without what no file can hold."""
    return clean_line(unicodedata.normalize("NFC", _NO_CHARACTER.sub("", text)))


def checked_written(written: str) -> str:
    """The token as it is kept. Raises Invalid when it is empty, too long, or nothing but marks."""
    written = plain(written)
    if not any(unicodedata.category(char)[0] in "LNS" for char in written):
        raise Invalid("Chưa ghi chữ viết cần định cách đọc.", field="written")
    if len(written) > LONGEST_WRITTEN:
        raise Invalid(f"Chữ viết dài quá {LONGEST_WRITTEN} ký tự. Hãy ghi riêng từ cần định.", field="written")
    return written


def checked_spoken(spoken: str) -> str:
    """What is said, as it is kept; empty: nothing is said. Raises Invalid when it is too long."""
    spoken = plain(spoken)
    if len(spoken) > LONGEST_SPOKEN:
        raise Invalid(f"Lời đọc dài quá {LONGEST_SPOKEN} ký tự. Hãy ghi ngắn lại.", field="spoken")
    return spoken


def cut_example(example: str) -> str:
    """The example as it is kept: one line, no longer than an entry may be, cut at a blank if there is one."""
    line = plain(example).strip()
    if len(line) <= LONGEST_SPOKEN:
        return line
    blank = line.rfind(" ", 1, LONGEST_SPOKEN + 1)
    return line[: blank if blank > 0 else LONGEST_SPOKEN].strip()
