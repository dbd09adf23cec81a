"""Answers of an editor on their way into the lexicon: what they would change elsewhere, who came in between.

The caller opens the transaction and passes the session; nothing here commits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..storage.tables import LexiconEntry, Revision, Script
from ..studio import Studio
from . import lexicon
from .lexicon import AT_CENTRE, SCRIPT, Change, Scope
from .lexicon_effect import Answer, Effect, decide, effects_of
from .revisions import get_script


@dataclass(frozen=True, kw_only=True)
class Rival:
    """A decision about the same token that somebody else made while this one was being thought of."""

    answer: Answer
    entry: LexiconEntry
    """What stands there now, by whom, and when."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of some answers."""

    revision: Revision
    is_new: bool
    """Does the script say something else now?"""
    rivals: tuple[Rival, ...] = ()
    """Not empty: nothing was kept, for somebody else has decided the same otherwise."""


def answer(
    session: Session,
    studio: Studio,
    script_id: int,
    answers: Sequence[Answer],
    *,
    author_id: int,
    base: int,
    seen_at: datetime,
) -> Outcome:
    """Keep the answers, given while revision number `base` was on the screen since `seen_at`, and read the script anew.

    Decisions about other words that came in between are no reason to ask again: both count. Raises Invalid,
    NotFound; EditedMeanwhile when the written text is no longer the one that was on the screen.
    """
    script = get_script(session, script_id, lock=True)
    latest = script.latest
    rivals = tuple(_rivals(session, script, answers, author_id=author_id, since=seen_at))
    if rivals:
        return Outcome(revision=latest, is_new=False, rivals=rivals)
    if any(revision.number == base and revision.written == latest.written for revision in script.revisions):
        base = latest.number
    number = latest.number
    revision = decide(session, studio, script_id, answers, author_id=author_id, base=base)
    return Outcome(revision=revision, is_new=revision.number != number)


def elsewhere(session: Session, studio: Studio, script_id: int, answers: Sequence[Answer]) -> list[Effect]:
    """The other approved scripts that the answers for the whole Centre would have read differently."""
    changes = [Change.of(each.scope, each.written, each.spoken) for each in answers if each.scope == AT_CENTRE]
    found = effects_of(session, studio, changes) if changes else []
    return [effect for effect in found if effect.is_approved and effect.script.id != script_id]


def _rivals(
    session: Session, script: Script, answers: Sequence[Answer], *, author_id: int, since: datetime
) -> Iterator[Rival]:
    for each in answers:
        for scope in {AT_CENTRE, Scope(SCRIPT, script.id), each.scope}:
            entry = lexicon.find(session, scope, each.written)
            if entry is None or entry.author_id == author_id or entry.changed_at <= since:
                continue
            if entry.spoken != lexicon.checked_spoken(each.spoken):
                yield Rival(answer=each, entry=entry)
