"""What the proof-reader's checks look at: one text, cut once into words and sentences; and what they find."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Literal

from .cleaning import Cleaned, clean
from .reader import Reading, read_aloud
from .rules import vietnamese
from .tables import rows

Severity = Literal["must", "advise"]

FAMILY_NAMES = (
    "Nguyễn|Trần|Lê|Phạm|Huỳnh|Hoàng|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Đoàn|Trương|Lương|Mai|Tô|Trịnh|Cao|"
    "Hà|Lâm|Đào|Phùng|Châu|Thái|Tạ|Tăng|Văn|Kiều"
)
"""For a pattern: the names of families that a full name begins with."""

_WORD = re.compile(r"[^\W\d_]+")
_BLANK_GAP = re.compile(r"[ \t\xa0]*\n?[ \t\xa0]*")
_HYPHEN_GAP = re.compile(r"[ \t]?[-–—][ \t]?")
_SENTENCE_END = vietnamese(r"[.?!…][\"”’)»*]{0,3}[ \t\xa0]+(?=[\"“‘(«*]{0,2}[A-ZĐÀ-Ỹ\d])")
_SHORTENED = vietnamese(
    r"(?<!thứ )(?<!khóa )(?<!quý )(?<!\w)(?:[A-ZĐ]|TP|TX|TT|PGS|GS|TS|ThS|BS|KT|TM|TL|St|Mr|Ms|v\.v)$"
)
_LIST_NUMBER = re.compile(r"[ \t]*(?:\d{1,3}(?:\.\d{1,3}){0,3}|[IVX]{1,5})$")
_REACH = 12
_LINE_BREAK = vietnamese(r"\n(?=[ \t]*(?:\n|$|[-–—•+*\"“‘(A-ZĐÀ-Ỹ\d]|[a-zđ]\)))")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a proof-reader would stop at.

    `start` and `end` count characters of the NFC text, `written` is what stands there; `reason` is a Vietnamese
    sentence; `severity` is "must" for what can not be right, "advise" for what a person should look at;
    `suggestion` says in Vietnamese what to do, or None; `mend` is what should stand there instead, where that is sure.
    """

    kind: str
    start: int
    end: int
    written: str
    reason: str
    severity: Severity = "advise"
    suggestion: str | None = None
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters; `gap` says what parts it from the next: " " blanks, "-" a dash, "" anything else."""

    start: int
    end: int
    lower: str
    gap: str


class Copy:
    """The text as the checks see it: cleaned, in words and sentences; places are those of `.text`."""

    def __init__(self, text: str) -> None:
        self._cleaned: Cleaned = clean(text)
        self.text = self._cleaned.text

    @cached_property
    def words(self) -> list[Word]:
        """All words in order."""
        found = list(_WORD.finditer(self.text))
        words = []
        for number, each in enumerate(found):
            end = each.end()
            upto = found[number + 1].start() if number + 1 < len(found) else len(self.text) + 9
            gap = ""
            if upto - end <= 8 and upto <= len(self.text):
                if _BLANK_GAP.fullmatch(self.text, end, upto):
                    gap = " "
                elif _HYPHEN_GAP.fullmatch(self.text, end, upto):
                    gap = "-"
            words.append(Word(each.start(), end, each.group().lower(), gap))
        return words

    @cached_property
    def word_starts(self) -> list[int]:
        """Where each word begins, rising."""
        return [word.start for word in self.words]

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Start and end of every sentence, without outer blanks; a line that begins anew ends one."""
        cuts = {found.end() for found in _SENTENCE_END.finditer(self.text) if not self._is_shortened(found.start())}
        cuts |= {found.end() for found in _LINE_BREAK.finditer(self.text)}
        edges = [0, *sorted(cuts), len(self.text)]
        sentences = []
        for start, end in pairwise(edges):
            part = self.text[start:end]
            if part.strip():
                begin = start + len(part) - len(part.lstrip())
                sentences.append((begin, begin + len(part.strip())))
        return sentences

    @cached_property
    def reading(self) -> Reading:
        """How the text is read aloud on the radio."""
        return read_aloud(self.text)

    def words_between(self, start: int, end: int) -> Sequence[Word]:
        """The words that begin in `text[start:end]`."""
        return self.words[bisect_right(self.word_starts, start - 1) : bisect_right(self.word_starts, end - 1)]

    def sentence_at(self, position: int) -> tuple[int, int]:
        """The sentence a place is in; the last one before it otherwise."""
        at = bisect_right(self._sentence_starts, position) - 1
        return self.sentences[max(at, 0)] if self.sentences else (0, len(self.text))

    def begins_sentence(self, position: int) -> bool:
        """Is there no letter or digit between the sentence's beginning and this place?"""
        start, _ = self.sentence_at(position)
        return not any(letter.isalnum() for letter in self.text[start:position][:12])

    def finding(
        self,
        kind: str,
        start: int,
        end: int,
        reason: str,
        severity: Severity = "advise",
        suggestion: str | None = None,
        mend: str | None = None,
    ) -> Finding:
        """A finding at `text[start:end]`, with its place in the NFC text."""
        first, last = self._bounds(start, end)
        return Finding(kind, first, last, self._cleaned.whole[first:last], reason, severity, suggestion, mend)

    def as_written(self, start: int, end: int) -> str:
        """`text[start:end]` with the invisible characters that stand in it."""
        first, last = self._bounds(start, end)
        return self._cleaned.whole[first:last]

    def _bounds(self, start: int, end: int) -> tuple[int, int]:
        first = self._cleaned.place(start)
        return first, self._cleaned.place(end - 1) + 1 if end > start else first

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    def _is_shortened(self, stop: int) -> bool:
        """Is the full stop at this place that of "TP." or "P.", or after a list number?"""
        if self.text[stop] != ".":
            return False
        if _SHORTENED.search(self.text[max(0, stop - _REACH) : stop]):
            return True
        line = self.text.rfind("\n", max(0, stop - _REACH), stop) + 1
        return (line > 0 or stop < _REACH) and _LIST_NUMBER.match(self.text[line:stop]) is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a table of phrases, with its phrase cut into words."""

    words: tuple[str, ...]
    row: Mapping[str, str]


@cache
def _phrases(table: str) -> dict[str, list[Entry]]:
    """The rows of a table by the first word of their phrase, the longest first."""
    found: dict[str, list[Entry]] = {}
    for row in rows(table):
        words = tuple(_WORD.findall(next(iter(row.values())).lower()))
        if words:
            found.setdefault(words[0], []).append(Entry(words, row))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry.words))
    return found


def find_phrases(copy: Copy, table: str) -> Iterator[tuple[Mapping[str, str], int, int]]:
    """Every place where the first column of `data/<table>.tsv` stands, in any case: (row, first word, last word)."""
    table_of = _phrases(table)
    words, at = copy.words, 0
    while at < len(words):
        step = 1
        for entry in table_of.get(words[at].lower, ()):
            last = at + len(entry.words) - 1
            if last < len(words) and all(
                words[at + place].lower == word and (place + at == last or words[at + place].gap)
                for place, word in enumerate(entry.words)
            ):
                yield entry.row, at, last
                step = len(entry.words)
                break
        at += step
