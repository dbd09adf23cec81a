"""Words written twice by mistake, and words taken for others."""

from collections.abc import Iterator
from functools import cache

from .proof_copy import Copy, Finding, Severity, find_phrases
from .tables import rows

_LONGEST_PHRASE = 5
_DIGITS = frozenset("không một hai ba bốn tư năm lăm sáu bảy tám chín mười mươi trăm nghìn ngàn triệu tỷ".split())  # noqa: SIM905


@cache
def _reduplications() -> frozenset[str]:
    return frozenset(row["word"] for row in rows("reduplications"))


@cache
def _compounds() -> frozenset[str]:
    return frozenset(row["words"] for row in rows("compounds"))


def find_doubled(copy: Copy) -> Iterator[Finding]:
    """Words and phrases of up to five words that stand twice in a row, where language does not mean it so."""
    words, at = copy.words, 0
    while at < len(words):
        size = _doubled_size(copy, at)
        if not size:
            at += 1
            continue
        start, middle, end = words[at].start, words[at + size].start, words[at + 2 * size - 1].end
        once = copy.text[start : words[at + size - 1].end]
        capital = size > 1 and copy.text[middle].isupper() and copy.text[start:end] == f"{once} {once}"
        severity: Severity = "must" if capital and any(part.islower() for part in once.split()[1:]) else "advise"
        name = "Cụm từ" if size > 1 else "Từ"
        yield copy.finding(
            "doubled",
            start,
            end,
            f"{name} “{once}” được viết hai lần liền nhau.",
            severity,
            f"Chỉ giữ một lần “{once}”.",
            once,
        )
        at += 2 * size


def _doubled_size(copy: Copy, at: int) -> int:
    """How many words from here on are said again at once; 0 for none, or where it is meant."""
    words = copy.words
    for size in range(1, _LONGEST_PHRASE + 1):
        if at + 2 * size > len(words):
            return 0
        if any(word.gap != " " for word in words[at : at + 2 * size - 1]):
            return 0
        first = [word.lower for word in words[at : at + size]]
        if first != [word.lower for word in words[at + size : at + 2 * size]]:
            continue
        if all(word in _DIGITS for word in first):
            continue
        middle = words[at + size].start
        if copy.text[middle].isupper() and "\n" in copy.text[words[at + size - 1].end : middle]:
            continue  # a heading, and a line that begins with its words
        if size == 1 and _is_meant(copy, at):
            continue
        return size
    return 0


def _is_meant(copy: Copy, at: int) -> bool:
    """Is a word said twice a true reduplication, a name, or half of one like "nói nói cười cười"?"""
    words = copy.words
    word, again = words[at], words[at + 1]
    if word.lower in _reduplications() or len(word.lower) == 1:
        return True
    if copy.text[word.start].isupper() and copy.text[again.start].isupper():
        return not copy.begins_sentence(word.start) or copy.text[word.start : word.end].isupper()
    if _joins_compounds(copy, at):
        return True
    after = words[at + 2 : at + 4]
    before = words[at - 2 : at] if at >= 2 else []
    return any(len(pair) == 2 and pair[0].lower == pair[1].lower for pair in (after, before))


def _joins_compounds(copy: Copy, at: int) -> bool:
    """ "công tác tác động", "hợp tác xã xã Ninh Quang": the word ends one compound and begins another, or a name."""
    words = copy.words
    if at == 0 or at + 2 >= len(words) or words[at - 1].gap != " " or words[at + 1].gap != " ":
        return False
    if f"{words[at - 1].lower} {words[at].lower}" not in _compounds():
        return False
    follower = words[at + 2]
    return copy.text[follower.start].isupper() or f"{words[at].lower} {follower.lower}" in _compounds()


def _is_name(written: str) -> bool:
    """Two words, both with a capital and small letters after it: somebody may be called Hoàng Thiện."""
    parts = written.split()
    return len(parts) == 2 and all(part[0].isupper() and part[1:].islower() for part in parts)


def find_confusables(copy: Copy) -> Iterator[Finding]:
    """Words that are often written for others; the table says beside which words they are right after all."""
    words = copy.words
    for row, first, last in find_phrases(copy, "confusables"):
        beside = row["beside"].split("|") if row["beside"] else []
        near = [words[place].lower for place in (first - 1, last + 1) if 0 <= place < len(words)]
        start, end = words[first].start, words[last].end
        if any(word in beside for word in near) or _is_name(copy.text[start:end]):
            continue
        written = copy.text[start:end]
        right = row["right"][0].upper() + row["right"][1:] if written[0].isupper() else row["right"]
        severity: Severity = "must" if row["sure"] else "advise"
        doubt, mend = ("là viết sai", "Sửa") if row["sure"] else ("có thể là viết sai", "Nếu sai, sửa")
        yield copy.finding(
            "confusable", start, end, f"“{written}” {doubt}.", severity, f"{mend} thành “{right}”.", right
        )
