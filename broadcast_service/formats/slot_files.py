"""Slots as a table for a spreadsheet: CSV out and in, UTF-8 with the mark that spreadsheets look for."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from ..domain.slots import mask_of, weekdays_in
from ..errors import Invalid

COLUMNS = ("Số", "Chuyên mục", "Thứ", "Giờ", "Độ dài", "Đài", "Từ ngày", "Hết ngày")
"""Number (empty: a new slot), programme code, weekdays, start, length mm:ss, station codes, first and last day."""

_DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_LONGEST_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class SlotRow:
    """One line of the table."""

    line: int
    """Line of the file, the header being 1."""
    number: int | None
    programme: str
    weekdays: int
    starts_at: time
    length_s: int
    stations: tuple[str, ...]
    """Station codes, sorted."""
    valid_from: date
    last_day: date | None
    """The last day on which it airs; None: it does not end."""


def write_slots(rows: Iterable[SlotRow]) -> str:
    """The table as text, with header and byte order mark; lines end in CR LF, as RFC 4180 says."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            (
                row.number or "",
                row.programme,
                " ".join(_DAYS[day] for day in weekdays_in(row.weekdays)),
                row.starts_at.strftime("%H:%M"),
                f"{row.length_s // 60}:{row.length_s % 60:02}",
                " ".join(row.stations),
                row.valid_from.isoformat(),
                row.last_day.isoformat() if row.last_day else "",
            )
        )
    return out.getvalue()


def read_slots(text: str) -> tuple[list[SlotRow], list[str]]:
    """The rows that can be read, and a sentence for each line that can not, with its number.

    Commas, semicolons and tabs part columns; dates may be 2026-11-24 or 24/11/2026. Raises Invalid when it is
    no such table at all.
    """
    text = text.removeprefix("\ufeff")
    if len(text.encode()) > _LONGEST_BYTES:
        raise Invalid("Tệp khung giờ lớn quá 1 MB. Hãy kiểm tra lại tệp.")
    header = text.split("\n", 1)[0].strip("\r")
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise Invalid("Tệp này không phải bảng CSV. Hãy xuất khung giờ ra tệp rồi sửa trên tệp ấy.") from error
    names = [cell.strip() for cell in lines[0][1]] if lines else []
    if missing := [name for name in COLUMNS if name not in names]:
        raise Invalid(f"Dòng đầu của tệp thiếu cột {', '.join(f'“{name}”' for name in missing)}.")
    rows: list[SlotRow] = []
    mistakes: list[str] = []
    for line, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
        try:
            rows.append(_row(line, values))
        except ValueError as error:
            mistakes.append(f"Dòng {line}: {error}")
    return rows, mistakes


def _row(line: int, values: dict[str, str]) -> SlotRow:
    cell = {name: values.get(name, "") for name in COLUMNS}
    number = cell["Số"]
    if number and not number.isdecimal():
        raise ValueError(f"số khung giờ “{number}” không phải là số. Để trống nếu là khung giờ mới.")
    return SlotRow(
        line=line,
        number=int(number) if number else None,
        programme=cell["Chuyên mục"],
        weekdays=_weekdays(cell["Thứ"]),
        starts_at=_time(cell["Giờ"]),
        length_s=_length(cell["Độ dài"]),
        stations=tuple(sorted(set(re.split(r"[\s,;]+", cell["Đài"].lower())) - {""})),
        valid_from=_date(cell["Từ ngày"]),
        last_day=_date(cell["Hết ngày"]) if cell["Hết ngày"] else None,
    )


def _weekdays(text: str) -> int:
    days = re.split(r"[\s,;]+", text.upper().strip())
    if unknown := [day for day in days if day not in _DAYS]:
        raise ValueError(f"không hiểu thứ “{unknown[0]}”. Hãy viết T2 T3 T4 T5 T6 T7 CN.")
    return mask_of([_DAYS.index(day) for day in days])


def _time(text: str) -> time:
    found = re.fullmatch(r"(\d{1,2})[:hg](\d{2})(?::00)?", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"không hiểu giờ “{text}”. Hãy viết như 05:30.")
    return time(int(found[1]), int(found[2]))


def _length(text: str) -> int:
    found = re.fullmatch(r"(\d{1,3})(?::(\d{2}))?(?::00)?", text)
    if not found or int(found[2] or 0) > 59:
        raise ValueError(f"không hiểu độ dài “{text}”. Hãy viết phút và giây, như 15:00.")
    return int(found[1]) * 60 + int(found[2] or 0)


def _date(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
        if day < date.max:
            return day
    raise ValueError(f"không hiểu ngày “{text}”. Hãy viết như 24/11/2026.")
