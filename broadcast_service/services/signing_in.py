"""Name and password against the account: throttled, as slow for a stranger's name as for a wrong password.

Hashing takes a tenth of a second, so it happens between two short transactions rather than inside one.
"""

import hashlib
import logging
from datetime import timedelta

from sqlalchemy import select

from ..errors import Invalid, TooManyTries
from ..storage.tables import Account
from ..studio import Studio
from . import passwords, sign_ins, throttles

log = logging.getLogger(__name__)


def sign_in(studio: Studio, *, name: str, password: str, address: str, remembered: bool, browser: str) -> str:
    """The token for the cookie of the newly signed-in browser.

    Raises Invalid for a wrong name or password (it does not say which), TooManyTries when there have
    been too many for the account or from the address.
    """
    name = name.strip().lower()
    _take_a_try(studio, name, address)
    with studio.database.reading() as session:
        account = session.scalar(select(Account).where(Account.name == name))
    known = account is not None and account.active
    right = passwords.is_right(account.password_hash if account is not None and known else "", password)
    if account is None or not known or not right:
        # an unknown name is not logged: people type their password into the wrong box
        log.warning("sign-in refused for %r from %s", account.name if account else "an unknown name", address)
        raise Invalid(
            "Tên đăng nhập hoặc mật khẩu chưa đúng. Gõ lại, hoặc gọi người quản trị của Trung tâm để đặt lại.",
            field="password",
        )
    with studio.database.transaction() as session:
        current = session.get_one(Account, account.id)
        if not current.active or current.password_hash != account.password_hash:
            raise Invalid("Tài khoản vừa được đổi. Hãy đăng nhập lại.", field="password")
        throttles.give_back(session, _account_key(name), throttles.BY_ACCOUNT)
        throttles.give_back(session, *throttles.neighbourhood(address))
        token = sign_ins.open(session, account.id, remembered=remembered, browser=browser, now=studio.now())
    log.info("sign-in of %r from %s", name, address)
    return token


def try_password(studio: Studio, account_id: int, password: str) -> None:
    """Check the password of somebody already signed in, before a change that needs it.

    Raises Invalid for the field `current`, TooManyTries.
    """
    with studio.database.reading() as session:
        account = session.get_one(Account, account_id)
    _take_a_try(studio, account.name, "")
    if not passwords.is_right(account.password_hash, password):
        raise Invalid("Mật khẩu hiện nay chưa đúng. Gõ lại lần nữa.", field="current")
    with studio.database.transaction() as session:
        throttles.give_back(session, _account_key(account.name), throttles.BY_ACCOUNT)


def _take_a_try(studio: Studio, name: str, address: str) -> None:
    now = studio.now()
    with studio.database.transaction() as session:
        throttles.sweep(session, now)
        wait = timedelta(0)
        if address:
            wait = throttles.take(session, *throttles.neighbourhood(address), now)
        if not wait:
            wait = throttles.take(session, _account_key(name), throttles.BY_ACCOUNT, now)
    if wait:
        log.warning("too many sign-ins from %s", address)
        raise TooManyTries(wait)


def _account_key(name: str) -> str:
    """One bucket a name, whether an account bears it or not; hashed, for people type passwords there."""
    return "account:" + hashlib.sha256(name.encode()).hexdigest()[:32]
