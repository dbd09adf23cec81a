"""Deciding how the words of a script are said, before anybody approves both texts."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ..domain.folding import slug
from ..domain.roles import Role
from ..domain.scripts import Status
from ..errors import Invalid, NotFound
from ..services import (
    hearings,
    lexicon,
    lexicon_effect,
    listening,
    proofs,
    rehearsing,
    revisions,
    script_sound,
    scripts,
    words,
)
from ..services.lexicon_effect import Answer
from ..services.stations import list_stations
from ..storage.tables import Revision, Script
from . import script_pages as pages
from .door import allow, db, studio, visitor
from .sending import ascii_name

bp = Blueprint("rehearsal", __name__, url_prefix="/scripts")

READERS = (Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)


@bp.get("/<int:script_id>/word")
@allow(*READERS)
def word(script_id: int) -> ResponseReturnValue:
    """One word of the newest revision: how it is said, and the form to have it said otherwise.

    Named by `paragraph` and `span`, by `paragraph`, `start` and `end`, or by `text`; without any of these the page
    asks for it. `piece`: without the page around.
    """
    revision = scripts.get_script(db(), script_id).latest
    try:
        return _word_page(db(), revision, _asked_word(revision))
    except Invalid as mistake:
        return _word_page(db(), revision, None, mistake), mistake.http_status


@bp.post("/<int:script_id>/word")
@allow(Role.EDITOR)
def correct(script_id: int) -> ResponseReturnValue:
    """Have a word said otherwise, at all its places or just here, for the script or more."""
    form = request.form
    with studio().database.reading() as session:
        revision = _seen(scripts.get_script(session, script_id))
        found = words.word_at(
            revision,
            paragraph=form.get("paragraph", 0, type=int),
            start=form.get("start", 0, type=int),
            end=form.get("end", 0, type=int),
        )
        if revision.script.shell:
            raise Invalid("Lời có ô trống được đọc theo từ điển của Trung tâm. Hãy định cách đọc trong từ điển.")
        if found.by_hand:
            raise Invalid("Lời đọc của đoạn này do người viết tự ghi. Hãy sửa ở trang sửa bài.")
        try:
            wanted = _correction(session, script_id, found)
        except Invalid as mistake:
            return _word_page(session, revision, found, mistake), mistake.http_status
    if "hear" in form:
        return redirect(url_for("audition.hear", text=form["spoken"], written=1, script=script_id), 303)
    return _keep(script_id, [wanted], anchor=f"doan-{found.paragraph}")


@bp.post("/<int:script_id>/answers")
@allow(Role.EDITOR)
def answer(script_id: int) -> ResponseReturnValue:
    """Answer what the reader asks: the question numbered `only`, or all that the form holds."""
    form = request.form
    with studio().database.reading() as session:
        script = scripts.get_script(session, script_id)
        asked = {one.written: one for one in words.asked(_seen(script).questions)}
        chosen = []
        for number in _numbers("hear" if "hear" in form else "only"):
            one = asked.get(form[f"written-{number}"])
            if one is None:
                raise NotFound("câu hỏi này")
            scope = _scope(session, script_id, form.get(f"keep-{number}", ""))
            chosen.append(Answer(one.written, _chosen(one, number), scope))
    if not chosen:
        raise Invalid("Chưa chọn cách đọc nào. Hãy tải lại trang rồi chọn.")
    if "hear" in form:
        return redirect(url_for("audition.hear", text=chosen[0].spoken, written=1, script=script_id), 303)
    return _keep(script_id, chosen, anchor="hoi" if len(chosen) == 1 else "")


@bp.post("/<int:script_id>/reread")
@allow(Role.EDITOR)
def reread(script_id: int) -> ResponseReturnValue:
    """Read the script anew with the lexicon as it stands."""
    revision = lexicon_effect.reread(
        db(),
        studio(),
        script_id,
        author_id=visitor().account_id,
        note="Đọc lại theo từ điển",
        base=_base(),
    )
    flash(f"Đã đọc lại theo từ điển, thành bản {revision.number}. Bài cần duyệt lại.")
    return redirect(url_for("scripts.show", script_id=script_id))


@bp.post("/<int:script_id>/mend")
@allow(Role.EDITOR)
def mend(script_id: int) -> ResponseReturnValue:
    """Mend what the proof-reader is sure of, as a further revision."""
    with studio().database.reading() as session:
        script = scripts.get_script(session, script_id)
        seen = _seen(script)
        placed = proofs.mend_of(seen, request.form.get("kind", ""), request.form.get("start", -1, type=int))
        text = scripts.read_text(
            studio(),
            proofs.mended(seen, placed),
            decided=lexicon.merged(session, script_id=script_id),
            shell=script.shell,
            spoken=revisions.worded_by_hand(seen),
            speakers=script.speakers,
        )
    revision = scripts.revise_script(
        db(),
        studio(),
        script_id,
        title=seen.title,
        written=text.written,
        author_id=visitor().account_id,
        note=render_template("scripts/_mend_note.html", finding=placed.finding),
        base=seen.number,
        text=text,
    )
    flash(f"Đã sửa, thành bản {revision.number}.")
    return redirect(url_for("scripts.show", script_id=script_id, _anchor="soat-bai"))


@bp.post("/<int:script_id>/heard")
@allow(*READERS)
def heard(script_id: int) -> ResponseReturnValue:
    """Note that the visitor has listened to a paragraph of the revision on the screen from end to end."""
    revision = scripts.get_revision(db(), request.form.get("revision_id", 0, type=int))
    if revision.script_id != script_id:
        raise NotFound("bản sửa này")
    paragraph = request.form.get("paragraph", 0, type=int)
    done = hearings.note_heard(db(), revision, paragraph, account_id=visitor().account_id, now=studio().now())
    return {"heard": sorted(done)}


@bp.get("/<int:script_id>/follow.json")
@allow(*READERS)
def follow(script_id: int) -> ResponseReturnValue:
    """What is said when in the recording of the newest revision, for the text that follows the voice."""
    revision = scripts.get_script(db(), script_id).latest
    tape = listening.tape_of_script(studio(), script_sound.rendition_of(db(), studio(), revision), revision)
    return {"pieces": listening.follow(tape.strips)}


@bp.get("/<int:script_id>/spoken.txt")
@allow(*READERS)
def spoken(script_id: int) -> ResponseReturnValue:
    """The spoken text alone: a sentence a line, paragraphs parted by blank lines."""
    revision = scripts.get_script(db(), script_id).latest
    answer = Response(revision.spoken + "\n", mimetype="text/plain")
    name = ascii_name(f"{slug(revision.title)}-ban-{revision.number}.txt")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.post("/read")
@allow(Role.EDITOR)
def read() -> ResponseReturnValue:
    """How a text that is being written would be read aloud. Nothing is kept, and no transaction is open.

    `script_id`: the script it will be a revision of. `piece`: without the page around.
    """
    form = request.form
    script_id = form.get("script_id", type=int)
    with studio().database.reading() as session:
        script = scripts.get_script(session, script_id) if script_id else None
        shell = script.shell if script else ""
        decided = lexicon.merged(session, script_id=script_id)
    template = "scripts/_reading.html" if "piece" in form else "scripts/reading.html"
    try:
        text = scripts.read_text(
            studio(),
            form.get("written", ""),
            decided=decided,
            shell=shell,
            spoken=form.get("spoken"),
            speakers=script.speakers if script else (),
        )
    except Invalid as mistake:
        return render_template(template, draft=None, mistake=mistake), mistake.http_status
    return render_template(template, draft=pages.draft(text), shell=shell, mistake=None)


def _keep(script_id: int, answers: list[Answer], *, anchor: str) -> ResponseReturnValue:
    """Keep the answers, unless first there is something to be shown: other scripts they change, another's decision."""
    base, account_id = _base(), visitor().account_id
    if "sure" not in request.form:
        with studio().database.reading() as session:
            effects = rehearsing.elsewhere(session, studio(), script_id, answers)
            if effects:
                script = scripts.get_script(session, script_id)
                return render_template("scripts/sure.html", script=script, answers=answers, effects=effects)
    status = scripts.get_script(db(), script_id).status
    outcome = rehearsing.answer(db(), studio(), script_id, answers, author_id=account_id, base=base, seen_at=_seen_at())
    if outcome.rivals:
        page = render_template(
            "scripts/rivals.html",
            script=outcome.revision.script,
            revision=outcome.revision,
            rivals=outcome.rivals,
            seen=pages.moment_mark(studio().now()),
        )
        return page, 409
    if not outcome.is_new:
        flash("Đã nhớ cách đọc. Lời đọc của bài không đổi.")
    elif status == Status.DRAFT:
        flash(f"Đã dùng cách đọc vừa chọn, thành bản {outcome.revision.number}.")
    else:
        flash(f"Đã dùng cách đọc vừa chọn, thành bản {outcome.revision.number}. Bài cần trình duyệt lại.")
    return redirect(url_for("scripts.show", script_id=script_id, _anchor=anchor or None))


def _word_page(session: Session, revision: Revision, found: words.Word | None, mistake: Invalid | None = None) -> str:
    template = "scripts/_word.html" if "piece" in request.values else "scripts/word.html"
    return render_template(
        template,
        script=revision.script,
        revision=revision,
        word=found,
        mistake=mistake,
        stations=list_stations(session) if visitor().may(Role.EDITOR) else [],
        values=request.form,
        seen=pages.moment_mark(studio().now()),
    )


def _asked_word(revision: Revision) -> words.Word | None:
    asked = request.args
    if "text" not in asked and "paragraph" not in asked:
        return None
    paragraph = asked.get("paragraph", 0, type=int)
    if "text" in asked:
        return words.find_word(revision, asked["text"])
    if "span" in asked:
        return words.span_at(revision, paragraph=paragraph, span=asked.get("span", -1, type=int))
    return words.word_at(
        revision,
        paragraph=paragraph,
        start=asked.get("start", 0, type=int),
        end=asked.get("end", 0, type=int),
    )


def _correction(session: Session, script_id: int, found: words.Word) -> Answer:
    """What the form says about a word. Raises Invalid, NotFound."""
    form = request.form
    spoken = form.get("spoken", "")
    if not spoken.strip():
        raise Invalid("Chưa ghi lời đọc. Hãy ghi chữ này đọc thế nào.", field="spoken")
    written = found.picked.written
    if form.get("reach") == "here" and found.wider:
        written, spoken = found.wider.written, found.wider.said(spoken)
    return Answer(written, lexicon.checked_spoken(spoken), _scope(session, script_id, form.get("keep", "")))


def _numbers(name: str) -> Iterator[int]:
    """The numbers of the questions that are meant: the one a button names, else all in the form."""
    form = request.form
    only = form.get(name, type=int)
    for number in range(words.MOST_ASKED) if only is None else [only]:
        if f"written-{number}" in form:
            yield number


def _chosen(one: words.Asked, number: int) -> str:
    """What is to be said: the words somebody wrote, else the candidate that is ticked, else what is said now."""
    own = request.form.get(f"own-{number}", "")
    if own.strip():
        return own
    place = request.form.get(f"choice-{number}", 0, type=int)
    if not 0 <= place < len(one.candidates):
        raise Invalid("Chưa chọn cách đọc. Hãy chọn hoặc ghi một cách.")
    return one.candidates[place]


def _scope(session: Session, script_id: int, keep: str) -> lexicon.Scope:
    """Where a decision is kept: "centre", "station/3", or the script itself, which `just` in the form always means."""
    if "just" in request.form or keep in ("", lexicon.SCRIPT):
        return lexicon.Scope(lexicon.SCRIPT, script_id)
    scope = lexicon.scope_of(keep)
    if scope.layer == lexicon.SCRIPT or (
        scope.layer == lexicon.STATION and scope.owner_id not in {each.id for each in list_stations(session)}
    ):
        raise NotFound("nơi áp dụng này")
    return scope


def _base() -> int:
    """The number of the revision that was on the screen. Raises Invalid when the form does not say."""
    base = request.form.get("base", type=int)
    if base is None:
        raise Invalid("Trang này đã cũ. Hãy tải lại trang rồi làm lại.")
    return base


def _seen(script: Script) -> Revision:
    """The revision that was on the screen. Raises Invalid, NotFound."""
    base = _base()
    found = next((revision for revision in script.revisions if revision.number == base), None)
    if found is None:
        raise NotFound(f"bản {base} của bài này")
    return found


def _seen_at() -> datetime:
    """When the page that holds the form was made; the beginning of time when it does not say."""
    mark = request.form.get("seen", 0, type=int)
    return datetime.fromtimestamp(min(max(0, mark), 1 << 52) / 1_000_000, UTC)
