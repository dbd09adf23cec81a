"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from ..errors import Invalid, TooManyTries
from ..services import sign_ins, signing_in
from . import door
from .door import allow, db, open_to_all, studio

bp = Blueprint("sign_in", __name__)

_MONTH_S = 30 * 24 * 3600


@bp.get("/sign-in")
@open_to_all
def form() -> ResponseReturnValue:
    """The form, or the first page for whoever is signed in already."""
    if door.visitor_or_none():
        return redirect(local_address(request.args.get("next", "")))
    return render_template("sign_in/form.html", name="", mistake=None)


@bp.post("/sign-in")
@open_to_all
def enter() -> ResponseReturnValue:
    """Check name and password. The hash is computed before the request's transaction begins."""
    name, remembered = request.form.get("name", ""), "remember" in request.form
    try:
        token = signing_in.sign_in(
            studio(),
            name=name,
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            remembered=remembered,
            browser=request.user_agent.string,
        )
    except (Invalid, TooManyTries) as mistake:
        return render_template("sign_in/form.html", name=name[:64], mistake=mistake), mistake.http_status
    answer = redirect(local_address(request.args.get("next", "")))
    return seat(answer, token, remembered=remembered)


@bp.post("/sign-out")
@allow.any_signed_in
def leave() -> ResponseReturnValue:
    """End this sign-in."""
    sign_ins.close(db(), request.cookies.get(door.cookie_name(), ""))
    session.clear()
    answer = redirect(url_for(".form"))
    answer.delete_cookie(door.cookie_name(), secure=studio().settings.is_https, httponly=True, samesite="Lax")
    return answer


def seat(answer: Response, token: str, *, remembered: bool) -> Response:
    """Give the browser its new token; what it held before is worth nothing from now on."""
    sign_ins.close(db(), request.cookies.get(door.cookie_name(), ""))
    session.clear()
    answer.set_cookie(
        door.cookie_name(),
        token,
        max_age=_MONTH_S if remembered else None,
        secure=studio().settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return answer


def local_address(wanted: str) -> str:
    """The address to go on to, if it is one of this service; the first page otherwise."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_local else "/"
