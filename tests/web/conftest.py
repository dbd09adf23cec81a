"""The application over the test's studio, and browsers signed in as members of the cast."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broadcast_service.services import sign_ins
from broadcast_service.storage.tables import Unit
from broadcast_service.studio import Studio
from broadcast_service.web import create_app
from tests.factories import make_account, make_unit

COOKIE = "dang-nhap"


@pytest.fixture
def app(studio: Studio) -> Flask:
    """Without CSRF, so that a test posts a form in one line; `test_frame` shows that it is on elsewhere."""
    app = create_app(studio)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@dataclass(frozen=True)
class Person:
    """Somebody signed in: the browser, and whose it is."""

    client: FlaskClient
    account_id: int
    unit_id: int | None


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def seat(app: Flask, studio: Studio) -> Callable[..., Person]:
    """seat("editor") → a Person with a new account of these roles; an operator gets `unit` or a new one."""

    def sit(*roles: str, unit: Unit | None = None, **account: Any) -> Person:
        with studio.database.transaction() as session:
            if "operator" in roles and unit is None:
                unit = make_unit(session)
            person = make_account(session, *roles, unit=unit, **account)
            token = sign_ins.open(session, person.id, remembered=False, browser="test", now=studio.now())
        browser = app.test_client()
        browser.set_cookie(COOKIE, token)
        return Person(browser, person.id, unit.id if unit else None)

    return sit


@pytest.fixture
def sign_in(seat: Callable[..., Person]) -> SignIn:
    """sign_in("editor", "planner") → a browser signed in with a new account of these roles.

    Not inside an open transaction of the test: it opens its own.
    """
    return lambda *roles, **other: seat(*roles, **other).client
