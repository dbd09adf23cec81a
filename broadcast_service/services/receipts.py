"""What a station says was played, and the log made of it. An entry is never changed: the newest one counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ..domain.plain_text import clean_line
from ..domain.taxonomy import REASONS
from ..errors import Conflict, Invalid, NotFound
from ..storage.tables import AsRunEntry, Broadcast

AIRED, MISSED, WITHDRAWN = "aired", "missed", "withdrawn"
TAP, CLOCK = "tap", "clock"

GIVEN_REASONS = tuple(code for code in REASONS if code != "unprepared")
"""Reasons a person may give; the one left out is said by the service itself."""

LATE_AFTER = timedelta(hours=2)
"""A report that comes later than this after the end counts as late."""

LATEST_REPORT = timedelta(days=7)
"""After this the week's report is closed."""

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_LONGEST_NOTE = 300


class TooEarly(Conflict):
    """The hour has not come: somebody must say that it was really played."""

    def __init__(self, broadcast: Broadcast) -> None:
        super().__init__(f"Chưa đến {broadcast.starts_at.astimezone(_ZONE):%H:%M}. Đã phát rồi phải không?")


@dataclass(frozen=True)
class LogLine:
    """One line of the as-run log."""

    entry: AsRunEntry
    broadcast: Broadcast
    is_late: bool
    counts: bool
    """Whether no newer entry has taken its place."""
    may_withdraw: bool
    """Whether it counts, a person said it, and the week is not closed."""


def report(
    session: Session,
    broadcast_id: int,
    *,
    outcome: str,
    reason: str = "",
    note: str = "",
    account_id: int,
    now: datetime,
    is_sure: bool = False,
) -> AsRunEntry:
    """Write down that a broadcast was aired, or missed and why, or that the last word was a slip.

    Saying the same twice, by whomever, is one entry: the first. is_sure: “aired” although its hour has not come.
    Raises TooEarly without it; Conflict on another day than its own, more than seven days late, or when there
    is nothing to withdraw; Invalid for a reason that is none; NotFound.
    """
    session.scalar(select(Broadcast.id).where(Broadcast.id == broadcast_id).with_for_update())  # one word at a time
    broadcast = session.get(Broadcast, broadcast_id)
    if broadcast is None:
        raise NotFound("buổi phát này")
    if outcome not in (AIRED, MISSED, WITHDRAWN):
        raise Invalid("Hãy chọn “Đã phát” hoặc “Không phát vì…”.", field="outcome")
    if outcome == MISSED and reason not in GIVEN_REASONS:
        raise Invalid("Chưa chọn vì sao không phát. Hãy chọn một lý do.", field="reason")
    _check_moment(broadcast, outcome, now, is_sure=is_sure)
    note = clean_line(note)[:_LONGEST_NOTE]
    newest = _newest(session, broadcast_id)
    if outcome == WITHDRAWN:
        reason = ""
        if newest is None or newest.source != TAP:
            raise Conflict("Buổi này chưa có lời báo nào để rút lại.")
    else:
        reason = reason if outcome == MISSED else ""
    same = newest is not None and (newest.outcome, newest.reason) == (outcome, reason)
    if newest is not None and same and note in ("", newest.note):
        return newest
    entry = AsRunEntry(
        broadcast_id=broadcast_id,
        outcome=outcome,
        reason=reason,
        note=note,
        source=TAP,
        account_id=account_id,
        recorded_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def latest(session: Session, broadcast_ids: Sequence[int]) -> dict[int, AsRunEntry]:
    """The entry that counts of each broadcast that has one; a withdrawn report counts as none."""
    newest = select(func.max(AsRunEntry.id)).where(AsRunEntry.broadcast_id.in_(broadcast_ids))
    query = select(AsRunEntry).where(AsRunEntry.id.in_(newest.group_by(AsRunEntry.broadcast_id)))
    found = session.scalars(query.options(joinedload(AsRunEntry.account)))
    return {entry.broadcast_id: entry for entry in found if entry.outcome != WITHDRAWN}


def is_late(entry: AsRunEntry, broadcast: Broadcast) -> bool:
    """Whether a person's word came more than two hours after the broadcast's end."""
    return entry.source == TAP and entry.recorded_at > _end(broadcast) + LATE_AFTER


def log(
    session: Session, station_id: int, *, now: datetime, before_id: int | None = None, most: int = 50
) -> list[LogLine]:
    """The station's as-run log, newest entry first. before_id: only entries older than this one."""
    newest = select(func.max(AsRunEntry.id)).group_by(AsRunEntry.broadcast_id)
    query = (
        select(AsRunEntry, Broadcast, AsRunEntry.id.in_(newest))
        .join(Broadcast, Broadcast.id == AsRunEntry.broadcast_id)
        .where(Broadcast.station_id == station_id)
        .options(joinedload(AsRunEntry.account))
        .order_by(AsRunEntry.id.desc())
        .limit(most)
    )
    if before_id is not None:
        query = query.where(AsRunEntry.id < before_id)
    return [_log_line(entry, broadcast, bool(counts), now) for entry, broadcast, counts in session.execute(query)]


def _log_line(entry: AsRunEntry, broadcast: Broadcast, counts: bool, now: datetime) -> LogLine:
    stands = counts and entry.source == TAP and entry.outcome != WITHDRAWN
    return LogLine(
        entry=entry,
        broadcast=broadcast,
        is_late=is_late(entry, broadcast),
        counts=counts,
        may_withdraw=stands and now <= _end(broadcast) + LATEST_REPORT,
    )


def _end(broadcast: Broadcast) -> datetime:
    return broadcast.starts_at + timedelta(seconds=broadcast.length_s)


def _newest(session: Session, broadcast_id: int) -> AsRunEntry | None:
    query = select(AsRunEntry).where(AsRunEntry.broadcast_id == broadcast_id).order_by(AsRunEntry.id.desc())
    return session.scalar(query.limit(1))


def _check_moment(broadcast: Broadcast, outcome: str, now: datetime, *, is_sure: bool) -> None:
    if now < broadcast.starts_at:
        if now.astimezone(_ZONE).date() < broadcast.local_date:
            day = f"{broadcast.local_date.day}/{broadcast.local_date.month}"
            raise Conflict(f"Buổi này phát ngày {day}. Hãy báo trong ngày ấy hoặc sau đó.")
        if outcome == AIRED and not is_sure:
            raise TooEarly(broadcast)
    if now > _end(broadcast) + LATEST_REPORT:
        raise Conflict("Buổi này đã quá 7 ngày nên không báo được nữa. Hãy gọi cho Trung tâm.")
