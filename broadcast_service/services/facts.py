"""What is known of many broadcasts, asked for in a handful of queries however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..domain.readiness import Facts
from ..domain.rundown import Kind
from ..domain.scripts import Status
from ..domain.slots import in_quiet_hours
from ..domain.units import Milliseconds, frames_to_ms
from ..storage.tables import (
    Approval,
    AsRunEntry,
    Broadcast,
    Cue,
    Fetch,
    Package,
    Piece,
    Rendition,
    Revision,
    Script,
    Sound,
)
from . import scripts
from .joints import Heard, quiet_joints
from .laying import ZIP

_STATIONS_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_MOST_IDS = 5_000
"""How many ids one query names: SQLite takes 32 766 values, PostgreSQL 65 535."""


@dataclass
class _Content:
    length_ms: int = 0
    scripts: int = 0
    unapproved: int = 0
    unrendered: int = 0
    faulty: int = 0
    """Cues with faulty sound, and silences between two cues."""


@dataclass(frozen=True)
class PackageFact:
    """The newest package of one station and day, without its layout."""

    id: int
    number: int
    created_at: datetime
    broadcast_ids: frozenset[int]
    fetched_ids: frozenset[int]
    """Broadcasts of it that reached the station whole."""


def of_broadcasts(session: Session, broadcasts: Sequence[Broadcast]) -> dict[int, Facts]:
    """Facts by broadcast id, for `domain.readiness.derive`."""
    ids = [broadcast.id for broadcast in broadcasts]
    contents = _contents(session, ids)
    packages = newest_packages(session, {(b.station_id, b.local_date) for b in broadcasts})
    reports = _newest_reports(session, ids)
    return {broadcast.id: _fact(broadcast, contents, packages, reports) for broadcast in broadcasts}


def newest_packages(session: Session, days: Collection[tuple[int, date]]) -> dict[tuple[int, date], PackageFact]:
    """The newest package of each station and local date that has one."""
    stations, dates = {station for station, _ in days}, {day for _, day in days}
    rows = session.execute(
        select(
            Package.station_id,
            Package.local_date,
            Package.id,
            Package.number,
            Package.created_at,
            Package.broadcast_ids,
        )
        .where(Package.station_id.in_(stations), Package.local_date.in_(dates))
        .order_by(Package.number)
    ).all()
    newest = {(station, day): rest for station, day, *rest in rows}
    files: dict[int, set[str]] = defaultdict(set)
    for chunk in _chunks([rest[0] for rest in newest.values()]):
        fetches = session.execute(select(Fetch.package_id, Fetch.file).where(Fetch.package_id.in_(chunk)))
        for package_id, name in fetches:
            files[package_id].add(name)
    return {
        key: PackageFact(
            package_id, number, created_at, frozenset(ids), _fetched_ids(session, package_id, ids, files[package_id])
        )
        for key, (package_id, number, created_at, ids) in newest.items()
    }


def _fetched_ids(session: Session, package_id: int, ids: Collection[int], files: set[str]) -> frozenset[int]:
    """With the ZIP, all broadcasts of a package have reached the station; with its whole MP3, one has."""
    if not files:
        return frozenset()
    if ZIP in files:
        return frozenset(ids)
    layout = session.scalar(select(Package.layout).where(Package.id == package_id)) or {}
    return frozenset(entry["id"] for entry in layout.get("broadcasts", ()) if entry["file"] in files)


def ever_packed(session: Session, broadcasts: Sequence[Broadcast]) -> set[int]:
    """Ids of those among the broadcasts that any package, old or new, contains."""
    stations, dates = {b.station_id for b in broadcasts}, {b.local_date for b in broadcasts}
    rows = session.scalars(
        select(Package.broadcast_ids).where(Package.station_id.in_(stations), Package.local_date.in_(dates))
    )
    packed = {broadcast_id for ids in rows for broadcast_id in ids}
    return packed & {broadcast.id for broadcast in broadcasts}


def _fact(
    broadcast: Broadcast,
    contents: Mapping[int, _Content],
    packages: Mapping[tuple[int, date], PackageFact],
    reports: Mapping[int, tuple[str, str]],
) -> Facts:
    content = contents.get(broadcast.id, _Content())
    outcome, reason = reports.get(broadcast.id, ("", ""))
    station = broadcast.station
    end = broadcast.starts_at + timedelta(seconds=broadcast.length_s)
    return Facts(
        starts_at=broadcast.starts_at,
        slot_ms=Milliseconds(broadcast.length_s * 1000),
        length_ms=Milliseconds(content.length_ms),
        scripts=content.scripts,
        unapproved=content.unapproved,
        unrendered=content.unrendered,
        faulty=content.faulty,
        is_quiet=in_quiet_hours(broadcast.starts_at, end, station.quiet_from, station.quiet_until, _STATIONS_ZONE),
        is_fetched=_is_fetched(broadcast, packages.get((broadcast.station_id, broadcast.local_date))),
        outcome=outcome,
        reason=reason,
    )


def _is_fetched(broadcast: Broadcast, package: PackageFact | None) -> bool:
    """Whether the station has this broadcast as it now is: nobody changed the rundown after it was packed."""
    if package is None or broadcast.id not in package.fetched_ids:
        return False
    changes = [at for at in (broadcast.filled_at, broadcast.edited_at) if at is not None]
    return all(at <= package.created_at for at in changes)


def _contents(session: Session, ids: Sequence[int]) -> dict[int, _Content]:
    samples_on_air = scripts.samples_on_air(session)
    found: dict[int, _Content] = defaultdict(_Content)
    rows = [row for chunk in _chunks(ids) for row in session.execute(_cue_facts(chunk))]
    script_ids = {row.script_id for row in rows if row.script_id is not None}
    sound = _approved_as_newest(session, script_ids)
    heard: dict[int, list[Heard]] = defaultdict(list)
    for row in rows:
        heard[row.broadcast_id].append(Heard(row.rendition_id, row.tune_key))
        content = found[row.broadcast_id]
        if row.kind == Kind.SOUND:
            content.length_ms += frames_to_ms(row.sound_frames or 0)
            content.faulty += bool(row.is_tune_faulty)
            continue
        is_ready = row.state == "ready" and row.frames is not None
        content.length_ms += frames_to_ms(row.frames) if is_ready else row.estimated_ms or 0
        content.unrendered += not is_ready
        content.faulty += is_ready and bool(row.is_faulty)
        content.scripts += row.kind == Kind.SCRIPT
        on_air = row.status == Status.APPROVED and (samples_on_air or not row.is_sample)
        content.unapproved += not (on_air and sound.get(row.script_id) == row.revision_id)
    for number, count in quiet_joints(session, heard).items():
        found[number].faulty += count
    return found


def _cue_facts(ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Cue.broadcast_id,
            Cue.kind,
            Cue.script_id,
            Cue.revision_id,
            Cue.rendition_id,
            Piece.key.label("tune_key"),
            Piece.frames.label("sound_frames"),
            Piece.is_faulty.label("is_tune_faulty"),
            Rendition.state,
            Rendition.frames,
            func.coalesce(Rendition.estimated_ms, Revision.estimated_ms).label("estimated_ms"),
            Rendition.is_faulty,
            Script.status,
            Script.is_sample,
        )
        .outerjoin(Sound, Sound.id == Cue.sound_id)
        .outerjoin(Piece, Piece.key == Sound.piece_key)
        .outerjoin(Rendition, Rendition.id == Cue.rendition_id)
        .outerjoin(Revision, Revision.id == Cue.revision_id)
        .outerjoin(Script, Script.id == Cue.script_id)
        .where(Cue.broadcast_id.in_(ids))
        .order_by(Cue.broadcast_id, Cue.position)
    )


def _approved_as_newest(session: Session, script_ids: Collection[int]) -> dict[int, int]:
    """script id → id of its newest revision, where exactly that text is approved."""
    approved: dict[int, int] = {}
    for chunk in _chunks(script_ids):
        newest = (
            select(Revision.script_id, func.max(Revision.number).label("number"))
            .where(Revision.script_id.in_(chunk))
            .group_by(Revision.script_id)
            .subquery()
        )
        rows = session.execute(
            select(Revision.script_id, Revision.id)
            .join(newest, (newest.c.script_id == Revision.script_id) & (newest.c.number == Revision.number))
            .join(Approval, (Approval.revision_id == Revision.id) & (Approval.content_hash == Revision.content_hash))
            .where(Approval.verdict == "approved")
        )
        approved.update((script_id, revision_id) for script_id, revision_id in rows)
    return approved


def _newest_reports(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    reports: dict[int, tuple[str, str]] = {}
    for chunk in _chunks(ids):
        mine = AsRunEntry.broadcast_id.in_(chunk)
        newest = select(func.max(AsRunEntry.id)).where(mine).group_by(AsRunEntry.broadcast_id)
        rows = session.execute(
            select(AsRunEntry.broadcast_id, AsRunEntry.outcome, AsRunEntry.reason).where(AsRunEntry.id.in_(newest))
        )
        reports.update({broadcast_id: (outcome, reason) for broadcast_id, outcome, reason in rows})
    return reports


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    whole = list(ids)
    for start in range(0, len(whole), _MOST_IDS):
        yield whole[start : start + _MOST_IDS]
