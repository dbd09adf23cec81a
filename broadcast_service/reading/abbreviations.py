"""Abbreviations: case-sensitive whole tokens, longest first, with rules of context for the ambiguous ones."""

import re
from dataclasses import dataclass, replace
from functools import cache

from . import foreign
from .headings import lowered_run
from .letters import spell
from .patterns import pattern
from .rules import Line, Said, vietnamese
from .syllables import is_syllable
from .tables import columns, pairs, rows

_TOKEN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]\w{0,60}(?:[-–&./]{1,2}\w{1,60}){0,8}\.?")
_STOPS = re.compile(r"[-–&./ ,]")
_CAPITALS = vietnamese(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]*[A-ZĐÀ-Ỹ]{2,}[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]*")
_ROMAN_TAIL = re.compile(r"[IVX]+$")
_INITIALS = re.compile(r"(?:[A-ZĐƯÂÊÔƠ]\.){1,4}[A-ZĐƯÂÊÔƠ]?(?!\w)")
_NEW_SENTENCE = vietnamese(r"\s+[A-ZĐÀ-Ỹ0-9]")
_ORGANISATION = re.compile(
    r"(?<!\w)(?:hội đồng|ban|phòng|sở|bộ|trung tâm|văn phòng|đài|ngành|hội|cục|chi cục|ủy ban)\s+$"
)
_IN_BRACKETS = re.compile(r"\(([^()\s]{2,20})\)")
_CODE_NUMBER = re.compile(r"-(?:0(?=\d)|\d)")
_NUMBERED_NAMES = frozenset({"CT", "NQ", "QĐ", "KL", "TT", "HD", "QC", "TB", "KH"})
"""Kinds of document, whose number may follow a dash."""
_CODED = vietnamese(
    r"(?<!\w)(?:mã(?: [a-zà-ỹ]{1,7}){0,2}|máy|máy tính|model|ký hiệu|số hiệu|tàu|lô|chuyến bay|chuyến|mẫu) $"
)
_SEPARATORS = re.compile(r"[\s,\-–]+(?:và )?")
_BEFORE_NUMBER = vietnamese(r"\.(?=\d|[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_BEFORE_NAME = frozenset(
    {"KP", "TDP", "TP", "Tp", "TX", "Tx", "TT", "BS", "KS", "TS", "ThS", "GS", "PGS", "NSND", "NSƯT"}
)
_NUMBERED_PLACE = pattern(r"(KP|TDP|TK|TX|TP)(?=\d{1,2}(?!\w))")
_TITLES = frozenset(
    "NSND NSƯT NGND NGƯT TTND TTƯT HT PHT GĐ PGĐ TGĐ PTGĐ CT PCT BT PBT KTV PV BTV LS BS ThS TS GS PGS KTS KS".split()  # noqa: SIM905
)
_OPENS = re.compile(r"(?:^|[,;:(–-]|(?<!\w)(?:ông|bà|anh|chị|cô|thầy|đ/c|đồng chí|cố))\s*$")
_BEFORE_PERSON = vietnamese(r"\.(?=\s[A-ZĐÀ-Ỹ])")
_FIRST_WORD = re.compile(r"(?<!\w)([A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+) $")


_JOINED_INITIAL = vietnamese(r"[A-ZĐ]\.(?=[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_FIRST_INITIAL = vietnamese(r"[A-ZĐ]\.\s([A-ZĐÀ-Ỹ][a-zà-ỹ]+)( [A-ZĐÀ-Ỹ][a-zà-ỹ])?")
_BEGINS = re.compile(r"(?:^|[,;:(])\s*$")
_LONE_INITIAL = re.compile(r"[A-ZĐ]\.(?=[,;:)]|\s+[a-zß-öø-ɏḀ-ỿ(–-])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One abbreviation: what it is said as, and whether that depends on the context (mode C)."""

    spoken: str
    mode: str
    group: str


@cache
def entries() -> dict[str, Entry]:
    """The abbreviations of `data/abbreviations.tsv` by what is written; the first of two equal ones counts."""
    cells = columns("abbreviations", "written", "spoken", "mode", "group")
    return {written: Entry(*others) for written, *others in reversed(cells)}


@cache
def _spaced() -> dict[str, tuple[str, ...]]:
    """The keys with a blank in them by their first word, longest first."""
    found: dict[str, list[str]] = {}
    for key in entries():
        if " " in key:
            found.setdefault(key.split(" ")[0], []).append(key)
    return {word: tuple(sorted(keys, key=len, reverse=True)) for word, keys in found.items()}


@cache
def _contexts() -> dict[str, list[dict[str, str]]]:
    """The rows of `data/context.tsv` by what is written."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows("context"):
        found.setdefault(row["written"], []).append(row)
    return found


@cache
def _rules(key: str) -> tuple[tuple[re.Pattern[str] | None, re.Pattern[str] | None, str], ...]:
    return tuple(
        (
            re.compile("(?<!\\w)" + row["before"]) if row["before"] else None,
            vietnamese(row["after"]) if row["after"] else None,
            row["spoken"],
        )
        for row in _contexts().get(key, ())
    )


def _fits(spoken: str, line: Line, at: int) -> str:
    """The expansion beside the word before it: no word twice ("Hội HND"), a capital after "Ban", "Phòng" …"""
    before = line.before(at)
    previous = _FIRST_WORD.search(before)
    first, _, rest = spoken.partition(" ")
    if previous and rest and first.lower() == previous.group(1):
        return rest
    if _ORGANISATION.search(before) and spoken[0].islower():
        return spoken[0].upper() + spoken[1:]
    return spoken


def _said(key: str, entry: Entry, line: Line, at: int) -> Said | None:
    end = at + len(key)
    kind = "letters" if entry.mode == "S" else "abbreviation"
    candidates = dict.fromkeys((entry.spoken,))
    for before, after, spoken in _rules(key):
        candidates[spoken] = None
        if before is not None and not before.search(line.before(at)):
            continue
        if after is not None and not after.match(line.text, end):
            continue
        return Said(end, _fits(_regional(spoken, line), line, at), kind)
    if len(key.rstrip(".")) == 1:
        return None
    if " " in entry.spoken and key.isalpha() and f" {line.before(at)}".endswith(f" {entry.spoken.lower()} "):
        return Said(end, spell(key, line), "letters")  # "cộng tác viên CTV": not the same words again
    spoken = _fits(_regional(entry.spoken, line), line, at)
    if entry.mode == "C":
        others = tuple(_fits(_regional(other, line), line, at) for other in candidates)
        return Said(end, spoken, kind, certain=False, question="context", candidates=others)
    return Said(end, spoken, kind)


def _regional(spoken: str, line: Line) -> str:
    return spoken.replace("tả lợn", f"tả {line.region.pig}") if "tả lợn" in spoken else spoken


def read_abbreviation(line: Line, at: int) -> Said | None:
    """The longest abbreviation of the table that begins here as a whole token."""
    found = _TOKEN.match(line.text, at)
    if found is None:
        return None
    token, table = found.group(), entries()
    place = _NUMBERED_PLACE.match(line.text, at)
    if place:  # "KP1"
        return _said(place.group(), table[place.group()], line, at)
    word = re.match(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+\.?", token)
    if word is not None:
        first = token if token.endswith(".") else word.group()
        for key in _spaced().get(first, ()) or _spaced().get(word.group(), ()):
            if line.text.startswith(key, at) and not line.text[at + len(key) : at + len(key) + 1].isalnum():
                return _said(key, table[key], line, at)
    for key in _shrinking(token):
        entry = table.get(key) or table.get(key.replace("–", "-"))
        if entry is None and "/" in key and key[0].isupper():
            entry = table.get(key[0].lower() + key[1:])  # "V/v", "Đ/c" at the head of a sentence
            if entry is not None:
                said = _said(key[0].lower() + key[1:], entry, line, at)
                return said and replace(said, spoken=said.spoken[0].upper() + said.spoken[1:])
        if entry is None:
            continue
        if key == "v.v." and _NEW_SENTENCE.match(line.text, at + 4):
            continue
        if key.endswith(".") and len(key) == len(token) and not line.text[at + len(key) : at + len(key) + 1]:
            continue
        if key[0].islower() and not _marked(key) and len(key) > 1:
            continue
        code = _CODE_NUMBER.match(line.text, at + len(key))
        if code and key not in _NUMBERED_NAMES and (code.group() == "-0" or _CODED.search(line.before(at))):
            continue
        if (
            key in ("TP", "Tp", "TX", "Q", "TT")
            and line.text[at + len(key) : at + len(key) + 1] == "."
            and len(key) < len(token)
        ):
            continue
        said = _said(key, entry, line, at)
        if said is not None:
            dot = _BEFORE_NUMBER.match(line.text, said.end) if key in _BEFORE_NAME else None
            if dot is None and key in _TITLES and _OPENS.search(line.before(at)):
                dot = _BEFORE_PERSON.match(line.text, said.end)
            return replace(said, end=dot.end()) if dot else said  # "KP.3", "ThS.Nguyễn Lan"
    return None


def read_repeated(line: Line, at: int) -> Said | None:
    """An abbreviation in brackets after the words it stands for, "Ủy ban nhân dân (UBND)": it is not said again."""
    found = _IN_BRACKETS.match(line.text, at)
    entry = entries().get(found.group(1)) if found else None
    if found is None or entry is None:
        return None
    texts = (line.before(at), entry.spoken)
    before, words = (_SEPARATORS.sub(" ", text).strip().lower().replace("lợn", "heo") for text in texts)
    return Said(found.end(), "", "dropped") if before.endswith(words) else None


def _marked(key: str) -> bool:
    return any(mark in key for mark in "/.…-") or key == "vv"


def _shrinking(token: str) -> list[str]:
    """The token and its beginnings up to a mark, longest first: "VH-TT&TT", "VH-TT", "VH"."""
    cuts = {len(token)}
    for found in _STOPS.finditer(token):
        cuts |= {found.start(), found.start() + 1} if found.group() == "." else {found.start()}
    return [token[:cut] for cut in sorted(cuts, reverse=True) if cut]


_SIGNING = re.compile(r"KT\. ?([^\n.,;]{4,40}?) (?=[Pp]hó )")


def read_signing(line: Line, at: int) -> Said | None:
    """The head of a signature in one line, with a breath before the one who signs: "KT. CHỦ TỊCH PHÓ CHỦ TỊCH"."""
    found = _SIGNING.match(line.text, at)
    return Said(found.end(1), f"ký thay {found.group(1)},", "abbreviation") if found else None


def read_initials(line: Line, at: int) -> Said | None:
    """Initials of a name: "N.V.A" is spelled with pauses; the dot of a lone one before a comma is no full stop."""
    lone = _LONE_INITIAL.match(line.text, at)
    if lone:
        return Said(lone.end(), lone.group()[0], "letters")
    if (joined := _JOINED_INITIAL.match(line.text, at)) and not line.before(at)[-1:].isalnum():
        return Said(joined.end(), joined.group()[0], "letters", certain=False, question="unknown")
    first = _FIRST_INITIAL.match(line.text, at)
    if first and _BEGINS.search(line.before(at)) and (first.group(2) or not is_syllable(first.group(1))):
        return Said(at + 2, first.group()[0], "letters")
    found = _INITIALS.match(line.text, at)
    if found is None or len(found.group()) < 3:
        return None
    names = [spell(letter, line) for letter in found.group().split(".") if letter]
    return Said(found.end(), ", ".join(names), "letters")


def read_capitals(line: Line, at: int) -> Said | None:
    """A token with two capitals or more that no table knows: a word in capitals, or letters to be asked about."""
    found = _CAPITALS.match(line.text, at)
    if found is None:
        return None
    run = lowered_run(line.text, at, entries())
    if run is not None:
        return Said(*run, "plain")
    token = found.group()
    ready = pairs("foreign").get(token.lower())
    if ready and len(token) > 2:
        return Said(found.end(), ready if token[0].islower() else ready[0].upper() + ready[1:], "foreign")
    if (
        token.isupper()
        and is_syllable(token)
        and (line.heading or _has_marks(token) or _among_capitals(line, at, found.end()))
    ):
        return Said(found.end(), token.lower(), "plain")
    spelled, word = spell(token, line), foreign.as_word(token)
    shouted = token.lower() if is_syllable(token) else foreign.unmarked(token) if line.heading else ""
    if shouted and len(token) > 3 and token.isupper():  # KHEN, or LICH in a heading without marks
        return Said(found.end(), shouted, "plain", certain=False, question="unknown", candidates=(shouted, spelled))
    words = (word,) if word else ()
    return Said(found.end(), spelled, "letters", certain=False, question="unknown", candidates=words)


def _has_marks(token: str) -> bool:
    return any(ord(letter) > 127 and letter not in "ĐƯ" for letter in token)


def _among_capitals(line: Line, at: int, end: int) -> bool:
    """Does a neighbour in capitals with Vietnamese marks show that this is a heading rather than a code?"""
    words = (
        re.findall(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+", line.text[max(0, at - 30) : at])[-2:]
        + re.findall(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+", line.text[end : end + 30])[:2]
    )
    return any(len(word) > 1 and word.isupper() and _has_marks(word) and is_syllable(word) for word in words)
