"""One thing listed twice, and one body under two names."""

import re
from collections.abc import Iterator, Sequence

from .proof_copy import Copy, Finding, Word
from .rules import vietnamese

_PARTED = re.compile(r"[,;:]\s|\.\.\.|…|\s[-–]\s(?=[a-zà-ỹđ])")
_FEWEST = 6
_HEADS = {"ban": "Ban", "hội đồng": "Hội đồng", "ủy ban": "Ủy ban", "uỷ ban": "Ủy ban", "tổ": "Tổ"}
_BODY = vietnamese(r"(?<!\w)(?P<head>Ban|Hội đồng|HỘI ĐỒNG|[UỦ][yỷ] ban|Tổ)[ ](?=[A-ZĐÀ-Ỹ])")
_KEY_WORDS = 4
_DIFFERENT = frozenset({"nhân dân", "dân tộc", "mặt trận"})


def find_repeated_items(copy: Copy) -> Iterator[Finding]:
    """Items of two words or more that stand twice in one enumeration; neighbours repeated together are one finding."""
    for start, end in copy.sentences:
        items = _items(copy.text, start, end)
        if len(items) < _FEWEST:
            continue
        first: dict[str, int] = {}
        repeated: list[tuple[int, int]] = []
        for number, (begin, stop) in enumerate(items):
            item = " ".join(copy.text[begin:stop].lower().split())
            if item.count(" ") < 1 or any(letter.isdigit() for letter in item):
                continue
            if item in first:
                repeated.append((number, first[item]))
            else:
                first[item] = number
        at = 0
        while at < len(repeated):
            last = at
            while last + 1 < len(repeated) and repeated[last + 1] == (repeated[last][0] + 1, repeated[last][1] + 1):
                last += 1
            begin, stop = items[repeated[at][0]][0], items[repeated[last][0]][1]
            once = " ".join(copy.text[begin:stop].split())
            yield copy.finding(
                "repeated", begin, stop, f"“{once}” được kể hai lần trong cùng một câu.", "advise", "Bỏ một lần."
            )
            at = last + 1


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches between the marks of an enumeration, without outer blanks, quotes and full stops."""
    edges = [start]
    for mark in _PARTED.finditer(text, start, end):
        edges += [mark.start(), mark.end()]
    edges.append(end)
    items = []
    for begin, stop in zip(edges[::2], edges[1::2], strict=True):
        while begin < stop and not text[begin].isalnum():
            begin += 1
        while stop > begin and not text[stop - 1].isalnum():
            stop -= 1
        if begin < stop:
            items.append((begin, stop))
    return items


def find_two_names(copy: Copy) -> Iterator[Finding]:
    """ "Ban Thi đua - Khen thưởng" and "Hội đồng Thi đua - Khen thưởng": the same words after two heads."""
    seen: dict[str, dict[str, tuple[int, int]]] = {}
    for found in _BODY.finditer(copy.text):
        tail = _tail(copy.words_between(found.end(), found.end() + 60))
        if len(tail) < _KEY_WORDS or f"{tail[0].lower} {tail[1].lower}" in _DIFFERENT:
            continue
        key = " ".join(word.lower for word in tail)
        head = _HEADS[found["head"].lower()]
        seen.setdefault(key, {}).setdefault(head, (found.start(), tail[-1].end))
    for heads in seen.values():
        if len(heads) < 2:
            continue
        (_, one), (_, other) = list(heads.items())[:2]
        names = [" ".join(copy.text[start:end].split()) for start, end in (one, other)]
        yield copy.finding(
            "names",
            *other,
            f"Bài gọi một cơ quan bằng hai tên: “{names[0]}” và “{names[1]}”.",
            "advise",
            "Chọn một tên đúng và dùng trong cả bài.",
        )


def _tail(words: Sequence[Word]) -> list[Word]:
    tail: list[Word] = []
    for word in words:
        tail.append(word)
        if len(tail) == _KEY_WORDS or not word.gap:
            break
    return tail
