"""The library of scripts, and the page of one: written and spoken text, revisions, approval, sound."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ..domain.comparing import compare
from ..domain.folding import slug
from ..domain.roles import Role
from ..domain.scripts import LONGEST_BYTES
from ..errors import Invalid, NotFound
from ..services import lexicon, script_search, script_sound, scripts, voice_orders
from ..storage.tables import Script, Unit
from . import script_pages as pages
from .door import allow, db, studio, visitor
from .sending import send_splice

bp = Blueprint("scripts", __name__, url_prefix="/scripts")

READERS = (Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)


@bp.get("")
@allow(*READERS)
def index() -> ResponseReturnValue:
    """The library."""
    asked = request.args
    query = asked.get("q", "").strip()[: script_search.LONGEST_QUERY]
    fields = [field for field in asked.getlist("field") if field in pages.choices()["fields"]]
    found = scripts.search(
        db(),
        query,
        fields=fields,
        area=asked.get("area", ""),
        status=asked.get("status", ""),
        length=asked.get("length", ""),
        shells=asked.get("kind") == "shell",
        order=asked.get("order", "relevance"),
        page=asked.get("page", 1, type=int),
    )
    return render_template(
        "scripts/index.html",
        query=query,
        chosen=fields,
        found=found,
        hits=pages.hits(db(), studio(), found, query),
        count=scripts.count_pieces(db()),
        samples_on_air=scripts.samples_on_air(db()),
        query_with=pages.query_with,
        **pages.choices(),
    )


@bp.get("/new")
@allow(Role.EDITOR)
def new() -> ResponseReturnValue:
    """The form of a new script."""
    return _form(db(), None, {"genre": "guong-dien-hinh"})


@bp.post("")
@allow(Role.EDITOR)
def create() -> ResponseReturnValue:
    """Write down a new script."""
    form = request.form
    try:
        with studio().database.reading() as session:
            decided = lexicon.merged(session)
        text = scripts.read_text(studio(), form.get("written", ""), decided=decided, spoken=form.get("spoken"))
        script = scripts.create_script(
            db(),
            studio(),
            title=form.get("title", ""),
            written=text.written,
            author_id=visitor().account_id,
            note=form.get("note", ""),
            text=text,
            **_sorting(db()),
        )
        script.is_internal = "is_internal" in form
    except Invalid as mistake:
        return _form(db(), None, form, mistake), mistake.http_status
    flash(f"Đã lưu bài “{script.title}”, bản 1.")
    return redirect(url_for(".show", script_id=script.id))


@bp.get("/<int:script_id>")
@allow(*READERS)
def show(script_id: int) -> ResponseReturnValue:
    """The page of one script; `?compare=5&with=7` shows how two revisions differ."""
    script = scripts.get_script(db(), script_id)
    one, other = request.args.get("compare", type=int), request.args.get("with", type=int)
    if one is not None and other is not None:
        return render_template("scripts/compare.html", script=script, comparison=pages.comparison(script, one, other))
    sheet = pages.sheet(db(), studio(), script, visitor())
    return render_template("scripts/show.html", sheet=sheet, outline=pages.outline, **pages.choices())


@bp.get("/<int:script_id>/sound")
@allow(*READERS)
def sound_state(script_id: int) -> ResponseReturnValue:
    """The player alone, or what keeps it waiting: asked for again and again while it is being recorded."""
    script = scripts.get_script(db(), script_id)
    sheet = pages.sheet(db(), studio(), script, visitor(), drifts=False)
    return render_template("scripts/_player.html", sheet=sheet, outline=pages.outline)


@bp.get("/<int:script_id>/sound.mp3")
@allow(*READERS)
def sound(script_id: int) -> ResponseReturnValue:
    """The newest revision as one MP3 file."""
    revision = scripts.get_script(db(), script_id).latest
    rendition = script_sound.rendition_of(db(), studio(), revision)
    if rendition is None or script_sound.listen(rendition) is None:
        raise NotFound(f"bản thu của bài “{revision.title}”")
    splice = script_sound.splice(rendition, revision, artist=studio().settings.centre)
    name = f"{slug(revision.script.code)}_{slug(revision.title)}.mp3" if "download" in request.args else None
    return send_splice(splice, content_type="audio/mpeg", download_name=name)


@bp.get("/<int:script_id>/edit")
@allow(Role.EDITOR)
def edit(script_id: int) -> ResponseReturnValue:
    """The form of a further revision."""
    script = scripts.get_script(db(), script_id)
    return _form(db(), script, _values(script))


@bp.post("/<int:script_id>/revisions")
@allow(Role.EDITOR)
def revise(script_id: int) -> ResponseReturnValue:
    """Save a further revision, unless somebody else saved one meanwhile: then both are shown."""
    form = request.form
    with studio().database.reading() as session:
        known = scripts.get_script(session, script_id)
        decided = lexicon.merged(session, script_id=script_id)
    try:
        text = scripts.read_text(
            studio(),
            form.get("written", ""),
            decided=decided,
            shell=known.shell,
            spoken=form.get("spoken"),
            speakers=known.speakers,
        )
        before = scripts.get_script(db(), script_id).latest.number
        revision = scripts.revise_script(
            db(),
            studio(),
            script_id,
            title=form.get("title", ""),
            written=text.written,
            author_id=visitor().account_id,
            note=form.get("note", ""),
            base=form.get("base", type=int),
            text=text,
        )
        script = scripts.sort_script(db(), script_id, now=studio().now(), **_sorting(db()))
        if not script.shell:
            voice_orders.keep_in_house(db(), studio(), script, "is_internal" in form)
    except Invalid as mistake:
        return _form(db(), scripts.get_script(db(), script_id), form, mistake), mistake.http_status
    except scripts.EditedMeanwhile as conflict:
        script = scripts.get_script(db(), script_id)
        changes = compare(conflict.latest.written, text.written)
        page = _form(
            db(), script, form.to_dict() | {"base": conflict.latest.number}, conflict=conflict, changes=changes
        )
        return page, conflict.http_status
    same = revision.number == before
    flash("Chữ không đổi nên không thêm bản sửa." if same else f"Đã lưu bản {revision.number}. Bài cần duyệt lại.")
    return redirect(url_for(".show", script_id=script_id))


@bp.post("/<int:script_id>/submit")
@allow(Role.EDITOR)
def submit(script_id: int) -> ResponseReturnValue:
    """Put the newest revision forward."""
    scripts.submit(db(), script_id, account_id=visitor().account_id, now=studio().now())
    flash("Đã trình lãnh đạo duyệt.")
    return redirect(url_for(".show", script_id=script_id))


@bp.post("/<int:script_id>/approve")
@allow(Role.APPROVER)
def approve(script_id: int) -> ResponseReturnValue:
    """Approve the revision that was on the screen, not one that came after."""
    scripts.approve(
        db(),
        studio(),
        _shown_revision(script_id),
        account_id=visitor().account_id,
        now=studio().now(),
        readings=request.form.getlist("reading", type=int),
    )
    flash("Đã duyệt. Bài sẽ được thu và đưa vào các buổi phát.")
    return redirect(url_for(".show", script_id=script_id))


@bp.post("/<int:script_id>/send-back")
@allow(Role.APPROVER)
def send_back(script_id: int) -> ResponseReturnValue:
    """Give the revision on the screen back to its author."""
    scripts.send_back(
        db(),
        _shown_revision(script_id),
        account_id=visitor().account_id,
        reason=request.form.get("reason", ""),
        now=studio().now(),
    )
    flash("Đã gửi lại cho người viết.")
    return redirect(url_for(".show", script_id=script_id))


@bp.post("/<int:script_id>/retire")
@allow(Role.EDITOR, Role.APPROVER)
def retire(script_id: int) -> ResponseReturnValue:
    """Put a script away."""
    script = scripts.retire(db(), script_id, now=studio().now())
    flash(f"Đã cất bài “{script.title}”. Sửa bài rồi duyệt lại thì bài trở về kho.")
    return redirect(url_for(".show", script_id=script_id))


@bp.post("/<int:script_id>/record")
@allow(Role.EDITOR, Role.APPROVER)
def record(script_id: int) -> ResponseReturnValue:
    """Have the newest revision spoken, to be listened to before it is approved."""
    script = scripts.get_script(db(), script_id)
    if script.shell:
        raise Invalid("Lời có ô trống chỉ thu được khi đã điền vào từng buổi phát.")
    scripts.want_sound(db(), studio(), script.latest, now=studio().now())
    return redirect(url_for(".show", script_id=script_id, _anchor="nghe"))


@bp.post("/samples")
@allow(Role.ADMIN)
def samples() -> ResponseReturnValue:
    """The one switch: may the shipped scripts be aired?"""
    allowed = request.form.get("on_air") == "yes"
    scripts.set_samples_on_air(db(), allowed, now=studio().now())
    flash("Bài mẫu được phát." if allowed else "Bài mẫu không được xếp vào buổi phát nào nữa.")
    return redirect(url_for(".index"))


def _form(session: Session, script: Script | None, values: Any, mistake: Invalid | None = None, **more: Any) -> str:
    return render_template(
        "scripts/edit.html",
        script=script,
        values=values,
        mistake=mistake,
        units=[(unit.id, unit.name[:1].upper() + unit.name[1:]) for unit in pages.proposing_units(session)],
        longest=LONGEST_BYTES,
        **more,
        **pages.choices(),
    )


def _values(script: Script) -> dict[str, Any]:
    """A script as its form shows it."""
    latest = script.latest
    names = ("genre", "field", "content_group", "movement", "object_group", "exemplar_kind", "source", "unit_id")
    decided = lexicon.merged(db(), script_id=script.id)
    said = scripts.read_text(
        studio(), latest.written, decided=decided, shell=script.shell, speakers=script.speakers
    ).spoken
    return {name: getattr(script, name) for name in names} | {
        "title": latest.title,
        "written": latest.written,
        "spoken": "" if said == latest.spoken else latest.spoken,
        "is_evergreen": script.is_evergreen,
        "is_internal": script.is_internal,
        "base": latest.number,
    }


def _sorting(session: Session) -> scripts.Sorting:
    """The form's sorting fields. Raises Invalid for a unit that does not exist."""
    form = request.form
    unit = form.get("unit_id", type=int)
    if unit is not None and (abs(unit) >= 1 << 31 or session.get(Unit, unit) is None):
        raise Invalid("Không có đơn vị giới thiệu này. Hãy chọn lại trong danh sách.", field="unit_id")
    sorting = scripts.Sorting(unit_id=unit, is_evergreen="is_evergreen" in form)
    for name in ("genre", "field", "content_group", "movement", "object_group", "exemplar_kind", "source"):
        if name in form:
            sorting[name] = form[name]
    if not form.get("genre"):
        raise Invalid("Chưa chọn thể loại. Hãy chọn một thể loại trong danh sách.", field="genre")
    return sorting


def _shown_revision(script_id: int) -> int:
    """The id of the revision the form was about, if it is one of this script."""
    revision = scripts.get_revision(db(), request.form.get("revision_id", 0, type=int))
    if revision.script_id != script_id:
        raise NotFound("bản sửa này")
    return revision.id
