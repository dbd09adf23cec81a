"""Slots become rows, rows have states, nothing is lost while the machine is off."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from broadcast_service.domain.readiness import Key, Trouble
from broadcast_service.services import broadcasts, filling, scripts
from broadcast_service.storage.tables import AsRunEntry, Broadcast, Fetch, Package, Rendition
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import (
    make_account,
    make_broadcast,
    make_library,
    make_programme,
    make_shells,
    make_slot,
    make_station,
    make_tunes,
)

TODAY = date(2026, 11, 24)


def all_rows(session: Session) -> list[tuple[int, int, date, datetime]]:
    columns = Broadcast.slot_id, Broadcast.station_id, Broadcast.local_date, Broadcast.starts_at
    return [tuple(row) for row in session.execute(select(*columns).order_by(Broadcast.id))]


def test_four_weeks_of_rows_are_made_and_made_again_without_change(session: Session, studio: Studio) -> None:
    make_slot(session, make_station(session), make_station(session))
    assert broadcasts.materialise(session, studio, today=TODAY) == 2 * 28
    before = all_rows(session)
    assert broadcasts.materialise(session, studio, today=TODAY) == 0
    assert all_rows(session) == before


def test_a_sunday_morning_slot_becomes_sunday_mornings(session: Session, studio: Studio) -> None:
    make_slot(session, weekdays=64, starts_at=time(6, 0))
    broadcasts.materialise(session, studio, today=TODAY)
    local = [row[3].astimezone(studio.settings.timezone) for row in all_rows(session)]
    assert [f"{at:%a %H:%M}" for at in local] == ["Sun 06:00"] * 4


def test_nothing_is_made_before_its_slot_existed(session: Session, studio: Studio, clock: StoppedClock) -> None:
    make_slot(session, starts_at=time(5, 30), created_at=clock.now + timedelta(hours=4))  # 07:00 in Ninh Hòa
    broadcasts.materialise(session, studio, today=TODAY)
    assert all_rows(session)[0][2] == date(2026, 11, 25)


def test_days_that_passed_while_the_machine_was_off_are_accounted_for(
    session: Session, studio: Studio, clock: StoppedClock
) -> None:
    make_slot(session)
    broadcasts.materialise(session, studio, today=TODAY)
    clock.forward(days=40)
    today = TODAY + timedelta(days=40)

    broadcasts.materialise(session, studio, today=today)
    missed = broadcasts.mark_missed(session, clock.now)

    days = {row[2] for row in all_rows(session)}
    assert {TODAY + timedelta(days=n) for n in range(40 + 28)} == days
    assert missed == 40, "today's is still ahead"
    assert broadcasts.mark_missed(session, clock.now) == 0


def test_a_clock_that_jumps_back_moves_nothing(session: Session, studio: Studio, clock: StoppedClock) -> None:
    make_slot(session)
    broadcasts.materialise(session, studio, today=TODAY)
    before = all_rows(session)
    clock.forward(days=-1)
    assert broadcasts.materialise(session, studio, today=TODAY - timedelta(days=1)) == 0
    clock.forward(days=1, hours=3)
    assert broadcasts.materialise(session, studio, today=TODAY) == 0
    assert all_rows(session) == before


def test_quiet_hours_are_never_materialised(session: Session, studio: Studio) -> None:
    quiet, loud = make_station(session, quiet_until=time(6, 0)), make_station(session)
    make_slot(session, quiet, loud)
    assert broadcasts.materialise(session, studio, today=TODAY) == 28
    assert {row[1] for row in all_rows(session)} == {loud.id}
    assert broadcasts.materialise(session, studio, today=TODAY) == 0


def test_quiet_hours_that_change_later_keep_what_is_planned_off_the_air(
    session: Session, studio: Studio, clock: StoppedClock
) -> None:
    broadcast = make_broadcast(session)
    broadcast.station.quiet_until = time(6, 0)
    state = broadcasts.states(session, [broadcast], clock.now)[broadcast.id]
    assert (state.trouble, state.needs_work) == (Trouble.QUIET, True)


def test_a_faulty_shell_is_left_out_and_the_broadcast_is_not(session: Session, studio: Studio) -> None:
    make_tunes(session)
    shells = make_shells(session)
    make_library(session, [240] * 8)
    shells["greeting"].revisions[0].written = "Kính chào. {chưa biết}"
    make_slot(session)
    broadcasts.materialise(session, studio, today=TODAY)
    report = filling.fill(session, studio, first=TODAY, last=TODAY)
    assert report.filled == 1


@pytest.fixture
def filled(session: Session, studio: Studio) -> Broadcast:
    make_tunes(session)
    make_shells(session)
    make_library(session, [200, 150, 180, 160, 170, 140, 190, 210])
    make_slot(session, programme=make_programme(session, name="Người tốt, việc tốt"))
    broadcasts.materialise(session, studio, today=TODAY)
    filling.fill(session, studio, first=TODAY, last=TODAY)
    return broadcasts.between(session, TODAY, TODAY + timedelta(days=1))[0]


def render_all(session: Session, studio: Studio) -> None:
    for rendition in session.scalars(select(Rendition)):
        rendition.state, rendition.frames = "ready", round(rendition.estimated_ms * 44.1 / 1152)
        rendition.ready_at = studio.now()
    session.flush()


def state_of(session: Session, studio: Studio, broadcast: Broadcast) -> Key:
    return broadcasts.states(session, [broadcast], studio.now())[broadcast.id].key


def test_a_broadcast_goes_from_wish_to_sound_to_the_station_and_on_the_air(
    session: Session, studio: Studio, clock: StoppedClock, filled: Broadcast
) -> None:
    assert state_of(session, studio, filled) == Key.RECORD
    render_all(session, studio)
    assert state_of(session, studio, filled) == Key.READY

    package = pack(session, studio, filled)
    assert state_of(session, studio, filled) == Key.READY
    session.add(Fetch(package_id=package.id, file="package.zip", fetched_at=clock.now))
    assert state_of(session, studio, filled) == Key.FETCHED

    clock.forward(hours=3)
    state = broadcasts.states(session, [filled], clock.now)[filled.id]
    assert (state.key, state.is_unreported) == (Key.FETCHED, True)
    report(session, clock, filled, "aired")
    assert state_of(session, studio, filled) == Key.AIRED
    report(session, clock, filled, "withdrawn")
    assert state_of(session, studio, filled) == Key.FETCHED
    report(session, clock, filled, "missed", reason="power")
    assert broadcasts.states(session, [filled], clock.now)[filled.id].reason == "power"


def test_a_script_that_is_edited_waits_for_its_signature_and_the_new_text_is_adopted(
    session: Session, studio: Studio, clock: StoppedClock, filled: Broadcast
) -> None:
    render_all(session, studio)
    cue = next(cue for cue in filled.cues if cue.kind == "script")
    author, approver = make_account(session, "editor"), make_account(session, "approver")
    revision = scripts.revise_script(
        session, studio, cue.script_id or 0, title="Tên mới", written="Một câu khác hẳn. " * 30, author_id=author.id
    )
    assert state_of(session, studio, filled) == Key.REVIEW

    scripts.submit(session, revision.script_id, account_id=author.id, now=clock.now)
    scripts.approve(session, studio, revision.id, account_id=approver.id, now=clock.now)

    session.expire_all()
    cue = next(cue for cue in filled.cues if cue.script_id == revision.script_id)
    assert (cue.revision_id, cue.title) == (revision.id, "Tên mới")
    assert cue.rendition is not None
    assert cue.rendition.state == "wanted"
    contents = next(cue for cue in filled.cues if cue.script and cue.script.shell == "contents")
    assert contents.rendition is not None
    assert "Tên mới" in contents.rendition.paragraphs[-1]


def test_samples_switched_off_the_air_leave_nothing_ready(session: Session, studio: Studio, filled: Broadcast) -> None:
    render_all(session, studio)
    for cue in filled.cues:
        if cue.kind == "script" and cue.script:
            cue.script.is_sample = True
    assert state_of(session, studio, filled) == Key.READY
    scripts.set_samples_on_air(session, False, now=studio.now())
    assert state_of(session, studio, filled) == Key.REVIEW


def test_a_rundown_changed_after_the_fetch_is_not_fetched(
    session: Session, studio: Studio, clock: StoppedClock, filled: Broadcast
) -> None:
    render_all(session, studio)
    package = pack(session, studio, filled)
    session.add(Fetch(package_id=package.id, file="package.zip", fetched_at=clock.now))
    filled.edited_at = clock.now + timedelta(minutes=1)
    session.flush()
    assert state_of(session, studio, filled) == Key.READY


def test_what_was_never_packed_is_missed_half_a_day_later_and_what_was_packed_is_asked_for(
    session: Session, studio: Studio, clock: StoppedClock
) -> None:
    slot = make_slot(session, make_station(session), make_station(session))
    broadcasts.materialise(session, studio, today=TODAY)
    empty, packed = broadcasts.between(session, TODAY, TODAY + timedelta(days=1))
    assert empty.slot_id == slot.id
    pack(session, studio, packed)

    clock.forward(hours=14)  # 17:00: eleven hours and a quarter after its end
    assert broadcasts.mark_missed(session, clock.now) == 0
    clock.forward(hours=1)
    assert broadcasts.mark_missed(session, clock.now) == 1
    states = broadcasts.states(session, [empty, packed], clock.now)
    assert (states[empty.id].key, states[empty.id].reason) == (Key.MISSED, "unprepared")
    assert states[packed.id].is_unreported


def test_the_states_of_a_week_are_asked_for_in_a_handful_of_queries(
    session: Session, studio: Studio, clock: StoppedClock
) -> None:
    make_tunes(session)
    make_shells(session)
    make_library(session, [200, 150, 180, 160, 170, 140, 190, 210] * 4)
    make_slot(session, *(make_station(session) for _ in range(4)))
    broadcasts.materialise(session, studio, today=TODAY)
    filling.fill(session, studio, first=TODAY, last=TODAY + timedelta(days=6))
    found = broadcasts.between(session, TODAY, TODAY + timedelta(days=7))
    asked: list[str] = []
    listen = lambda *args: asked.append(args[2])  # noqa: E731
    event.listen(studio.database.engine, "before_cursor_execute", listen)
    states = broadcasts.states(session, found, clock.now)
    event.remove(studio.database.engine, "before_cursor_execute", listen)
    assert len(states) == 28
    assert len(asked) <= 7


def pack(session: Session, studio: Studio, broadcast: Broadcast) -> Package:
    package = Package(
        station_id=broadcast.station_id,
        local_date=broadcast.local_date,
        number=1,
        content_hash="x",
        broadcast_ids=[broadcast.id],
        layout={},
        created_at=studio.now(),
    )
    session.add(package)
    session.flush()
    return package


def report(session: Session, clock: StoppedClock, broadcast: Broadcast, outcome: str, reason: str = "") -> None:
    entry = AsRunEntry(broadcast_id=broadcast.id, outcome=outcome, reason=reason, source="tap", recorded_at=clock.now)
    session.add(entry)
    session.flush()
