"""Making a package: what a station plays on one day, laid out as files that need not be written.

Looking (a short reading), measuring (no transaction), writing the row down (a short transaction).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ..domain.readiness import Trouble
from ..domain.rundown import Kind
from ..domain.scripts import Status, content_hash, paragraphs
from ..domain.splice import BlobRange
from ..errors import EngineError, NotFound
from ..failpoints import failpoint
from ..storage.tables import Broadcast, Cue, Fetch, LocalReading, Package, Piece, Rendition, Revision, Script, Station
from ..studio import Studio
from . import broadcasts, local_readings, profiles, renditions, scripts
from .approvals import approval_of
from .laying import AS_SHIPPED, ZIP, Draft, Item, Laid, Play, files_of, lay_out
from .local_readings import Counting

_TRIES = 3
"""How often a package is made anew when another one was written down meanwhile."""


@dataclass(frozen=True)
class _Newest:
    """The newest package of the day, as far as the next one goes on from it."""

    id: int
    number: int
    content_hash: str
    layout: Mapping[str, Any]


def make_package(studio: Studio, station_code: str, local_date: date) -> Package | None:
    """The package of a station's day: the existing one if it plays the same, else a new one with the next number.

    It holds every broadcast whose cues all have finished sound and approved text, and, untouched, those of
    the package before that have begun already. None when there is nothing to play; a package that was there
    is then superseded by an empty one. Raises NotFound for an unknown station, EngineError when sound that
    should be there is lost or damaged.
    """
    for _ in range(_TRIES):
        profiles.prepare_day(studio, station_code, local_date)
        now = studio.now()
        with studio.database.reading() as session:
            station = session.scalar(select(Station).where(Station.code == station_code))
            if station is None:
                raise NotFound(f"đài “{station_code}”")
            newest = _newest(session, station.id, local_date)
            draft = _draft(session, studio, station, local_date, newest, now)
            if newest and newest.content_hash == draft.content_hash:
                return _playing(session.get_one(Package, newest.id))
            if newest is None and not draft.plays:
                return None
        try:
            layout = lay_out(draft, studio)
        except OSError as error:
            raise EngineError(f"no package of {station_code} {local_date}: {error}", retryable=True) from error
        package = _store(studio, draft, layout)
        if package is not None:
            return _playing(package)
    raise EngineError(f"the package of {station_code} {local_date} keeps being overtaken", retryable=True)


def _playing(package: Package) -> Package | None:
    return package if package.broadcast_ids else None


def _newest(session: Session, station_id: int, local_date: date) -> _Newest | None:
    row = session.execute(
        select(Package.id, Package.number, Package.content_hash, Package.layout)
        .where(Package.station_id == station_id, Package.local_date == local_date)
        .order_by(Package.number.desc())
        .limit(1)
    ).first()
    return _Newest(*row) if row else None


def _draft(
    session: Session, studio: Studio, station: Station, local_date: date, newest: _Newest | None, now: datetime
) -> Draft:
    kept = [Laid.of(entry, newest.layout) for entry in newest.layout["broadcasts"]] if newest else []
    begun = {one.broadcast_id: one for one in kept if one.starts_at <= now}
    plays: list[Play | Laid] = list(begun.values())
    day = _with_sound(session, station.id, local_date)
    states = broadcasts.states(session, day, now)
    for broadcast in day:
        if broadcast.id not in begun and states[broadcast.id].trouble is Trouble.NONE:
            play = play_of(session, studio, broadcast)
            if play is not None:
                plays.append(play)
    plays.sort(key=lambda play: play.starts_at)
    return Draft(
        station_id=station.id,
        station_code=station.code,
        station_name=station.name,
        centre=studio.settings.centre,
        local_date=local_date,
        number=newest.number + 1 if newest else 1,
        made_at=now,
        plays=tuple(plays),
    )


def _with_sound(session: Session, station_id: int, local_date: date) -> Sequence[Broadcast]:
    cues = selectinload(Broadcast.cues)
    return session.scalars(
        select(Broadcast)
        .where(Broadcast.station_id == station_id, Broadcast.local_date == local_date)
        .options(
            cues.selectinload(Cue.rendition).selectinload(Rendition.pieces),
            cues.selectinload(Cue.revision).selectinload(Revision.decisions),
            cues.selectinload(Cue.revision).selectinload(Revision.local_readings).joinedload(LocalReading.approval),
            cues.selectinload(Cue.script).selectinload(Script.revisions),
        )
        .order_by(Broadcast.starts_at)
    ).all()


def play_of(session: Session, studio: Studio, broadcast: Broadcast) -> Play | None:
    """The broadcast as it will be heard; None while a script, a sound or an approval is missing."""
    if not any(cue.kind == Kind.SCRIPT for cue in broadcast.cues):
        return None
    heard = profiles.of_pieces(session, _pieces(broadcast), profiles.chosen(broadcast.station.profile))
    items = [_item(session, studio, cue, broadcast.station, heard) for cue in broadcast.cues]
    complete = [item for item in items if item is not None]
    if len(complete) < len(items):
        return None
    return Play(
        broadcast_id=broadcast.id,
        starts_at=broadcast.starts_at.astimezone(studio.settings.timezone),
        programme=broadcast.programme.name,
        code=broadcast.programme.code,
        length_s=broadcast.length_s,
        items=tuple(complete),
    )


def _pieces(broadcast: Broadcast) -> list[Piece]:
    """All its pieces, as they are before a profile."""
    spoken = [place.piece for cue in broadcast.cues if cue.rendition for place in cue.rendition.pieces]
    return [*spoken, *(cue.sound.piece for cue in broadcast.cues if cue.sound)]


def _item(session: Session, studio: Studio, cue: Cue, station: Station, heard: Mapping[str, Piece]) -> Item | None:
    """One cue with its sound; None when it may not or can not be heard at this station.

    heard: by the key of a piece, the one that is played of it there.
    """
    places = cue.rendition.pieces if cue.rendition else []
    keys = [cue.sound.piece_key] if cue.sound else [place.piece_key for place in places]
    pieces = [heard[key] for key in keys if key in heard]
    if len(pieces) < len(keys):
        return None
    if cue.kind == Kind.SOUND:
        return None if cue.sound is None else Item(title=cue.title, kind=cue.kind, **_sound(pieces))
    revision, script, rendition = cue.revision, cue.script, cue.rendition
    if revision is None or script is None or rendition is None or rendition.state != "ready" or not rendition.pieces:
        return None
    approval = approval_of(revision)
    local = Counting(revision.local_readings).at(revision, station)
    if approval is None or not _may_be_heard(session, script, revision):
        return None
    if local is not None:
        if not local_readings.is_genuine(local):
            return None
        approval = local.approval or approval
    spoken = revision.spoken if local is None else local.spoken
    if not script.shell and list(rendition.paragraphs) != paragraphs(spoken):
        return None  # a shell is said with its fields filled in: only its template can be compared
    return Item(
        title=cue.title,
        kind=cue.kind,
        script=script.code,
        revision=revision.number,
        content_hash=approval.content_hash,
        reading=None if local is None else local_readings.scope_of(local),
        approved_by=approval.account.full_name if approval.account else AS_SHIPPED,
        approved_at=approval.decided_at.astimezone(studio.settings.timezone).isoformat(timespec="seconds"),
        voices=tuple(renditions.voice_names(rendition)),
        instead_of=cue.wanted_voice or None,
        voice_reason=cue.voice_reason or None,
        **_sound(pieces),
    )


def _may_be_heard(session: Session, script: Script, revision: Revision) -> bool:
    """Whether the revision is still the one that counts, and its text the one that was approved.

    It is hashed again: what somebody changed behind the service's back is not heard.
    """
    return (
        script.status == Status.APPROVED
        and script.latest.id == revision.id
        and scripts.is_airable(session, script)
        and content_hash(revision.title, revision.written, revision.spoken) == revision.content_hash
    )


def _sound(pieces: Sequence[Piece]) -> dict[str, Any]:
    return {
        "pieces": tuple(BlobRange(piece.blob, 0, piece.size) for piece in pieces),
        "frames": sum(piece.frames for piece in pieces),
    }


def _store(studio: Studio, draft: Draft, layout: dict[str, Any]) -> Package | None:
    """Write the package down; None when another one of the same number is there already."""
    same_day = (Package.station_id == draft.station_id, Package.local_date == draft.local_date)
    with studio.database.transaction() as session:
        session.get_one(Station, draft.station_id, with_for_update=True)  # one at a time, also on PostgreSQL
        if (session.scalar(select(func.max(Package.number)).where(*same_day)) or 0) != draft.number - 1:
            return None
        package = Package(
            station_id=draft.station_id,
            local_date=draft.local_date,
            number=draft.number,
            content_hash=draft.content_hash,
            broadcast_ids=[play.broadcast_id for play in draft.plays],
            layout=layout,
            created_at=draft.made_at,
        )
        failpoint("package.before-insert")
        session.add(package)
        session.flush()
        _carry_fetches(session, package)
        session.refresh(package, ["station"])
    failpoint("package.inserted")
    return package


def _carry_fetches(session: Session, package: Package) -> None:
    """What the station has of the package before and is the same to the byte in this one, it need not fetch again."""
    same_day = (Package.station_id == package.station_id, Package.local_date == package.local_date)
    before = session.scalar(select(Package).where(*same_day, Package.number == package.number - 1))
    if before is None:
        return
    old = {file["name"]: file["sha256"] for file in files_of(before.layout)}
    wholes = [entry["file"] for entry in package.layout["broadcasts"]]
    same = [f["name"] for f in files_of(package.layout) if f["name"] in wholes and old.get(f["name"]) == f["sha256"]]
    for fetch in session.scalars(select(Fetch).where(Fetch.package_id == before.id).order_by(Fetch.id)).all():
        for name in same:
            if fetch.file in (ZIP, name):
                session.add(
                    Fetch(package_id=package.id, account_id=fetch.account_id, file=name, fetched_at=fetch.fetched_at)
                )
    session.flush()
