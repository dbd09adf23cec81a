"""What a word that Vietnamese spelling does not allow may have been meant as."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from .patterns import pattern
from .syllables import is_syllable

_LONGEST = 9
_LONGEST_JOINED = 14
_MOST = 3
_CODAS = frozenset("cghmnpt")
_ONSETS = (
    ("ng", "ngh"), ("ngh", "ng"), ("g", "gh"), ("gh", "g"), ("k", "c"), ("c", "k"), ("q", "qu"), ("f", "ph"),
    ("j", "gi"), ("z", "d"), ("w", "qu"), ("dd", "đ"),
)  # fmt: skip
_VOWELS = (
    "aăâ", "áắấ", "àằầ", "ảẳẩ", "ãẵẫ", "ạặậ", "eê", "éế", "èề", "ẻể", "ẽễ", "ẹệ", "oôơ", "óốớ", "òồờ", "ỏổở", "õỗỡ",
    "ọộợ", "uư", "úứ", "ùừ", "ủử", "ũữ", "ụự", "dđ",
)  # fmt: skip
_ALIKE = {letter: group.replace(letter, "") for group in _VOWELS for letter in group}
_DOTTED = str.maketrans("aăâeêioôơuưy", "ạặậẹệịọộợụựỵ")
_ACUTE = str.maketrans("aăâeêioôơuưy", "áắấéếíóốớúứý")
_TONE_AND_HAT = pattern("([aeiouy\u0302\u0306\u031b]+)([\u0300\u0301\u0303\u0309\u0323])([aeo][\u0302\u031b])")
_LAST_VOWEL = pattern(r"[aăâeêioôơuưy](?=[cpth]+$)")


@lru_cache(maxsize=2_000)
def nearest(word: str) -> tuple[str, ...]:
    """Up to three syllables the word (letters only) is most likely misspelt for, in small letters, the likeliest first.

    "ngiêm" → "nghiêm", "thưởgn" → "thưởng", "hoạtđộng" → "hoạt động"; nothing for foreign words.
    """
    low = word.lower()
    if len(low) > _LONGEST_JOINED or is_syllable(low):
        return ()
    attempts = _joined(low) if len(low) > _LONGEST else _attempts(low)
    right = (_tone_placed(attempt) for attempt in attempts if all(map(is_syllable, attempt.split(" "))))
    return tuple(dict.fromkeys(right))[:_MOST]


def is_mistyped(word: str) -> bool:
    """Is the word a syllable but for a slip of the fingers: "Thanhh", "Binhk", "Thahn"? Names elsewhere are not so."""
    low = word.lower()
    return 3 < len(low) <= _LONGEST and not is_syllable(low) and any(map(is_syllable, _slips(low)))


def _attempts(low: str) -> Iterator[str]:
    for onset, right in _ONSETS:
        if low.startswith(onset):
            yield right + low[len(onset) :]
    if not low.isascii():
        yield from _joined(low)
    yield from _slips(low)
    if low[-1] in "gh":
        yield f"{low[:-1]}n{low[-1]}"
    if not low.isascii():
        yield from _marked(low)


def _slips(low: str) -> Iterator[str]:
    """A consonant twice, a letter too many at the end, two letters that changed places."""
    for at in range(1, len(low)):
        if low[at] == low[at - 1] and (low[at] not in "aeiouy" or at == len(low) - 1):
            yield low[:at] + low[at + 1 :]
    if low[-2:-1] in _CODAS:
        yield low[:-1]
    for at in range(1, len(low) - 1):
        yield low[:at] + low[at + 1] + low[at] + low[at + 2 :]


def _marked(low: str) -> Iterator[str]:
    """A word that bears marks, with another mark, or with the one it lacks before c, p, t."""
    for at, letter in enumerate(low):
        for alike in _ALIKE.get(letter, ""):
            yield low[:at] + alike + low[at + 1 :]
    for marks in (_DOTTED, _ACUTE):
        yield _LAST_VOWEL.sub(lambda found: found.group().translate(marks), low)  # noqa: B023


def _joined(low: str) -> Iterator[str]:
    """Two words without the blank between them."""
    for at in range(2, len(low) - 1):
        if low[at] == "đ" or (low[at].isascii() and low[at] not in "aeiouy"):
            yield f"{low[:at]} {low[at:]}"


def _tone_placed(syllable: str) -> str:
    """The tone on the vowel that bears the other mark: "ngừơi" → "người"."""
    apart = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize("NFC", _TONE_AND_HAT.sub(r"\1\3\2", apart))
