"""Which passwords are too easy to guess. No rule about capitals or signs: length and luck are what count.

Source: NIST SP 800-63B §5.1.1.2 and OWASP ASVS 5.0 6.2 (length, list of common and context words, no composition
rules); the defaults by which Vietnamese LED boards were taken over in 2023 (88888888, 11111111, 12345678).
"""

import re
from collections.abc import Iterable

from .common_words import COMMON_WORDS
from .folding import fold

SHORTEST = 12
LONGEST = 256
"""Characters. More would only cost the one who hashes them."""

_LEAST_LEFT = 5
"""Letters and digits that must be left once words and runs anybody would try are taken out."""

_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopqwertyuiop",
    "asdfghjklasdfghjkl",
    "zxcvbnmzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_DISGUISES = str.maketrans("@$!013457", "asioleast")


def weakness(password: str, context: Iterable[str] = ()) -> str:
    """Why this password is refused: short, long, common or context; empty when it may be used.

    context: words an attacker would think of first: the account's name, names of units and stations.
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    forms = {_letters(password), _letters(password.translate(_DISGUISES))}
    words = {_letters(word) for word in context} | {part for word in context for part in fold(word).split()}
    if min(_left(form, frozenset()) for form in forms) < _LEAST_LEFT:
        return "common"
    nearby = frozenset(word for word in words if len(word) >= 3)
    return "context" if min(_left(form, nearby) for form in forms) < _LEAST_LEFT else ""


def _letters(text: str) -> str:
    """Folded letters and digits only: “Mật-Khẩu 1” → “matkhau1”."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _left(text: str, context: frozenset[str]) -> int:
    """How many different letters and digits remain without words, runs along the keys, years and repeats."""
    text = _once(text)
    for word in sorted(COMMON_WORDS | context, key=len, reverse=True):
        text = text.replace(word, " ")
    for row in _ROWS:
        text = _without_runs(_without_runs(text, row), row[::-1])
    text = re.sub(r"(19|20)\d\d", " ", text)
    text = re.sub(r"(.)\1{2,}", " ", text)
    return len(set(text.replace(" ", "")))


def _once(text: str) -> str:
    """“abcxabcxabcx” → “abcx”: what is typed several times over counts once."""
    for size in range(1, len(text) // 2 + 1):
        if text == text[:size] * (len(text) // size):
            return text[:size]
    return text


def _without_runs(text: str, row: str) -> str:
    """Cut out every stretch of four or more that runs along a row of keys."""
    result, start = [], 0
    while start < len(text):
        end = start + 1
        while end < len(text) and text[start : end + 1] in row:
            end += 1
        result.append(" " if end - start >= 4 else text[start:end])
        start = end
    return "".join(result)
