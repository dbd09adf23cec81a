"""The first page: what airs today and what has to be done for it. It is Tuesday 24 November 2026, 03:00."""

from collections.abc import Callable
from datetime import date, time

import pytest

from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import plan_day, speak_all
from tests.factories import make_broadcast, make_script, make_slot, make_station, make_unit
from tests.web.conftest import Person
from tests.web.conftest import SignIn as SignInAs


@pytest.fixture
def empty_morning(studio: Studio) -> None:
    """05:30 on three stations, today and tomorrow, with nothing in it."""
    with studio.database.transaction() as session:
        places = [
            make_station(session, unit=make_unit(session, name=name, kind=kind))
            for name, kind in (("xã Hòa Trí", "xa"), ("xã Tân Định", "xa"), ("phường Ninh Hòa", "phuong"))
        ]
        for place in places:
            slot = make_slot(session, place, starts_at=time(5, 30))
            for day in (24, 25):
                make_broadcast(session, slot=slot, day=date(2026, 11, day))


def test_today_is_shown_hour_by_hour_over_all_stations(empty_morning: None, sign_in: SignInAs) -> None:
    page = sign_in("editor").get("/").text

    assert "Thứ Ba, 24/11" in page
    assert page.count("<h2 id=") == 1
    assert "3 đài" in page
    for place in ("Đài xã Hòa Trí", "Đài xã Tân Định", "Đài phường Ninh Hòa"):
        assert place in page
    assert "Còn <strong>6 buổi phát</strong> cần xử lý" in page
    assert "Gần nhất: Đài xã Hòa Trí, 05:30 hôm nay" in page


def test_what_has_begun_is_no_longer_to_be_done(empty_morning: None, sign_in: SignInAs, clock: StoppedClock) -> None:
    clock.forward(hours=2, minutes=30)

    page = sign_in("editor").get("/").text

    assert "Còn <strong>3 buổi phát</strong>" in page
    assert "05:30 Thứ Tư, 25/11" in page


def test_a_day_that_is_ready_is_quiet(studio: Studio, sign_in: SignInAs) -> None:
    plan_day(studio)
    speak_all(studio)

    page = sign_in("planner").get("/").text

    assert page.count('data-state="ready"') == 2
    assert "Mọi buổi phát trong 3 ngày tới đã đủ" in page
    assert "Cần làm trước" not in page


def test_a_broadcast_that_nobody_reported_is_asked_for(studio: Studio, sign_in: SignInAs, clock: StoppedClock) -> None:
    plan_day(studio)
    speak_all(studio)
    clock.forward(hours=4)

    assert "Chưa báo phát" in sign_in("planner").get("/").text


def test_scripts_that_wait_for_a_signature_are_named(studio: Studio, sign_in: SignInAs) -> None:
    with studio.database.transaction() as session:
        for number in range(7):
            make_script(session, status="submitted", title=f"Bài chờ ký số {number}")

    page = sign_in("approver").get("/").text

    assert "7 bài" in page
    assert page.count("Bài chờ ký số") == 5


def test_an_empty_house_says_the_next_step_to_each_role(sign_in: SignInAs) -> None:
    admin, editor = sign_in("admin").get("/").text, sign_in("editor").get("/").text

    assert "Chưa ai giữ vai trò duyệt, lập lịch, cán bộ đài" in sign_in("admin").get("/").text
    assert "Đặt khung giờ" in admin
    assert "Xem bảng tuần" in editor
    assert "Chưa ai giữ vai trò" not in editor


def test_an_operator_is_taken_to_the_own_station(studio: Studio, seat: Callable[..., Person]) -> None:
    with studio.database.transaction() as session:
        unit = make_unit(session)
        make_station(session, unit=unit, code="cu", active=False, position=0)
        make_station(session, unit=unit, code="hoa-tri", position=1)

    assert seat("operator", unit=unit).client.get("/").location == "/station/hoa-tri"


def test_an_operator_whose_unit_has_no_station_is_told_whom_to_call(seat: Callable[..., Person]) -> None:
    page = seat("operator").client.get("/").text

    assert "Tài khoản này chưa có đài nào" in page
    assert "Gọi người quản trị" in page
