"""A broadcast's rundown in the browser."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest

from broadcast_service.services import broadcasts, filling
from broadcast_service.services.cues import script_ids
from broadcast_service.storage.tables import Broadcast, Station
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_library, make_script, make_shells, make_slot, make_station, make_tunes
from tests.web.conftest import SignIn

TODAY = date(2026, 11, 24)


@pytest.fixture
def made(studio: Studio) -> dict[str, Any]:
    """A filled broadcast on two stations, and one more script."""
    with studio.database.transaction() as session:
        make_tunes(session)
        make_shells(session)
        make_library(session, [200, 150, 180, 160, 170, 140, 190, 210])
        slot = make_slot(session, make_station(session), make_station(session))
        broadcasts.materialise(session, studio, today=TODAY)
        filling.fill(session, studio, first=TODAY, last=TODAY)
        one, other = broadcasts.between(session, TODAY, date(2026, 11, 25), rundowns=True)
        extra = make_script(
            session, status="approved", title="Đường về lớp học đêm", text="một câu " * 30, search_text="duong ve lop"
        )
        return {"id": one.id, "other": other.id, "extra": extra.id, "slot": slot.id}


@pytest.fixture
def look(studio: Studio) -> Callable[[int], Broadcast]:
    def look(broadcast_id: int) -> Broadcast:
        with studio.database.reading() as session:
            return broadcasts.get_broadcast(session, broadcast_id)

    return look


def test_the_rundown_shows_running_times_against_the_slot(sign_in: SignIn, made: dict[str, Any]) -> None:
    page = sign_in("planner").get(f"/broadcasts/{made['id']}").text
    assert re.search(r'<b class="num">14:\d\d</b> <span class="note">/ 15:00, còn \d+ giây \(ước tính\)', page)
    assert '<time class="num">00:00</time>' in page
    assert 'class="tape"' in page
    assert "kèm nhạc cắt, lời dẫn" in page
    assert "bài mẫu đã duyệt sẵn" in page


def test_scripts_are_added_moved_replaced_dropped_and_put_back(
    sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast]
) -> None:
    client, number = sign_in("planner"), made["id"]
    first, second, *rest = script_ids(look(number))

    def post(path: str, **data: object) -> str:
        answer = client.post(f"/broadcasts/{number}/cues{path}", data={"version": look(number).version, **data})
        assert answer.status_code == 302, answer.text
        return answer.location

    def cue_of(script_id: int) -> int:
        return next(cue.id for cue in look(number).cues if cue.script_id == script_id and cue.kind == "script")

    post(f"/{cue_of(first)}/move", by="1")
    assert script_ids(look(number)) == [second, first, *rest]
    post(f"/{cue_of(first)}/move", by="-1")
    assert script_ids(look(number)) == [first, second, *rest]

    location = post(f"/{cue_of(second)}/drop")
    assert script_ids(look(number)) == [first, *rest]
    page = client.get(location).text
    assert "khỏi buổi phát. Bài vẫn còn trong kho." in page
    post("", script_id=second, place=1)
    assert script_ids(look(number)) == [first, second, *rest]

    post(f"/{cue_of(rest[-1])}/replace", script_id=made["extra"])
    assert script_ids(look(number)) == [first, second, *rest[:-1], made["extra"]]
    place = next(cue.position for cue in look(number).cues if cue.script_id == first and cue.kind == "script")
    post(f"/{cue_of(made['extra'])}/move", to=place)
    assert script_ids(look(number))[0] == made["extra"]


def test_a_change_for_all_stations_reaches_all(
    sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast]
) -> None:
    client = sign_in("planner")
    data = {"version": look(made["id"]).version, "script_id": made["extra"], "everywhere": "1"}
    answer = client.post(f"/broadcasts/{made['id']}/cues", data=data, follow_redirects=True)
    assert "Áp dụng cho 2 đài." in answer.text
    assert made["extra"] in script_ids(look(made["other"]))


def test_the_second_of_two_editors_sees_the_fresh_rundown(
    sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast]
) -> None:
    one, two, number = sign_in("planner"), sign_in("planner"), made["id"]
    read = look(number).version
    first = script_ids(look(number))[0]
    cue = next(cue.id for cue in look(number).cues if cue.kind == "script")
    one.post(f"/broadcasts/{number}/cues/{cue}/drop", data={"version": read})

    answer = two.post(f"/broadcasts/{number}/cues", data={"version": read, "script_id": made["extra"]})
    assert answer.status_code == 409
    assert "vừa được người khác sửa lúc 03:00" in answer.text
    assert f'name="version" value="{look(number).version}"' in answer.text
    assert made["extra"] not in script_ids(look(number))
    assert first not in script_ids(look(number))


def test_a_search_without_marks_finds_what_can_be_added(sign_in: SignIn, made: dict[str, Any]) -> None:
    client = sign_in("planner")
    page = client.get(f"/broadcasts/{made['id']}?q=duong ve").text
    assert "Đường về lớp học đêm" in page
    assert page.count('name="script_id"') == 1
    assert "Không có bài đã duyệt nào khớp" in client.get(f"/broadcasts/{made['id']}?q=không có đâu").text


def test_what_was_typed_is_shown_as_text(sign_in: SignIn, made: dict[str, Any]) -> None:
    page = sign_in("planner").get(f"/broadcasts/{made['id']}", query_string={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page
    assert "<script>alert(1)</script>" in unescape(page)


def test_editors_look_and_do_not_touch(sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast]) -> None:
    client = sign_in("editor")
    page = client.get(f"/broadcasts/{made['id']}").text
    assert "Kịch bản khung" in page
    assert "Thêm bài" not in page
    data = {"version": look(made["id"]).version, "script_id": made["extra"]}
    assert client.post(f"/broadcasts/{made['id']}/cues", data=data).status_code == 403


def test_an_operator_sees_the_own_stations_broadcast_and_no_other(
    studio: Studio, sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast]
) -> None:
    with studio.database.reading() as session:
        unit = session.get_one(Station, look(made["id"]).station_id).unit
    client = sign_in("operator", unit=unit)
    page = client.get(f"/broadcasts/{made['id']}")
    assert page.status_code == 200
    assert "Thêm bài" not in page.text
    assert "/scripts/" not in page.text
    assert client.get(f"/broadcasts/{made['other']}").status_code == 404
    data = {"version": look(made["id"]).version, "script_id": made["extra"]}
    assert client.post(f"/broadcasts/{made['id']}/cues", data=data).status_code == 403


def test_once_started_a_rundown_is_only_shown(
    sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast], clock: StoppedClock
) -> None:
    clock.now = look(made["id"]).starts_at
    client = sign_in("planner")
    assert "Buổi phát đã bắt đầu" in client.get(f"/broadcasts/{made['id']}").text
    data = {"version": look(made["id"]).version, "script_id": made["extra"]}
    answer = client.post(f"/broadcasts/{made['id']}/cues", data=data)
    assert answer.status_code == 409
    assert "đã bắt đầu, không sửa được nữa" in answer.text


@pytest.mark.parametrize("field", ["version", "script_id", "place"])
@pytest.mark.parametrize("value", ["", "-1", "x", "9" * 30, "²"])
def test_nonsense_in_a_form_is_refused_with_a_sentence(
    sign_in: SignIn, made: dict[str, Any], look: Callable[[int], Broadcast], field: str, value: str
) -> None:
    if (field, value) == ("place", ""):
        return
    data = {"version": look(made["id"]).version, "script_id": made["extra"], "place": 0, field: value}
    answer = sign_in("planner").post(f"/broadcasts/{made['id']}/cues", data=data)
    assert answer.status_code == 422
    assert "Hãy tải lại trang" in answer.text


def test_an_empty_broadcast_offers_what_would_fill_it(studio: Studio, sign_in: SignIn, made: dict[str, Any]) -> None:
    with studio.database.reading() as session:
        empty = broadcasts.between(session, date(2026, 11, 25), date(2026, 11, 26))[0].id
    page = sign_in("planner").get(f"/broadcasts/{empty}").text
    assert "Buổi này chưa có bài" in page
    assert "Vừa chỗ trống" in page


def test_a_broadcast_that_does_not_exist_is_not_found(sign_in: SignIn) -> None:
    assert sign_in("planner").get("/broadcasts/98765").status_code == 404
