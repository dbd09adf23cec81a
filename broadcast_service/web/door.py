"""What every view goes through: who is asking, what that person may do, and the one session of a request."""

import logging
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Request, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter

from ..domain.roles import Role
from ..errors import BroadcastError, Forbidden, NoSpace, NotFound
from ..services import sign_ins
from ..services.visitors import Visitor, visitor_of
from ..storage.tables import Station
from ..studio import Studio
from .receiving import LOST

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

_ANYONE: frozenset[Role] = frozenset()
_AROUND_FILE_BYTES = 100_000
"""What a form takes besides its file."""
_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


def studio() -> Studio:
    """The studio this application serves."""
    found = current_app.extensions["studio"]
    assert isinstance(found, Studio)
    return found


class _Undo(Exception):
    """Thrown into a transaction to roll it back."""


def db() -> Session:
    """The session of this request, opened on first use.

    GET and HEAD get one to look with. Any other method gets a transaction, committed after the view if
    it answers below 400 and rolled back otherwise; so nothing slow may happen after the first call.
    """
    if "db" not in g:
        database = studio().database
        g.db_context = database.reading() if request.method in _LOOKING else database.transaction()
        g.db = g.db_context.__enter__()
    session = g.db
    assert isinstance(session, Session)
    return session


def end_session(*, keep: bool) -> None:
    """Commit or roll back the request's session and close it. Raises what the database raises on commit."""
    context = g.pop("db_context", None)
    g.pop("db", None)
    if context is None:
        return
    if keep:
        context.__exit__(None, None, None)
    else:
        undo = _Undo()
        context.__exit__(_Undo, undo, None)


class Desk(Flask):
    """Flask, with rights checked before every view and its transaction ended after it."""

    hosts: frozenset[str] = frozenset()
    """Host names it answers to, in lower case and without port."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Refuse a foreign Host before anything is looked up.

        Flask's own TRUSTED_HOSTS can not name an IPv6 address, so it is not used.
        """
        if request is not None:
            host = re.sub(r":\d{1,5}$", "", request.environ.get("HTTP_HOST", "")).lower()
            if host not in self.hosts:
                raise SecurityError("a foreign host")
        return super().create_url_adapter(request)

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Make room for what a view takes before anything looks into the form. Raises NoSpace for a lost body."""
        if LOST in request.environ:
            raise NoSpace(tempfile.gettempdir())
        view = self.view_functions.get(str(request.endpoint))
        most, in_files = getattr(view, "most_bytes", 0), getattr(view, "most_file_bytes", 0)
        if most:
            request.max_content_length = request.max_form_memory_size = most
        elif in_files:
            request.max_content_length = in_files + _AROUND_FILE_BYTES
        return super().preprocess_request()

    def dispatch_request(self) -> Response:
        """Check the rights, call the view, then commit or roll back."""
        keep = False
        try:
            self._check_rights()
            response = self.make_response(super().dispatch_request())
            keep = response.status_code < 400
        finally:
            end_session(keep=keep)
        return response

    def _check_rights(self) -> None:
        if request.routing_exception is not None:
            return
        wanted: frozenset[Role] | None = rights_of(self.view_functions[str(request.endpoint)])
        if wanted is None:
            return
        person = visitor_or_none()
        if person is None:
            back = request.full_path.rstrip("?") if request.method in _LOOKING else ""
            abort(redirect(url_for("sign_in.form", next=back or None)))
        if wanted and not person.may(*wanted):
            raise Forbidden


@dataclass(frozen=True)
class _Seat:
    """The sign-in a request came with."""

    visitor: Visitor
    token_hash: str
    is_stale: bool


def _seat() -> _Seat | None:
    if "seat" not in g:
        g.seat = None
        token = request.cookies.get(cookie_name(), "")
        if token:
            now = studio().now()
            with studio().database.reading() as session:
                row = sign_ins.find(session, token, now)
                if row is not None:
                    g.seat = _Seat(visitor_of(row.account), row.token_hash, sign_ins.is_stale(row, now))
    seat = g.seat
    assert seat is None or isinstance(seat, _Seat)
    return seat


def visitor_or_none() -> Visitor | None:
    """Who is signed in, or None."""
    seat = _seat()
    return None if seat is None else seat.visitor


def visitor() -> Visitor:
    """Who is signed in. Only for views behind `allow`; raises Forbidden elsewhere."""
    person = visitor_or_none()
    if person is None:
        raise Forbidden
    return person


def sign_in_hash() -> str:
    """The hash that names the sign-in of this request; empty without one."""
    seat = _seat()
    return "" if seat is None else seat.token_hash


def cookie_name() -> str:
    """Name of the sign-in cookie; `__Host-` binds it to this host and to TLS."""
    return "__Host-dang-nhap" if studio().settings.is_https else "dang-nhap"


def note_visit(response: Response) -> Response:
    """Keep a used sign-in alive, after the answer has left. A failure costs nobody the page."""
    seat = g.get("seat")
    if seat is not None and seat.is_stale:
        used = studio()

        def note() -> None:
            try:
                with used.database.transaction() as session:
                    sign_ins.touch(session, seat.token_hash, used.now())
            except (SQLAlchemyError, BroadcastError, OSError, RuntimeError) as error:
                log.warning("a visit could not be noted: %s", error)

        response.call_on_close(note)
    return response


class _Allow:
    """`@allow(Role.EDITOR)` or `@allow.any_signed_in`: who may call a view. Without it the service does not start."""

    def __call__(self, *roles: Role) -> Callable[[View], View]:
        assert roles, "name the roles, or use allow.any_signed_in"
        return _mark(frozenset(roles))

    def any_signed_in(self, view: View) -> View:
        """Mark a view for whoever is signed in."""
        return _mark(_ANYONE)(view)


def _mark(roles: frozenset[Role] | None) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.rights = (roles,)  # type: ignore[attr-defined]
        return view

    return mark


allow = _Allow()


def open_to_all(view: View) -> View:
    """Mark a view for everyone, signed in or not."""
    return _mark(None)(view)


def takes_bytes(most: int) -> Callable[[View], View]:
    """Mark a view whose form may be larger than others: a file is sent to it."""

    def mark(view: View) -> View:
        view.most_bytes = most  # type: ignore[attr-defined]
        return view

    return mark


def takes_file(most: int) -> Callable[[View], View]:
    """Mark a view to which a large file is sent: it lies on disk, and only the other fields are in memory."""

    def mark(view: View) -> View:
        view.most_file_bytes = most  # type: ignore[attr-defined]
        return view

    return mark


def rights_of(view: Callable[..., Any]) -> frozenset[Role] | None:
    """Who may call a view: None everyone, an empty set whoever is signed in, else one of the roles.

    Raises AttributeError for a view that does not say.
    """
    rights: tuple[frozenset[Role] | None] = view.rights  # type: ignore[attr-defined]
    return rights[0]


def see_station(station: Station | None) -> Station:
    """The station itself, if the visitor may see it. Raises NotFound otherwise, as if there were none."""
    if station is None or not visitor().may_see_station(station):
        raise NotFound("đài này")
    return station
