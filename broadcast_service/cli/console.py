"""What commands share: the studio, tables of lines, progress that is silent when nobody watches."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ..settings import Settings

if TYPE_CHECKING:
    from tqdm import tqdm

    from ..studio import Studio


@contextmanager
def opened_studio() -> Iterator["Studio"]:
    """The installation of the environment, migrated, closed at the end."""
    from ..storage.migrating import migrate
    from ..studio import open_studio

    studio = open_studio(Settings.from_env())
    try:
        migrate(studio.database)
        yield studio
    finally:
        studio.close()


def manner_options(command: Callable[..., None]) -> Callable[..., None]:
    """`--rate` and `--pitch`, as strings; empty: not given."""
    command = click.option("--pitch", default="", help="Độ cao của giọng máy, từ 0 đến 99.")(command)
    return click.option("--rate", default="", help="Tốc độ của giọng máy, từ 80 đến 300; 150 là vừa.")(command)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A line each, tab-separated, header on top; blanks inside a value become single spaces."""
    for row in (header, *rows):
        click.echo("\t".join(" ".join(str(cell).split()) for cell in row))


def progress(total: int, label: str) -> "tqdm[Any]":
    """A bar on a terminal, silence elsewhere."""
    from tqdm import tqdm

    return tqdm(
        total=total,
        desc=label,
        unit="",
        disable=not sys.stderr.isatty(),
        bar_format="{desc} |{bar:30}| {n_fmt}/{total_fmt} còn {remaining}",
    )
