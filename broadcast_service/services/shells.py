"""Shell texts on their way to a voice: chosen, filled in, read aloud.

Sentences with a field become paragraphs of their own, so that all others are spoken once for every
station and day.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain import shells as templates
from ..domain.plain_text import clean_line
from ..domain.scripts import paragraphs
from ..errors import Invalid
from ..reading import read_aloud
from ..storage.tables import Broadcast, Script
from . import scripts
from .lexicon import Layers

log = logging.getLogger(__name__)

_TIMES_OF_DAY = ((11, "-buoi-sang"), (14, "-buoi-trua"), (18, "-buoi-chieu"), (24, "-buoi-toi"))
"""Until which local hour a shell whose code ends so is the right one."""


@dataclass(frozen=True)
class Named:
    """A script as shells name it."""

    title: str
    is_internal: bool = False
    """Whether the title must not be sent to somebody else's machine to be spoken."""


NOTHING = Named("")
"""Where no script follows."""


@dataclass(frozen=True, kw_only=True)
class Shell:
    """One approved shell text with its fields still open."""

    kind: str
    code: str
    script_id: int
    revision_id: int
    title: str
    template: str

    def is_internal(self, scripts: Sequence[Named], following: Named) -> bool:
        """Whether it says a title that must stay in the house. scripts, following: as in `ShellBook.say`."""
        fields = templates.fields_in(self.template)
        told = [*(scripts if "các mục" in fields else ()), *([following] if "tên bài" in fields else ())]
        return any(one.is_internal for one in told)


@dataclass(frozen=True, kw_only=True)
class ShellBook:
    """The shells that may be aired, by kind."""

    shells: tuple[Shell, ...]
    layers: Layers
    """What people have decided about words."""
    _merged: dict[tuple[int, int], Mapping[str, str]] = field(default_factory=dict)

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

    def say(self, shell: Shell, broadcast: Broadcast, *, scripts: Sequence[Named], following: Named) -> list[str]:
        """Spoken paragraphs of a shell in one broadcast, in the words of its station's region and layers.

        scripts: all of the broadcast. following: the one it leads to.

        Raises Invalid when the template asks for too much.
        """
        station = broadcast.station
        fields = {
            "tên đài": station.name,
            "chuyên mục": broadcast.programme.name,
            "các mục": templates.listing([one.title for one in scripts]),
            "tên bài": following.title.strip().rstrip("."),
            **templates.day_fields(broadcast.local_date),
        }
        decided = self._decided(station.id, shell.script_id)
        return [
            _say(templates.fill(part, fields), station.region, decided)
            for paragraph in paragraphs(shell.template)
            for part in templates.parts(paragraph)
        ]

    def _decided(self, station_id: int, script_id: int) -> Mapping[str, str]:
        key = station_id, script_id
        if key not in self._merged:
            self._merged[key] = self.layers.merged(station_id=station_id, script_id=script_id)
        return self._merged[key]


def open_book(session: Session) -> ShellBook:
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
        layers=Layers(session),
    )


def _can_be_filled(script: Script) -> bool:
    """One faulty shell must not keep every broadcast empty: it is left out, and the log says so."""
    try:
        templates.check(script.latest.written)
    except Invalid as error:
        log.warning("shell %s is left out: %s", script.code, error)
        return False
    return True


def _say(text: str, region: str, decided: Mapping[str, str]) -> str:
    line = clean_line(text)  # words are kept so
    return _spoken(text, region, tuple((word, said) for word, said in decided.items() if word in line))


@lru_cache(maxsize=4096)
def _spoken(text: str, region: str, decided: tuple[tuple[str, str], ...]) -> str:
    """decided: only what can concern this text, so that a word decided elsewhere does not have all shells read anew."""
    return read_aloud(text, region=region, lexicon=dict(decided)).spoken
