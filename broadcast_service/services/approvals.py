"""Who decided what about a script: put forward, approved, sent back, put away.

An approval is of one hash of title, written and spoken text; the author of a revision never approves it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.plain_text import clean_line
from ..domain.scripts import Status, content_hash
from ..errors import Conflict, Forbidden, Invalid
from ..storage.tables import Approval, LexiconEntry, LocalReading, Revision, Script, Station
from ..studio import Studio
from . import choosing, jobs, lexicon, local_readings, proofs, recordings
from .lexicon import AT_CENTRE, Scope
from .local_readings import APPROVED_LOCAL
from .revisions import get_revision, get_script

SUBMITTED, APPROVED, RETURNED = "submitted", "approved", "returned"

HEARD_WITHIN = timedelta(hours=1)
"""How soon an approved text should be heard, when no broadcast needs it earlier."""


def submit(session: Session, script_id: int, *, account_id: int, now: datetime) -> Approval:
    """Put the newest revision forward for approval.

    Raises Conflict unless the script is a draft in which the proof-reader finds nothing that must be mended and
    every question about how it is read has been decided.
    """
    script = get_script(session, script_id, lock=True)
    if script.status != Status.DRAFT:
        raise Conflict(f"Bài “{script.title}” {_STANDS[Status(script.status)]} nên không trình được nữa.")
    faults = proofs.must_mend(script.latest)
    if faults:
        raise Conflict(
            f"Bài “{script.title}” còn {faults} lỗi bắt buộc phải sửa nên chưa trình được. "
            "Hãy xem mục Soát bài rồi sửa bài."
        )
    asked = len(lexicon.open_questions(session, script.latest))
    if asked:
        raise Conflict(
            f"Bài “{script.title}” còn {asked} chỗ chưa rõ cách đọc nên chưa trình được. Hãy chọn cách đọc rồi trình."
        )
    script.status = Status.SUBMITTED
    script.updated_at = now
    # so that what is said at other places is there to be approved with it
    jobs.enqueue(session, jobs.REREAD, str(script_id), due_at=now, now=now, afresh=True)
    return _decide(session, script.latest, SUBMITTED, account_id=account_id, now=now)


def approve(
    session: Session,
    studio: Studio,
    revision_id: int,
    *,
    account_id: int,
    now: datetime,
    readings: Collection[int] = (),
) -> Approval:
    """Approve a revision, wish for its sound, and let future rundowns follow it.

    readings: ids of the local readings that were on the screen; they are approved with it. Raises Forbidden to its
    author; Conflict when it is not the newest, not put forward, approved by somebody else already, no longer has the
    hash it was stored with, or has other local readings by now than were shown.
    """
    from .broadcasts import adopt_revision  # its room asks this room what may be aired

    revision = _decidable(session, revision_id)
    script = revision.script
    if revision.author_id == account_id:
        raise Forbidden(
            f"Người viết bản {revision.number} không tự duyệt bản ấy. Hãy nhờ một người duyệt khác của Trung tâm."
        )
    if content_hash(revision.title, revision.written, revision.spoken) != revision.content_hash:
        raise Conflict(
            f"Bản {revision.number} của bài “{script.title}” không còn đúng như lúc lưu nên không duyệt được. "
            "Hãy mở bài, lưu lại thành bản mới rồi trình lại."
        )
    waiting = local_readings.waiting_of(session, revision)
    if {reading.id for reading in waiting} != set(readings):
        raise Conflict(
            f"Lời đọc riêng của các vùng, các đài cho bài “{script.title}” vừa được đọc lại. "
            "Hãy tải lại trang, xem mục Lời đọc riêng rồi duyệt."
        )
    script.status = Status.APPROVED
    script.updated_at = now
    approval = _decide(session, revision, APPROVED, account_id=account_id, now=now)
    _cover(session, revision, waiting, account_id=account_id, now=now)
    if not script.shell:
        want_sound(session, studio, revision, now=now)
    recordings.gather(session, revision, now=now)
    adopt_revision(session, studio, revision)
    return approval


def approve_readings(
    session: Session, studio: Studio, reading_ids: Iterable[int], *, account_id: int, now: datetime
) -> list[LocalReading]:
    """Approve local readings of approved scripts, and let the rundowns of their places follow.

    Four eyes: raises Forbidden to the author of the revision, and to whoever decided since then about a word of it.
    Conflict when a reading waits no longer, is not of the newest approved text, or is not as it was stored.
    """
    from .broadcasts import follow  # its room asks this room what may be aired

    approved = []
    for number in dict.fromkeys(reading_ids):
        reading = session.get(LocalReading, number) if 0 < number < 1 << 31 else None
        script = get_script(session, reading.revision.script_id, lock=True) if reading else None
        if reading is None or script is None or reading.approval_id is not None or not _counts(script, reading):
            raise Conflict("Lời đọc riêng này đã được duyệt hoặc đã đọc lại. Hãy tải lại trang để xem.")
        if account_id in authors_of(session, reading):
            raise Forbidden(
                f"Người viết bài “{script.title}” hoặc người định cách đọc một từ trong bài không tự duyệt lời đọc "
                "riêng của bài ấy. Hãy nhờ một người duyệt khác của Trung tâm."
            )
        _cover(session, reading.revision, [reading], account_id=account_id, now=now)
        recordings.gather(session, reading.revision, now=now)
        approved.append(reading)
    for script_id in {reading.revision.script_id for reading in approved}:
        stations = _stations_of(session, [each for each in approved if each.revision.script_id == script_id])
        follow(session, studio, script_id=script_id, station_ids=stations)
    return approved


def authors_of(session: Session, reading: LocalReading) -> set[int]:
    """Who wrote the revision, or decided since then about a word of it at the reading's place."""
    revision = reading.revision
    scopes = [AT_CENTRE, Scope(lexicon.SCRIPT, revision.script_id)]
    if reading.station_id is not None:
        scopes.append(Scope(lexicon.STATION, reading.station_id))
    rows = session.execute(
        select(LexiconEntry.author_id, LexiconEntry.written).where(
            LexiconEntry.scope.in_([scope.key for scope in scopes]), LexiconEntry.changed_at > revision.created_at
        )
    )
    authors = {author for author, written in rows if written in revision.written}
    return {author for author in {*authors, revision.author_id} if author is not None}


def send_back(session: Session, revision_id: int, *, account_id: int, reason: str, now: datetime) -> Approval:
    """Give a revision back to its author with the reason. Raises Invalid without one, Conflict as `approve`."""
    reason = clean_line(reason)[:1_000]
    if not reason:
        raise Invalid("Chưa ghi cần sửa gì. Hãy ghi một câu để người viết biết.", field="reason")
    revision = _decidable(session, revision_id)
    revision.script.status = Status.DRAFT
    revision.script.updated_at = now
    return _decide(session, revision, RETURNED, account_id=account_id, now=now, reason=reason)


def retire(session: Session, script_id: int, *, now: datetime) -> Script:
    """Put a script away: it is aired no more, until a new revision is approved. Harmless twice."""
    script = get_script(session, script_id, lock=True)
    if script.status != Status.RETIRED:
        script.status = Status.RETIRED
        script.updated_at = now
        session.flush()
    return script


def approve_as_shipped(session: Session, revision: Revision, *, now: datetime) -> Approval:
    """Scripts that come with the service come approved, as samples, with what the regions say of them."""
    revision.script.status = Status.APPROVED
    of_regions = [reading for reading in local_readings.waiting_of(session, revision) if reading.region]
    _cover(session, revision, of_regions, account_id=None, now=now, reason=_SHIPPED)
    return _decide(session, revision, APPROVED, account_id=None, now=now, reason=_SHIPPED)


def want_sound(session: Session, studio: Studio, revision: Revision, *, now: datetime) -> None:
    """Wish for the revision's rendition in the voice that comes first; nothing when a person has read it."""
    choosing.want_rendition(session, studio, revision, due_at=now + HEARD_WITHIN)


def approval_of(revision: Revision) -> Approval | None:
    """The approval that holds for exactly this text, or None."""
    fitting = (d for d in revision.decisions if d.verdict == APPROVED and d.content_hash == revision.content_hash)
    return next(fitting, None)


_SHIPPED = "bài mẫu đi kèm"

_STANDS = {
    Status.DRAFT: "đang soạn, chưa trình duyệt",
    Status.SUBMITTED: "đã trình duyệt",
    Status.APPROVED: "đã được duyệt",
    Status.RETIRED: "đã cất",
}


def _decidable(session: Session, revision_id: int) -> Revision:
    """The revision, if it is the newest one of a script that waits for a decision. Locks the script."""
    revision = get_revision(session, revision_id)
    script = get_script(session, revision.script_id, lock=True)
    if script.latest.id != revision.id:
        raise Conflict(
            f"Bài “{script.title}” đã có bản {script.latest.number} mới hơn bản {revision.number}. Hãy xem bản mới."
        )
    if script.status != Status.SUBMITTED:
        raise Conflict(f"Bài “{script.title}” {_STANDS[Status(script.status)]}. Hãy tải lại trang để xem.")
    return revision


def _decide(
    session: Session, revision: Revision, verdict: str, *, account_id: int | None, now: datetime, reason: str = ""
) -> Approval:
    decision = Approval(
        verdict=verdict,
        content_hash=revision.content_hash,
        account_id=account_id,
        reason=reason,
        decided_at=now,
    )
    revision.decisions.append(decision)
    session.flush()
    return decision


def _cover(
    session: Session,
    revision: Revision,
    readings: Sequence[LocalReading],
    *,
    account_id: int | None,
    now: datetime,
    reason: str = "",
) -> None:
    """Write down an approval of each local reading, with its hash. Raises Conflict for one that is not as stored."""
    for reading in readings:
        if local_readings.hash_of(revision, reading.spoken) != reading.content_hash:
            raise Conflict(
                f"Một lời đọc riêng của bài “{revision.title}” không còn đúng như lúc đọc nên không duyệt được. "
                "Hãy mở bài, lưu lại thành bản mới rồi trình lại."
            )
        reading.approval = Approval(
            revision_id=revision.id,
            verdict=APPROVED_LOCAL,
            content_hash=reading.content_hash,
            account_id=account_id,
            reason=reason,
            decided_at=now,
        )
    session.flush()


def _counts(script: Script, reading: LocalReading) -> bool:
    return script.status == Status.APPROVED and script.latest.id == reading.revision_id


def _stations_of(session: Session, readings: Sequence[LocalReading]) -> list[int]:
    """The stations that play one of these readings."""
    regions, ids = {each.region for each in readings}, {each.station_id for each in readings}
    return list(
        session.scalars(
            select(Station.id).where(Station.region.in_(regions) | Station.id.in_([each for each in ids if each]))
        )
    )
