"""The one way in for slots, and what follows when they change."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast_service.domain.slots import mask_of
from broadcast_service.errors import Conflict, Invalid
from broadcast_service.formats.slot_files import COLUMNS
from broadcast_service.services import broadcasts, slots
from broadcast_service.storage.tables import Broadcast, Package, Programme, Slot, Station, Unit
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_programme, make_script, make_station, make_unit

TODAY = date(2026, 11, 24)
WORKDAYS = 0b11111
Save = Callable[..., Slot]


@pytest.fixture
def hoa_tri(session: Session) -> Station:
    return make_station(session, unit=make_unit(session, name="xã Hòa Trí"), code="hoa-tri")


@pytest.fixture
def programme(session: Session) -> Programme:
    return make_programme(session, code="NTVT", name="Người tốt, việc tốt")


@pytest.fixture
def save(session: Session, clock: StoppedClock, hoa_tri: Station, programme: Programme) -> Save:
    def save(start: str = "05:30", *, slot_id: int | None = None, minutes: int = 15, **other: object) -> Slot:
        values: dict[str, object] = {
            "programme_id": programme.id,
            "weekdays": WORKDAYS,
            "station_ids": [hoa_tri.id],
            "valid_from": TODAY,
            "valid_until": None,
            **other,
        }
        return slots.save_slot(
            session,
            slot_id=slot_id,
            starts_at=time.fromisoformat(start),
            length_s=minutes * 60,
            now=clock.now,
            **values,
        )

    return save


def test_a_quarter_past_three_is_refused_with_the_hours_that_are_free(save: Save) -> None:
    with pytest.raises(Invalid) as refused:
        save("03:15")
    assert str(refused.value) == ("Đài xã Hòa Trí không phát trước 05:00 theo quy chế. Chọn giờ từ 05:00 đến 21:00.")
    assert refused.value.field == "starts_at"


def test_a_slot_that_would_run_into_quiet_hours_is_refused(save: Save) -> None:
    with pytest.raises(Invalid, match=r"không phát sau 21:00.*đến 21:05 mới hết"):
        save("20:50")
    assert save("20:45").id


def test_an_overlap_names_the_rival_its_hours_its_days_and_the_station(save: Save) -> None:
    save("05:30", weekdays=mask_of([0, 2, 4]))
    with pytest.raises(Invalid) as refused:
        save("05:40", weekdays=mask_of([2, 3, 4]))
    assert str(refused.value) == (
        "Đài xã Hòa Trí đã có chuyên mục “Người tốt, việc tốt” lúc 05:30–05:45 thứ Tư, thứ Sáu. "
        "Hãy chọn giờ, ngày hoặc đài khác."
    )


def test_neighbours_other_days_and_other_stations_do_not_clash(session: Session, save: Save) -> None:
    save("05:30")
    save("05:45")
    save("05:30", weekdays=mask_of([5, 6]))
    save("05:30", station_ids=[make_station(session).id])


def test_what_ends_at_midnight_stands_beside_what_begins_there(session: Session, save: Save) -> None:
    never_quiet = make_station(session, quiet_from=time(0), quiet_until=time(0))
    save("23:00", minutes=60, weekdays=127, station_ids=[never_quiet.id])
    save("00:00", minutes=60, weekdays=127, station_ids=[never_quiet.id])
    with pytest.raises(Invalid, match=r"(23:00–00:00|00:00–01:00) hằng ngày"):
        save("23:50", minutes=15, weekdays=127, station_ids=[never_quiet.id])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weekdays": 0}, "weekdays"),
        ({"station_ids": []}, "station_ids"),
        ({"station_ids": [987]}, "station_ids"),
        ({"minutes": 0}, "length"),
        ({"minutes": 61}, "length"),
        ({"programme_id": 987}, "programme_id"),
        ({"valid_until": TODAY}, "valid_until"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(save: Save, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save(**wrong)
    assert refused.value.field == field


def test_broadcasts_ahead_follow_a_slot_that_moves_and_edited_rundowns_survive(
    session: Session, studio: Studio, clock: StoppedClock, save: Save
) -> None:
    slot = save("05:30")
    broadcasts.materialise(session, studio, today=TODAY)
    first = _ahead(session, slot)[0]
    script = make_script(session, status="approved")
    from broadcast_service.services import rundowns

    rundowns.add_cue(session, studio, first.id, script_id=script.id, version=first.version)

    save("17:00", slot_id=slot.id)

    moved = _ahead(session, slot)
    assert {b.starts_at.astimezone(studio.settings.timezone).strftime("%H:%M") for b in moved} == {"17:00"}
    assert moved[0].id == first.id
    assert [cue.script_id for cue in moved[0].cues if cue.kind == "script"] == [script.id]


def test_what_was_aired_or_packed_stays_where_it_was(
    session: Session, studio: Studio, clock: StoppedClock, save: Save
) -> None:
    slot = save("05:30")
    broadcasts.materialise(session, studio, today=TODAY)
    past, packed, free, *_ = _ahead(session, slot)
    clock.forward(hours=4)
    session.add(
        Package(
            station_id=packed.station_id,
            local_date=packed.local_date,
            number=1,
            content_hash="x",
            broadcast_ids=[packed.id],
            layout={},
            created_at=clock.now,
        )
    )
    session.flush()

    save("17:00", slot_id=slot.id)

    zone = studio.settings.timezone
    hours = [b.starts_at.astimezone(zone).hour for b in (past, packed, free)]
    assert hours == [5, 5, 17]


def test_a_weekday_that_is_taken_off_takes_its_broadcasts_along_and_a_new_one_brings_its_own(
    session: Session, studio: Studio, save: Save
) -> None:
    slot = save(weekdays=mask_of([2, 3]))
    broadcasts.materialise(session, studio, today=TODAY)
    save(slot_id=slot.id, weekdays=mask_of([3, 4]))

    assert {b.local_date.weekday() for b in _ahead(session, slot)} == {3, 4}
    assert len(_ahead(session, slot)) == 8
    assert broadcasts.materialise(session, studio, today=TODAY) == 0, "no ghost comes back"


def test_edited_rundowns_are_not_thrown_away_unasked(session: Session, studio: Studio, save: Save) -> None:
    slot = save()
    broadcasts.materialise(session, studio, today=TODAY)
    _ahead(session, slot)[0].edited_at = studio.now()
    session.flush()

    with pytest.raises(Conflict, match=r"1 buổi phát đã xếp tay \(24/11\)"):
        save(slot_id=slot.id, weekdays=mask_of([3]))
    save(slot_id=slot.id, weekdays=mask_of([3]), drop_edited=True)
    assert {b.local_date.weekday() for b in _ahead(session, slot)} == {3}


def test_a_slot_that_ends_keeps_its_past(session: Session, studio: Studio, clock: StoppedClock, save: Save) -> None:
    slot = save()
    broadcasts.materialise(session, studio, today=TODAY)
    clock.forward(days=2)
    slots.end_slot(session, slot.id, until=date(2026, 11, 27), now=clock.now)

    left = session.scalars(select(Broadcast.local_date).where(Broadcast.slot_id == slot.id)).all()
    assert sorted(left) == [date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)]


def test_exported_slots_imported_again_change_nothing(session: Session, clock: StoppedClock, save: Save) -> None:
    save("05:30", weekdays=mask_of([0, 6]), valid_until=date(2027, 2, 1))
    save("17:00", minutes=30)
    before = slots.export_slots(session)

    report = slots.import_slots(session, before, clock.now)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert slots.export_slots(session) == before
    without_numbers = "\r\n".join(
        line if n == 0 else line[line.index(",") :] for n, line in enumerate(before.split("\r\n")) if line
    )
    assert slots.import_slots(session, without_numbers, clock.now).unchanged == 2


def test_a_table_changes_a_slot_by_its_number_and_adds_one_without(
    session: Session, clock: StoppedClock, save: Save
) -> None:
    slot = save("05:30")
    table = slots.export_slots(session).replace("05:30", "06:00") + ",NTVT,CN,7:00,20,hoa-tri,24/11/2026,\r\n"
    report = slots.import_slots(session, table, clock.now)

    assert (report.added, report.changed) == (1, 1)
    assert slot.starts_at == time(6, 0)
    added = session.scalars(select(Slot).where(Slot.id != slot.id)).one()
    assert (added.starts_at, added.length_s, added.weekdays) == (time(7), 1200, 64)


def test_every_mistake_of_a_table_is_named_with_its_line_and_nothing_is_kept(
    session: Session, clock: StoppedClock, hoa_tri: Station, programme: Programme
) -> None:
    table = "\n".join(
        [
            ";".join(COLUMNS),
            ";NTVT;T2;03:15;15:00;hoa-tri;2026-11-24;",
            ";NTVT;T9;05:30;15:00;hoa-tri;2026-11-24;",
            "77;NTVT;T2;05:30;15:00;hoa-tri;2026-11-24;",
            ";XXXX;T2;05:30;15:00;hoa-tri;2026-11-24;",
            ";NTVT;T2;05:30;15:00;ninh-hai;2026-11-24;",
            ";NTVT;T2;25:30;15:00;hoa-tri;2026-11-24;",
            ";NTVT;T2;05:30;15:00;hoa-tri;2026-13-24;",
            ";NTVT;T2;05:30;abc;hoa-tri;2026-11-24;",
        ]
    )
    with pytest.raises(Invalid) as refused:
        slots.import_slots(session, table, clock.now)

    told = str(refused.value).split("\n")
    assert [line.split(":")[0] for line in told] == [f"Dòng {number}" for number in range(2, 10)]
    assert "Đài xã Hòa Trí không phát trước 05:00" in told[0]
    assert "số 77" in told[2]
    assert session.scalar(select(func.count(Slot.id))) == 0


def test_a_file_that_is_no_table_is_refused(session: Session, clock: StoppedClock) -> None:
    with pytest.raises(Invalid, match="thiếu cột"):
        slots.import_slots(session, "\x00\x01binary", clock.now)
    with pytest.raises(Invalid, match="1 MB"):
        slots.import_slots(session, "x" * 1_000_001, clock.now)


def test_the_radio_station_is_called_by_its_own_name(session: Session) -> None:
    station = make_station(session, unit=make_unit(session, kind="co-quan"), name="Đài truyền thanh Ninh Hòa")
    assert slots.place_name(station) == "Đài truyền thanh Ninh Hòa"
    assert isinstance(station.unit, Unit)


def _ahead(session: Session, slot: Slot) -> list[Broadcast]:
    rows = select(Broadcast).where(Broadcast.slot_id == slot.id).order_by(Broadcast.starts_at)
    return list(session.scalars(rows))


def test_materialising_reaches_four_weeks(session: Session, studio: Studio, save: Save) -> None:
    slot = save()
    assert broadcasts.materialise(session, studio, today=TODAY) == 20
    assert _ahead(session, slot)[-1].local_date < TODAY + timedelta(weeks=4)
