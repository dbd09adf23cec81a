"""Scripts: the one door to writing, deciding, finding and importing them, and what of them may be aired."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ..domain.scripts import Status
from ..storage.tables import Preference, Revision, Script
from .approvals import approval_of, approve, approve_readings, retire, send_back, submit, want_sound
from .revisions import (
    EditedMeanwhile,
    Sorting,
    SpokenText,
    create_script,
    get_revision,
    get_script,
    read_text,
    revise_script,
    sort_script,
)
from .script_import import ImportReport, import_library
from .script_search import Found, search

__all__ = [
    "EditedMeanwhile",
    "Found",
    "ImportReport",
    "Sorting",
    "SpokenText",
    "airable",
    "approval_of",
    "approve",
    "approve_readings",
    "count_pieces",
    "create_script",
    "get_revision",
    "get_script",
    "import_library",
    "is_airable",
    "read_text",
    "retire",
    "revise_script",
    "samples_on_air",
    "samples_switched_at",
    "search",
    "send_back",
    "set_samples_on_air",
    "sort_script",
    "submit",
    "want_sound",
]

_SAMPLES = "samples_on_air"
_SAMPLES_SINCE = "samples_switched_at"


def is_airable(session: Session, script: Script) -> bool:
    """Whether the script may be heard: approved in just this text, and no sample while those are off."""
    return _is_approved(script) and (not script.is_sample or samples_on_air(session))


def airable(session: Session) -> list[Script]:
    """All pieces (no shells) that may be heard, with revisions, decisions and unit loaded, by id."""
    query = (
        select(Script)
        .where(Script.status == Status.APPROVED, Script.shell == "")
        .options(selectinload(Script.revisions).selectinload(Revision.decisions), selectinload(Script.unit))
        .order_by(Script.id)
    )
    if not samples_on_air(session):
        query = query.where(Script.is_sample.is_(False))
    return [script for script in session.scalars(query) if _is_approved(script)]


def samples_on_air(session: Session) -> bool:
    """Whether scripts shipped with the service may be aired; they may until somebody says no."""
    preference = session.get(Preference, _SAMPLES)
    return preference is None or preference.value == "yes"


def set_samples_on_air(session: Session, allowed: bool, *, now: datetime) -> None:
    """Let the shipped scripts on the air, or keep all of them off it. Packages made before are superseded."""
    session.merge(Preference(name=_SAMPLES, value="yes" if allowed else "no"))
    session.merge(Preference(name=_SAMPLES_SINCE, value=now.isoformat()))
    session.flush()


def samples_switched_at(session: Session) -> datetime | None:
    """When the switch was last used; None: never."""
    preference = session.get(Preference, _SAMPLES_SINCE)
    return None if preference is None else datetime.fromisoformat(preference.value)


def count_pieces(session: Session) -> int:
    """How many pieces the library has, retired ones left out."""
    query = select(func.count()).select_from(Script).where(Script.shell == "", Script.status != Status.RETIRED)
    return session.scalar(query) or 0


def _is_approved(script: Script) -> bool:
    return script.status == Status.APPROVED and approval_of(script.latest) is not None
