"""The dictionary: what people decided about words, what that would change, and files in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from ..domain.roles import Role
from ..errors import Conflict, Invalid
from ..formats import lexicon_files
from ..formats.lexicon_pls import write_pls
from ..services import audition, lexicon, lexicon_effect, lexicon_exchange, lexicon_list, script_sound, stations
from ..services.lexicon import AT_CENTRE, Change, Scope
from ..services.lexicon_effect import Effect
from ..services.revisions import get_script
from ..storage.tables import LexiconEntry
from .door import allow, db, studio, takes_bytes, visitor
from .script_pages import query_with

bp = Blueprint("lexicon", __name__, url_prefix="/lexicon")

READERS = (Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)
DECIDERS = (Role.EDITOR, Role.ADMIN)

_FORM_BYTES = lexicon_files.LARGEST_BYTES + 400_000
"""A file and what stands around it in a form."""
_MOST_SHOWN = 100
"""Entries of a file that are listed before it is kept."""


class ChangedMeanwhile(Conflict):
    """Somebody else decided about the same token since the page was opened."""

    def __init__(self, written: str) -> None:
        super().__init__(f"Cách đọc “{written}” vừa được người khác đổi. Xem lại bên dưới rồi lưu.")


@bp.get("")
@allow(*READERS)
def index() -> ResponseReturnValue:
    """All layers, searched and leafed through."""
    return _index(None)


@bp.get("/new")
@allow(*DECIDERS)
def new() -> ResponseReturnValue:
    """The form of a new entry; `written` and `scope` may be given."""
    typed = MultiDict(request.args)
    typed.setdefault("scope", AT_CENTRE.key)
    return _form(None, typed, None)


@bp.get("/<int:entry_id>")
@allow(*DECIDERS)
def edit(entry_id: int) -> ResponseReturnValue:
    """The form of an entry."""
    entry = lexicon.get_entry(db(), entry_id)
    values = {"scope": entry.scope, "written": entry.written, "spoken": entry.spoken, "example": entry.example}
    return _form(entry, MultiDict(values), None)


@bp.get("/preview")
@allow(*DECIDERS)
def preview() -> ResponseReturnValue:
    """What an entry would change, before it is kept."""
    return _preview(request.args, None)


@bp.post("")
@allow(*DECIDERS)
def save() -> ResponseReturnValue:
    """Keep an entry, and read the ticked scripts with it."""
    form = request.form
    try:
        with studio().database.reading() as session:
            change = _change(form)
            _check_scope(session, change.scope)
            read = lexicon_effect.read_anew(session, studio(), [change], _ticked())
        _check_unchanged(change.scope, change.written)
    except (Invalid, ChangedMeanwhile) as mistake:
        db().rollback()
        return _preview(form, mistake)
    lexicon.make(db(), [change], author_id=visitor().account_id, now=studio().now())
    flash(f"Đã lưu cách đọc “{change.written}”.{_write_anew(read)}")
    return redirect(url_for(".index", q=change.written))


@bp.get("/<int:entry_id>/remove")
@allow(*DECIDERS)
def preview_removal(entry_id: int) -> ResponseReturnValue:
    """What would change if the entry were not there."""
    return _preview_removal(lexicon.get_entry(db(), entry_id), None)


@bp.post("/<int:entry_id>/remove")
@allow(*DECIDERS)
def remove(entry_id: int) -> ResponseReturnValue:
    """Take an entry back, and read the ticked scripts without it."""
    with studio().database.reading() as session:
        change = _removal(lexicon.get_entry(session, entry_id))
        read = lexicon_effect.read_anew(session, studio(), [change], _ticked())
    try:
        _check_unchanged(change.scope, change.written)
    except ChangedMeanwhile as mistake:
        db().rollback()
        return _preview_removal(lexicon.get_entry(db(), entry_id), mistake), mistake.http_status
    lexicon.make(db(), [change], author_id=visitor().account_id, now=studio().now())
    flash(f"Đã bỏ cách đọc “{change.written}”.{_write_anew(read)}")
    return redirect(url_for(".index"))


@bp.get("/tu-dien.tsv")
@allow(*READERS)
def export_tsv() -> ResponseReturnValue:
    """The entries as a table; `scope` as in the list."""
    rows = lexicon_exchange.export(db(), _scopes(), zone=studio().settings.timezone)
    return _download("\ufeff" + lexicon_files.write_tsv(rows), "text/tab-separated-values", "tu-dien.tsv")


@bp.get("/tu-dien.pls")
@allow(*READERS)
def export_pls() -> ResponseReturnValue:
    """The entries of one scope, by default the Centre's, as a pronunciation lexicon."""
    scope = (_scopes() or [AT_CENTRE])[0]
    rows = lexicon_exchange.export(db(), [scope], zone=studio().settings.timezone)
    code = rows[0].scope if rows else ""
    return _download(write_pls(rows, scope=code), "application/pls+xml", "tu-dien.pls")


@bp.post("/import")
@allow(*DECIDERS)
@takes_bytes(_FORM_BYTES)
def preview_file() -> ResponseReturnValue:
    """What all entries of a file would change, before any is kept."""
    try:
        rows = lexicon_files.read_lexicon(_uploaded())
        with studio().database.reading() as session:  # `db` would keep others from writing meanwhile
            return _preview_file(session, rows, request.form.get("scope", AT_CENTRE.key))
    except Invalid as mistake:
        return _index(mistake), mistake.http_status


@bp.post("/import/save")
@allow(*DECIDERS)
@takes_bytes(_FORM_BYTES)
def save_file() -> ResponseReturnValue:
    """Keep the entries that were looked at, all or none, and read the ticked scripts with them."""
    try:
        with studio().database.reading() as session:
            rows = lexicon_files.read_lexicon(request.form.get("entries", "").encode())
            default = lexicon.scope_of(request.form.get("scope", AT_CENTRE.key))
            changes = lexicon_exchange.changes(session, rows, default=default)
            read = lexicon_effect.read_anew(session, studio(), changes, _ticked())
    except Invalid as mistake:
        return _index(mistake), mistake.http_status
    made = lexicon.make(db(), changes, author_id=visitor().account_id, now=studio().now())
    flash(f"Đã nhập {made} mục, {len(changes) - made} mục vốn đã như vậy.{_write_anew(read)}")
    return redirect(url_for(".index"))


@dataclass(frozen=True)
class _Shown:
    """What the page of a preview is about."""

    heading: str
    action: str
    hidden: Mapping[str, str]
    back: str


def _index(mistake: Invalid | None) -> str:
    asked = request.args
    within = asked.get("scope", "")
    query = asked.get("q", "").strip()[: lexicon_list.LONGEST_QUERY]
    return render_template(
        "lexicon/index.html",
        found=lexicon_list.search(db(), query, within=within, page=asked.get("page", 1, type=int)),
        query=query,
        within=within,
        script=_script_of(within),
        stations=stations.list_stations(db()),
        query_with=query_with,
        mistake=mistake,
        may_decide=visitor().may(*DECIDERS),
    )


def _form(entry: LexiconEntry | None, typed: MultiDict[str, str], mistake: Invalid | None) -> str:
    return render_template(
        "lexicon/form.html",
        entry=entry,
        typed=typed,
        mistake=mistake,
        script=_script_of(typed.get("scope", "")),
        now_said=_said_now(typed.get("written", "")),
        longest=audition.LONGEST,
        stations=stations.list_stations(db()),
    )


def _said_now(written: str) -> str:
    """What the Centre says for a token today; empty when there is nothing to read."""
    try:
        return audition.said(studio(), written)
    except Invalid:
        return ""


def _preview(values: MultiDict[str, str], mistake: Invalid | ChangedMeanwhile | None) -> tuple[str, int]:
    try:
        change = _change(values)
        _check_scope(db(), change.scope)
    except Invalid as wrong:
        return _form(None, MultiDict(values), wrong), wrong.http_status
    entry = lexicon.find(db(), change.scope, change.written)
    hidden = {
        "scope": change.scope.key,
        "written": change.written,
        "spoken": change.spoken or "",
        "silent": "" if change.spoken else "1",
        "example": change.example,
        "standing": _standing(entry),
    }
    again = {name: value for name, value in hidden.items() if name != "standing"}
    back = url_for(".edit", entry_id=entry.id) if entry else url_for(".new") + "?" + urlencode(again)
    shown = _Shown(f"Định cách đọc “{change.written}”", url_for(".save"), hidden, back)
    return _page(db(), shown, [change], mistake), mistake.http_status if mistake else 200


def _preview_removal(entry: LexiconEntry, mistake: ChangedMeanwhile | None) -> str:
    shown = _Shown(
        f"Bỏ cách đọc “{entry.written}”",
        url_for(".remove", entry_id=entry.id),
        {"standing": _standing(entry)},
        url_for(".index"),
    )
    return _page(db(), shown, [_removal(entry)], mistake, removing=True)


def _preview_file(session: Session, rows: Sequence[lexicon_files.FileEntry], scope_key: str) -> str:
    default = lexicon.scope_of(scope_key)
    _check_scope(session, default)
    changes = lexicon_exchange.changes(session, rows, default=default)
    shown = _Shown(
        f"Nhập {len(rows)} mục từ điển",
        url_for(".save_file"),
        {"scope": default.key, "entries": lexicon_files.write_tsv(rows)},
        url_for(".index"),
    )
    return _page(session, shown, changes, None, of_file=True)


def _page(
    session: Session,
    shown: _Shown,
    changes: Sequence[Change],
    mistake: Invalid | ChangedMeanwhile | None,
    *,
    removing: bool = False,
    of_file: bool = False,
) -> str:
    layers = lexicon.Layers(session)
    different = layers.changed(changes)
    effects = lexicon_effect.effects_of(session, studio(), changes)
    return render_template(
        "lexicon/preview.html",
        shown=shown,
        changes=changes,
        different=different[:_MOST_SHOWN],
        more=max(0, len(different) - _MOST_SHOWN),
        same=len(changes) - len(different),
        was=lambda change: layers.of(change.scope).get(change.written),
        place=_places(session, changes),
        effects=[effect for effect in effects if effect.station is None],
        at_stations=_by_station([effect for effect in effects if effect.station is not None]),
        in_shells=lexicon_effect.in_shells(session, different),
        states=script_sound.states(session, studio(), [effect.script for effect in effects]),
        removing=removing,
        of_file=of_file,
        mistake=mistake,
        ticked=_ticked() if mistake else None,
    )


def _by_station(effects: Sequence[Effect]) -> list[tuple[Any, list[Effect]]]:
    found: dict[int, tuple[Any, list[Effect]]] = {}
    for effect in effects:
        assert effect.station is not None
        found.setdefault(effect.station.id, (effect.station, []))[1].append(effect)
    return list(found.values())


def _places(session: Session, changes: Sequence[Change]) -> Mapping[Scope, tuple[str, str]]:
    """For each scope its layer, and the name of the station or script it is of."""
    names = {}
    for scope in {change.scope for change in changes}:
        name = ""
        if scope.layer == lexicon.STATION:
            name = stations.get_station(session, scope.owner_id).name
        elif scope.layer == lexicon.SCRIPT:
            name = get_script(session, scope.owner_id).title
        names[scope] = (scope.layer, name)
    return names


def _change(values: MultiDict[str, str]) -> Change:
    """The change a form asks for. Raises Invalid."""
    spoken = values.get("spoken", "")
    if not spoken.strip() and not values.get("silent"):
        raise Invalid("Chưa ghi lời đọc. Hãy ghi chữ sẽ đọc, hoặc chọn không đọc chữ này.", field="spoken")
    return Change.of(
        lexicon.scope_of(values.get("scope", "")),
        values.get("written", ""),
        "" if values.get("silent") else spoken,
        values.get("example", ""),
    )


def _removal(entry: LexiconEntry) -> Change:
    return Change(scope=lexicon.scope_of(entry.scope), written=entry.written, spoken=None)


def _check_scope(session: Session, scope: Scope) -> None:
    """Raises NotFound when there is no such station or script."""
    if scope.layer == lexicon.STATION:
        stations.get_station(session, scope.owner_id)
    elif scope.layer == lexicon.SCRIPT:
        get_script(session, scope.owner_id)


def _standing(entry: LexiconEntry | None) -> str:
    """What tells a later look whether the entry is still the same; empty: there is none."""
    return f"{entry.id} {entry.changed_at.isoformat()}" if entry else ""


def _check_unchanged(scope: Scope, written: str) -> None:
    if _standing(lexicon.find(db(), scope, written)) != request.form.get("standing", ""):
        raise ChangedMeanwhile(written)


def _ticked() -> set[int]:
    """The scripts to be read anew."""
    return {int(each) for each in request.form.getlist("reread") if each.isascii() and each.isdecimal()}


def _write_anew(read: Sequence[lexicon_effect.Anew]) -> str:
    """Write down what was read and say so."""
    note = "Đọc lại theo từ điển"
    changed = lexicon_effect.write_anew(db(), studio(), read, author_id=visitor().account_id, note=note)
    told = f" Đã đọc lại {len(read) - len(changed)} bài." if len(read) > len(changed) else ""
    if changed:
        told += f" {len(changed)} bài vừa có người sửa nên chưa đọc lại: {', '.join(s.title for s in changed[:5])}."
    return told


def _uploaded() -> bytes:
    """The file that was sent, up to a byte more than is taken. Raises Invalid."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("Chưa chọn tệp. Hãy chọn tệp TSV hoặc PLS.", field="file")
    content: bytes = file.read(lexicon_files.LARGEST_BYTES + 1)
    return content


def _scopes() -> list[Scope]:
    """The scopes the list was narrowed to; all of a layer that has many; none for everything."""
    within = request.args.get("scope", "")
    if within in ("", lexicon_list.SYSTEM):
        return []
    if within in (lexicon.STATION, lexicon.SCRIPT):
        keys = {entry.scope for entry in lexicon.entries(db()) if entry.scope.startswith(f"{within}/")}
        return [lexicon.scope_of(key) for key in sorted(keys)] or [Scope(within)]
    return [lexicon.scope_of(within)]


def _script_of(within: str) -> Any:
    """The script a scope is of, for its name; or None."""
    layer, _, _ = within.partition("/")
    return get_script(db(), lexicon.scope_of(within).owner_id) if layer == lexicon.SCRIPT and "/" in within else None


def _download(text: str, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype=mimetype, headers=headers)
