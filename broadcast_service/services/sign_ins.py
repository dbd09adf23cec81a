"""Signed-in browsers: opened, looked up, renewed and ended. A row is the truth, the cookie only names it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..storage.tables import SignIn
from .visitors import Visitor, visitor_of

SEEN_EVERY = timedelta(minutes=5)
"""How precisely the last visit is kept: each one would be a write."""

_IDLE = {False: timedelta(hours=2), True: timedelta(days=30)}
_ABSOLUTE = {False: timedelta(hours=12), True: timedelta(days=30)}


def hash_token(token: str) -> str:
    """What of a token is kept: SHA-256 in hex, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 random bits as text for a cookie or an address."""
    return secrets.token_urlsafe(32)


def open(session: Session, account_id: int, *, remembered: bool, browser: str, now: datetime) -> str:
    """Sign a browser in and return the token for its cookie.

    It ends after 2 hours without a visit or 12 hours in all; on a remembered machine after
    12 hours without a visit or 30 days in all.
    """
    token = new_token()
    expires_at = now + _ABSOLUTE[remembered]
    session.add(
        SignIn(
            token_hash=hash_token(token),
            account_id=account_id,
            created_at=now,
            seen_at=now,
            idle_until=min(now + _IDLE[remembered], expires_at),
            expires_at=expires_at,
            remembered=remembered,
            browser=browser[:200],
        )
    )
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> SignIn | None:
    """The running sign-in of a token, or None when it ended, ran out or its account was disabled."""
    row = session.get(SignIn, hash_token(token))
    if row is None or now >= min(row.idle_until, row.expires_at) or not row.account.active:
        return None
    return row


def visitor(session: Session, token: str, now: datetime) -> Visitor | None:
    """Who holds this token, or None."""
    row = find(session, token, now)
    return None if row is None else visitor_of(row.account)


def is_stale(row: SignIn, now: datetime) -> bool:
    """Whether the last visit was noted long enough ago to note another."""
    return now - row.seen_at >= SEEN_EVERY


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Note a visit: the idle time starts anew, the absolute end stays."""
    row = session.get(SignIn, token_hash)
    if row is not None and now < min(row.idle_until, row.expires_at):
        row.seen_at = now
        row.idle_until = min(now + _IDLE[row.remembered], row.expires_at)


def of_account(session: Session, account_id: int, now: datetime) -> Sequence[SignIn]:
    """Running sign-ins of an account, the latest visit first."""
    return session.scalars(
        select(SignIn)
        .where(SignIn.account_id == account_id, SignIn.idle_until > now, SignIn.expires_at > now)
        .order_by(SignIn.seen_at.desc())
    ).all()


def close(session: Session, token: str) -> None:
    """Sign out the browser that holds this token."""
    session.execute(delete(SignIn).where(SignIn.token_hash == hash_token(token)))


def close_one(session: Session, account_id: int, token_hash: str) -> None:
    """End one sign-in of an account, named by the hash of its token; nothing if it is another's."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash, SignIn.account_id == account_id))


def close_all(session: Session, account_id: int, *, except_hash: str | None = None) -> None:
    """End every sign-in of an account, but for one if named."""
    ended = delete(SignIn).where(SignIn.account_id == account_id)
    session.execute(ended if except_hash is None else ended.where(SignIn.token_hash != except_hash))
