"""Signing in and out."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..services import sign_ins
from .door import allow, cookie_name, db, open_to_all

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
@open_to_all
def form() -> ResponseReturnValue:
    """The form."""
    return render_template("sign_in/form.html")


@bp.post("/sign-out")
@allow.any_signed_in
def leave() -> ResponseReturnValue:
    """End this sign-in."""
    sign_ins.close(db(), request.cookies.get(cookie_name(), ""))
    answer: Response = redirect(url_for(".form"))  # type: ignore[assignment]
    answer.delete_cookie(cookie_name())
    return answer
