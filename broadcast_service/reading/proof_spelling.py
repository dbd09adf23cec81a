"""Abbreviations nobody knows, and words that Vietnamese spelling does not allow."""

import re
import unicodedata
from collections.abc import Iterator

from .foreign import is_plain, unmarked
from .misspelt import is_mistyped, nearest
from .proof_copy import FAMILY_NAMES, Copy, Finding
from .reader import Question, read_aloud
from .rules import vietnamese

_ONLY_VIETNAMESE = frozenset("\u0309\u0323\u031b\u0306")
"""Hook, dot below, horn, breve: marks that foreign names do not bear."""

_LEAST_DROPPED = 4
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = re.compile(
    r"^(?=.{5})(?:.*[fjwz]|.*(?:ing|tion|er|ers|ed|ment|ive|al|ic|ly|ness|et|ard|ance|able|ess|ll|st|rt|ct|nt)$)"
)
_NAMED = vietnamese(
    rf"(?<!\w)(?:(?:{FAMILY_NAMES})(?:[ ][A-ZĐÀ-Ỹ][a-zà-ỹđ]*){{0,2}}|Văn|Thị|"
    r"(?:[Tt]hôn|[Xx]ã|[Pp]hường|[Hh]uyện|[Ấấ]p|[Kk]hóm|[Tt]ổ dân phố|[Tt]hị trấn|[Tt]hành phố|[Tt]ỉnh)"
    r"(?:[ ][A-ZĐÀ-Ỹ][a-zà-ỹđ]+)?)[ ]$"
)
"""What stands before the last word of a person's or a place's name."""
_HIGHLANDS = re.compile(
    r"(?<!\w)(?:Y|Ea|Ia|Đắk|Đăk|Đạ|Đam|Krông|Kon|Chư|Cư|Buôn|Bon|Plei|Pi|Rơ|Rah|Ksor|Kpă|Mấu|Katơr|Chamaléa)[ ]$"
)
"""What names of the Highlands' peoples and of their places begin with."""
_NOT_VIETNAMESE = frozenset("ŏŎĕĔĭĬŭŬčČñÑ")
_REACH = 40


def find_unknown(copy: Copy) -> Iterator[Finding]:
    """What the reader asks about, in what radio leaves out too (receivers, signatures)."""
    for question, start in _questions(copy):
        end = min(start + len(question.written), len(copy.text))
        if question.kind == "unknown":
            yield copy.finding(
                "abbreviation",
                start,
                end,
                f"Chưa biết chữ viết tắt “{question.written}” là gì.",
                "advise",
                "Viết đầy đủ.",
            )
        elif question.kind == "unmarked":
            yield copy.finding("spelling", start, end, "Đoạn này viết không dấu.", "advise", "Viết lại có dấu.")
        elif question.kind in ("foreign", "unreadable") and _is_misspelt(copy, question.written, start):
            yield copy.finding(
                "spelling",
                start,
                end,
                f"“{question.written}” không phải là một tiếng Việt viết đúng chính tả.",
                "advise",
                _meant(question.written),
            )


def _questions(copy: Copy) -> Iterator[tuple[Question, int]]:
    """The questions with their places; lines that radio leaves out are read whole."""
    for question in copy.reading.questions:
        if question.kind != "dropped":
            yield question, question.start
    at = 0
    for span in copy.reading.spans:
        if span.kind == "dropped" and len(span.written) >= _LEAST_DROPPED:
            for question in read_aloud(span.written, style="full").questions:
                yield question, at + question.start
        at += len(span.written)


def _meant(word: str) -> str:
    likely = next(iter(nearest(word)), "")
    return f"Có lẽ là “{word[0] + likely[1:] if word[0].isupper() else likely}”." if likely else "Xem lại chính tả."


def _is_misspelt(copy: Copy, word: str, start: int) -> bool:
    """Foreign names are allowed: with a capital they pass, unless they bear marks that only Vietnamese has."""
    if not word or not word.replace("-", "").replace("’", "").isalpha() or "-" in word:
        return False
    before = copy.text[max(0, start - _REACH) : start]
    if word[0].isupper() and (_HIGHLANDS.search(before) or any(letter in _NOT_VIETNAMESE for letter in word)):
        return False
    if any(mark in _ONLY_VIETNAMESE for mark in unicodedata.normalize("NFD", word)) or "đ" in word[1:]:
        return True
    if is_mistyped(word) and _NAMED.search(before):
        return True
    if word.isascii() and _is_foreign(copy.text, word, start):
        return False
    return word.islower() or (word[1:].islower() and copy.begins_sentence(start) and not word.isascii())


def _is_foreign(text: str, word: str, start: int) -> bool:
    """Is this a word of another language: built like one, or in a run of such words, or between backticks?"""
    if word[-1] in "sfrxj" and (is_plain(word[:-1]) or unmarked(word[:-1])):  # typed in Telex: "nguoif"
        return False
    if _ENGLISH.search(word):
        return True
    before, after = text[max(0, start - 60) : start], text[start + len(word) : start + len(word) + 60]
    if before.rpartition("\n")[2].count("`") % 2:
        return True
    beside = (*_WORD.findall(before)[-1:], *_WORD.findall(after)[:1])
    return any(len(other) > 2 and other.isascii() and not is_plain(other) for other in beside)
