"""Document numbers of the five families: 34-CT/TW, 15/CT-UBND, 49/2024/NĐ-CP, 91/2025/QH15, 5616/BTTTT-TTCS."""

import re

from .cardinals import cardinal, spell_digits
from .letters import spell
from .patterns import pattern
from .rules import Line, Said, trigger
from .tables import pairs

_LETTERS = r"[A-ZĐƯ][A-Za-zĐđƯ]{0,9}(?:&[A-ZĐ][A-Za-zĐđ]{0,8})?\d{0,4}"
_CODE = pattern(
    rf"(\d{{1,6}}[a-zđ]?)(?:\s?/\s?((?:19|20)\d{{2}}))?(\s?[-/–]\s?)({_LETTERS}(?:\s?[-–/.]\s?{_LETTERS}|\s?[-–/]\s?\d{{2,3}}(?!\d)){{0,5}})(?!\w)"
)
_BLANK = pattern(rf"({_LETTERS}(?:\s?[-–/]\s?{_LETTERS}){{1,3}})(?!\w)")
_NUMBERED = re.compile(r"\bsố\s*:?\s*$")
_LAST_WORD = re.compile(r"(?<!\w)(\w{2,6})(?:\s+số)?\s*:?\s*$")
_DATED = re.compile(r"\s*,?\s*(?:được )?(?:ký |ban hành )?ngày\b")
_OWNER = pattern(r"(?:\s+(?:ngày|tháng|năm)?\s*[\d/.-]{1,10}|\s+(?:ngày|tháng|năm)){0,6},?\s*(?:của|do|giữa)\b")
_STANDARD = pattern(r"(\d{1,5})(?:-(\d{1,2}))?:((?:19|20)\d{2})(?:/([A-ZĐ]{2,8}))?(?![\w:])")
_STANDARDS = pattern(r"(?<!\w)(?:tcvn|qcvn|qcđp|tccs|iso|iec|tiêu chuẩn|quy chuẩn)(?:/[a-z]{2,4})? ?$")
_SHORT = pattern(r"(\d{1,5})/((?:19|20)\d{2})(?![\d-]|[.,]\d)")
_NAMED = trigger("documents.named")
_NEXT = pattern(r"(?:,| và|;)\s*(?:số )?\d{1,6}[/-][\w/&Đđ-]{2,30}")
_LISTED = pattern(r"(?:(?:số )?\d{1,6}[/-][\w/&Đđ-]{2,30}(?:, | và |; )){1,9}(?:số )?$")
"""The document numbers of a list before its last one, whose issuer is that of all."""
_IMPLIED = frozenset({("Chỉ thị", "TW"), ("Quy định", "TW")})
_OF_SOME_PLACE = frozenset({"UBND", "HĐND", "TU"})
"""Issuers of which each place has one: before a date they are left to the words around."""
_CLAUSE = re.compile(r"[.;:](?=\s)")


def _split(code: str) -> list[str]:
    return [part for part in re.split(r"\s?[-–/.]\s?", code) if part]


def _issuer(part: str, line: Line) -> str:
    issuers = pairs("issuers")
    if part in issuers:
        return issuers[part]
    found = re.match(r"([^\d]+)(\d{1,3})$", part)
    if found and found.group(1) in issuers:
        number = cardinal(int(found.group(2)), line.region)
        sitting = " khóa" if found.group(1) in ("QH", "UBTVQH") else ""
        if not sitting and len(found.group(2)) == 3:
            number = spell_digits(found.group(2))
        return f"{issuers[found.group(1)]}{sitting} {number}"
    return ""


def _number(written: str, line: Line) -> str:
    letter = written[-1] if written[-1].isalpha() else ""
    digits = written[:-1] if letter else written
    padded = digits[0] == "0" and len(digits) > 1
    words = spell_digits(digits) if padded else cardinal(int(digits), line.region)
    return f"{words} {letter}" if letter else words


def _full(number: str, year: str | None, mark: str, code: str, line: Line) -> str:
    names = {"/": "gạch chéo", "-": "gạch ngang", "–": "gạch ngang", ".": "chấm", "&": "và"}
    words = [_number(number, line)]
    if year:
        words += [names["/"], cardinal(int(year), line.region)]
    words.append(names[mark.strip()])
    for part in re.findall(r"[^\s\-–/.&]+|[-–/.&]", code):
        words.append(names.get(part) or spell(part, line))
    return " ".join(words)


def _named(issuer: str, written: str, line: Line, at: int) -> bool:
    clause = _LISTED.sub("", _CLAUSE.split(line.text[max(0, at - 120) : at])[-1])
    issuer = issuer.removesuffix(" Chính phủ") if issuer.startswith("Thủ tướng") else issuer
    return issuer.lower() in clause.lower() or re.search(rf"(?<!\w){re.escape(written)}(?!\w)", clause) is not None


def _last_of_list(text: str, end: int) -> int:
    """Where the last of a list of document numbers ends: "57-NQ/TW, 59-NQ/TW của Bộ Chính trị" has one issuer."""
    for _ in range(10):
        found = _NEXT.match(text, end)
        if found is None:
            break
        end = found.end()
    return end


def _goes_on(issuer_part: str, text: str, end: int) -> bool:
    """Is this one of a list of documents of the same issuer, and not the last: "57-NQ/TW, 59-NQ/TW"?"""
    found = _NEXT.match(text, end)
    return found is not None and issuer_part in re.split(r"\W+", found.group())


def read_standard(line: Line, at: int) -> Said | None:
    """The number and year of a technical standard after its sign: "QCVN 01:2021/BXD"."""
    found = _STANDARD.match(line.text, at)
    if found is None or not _STANDARDS.search(line.before(at)):
        return None
    number, part, year, owner = found.groups()
    words = _number(number, line) + (f", phần {_number(part, line)}" if part else "")
    words += f", {cardinal(int(year), line.region)}"
    issuer = _issuer(owner, line) if owner else ""
    return Said(
        found.end() if issuer or not owner else found.start(4) - 1,
        words + (f" của {issuer}" if issuer else ""),
        "document",
    )


def _read_short(line: Line, at: int) -> Said | None:
    """A document by its number and year alone: "Nghị định 282/2025"."""
    found = _SHORT.match(line.text, at)
    if found is None or not _NAMED(line.before(at)):
        return None
    return Said(
        found.end(), f"{_number(found.group(1), line)} năm {cardinal(int(found.group(2)), line.region)}", "document"
    )


def issued_by(line: Line, at: int) -> tuple[int, str] | None:
    """The end and the issuer in words of a code without its number: "KH-UBND", "UBND-VX"."""
    found = _BLANK.match(line.text, at)
    issuers = [_issuer(part, line) for part in _split(found.group())] if found else []
    named = next((issuer for issuer in issuers if issuer), "")
    return (found.end(), named) if found and named else None


def read_document(line: Line, at: int) -> Said | None:
    """A document number with its letters, of a standard, or by its number and year alone."""
    return _read_coded(line, at) or read_standard(line, at) or _read_short(line, at)


def _read_coded(line: Line, at: int) -> Said | None:
    """A document number with letters: on radio its number, year and issuer, in full every letter and stroke."""
    found = _CODE.match(line.text, at)
    if found is None:
        return None
    number, year, mark, code = found.groups()
    parts = _split(code)
    types, end = pairs("doc_types"), found.end()
    kind = next((types[part] for part in parts if part in types), "")
    issuer_part = next((part for part in parts if part not in types and _issuer(part, line)), "")
    if parts[0] in types and len(parts) > 1 and not issuer_part:
        issuer_part = next((part for part in parts[1:] if _issuer(part, line)), "")
    if not kind and not issuer_part:
        return None
    numbered = _NUMBERED.search(line.before(at)) is not None
    if (
        len(parts) == 1
        and not (year or numbered or _NAMED(line.before(at)))
        and (not kind or "/" not in mark)
        and not parts[0].startswith("QH")
    ):
        return None
    known = kind or issuer_part
    before = line.before(at)
    clause = _CLAUSE.split(before)[-1]
    typed = any(
        word.lower() in clause
        for word in (*types.values(), "luật", "bộ luật", "văn bản", "quy định", "quy chế", "đề án")
    )
    last = _LAST_WORD.search(line.text, max(0, at - 12), at)
    if last is not None and (last.group(1) == "VB" or types.get(last.group(1)) == kind != ""):
        typed = True
    prefix = "" if numbered or before.endswith("đề án ") else "số "
    if kind and not typed:
        prefix = f"{kind} số " if prefix else ""
    if not kind and not typed:
        prefix = "Công văn số " if prefix else ""
    if line.style == "full":
        return Said(end, prefix + _full(number, year, mark, code, line), "document")
    words = prefix + _number(number, line)
    if year:
        words += f" năm {cardinal(int(year), line.region)}"
    issuer = _issuer(issuer_part, line) if issuer_part else ""
    if issuer_part == "TU" and line.town:
        issuer = "Thị ủy"
    dated = _DATED.match(line.text, end) is not None
    if (
        issuer
        and (kind, issuer_part) not in _IMPLIED
        and not (dated and issuer_part in _OF_SOME_PLACE)
        and not _OWNER.match(line.text, _last_of_list(line.text, end))
        and not _named(issuer, issuer_part, line, at)
        and not _goes_on(issuer_part, line.text, end)
    ):
        others = [_issuer(part, line) for part in parts if part not in types and part != issuer_part]
        if "liên tịch" in kind and any(others):
            issuer = " và ".join([issuer, *filter(None, others)])
        words += f" của {issuer}"
    if dated:
        words += ","
    unknown = not known or (len(parts) > 1 and not issuer_part)
    if not unknown:
        return Said(end, words, "document")
    letters = prefix + _full(number, year, mark, code, line)
    return Said(end, words, "document", certain=False, question="document", candidates=(letters,))


def read_unnumbered(line: Line, at: int) -> Said | None:
    """A code whose number was left out, "…/QĐ-UBND": its type and issuer in words."""
    found = _BLANK.match(line.text, at)
    if found is None:
        return None
    parts = _split(found.group())
    types = pairs("doc_types")
    if parts[0] not in types or not _issuer(parts[1], line):
        return None
    return Said(found.end(), f"{types[parts[0]]} của {_issuer(parts[1], line)}", "document")
