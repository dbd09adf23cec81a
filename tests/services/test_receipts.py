"""What a station says was played. It is Tuesday 24 November 2026, 03:00; the broadcast is at 05:30."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast_service.errors import Conflict, Invalid, NotFound
from broadcast_service.services import receipts
from broadcast_service.services.receipts import TooEarly
from broadcast_service.storage.tables import Account, AsRunEntry, Broadcast
from tests.conftest import StoppedClock
from tests.factories import make_account, make_broadcast


@pytest.fixture
def broadcast(session: Session) -> Broadcast:
    return make_broadcast(session)


@pytest.fixture
def operator(session: Session, broadcast: Broadcast) -> Account:
    return make_account(session, "operator", unit=broadcast.station.unit)


@pytest.fixture
def say(session: Session, broadcast: Broadcast, operator: Account, clock: StoppedClock) -> Any:
    def say(outcome: str, **other: Any) -> AsRunEntry:
        facts = {"account_id": operator.id, "now": clock.now, **other}
        return receipts.report(session, broadcast.id, outcome=outcome, **facts)

    return say


def count(session: Session) -> int:
    return session.scalar(select(func.count(AsRunEntry.id))) or 0


def test_one_tap_says_it_was_aired_by_whom_and_when(say: Any, clock: StoppedClock, operator: Account) -> None:
    clock.forward(hours=3)
    entry = say("aired")
    assert (entry.outcome, entry.source, entry.account_id, entry.recorded_at) == (
        "aired",
        "tap",
        operator.id,
        clock.now,
    )


def test_before_the_hour_somebody_must_be_sure(say: Any, session: Session) -> None:
    with pytest.raises(TooEarly, match=r"^Chưa đến 05:30\. Đã phát rồi phải không\?$"):
        say("aired")
    assert count(session) == 0
    assert say("aired", is_sure=True).outcome == "aired"


def test_the_day_before_nothing_can_be_said(say: Any, clock: StoppedClock) -> None:
    clock.forward(hours=-4)
    for outcome in ("aired", "missed"):
        with pytest.raises(Conflict, match="phát ngày 24/11"):
            say(outcome, reason="power", is_sure=True)


def test_a_power_cut_can_be_told_ahead_of_the_hour(say: Any) -> None:
    assert say("missed", reason="power").reason == "power"


def test_the_same_word_twice_is_one_entry_and_the_first_one_counts(
    say: Any, session: Session, clock: StoppedClock
) -> None:
    clock.forward(hours=3)
    first = say("aired")
    colleague = make_account(session, "operator")
    clock.forward(minutes=1)
    assert say("aired", account_id=colleague.id) is first
    assert count(session) == 1


def test_a_correction_is_a_new_entry_and_the_newest_counts(
    say: Any, session: Session, clock: StoppedClock, broadcast: Broadcast
) -> None:
    clock.forward(hours=3)
    say("aired")
    say("missed", reason="equipment")
    say("missed", reason="weather", note="  sét\nđánh ")
    newest = receipts.latest(session, [broadcast.id])[broadcast.id]
    assert (newest.outcome, newest.reason, newest.note) == ("missed", "weather", "sét đánh")
    assert count(session) == 3


def test_a_slip_of_the_thumb_is_withdrawn_and_stays_in_the_log(
    say: Any, session: Session, clock: StoppedClock, broadcast: Broadcast
) -> None:
    clock.forward(hours=3)
    say("aired")
    say("withdrawn")
    say("withdrawn")
    assert receipts.latest(session, [broadcast.id]) == {}
    log = receipts.log(session, broadcast.station_id, now=clock.now)
    assert [(line.entry.outcome, line.counts) for line in log] == [("withdrawn", True), ("aired", False)]


def test_what_nobody_said_can_not_be_withdrawn(
    say: Any, session: Session, broadcast: Broadcast, clock: StoppedClock
) -> None:
    with pytest.raises(Conflict, match="rút lại"):
        say("withdrawn")
    session.add(
        AsRunEntry(
            broadcast_id=broadcast.id, outcome="missed", reason="unprepared", source="clock", recorded_at=clock.now
        )
    )
    session.flush()
    with pytest.raises(Conflict, match="rút lại"):
        say("withdrawn")


@pytest.mark.parametrize("reason", ["", "unprepared", "hết dầu", "power\n"])
def test_a_person_gives_one_of_the_four_reasons(say: Any, reason: str) -> None:
    with pytest.raises(Invalid, match="lý do"):
        say("missed", reason=reason)


def test_an_unknown_outcome_or_broadcast_is_refused(say: Any, session: Session, clock: StoppedClock) -> None:
    with pytest.raises(Invalid):
        say("played")
    with pytest.raises(NotFound):
        receipts.report(session, 99, outcome="aired", account_id=1, now=clock.now)


def test_a_late_report_is_taken_and_shown_as_late(
    say: Any, session: Session, clock: StoppedClock, broadcast: Broadcast
) -> None:
    clock.forward(days=1)
    say("aired")
    (line,) = receipts.log(session, broadcast.station_id, now=clock.now)
    assert line.is_late


def test_a_report_on_time_is_not_late(say: Any, session: Session, clock: StoppedClock, broadcast: Broadcast) -> None:
    clock.forward(hours=4)
    say("aired")
    (line,) = receipts.log(session, broadcast.station_id, now=clock.now)
    assert not line.is_late


def test_after_seven_days_the_book_is_closed(say: Any, clock: StoppedClock) -> None:
    clock.forward(days=7, hours=2)
    say("aired")
    clock.forward(hours=2)
    with pytest.raises(Conflict, match="quá 7 ngày"):
        say("missed", reason="power")


def test_the_log_is_newest_first_in_pages_and_of_one_station_only(
    say: Any, session: Session, clock: StoppedClock, broadcast: Broadcast, operator: Account
) -> None:
    clock.forward(hours=3)
    elsewhere = make_broadcast(session, day=date(2026, 11, 24))
    receipts.report(session, elsewhere.id, outcome="aired", account_id=operator.id, now=clock.now)
    for reason in ("power", "weather", "other"):
        say("missed", reason=reason)
    first = receipts.log(session, broadcast.station_id, now=clock.now, most=2)
    rest = receipts.log(session, broadcast.station_id, now=clock.now, before_id=first[-1].entry.id)
    assert [line.entry.reason for line in first + rest] == ["other", "weather", "power"]
