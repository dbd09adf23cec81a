"""The conductor: a text is cleaned, cut into lines, each line into pieces by the rules, the pieces into sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from . import (
    abbreviations,
    bare_units,
    cardinals,
    dates,
    day_months,
    documents,
    foreign,
    fractions,
    letters,
    money,
    phones,
    romans,
    symbols,
    times,
    units,
    web,
)
from .asking import Ask, settled
from .cleaning import Cleaned, clean
from .headings import lowered
from .lexicon import Found, Lexicon
from .markers import is_heading, lacks_marks, read_marker, unspoken_lines, uses_dashes
from .regions import Region, region_named
from .rules import Line, Rule, Said, vietnamese
from .sentences import Composer, Piece, join
from .syllables import is_syllable
from .tables import pairs

_PLAIN = re.compile(r"([A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{2,}(?:-[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+){0,8})")
_LONE_NUMERAL = re.compile(r"(?<!\w)[IVX](?![\w-])")
_HEADS_A_LINE = vietnamese(r" - [A-ZĐÀ-Ỹ]")
_WORDS_ONLY = vietnamese(r"[A-Za-zÀ-Ỹà-ỹ]+(?:(?:[-'’]|[,;:.?!…]? )[A-Za-zÀ-Ỹà-ỹ]+)*[,;:.?!…]?")
_MARKS = frozenset(",;:.?!…")
_SHOUTED = vietnamese(r"[A-ZĐÀ-Ỹ]{2}")
_TRIGGER_REACH = 60
_CACHED = 50_000
_LONGEST_CHUNK = 60

_NUMBERS: tuple[Rule, ...] = (
    documents.read_document,
    phones.read_plate,
    dates.read_date,
    phones.read_phone,
    times.read_round_the_clock,
    dates.read_days_of_month,
    dates.read_month_year,
    dates.read_years,
    times.read_time,
    times.read_duration,
    money.read_compound,
    fractions.read_percent,
    cardinals.read_spaced,
    money.read_money,
    units.read_ampere,
    units.read_metres,
    units.read_measure,
    day_months.read_day_month,
    fractions.read_times,
    fractions.read_fraction,
    cardinals.read_version,
    fractions.read_ratio,
    fractions.read_dashed,
    letters.read_digits_and_letter,
    cardinals.read_coded,
    cardinals.read_number,
)
_WORDS: tuple[Rule, ...] = (
    money.read_prefixed,
    phones.read_vessel,
    letters.read_petrol,
    letters.read_road,
    letters.read_weekdays,
    romans.read_roman,
    documents.read_unnumbered,
    bare_units.read_by,
    bare_units.read_bare_unit,
    abbreviations.read_signing,
    abbreviations.read_abbreviation,
    abbreviations.read_initials,
    letters.read_code,
    abbreviations.read_capitals,
    foreign.read_word,
)
_SIGNS: tuple[Rule, ...] = (symbols.read_key, money.read_prefixed, phones.read_phone, web.read_tag, symbols.read_symbol)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the written text and what it adds to the spoken one (with the blank or line end before it)."""

    written: str
    spoken: str
    kind: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What a person should decide: `written` begins at `start` in the NFC text, `candidates` are its readings."""

    written: str
    start: int
    kind: str
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The spoken text (a sentence a line), the spans that join to both texts, and the questions left open."""

    spoken: str
    spans: tuple[Span, ...]
    questions: tuple[Question, ...]


def read_aloud(
    text: str, *, region: str = "trung", lexicon: Mapping[str, str] | None = None, style: str = "radio"
) -> Reading:
    """What a newsreader says for a written text.

    `region` is "bac", "trung" or "nam"; `style` is "radio" or "full" (documents letter by letter, nothing left out);
    `lexicon` maps whole written tokens, case-sensitive, to what they are said as, and goes before every rule; made a
    `Lexicon` once, it serves many texts. Answers for every str; ValueError for an unknown region or style.
    """
    if style not in ("radio", "full"):
        raise ValueError(f"style must be radio or full, not {style!r}")
    own = Lexicon.of(lexicon) if lexicon else None
    return _Session(clean(text), region_named(region), style, own or None).read()


@cache
def _reasons() -> dict[str, str]:
    return pairs("reasons")


class _Session:
    """One reading under way."""

    def __init__(self, cleaned: Cleaned, region: Region, style: str, lexicon: Lexicon | None = None) -> None:
        self._cleaned = cleaned
        self._region = region
        self._style = style
        self._lexicon = lexicon
        self._pieces: list[Piece] = []
        self._asked: list[Ask] = []
        self._questions: list[Question] = []

    def read(self) -> Reading:
        self.cut(whole=self._style == "full")
        Composer().compose(self._pieces)
        self._settle_numerals()
        written = self._cleaned.written
        spans = tuple(
            Span(written(piece.start, piece.end), piece.spoken, piece.kind, piece.certain) for piece in self._pieces
        )
        return Reading("".join(span.spoken for span in spans), spans, tuple(self._questions))

    def cut(self, *, whole: bool) -> list[Piece]:
        """The pieces of the text, not yet put together; `whole` says that no block is left out."""
        text = self._cleaned.text
        lines = text.split("\n")
        skipped = frozenset() if whole else unspoken_lines(lines)
        listed = uses_dashes(lines)
        leaving = False
        at = 0
        for number, line in enumerate(lines):
            if number:
                self._pieces.append(Piece(at - 1, at, "", "pause", role="line end"))
            if number not in skipped:
                leaving = False
            elif number - 1 not in skipped:
                leaving = self._leave_out(line, at)
            if line and (leaving or line.isspace()):
                self._pieces.append(Piece(at, at + len(line), "", "dropped" if leaving else "plain"))
            elif line:
                self._read_line(line, at, listed)
            at += len(line) + 1
        if not self._pieces:
            self._pieces.append(Piece(0, len(text), "", "dropped"))
        return self._pieces

    def _leave_out(self, line: str, at: int) -> bool:
        """Is the block that begins with this line left out? The lexicon says so silently, or has words for the line."""
        written = line.strip()
        own = self._lexicon.get(written) if self._lexicon else None
        if own is None:
            at += line.index(written)
            aloud = _said_inside(written, self._region.name, self._style)
            self._ask(Ask(at, at + len(written), "dropped", ("", aloud)))
        return not own

    def _settle_numerals(self) -> None:
        """Says a lone I, V or X that became a numeral only by what is now said before it ("CTCP I": "cổ phần I")."""
        for index, piece in enumerate(self._pieces):
            at = 0
            while found := _LONE_NUMERAL.search(piece.spoken, at):
                at = found.end()
                before = (self._said_before(index) + piece.spoken[: found.start()]).rpartition("\n")[2]
                after = piece.spoken[at:] + "".join(later.spoken for later in self._pieces[index + 1 : index + 20])
                said = romans.read_roman(Line(before + found.group(), self._region), len(before))
                if said is None and not before and _HEADS_A_LINE.match(after):
                    said = Said(1, cardinals.cardinal(romans.roman_value(found.group()), self._region), "roman")
                if said is not None:
                    words = said.spoken if before else said.spoken.capitalize()
                    piece.spoken = piece.spoken[: found.start()] + words + piece.spoken[at:]
                    at = found.start() + len(words)

    def _said_before(self, index: int) -> str:
        """The last words said before the piece, enough for a trigger."""
        said = ""
        while index and len(said) < _TRIGGER_REACH:
            index -= 1
            said = self._pieces[index].spoken + said
        return said

    def _ask(self, ask: Ask) -> None:
        written, start = self._cleaned.text[ask.start : ask.end], self._cleaned.place(ask.start)
        self._questions.append(Question(written, start, ask.kind, _reasons()[ask.kind], ask.candidates))

    def _read_line(self, text: str, base: int, listed: bool) -> None:
        heading = is_heading(text)
        line = Line(lowered(text, abbreviations.entries()) if heading else text, self._region, self._style, heading)
        own = self._own_in(Line(text, self._region)) if self._lexicon else []
        first = len(self._pieces)
        begin = 0
        marker = read_marker(text, self._region, listed=listed)
        if marker and not any(found.start < marker.length <= found.end + 1 for found in own):
            begin = marker.length
            spoken = f"{marker.spoken}," if marker.spoken else ""
            self._pieces.append(Piece(base, base + begin, spoken, "marker", role="marker"))
        if lacks_marks(text) and not (own and own[0].end - own[0].start >= len(text.strip())):
            left, right = len(text) - len(text.lstrip()), len(text.rstrip())
            self._asked.append(Ask(base + left, base + right, "unmarked", ()))
        at = begin
        for found in own:
            if found.start >= at:
                self._scan(line, base, at, found.start)
                said = _own_words(found.value, self._region.name, self._style)
                role = "pause" if said in _MARKS else "words"
                self._pieces.append(Piece(base + found.start, base + found.end, said, "lexicon", role=role))
                at = found.end
        self._scan(line, base, at, len(text))
        if self._asked:
            for ask in settled(self._asked, text, base, self._pieces[first:]):
                self._ask(ask)
            self._asked.clear()

    def _own_in(self, line: Line) -> list[Found]:
        """The caller's entries in a line, without those inside a longer token that is known as a whole."""
        assert self._lexicon is not None
        return [found for found in self._lexicon.find(line.text) if not _inside_token(line, found)]

    def _scan(self, line: Line, base: int, begin: int, end: int) -> None:
        """Cuts `line[begin:end]`: chunks known to be plain are passed over, the others go to the rules."""
        plain, at, following = begin, begin, begin
        add = self._pieces.append
        for written in line.text[begin:end].replace("\t", " ").split(" "):
            start, following = following, following + len(written) + 1
            if start >= at:
                if written in _known or not written or _is_plain(written):
                    continue
                at = start
            while at < following - 1:
                said = _said(line, at, written)
                if said.end > end:  # the caller's entry begins before what the rule would say ends
                    said = _said_up_to(line, at, end, written)
                stop = min(said.end, end)
                if said.kind == "plain" and said.spoken == line.text[at:stop]:
                    at = stop
                    continue
                if plain < at:
                    add(Piece(base + plain, base + at, line.text[plain:at], "plain"))
                add(
                    Piece(
                        base + at,
                        base + stop,
                        said.spoken,
                        said.kind,
                        said.certain,
                        "pause" if said.kind == "pause" else "words",
                    )
                )
                if said.question:
                    candidates = tuple(dict.fromkeys((said.spoken, *said.candidates)))
                    self._asked.append(Ask(base + at, base + stop, said.question, candidates))
                at = plain = stop
        if plain < end:
            add(Piece(base + plain, base + end, line.text[plain:end], "plain"))


_known: set[str] = set()


def _is_plain(chunk: str) -> bool:
    """Is a run without blanks made of plain words and at most one mark? The answer yes is remembered."""
    word = chunk[:-1] if chunk[-1] in ",;:.?!…" else chunk
    if chunk in abbreviations.entries() or word in abbreviations.entries():
        return False
    if not (word[1:].islower() and is_syllable(word)):
        if len(chunk) > _LONGEST_CHUNK or not _PLAIN.fullmatch(word) or word.lower() in pairs("foreign"):
            return False
        for part in word.split("-"):
            if (len(part) > 1 and not part[1:].islower()) or not foreign.is_plain(part):
                return False
    if len(_known) < _CACHED:
        _known.add(chunk)
    return True


def _may_be_address(chunk: str) -> bool:
    return "." in chunk or "@" in chunk or "/" in chunk or "_" in chunk


def _said(line: Line, at: int, chunk: str) -> Said:
    """What the first rule that knows what begins at `at` says; something is always said, so that reading goes on."""
    letter = line.text[at]
    if letter.isdigit() and letter.isascii():
        rules = _NUMBERS
    elif letter.isalpha() and (letter < "\u0250" or "\u1e00" <= letter <= "\u1eff"):
        rules = _WORDS
    else:
        rules = _SIGNS
    if rules is not _SIGNS and _may_be_address(chunk):
        said = web.read_address(line, at)
        if said is not None:
            return said
    for rule in rules:
        said = rule(line, at)
        if said is not None and said.end > at:
            return said
    return Said(at + 1, "", "dropped")


def _said_up_to(line: Line, at: int, end: int, chunk: str) -> Said:
    """What is said at `at` if the line ended at `end`."""
    start = max(0, at - _WINDOW)
    cut = replace(line, text=line.text[start:end])
    said = _said(cut, at - start, chunk)
    return replace(said, end=said.end + start)


_WINDOW = 200
_JOINTS = "-–/.&@_:"


def _inside_token(line: Line, found: Found) -> bool:
    """Is the caller's entry a part of a document number, an address or a longer abbreviation that the tables have?"""
    text, start = line.text, found.start
    if text[start - 1 : start] not in _JOINTS and text[found.end : found.end + 1] not in _JOINTS:
        return False
    head = max(text.rfind(" ", max(0, start - _LONGEST_CHUNK), start) + 1, start - _LONGEST_CHUNK)
    while head < start and not text[head].isalnum():
        head += 1
    rules: list[Rule] = [documents.read_document, documents.read_unnumbered, abbreviations.read_abbreviation]
    if _may_be_address(text[head : head + _LONGEST_CHUNK].partition(" ")[0]):
        rules.append(web.read_address)
    for rule in rules:
        said = rule(line, head)
        if said is not None and found.end - start < len(text[head : said.end].rstrip(".")) and found.end <= said.end:
            return True
    return False


@lru_cache(maxsize=4_000)
def _own_words(value: str, region: str, style: str) -> str:
    """What an entry of the lexicon is said as: its words, or its one mark, as they stand; the rest is read aloud."""
    value = " ".join(clean(value).text.split())
    if value in _MARKS:
        return value
    if _WORDS_ONLY.fullmatch(value) and not _SHOUTED.search(value):
        pieces = _Session(clean(value), region_named(region), style).cut(whole=True)
        if all(piece.kind in ("plain", "pause", "foreign") for piece in pieces):
            return value
    return _said_inside(value, region, style)


def _said_inside(text: str, region: str, style: str) -> str:
    """What is said for one line of text inside a sentence."""
    return join(_Session(clean(text), region_named(region), style).cut(whole=True)).lstrip(",;:.?!…- ")
