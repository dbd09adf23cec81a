"""Programmes: the named series that slots belong to."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.taxonomy import FIELDS
from ..errors import Invalid, NotFound
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


def save_programme(
    session: Session, *, programme_id: int | None, code: str, name: str, letters: str, hue: str, fields: list[str]
) -> Programme:
    """Add a programme, or change one. Raises Invalid with the field, NotFound."""
    name, letters, code = name.strip(), letters.strip(), code.strip().upper()
    if not name:
        raise Invalid("Chuyên mục cần có tên.", field="name")
    if not _CODE.fullmatch(code):
        raise Invalid("Mã chuyên mục gồm 2 đến 8 chữ cái không dấu hoặc số, như NTVT.", field="code")
    if not 1 <= len(letters) <= 2:
        raise Invalid("Chữ tắt của chuyên mục gồm một hoặc hai chữ, như NT.", field="letters")
    if hue not in HUES:
        raise Invalid("Hãy chọn một trong tám màu.", field="hue")
    if unknown := [field for field in fields if field not in FIELDS]:
        raise Invalid(f"Không có lĩnh vực “{unknown[0]}”.", field="fields")
    rival = session.scalar(select(Programme).where(Programme.code == code))
    if rival is not None and rival.id != programme_id:
        raise Invalid(f"Mã {code} đã là của chuyên mục “{rival.name}”. Hãy chọn mã khác.", field="code")
    if programme_id is None:
        programme = Programme(position=len(list_programmes(session)))
        session.add(programme)
    else:
        found = session.get(Programme, programme_id)
        if found is None:
            raise NotFound("chuyên mục này")
        programme = found
    programme.code, programme.name, programme.letters = code, name, letters
    programme.hue, programme.fields = hue, fields
    session.flush()
    return programme
