"""Shell texts on their way to a voice: chosen, filled in, read aloud.

Sentences with a field become paragraphs of their own, so that all others are spoken once for every
station and day.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain import shells as templates
from ..domain.scripts import paragraphs
from ..errors import Invalid
from ..reading import read_aloud
from ..storage.tables import Broadcast, Script
from ..studio import Studio
from . import scripts

log = logging.getLogger(__name__)

_TIMES_OF_DAY = ((11, "-buoi-sang"), (14, "-buoi-trua"), (18, "-buoi-chieu"), (24, "-buoi-toi"))
"""Until which local hour a shell whose code ends so is the right one."""


@dataclass(frozen=True, kw_only=True)
class Shell:
    """One approved shell text with its fields still open."""

    kind: str
    code: str
    script_id: int
    revision_id: int
    title: str
    template: str


@dataclass(frozen=True, kw_only=True)
class ShellBook:
    """The shells that may be aired, by kind."""

    shells: tuple[Shell, ...]
    region: str
    """Whose words dates and numbers are said in."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of which there is at least one."""
        return frozenset(shell.kind for shell in self.shells)

    def pick(self, kind: str, *, starts_at: datetime, nth: int = 0) -> Shell | None:
        """The shell of a kind for a local time; several equally good ones take turns by `nth`."""
        of_kind = [shell for shell in self.shells if shell.kind == kind]
        suffix = next(end for hour, end in _TIMES_OF_DAY if starts_at.hour < hour)
        timed = [shell for shell in of_kind if shell.code.endswith(suffix)]
        plain = [shell for shell in of_kind if not shell.code.endswith(tuple(end for _, end in _TIMES_OF_DAY))]
        fitting = timed or plain or of_kind
        return fitting[nth % len(fitting)] if fitting else None

    def say(self, shell: Shell, broadcast: Broadcast, *, titles: Sequence[str], title: str = "") -> list[str]:
        """Spoken paragraphs of a shell in one broadcast. Raises Invalid when the template asks for too much."""
        fields = {
            "tên đài": broadcast.station.name,
            "chuyên mục": broadcast.programme.name,
            "các mục": templates.listing(titles),
            "tên bài": title.strip().rstrip("."),
            **templates.day_fields(broadcast.local_date),
        }
        return [
            _spoken(templates.fill(part, fields), self.region)
            for paragraph in paragraphs(shell.template)
            for part in templates.parts(paragraph)
        ]


def open_book(session: Session, studio: Studio) -> ShellBook:
    """The shells that are approved as they stand and ask for nothing unknown."""
    rows = session.scalars(
        select(Script).where(Script.shell != "").options(selectinload(Script.revisions)).order_by(Script.code)
    )
    usable = [script for script in rows if scripts.is_airable(session, script) and _can_be_filled(script)]
    return ShellBook(
        shells=tuple(
            Shell(
                kind=script.shell,
                code=script.code,
                script_id=script.id,
                revision_id=script.latest.id,
                title=script.title,
                template=script.latest.written,
            )
            for script in usable
        ),
        region=studio.settings.region,
    )


def _can_be_filled(script: Script) -> bool:
    """One faulty shell must not keep every broadcast empty: it is left out, and the log says so."""
    try:
        templates.check(script.latest.written)
    except Invalid as error:
        log.warning("shell %s is left out: %s", script.code, error)
        return False
    return True


@lru_cache(maxsize=4096)
def _spoken(text: str, region: str) -> str:
    return read_aloud(text, region=region).spoken
