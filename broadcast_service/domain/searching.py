"""Finding scripts by words typed with or without marks, and showing where they were found."""

import re
import unicodedata
from collections.abc import Iterable

from .folding import fold

MOST_WORDS = 12
"""Of a query; what follows is ignored."""

_GREETING = re.compile(r"^(?:Kính )?[Tt]hưa [^.!?]{1,60}[!.] (?=\w)")
"""“Thưa quý vị và bà con!” opens most pieces and tells nothing of them."""

_BETWEEN = re.compile(r"[\W_]+")


def words(text: str) -> list[str]:
    """The words of a text in lower case with their marks: “Đường, 2 bên” → ["đường", "2", "bên"]."""
    return _BETWEEN.sub(" ", unicodedata.normalize("NFC", text).lower()).split()


def folded_words(text: str) -> list[str]:
    """The words without marks: “Đường, 2 bên” → ["duong", "2", "ben"]."""
    return _BETWEEN.sub(" ", fold(text)).split()


def search_text(*parts: str) -> str:
    """What is kept for searching: each word of the parts folded, then each as it is written.

    Every word has a blank on both sides, so that " duong " finds the word whole, " duo" what begins so,
    and " đường " only what is written with the marks.
    """
    whole = " ".join(parts)
    return " " + " ".join(folded_words(whole)) + " | " + " ".join(words(whole)) + " "


def mark_words(text: str, query: str, *, whole: bool = True) -> list[tuple[str, bool]]:
    """The text cut into (stretch, whether it is a word of the query); joined it is the text again.

    whole: mark whole words only; else also what a word begins with: “duo” marks the “Đườ” of “Đường”.
    """
    wanted = sorted(set(folded_words(query)[:MOST_WORDS]), key=len, reverse=True)
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in re.finditer(r"[^\W_]+", text):
        folded = fold(found.group())
        hit = next((word for word in wanted if folded == word or (folded.startswith(word) and not whole)), None)
        if hit is None or len(folded) != len(found.group()):
            continue
        if found.start() > end:
            pieces.append((text[end : found.start()], False))
        end = found.start() + len(hit)
        pieces.append((text[found.start() : end], True))
    if end < len(text):
        pieces.append((text[end:], False))
    return _join_neighbours(pieces)


def summary(text: str, query: str = "", *, longest: int = 140) -> str:
    """The beginning of a text after its greeting, or the passage in which the query first stands, in whole words."""
    flat = _GREETING.sub("", " ".join(text.split()))
    if len(flat) <= longest:
        return flat
    start = 0
    for word in folded_words(query)[:MOST_WORDS]:
        places = [(fold(found.group()), found) for found in re.finditer(r"[^\W_]+", flat)]
        found = next((found for folded, found in places if folded == word), None)
        found = found or next((found for folded, found in places if folded.startswith(word)), None)
        if found and found.start() > longest - 20:
            start = flat.rfind(" ", 0, max(1, found.start() - longest // 3)) + 1
        if found:
            break
    piece = flat[start : start + longest]
    if start + longest < len(flat):
        piece = piece[: piece.rfind(" ")].rstrip(" ,;:.–-") + "…"
    return ("… " if start else "") + piece


def _join_neighbours(pieces: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """“Ninh” and “Hòa” marked with a blank between become one mark."""
    joined: list[tuple[str, bool]] = []
    for text, is_hit in pieces:
        if is_hit and len(joined) >= 2 and joined[-1] == (" ", False) and joined[-2][1]:
            joined.pop()
            joined[-1] = (joined[-1][0] + " " + text, True)
        else:
            joined.append((text, is_hit))
    return joined
