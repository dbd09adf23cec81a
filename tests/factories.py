"""Makers of test data. Defaults are sensible; pass only what the test is about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.domain.scripts import content_hash, paragraphs
from broadcast_service.services.recordings import text_hash
from broadcast_service.services.renditions import want_rendition
from broadcast_service.services.taking_in import originals
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import (
    Account,
    Approval,
    Broadcast,
    Cue,
    Grant,
    LexiconEntry,
    Piece,
    Programme,
    Recording,
    Revision,
    Script,
    Slot,
    Sound,
    Station,
    Unit,
)
from broadcast_service.studio import Studio

MORNING = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_numbers = count(1)


def make_unit(session: Session, **other: Any) -> Unit:
    number = next(_numbers)
    unit = Unit(
        **{
            "code": f"xa-{number}",
            "name": f"xã Thử {number}",
            "kind": "xa",
            "valid_from": date(2025, 7, 1),
            **other,
        }
    )
    session.add(unit)
    session.flush()
    return unit


def make_station(session: Session, *, unit: Unit | None = None, **other: Any) -> Station:
    number = next(_numbers)
    unit = unit or make_unit(session)
    station = Station(
        **{
            "code": f"dai-{number}",
            "name": f"Đài truyền thanh {unit.name}",
            "letters": f"{number % 100:02}",
            "position": number,
            "quiet_from": time(21, 0),
            "quiet_until": time(5, 0),
            **other,
        },
        unit=unit,
    )
    session.add(station)
    session.flush()
    return station


def make_account(session: Session, *roles: str, unit: Unit | None = None, **other: Any) -> Account:
    """An account with these roles; `unit` binds the role of an operator."""
    number = next(_numbers)
    account = Account(
        **{
            "name": f"nguoi.{number}",
            "full_name": f"Người thứ {number}",
            "title": "",
            "created_at": MORNING,
            **other,
        },
        grants=[Grant(role=role, unit_id=unit.id if unit and role == "operator" else None) for role in roles],
    )
    session.add(account)
    session.flush()
    return account


def make_script(
    session: Session, *, text: str = "Kính thưa bà con.", author: Account | None = None, **other: Any
) -> Script:
    """A script with one revision; `status="approved"` comes with its approval."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"bai-{number}",
        "title": f"Bài số {number}",
        "genre": "guong-dien-hinh",
        "area": "van-hoa-xa-hoi",
        "field": "nguoi-tot-viec-tot",
        "created_at": MORNING,
        "updated_at": MORNING,
        **other,
    }
    script = Script(**values)
    revision = Revision(
        number=1,
        title=script.title,
        written=text,
        spoken=text,
        spans=[],
        questions=[],
        content_hash=content_hash(script.title, text, text),
        syllables=len(text.split()),
        estimated_ms=len(text.split()) * 300,
        author_id=author.id if author else None,
        created_at=MORNING,
    )
    script.revisions.append(revision)
    session.add(script)
    session.flush()
    if script.status == "approved":
        session.add(
            Approval(
                revision_id=revision.id,
                verdict="approved",
                content_hash=revision.content_hash,
                decided_at=MORNING,
            )
        )
        session.flush()
    return script


def write_on(studio: Studio, script_id: int) -> None:
    """An editor writes the next revision of a script; nobody has approved it."""
    with studio.database.transaction() as session:
        editor = make_account(session, "editor")
        script = session.get_one(Script, script_id)
        old = script.latest
        script.revisions.append(
            Revision(
                number=old.number + 1,
                title=old.title,
                written="Lời mới.",
                spoken="Lời mới.",
                spans=[],
                questions=[],
                content_hash="e" * 64,
                syllables=2,
                estimated_ms=500,
                author_id=editor.id,
                created_at=studio.now(),
            )
        )
        script.status = "draft"


def make_recording(session: Session, studio: Studio, script_id: int, **other: Any) -> Recording:
    """A take of the first paragraph of a script that has been spoken already, with a file of a few bytes."""
    revision = session.get_one(Script, script_id).latest
    words = paragraphs(revision.spoken)[0]
    original = originals(studio).put(b"ghi am")
    measures = {"length_ms": 1_000, "loudness_lufs": -20.0, "range_lu": 5.0, "true_peak_dbtp": -3.0, "noise_db": -45.0}
    recording = Recording(
        **{
            "revision_id": revision.id,
            "paragraph": 1,
            "paragraphs": [words],
            "text_hash": text_hash([words]),
            "reader": f"Người đọc {next(_numbers)}",
            "original": original,
            "original_name": "ghi-am.wav",
            "original_format": "wav",
            "original_bytes": 6,
            "piece_keys": [session.scalars(select(Piece.key)).first()],
            "before": measures,
            "after": measures,
            "notes": [],
            "created_at": MORNING,
            **other,
        }
    )
    session.add(recording)
    session.flush()
    return recording


def make_entry(session: Session, **other: Any) -> LexiconEntry:
    """A decision of the Centre about a token of its own."""
    entry = LexiconEntry(
        **{"scope": "centre", "written": f"TỪ{next(_numbers)}", "spoken": "từ thử", "changed_at": MORNING, **other}
    )
    session.add(entry)
    session.flush()
    return entry


def make_programme(session: Session, **other: Any) -> Programme:
    number = next(_numbers)
    programme = Programme(
        **{"code": f"CM{number}", "name": f"Chuyên mục {number}", "letters": "CM", "hue": "dh", "fields": [], **other}
    )
    session.add(programme)
    session.flush()
    return programme


def make_slot(session: Session, *stations: Station, **other: Any) -> Slot:
    """05:30 every day for 15 minutes on these stations (or on a new one)."""
    programme = other.pop("programme", None) or make_programme(session)
    slot = Slot(
        **{
            "weekdays": 127,
            "starts_at": time(5, 30),
            "length_s": 900,
            "valid_from": date(2026, 1, 1),
            "created_at": MORNING,
            **other,
        },
        programme=programme,
        stations=list(stations) or [make_station(session)],
    )
    session.add(slot)
    session.flush()
    return slot


def make_broadcast(
    session: Session, *, slot: Slot | None = None, day: date = date(2026, 11, 24), **other: Any
) -> Broadcast:
    """One occurrence of a slot on its first station."""
    slot = slot or make_slot(session)
    station = session.scalars(select(Station).where(Station.id == slot.stations[0].id)).one()
    starts = datetime.combine(day, slot.starts_at, ZONE).astimezone(UTC)
    broadcast = Broadcast(
        **{"local_date": day, "starts_at": starts, "length_s": slot.length_s, **other},
        slot=slot,
        programme=slot.programme,
        station=station,
    )
    session.add(broadcast)
    session.flush()
    return broadcast


def plan_script(session: Session, studio: Studio, broadcast: Broadcast, script: Script) -> Cue:
    """Put a script last into a rundown, its sound wished for."""
    rendition = want_rendition(
        session,
        studio.default_voice,
        paragraphs(script.latest.spoken),
        due_at=broadcast.starts_at,
        now=studio.now(),
    )
    cue = Cue(
        position=len(broadcast.cues),
        kind="script",
        title=script.title,
        script_id=script.id,
        revision_id=script.latest.id,
        rendition_id=rendition.id,
    )
    broadcast.cues.append(cue)
    return cue


def soon(**span: float) -> datetime:
    """A moment after MORNING."""
    return MORNING + timedelta(**span)


def make_tunes(session: Session) -> None:
    """The three tunes a programme is framed with: 8, 4 and 7 seconds of rows without files."""
    for code, kind, seconds in (("nhac-hieu", "signature", 8), ("nhac-cat", "sting", 4), ("nhac-ket", "closing", 7)):
        key = f"tune-{code}"
        piece = Piece(
            key=key,
            blob=key,
            size=8_000 * seconds,
            frames=round(seconds * 44_100 / 1_152),
            loudness_lufs=-16.0,
            true_peak_dbtp=-1.0,
            peaks=[],
            created_at=MORNING,
        )
        session.add_all([piece, Sound(code=code, name=f"Tiếng {code}", kind=kind, piece_key=key)])
    session.flush()


SHELLS = {
    "call": "Đây là {tên đài}.",
    "greeting": "Kính chào quý vị và bà con. Mời nghe {chuyên mục}, {thứ}, ngày {ngày}.",
    "contents": "Hôm nay có các bài: {các mục}.",
    "handover": "Sau đây là bài: {tên bài}.",
    "farewell": "Chương trình đến đây xin tạm dừng.",
}


def make_shells(session: Session) -> dict[str, Script]:
    """One approved shell of each kind."""
    return {
        kind: make_script(
            session, text=text, shell=kind, status="approved", title=f"Lời {kind}", genre="loi-dan", area="", field=""
        )
        for kind, text in SHELLS.items()
    }


def make_library(session: Session, seconds: Sequence[int], **other: Any) -> list[Script]:
    """Approved scripts that last about so many seconds each in the humming voice, over several fields."""
    fields = ("nguoi-tot-viec-tot", "y-duc", "nong-thon-moi", "quoc-phong", "khoi-nghiep")
    things = ("vườn bưởi", "con đường", "lớp học", "chuyến đò", "mái nhà", "cây cầu", "hũ gạo", "bến cá")
    return [
        make_script(
            session,
            title=f"Chuyện {things[number % 8]} và {things[number // 8 % 8]}",
            text=" ".join(f"lời{number}" for _ in range(round(length / ToneVoice().ms_per_syllable * 1000))) + ".",
            status="approved",
            field=fields[number % len(fields)],
            **other,
        )
        for number, length in enumerate(seconds)
    ]
