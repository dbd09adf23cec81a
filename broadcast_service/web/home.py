"""The first page after signing in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from .door import allow

bp = Blueprint("home", __name__)


@bp.get("/")
@allow.any_signed_in
def show() -> ResponseReturnValue:
    """What airs today."""
    return render_template("home.html")
