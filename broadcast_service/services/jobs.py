"""Work that is due: found in a table, claimed with a lease, done idempotently, found again if its worker died.

A claim is one compare-and-set; the number of the attempt is the fencing token: whoever was given up for
dead can neither finish nor fail what a successor has taken over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from ..errors import EngineError
from ..storage.tables import Job

LEASE = timedelta(seconds=30)
HEARTBEAT = timedelta(seconds=10)
BACKOFF = (timedelta(seconds=10), timedelta(seconds=60), timedelta(seconds=300))
"""Waits after the first, second and third failure; then the job is dead and shown."""

CRASHED = EngineError("crashed", retryable=False).sentence
"""What a person reads of work that ended in a bug, or with the process that did it."""

RENDER = "render"
PACKAGE = "package"
REREAD = "reread"
LISTEN = "listen"
ENCODE = "encode"


@dataclass(frozen=True)
class Claim:
    """One attempt at one job."""

    job_id: int
    attempt: int
    kind: str
    subject: str


def enqueue(
    session: Session, kind: str, subject: str, *, due_at: datetime, now: datetime, afresh: bool = False
) -> None:
    """Ask for work. If the same is asked for already, only the earlier due time counts.

    afresh: what is being done at this moment does not count, for it began before what it should see.
    """
    key = f"{kind}:{subject}"
    open_job = session.scalar(select(Job).where(Job.idem_key == key))
    if afresh and open_job is not None and open_job.state == "leased":
        key += ":afresh"
        open_job = session.scalar(select(Job).where(Job.idem_key == key))
    if open_job is None:
        session.add(Job(kind=kind, subject=subject, idem_key=key, due_at=due_at, not_before=now, created_at=now))
    elif due_at < open_job.due_at:
        open_job.due_at = due_at
    session.flush()


def hasten(session: Session, kind: str, subjects: Collection[str], *, now: datetime) -> None:
    """Have these tried at once which wait between two tries."""
    for job in session.scalars(select(Job).where(Job.kind == kind, Job.state == "queued", Job.not_before > now)):
        if job.subject in subjects:
            job.not_before = now
    session.flush()


def claim(session: Session, *, owner: str, now: datetime, kind: str | None = None) -> Claim | None:
    """Take the job that is needed first, or None. Two workers never get the same attempt.

    A job whose lease ran out counts as free: its worker died or hangs.
    """
    due = _claimable(now) if kind is None else and_(_claimable(now), Job.kind == kind)
    first = select(Job.id).where(due).order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
    job_id = session.scalar(first)
    if job_id is None:
        return None
    job = session.scalar(
        update(Job)
        .where(Job.id == job_id, due)
        .values(state="leased", attempt=Job.attempt + 1, lease_owner=owner, lease_until=now + LEASE)
        .returning(Job)
    )
    return job and Claim(job_id=job.id, attempt=job.attempt, kind=job.kind, subject=job.subject)


def claim_more(session: Session, taken: Claim, *, owner: str, now: datetime, most: int) -> list[Claim]:
    """Take more jobs of the same kind that can be done together with one just taken, the most urgent first.

    Only what nobody has tried yet: a job that ends badly for its worker is tried again alone, and buried alone.
    """
    if taken.attempt > 1 or most < 1:
        return []
    fresh = and_(Job.state == "queued", Job.not_before <= now, Job.kind == taken.kind, Job.attempt == 0)
    first = select(Job.id).where(fresh).order_by(Job.due_at, Job.id).limit(most).with_for_update(skip_locked=True)
    more = session.scalars(
        update(Job)
        .where(Job.id.in_(session.scalars(first).all()), fresh)
        .values(state="leased", attempt=1, lease_owner=owner, lease_until=now + LEASE)
        .returning(Job)
    )
    return [Claim(job_id=job.id, attempt=job.attempt, kind=job.kind, subject=job.subject) for job in more]


def heartbeat(session: Session, taken: Claim, *, now: datetime) -> bool:
    """Prolong the lease; False when the job was taken over meanwhile."""
    return _mine(session, taken, lease_until=now + LEASE)


def finish(session: Session, taken: Claim, *, now: datetime) -> bool:
    """Write down success; False (and nothing changed) when the job was taken over meanwhile."""
    return _mine(session, taken, state="done", idem_key=None, lease_until=None, error="", finished_at=now)


def fail(session: Session, taken: Claim, error: str, *, now: datetime, retryable: bool = True) -> bool:
    """Write down failure: again later, or dead after the last attempt; False when it was taken over."""
    if retryable and taken.attempt <= len(BACKOFF):
        wait = BACKOFF[taken.attempt - 1]
        return _mine(session, taken, state="queued", lease_until=None, error=error, not_before=now + wait)
    return _mine(session, taken, state="dead", idem_key=None, lease_until=None, error=error, finished_at=now)


def postpone(session: Session, taken: Claim, error: str, *, until: datetime) -> bool:
    """Not now, and it does not count as an attempt: whoever does the work has said when; False when taken over."""
    return _mine(
        session, taken, state="queued", lease_until=None, error=error, not_before=until, attempt=taken.attempt - 1
    )


def bury_exhausted(session: Session, *, now: datetime) -> list[tuple[str, str]]:
    """Jobs that killed every worker that took them are dead, not tried for ever; return (kind, subject) of each."""
    buried = session.execute(
        update(Job)
        .where(Job.state == "leased", Job.lease_until < now, Job.attempt > len(BACKOFF))
        .values(state="dead", idem_key=None, lease_until=None, error="killed its worker every time", finished_at=now)
        .returning(Job.kind, Job.subject)
    )
    return [(kind, subject) for kind, subject in buried]


def next_try(session: Session, kind: str, subject: str) -> datetime | None:
    """When work that waits is tried at the earliest; None where it is in hand or nobody asks for it."""
    asked = select(Job.not_before).where(Job.idem_key == f"{kind}:{subject}", Job.state == "queued")
    return session.scalar(asked)


def _claimable(now: datetime) -> ColumnElement[bool]:
    waiting = and_(Job.state == "queued", Job.not_before <= now)
    abandoned = and_(Job.state == "leased", Job.lease_until < now, Job.attempt <= len(BACKOFF))
    return or_(waiting, abandoned)


def _mine(session: Session, taken: Claim, **values: object) -> bool:
    changed = session.scalar(
        update(Job)
        .where(Job.id == taken.job_id, Job.attempt == taken.attempt, Job.state == "leased")
        .values(**values)
        .returning(Job.id)
    )
    return changed is not None


def count_open(session: Session, *, kind: str | None = None) -> int:
    """How many jobs wait or are being done."""
    query = select(func.count(Job.id)).where(Job.state.in_(("queued", "leased")))
    return session.scalar(query if kind is None else query.where(Job.kind == kind)) or 0


def count_dead(session: Session) -> int:
    """How many jobs were given up."""
    return session.scalar(select(func.count(Job.id)).where(Job.state == "dead")) or 0
