"""The TSV tables of `data/`, read once, when first needed."""

from functools import cache


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/<name>.tsv` as dictionaries keyed by the header; missing cells are empty."""
    from importlib import resources  # only when a table is first needed: half of the import's time

    text = resources.files(__package__).joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line and not line.startswith("# ")]
    header = lines[0].split("\t")
    return tuple(
        dict(zip(header, line.split("\t") + [""] * (len(header) - line.count("\t") - 1), strict=False))
        for line in lines[1:]
    )


@cache
def pairs(name: str) -> dict[str, str]:
    """The first two columns of `data/<name>.tsv` as a mapping; of two equal keys the first one counts."""
    found: dict[str, str] = {}
    for row in rows(name):
        key, value, *_ = row.values()
        found.setdefault(key, value)
    return found
