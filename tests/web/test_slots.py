"""The slots in the browser."""

import io
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select

from broadcast_service.formats.slot_files import COLUMNS
from broadcast_service.services import broadcasts, slots
from broadcast_service.storage.tables import Broadcast, Slot
from broadcast_service.studio import Studio
from tests.factories import make_programme, make_slot, make_station, make_unit
from tests.web.conftest import SignIn

TODAY = date(2026, 11, 24)


@pytest.fixture
def places(studio: Studio) -> dict[str, Any]:
    with studio.database.transaction() as session:
        station = make_station(session, unit=make_unit(session, name="xã Hòa Trí"), code="hoa-tri")
        programme = make_programme(session, code="NTVT", name="Người tốt, việc tốt")
        return {"station": station.id, "programme": programme.id}


def form(places: dict[str, Any], **other: object) -> dict[str, object]:
    return {
        "programme_id": places["programme"],
        "weekdays": ["0", "2"],
        "starts_at": "05:30",
        "length": "15",
        "station_ids": [places["station"]],
        "valid_from": "2026-11-24",
        "last_day": "",
        **other,
    }


def all_slots(studio: Studio) -> list[Slot]:
    with studio.database.reading() as session:
        return slots.list_slots(session)


def test_a_slot_is_added_and_becomes_broadcasts_at_once(
    sign_in: SignIn, studio: Studio, places: dict[str, Any]
) -> None:
    answer = sign_in("planner").post("/slots", data=form(places), follow_redirects=True)
    assert "Đã lưu khung giờ 05:30 của “Người tốt, việc tốt”, 8 buổi phát trong bốn tuần tới." in answer.text
    with studio.database.reading() as session:
        days = session.scalars(select(Broadcast.local_date)).all()
    assert {day.weekday() for day in days} == {0, 2}


def test_a_quarter_past_three_is_refused_at_its_field_and_what_was_typed_stays(
    sign_in: SignIn, studio: Studio, places: dict[str, Any]
) -> None:
    answer = sign_in("planner").post("/slots", data=form(places, starts_at="03:15"))
    assert answer.status_code == 422
    assert "Đài xã Hòa Trí không phát trước 05:00 theo quy chế. Chọn giờ từ 05:00 đến 21:00." in answer.text
    assert 'id="starts_at-loi"' in answer.text
    assert 'value="03:15"' in answer.text
    assert all_slots(studio) == []


def test_an_overlap_is_refused_and_names_the_rival(sign_in: SignIn, studio: Studio, places: dict[str, Any]) -> None:
    client = sign_in("planner")
    client.post("/slots", data=form(places))
    answer = client.post("/slots", data=form(places, starts_at="5:40"))
    assert "đã có chuyên mục “Người tốt, việc tốt” lúc 05:30–05:45 thứ Hai, thứ Tư" in answer.text
    assert len(all_slots(studio)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts_at", "25:00"),
        ("starts_at", ""),
        ("length", "0"),
        ("length", "abc"),
        ("length", "99"),
        ("weekdays", []),
        ("weekdays", ["9", "x"]),
        ("station_ids", []),
        ("station_ids", ["98765", "x"]),
        ("programme_id", "x"),
        ("valid_from", "2026-99-99"),
        ("valid_from", "0001-01-01"),
        ("last_day", "9999-12-31"),
    ],
)
def test_every_mistake_is_said_at_its_field(
    sign_in: SignIn, studio: Studio, places: dict[str, Any], field: str, value: object
) -> None:
    answer = sign_in("planner").post("/slots", data=form(places, **{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}-loi"' in answer.text
    assert all_slots(studio) == []


def test_a_slot_is_changed_and_its_broadcasts_follow(sign_in: SignIn, studio: Studio, places: dict[str, Any]) -> None:
    client = sign_in("admin")
    client.post("/slots", data=form(places))
    (slot,) = all_slots(studio)
    assert 'value="05:30"' in client.get(f"/slots/{slot.id}").text
    client.post(f"/slots/{slot.id}", data=form(places, starts_at="17:00", weekdays=["1"]))
    with studio.database.reading() as session:
        moments = session.scalars(select(Broadcast.starts_at)).all()
    assert {at.astimezone(studio.settings.timezone).strftime("%a %H:%M") for at in moments} == {"Tue 17:00"}


def test_broadcasts_made_by_hand_are_asked_for_before_they_go(
    sign_in: SignIn, studio: Studio, places: dict[str, Any]
) -> None:
    client = sign_in("planner")
    client.post("/slots", data=form(places))
    (slot,) = all_slots(studio)
    with studio.database.transaction() as session:
        first = broadcasts.between(session, TODAY, date(2027, 1, 1))[0]
        first.edited_at = studio.now()
    answer = client.post(f"/slots/{slot.id}", data=form(places, weekdays=["1"]))
    assert answer.status_code == 409
    assert "đã xếp tay (25/11)" in answer.text
    assert 'name="drop_edited"' in answer.text
    assert client.post(f"/slots/{slot.id}/end").status_code == 409
    done = client.post(f"/slots/{slot.id}", data=form(places, weekdays=["1"], drop_edited="1"))
    assert done.status_code == 302


def test_a_slot_is_ended_and_leaves_the_list(sign_in: SignIn, studio: Studio, places: dict[str, Any]) -> None:
    client = sign_in("planner")
    client.post("/slots", data=form(places))
    (slot,) = all_slots(studio)
    answer = client.post(f"/slots/{slot.id}/end", follow_redirects=True)
    assert "phát lần cuối hôm nay" in answer.text
    assert all_slots(studio)[0].valid_until == date(2026, 11, 25)
    with studio.database.reading() as session:
        assert session.scalars(select(Broadcast)).all() == []


def test_the_table_goes_out_and_in_again(sign_in: SignIn, studio: Studio, places: dict[str, Any]) -> None:
    client = sign_in("planner")
    client.post("/slots", data=form(places))
    table = client.get("/slots/khung-gio.csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="khung-gio.csv"'
    assert table.data.startswith(b"\xef\xbb\xbf")
    answer = client.post(
        "/slots/import", data={"file": (io.BytesIO(table.data), "khung-gio.csv")}, follow_redirects=True
    )
    assert "Thêm 0, sửa 0, giữ nguyên 1 khung giờ." in answer.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe\x00b", "không phải chữ Unicode"),
        (b"", "thiếu cột"),
        (f"{','.join(COLUMNS)}\n,NTVT,T2,03:15,15,hoa-tri,2026-11-24,\n".encode(), "Dòng 2: Đài xã Hòa Trí không phát"),
    ],
)
def test_a_faulty_table_is_refused_line_by_line(
    sign_in: SignIn, studio: Studio, places: dict[str, Any], content: bytes, told: str
) -> None:
    answer = sign_in("planner").post("/slots/import", data={"file": (io.BytesIO(content), "x.csv")})
    assert answer.status_code == 422
    assert told in answer.text
    assert all_slots(studio) == []


def test_slots_are_for_planners_and_administrators(sign_in: SignIn, studio: Studio) -> None:
    with studio.database.transaction() as session:
        slot_id = make_slot(session, starts_at=time(6)).id
    client = sign_in("editor", "approver")
    for path in ("/slots", "/slots/new", f"/slots/{slot_id}", "/slots/khung-gio.csv"):
        assert client.get(path).status_code == 403
    assert client.post(f"/slots/{slot_id}/end").status_code == 403
    assert sign_in("planner").get("/slots/98765").status_code == 404
