"""“Nghe thử”: a few words heard before they are kept."""

import io

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from ..domain.roles import Role
from ..services import audition, manners
from .door import allow, studio

bp = Blueprint("audition", __name__, url_prefix="/audition")


@bp.get("")
@allow(Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)
def hear() -> ResponseReturnValue:
    """`text` in `voice` (the installation's), as MP3: words as they are said, or with `written=1` read aloud first.

    `rate`, `pitch`: to try others than are in force. `script`: the script they are of; its own decisions count besides
    the Centre's, and an internal one stays here.
    """
    text = request.args.get("text", "")
    read_first = bool(request.args.get("written"))
    script_id = request.args.get("script", type=int)
    voice = audition.voice_for(studio(), request.args.get("voice", ""), script_id=script_id)
    spoken = audition.said(studio(), text, script_id=script_id) if read_first else audition.checked_spoken(text)
    rate, pitch = request.args.get("rate", ""), request.args.get("pitch", "")
    manner = manners.typed(rate, pitch, instead=manners.in_force(studio().settings).manner) if rate or pitch else None
    sound = audition.hear(studio(), spoken, voice, manner=manner)
    answer = send_file(io.BytesIO(sound), mimetype="audio/mpeg", conditional=True)
    answer.headers["Cache-Control"] = "no-store" if read_first else "private, max-age=3600"
    return answer
