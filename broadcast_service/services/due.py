"""What falls due by itself: the service's own part of each day, found in the tables at every tick."""

from datetime import date, datetime, timedelta

from sqlalchemy import String, cast, delete, func, literal, select
from sqlalchemy.orm import Session

from ..storage.tables import Broadcast, Cue, Invitation, Job, Rendition, Script, SignIn, Station
from ..studio import Studio
from . import broadcasts, encodings, filling, jobs, renditions, rereading, scripts, sound_checks

WEEKS_AHEAD = 4
"""How far slots become broadcasts."""

DAYS_FILLED = 7
"""How far broadcasts are filled and rendered."""

DAYS_PACKED = 4
"""How far packages are made: over a weekend, so that Monday can be taken home on Friday."""


def local_today(studio: Studio) -> date:
    """The date on the wall of the stations."""
    return studio.now().astimezone(studio.settings.timezone).date()


def materialise(studio: Studio) -> int:
    """Make the broadcasts of the coming weeks; return how many rows are new."""
    with studio.database.transaction() as session:
        return broadcasts.materialise(session, studio, today=local_today(studio), weeks=WEEKS_AHEAD)


def fill(studio: Studio) -> None:
    """Choose for what nobody has filled, today and the days after; DAYS_FILLED days in all."""
    today = local_today(studio)
    with studio.database.transaction() as session:
        filling.fill(session, studio, first=today, last=today + timedelta(days=DAYS_FILLED - 1))


def settle(studio: Studio) -> int:
    """Bring what outlasts its slot, now that true lengths are known, back into it; return how many changed."""
    today = local_today(studio)
    with studio.database.transaction() as session:
        return filling.settle_between(session, studio, first=today, last=today + timedelta(days=DAYS_FILLED - 1))


def want_renditions(studio: Studio) -> int:
    """Queue again what is planned, not rendered and not queued (a job that died, a folder that was lost)."""
    now = studio.now()
    with studio.database.reading() as session:
        rows = session.execute(
            select(Rendition.id, func.min(Broadcast.starts_at))
            .join(Cue, Cue.rendition_id == Rendition.id)
            .join(Broadcast, Broadcast.id == Cue.broadcast_id)
            .outerjoin(Job, Job.idem_key == literal(f"{jobs.RENDER}:").concat(cast(Rendition.id, String)))
            .where(Rendition.state == "wanted", Broadcast.starts_at > now, Job.id.is_(None))
            .group_by(Rendition.id)
        ).all()
    if rows:
        with studio.database.transaction() as session:
            for rendition_id, starts_at in rows:
                jobs.enqueue(session, jobs.RENDER, str(rendition_id), due_at=starts_at, now=now)
    return len(rows)


def choose_voices(studio: Studio) -> int:
    """Let other voices take over, or the wanted ones come back; return how many rundowns changed."""
    with studio.database.reading() as session:
        if not broadcasts.has_voiceless(session, studio):
            return 0
    with studio.database.transaction() as session:
        return broadcasts.choose_voices(session, studio)


def want_readings(studio: Studio) -> rereading.Noticed:
    """Have read anew, for the places that say them otherwise, the texts that a change of place or word concerns."""
    with studio.database.reading() as session:
        if not rereading.is_behind(session, studio):
            return rereading.Noticed()
    with studio.database.transaction() as session:
        return rereading.notice(session, studio)


def want_listening(studio: Studio) -> int:
    """Ask that sound be listened to which was stored before there were checks; return how much there is of it."""
    now = studio.now()
    with studio.database.reading() as session:
        waiting = sound_checks.waiting(session)
    if waiting:
        with studio.database.transaction() as session:
            jobs.enqueue(session, jobs.LISTEN, "old", due_at=now + timedelta(days=1), now=now)
    return waiting


def want_packages(studio: Studio) -> int:
    """Queue a package for each station and day on which something changed since the last one."""
    now, today = studio.now(), local_today(studio)
    days = [today + timedelta(days=n) for n in range(DAYS_PACKED)]
    with studio.database.reading() as session:
        stale = _stale_days(session, days, looked_at=_looked_at(session))
    if stale:
        with studio.database.transaction() as session:
            for code, day, first in stale:
                jobs.enqueue(session, jobs.PACKAGE, _subject(code, day), due_at=first, now=now)
    return len(stale)


def mark_missed(studio: Studio) -> None:
    """Account for what passed while nothing was ready or the machine was off."""
    with studio.database.transaction() as session:
        broadcasts.mark_missed(session, studio.now())


def sweep(studio: Studio) -> None:
    """Bury jobs that kill their workers; forget sign-ins and links that ran out, jobs done a month ago, old files."""
    encodings.forget_unwanted(studio)
    now = studio.now()
    with studio.database.reading() as session:
        exhausted = session.scalar(
            select(func.count()).where(Job.state == "leased", Job.lease_until < now, Job.attempt > len(jobs.BACKOFF))
        )
        expired = session.scalar(select(func.count()).where(SignIn.expires_at < now))
    if exhausted or expired:
        with studio.database.transaction() as session:
            for kind, subject in jobs.bury_exhausted(session, now=now):
                if kind == jobs.RENDER:
                    renditions.mark_failed(session, int(subject), jobs.CRASHED, now=now)
                elif kind == jobs.ENCODE:
                    encodings.mark_failed(session, subject, jobs.CRASHED)
            session.execute(delete(SignIn).where(SignIn.expires_at < now))
            session.execute(delete(Job).where(Job.state == "done", Job.finished_at < now - timedelta(days=30)))
            session.execute(delete(Invitation).where(Invitation.expires_at < now - timedelta(days=30)))


def _looked_at(session: Session) -> dict[str, datetime]:
    """When each station's day was last looked at for packing, by the subject of its job.

    Packing may find nothing complete, or the same content as before: then no package tells that it looked.
    """
    ended = session.execute(
        select(Job.subject, func.max(Job.created_at))
        .where(Job.kind == jobs.PACKAGE, Job.state.in_(("done", "dead")))
        .group_by(Job.subject)
    )
    return dict(ended.all())


def _stale_days(
    session: Session, days: list[date], *, looked_at: dict[str, datetime]
) -> list[tuple[str, date, datetime]]:
    """(station code, day, first start) wherever something changed since the day was last packed or looked at.

    A change is a rendition that became ready, a rundown that was filled or edited, a script that was written on
    or decided about, a station that was changed, the switch of the samples. Whether anything complete is there at all
    is for the packing to see.
    """
    changed = (
        select(
            Broadcast.station_id,
            Broadcast.local_date,
            func.min(Broadcast.starts_at).label("first"),
            func.max(func.coalesce(Rendition.ready_at, Broadcast.filled_at)).label("ready"),
            func.max(Broadcast.filled_at).label("filled"),
            func.max(Broadcast.edited_at).label("edited"),
            func.max(Script.updated_at).label("script"),
        )
        .join(Cue, Cue.broadcast_id == Broadcast.id)
        .outerjoin(Rendition, Rendition.id == Cue.rendition_id)
        .outerjoin(Script, Script.id == Cue.script_id)
        .where(Broadcast.local_date.in_(days))
        .group_by(Broadcast.station_id, Broadcast.local_date)
        .subquery()
    )
    rows = session.execute(
        select(
            Station.code,
            changed.c.local_date,
            changed.c.first,
            changed.c.ready,
            changed.c.filled,
            changed.c.edited,
            changed.c.script,
            Station.updated_at,
        )
        .join(Station, Station.id == changed.c.station_id)
        .where(Station.active)
        .order_by(changed.c.first)
    )
    stale = []
    switched = scripts.samples_switched_at(session)
    for code, day, first, *changes in rows:
        newest = max((change for change in (*changes, switched) if change is not None), default=None)
        looked = looked_at.get(_subject(code, day))
        if newest is not None and (looked is None or newest > looked):
            stale.append((code, day, first))
    return stale


def _subject(code: str, day: date) -> str:
    """What a package job is about."""
    return f"{code}/{day.isoformat()}"
