"""Who has listened to what of a script. It informs an approval and never stands in its way.

The caller opens the transaction and passes the session; nothing here commits.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..domain.lectern import spoken_beside
from ..domain.scripts import paragraphs
from ..errors import NotFound
from ..storage.tables import Hearing, Revision


def said_paragraphs(revision: Revision) -> frozenset[int]:
    """The numbers, from 1, of the paragraphs of which something is said."""
    beside = spoken_beside(paragraphs(revision.written), paragraphs(revision.spoken), revision.spans)
    return frozenset(number for number, said in enumerate(beside, 1) if said)


def heard_by(session: Session, revision: Revision, account_id: int) -> frozenset[int]:
    """The numbers of the paragraphs of this revision that the account has listened to."""
    asked = select(Hearing.paragraph).where(Hearing.revision_id == revision.id, Hearing.account_id == account_id)
    return frozenset(session.scalars(asked)) & said_paragraphs(revision)


def note_heard(
    session: Session, revision: Revision, paragraph: int, *, account_id: int, now: datetime
) -> frozenset[int]:
    """Note that a paragraph was listened to, and answer with all that were. Harmless twice; raises NotFound."""
    if paragraph not in said_paragraphs(revision):
        raise NotFound(f"đoạn {paragraph} của bài này")
    key = (revision.id, account_id, paragraph)
    if session.get(Hearing, key) is None:
        with suppress(IntegrityError), session.begin_nested():  # another window may note it at the same moment
            session.add(Hearing(revision_id=revision.id, account_id=account_id, paragraph=paragraph, heard_at=now))
    return heard_by(session, revision, account_id)
