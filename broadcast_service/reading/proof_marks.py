"""Brackets and quotation marks without their other half."""

import re
from collections.abc import Iterator

from .proof_copy import Copy, Finding

_MARKS = re.compile(r"[(\[{)\]}“”\"]|\n[ \t]*\n")
_CLOSES = {")": "(", "]": "[", "}": "{", "”": "“"}
_LIST_MARKER = re.compile(
    r"(?:[\n.;:,]|(?<!\w)và)[ \t]*[-–+*“\"]{0,2}[ \t]*(?:\d{1,3}(?:\.\d{1,2}){0,3}|[^\W\d_]|[ivxIVX]{1,4})$"
)
_REACH = 16
_SHOWN = 40
_NAMES = {"(": "ngoặc đơn", "[": "ngoặc vuông", "{": "ngoặc nhọn", "“": "ngoặc kép", '"': "ngoặc kép"}


def find_unbalanced(copy: Copy) -> Iterator[Finding]:
    """Brackets must close in their paragraph; a quotation may go on in the next ones, beginning each with “."""
    text = copy.text
    brackets: list[tuple[str, int]] = []
    quote: int | None = None
    straight: int | None = None
    begins = 0
    for found in _MARKS.finditer(text):
        mark, at = found.group(), found.start()
        if mark[0] == "\n":
            yield from _left(copy, brackets, straight)
            brackets, straight, begins = [], None, found.end()
        elif mark in "([{":
            brackets.append((mark, at))
        elif mark == "“":
            if quote is not None and text[begins:at].strip():
                yield _open(copy, "“", quote)
            quote = at
        elif mark == '"':
            if straight is None and quote is not None and quote >= begins:
                quote = None
            elif straight is None and at and text[at - 1].isdigit():
                continue
            else:
                straight = at if straight is None else None
        elif mark == "”":
            if quote is not None:
                quote = None
            elif straight is not None:
                straight = None
            else:
                yield _shut(copy, "“", at)
        elif any(each == _CLOSES[mark] for each, _ in brackets[-4:]):
            while brackets and brackets[-1][0] != _CLOSES[mark]:
                yield _open(copy, *brackets.pop())
            brackets.pop()
        elif not (mark == ")" and _is_list_marker(text, at)):
            yield _shut(copy, _CLOSES[mark], at)
    yield from _left(copy, brackets, straight)
    if quote is not None:
        yield _open(copy, "“", quote)


def _is_list_marker(text: str, at: int) -> bool:
    """Does the bracket end a marker like "a)" or "2)" at the beginning of a line or of a part of the sentence?"""
    start = max(0, at - _REACH)
    return _LIST_MARKER.search(("" if start else "\n") + text[start:at]) is not None


def _left(copy: Copy, brackets: list[tuple[str, int]], straight: int | None) -> Iterator[Finding]:
    for mark, at in brackets:
        yield _open(copy, mark, at)
    if straight is not None:
        yield _open(copy, '"', straight)


def _open(copy: Copy, mark: str, at: int) -> Finding:
    return copy.finding(
        "marks",
        at,
        at + 1,
        f"Dấu {_NAMES[mark]} mở trước “{_near(copy, at + 1, 1)}” mà không đóng.",
        "advise",
        "Thêm dấu đóng.",
    )


def _shut(copy: Copy, mark: str, at: int) -> Finding:
    return copy.finding(
        "marks",
        at,
        at + 1,
        f"Dấu {_NAMES[mark]} đóng sau “{_near(copy, at, -1)}” mà không mở.",
        "advise",
        "Thêm dấu mở, hoặc bỏ.",
    )


def _near(copy: Copy, at: int, way: int) -> str:
    """The next or the last few words, to know the place by."""
    after, before = copy.text[at : at + _SHOWN].split()[:3], copy.text[max(0, at - _SHOWN) : at].split()[-3:]
    return " ".join(after if way > 0 else before).strip('“”"()[]{}.,;: ') or "…"
