"""A station's day with real sound: scripts approved and spoken by the voice that hums, tunes, rundowns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.domain.rundown import Kind
from broadcast_service.domain.scripts import paragraphs
from broadcast_service.services import renditions, sounds
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Broadcast, Cue, Piece, Programme, Rendition, Script, Sound, Station
from broadcast_service.studio import Studio
from tests.factories import make_account, make_broadcast, make_programme, make_script, make_slot, make_station

DAY = date(2026, 11, 24)
PROGRAMMES = [
    ("DHTT", "Điển hình tiên tiến", "dh"),
    ("HBAC", "Học và làm theo Bác", "hb"),
    ("NTVT", "Người tốt, việc tốt", "nt"),
]
WORDS = "Bà con trong xã cùng nhau trồng lại vườn bưởi trên đất bạc màu."


@dataclass
class Day:
    """Ids of what was made."""

    station_id: int = 0
    code: str = "hoa-tri"
    broadcast_ids: list[int] = field(default_factory=list)
    script_ids: list[int] = field(default_factory=list)


def plan_day(
    studio: Studio, *, hours: Sequence[time] = (time(5, 30), time(17, 0)), code: str = "hoa-tri", day: date = DAY
) -> Day:
    """One station with a broadcast of two scripts at each of these hours; nothing is spoken yet.

    The slots are so short that what is planned fills them.
    """
    made = Day(code=code)
    tunes(studio)
    with studio.database.transaction() as session:
        station = session.scalar(select(Station).where(Station.code == code)) or make_station(
            session, code=code, name=f"Đài truyền thanh xã {code}"
        )
        made.station_id = station.id
        author, approver = make_account(session, "editor"), make_account(session, "approver", full_name="Lê Thị Hoa")
        for number, hour in enumerate(hours, start=1):
            programme = _programme(session, number)
            slot = make_slot(session, station, starts_at=hour, programme=programme, length_s=30)
            broadcast = make_broadcast(session, slot=slot, day=day)
            stories = [
                make_script(
                    session,
                    title=f"Vườn bưởi trên đất bạc màu, kỳ {number}.{part}",
                    status="approved",
                    author=author,
                    text=f"{WORDS}\n\nKỳ {number} chấm {part}.",
                )
                for part in (1, 2)
            ]
            for story in stories:
                story.latest.decisions[0].account_id = approver.id
            made.script_ids += [story.id for story in stories]
            fill(session, studio, broadcast, stories)
            made.broadcast_ids.append(broadcast.id)
    return made


def _programme(session: Session, number: int) -> Programme:
    code, name, hue = PROGRAMMES[number - 1]
    found = session.scalar(select(Programme).where(Programme.code == code))
    return found or make_programme(session, code=code, name=name, hue=hue, letters=code[:2])


def fill(session: Session, studio: Studio, broadcast: Broadcast, stories: Sequence[Script]) -> None:
    """Make these scripts the rundown, a tune before, between and after, each with its wish for sound."""
    tune = {sound.code: sound for sound in session.scalars(select(Sound))}
    rundown = [_tune(tune["nhac-hieu"])]
    for story in stories:
        rundown += [_tune(tune["nhac-cat"]), _story(session, studio, broadcast, story)]
    broadcast.cues[:] = [*rundown, _tune(tune["nhac-ket"])]
    for position, cue in enumerate(broadcast.cues):
        cue.position = position
    session.flush()


def _tune(sound: Sound) -> Cue:
    return Cue(kind=Kind.SOUND, title=sound.name, sound=sound)


def _story(session: Session, studio: Studio, broadcast: Broadcast, story: Script) -> Cue:
    rendition = renditions.want_rendition(
        session,
        studio.default_voice,
        paragraphs(story.latest.spoken),
        due_at=broadcast.starts_at,
        now=studio.now(),
    )
    return Cue(
        kind=Kind.SCRIPT,
        title=story.latest.title,
        script_id=story.id,
        revision_id=story.latest.id,
        rendition=rendition,
    )


def tunes(studio: Studio) -> None:
    """Short tunes of the three kinds every rundown is framed with."""
    _restock(studio)
    with studio.database.reading() as session:
        if session.scalar(select(Sound.id)) is not None:
            return
        known = set(session.scalars(select(Piece.key)))
    for number, code in enumerate(("nhac-hieu", "nhac-cat", "nhac-ket"), start=1):
        if code not in known:
            renditions.store_piece(studio, code, ToneVoice().speak("la " * (8 + number)))
        with studio.database.transaction() as session:
            session.add(Sound(code=code, name=code.replace("nhac", "Nhạc"), kind="sting", piece_key=code))
    _keep(studio)


def ship_sounds(studio: Studio) -> None:
    """The set of sounds that comes with the service; it is played once for all tests."""
    _restock(studio)
    if not _shipped:
        sounds.ensure_sounds(studio)
        _keep(studio)
        with studio.database.reading() as session:
            _shipped.extend(_columns(sound) for sound in session.scalars(select(Sound)))
        return
    with studio.database.transaction() as session:
        session.add_all(Sound(**columns) for columns in _shipped)


def speak_all(studio: Studio) -> None:
    """Render everything that is wished for."""
    with studio.database.reading() as session:
        wanted = session.scalars(select(Rendition.id).where(Rendition.state == "wanted")).all()
    for rendition_id in wanted:
        renditions.render(studio, rendition_id)
    _keep(studio)


_shelf: dict[str, tuple[dict[str, Any], bytes]] = {}
"""Pieces mastered for an earlier test: the same words need not be mastered again for the next one."""

_shipped: list[dict[str, Any]] = []
"""The rows of the sounds that were played."""


def _restock(studio: Studio) -> None:
    with studio.database.transaction() as session:
        known = set(session.scalars(select(Piece.key)))
        for key, (columns, content) in _shelf.items():
            if key not in known:
                studio.blobs.put(content)
                session.add(Piece(**columns))


def _keep(studio: Studio) -> None:
    with studio.database.reading() as session:
        for piece in session.scalars(select(Piece)):
            if piece.key not in _shelf:
                _shelf[piece.key] = (_columns(piece), b"".join(studio.blobs.read(piece.blob)))


def _columns(row: Piece | Sound) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "id"}
