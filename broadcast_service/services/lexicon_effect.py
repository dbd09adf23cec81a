"""What a decision about a word does to the scripts that are there: shown before it is saved, carried out after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain.scripts import Status
from ..storage.tables import Revision, Script
from ..studio import Studio
from . import lexicon
from .lexicon import Layers, Scope
from .revisions import get_script, read_again, revise_script
from .stations import get_station


@dataclass(frozen=True)
class Shift:
    """Sentences of a spoken text, and what would be said in their place."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A script that would be read differently."""

    script: Script
    shifts: tuple[Shift, ...]

    @property
    def is_approved(self) -> bool:
        """Does an approval hold for what is said now?"""
        return self.script.status == Status.APPROVED


def effects(session: Session, studio: Studio, scope: Scope, written: str, spoken: str | None) -> list[Effect]:
    """The scripts that one decision would have read differently, approved ones first, then by title.

    spoken: what would be said for the token; None: the decision is taken back. Scripts put away are left out.
    A decision of a station counts for what that station plays. Raises Invalid, NotFound.
    """
    written = lexicon.checked_written(written)
    spoken = None if spoken is None else lexicon.checked_spoken(spoken)
    station = get_station(session, scope.owner_id) if scope.layer == lexicon.STATION else None
    now = Layers(session)
    then = now.having(scope, written, spoken)
    found: list[Effect] = []
    for script in _scripts(session, scope):
        if written not in script.latest.written:
            continue
        texts = [
            read_again(
                studio,
                script.latest,
                layers.merged(station_id=station.id if station else None, script_id=script.id),
                region=station.region if station else "",
            ).spoken
            for layers in (now, then)
        ]
        if shifts := _shifts(*texts):
            found.append(Effect(script=script, shifts=shifts))
    return sorted(found, key=lambda effect: (not effect.is_approved, effect.script.sort_key))


def drift(session: Session, studio: Studio, revision: Revision) -> tuple[Shift, ...]:
    """How a revision would be read today where that differs from what was stored, and perhaps approved."""
    decided = lexicon.merged(session, script_id=revision.script_id)
    return _shifts(revision.spoken, read_again(studio, revision, decided).spoken)


@dataclass(frozen=True)
class Answer:
    """One decision of an editor about a token of a script."""

    written: str
    spoken: str
    scope: Scope


def decide(
    session: Session, studio: Studio, script_id: int, answers: Iterable[Answer], *, author_id: int, base: int | None
) -> Revision:
    """Keep the answers at their layers and read the script anew: a new revision where that changes what is said.

    Raises Invalid, NotFound; EditedMeanwhile when the script is no longer at the revision numbered `base`.
    """
    for answer in answers:
        lexicon.save_entry(
            session,
            answer.scope,
            written=answer.written,
            spoken=answer.spoken,
            example=sentence_with(get_script(session, script_id).latest.written, answer.written),
            author_id=author_id,
            now=studio.now(),
        )
    return reread(session, studio, script_id, author_id=author_id, base=base, note="Định cách đọc")


def reread(
    session: Session, studio: Studio, script_id: int, *, author_id: int, note: str, base: int | None = None
) -> Revision:
    """Read a script anew with what is decided today; a new revision, as a draft, only if that changes what is said."""
    script = get_script(session, script_id, lock=True)
    text = read_again(studio, script.latest, lexicon.merged(session, script_id=script_id))
    return revise_script(
        session,
        studio,
        script_id,
        title=script.latest.title,
        written=text.written,
        author_id=author_id,
        note=note,
        base=base,
        text=text,
    )


def sentence_with(text: str, written: str) -> str:
    """The line of a text in which a token stands, shortened around it; empty when it is not there."""
    line = next((line for line in text.splitlines() if written in line), "")
    at = line.find(written)
    first, last = max(0, at - 60), at + len(written) + 60
    return line[first:last].strip()


def _scripts(session: Session, scope: Scope) -> Sequence[Script]:
    asked = select(Script).where(Script.status != Status.RETIRED).options(selectinload(Script.revisions))
    if scope.layer == lexicon.SCRIPT:
        asked = asked.where(Script.id == scope.owner_id)
    return session.scalars(asked).all()


def _shifts(before: str, after: str) -> tuple[Shift, ...]:
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Shift(" ".join(filter(None, old[a:b])), " ".join(filter(None, new[c:d])))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )
