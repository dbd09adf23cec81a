"""Words in capitals made small again, with the names in them kept: HỌP TẠI XÃ HÒA TRÍ is "họp tại xã Hòa Trí"."""

import re
from collections.abc import Container
from functools import cache

from .rules import vietnamese
from .syllables import is_syllable
from .tables import rows

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{2,}")
_RUN = vietnamese(r"[A-ZĐÀ-Ỹ]{2,}(?: [A-ZĐÀ-Ỹ]{2,}){1,30}(?![\w.&/-])")
_LONGEST = 4


@cache
def _names() -> dict[str, tuple[tuple[str, ...], ...]]:
    """The names of `data/names.tsv` by their first word in lower case, longest first; each a tuple of its words."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for row in rows("names"):
        if not row["kind"]:
            words = tuple(row["written"].split(" "))
            found.setdefault(words[0].lower(), []).append(words)
    return {word: tuple(sorted(names, key=len, reverse=True)) for word, names in found.items()}


@cache
def _words_of(kind: str) -> frozenset[str]:
    """The words of one kind in `data/names.tsv`, in lower case."""
    return frozenset(row["written"].lower() for row in rows("names") if row["kind"] == kind)


def lowered(text: str, kept: Container[str]) -> str:
    """The text with its words in capitals made small but for names; words of `kept` stay; the length is the same."""
    places = [found.span() for found in _WORD.finditer(text)]
    words = [text[start:end] for start, end in places]
    small = [
        word.lower() if word.isupper() and is_syllable(word) and not (word in kept and word.isascii()) else word
        for word in words
    ]
    joined = [text[places[at][1] : places[at + 1][0]] == " " for at in range(len(places) - 1)]
    joined.append(False)
    letters = list(text)
    at = 0
    while at < len(small):
        count = max(_listed(small, joined, at), _person(small, joined, at))
        if at and joined[at - 1]:
            place = _place(small, joined, at)
            count = max(count, place if not count or place > 2 else 0)
        for index in range(at, at + count):
            if small[index].islower():
                small[index] = small[index][0].upper() + small[index][1:]
        at += count or 1
    small = _as_listed(small, joined)
    for (start, end), word in zip(places, small, strict=True):
        letters[start:end] = word
    return "".join(letters)


def lowered_run(text: str, at: int, kept: Container[str]) -> tuple[int, str] | None:
    """The end of the words in capitals that begin at `at` and what they are in small letters; None for a lone word."""
    found = _RUN.match(text, at)
    if found is None or found.group().isascii():
        return None
    words = found.group().split(" ")
    if not all(is_syllable(word) and word not in kept for word in words):
        return None
    before = (text[max(0, at - 20) : at].split() or [""])[-1]
    named = not before.isupper() and before.lower() in _words_of("title") | _words_of("place")
    if named and len(words) <= _LONGEST:
        return found.end(), found.group().title()
    return found.end(), lowered(found.group(), kept)


def _linked(joined: list[bool], at: int, count: int) -> bool:
    """Do the `count` words from `at` on stand with one blank between them?"""
    return all(joined[at : at + count - 1]) and at + count <= len(joined)


def _listed(words: list[str], joined: list[bool], at: int) -> int:
    for name in _names().get(words[at].lower(), ()):
        if _linked(joined, at, len(name)) and [word.lower() for word in name] == [
            word.lower() for word in words[at : at + len(name)]
        ]:
            return len(name) if name[0][0].isupper() else 0
    return 0


def _as_listed(words: list[str], joined: list[bool]) -> list[str]:
    """Listed names written as they are listed: "Phó Chủ tịch" keeps its small word."""
    at = 0
    while at < len(words):
        step = 1
        for name in _names().get(words[at].lower(), ()):
            same = [word.lower() for word in name] == [word.lower() for word in words[at : at + len(name)]]
            if same and _linked(joined, at, len(name)):
                words[at : at + len(name)] = name
                step = len(name)
                break
        at += step
    return words


def _person(words: list[str], joined: list[bool], at: int) -> int:
    """How many words from `at` on are the name of a person: a family name after a title or before a middle name."""
    if words[at] not in _words_of("family") or not joined[at]:
        return 0
    titled = at > 0 and joined[at - 1] and words[at - 1] in _words_of("title")
    if not titled and words[at + 1] not in _words_of("middle"):
        return 0
    middle, stop, count = _words_of("middle"), _words_of("stop"), 2
    while count < _LONGEST and joined[at + count - 1] and words[at + count] not in stop:
        if count == 3 and words[at + 2] not in middle:
            break
        count += 1
    return count


def _place(words: list[str], joined: list[bool], at: int) -> int:
    """How many words from `at` on name a place, after a word such as xã, đường, sông."""
    if words[at - 1].lower() not in _words_of("place") or words[at] in _words_of("stop"):
        return 0
    if not joined[at] or words[at + 1] in _words_of("stop"):
        return 0
    directed = words[at] in ("đông", "tây", "nam", "bắc", "trung")
    return 3 if directed and _linked(joined, at, 3) and words[at + 2] not in _words_of("stop") else 2
