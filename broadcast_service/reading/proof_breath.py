"""Sentences too long for one breath, and sentences with more document numbers than an ear can hold."""

import re
from collections.abc import Iterable, Iterator

from .proof_copy import Copy, Finding
from .rules import vietnamese
from .syllables import count_syllables

LONGEST_SENTENCE = 45
"""Spoken syllables."""

MOST_CODES = 2
"""Document numbers in one sentence."""

_BREAKS = (
    re.compile(r";\s"),
    re.compile(
        r"(?:,\s|\s)(?=(?:đồng thời|trong đó|từ đó|qua đó|nhờ đó|sau đó|nhằm|tuy nhiên|nhưng|còn|để|vì vậy|do đó|nên|"
        r"vì|khi|rồi)\s)"
    ),
    re.compile(r"[,:]\s|(?<!\d)\s[–—]\s|\s[–—]\s(?!\d)"),
    re.compile(r"\s(?=và\s)"),
)
_PAUSES = (
    re.compile(
        r"\s(?=(?:đối với|(?<!đối )(?<!so )(?<!cùng )với|tại|theo|do|bằng|qua|nhân dịp|gồm|đã|sẽ|có|cho|"
        r"(?<!trong )(?<!theo )giai đoạn|trong|(?:từ|ở)(?! \d))\s)|(?<=/\d{4})\s(?=[^\W\d])"
    ),
    vietnamese(r"(?<!\w)[a-zà-ỹđ]+(\s)(?=[a-zà-ỹđ])"),
    re.compile(r"\s"),
)
"""Where a reader may take breath though no second sentence begins there, the best first."""

_JOINT = re.compile(r"\s?[;,:–—]?\s+")
_SHOWN = 28
_NOT_SAID = frozenset({"dropped", "pause", "marker"})


def find_breathless(copy: Copy) -> Iterator[Finding]:
    """Both checks, sentence by sentence, from how the text is read aloud."""
    sentences = copy.sentences
    if not sentences:
        return
    said = [0] * len(sentences)
    codes = [0] * len(sentences)
    dropped = [False] * len(sentences)
    at, now = 0, 0
    for span in copy.reading.spans:
        end = at + len(span.written)
        while now + 1 < len(sentences) and sentences[now][1] <= at:
            now += 1
        if span.kind == "plain":
            place = now
            while place < len(sentences) and sentences[place][0] < end:
                begin, stop = max(at, sentences[place][0]), min(end, sentences[place][1])
                if begin < stop:
                    said[place] += count_syllables(copy.text[begin:stop])
                place += 1
        elif span.kind not in _NOT_SAID:
            said[now] += count_syllables(span.spoken)
            codes[now] += span.kind == "document" and any(letter.isdigit() for letter in span.written)
        elif span.kind == "dropped" and len(span.written) > 1:
            dropped[now] = True
        at = end
    for (start, end), syllables, numbers, out in zip(sentences, said, codes, dropped, strict=True):
        if numbers > MOST_CODES and not out:
            yield copy.finding(
                "codes",
                start,
                end,
                f"Câu có {numbers} số hiệu văn bản, người nghe khó nhớ.",
                "advise",
                f"Chỉ giữ nhiều nhất {MOST_CODES} văn bản, hoặc nêu tên văn bản thay số hiệu.",
            )
        if syllables > LONGEST_SENTENCE and not out:
            yield copy.finding(
                "breath",
                start,
                end,
                f"Câu dài {syllables} tiếng, khó đọc một hơi.",
                "advise",
                *_advice(copy, start, end),
            )


def _advice(copy: Copy, start: int, end: int) -> tuple[str, str | None]:
    """What to do about a long sentence, naming a place in its middle; and its two halves, where each is a sentence."""
    if place := _place(copy.text, start, end, _BREAKS):
        return f"Tách câu sau “{_last_words(copy.text, start, place)}”.", _parted(copy, start, place, end)
    if place := _place(copy.text, start, end, _PAUSES):
        return f"Thêm dấu phẩy sau “{_last_words(copy.text, start, place)}”, hoặc viết thành hai câu.", None
    return "Viết thành hai câu.", None


def _place(text: str, start: int, end: int, patterns: Iterable[re.Pattern[str]]) -> int:
    """The first kind of place that the middle half of the sentence has, nearest to its centre; 0 for none."""
    centre, reach = (start + end) // 2, (end - start) // 4
    for pattern in patterns:
        places = [each.start(each.lastindex or 0) for each in pattern.finditer(text, centre - reach, centre + reach)]
        if places:
            return min(places, key=lambda place: abs(place - centre))
    return 0


def _last_words(text: str, start: int, place: int) -> str:
    """A few words that end at the place, to know it by."""
    first, *words = text[max(start, place - _SHOWN) : place].split(" ")
    return " ".join(words).strip() or first.strip()


def _parted(copy: Copy, start: int, place: int, end: int) -> str | None:
    """The sentence as two, parted at the place; None where no word of letters begins the second."""
    joint = _JOINT.match(copy.text, place, end)
    if joint is None or not copy.text[joint.end() : joint.end() + 1].isalpha():
        return None
    first, second = copy.as_written(start, place), copy.as_written(joint.end(), end)
    return f"{first}. {second[:1].upper()}{second[1:]}"
