"""“Nghe thử”: a few words heard before they are kept."""

import io

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from ..domain.roles import Role
from ..services import audition
from .door import allow, studio

bp = Blueprint("audition", __name__, url_prefix="/audition")


@bp.get("")
@allow(Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)
def hear() -> ResponseReturnValue:
    """`text` in the installation's voice, as MP3: words as they are said, or with `written=1` read aloud first.

    `script`: the script whose own decisions count besides the Centre's.
    """
    text = request.args.get("text", "")
    read_first = bool(request.args.get("written"))
    if read_first:
        spoken = audition.said(studio(), text, script_id=request.args.get("script", type=int))
    else:
        spoken = audition.checked_spoken(text)
    answer = send_file(io.BytesIO(audition.hear(studio(), spoken)), mimetype="audio/mpeg", conditional=True)
    answer.headers["Cache-Control"] = "no-store" if read_first else "private, max-age=3600"
    return answer
