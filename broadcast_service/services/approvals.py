"""Who decided what about a script: put forward, approved, sent back, put away.

An approval is of one hash of title, written and spoken text; the author of a revision never approves it.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..domain.plain_text import clean_line
from ..domain.scripts import Status, content_hash, paragraphs
from ..errors import Conflict, Forbidden, Invalid
from ..storage.tables import Approval, Revision, Script
from ..studio import Studio
from . import lexicon, proofs, renditions
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
    return _decide(session, script.latest, SUBMITTED, account_id=account_id, now=now)


def approve(session: Session, studio: Studio, revision_id: int, *, account_id: int, now: datetime) -> Approval:
    """Approve a revision, wish for its sound, and let future rundowns follow it.

    Raises Forbidden to its author; Conflict when it is not the newest, not put forward, approved by
    somebody else already, or no longer has the hash it was stored with.
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
    script.status = Status.APPROVED
    script.updated_at = now
    approval = _decide(session, revision, APPROVED, account_id=account_id, now=now)
    if not script.shell:
        want_sound(session, studio, revision, now=now)
    adopt_revision(session, studio, revision)
    return approval


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
    """Scripts that come with the service come approved, as samples."""
    revision.script.status = Status.APPROVED
    return _decide(session, revision, APPROVED, account_id=None, now=now, reason="bài mẫu đi kèm")


def want_sound(session: Session, studio: Studio, revision: Revision, *, now: datetime) -> None:
    """Wish for the revision's rendition in the installation's voice; nothing when no such voice is installed."""
    voice = studio.voices.get(studio.settings.voice)
    if voice:
        renditions.want_rendition(session, voice, paragraphs(revision.spoken), due_at=now + HEARD_WITHIN, now=now)


def approval_of(revision: Revision) -> Approval | None:
    """The approval that holds for exactly this text, or None."""
    fitting = (d for d in revision.decisions if d.verdict == APPROVED and d.content_hash == revision.content_hash)
    return next(fitting, None)


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
