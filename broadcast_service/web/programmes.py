"""The programmes: their names, letters, colours, fields and the sounds they are framed with."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ..domain.roles import Role
from ..domain.taxonomy import AREAS, FIELDS
from ..errors import Conflict, Invalid
from ..services import due, framing, programmes, sounds
from ..services.programmes import Wanted
from ..storage.tables import Programme
from .door import allow, db, studio

bp = Blueprint("programmes", __name__, url_prefix="/programmes")


@bp.get("")
@allow(Role.ADMIN, Role.PLANNER)
def index() -> ResponseReturnValue:
    """Every programme with what it is framed with."""
    found = programmes.list_programmes(db())
    return render_template(
        "programmes/index.html",
        programmes=found,
        frames=framing.frames(db(), studio(), found),
        fields=FIELDS,
    )


@bp.get("/new")
@allow(Role.ADMIN, Role.PLANNER)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form(None, MultiDict({"hue": programmes.HUES[0]}), None)


@bp.post("")
@allow(Role.ADMIN, Role.PLANNER)
def create() -> ResponseReturnValue:
    """Add a programme."""
    return _save(None)


@bp.get("/<int:programme_id>")
@allow(Role.ADMIN, Role.PLANNER)
def edit(programme_id: int) -> ResponseReturnValue:
    """The form of a programme."""
    programme = programmes.get_programme(db(), programme_id)
    typed = MultiDict(
        {
            "name": programme.name,
            "letters": programme.letters,
            "hue": programme.hue,
            "has_bed": "1" if programme.has_bed else "",
            **programme.sounds,
        }
    )
    typed.setlist("fields", list(programme.fields))
    return _form(programme, typed, None)


@bp.post("/<int:programme_id>")
@allow(Role.ADMIN, Role.PLANNER)
def save(programme_id: int) -> ResponseReturnValue:
    """Change a programme; rundowns ahead follow."""
    return _save(programmes.get_programme(db(), programme_id))


def _save(programme: Programme | None) -> ResponseReturnValue:
    typed, programme_id = request.form, programme.id if programme else None
    wanted = Wanted(
        name=typed.get("name", ""),
        letters=typed.get("letters", ""),
        hue=typed.get("hue", ""),
        fields=typed.getlist("fields"),
        sounds={kind: typed.get(kind, "") for kind in sounds.KINDS},
        has_bed=bool(typed.get("has_bed")),
    )
    try:
        saved = programmes.save_programme(db(), programme_id, wanted, code=typed.get("code", ""))
    except (Invalid, Conflict) as mistake:
        db().rollback()
        fresh = programmes.get_programme(db(), programme_id) if programme_id else None
        return _form(fresh, typed, mistake), mistake.http_status
    changed = framing.follow(db(), studio(), [saved.id])
    told = f" {changed} buổi phát sắp tới đổi nhạc theo." if changed else ""
    flash(f"Đã lưu chuyên mục “{saved.name}”.{told}")
    return redirect(url_for(".index"))


def _form(programme: Programme | None, typed: MultiDict[str, str], mistake: Invalid | Conflict | None) -> str:
    session = db()
    found = sounds.list_sounds(session)
    by_kind = {kind: [one for one in found if one.kind == kind and not sounds.is_default(one)] for kind in sounds.KINDS}
    return render_template(
        "programmes/form.html",
        programme=programme,
        typed=typed,
        mistake=mistake,
        hues=programmes.HUES,
        areas=AREAS,
        fields=FIELDS,
        by_kind=by_kind,
        defaults={one.kind: one for one in found if sounds.is_default(one)},
        frames=framing.frames(session, studio(), [programme])[programme.id] if programme else [],
        why_not=sounds.why_not,
        today=due.local_today(studio()),
    )
