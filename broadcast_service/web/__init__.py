"""The pages. `create_app` builds them over a studio; every view goes through `door`."""

from flask import Flask, Response, send_from_directory
from flask_wtf.csrf import CSRFProtect

from ..domain.comparing import at_a_glance, side_by_side
from ..domain.roles import Role
from ..services.slots import place_name
from ..settings import ROOT
from ..studio import Studio
from . import (
    accounts,
    assets,
    audition,
    broadcasts,
    door,
    errors_page,
    filters,
    headers,
    health,
    home,
    lexicon,
    listening,
    local_readings,
    me,
    packages,
    programmes,
    recordings,
    rehearsal,
    scripts,
    setup,
    sign_in,
    slots,
    sounds,
    station,
    stations,
    voices,
    week,
)
from .icons import bootstrap_folder, icon

_NOUNS = (
    sign_in,
    setup,
    health,
    home,
    me,
    accounts,
    stations,
    scripts,
    rehearsal,
    recordings,
    local_readings,
    week,
    broadcasts,
    slots,
    programmes,
    sounds,
    station,
    packages,
    audition,
    listening,
    lexicon,
    voices,
)


def create_app(studio: Studio) -> Flask:
    """The application over a studio. Raises AssertionError if a view does not say who may call it."""
    app = door.Desk(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "broadcast_service/static")
    )
    https = studio.settings.is_https
    app.config.update(
        SECRET_KEY=studio.secret_key,
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        MAX_FORM_PARTS=1_000,
        SESSION_COOKIE_NAME="__Host-trang" if https else "trang",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open all day; the token dies with its session
    )
    app.hosts = headers.trusted_hosts(studio.settings)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["studio"] = studio
    CSRFProtect(app)
    headers.register(app, studio.settings)
    errors_page.register(app)
    filters.register(app, studio.settings.timezone)
    app.after_request(door.note_visit)
    app.jinja_env.globals.update(
        icon=icon,
        _icon=icon,
        asset=assets.Assets(app).address,
        bootstrap_css=assets.bootstrap_css(),
        Role=Role,
        settings=studio.settings,
        place_name=place_name,
        frame_class="",
        side_by_side=side_by_side,
        at_a_glance=at_a_glance,
    )
    app.context_processor(lambda: {"visitor": door.visitor_or_none()})
    app.add_url_rule("/bootstrap/<path:filename>", "bootstrap", bootstrap_file)
    for noun in _NOUNS:
        app.register_blueprint(noun.bp)
    _check_rights_are_said(app)
    return app


@door.open_to_all
def bootstrap_file(filename: str) -> Response:
    """Bootstrap as its Python package ships it: nothing is fetched from elsewhere."""
    return send_from_directory(bootstrap_folder(), filename)


def _check_rights_are_said(app: Flask) -> None:
    door.open_to_all(app.view_functions["static"])
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, "rights")]
    assert not silent, f"these views do not say who may call them: {', '.join(silent)}"
