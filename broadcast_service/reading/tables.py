"""The TSV tables of `data/`, read once, when first needed."""

from collections.abc import Iterator
from functools import cache

_DATA = __file__[: -len("tables.py")] + "data/"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/<name>.tsv` as dictionaries keyed by the header; missing cells are empty."""
    header, *lines = _cells(name)
    blank = [""] * len(header)
    return tuple(dict(zip(header, cells + blank[len(cells) :], strict=False)) for cells in lines)


@cache
def pairs(name: str) -> dict[str, str]:
    """The first two columns of `data/<name>.tsv` as a mapping; of two equal keys the first one counts."""
    _, *lines = _cells(name)
    return {cells[0]: cells[1] if len(cells) > 1 else "" for cells in reversed(lines)}


def _cells(name: str) -> Iterator[list[str]]:
    with open(f"{_DATA}{name}.tsv", encoding="utf-8") as table:
        text = table.read()
    return (line.split("\t") for line in text.split("\n") if line and not line.startswith("# "))
