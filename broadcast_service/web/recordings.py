"""A colleague reads the text: the teleprompter, recordings sent from it or uploaded, and what has become of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ..domain.folding import slug
from ..domain.lectern import Stretch, with_breaths
from ..domain.roles import Role
from ..domain.splice import BlobRange, Splice
from ..domain.units import Milliseconds
from ..errors import Invalid, NotFound, UserError
from ..services import recordings, revisions, scripts, sound_checks, taking_in
from ..services.recordings import Progress
from ..storage.tables import LocalReading, Recording, Revision, Script
from .door import allow, db, studio, takes_file, visitor
from .headers import let_record
from .sending import send_splice

bp = Blueprint("recordings", __name__)

TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mov": "audio/mp4",
    "matroska": "audio/webm",
}
"""By container: as what an original is played."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One take as the page shows it."""

    take: Recording
    length_ms: Milliseconds
    faults: list[sound_checks.Fault]
    """What keeps it off the air, and what is worth a look."""
    doubts: list[recordings.Doubt]
    is_playable: bool
    """Whether its sound is there."""
    loudness_lufs: float = 0.0
    """The mean of its pieces, as they are heard."""
    true_peak_dbtp: float = 0.0


@bp.get("/scripts/<int:script_id>/recording")
@allow(Role.EDITOR, Role.APPROVER)
def show(script_id: int) -> ResponseReturnValue:
    """What is to be read, in large letters, with what has been read; `?reading=3`: that local reading."""
    return _page(scripts.get_script(db(), script_id), request.args.get("reading", type=int))


@bp.post("/scripts/<int:script_id>/recording")
@allow(Role.EDITOR)
@takes_file(taking_in.LARGEST_BYTES)
def send(script_id: int) -> ResponseReturnValue:
    """Take in a recording of one paragraph, or of the whole text."""
    form = request.form
    number, reading_id = form.get("paragraph", type=int), form.get("reading", type=int)
    try:
        with studio().database.reading() as session:  # `db` would keep others from writing while it is mastered
            revision = _revision(session, script_id, form.get("revision_id", 0, type=int))
        with taking_in.working_folder(studio()) as folder:
            path, name = _uploaded(folder)
            taking_in.take_in_upload(
                studio(),
                revision.id,
                path,
                paragraph=number,
                reader=form.get("reader", ""),
                account_id=visitor().account_id,
                reading_id=reading_id,
                name=name,
                shown=form.get("words", ""),
            )
    except Invalid as mistake:
        with studio().database.reading() as session:
            script = scripts.get_script(session, script_id)
            page = _page(script, reading_id, mistake=mistake, at=number, session=session)
        return page, mistake.http_status
    flash("Đã nhận cả bài." if number is None else f"Đã nhận đoạn {number}.")
    place = "ca-bai" if number is None else f"doan-{number}"
    return redirect(url_for(".show", script_id=script_id, reading=reading_id, _anchor=place))


@bp.post("/recordings/<int:recording_id>/withdraw")
@allow(Role.EDITOR, Role.APPROVER)
def withdraw(recording_id: int) -> ResponseReturnValue:
    """Take a recording back."""
    take = recordings.withdraw(db(), studio(), recording_id, account_id=visitor().account_id)
    flash("Đã rút bản ghi. Buổi phát sắp tới có bài này chuyển sang giọng kế tiếp trong thứ tự giọng.")
    return redirect(url_for(".show", script_id=take.revision.script_id, reading=take.reading_id))


@bp.post("/recordings/<int:recording_id>/restore")
@allow(Role.EDITOR, Role.APPROVER)
def restore(recording_id: int) -> ResponseReturnValue:
    """Use a recording again that was taken back."""
    take = recordings.restore(db(), studio(), recording_id)
    flash("Đã dùng lại bản ghi." if take.withdrawn_at is None else "Lời này đã có bản ghi mới hơn nên giữ bản mới.")
    return redirect(url_for(".show", script_id=take.revision.script_id, reading=take.reading_id))


@bp.post("/recordings/<int:recording_id>/vouch")
@allow(Role.APPROVER)
def vouch(recording_id: int) -> ResponseReturnValue:
    """Say that all words are in a recording, though it does not last as long as they take."""
    take = recordings.vouch(db(), studio(), recording_id, account_id=visitor().account_id)
    flash("Đã ghi là đã nghe, đúng lời. Bản ghi này được phát.")
    return redirect(url_for(".show", script_id=take.revision.script_id, reading=take.reading_id))


@bp.get("/recordings/<int:recording_id>/sound.mp3")
@allow(Role.EDITOR, Role.APPROVER)
def sound(recording_id: int) -> ResponseReturnValue:
    """A recording as it will be heard."""
    take = recordings.get_recording(db(), recording_id)
    splice = Splice(BlobRange(piece.blob, 0, piece.size) for piece in recordings.pieces_of(db(), take))
    return send_splice(splice, content_type="audio/mpeg")


@bp.get("/recordings/<int:recording_id>/original")
@allow(Role.EDITOR, Role.APPROVER)
def original(recording_id: int) -> ResponseReturnValue:
    """A recording as it was handed in; `?download=1` to keep it."""
    take = recordings.get_recording(db(), recording_id)
    path = taking_in.originals(studio()).path(take.original)
    if not path.exists():
        raise NotFound("tệp gốc của bản ghi này")
    name = f"{slug(take.revision.title)}-{take.id}.{_ending(take)}"
    return send_file(
        path,
        mimetype=TYPES.get(take.original_format, "application/octet-stream"),
        conditional=True,
        as_attachment="download" in request.args,
        download_name=name,
    )


def _page(
    script: Script,
    reading_id: int | None,
    *,
    mistake: UserError | None = None,
    at: int | None = None,
    session: Session | None = None,
) -> Response:
    session = session or db()
    text = recordings.spoken_text(session, script.latest.id, _reading_now(session, script, reading_id))
    progress = recordings.progress(session, text.revision, text.reading)
    takes = [line.take for line in progress.lines] + [progress.whole]
    return let_record(
        make_response(
            render_template(
                "recordings/show.html",
                script=script,
                text=text,
                progress=progress,
                shown={take.id: _shown(session, take) for take in takes if take is not None},
                readers=_readers(progress),
                speakers=_speakers(text),
                typed=request.form,
                mistake=mistake,
                at=at,
                lines_of=_lines_of,
                text_hash=recordings.text_hash,
                largest=taking_in.LARGEST_BYTES,
                longest_name=taking_in.LONGEST_NAME,
                may_send=visitor().may(Role.EDITOR),
                may_vouch=visitor().may(Role.APPROVER),
            )
        )
    )


def _shown(session: Session, take: Recording) -> Shown:
    try:
        pieces = recordings.pieces_of(session, take)
    except NotFound:
        return Shown(take=take, length_ms=Milliseconds(0), faults=[], doubts=[], is_playable=False)
    faults = list(sound_checks.faults(pieces))
    return Shown(
        take=take,
        length_ms=recordings.length_ms(pieces),
        faults=faults,
        doubts=recordings.doubts(take, pieces),
        is_playable=True,
        loudness_lufs=sum(piece.loudness_lufs for piece in pieces) / len(pieces),
        true_peak_dbtp=max(piece.true_peak_dbtp for piece in pieces),
    )


def _readers(progress: Progress) -> list[str]:
    return list(dict.fromkeys(take.reader for take in progress.counts))


def _speakers(text: recordings.SpokenText) -> tuple[str, ...]:
    """Who speaks each paragraph, empty for the narrator; () where nobody is named."""
    named = revisions.speakers_of(text.revision)
    return named if len(named) == len(text.paragraphs) else ()


def _lines_of(text: str) -> list[list[Stretch]]:
    """A spoken paragraph as sentences, each with the marks to breathe at."""
    return [with_breaths(line) for line in text.split("\n")]


def _uploaded(folder: Path) -> tuple[Path, str]:
    """The file of the form on disk, and its name. Raises Invalid without one."""
    file: Any = request.files.get("recording")
    if file is None or not file.filename:
        raise Invalid("Chưa có bản ghi. Hãy ghi âm hoặc chọn một tệp.", field="recording")
    path = folder / "handed-in"
    file.save(path)
    return path, str(file.filename)


def _reading_now(session: Session, script: Script, reading_id: int | None) -> int | None:
    """The local reading of that number; one of an earlier revision gives way to that of the last one, or to None."""
    earlier = session.get(LocalReading, reading_id) if 0 < (reading_id or 0) < 1 << 31 else None
    if earlier is None or earlier.revision.script_id != script.id or earlier.revision_id == script.latest.id:
        return reading_id
    place = (earlier.region, earlier.station_id)
    return max((one.id for one in script.latest.local_readings if (one.region, one.station_id) == place), default=None)


def _revision(session: Session, script_id: int, revision_id: int) -> Revision:
    revision = scripts.get_revision(session, revision_id)
    if revision.script_id != script_id:
        raise NotFound("bản sửa này")
    return revision


def _ending(take: Recording) -> str:
    return {"matroska": "webm", "mov": "m4a"}.get(take.original_format, take.original_format)
