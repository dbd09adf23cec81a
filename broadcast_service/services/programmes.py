"""Programmes: the named series that slots belong to."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..storage.tables import Programme

HUES = ("dh", "nt", "hb", "nm", "pl", "tb", "an", "ts")
"""The eight colours of the theme."""

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")


def list_programmes(session: Session) -> list[Programme]:
    """All programmes in their order."""
    return list(session.scalars(select(Programme).order_by(Programme.position, Programme.code)))


def by_code(session: Session, code: str) -> Programme:
    """The programme of that code. Raises NotFound."""
    programme = session.scalar(select(Programme).where(Programme.code == code.strip().upper()))
    if programme is None:
        raise NotFound(f"chuyên mục “{code}”")
    return programme


def by_field(session: Session) -> dict[str, Programme]:
    """For each field the first programme that prefers it: whose letters and colour a script of it wears."""
    found: dict[str, Programme] = {}
    for programme in list_programmes(session):
        for field in programme.fields:
            found.setdefault(field, programme)
    return found
