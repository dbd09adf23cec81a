"""What rundowns are heard from: texts, approvals and sound, loaded once for all stations that share them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from ..domain.rundown import Kind
from ..domain.scripts import Status, content_hash, paragraphs
from ..domain.splice import BlobRange
from ..formats.manifest import digest
from ..storage.tables import (
    Approval,
    Broadcast,
    Cue,
    LocalReading,
    Piece,
    Rendition,
    RenditionPiece,
    Revision,
    Script,
    Sound,
    Station,
)
from ..studio import Studio
from . import local_readings, profiles, renditions, scripts
from .approvals import approval_of
from .local_readings import Counting

AS_SHIPPED = "bài mẫu đi kèm"
"""Who approved a script that came with the service."""

_MOST_IDS = 5_000
"""How many ids one query names."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One cue as it will be heard."""

    title: str
    kind: str
    script: str | None = None
    revision: int | None = None
    content_hash: str | None = None
    """Of what is heard: the revision's, or that of the local reading."""
    reading: str | None = None
    """Whose local reading it is: “region/nam”, “station/hoa-tri”; None: the common one."""
    approved_by: str | None = None
    approved_at: str | None = None
    voices: tuple[str, ...] = ()
    """Names of the voices that are heard, in the order of their first words; none for music."""
    instead_of: str | None = None
    """The voice that was wanted, where another one speaks in its stead."""
    voice_reason: str | None = None
    """Why, in a sentence."""
    pieces: tuple[BlobRange, ...]
    frames: int

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """All but the sound, as the layout keeps it."""
        return {name: value for name, value in asdict(self).items() if name not in ("pieces", "frames")}

    @cached_property
    def heard(self) -> Sequence[Any]:
        """What is heard, and under which title."""
        blobs = [piece.blob for piece in self.pieces]
        return [self.title, self.kind, self.script, self.revision, self.content_hash, blobs]


@dataclass(frozen=True, kw_only=True)
class Play:
    """One broadcast as it will be heard."""

    broadcast_id: int
    starts_at: datetime
    """Local."""
    programme: str
    code: str
    length_s: int
    profile: str
    """What the loudspeakers are that it is made for."""
    items: tuple[Item, ...]

    @cached_property
    def played(self) -> str:
        """SHA-256 over what is heard, when, and under which titles; who approved it does not matter here."""
        heard = [item.heard for item in self.items]
        return digest([self.starts_at.isoformat(), self.programme, self.code, self.length_s, heard])


class _Key(NamedTuple):
    """All that decides how a cue is heard: equal ones are one item, whatever station they stand at."""

    kind: str
    title: str
    sound_id: int | None
    script_id: int | None
    revision_id: int | None
    rendition_id: int | None
    wanted_voice: str
    voice_reason: str
    reading_id: int | None = None
    """The local reading that counts at the station."""
    profile: str = ""
    """What the station's loudspeakers are."""


class Stock:
    """What some broadcasts are heard from, as it stands while one session looks.

    It lives no longer than that look: what was approved, withdrawn or rendered since then is seen by the next one.
    """

    def __init__(self, session: Session, studio: Studio, broadcasts: Sequence[Broadcast]) -> None:
        self._session, self._zone = session, studio.settings.timezone
        self._cues = _cues(session, [broadcast.id for broadcast in broadcasts])
        keys = {key for cues in self._cues.values() for key in cues}
        self._sounds = _rows(session, Sound, [key.sound_id for key in keys], _OF_SOUND)
        self._revisions = _rows(session, Revision, [key.revision_id for key in keys], _OF_REVISION)
        self._scripts = _rows(session, Script, [key.script_id for key in keys], (selectinload(Script.revisions),))
        self._renditions = _rows(session, Rendition, [key.rendition_id for key in keys], _OF_RENDITION)
        self._has_samples = scripts.samples_on_air(session)
        readings = list(self._readings({one.station_id: one.station for one in broadcasts}))
        self._counting, self._said_otherwise = Counting(readings), {reading.revision_id for reading in readings}
        self._forms = {
            name: profiles.of_pieces(session, self._pieces(), profiles.chosen(name))
            for name in {broadcast.station.profile for broadcast in broadcasts}
        }
        self._items: dict[_Key, Item | None] = {}

    def play(self, broadcast: Broadcast) -> Play | None:
        """The broadcast as it will be heard; None while a script, a sound or an approval is missing."""
        cues = self._cues.get(broadcast.id, ())
        if not any(cue.kind == Kind.SCRIPT for cue in cues):
            return None
        items = [self._item_at(cue, broadcast.station) for cue in cues]
        complete = [item for item in items if item is not None]
        if len(complete) < len(items):
            return None
        return Play(
            broadcast_id=broadcast.id,
            starts_at=broadcast.starts_at.astimezone(self._zone),
            programme=broadcast.programme.name,
            code=broadcast.programme.code,
            length_s=broadcast.length_s,
            profile=broadcast.station.profile,
            items=tuple(complete),
        )

    def _item_at(self, cue: _Key, station: Station) -> Item | None:
        revision = self._revisions.get(cue.revision_id or 0)
        local = None
        if revision is not None and revision.id in self._said_otherwise:
            local = self._counting.at(revision, station)
        key = cue._replace(reading_id=local.id if local else None, profile=station.profile)
        if key not in self._items:
            self._items[key] = self._sound(key) if key.kind == Kind.SOUND else self._speech(key, local)
        return self._items[key]

    def _sound(self, key: _Key) -> Item | None:
        sound = self._sounds.get(key.sound_id or 0)
        heard = sound and self._heard([sound.piece_key], key.profile)
        return Item(title=key.title, kind=key.kind, **heard) if heard else None

    def _speech(self, key: _Key, local: LocalReading | None) -> Item | None:
        """A cue that speaks, with its sound; None when it may not or can not be heard."""
        revision, script = self._revisions.get(key.revision_id or 0), self._scripts.get(key.script_id or 0)
        rendition = self._renditions.get(key.rendition_id or 0)
        if revision is None or script is None or rendition is None:
            return None
        approval = approval_of(revision)
        if rendition.state != "ready" or not rendition.pieces or approval is None:
            return None
        if not _is_as_approved(script, revision) or (script.is_sample and not self._has_samples):
            return None
        if local is not None:
            if not local_readings.is_genuine(local):
                return None
            approval = local.approval or approval
        spoken = revision.spoken if local is None else local.spoken
        if not script.shell and list(rendition.paragraphs) != paragraphs(spoken):
            return None  # a shell is said with its fields filled in: only its template can be compared
        heard = self._heard([place.piece_key for place in rendition.pieces], key.profile)
        if heard is None:
            return None
        return Item(
            title=key.title,
            kind=key.kind,
            script=script.code,
            revision=revision.number,
            content_hash=approval.content_hash,
            reading=None if local is None else local_readings.scope_of(local),
            approved_by=approval.account.full_name if approval.account else AS_SHIPPED,
            approved_at=approval.decided_at.astimezone(self._zone).isoformat(timespec="seconds"),
            voices=tuple(renditions.voice_names(rendition)),
            instead_of=key.wanted_voice or None,
            voice_reason=key.voice_reason or None,
            **heard,
        )

    def _heard(self, keys: Sequence[str], profile: str) -> dict[str, Any] | None:
        """The one place where pieces become the sound of an item; None while one is not made for these loudspeakers."""
        forms = self._forms[profile]
        if not all(key in forms for key in keys):
            return None
        pieces = [forms[key] for key in keys]
        return {
            "pieces": tuple(BlobRange(piece.blob, 0, piece.size) for piece in pieces),
            "frames": sum(piece.frames for piece in pieces),
        }

    def _pieces(self) -> list[Piece]:
        """All pieces that are spoken or played in them, as they are before a profile."""
        spoken = [place.piece for rendition in self._renditions.values() for place in rendition.pieces]
        return [*spoken, *(sound.piece for sound in self._sounds.values())]

    def _readings(self, stations: Mapping[int, Station]) -> Iterator[LocalReading]:
        """The approved local readings of these stations and their regions, the oldest first."""
        regions = {station.region for station in stations.values()}
        here = LocalReading.station_id.in_(stations) | LocalReading.region.in_(regions)
        for ids in _chunks(self._revisions):
            approved = LocalReading.revision_id.in_(ids) & LocalReading.approval_id.is_not(None)
            asked = select(LocalReading).where(approved, here).order_by(LocalReading.id)
            yield from self._session.scalars(asked.options(joinedload(LocalReading.approval)))


def play_of(session: Session, studio: Studio, broadcast: Broadcast) -> Play | None:
    """One broadcast as it will be heard; None while a script, a sound or an approval is missing."""
    return Stock(session, studio, [broadcast]).play(broadcast)


def _is_as_approved(script: Script, revision: Revision) -> bool:
    """Whether an approved revision is still the one that counts, and its text the one that was approved.

    It is hashed again: what somebody changed behind the service's back is not heard.
    """
    return (
        script.status == Status.APPROVED
        and script.latest.id == revision.id
        and content_hash(revision.title, revision.written, revision.spoken) == revision.content_hash
    )


_Row = TypeVar("_Row", Revision, Rendition, Script, Sound)
_PIECE = Piece.key, Piece.blob, Piece.size, Piece.frames
_OF_SOUND = (joinedload(Sound.piece).load_only(*_PIECE),)
_OF_REVISION = (selectinload(Revision.decisions).joinedload(Approval.account),)
_OF_RENDITION = (selectinload(Rendition.pieces).joinedload(RenditionPiece.piece).load_only(*_PIECE),)


def _cues(session: Session, broadcast_ids: Collection[int]) -> dict[int, list[_Key]]:
    """The rundowns in order, by broadcast."""
    columns = [getattr(Cue, name) for name in _Key._fields if hasattr(Cue, name)]
    found: dict[int, list[_Key]] = {}
    for ids in _chunks(broadcast_ids):
        asked = select(Cue.broadcast_id, *columns).where(Cue.broadcast_id.in_(ids))
        rows = session.execute(asked.order_by(Cue.broadcast_id, Cue.position))
        for number, cues in groupby(rows, key=lambda row: row[0]):
            found[number] = [_Key(*cue[1:]) for cue in cues]
    return found


def _rows(
    session: Session, table: type[_Row], ids: Collection[int | None], options: Sequence[ORMOption]
) -> dict[int, _Row]:
    """Rows by id."""
    found: dict[int, _Row] = {}
    for chunk in _chunks({number for number in ids if number is not None}):
        for row in session.scalars(select(table).where(table.id.in_(chunk)).options(*options)):
            found[row.id] = row
    return found


def _chunks(ids: Collection[int]) -> Iterator[list[int]]:
    whole = sorted(ids)
    for start in range(0, len(whole), _MOST_IDS):
        yield whole[start : start + _MOST_IDS]
