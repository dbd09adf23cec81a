"""Listening to a broadcast or a script in a page, and taking it along in other forms."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..domain.roles import Role
from ..errors import Conflict, NotFound
from ..formats import hls, webvtt
from ..services import broadcasts, encodings, listening, script_sound, scripts
from ..services.listening import Tape
from . import door
from .door import allow, db, studio
from .sending import ascii_name, send_splice

bp = Blueprint("listening", __name__)

READERS = (Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)


@bp.app_context_processor
def sound_forms() -> dict[str, object]:
    """For whatever page offers sound to take along: the forms other than MP3, by kind."""
    return {"sound_forms": encodings.KINDS}


@bp.get("/broadcasts/<int:broadcast_id>/sound.mp3")
@allow.any_signed_in
def sound(broadcast_id: int) -> ResponseReturnValue:
    """The whole broadcast as one MP3 file, made of its pieces as it is sent; also before it is packed."""
    tape = _broadcast(broadcast_id)
    return send_splice(listening.mp3(tape), content_type="audio/mpeg", download_name=f"{tape.file_stem}.mp3")


@bp.get("/broadcasts/<int:broadcast_id>/listen.m3u8")
@allow.any_signed_in
def playlist(broadcast_id: int) -> ResponseReturnValue:
    """The same for HTTP Live Streaming: begins at once, and goes on over a poor line."""
    tape = _broadcast(broadcast_id)

    def address(number: int) -> str:
        return url_for(".segment", broadcast_id=broadcast_id, version=tape.version, number=number)

    return _fresh(Response(hls.playlist(listening.segments(tape), address), content_type=hls.CONTENT_TYPE))


@bp.get("/broadcasts/<int:broadcast_id>/listen/<version>/<int:number>.mp3")
@allow.any_signed_in
def segment(broadcast_id: int, version: str, number: int) -> ResponseReturnValue:
    """One segment of the playlist; of a tape that has changed since, none, so that no player mixes two."""
    tape = _broadcast(broadcast_id)
    found = listening.segments(tape)
    if version != tape.version or number >= len(found):
        raise NotFound("đoạn này của buổi phát")
    return send_splice(found[number].content, content_type=hls.SEGMENT_TYPE, is_final=True)


@bp.get("/broadcasts/<int:broadcast_id>/transcript.vtt")
@allow.any_signed_in
def transcript(broadcast_id: int) -> ResponseReturnValue:
    """What is said in the broadcast, and when."""
    return _transcript(_broadcast(broadcast_id))


@bp.get("/broadcasts/<int:broadcast_id>/transcript.txt")
@allow.any_signed_in
def words(broadcast_id: int) -> ResponseReturnValue:
    """What is said in the broadcast, to read."""
    tape = _broadcast(broadcast_id)
    content = listening.spoken_text(tape).encode("utf-8-sig")
    headers = {"Content-Disposition": f'attachment; filename="{tape.file_stem}.txt"'}
    return Response(content, content_type="text/plain; charset=utf-8", headers=headers)


@bp.route("/broadcasts/<int:broadcast_id>/programme.<kind>", methods=["GET", "POST"])
@allow.any_signed_in
def programme(broadcast_id: int, kind: str) -> ResponseReturnValue:
    """The broadcast for a phone or for a studio; it is made when somebody first asks for it."""
    if kind not in encodings.KINDS:
        raise NotFound("dạng tệp này")
    return _encoded(_broadcast(broadcast_id), kind, url_for("broadcasts.show", broadcast_id=broadcast_id))


@bp.get("/scripts/<int:script_id>/transcript.vtt")
@allow(*READERS)
def script_transcript(script_id: int) -> ResponseReturnValue:
    """What is said in a script, and when."""
    return _transcript(_script(script_id))


@bp.route("/scripts/<int:script_id>/sound.<kind>", methods=["GET", "POST"])
@allow(*READERS)
def script_sound_as(script_id: int, kind: str) -> ResponseReturnValue:
    """A script for a phone or for a studio."""
    if kind not in encodings.KINDS:
        raise NotFound("dạng tệp này")
    return _encoded(_script(script_id), kind, url_for("scripts.show", script_id=script_id))


def _broadcast(broadcast_id: int) -> Tape:
    broadcast = broadcasts.get_broadcast(db(), broadcast_id)
    door.see_station(broadcast.station)
    return same(listening.tape_of_broadcast(db(), studio(), broadcast))


def same(tape: Tape) -> Tape:
    """The tape, unless the address asks by `v` for another version: a page never plays what it does not show.

    Raises Conflict.
    """
    if request.args.get("v", tape.version) != tape.version:
        raise Conflict("Buổi phát này vừa được xếp lại. Hãy tải lại trang rồi nghe tiếp.")
    return tape


def _script(script_id: int) -> Tape:
    revision = scripts.get_script(db(), script_id).latest
    return listening.tape_of_script(studio(), script_sound.rendition_of(db(), studio(), revision), revision)


def _transcript(tape: Tape) -> Response:
    headers = {}
    if "download" in request.args:
        headers["Content-Disposition"] = f'attachment; filename="{ascii_name(f"{tape.file_stem}.vtt")}"'
    return _fresh(Response(listening.transcript(tape), content_type=webvtt.CONTENT_TYPE, headers=headers))


def _fresh(response: Response) -> Response:
    """What has to be asked for again each time: it goes with a tape that may change."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _encoded(tape: Tape, kind: str, back: str) -> ResponseReturnValue:
    """The file once it is there; else, or with `page`, a page that says how far it is.

    Only a POST asks for it to be made.
    """
    form = encodings.KINDS[kind]
    if request.method == "POST":
        encodings.want(db(), studio(), tape, kind)
        return redirect(f"{request.path}?page=1", 303)
    encoding = encodings.find(db(), tape, kind)
    is_there = encoding is not None and encodings.is_there(studio(), encoding)
    if encoding is not None and is_there and "page" not in request.args:
        return send_splice(
            encodings.content(encoding), content_type=form.content_type, download_name=f"{tape.file_stem}.{kind}"
        )
    is_waited_for = encoding is not None and encoding.state == "wanted"
    return render_template(
        "listening/_wait.html" if "piece" in request.args else "listening/wait.html",
        tape=tape,
        back=back,
        form=form,
        encoding=encoding,
        size=encodings.content(encoding).size if encoding is not None and is_there else 0,
        outlook=encodings.outlook(db(), studio(), encoding) if encoding is not None and is_waited_for else None,
    )
