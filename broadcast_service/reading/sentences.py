"""From pieces to sentences: one blank between words, one mark at a pause, one line for a sentence."""

import re
from dataclasses import dataclass

_RANKS = {"": 0, ",": 1, "-": 2, ";": 3, ":": 4, "…": 5, ".": 6, "!": 7, "?": 8}
_BLANKS = re.compile(r"\s+")
_BREAK = re.compile(r"([.?!…]) (\S)")
_TERMINAL = ".?!…:"


@dataclass(slots=True)
class Piece:
    """A stretch of the cleaned text and what it is said as; `role` tells words, pauses, line ends and markers apart."""

    start: int
    end: int
    spoken: str
    kind: str
    certain: bool = True
    role: str = "words"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:] if text[0].islower() else text


def _break(found: re.Match[str]) -> str:
    mark, letter = found.groups()
    if mark == "." or letter.isupper():
        return f"{mark}\n{letter.upper()}"
    return found.group()


class Composer:
    """Takes the pieces in order and writes into each what it adds to the spoken text: joined they are `.spoken`."""

    def __init__(self) -> None:
        self._last: Piece | None = None
        self._mark = ""
        self._line_end: Piece | None = None
        self._blank = False
        self._item = False

    def compose(self, pieces: list[Piece]) -> None:
        """Rewrites `spoken` of every piece in place."""
        for piece in pieces:
            if piece.role == "words":
                self._add_words(piece)
            elif piece.role == "pause":
                self._add_pause(piece)
            elif piece.role == "line end":
                self._add_line_end(piece)
            else:
                self._item = True
                self._add_words(piece)
        if self._last is not None and self._mark in ("-", ",", ";"):
            self._strip()

    def _add_words(self, piece: Piece) -> None:
        spoken = piece.spoken.strip()
        if "  " in spoken or "\t" in spoken or "\xa0" in spoken:
            spoken = _BLANKS.sub(" ", spoken)
        if not spoken:
            piece.spoken = ""
            return
        plain = piece.kind == "plain"
        if piece.kind in ("plain", "lexicon") and _BREAK.search(spoken):
            spoken = _BREAK.sub(_break, spoken)
        if self._last is None:
            lead, fresh = "", True
        elif self._line_end is not None:
            fresh = self._break_line(joinable=plain and spoken[0].islower())
            lead = "" if fresh else " "
        elif self._mark == "." or (self._mark in ("?", "!", "…") and (not plain or spoken[0].isupper())):
            lead, fresh = "\n", True
        else:
            lead, fresh = " ", False
        self._line_end, self._blank, self._item = None, False, False
        piece.spoken = lead + (_capital(spoken) if fresh else spoken)
        self._last = piece
        self._mark = spoken[-1] if spoken[-1] in _RANKS and spoken[-1] != "-" else ""

    def _break_line(self, *, joinable: bool) -> bool:
        """Ends the line before the coming words; False if they go on in the same sentence."""
        assert self._line_end is not None
        if joinable and not self._blank and not self._item and self._mark not in tuple(".?!…"):
            return False
        if self._mark not in tuple(_TERMINAL):
            self._strip()
            self._line_end.spoken = "."
        self._line_end.spoken += "\n\n" if self._blank else "\n"
        return True

    def _strip(self) -> None:
        """Takes the last mark off the piece that bears it."""
        assert self._last is not None
        if self._mark:
            self._last.spoken = self._last.spoken[: -2 if self._mark == "-" else -1]
            self._mark = ""

    def _add_pause(self, piece: Piece) -> None:
        mark, piece.spoken = piece.spoken, ""
        if self._last is None or self._line_end is not None or _RANKS[mark] <= _RANKS[self._mark]:
            return
        if self._mark:
            self._strip()
        piece.spoken = " -" if mark == "-" else mark
        self._last, self._mark = piece, mark

    def _add_line_end(self, piece: Piece) -> None:
        piece.spoken = ""
        if self._last is None:
            return
        if self._line_end is not None:
            self._blank = True
        else:
            self._line_end = piece


def join(pieces: list[Piece]) -> str:
    """What the pieces add inside a sentence, in one line, without a blank at the ends; they are rewritten."""
    Composer().compose([Piece(0, 0, "x", "plain"), *pieces, Piece(0, 0, "x", "plain")])
    return " ".join("".join(piece.spoken for piece in pieces).split())
