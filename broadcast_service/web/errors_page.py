"""One place that turns what went wrong into a page: a plain sentence and a next step."""

import errno
import logging
import math

from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from ..errors import EngineError, FileTooLarge, UserError

log = logging.getLogger(__name__)

_NO_ROOM = {errno.ENOSPC, errno.EROFS, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_A_PAGE_BYTES = 5_000_000
"""A form that takes more is one for files."""


def register(app: Flask) -> None:
    """Catch what people can mend, what Flask refuses, and, at the outermost door, bugs."""
    app.register_error_handler(UserError, _user_error)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(EngineError, _engine)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def page(status: int, *, kind: str = "", sentence: str = "") -> Response:
    """The error page of a status; `sentence` stands in for the template's own words."""
    return make_response(render_template("error.html", status=status, kind=kind, sentence=sentence), status)


def _user_error(error: UserError) -> ResponseReturnValue:
    if error.http_status in {403, 404}:
        log.info("refused %s %s: %s", request.method, request.path, error.http_status)
    return page(error.http_status, sentence=str(error))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return page(400, kind="csrf")


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    return page(409, kind="stale")


def _database(error: OperationalError) -> ResponseReturnValue:
    log.error("the database refused: %s", error.orig)
    return page(507 if "full" in str(error.orig) else 503)


def _disk(error: OSError) -> ResponseReturnValue:
    if error.errno not in _NO_ROOM:
        return _bug(error)
    log.error("no room in %s %s: %s", request.method, request.path, error)
    return page(507)


def _engine(error: EngineError) -> ResponseReturnValue:
    log.error("an engine failed: %s", error)
    minutes = math.ceil((error.retry_after_s or 0) / 60)
    return page(503, kind="engine", sentence=error.sentence + (f" Thử lại sau {minutes} phút." if minutes else ""))


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    if isinstance(error, SecurityError):  # the Host header is a stranger's: no page with links for it
        return Response("Host not served here.\n", 400, mimetype="text/plain")
    if isinstance(error, RequestEntityTooLarge) and (most := request.max_content_length or 0) > _A_PAGE_BYTES:
        return _user_error(FileTooLarge(most))
    return page(error.code or 500)


def _bug(error: Exception) -> ResponseReturnValue:
    log.error("a bug in %s %s", request.method, request.path, exc_info=error)
    return page(500)
