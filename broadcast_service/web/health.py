"""Whether the service answers and its database can be read, for whoever watches over it. Says nothing else."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ..storage.tables import Preference
from .door import db, open_to_all

bp = Blueprint("health", __name__)


@bp.get("/health")
@open_to_all
def show() -> ResponseReturnValue:
    """“ok” as plain text; 503 or 507 with the error page when the database does not answer."""
    db().execute(select(Preference.name).limit(1))
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}
