"""How every benchmark is asked, and how it tells what it found."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

COLUMNS = ("what", "value", "unit", "beside", "ratio", "limit")
_TO_THE_RIGHT = {"value", "ratio"}


def asked(description: str, *, quick: str) -> argparse.Namespace:
    """The options of the command: `quick` and `json`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    return parser.parse_args()


def tell(rows: Sequence[dict[str, Any]], *, as_json: bool, heading: str = "") -> int:
    """Print the rows; return the exit code, 1 when a limit was missed."""
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_table(rows, heading)
    return 0 if all(row["ok"] for row in rows) else 1


def _print_table(rows: Sequence[dict[str, Any]], heading: str) -> None:
    table = [[*COLUMNS, "ok"]]
    for row in rows:
        mark = ("yes" if row["ok"] else "NO") if row["limit"] else ""
        table.append([*(f"{row[name]:,}" if name == "value" else str(row[name]) for name in COLUMNS), mark])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    if heading:
        print(heading + "\n")
    for line in table:
        cells = zip(line, widths, (*COLUMNS, "ok"), strict=True)
        told = (cell.rjust(width) if name in _TO_THE_RIGHT else cell.ljust(width) for cell, width, name in cells)
        print("  ".join(told).rstrip())
