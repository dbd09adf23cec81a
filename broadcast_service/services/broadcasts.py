"""Broadcasts: the dated rows that slots become, what state they are in, and what follows when plans change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, cast, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from ..domain import slots as rules
from ..domain.readiness import GRACE, State, derive
from ..domain.rundown import Kind
from ..domain.slots import Occurrence, SlotRule
from ..errors import Conflict, NotFound
from ..storage.tables import AsRunEntry, Broadcast, Cue, Preference, Rendition, Revision, Slot, Station
from ..studio import Studio
from . import cues, facts, renditions, slots
from .choosing import LEAD, NEXT
from .recordings import HUMAN, WITHDRAWN

_HORIZON = "materialised_until"
"""Preference: the first local date that has not become broadcasts yet. A machine that was off goes on from there."""


def materialise(session: Session, studio: Studio, *, today: date, weeks: int = 4) -> int:
    """Make the rows of all slots from `today` for so many weeks; return how many are new. Twice is once.

    Days that passed while the machine was off are made too, so that what was missed is accounted for. Nothing
    is made before its slot existed, in quiet hours of the station, or for a station that is not active.
    """
    horizon = session.get(Preference, _HORIZON)
    first = min(today, date.fromisoformat(horizon.value)) if horizon else today
    last = today + timedelta(weeks=weeks)
    columns = Broadcast.slot_id, Broadcast.station_id, Broadcast.local_date
    known = {tuple(row) for row in session.execute(select(*columns).where(Broadcast.local_date >= first))}
    new = 0
    for slot in slots.list_slots(session, on=first):
        for moment in rules.occurrences(slots.rule_of(slot), first, last):
            for station in slot.stations:
                key = (slot.id, station.id, moment.local_date)
                if moment.starts_at > slot.created_at and key not in known and _may_air(station, moment):
                    session.add(_row(slot, station, moment))
                    new += 1
    if horizon is None:
        session.add(Preference(name=_HORIZON, value=last.isoformat()))
    elif horizon.value < last.isoformat():
        horizon.value = last.isoformat()
    session.flush()
    return new


def get_broadcast(session: Session, broadcast_id: int) -> Broadcast:
    """One broadcast with its rundown loaded. Raises NotFound."""
    found = session.scalar(select(Broadcast).where(Broadcast.id == broadcast_id).options(*with_rundown()))
    if found is None:
        raise NotFound("buổi phát này")
    return found


def of_station(session: Session, station_id: int, local_date: date) -> list[Broadcast]:
    """A station's broadcasts on a local date, in order of time, with their rundowns."""
    return between(session, local_date, local_date + timedelta(days=1), station_ids=[station_id], rundowns=True)


def between(
    session: Session, first: date, last: date, *, station_ids: Collection[int] | None = None, rundowns: bool = False
) -> list[Broadcast]:
    """Broadcasts on the local dates `first` ≤ date < `last`, in order of time, then of stations."""
    query = select(Broadcast).join(Station).where(Broadcast.local_date >= first, Broadcast.local_date < last)
    if station_ids is not None:
        query = query.where(Broadcast.station_id.in_(station_ids))
    if rundowns:
        query = query.options(*with_rundown())
    return list(session.scalars(query.order_by(Broadcast.starts_at, Station.position, Broadcast.id)))


def siblings(session: Session, broadcast: Broadcast, now: datetime) -> list[Broadcast]:
    """The other stations' broadcasts of the same slot and date that have not started yet, with their rundowns."""
    return list(
        session.scalars(
            select(Broadcast)
            .join(Station)
            .where(
                Broadcast.slot_id == broadcast.slot_id,
                Broadcast.local_date == broadcast.local_date,
                Broadcast.id != broadcast.id,
                Broadcast.starts_at > now,
            )
            .options(*with_rundown())
            .order_by(Station.position)
        )
    )


def states(session: Session, broadcasts: Sequence[Broadcast], now: datetime) -> dict[int, State]:
    """The state of each broadcast by id, in a handful of queries however many they are."""
    return {number: derive(fact, now) for number, fact in facts.of_broadcasts(session, broadcasts).items()}


@dataclass
class Headline:
    """What a narrow cell says of a rundown."""

    titles: list[str]
    has_fallback: bool = False
    is_repeat: bool = True
    """Whether the station has heard every one of its scripts before."""
    stands_in: bool = False
    """Whether another voice than the wanted one speaks somewhere in it."""
    lacks: str = ""
    """Why some of its sound can not be had, as a sentence; empty where none was given up."""


def headlines(session: Session, broadcasts: Sequence[Broadcast]) -> dict[int, Headline]:
    """The titles of the scripts of many broadcasts, in order; broadcasts without a script are left out."""
    found: dict[int, Headline] = {}
    columns = Cue.broadcast_id, Cue.title, Cue.is_fallback, Cue.is_repeat
    mine = Cue.broadcast_id.in_([broadcast.id for broadcast in broadcasts]) & (Cue.kind == Kind.SCRIPT)
    for number, title, is_fallback, is_repeat in session.execute(select(*columns).where(mine).order_by(Cue.position)):
        line = found.setdefault(number, Headline([]))
        line.titles.append(title)
        line.has_fallback = line.has_fallback or is_fallback
        line.is_repeat = line.is_repeat and is_repeat
    troubled = Cue.broadcast_id.in_(list(found)) & ((Rendition.state == "failed") | (Cue.wanted_voice != ""))
    columns_of = Cue.broadcast_id, Cue.wanted_voice, Rendition.state, Rendition.error
    rows = select(*columns_of).outerjoin(Rendition, Rendition.id == Cue.rendition_id).where(troubled)
    for number, wanted, state, error in session.execute(rows.order_by(Cue.position)) if found else ():
        line = found[number]
        line.stands_in = line.stands_in or bool(wanted)
        line.lacks = line.lacks or (error if state == "failed" and error != WITHDRAWN else "")
    return found


def follow_slot(session: Session, slot: Slot, rule: SlotRule, *, now: datetime, drop_edited: bool = False) -> None:
    """Let the broadcasts ahead follow a changed slot: moved, removed or (up to the horizon) added.

    Past and packed ones stay as they are. A rundown people made survives a change of hour or length; chosen by
    the filler, it is chosen anew when the length or the programme changes. Raises Conflict when rundowns made by
    people would vanish and `drop_edited` is not set.
    """
    ahead = _ahead(session, slot, now)
    horizon = session.get(Preference, _HORIZON)
    last = max([b.local_date for b in ahead] + ([date.fromisoformat(horizon.value)] if horizon else []), default=None)
    if last is None:
        return
    today = now.astimezone(rule.zone).date()
    moments = {moment.local_date: moment for moment in rules.occurrences(rule, today, last + timedelta(days=1))}
    stations = {station.id: station for station in slot.stations}
    gone = [b for b in ahead if b.station_id not in stations or b.local_date not in moments]
    edited = [b for b in gone if b.edited_at is not None]
    if edited and not drop_edited:
        days = ", ".join(sorted({f"{b.local_date.day}/{b.local_date.month}" for b in edited}))
        raise Conflict(
            f"{len(edited)} buổi phát đã xếp tay ({days}) không còn trong khung giờ này và sẽ mất. "
            "Nếu đúng ý, hãy chọn “Bỏ cả những buổi đã xếp tay” rồi lưu lại."
        )
    for broadcast in gone:
        session.delete(broadcast)
    for broadcast in ahead:
        if broadcast not in gone:
            _move(broadcast, slot, moments[broadcast.local_date])
    session.flush()
    until = date.fromisoformat(horizon.value) if horizon else today
    made = select(Broadcast.station_id, Broadcast.local_date).where(Broadcast.slot_id == slot.id)
    known = {tuple(row) for row in session.execute(made)}
    for day, moment in moments.items():
        for station in slot.stations:
            is_new = day < until and moment.starts_at > now and (station.id, day) not in known
            if is_new and _may_air(station, moment):
                session.add(_row(slot, station, moment))
    session.flush()


def adopt_revision(session: Session, studio: Studio, revision: Revision) -> int:
    """Let rundowns that have not started play the newly approved revision; return how many changed.

    A shell is filled anew wherever it is said. Titles in the list of contents follow.
    """
    now = studio.now()
    concerned = _playing(session, now, script_id=revision.script_id)
    if not concerned:
        return 0
    maker = cues.CueMaker(session, studio)
    for broadcast in concerned:
        for cue in broadcast.cues:
            if cue.kind == Kind.SCRIPT and cue.script_id == revision.script_id:
                maker.play(cue, broadcast, revision)
        maker.resay(broadcast)
        broadcast.filled_at = now  # what was packed before is stale
    session.flush()
    return len(concerned)


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How many broadcasts ahead went along with a change."""

    now: int = 0
    """Play other sound, or wait for it, since nothing was there."""
    later: int = 0
    """Keep what is there until the new sound is."""
    packed: int = 0
    """Stay as they were packed, in the voice they have."""


def follow(
    session: Session, studio: Studio, *, script_id: int | None = None, station_ids: Collection[int] | None = None
) -> Followed:
    """Let rundowns that have not started play what now counts at their stations; return how many do.

    Where only the voice is another, what is heard already stays until the new sound is there, and for good where it
    was packed; what a person has read comes in at once.
    A local reading that was approved, a station that changed its region, a word that was decided about: the scripts
    of a rundown stay, and so do their revisions; only what is said of them follows. script_id: only rundowns with
    this script; station_ids: only those of these stations.
    """
    now = studio.now()
    concerned = _playing(session, now, script_id=script_id, station_ids=station_ids)
    if not concerned:
        return Followed()
    maker = cues.CueMaker(session, studio)
    maker.keeper.learn_packed(concerned)
    maker.learn_readings(cue.revision_id for one in concerned for cue in one.cues if cue.revision_id is not None)
    changed: set[int] = set()
    for broadcast in concerned:
        before = [cue.rendition for cue in broadcast.cues]
        for cue in broadcast.cues:
            if cue.kind == Kind.SCRIPT and cue.revision is not None:
                maker.play(cue, broadcast, cue.revision)
        maker.resay(broadcast)
        if before != [cue.rendition for cue in broadcast.cues]:
            broadcast.filled_at = now  # what was packed before is stale
            changed.add(broadcast.id)
    session.flush()
    later, packed = maker.keeper.awaiting, maker.keeper.staying
    return Followed(now=len(changed - later), later=len(later), packed=len(packed - changed))


def choose_voices(session: Session, studio: Studio) -> int:
    """Look again at the voices of rundowns ahead whose sound fails or is in another voice; return how many changed.

    Where the planner chose so, the next voice takes over; where another one is heard and the wanted one's sound is
    there by now, that comes in, unless the broadcast was packed. What failed is tried again after a while.
    """
    ahead = _voiceless(session, studio)
    if not ahead:
        return 0
    now = studio.now()
    maker = cues.CueMaker(session, studio, patient=True)
    maker.keeper.learn_packed(ahead)
    changed = 0
    for broadcast in ahead:
        stands_in = any(cue.wanted_voice for cue in broadcast.cues)
        if not (stands_in and maker.keeper.is_packed(broadcast)) and maker.choose_again(broadcast):
            broadcast.filled_at = now  # what was packed before is stale
            changed += 1
    session.flush()
    return changed


def has_voiceless(session: Session, studio: Studio) -> bool:
    """Whether `choose_voices` would find anything to look at; cheap, for it is asked again and again."""
    return session.scalar(_voiceless_ids(studio).limit(1)) is not None


def _voiceless(session: Session, studio: Studio) -> Sequence[Broadcast]:
    asked = select(Broadcast).where(Broadcast.id.in_(_voiceless_ids(studio))).order_by(Broadcast.starts_at)
    return session.scalars(asked.options(*with_rundown())).all()


def _voiceless_ids(studio: Studio) -> Select[int]:
    """Ids of broadcasts ahead with a cue that has no voice, or another one than it should have."""
    now = studio.now()
    able = [name for name, voice in studio.voices.items() if voice.state.is_ready]
    waits = (Rendition.state == "wanted") & Rendition.voice.not_in([*able, HUMAN])
    waits |= (Rendition.state == "wanted") & (cast(Rendition.voices, String) != "[]")
    failed = Rendition.state == "failed"
    is_again = Rendition.failed_at.is_(None) | (Rendition.failed_at <= now - renditions.RETRY_AFTER)
    takes_next = (Slot.when_voice_fails == NEXT) & (Broadcast.starts_at <= now + LEAD)
    return (
        select(Broadcast.id)
        .join(Cue)
        .join(Slot, Slot.id == Broadcast.slot_id)
        .outerjoin(Rendition, Rendition.id == Cue.rendition_id)
        .where(Broadcast.starts_at > now)
        .where((Cue.wanted_voice != "") | (failed & is_again) | ((failed | waits) & takes_next))
    )


def _playing(
    session: Session, now: datetime, *, script_id: int | None = None, station_ids: Collection[int] | None = None
) -> Sequence[Broadcast]:
    """Rundowns that have not started, of these stations or with this script."""
    asked = select(Broadcast).where(Broadcast.starts_at > now, Broadcast.cues.any())
    if script_id is not None:
        asked = asked.where(Broadcast.id.in_(select(Cue.broadcast_id).where(Cue.script_id == script_id)))
    if station_ids is not None:
        asked = asked.where(Broadcast.station_id.in_(station_ids))
    return session.scalars(asked.options(*with_rundown()).order_by(Broadcast.starts_at)).all()


def mark_missed(session: Session, now: datetime) -> int:
    """Account for broadcasts that ended more than twelve hours ago, unreported and never packed; return how many.

    What was packed may have been played: it stays “chưa báo” until a person says so.
    """
    over = session.scalars(
        select(Broadcast)
        .outerjoin(AsRunEntry, AsRunEntry.broadcast_id == Broadcast.id)
        .where(Broadcast.starts_at < now - GRACE, AsRunEntry.id.is_(None))
    ).all()
    over = [b for b in over if b.starts_at + timedelta(seconds=b.length_s) + GRACE < now]
    packed = facts.ever_packed(session, over)
    missed = [broadcast for broadcast in over if broadcast.id not in packed]
    for broadcast in missed:
        session.add(
            AsRunEntry(
                broadcast_id=broadcast.id, outcome="missed", reason="unprepared", source="clock", recorded_at=now
            )
        )
    session.flush()
    return len(missed)


def with_rundown() -> tuple[ORMOption, ...]:
    """Loader options for a broadcast's cues and all that a page or a length needs of them."""
    return (
        selectinload(Broadcast.cues).selectinload(Cue.rendition),
        selectinload(Broadcast.cues).selectinload(Cue.script),
        selectinload(Broadcast.cues).selectinload(Cue.revision),
    )


def _ahead(session: Session, slot: Slot, now: datetime) -> list[Broadcast]:
    """The slot's broadcasts that have not started, are in no package and have no report."""
    rows = session.scalars(
        select(Broadcast)
        .outerjoin(AsRunEntry, AsRunEntry.broadcast_id == Broadcast.id)
        .where(Broadcast.slot_id == slot.id, Broadcast.starts_at > now, AsRunEntry.id.is_(None))
        .options(selectinload(Broadcast.cues))
    ).all()
    packed = facts.ever_packed(session, rows)
    return [broadcast for broadcast in rows if broadcast.id not in packed]


def _move(broadcast: Broadcast, slot: Slot, moment: Occurrence) -> None:
    needs_other = broadcast.length_s != slot.length_s or broadcast.programme_id != slot.programme_id
    if needs_other and broadcast.edited_at is None:
        broadcast.cues.clear()
        broadcast.filled_at = None
    broadcast.programme_id = slot.programme_id
    broadcast.starts_at, broadcast.length_s = moment.starts_at, slot.length_s


def _may_air(station: Station, moment: Occurrence) -> bool:
    zone = ZoneInfo(slots.DEFAULT_ZONE)
    return station.active and not rules.in_quiet_hours(
        moment.starts_at, moment.ends_at, station.quiet_from, station.quiet_until, zone
    )


def _row(slot: Slot, station: Station, moment: Occurrence) -> Broadcast:
    return Broadcast(
        slot_id=slot.id,
        programme_id=slot.programme_id,
        station_id=station.id,
        local_date=moment.local_date,
        starts_at=moment.starts_at,
        length_s=slot.length_s,
    )
