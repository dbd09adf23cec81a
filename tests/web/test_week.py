"""The week sheet in the browser."""

from datetime import date, time, timedelta

import pytest

from broadcast_service.services import broadcasts, filling
from broadcast_service.storage.tables import AsRunEntry
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import (
    make_library,
    make_programme,
    make_shells,
    make_slot,
    make_station,
    make_tunes,
    make_unit,
)
from tests.web.conftest import SignIn

TODAY = date(2026, 11, 24)


@pytest.fixture
def planned(studio: Studio) -> int:
    """Two stations with a slot in the morning, one of them with one in the evening; the morning of today is filled."""
    with studio.database.transaction() as session:
        make_tunes(session)
        make_shells(session)
        make_library(session, [200, 150, 180, 160, 170, 140, 190, 210] * 3)
        hoa_tri = make_station(session, unit=make_unit(session, name="xã Hòa Trí"), code="hoa-tri")
        tan_dinh = make_station(session, unit=make_unit(session, name="xã Tân Định"), code="tan-dinh")
        programme = make_programme(session, name="Người tốt, việc tốt", letters="NT", hue="nt")
        make_slot(session, hoa_tri, tan_dinh, weekdays=0b11111, programme=programme, valid_from=TODAY)
        make_slot(session, hoa_tri, weekdays=0b11111, starts_at=time(17), valid_from=TODAY)
        broadcasts.materialise(session, studio, today=TODAY)
        filling.fill(session, studio, first=TODAY, last=TODAY)
        return hoa_tri.id


@pytest.mark.usefixtures("planned")
def test_the_sheet_says_of_every_broadcast_what_it_is_and_in_which_state(sign_in: SignIn) -> None:
    page = sign_in("editor").get("/week").text
    assert "Bảng tuần 48" in page
    assert "23/11 – 29/11/2026" in page
    assert "Thứ Ba, hôm nay" in page
    assert page.count("Chưa xếp bài") == 9
    assert page.count("Chờ thu</span>") == 3
    assert "Đài xã Hòa Trí" in page
    assert "Người tốt, việc tốt" in page


@pytest.mark.usefixtures("planned")
def test_one_station_and_one_state_can_be_asked_for(sign_in: SignIn) -> None:
    client = sign_in("planner")
    only = client.get("/week?station=tan-dinh").text
    assert '<th colspan="8" scope="rowgroup">Đài xã Tân Định' in only
    assert '<th colspan="8" scope="rowgroup">Đài xã Hòa Trí' not in only
    empty = client.get("/week?state=empty").text
    assert "Chưa xếp bài" in empty
    assert "Chờ thu</span>" not in empty
    assert "Không có buổi phát nào như vậy" in client.get("/week?state=aired").text


@pytest.mark.usefixtures("planned")
def test_a_phone_shows_the_day_that_was_asked_for(sign_in: SignIn) -> None:
    client = sign_in("planner")
    assert 'is-today is-day"' in client.get("/week").text
    other = client.get("/week?day=2026-11-26").text
    assert 'class=" is-day"' in other
    assert 'is-today is-day"' not in other
    assert client.get("/week?day=2020-01-01").status_code == 200


@pytest.mark.usefixtures("planned")
def test_gaps_are_filled_at_the_press_of_a_button(sign_in: SignIn, studio: Studio) -> None:
    client = sign_in("planner")
    answer = client.post("/week/fill", data={"week": "2026-W48"}, follow_redirects=True)
    assert "Đã xếp bài cho 9 buổi phát." in answer.text
    assert "Chưa xếp bài" not in answer.text
    again = client.post("/week/fill", data={"week": "2026-W48"}, follow_redirects=True)
    assert "không còn chỗ trống" in again.text


@pytest.mark.usefixtures("planned")
def test_only_planners_fill_and_looking_changes_nothing(sign_in: SignIn, studio: Studio) -> None:
    assert sign_in("editor", "approver").post("/week/fill", data={"week": "2026-W48"}).status_code == 403
    assert "Lấp chỗ trống" not in sign_in("editor").get("/week").text
    assert sign_in("planner").get("/week/fill").status_code == 405
    with studio.database.reading() as session:
        tomorrow = broadcasts.between(session, TODAY + timedelta(days=1), TODAY + timedelta(days=2), rundowns=True)
    assert all(broadcast.cues == [] for broadcast in tomorrow)


@pytest.mark.usefixtures("planned")
def test_operators_have_their_own_page(sign_in: SignIn) -> None:
    assert sign_in("operator").get("/week").status_code == 403


def test_a_week_without_broadcasts_names_a_way_on(sign_in: SignIn) -> None:
    page = sign_in("planner").get("/week?week=2027-W10").text
    assert "Tuần 10 chưa có buổi phát nào" in page
    assert "Xem các khung giờ" in page


@pytest.mark.parametrize("week", ["2026-W54", "2026", "x" * 300, "2026-W00", "../../etc"])
def test_a_week_that_is_none_is_not_found(sign_in: SignIn, week: str) -> None:
    assert sign_in("planner").get("/week", query_string={"week": week}).status_code == 404


def test_the_last_week_of_a_year_leads_into_the_next(sign_in: SignIn) -> None:
    page = sign_in("planner").get("/week?week=2026-W53").text
    assert "/week?week=2027-W01" in page
    assert "/week?week=2026-W52" in page


def test_why_a_broadcast_was_not_aired_stands_in_place_of_the_word(
    sign_in: SignIn, studio: Studio, planned: int, clock: StoppedClock
) -> None:
    clock.forward(hours=3)
    with studio.database.transaction() as session:
        morning, _ = broadcasts.of_station(session, planned, TODAY)
        entry = AsRunEntry(
            broadcast_id=morning.id, outcome="missed", reason="power", source="tap", recorded_at=clock.now
        )
        session.add(entry)
    assert "Mất điện</span>" in sign_in("planner").get("/week").text


def test_what_outlasts_its_slot_or_lies_in_quiet_hours_is_told_under_the_cell(
    sign_in: SignIn, studio: Studio, planned: int
) -> None:
    with studio.database.transaction() as session:
        morning, evening = broadcasts.of_station(session, planned, TODAY)
        morning.length_s = 600
        evening.station.quiet_from = time(16)
    page = sign_in("planner").get("/week").text
    assert "Dài hơn khung" in page
    assert "Bỏ bớt bài" in page
    assert "không phát lúc 17:00 theo quy chế" in page
