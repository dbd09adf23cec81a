"""What programmes are framed with, and the rundowns ahead that follow when that changes."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.rundown import ROLES
from ..storage.tables import Broadcast, Programme, Sound
from ..studio import Studio
from . import broadcasts, cues, due, sounds


@dataclass(frozen=True)
class Frame:
    """One place of a programme's frame."""

    kind: str
    """signature, sting, bed or closing."""
    own: Sound | None
    """What was chosen for it; None: nothing."""
    now: Sound | None
    """What is planned today."""
    why: str | None
    """Why that is not what was chosen: put-away, early or late."""


def frames(session: Session, studio: Studio, programmes: Collection[Programme]) -> dict[int, list[Frame]]:
    """The four places of each programme's frame as they are filled today, by its id."""
    shelf, today = sounds.Shelf(session), due.local_today(studio)
    found = {}
    for programme in programmes:
        places = []
        for kind, role in ROLES.items():
            own = shelf.own(role, programme)
            why = sounds.why_not(own, today) if own else None
            places.append(Frame(kind, own, shelf.pick(role, programme, today), why))
        found[programme.id] = places
    return found


def follow(session: Session, studio: Studio, programme_ids: Collection[int]) -> int:
    """Let rundowns that have not started play the tunes and beds their programmes now have; return how many changed.

    Their scripts stay, whoever chose them.
    """
    now = studio.now()
    ahead = session.scalars(
        select(Broadcast)
        .where(Broadcast.starts_at > now, Broadcast.programme_id.in_(programme_ids), Broadcast.cues.any())
        .options(*broadcasts.with_rundown())
        .order_by(Broadcast.starts_at)
    ).all()
    if not ahead:
        return 0
    maker, changed = cues.CueMaker(session, studio), 0
    for broadcast in ahead:
        before = [(cue.sound, cue.rendition) for cue in broadcast.cues]
        maker.reframe(broadcast)
        if before != [(cue.sound, cue.rendition) for cue in broadcast.cues]:
            broadcast.filled_at = now  # what was packed before is stale
            changed += 1
    session.flush()
    return changed


def follow_sound(session: Session, studio: Studio, sound: Sound) -> int:
    """The same for the programmes that have chosen a sound, after its dates changed; return how many changed."""
    rows = session.execute(select(Programme.id, Programme.sounds)).all()
    return follow(session, studio, [number for number, chosen in rows if sound.code in chosen.values()])
