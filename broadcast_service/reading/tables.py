"""The TSV tables of `data/`, read once, when first needed."""

from functools import cache

_DATA = __file__[: -len("tables.py")] + "data/"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/<name>.tsv` as dictionaries keyed by the header; missing cells are empty."""
    header, *lines = _cells(name)
    return tuple(dict(zip(header, cells, strict=False)) for cells in lines)


def columns(name: str, *headers: str) -> list[tuple[str, ...]]:
    """Only the cells under these headers, row by row: sooner at hand than all of `rows`."""
    header, *lines = _cells(name)
    places = [header.index(each) for each in headers]
    return [tuple([cells[place] for place in places]) for cells in lines]


@cache
def pairs(name: str) -> dict[str, str]:
    """The first two columns of `data/<name>.tsv` as a mapping; of two equal keys the first one counts."""
    _, *lines = _cells(name)
    return {cells[0]: cells[1] for cells in reversed(lines)}


@cache
def _cells(name: str) -> list[list[str]]:
    """The header and the lines of a table, cut into cells; all have as many as the header."""
    with open(f"{_DATA}{name}.tsv", encoding="utf-8") as table:
        text = table.read()
    lines = [line.split("\t") for line in text.split("\n") if line and line[:2] != "# "]
    width = len(lines[0])
    for cells in lines:
        if len(cells) < width:
            cells += [""] * (width - len(cells))
    return lines
