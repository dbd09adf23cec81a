"""Lexicons as files: a table with tabs for a spreadsheet, and PLS for other speech systems.

PLS is the W3C's Pronunciation Lexicon Specification 1.0 (w3.org/TR/pronunciation-lexicon): a lexeme has graphemes and
an alias, which is words; phonemes are not taken, for no two voices write them alike.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..domain.lexicon_words import checked_spoken, checked_written, cut_example
from ..errors import Invalid

LARGEST_BYTES = 2_000_000
MOST_TOLD = 20
"""Mistakes that are told at once."""

COLUMNS = ("written", "spoken", "example", "scope", "author", "date")
"""`scope`: “centre”, “station/hoa-tri”, “script/vuon-buoi”; empty: where the person who imports it says."""

_NAMES = {
    "chữ viết": "written",
    "lời đọc": "spoken",
    "ví dụ": "example",
    "nơi áp dụng": "scope",
    "người định": "author",
    "ngày": "date",
}
_SCOPE = re.compile(r"(?:centre|(?:station|script)/[a-z0-9][a-z0-9-]*)?")
_FORMULA = re.compile(r"[=+@-]\s*[A-Za-z_.]+\s*[(|!]")
_NEEDS_QUOTE = re.compile(r"[=+@'-]")


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """One entry as a file has it."""

    written: str
    spoken: str
    example: str = ""
    scope: str = ""
    """As in COLUMNS, with the code of the station or script."""
    author: str = ""
    """Full name of who decided; for information, nobody is believed because of it."""
    day: date | None = None
    line: int = 0
    """Line of the file, from 1; 0: from no file."""


Mistake = tuple[int, str]
"""A line of the file, and the sentence that goes on after “Dòng 7: ”."""


class BadLexiconFile(Invalid):
    """The file can not be taken; nothing of it was. The text has a sentence for each mistake, a line each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        told = list(mistakes[:MOST_TOLD])
        if left := len(mistakes) - len(told):
            told.append(f"Còn {left} chỗ nữa.")
        super().__init__("\n".join(told), field="file")
        self.mistakes = tuple(mistakes)


class BadLine(ValueError):
    """One line can not be taken; the text is a sentence that goes on after “Dòng 7: ”."""


def read_lexicon(data: bytes) -> list[FileEntry]:
    """The entries of a file in either format, in their order. Raises BadLexiconFile with every mistake at once.

    Bytes may be UTF-8 with or without a byte order mark, or the UTF-16 that spreadsheets call Unicode text.
    """
    if len(data) > LARGEST_BYTES:
        raise BadLexiconFile(["Tệp từ điển lớn quá 2 MB. Hãy tách thành nhiều tệp."])
    head = data[:200].lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16_LE + codecs.BOM_UTF16_BE + b"\0 \t\r\n")
    if head.startswith(b"<"):
        from .lexicon_pls import read_pls

        return read_pls(data)
    return read_tsv(_text(data))


def write_tsv(entries: Iterable[FileEntry]) -> str:
    """The table with its header, cells quoted as spreadsheets do.

    A cell that a spreadsheet would take for a formula begins with ', which `read_tsv` takes away again.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        day = entry.day.isoformat() if entry.day else ""
        cells = (entry.written, entry.spoken, entry.example, entry.scope, entry.author, day)
        writer.writerow([f"'{cell}" if _NEEDS_QUOTE.match(cell) else cell for cell in cells])
    return out.getvalue()


def read_tsv(text: str) -> list[FileEntry]:
    """The entries of a table; without a header the columns are those of COLUMNS. Raises BadLexiconFile."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter="\t")
    names: Sequence[str] = ()
    rows: list[FileEntry] = []
    mistakes: list[Mistake] = []
    line = 1
    try:
        for cells in reader:
            first, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = _header(cells)
                if names:
                    continue
                names = COLUMNS
            try:
                rows.append(_entry(_named(names, cells), first))
            except ValueError as error:
                mistakes.append((first, str(error)))
    except csv.Error:
        mistakes.append((line, "ô này quá dài hoặc dấu ngoặc kép chưa đóng. Hãy xem lại dòng ấy."))
    if not rows and not mistakes:
        raise BadLexiconFile(["Tệp không có mục từ nào. Mỗi dòng cần chữ viết, một dấu tab, rồi lời đọc."])
    return without_mistakes(rows, mistakes)


def without_mistakes(rows: Sequence[FileEntry], mistakes: Sequence[Mistake]) -> list[FileEntry]:
    """The rows, if there were no mistakes and each token stands once in its scope. Raises BadLexiconFile."""
    if all_mistakes := sorted([*mistakes, *_twice(rows)]):
        raise BadLexiconFile([f"Dòng {line}: {sentence}" for line, sentence in all_mistakes])
    return list(rows)


def _twice(rows: Sequence[FileEntry]) -> Iterator[Mistake]:
    seen: dict[tuple[str, str], FileEntry] = {}
    for row in rows:
        earlier = seen.setdefault((row.scope, row.written), row)
        if earlier is row:
            continue
        if earlier.spoken == row.spoken:
            yield row.line, f"“{row.written}” đã có ở dòng {earlier.line}. Hãy bỏ bớt một dòng."
        else:
            yield (
                row.line,
                f"“{row.written}” đọc là “{row.spoken}”, còn dòng {earlier.line} ghi “{earlier.spoken}”. "
                "Hãy giữ một cách đọc.",
            )


def _text(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadLexiconFile(
            [f"Dòng {line}: không phải chữ Unicode. Hãy lưu lại thành tệp văn bản UTF-8 rồi nhập."]
        ) from error


def _header(cells: Sequence[str]) -> list[str]:
    """The names of the columns, or nothing if this line has entries already. Raises BadLexiconFile."""
    names = [_NAMES.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
    if not {"written", "spoken"} & set(names):
        return []
    if missing := [word for word, name in _NAMES.items() if name in ("written", "spoken") and name not in names]:
        raise BadLexiconFile([f"Dòng 1: thiếu cột “{missing[0]}”. Cần ít nhất hai cột written và spoken."])
    return names


def _named(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells by their columns. Raises BadLine where something stands beyond the last of them."""
    if beyond := [cell.strip() for cell in cells[len(names) :] if cell.strip()]:
        raise BadLine(f"có ô thừa “{beyond[0][:40]}”, bảng chỉ có {len(names)} cột. Hãy bỏ ô ấy hoặc dấu tab thừa.")
    return dict(zip(names, cells, strict=False))


def _entry(cells: dict[str, str], line: int) -> FileEntry:
    for cell in cells.values():
        if "\n" in cell or "\r" in cell:
            raise BadLine("dấu ngoặc kép chưa đóng. Hãy xem lại dòng này.")
    if "spoken" not in cells:
        raise BadLine("chỉ có một cột. Cần chữ viết, một dấu tab, rồi lời đọc.")
    for name in ("written", "spoken"):
        if _FORMULA.match(formula := cells[name].strip()):
            raise BadLine(f"“{formula[:40]}” là công thức bảng tính, không phải chữ. Hãy bỏ dòng này.")
    cells = {name: _unquoted(cell) for name, cell in cells.items()}
    return checked(
        cells["written"],
        cells["spoken"],
        example=cells.get("example", ""),
        scope=cells.get("scope", "").strip().lower(),
        author=cells.get("author", "").strip(),
        day=_day(cells.get("date", "").strip()),
        line=line,
    )


def checked(
    written: str,
    spoken: str,
    *,
    line: int,
    example: str = "",
    scope: str = "",
    author: str = "",
    day: date | None = None,
) -> FileEntry:
    """The entry as it is kept. Raises BadLine."""
    if not _SCOPE.fullmatch(scope):
        raise BadLine(f"không hiểu nơi áp dụng “{scope[:40]}”. Hãy ghi centre hoặc station/mã-đài.")
    try:
        return FileEntry(
            written=checked_written(written),
            spoken=checked_spoken(spoken),
            example=cut_example(example),
            scope=scope,
            author=author,
            day=day,
            line=line,
        )
    except Invalid as error:
        sentence = str(error)
        raise BadLine(sentence[0].lower() + sentence[1:]) from error


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _NEEDS_QUOTE.match(cell[1:]) else cell


def _day(text: str) -> date | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text, re.ASCII)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text[:10])
    except ValueError:
        raise BadLine(f"không hiểu ngày “{text[:20]}”. Hãy ghi như 2026-11-24 hoặc 24/11/2026.") from None
