"""Programmes: the named series that slots belong to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..domain.plain_text import clean_line
from ..domain.taxonomy import FIELDS
from ..errors import Conflict, Invalid, NotFound
from ..storage.tables import Programme, Sound

HUES = ("dh", "nt", "hb", "nm", "pl", "tb", "an", "ts")
"""The eight colours of the theme."""

LONGEST_NAME = 60

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")


def list_programmes(session: Session) -> list[Programme]:
    """All programmes in their order."""
    return list(session.scalars(select(Programme).order_by(Programme.position, Programme.code)))


def get_programme(session: Session, programme_id: int) -> Programme:
    """The programme. Raises NotFound."""
    programme = session.get(Programme, programme_id)
    if programme is None:
        raise NotFound("chuyên mục này")
    return programme


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
        for name in programme.fields:
            found.setdefault(name, programme)
    return found


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a form says of a programme."""

    name: str
    letters: str
    hue: str
    fields: Sequence[str] = ()
    sounds: Mapping[str, str] = field(default_factory=dict)
    """Code by kind; an empty code falls back."""
    has_bed: bool = False


def save_programme(session: Session, programme_id: int | None, wanted: Wanted, *, code: str = "") -> Programme:
    """Change a programme, or add one with this code. Raises Invalid, Conflict, NotFound.

    Its rundowns ahead are `framing.follow`'s to change.
    """
    name, letters = clean_line(wanted.name), clean_line(wanted.letters)
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"Hãy ghi tên chuyên mục, nhiều nhất {LONGEST_NAME} ký tự.", field="name")
    if len(letters) != 2 or not letters.isalnum():
        raise Invalid("Hãy ghi đúng hai chữ, như ĐH: chúng đứng trên màu của chuyên mục.", field="letters")
    if wanted.hue not in HUES:
        raise Invalid("Hãy chọn một màu.", field="hue")
    if unknown := [one for one in wanted.fields if one not in FIELDS]:
        raise Invalid(f"Không có lĩnh vực “{unknown[0][:40]}”. Hãy chọn lại.", field="fields")
    chosen = {kind: sound for kind, sound in wanted.sounds.items() if sound}
    for kind, sound in chosen.items():
        _check_sound(session, kind, sound)
    programme = _new(session, code) if programme_id is None else get_programme(session, programme_id)
    programme.name, programme.letters, programme.hue = name, letters.upper(), wanted.hue
    programme.fields, programme.sounds, programme.has_bed = list(wanted.fields), chosen, wanted.has_bed
    session.add(programme)
    session.flush()
    return programme


def _check_sound(session: Session, kind: str, code: str) -> None:
    found = session.scalar(select(Sound).where(Sound.code == code))
    if found is None or found.kind != kind:
        raise Invalid("Không có âm thanh ấy. Hãy chọn lại trong danh sách.", field=kind)


def _new(session: Session, code: str) -> Programme:
    code = code.strip().upper()
    if not _CODE.fullmatch(code):
        raise Invalid("Mã gồm hai đến tám chữ cái không dấu hoặc số, bắt đầu bằng chữ, như DHTT.", field="code")
    if session.scalar(select(Programme.id).where(Programme.code == code)) is not None:
        raise Conflict(f"Đã có chuyên mục mang mã {code}. Hãy chọn mã khác.")
    last = session.scalar(select(func.max(Programme.position)))
    return Programme(code=code, position=0 if last is None else last + 1)
