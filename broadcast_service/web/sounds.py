"""The sounds library: listened to, handed in, cross-faded, given dates, put away."""

from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, MultiDict

from ..domain.roles import Role
from ..domain.splice import BlobRange, Splice
from ..domain.units import frames_to_ms
from ..errors import Conflict, Invalid, UserError
from ..services import due, framing, slots, sounds, taking_in
from ..services.sounds import Added, Label
from ..storage.tables import Sound
from . import door
from .door import allow, db, studio, takes_file
from .script_pages import outline
from .sending import send_splice

bp = Blueprint("sounds", __name__, url_prefix="/sounds")

_DAY = timedelta(days=1)


@bp.get("")
@allow(Role.ADMIN, Role.PLANNER)
def index() -> ResponseReturnValue:
    """Every sound by kind, with what it is and where it is used."""
    return _index(MultiDict({"kind": request.args.get("kind", "")}), None)


@bp.post("")
@allow(Role.ADMIN, Role.PLANNER)
@takes_file(sounds.LARGEST_BYTES)
def add() -> ResponseReturnValue:
    """Take a file into the library."""
    person = door.visitor().account_id
    try:
        label, file = _label(), _file()
        with taking_in.working_folder(studio()) as folder:
            file.save(folder / "incoming")
            added = sounds.add(studio(), folder / "incoming", label, account_id=person)
    except (Invalid, Conflict) as mistake:
        told = Invalid(str(mistake), field="file") if _is_of_file(mistake) else mistake
        return _index(request.form, told), mistake.http_status
    return _told(added)


@bp.post("/join")
@allow(Role.ADMIN, Role.PLANNER)
def join() -> ResponseReturnValue:
    """A new sound of two, the second beginning while the first dies away."""
    person = door.visitor().account_id
    try:
        first, second = (_id(request.form.get(field, "")) for field in ("first", "second"))
        added = sounds.join(studio(), first, second, _label(), account_id=person)
    except (Invalid, Conflict) as mistake:
        return _index(request.form, mistake, joining=True), mistake.http_status
    return _told(added)


@bp.get("/<int:sound_id>")
@allow(Role.ADMIN, Role.PLANNER)
def edit(sound_id: int) -> ResponseReturnValue:
    """The form of one sound."""
    sound = sounds.get_sound(db(), sound_id)
    typed = MultiDict(
        {
            "name": sound.name,
            "valid_from": sound.valid_from.isoformat() if sound.valid_from else "",
            "last_day": (sound.valid_until - _DAY).isoformat() if sound.valid_until else "",
        }
    )
    return _form(sound, typed, None)


@bp.post("/<int:sound_id>")
@allow(Role.ADMIN, Role.PLANNER)
def save(sound_id: int) -> ResponseReturnValue:
    """Give a sound another name or other dates; rundowns ahead follow."""
    sound = sounds.get_sound(db(), sound_id)
    try:
        valid_from, valid_until = _dates()
        sounds.relabel(
            db(), sound_id, name=request.form.get("name", ""), valid_from=valid_from, valid_until=valid_until
        )
    except Invalid as mistake:
        db().rollback()
        return _form(sounds.get_sound(db(), sound_id), request.form, mistake), mistake.http_status
    return _followed(sound, f"Đã lưu “{sound.name}”.")


@bp.post("/<int:sound_id>/away")
@allow(Role.ADMIN, Role.PLANNER)
def put_away(sound_id: int) -> ResponseReturnValue:
    """Let nobody choose it any more; with `back=1` again."""
    back = bool(request.form.get("back"))
    sound = sounds.put_away(db(), studio(), sound_id, away=not back)
    return _followed(sound, f"Đã {'lấy lại' if back else 'cất'} “{sound.name}”.")


@bp.get("/<int:sound_id>.mp3")
@allow(Role.ADMIN, Role.PLANNER)
def hear(sound_id: int) -> Response:
    """The sound as it goes on air."""
    from ..audio.programme import head

    sound = sounds.get_sound(db(), sound_id)
    whole = Splice([head(sound.piece.frames, title=sound.name), BlobRange(sound.piece.blob, 0, sound.piece.size)])
    return send_splice(whole, content_type="audio/mpeg")


def _index(typed: MultiDict[str, str], mistake: UserError | None, *, joining: bool = False) -> str:
    session = db()
    found = sounds.list_sounds(session)
    return render_template(
        "sounds/index.html",
        by_kind=[(kind, [one for one in found if one.kind == kind]) for kind in sounds.KINDS],
        uses=sounds.uses(session, studio()),
        names={one.code: one.name for one in found},
        offered=[one for one in found if one.put_away_at is None],
        mistake=mistake,
        joining=joining,
        typed=typed,
        **_pieces(),
    )


def _form(sound: Sound, typed: MultiDict[str, str], mistake: Invalid | None) -> str:
    return render_template(
        "sounds/form.html",
        sound=sound,
        use=sounds.uses(db(), studio())[sound.code],
        typed=typed,
        mistake=mistake,
        **_pieces(),
    )


def _pieces() -> dict[str, object]:
    """What both pages need to show a sound."""
    return {
        "why_not": sounds.why_not,
        "is_default": sounds.is_default,
        "longest_s": sounds.LONGEST_S,
        "frames_to_ms": frames_to_ms,
        "outline": outline,
        "today": due.local_today(studio()),
        "day": _DAY,
    }


def _told(added: Added) -> ResponseReturnValue:
    flash(" ".join([f"Đã thêm “{added.name}” vào kho âm thanh.", *added.notes]))
    return redirect(url_for(".index", _anchor=f"am-thanh-{added.sound_id}"))


def _followed(sound: Sound, told: str) -> ResponseReturnValue:
    changed = framing.follow_sound(db(), studio(), sound)
    flash(f"{told} {changed} buổi phát sắp tới đổi theo." if changed else told)
    return redirect(url_for(".index", _anchor=f"am-thanh-{sound.id}"))


def _label() -> Label:
    valid_from, valid_until = _dates()
    form = request.form
    return Label(
        name=form.get("name", ""), kind=form.get("kind", ""), valid_from=valid_from, valid_until=valid_until
    ).checked()


def _file() -> FileStorage:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("Hãy chọn tệp WAV, MP3, M4A, OGG hoặc FLAC.", field="file")
    return file


def _dates() -> tuple[date | None, date | None]:
    first, last_day = (slots.typed_date(request.form.get(name, ""), name) for name in ("valid_from", "last_day"))
    return first, last_day + _DAY if last_day else None


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _is_of_file(mistake: UserError) -> bool:
    """Whether the sentence is about the file: rooms below name its field otherwise."""
    return isinstance(mistake, Conflict) or getattr(mistake, "field", None) in ("file", "recording")
