"""How texts are said in other regions and at single stations: shown beside the script, and approved where they wait."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.comparing import Change, differing_lines
from ..domain.folding import slug
from ..domain.roles import Role
from ..errors import NotFound
from ..services import approvals, local_readings, script_sound, scripts
from ..services.local_readings import Counting
from ..storage.tables import LocalReading, Rendition, Revision
from .door import allow, db, studio, visitor
from .sending import send_splice

bp = Blueprint("local_readings", __name__, url_prefix="/local-readings")

PER_PAGE = 20
"""Readings on one page: what is approved together must have been read."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One local reading as a page shows it."""

    reading: LocalReading
    differences: list[list[Change]]
    """From what is said otherwise: while it waits, from what is played there now; else from the common reading."""
    rendition: Rendition | None
    is_own: bool = False
    """Whether the visitor wrote the text or decided about a word of it, and so may not approve it."""

    @property
    def sentences(self) -> int:
        """How many sentences are said otherwise: each is a line."""
        news = ["".join(change.text for change in one if change.kind != "gone") for one in self.differences]
        return sum(len(text.splitlines()) or 1 for text in news)

    @property
    def waits(self) -> bool:
        """Whether nobody has approved it yet."""
        return self.reading.approval_id is None


@bp.get("")
@allow(Role.APPROVER)
def index() -> ResponseReturnValue:
    """What waits although its script is approved."""
    session = db()
    found = local_readings.waiting(session)
    counting = Counting()
    counting.learn(session, [reading.revision_id for reading in found[:PER_PAGE]])
    rows = [_shown(session, reading, counting.before(reading)) for reading in found[:PER_PAGE]]
    groups: dict[int, list[Shown]] = {}
    for row in rows:
        groups.setdefault(row.reading.revision_id, []).append(row)
    return render_template(
        "local_readings/index.html", groups=list(groups.values()), total=len(found), rows=rows, per_page=PER_PAGE
    )


@bp.post("")
@allow(Role.APPROVER)
def approve() -> ResponseReturnValue:
    """Approve the readings that were on the screen, not ones that came after."""
    numbers = request.form.getlist("reading", type=int)
    now = studio().now()
    done = scripts.approve_readings(db(), studio(), numbers, account_id=visitor().account_id, now=now)
    flash(f"Đã duyệt {len(done)} lời đọc riêng." if done else "Chưa chọn lời đọc nào để duyệt.")
    script_id = request.form.get("script", type=int)
    back = url_for("scripts.show", script_id=script_id, _anchor="loi-doc-rieng") if script_id else url_for(".index")
    return redirect(back)


@bp.post("/<int:reading_id>/record")
@allow(Role.APPROVER)
def record(reading_id: int) -> ResponseReturnValue:
    """Have a reading spoken, to be listened to before it is approved."""
    reading = _reading(reading_id)
    script_sound.want_reading(db(), studio(), reading)
    flash("Đang thu. Tải lại trang sau ít phút để nghe.")
    return redirect(url_for("scripts.show", script_id=reading.revision.script_id, _anchor="loi-doc-rieng"))


@bp.get("/<int:reading_id>/sound.mp3")
@allow(Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)
def sound(reading_id: int) -> ResponseReturnValue:
    """A reading as one MP3 file."""
    reading = _reading(reading_id)
    revision = reading.revision
    rendition = script_sound.rendition_of_reading(db(), studio(), reading)
    if rendition is None or script_sound.listen(rendition) is None:
        raise NotFound(f"bản thu lời đọc riêng của bài “{revision.title}”")
    splice = script_sound.splice(rendition, revision, artist=studio().settings.centre)
    return send_splice(splice, content_type="audio/mpeg", download_name=f"{slug(revision.title)}-{reading.id}.mp3")


@bp.app_template_global("local_readings_of")
def of_revision(revision: Revision) -> list[Shown]:
    """What places say of a revision in their own way: what counts there, and what waits."""
    session = db()
    counting = Counting(revision.local_readings)
    regions = local_readings.regions_in_use(session)
    rows: list[Shown] = []
    for reading in local_readings.in_order(revision.local_readings):
        if local_readings.is_in_use(reading, regions) and (reading.approval_id is None or counting.is_newest(reading)):
            before = counting.before(reading) if reading.approval_id is None else revision.spoken
            rows.append(_shown(session, reading, before))
    return rows


@bp.app_template_global("local_readings_waiting")
def count_waiting() -> int:
    """How many readings wait for an approval of their own."""
    return len(local_readings.waiting(db()))


def _shown(session: Session, reading: LocalReading, before: str) -> Shown:
    return Shown(
        reading=reading,
        differences=differing_lines(before, reading.spoken),
        rendition=script_sound.rendition_of_reading(session, studio(), reading),
        is_own=visitor().account_id in approvals.authors_of(session, reading),
    )


def _reading(reading_id: int) -> LocalReading:
    possible = 0 < reading_id < 1 << 31
    reading = db().scalar(select(LocalReading).where(LocalReading.id == reading_id)) if possible else None
    if reading is None:
        raise NotFound("lời đọc riêng này")
    return reading
