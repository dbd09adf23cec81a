"""`lexicon`: the dictionary looked through, changed, and as files."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Invalid
from .console import opened_studio, print_table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ..services.lexicon import Change, Scope
    from ..studio import Studio

_scope = click.option(
    "--scope",
    "code",
    default="centre",
    show_default=True,
    help="Nơi áp dụng: centre, station/mã-đài, script/mã-bài.",
)
_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def lexicon() -> None:
    """Từ điển: xem, định, bỏ cách đọc; nhập và xuất TSV, PLS."""


@lexicon.command("list")
@click.option("--scope", "code", default="", help="Chỉ một nơi: centre, station/mã-đài, script/mã-bài, system.")
@click.option("--query", default="", help="Chữ cần tìm, không dấu cũng được.")
def list_entries(code: str, query: str) -> None:
    """Các mục, mỗi mục một dòng; mục đi kèm phần mềm có scope là system."""
    from ..services import lexicon_list
    from ..services.lexicon_exchange import scope_code

    with opened_studio() as studio, studio.database.reading() as session:
        within = code if code in ("", lexicon_list.SYSTEM) else _scope_of(session, code).key
        rows: list[Sequence[object]] = []
        page, pages = 1, 1
        while page <= pages:
            found = lexicon_list.search(session, query, within=within, page=page)
            for entry in found.entries:
                author = entry.author.full_name if entry.author else ""
                day = entry.changed_at.astimezone(studio.settings.timezone).date()
                rows.append((entry.written, entry.spoken, entry.example, scope_code(entry), author, day))
            for shipped in found.shipped:
                rows.append((shipped.written, shipped.spoken, "; ".join(shipped.others), lexicon_list.SYSTEM, "", ""))
            page, pages = page + 1, found.pages
    print_table(("written", "spoken", "example", "scope", "author", "date"), rows)


@lexicon.command()
@click.argument("written")
@click.argument("spoken")
@click.option("--example", default="", help="Một câu có chữ này.")
@_scope
def add(written: str, spoken: str, example: str, code: str) -> None:
    """Định WRITTEN đọc là SPOKEN; SPOKEN để trống thì không đọc."""
    from ..services.lexicon import Change

    with opened_studio() as studio:
        with studio.database.reading() as session:
            change = Change.of(_scope_of(session, code), written, spoken, example)
            _print_count(session, studio, [change])
        _make(studio, [change])
    click.echo(f"Đã lưu cách đọc “{change.written}”. Lời đọc của các bài giữ nguyên tới khi đọc lại từng bài.")


@lexicon.command()
@click.argument("written")
@_scope
def remove(written: str, code: str) -> None:
    """Bỏ cách đọc đã định của WRITTEN."""
    with opened_studio() as studio:
        with studio.database.reading() as session:
            change = _removal(session, _scope_of(session, code), written)
            _print_count(session, studio, [change])
        _make(studio, [change])
    click.echo(f"Đã bỏ cách đọc “{change.written}”.")


@lexicon.command()
@click.argument("written", required=False)
@click.argument("spoken", required=False)
@click.option("--file", "path", type=_file, help="Xem cả một tệp TSV hoặc PLS.")
@_scope
def preview(written: str | None, spoken: str | None, path: Path | None, code: str) -> None:
    """Những câu sẽ đọc khác đi nếu định WRITTEN đọc là SPOKEN; không có SPOKEN: nếu bỏ cách đọc ấy."""
    from ..services import lexicon_effect
    from ..services.lexicon import Change

    if (written is None) == (path is None):
        raise Invalid("Hãy ghi chữ viết, hoặc một tệp bằng --file.")
    with opened_studio() as studio, studio.database.reading() as session:
        scope = _scope_of(session, code)
        if path is not None:
            changes = _changes(session, path, scope)
        elif spoken is None:
            changes = [_removal(session, scope, written or "")]
        else:
            changes = [Change.of(scope, written or "", spoken)]
        print_table(
            ("script", "status", "station", "before", "after"),
            (
                (
                    effect.script.code,
                    effect.script.status,
                    effect.station.code if effect.station else "",
                    shift.before,
                    shift.after,
                )
                for effect in lexicon_effect.effects_of(session, studio, changes)
                for shift in effect.shifts
            ),
        )


@lexicon.command("import")
@click.argument("path", metavar="FILE", type=_file)
@_scope
def import_file(path: Path, code: str) -> None:
    """Nhập FILE, TSV hoặc PLS; có một chỗ sai thì không nhập mục nào."""
    with opened_studio() as studio:
        with studio.database.reading() as session:
            changes = _changes(session, path, _scope_of(session, code))
            _print_count(session, studio, changes)
        made = _make(studio, changes)
    click.echo(f"Đã nhập {made} mục, {len(changes) - made} mục vốn đã như vậy.")


@lexicon.command("export")
@click.option("--format", "form", type=click.Choice(["tsv", "pls"]), help="Mặc định theo đuôi tệp, hoặc tsv.")
@click.option("--scope", "code", default="", help="Chỉ một nơi; PLS mặc định centre, TSV mặc định mọi nơi.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Tệp sẽ ghi; mặc định in ra.")
def export_file(form: str | None, code: str, output: Path | None) -> None:
    """Xuất các mục đã định."""
    from ..formats.lexicon_files import write_tsv
    from ..formats.lexicon_pls import write_pls
    from ..services import lexicon_exchange

    as_pls = form == "pls" or (form is None and output is not None and output.suffix.lower() in (".pls", ".xml"))
    with opened_studio() as studio, studio.database.reading() as session:
        code = code or ("centre" if as_pls else "")
        scopes = [_scope_of(session, code)] if code else []
        rows = lexicon_exchange.export(session, scopes, zone=studio.settings.timezone)
    text = write_pls(rows, scope=code) if as_pls else write_tsv(rows)
    if output is None:
        click.echo(text, nl=False)
        return
    temporary = output.with_name(output.name + ".tmp")
    temporary.write_text(text, encoding="utf-8" if as_pls else "utf-8-sig", newline="")
    os.replace(temporary, output)
    click.echo(f"Đã ghi {len(rows)} mục vào “{output}”.", err=True)


def read_file(path: Path) -> dict[str, str]:
    """Written tokens and what they are said as, from a file alone: the nearest layer's where several have one.

    Raises BadLexiconFile, or Invalid for a file of several stations or scripts: which one is meant?
    """
    from ..formats.lexicon_files import read_lexicon

    layers: dict[str, dict[str, str]] = {"centre": {}, "station": {}, "script": {}}
    owners: dict[str, str] = {}
    for entry in read_lexicon(path.read_bytes()):
        layer, _, owner = (entry.scope or "centre").partition("/")
        if owners.setdefault(layer, owner) != owner:
            raise Invalid(f"Tệp “{path}” có mục của nhiều đài hoặc nhiều bài. Hãy xuất riêng một nơi bằng --scope.")
        layers[layer][entry.written] = entry.spoken
    return {**layers["centre"], **layers["station"], **layers["script"]}


def _scope_of(session: "Session", code: str) -> "Scope":
    from ..services.lexicon_exchange import scope_named

    scope = scope_named(session, code)
    if scope is None:
        raise Invalid(f"Không có nơi áp dụng “{code}”. Hãy ghi centre, station/mã-đài hoặc script/mã-bài.")
    return scope


def _removal(session: "Session", scope: "Scope", written: str) -> "Change":
    from ..services import lexicon as service

    entry = service.find(session, scope, written)
    if entry is None:
        if Path(written).is_file():
            raise Invalid(f"“{written}” là một tệp. Hãy ghi --file trước tên tệp.")
        raise Invalid(f"Chưa ai định cách đọc “{written}” ở nơi này. Hãy xem các mục bằng lexicon list.")
    return service.Change(scope=scope, written=entry.written, spoken=None)


def _changes(session: "Session", path: Path, default: "Scope") -> "list[Change]":
    from ..formats.lexicon_files import read_lexicon
    from ..services import lexicon_exchange

    return lexicon_exchange.changes(session, read_lexicon(path.read_bytes()), default=default)


def _print_count(session: "Session", studio: "Studio", changes: "Sequence[Change]") -> None:
    from ..services import lexicon_effect

    effects = lexicon_effect.effects_of(session, studio, changes)
    approved = sum(effect.is_approved for effect in effects)
    click.echo(f"{len(effects)} bài sẽ đọc khác đi khi đọc lại, trong đó {approved} bài đã duyệt.", file=sys.stderr)


def _make(studio: "Studio", changes: "Sequence[Change]") -> int:
    from ..services import lexicon as service

    with studio.database.transaction() as session:
        return service.make(session, changes, author_id=None, now=studio.now())


COMMANDS = (lexicon,)
