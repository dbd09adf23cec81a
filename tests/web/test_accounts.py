"""The administrator's pages: accounts, their links, stations."""

import re
from collections.abc import Callable
from datetime import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.services import scripts
from broadcast_service.storage.tables import Account, Station, Unit
from broadcast_service.studio import Studio
from tests.factories import make_slot, make_station, make_unit
from tests.web.conftest import Person

GOOD = "trâu cày ruộng sâu"


@pytest.fixture
def admin(seat: Callable[..., Person]) -> Person:
    return seat("admin", password_hash="x")


@pytest.fixture
def station(studio: Studio) -> Station:
    with studio.database.transaction() as session:
        unit = make_unit(session, name="xã Hòa Trí", code="hoa-tri-2025")
        return make_station(session, unit=unit, code="hoa-tri", name="Đài truyền thanh xã Hòa Trí", letters="Tr")


def account_of(studio: Studio, name: str) -> Account:
    with studio.database.reading() as session:
        return session.scalars(select(Account).where(Account.name == name)).one()


def test_an_operator_is_added_and_lets_himself_in(
    studio: Studio, admin: Person, client: FlaskClient, station: Station
) -> None:
    form = {
        "name": "dai.hoatri",
        "full_name": "Lê Văn Trí",
        "title": "Công chức",
        "roles": ["operator"],
        "unit": str(station.unit_id),
    }
    page = admin.client.post("/accounts", data=form)
    link = re.search(r'value="http://localhost(/setup/[^"]+)"', page.text)

    assert link
    assert client.post(link[1], data={"password": GOOD, "again": GOOD}).status_code == 302
    assert client.get("/me").status_code == 200
    assert client.get("/accounts").status_code == 403
    grants = account_of(studio, "dai.hoatri").grants
    assert [(grant.role, grant.unit_id) for grant in grants] == [("operator", station.unit_id)]


def test_a_link_is_shown_once_and_a_new_one_voids_it(
    admin: Person, client: FlaskClient, seat: Callable[..., Person]
) -> None:
    lan = seat("editor")
    found = [re.search(r"/setup/[\w-]+", admin.client.post(f"/accounts/{lan.account_id}/link").text) for _ in range(2)]
    first, second = (match[0] for match in found if match)

    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert "/setup/" not in admin.client.get(f"/accounts/{lan.account_id}").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Có Dấu"}, "Tên đăng nhập gồm"),
        ({"full_name": ""}, "Hãy ghi họ và tên"),
        ({"roles": []}, "ít nhất một vai trò"),
        ({"roles": ["superuser"]}, "ít nhất một vai trò"),
        ({"roles": ["operator"]}, "Cán bộ đài cần thuộc"),
        ({"roles": ["operator"], "unit": "999999"}, "Cán bộ đài cần thuộc"),
        ({"roles": ["operator"], "unit": "1 OR 1=1"}, "Cán bộ đài cần thuộc"),
    ],
)
def test_a_mistake_keeps_what_was_typed(admin: Person, studio: Studio, change: dict[str, object], words: str) -> None:
    form = {"name": "bientap.lan", "full_name": "Trần Thị Lan", "title": "Biên tập viên", "roles": ["editor"], **change}
    answer = admin.client.post("/accounts", data=form)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Biên tập viên"' in answer.text
    with studio.database.reading() as session:
        assert len(session.scalars(select(Account)).all()) == 1


def test_roles_are_changed_and_a_lock_signs_out(admin: Person, seat: Callable[..., Person]) -> None:
    lan = seat("editor", name="bientap.lan")
    address = f"/accounts/{lan.account_id}"

    admin.client.post(address, data={"full_name": "Lan", "roles": ["planner", "editor"]})
    assert re.findall(r'value="(\w+)" checked', admin.client.get(address).text) == ["editor", "planner"]

    admin.client.post(address + "/active", data={"active": "no"})
    assert lan.client.get("/me").status_code == 302
    assert "Đang khóa" in admin.client.get("/accounts").text
    assert admin.client.post(address + "/link").status_code == 409

    admin.client.post(address + "/active", data={"active": "yes"})
    assert lan.client.get("/me").status_code == 302


def test_the_only_administrator_is_told_why_not(admin: Person) -> None:
    for path, form in (("/active", {"active": "no"}), ("", {"full_name": "An", "roles": ["editor"]})):
        answer = admin.client.post(f"/accounts/{admin.account_id}{path}", data=form)
        assert (answer.status_code, "duy nhất" in answer.text) == (409, True)
    assert admin.client.get("/accounts").status_code == 200


def test_an_administrator_ends_the_machines_of_others(admin: Person, seat: Callable[..., Person]) -> None:
    lan = seat("editor")

    admin.client.post(f"/accounts/{lan.account_id}/sign-ins/end")

    assert lan.client.get("/me").status_code == 302
    assert admin.client.get("/me").status_code == 200


def test_accounts_that_are_not_there(admin: Person) -> None:
    for answer in (admin.client.get("/accounts/999"), admin.client.post("/accounts/999/link")):
        assert (answer.status_code, "Không tìm thấy tài khoản này" in answer.text) == (404, True)


# Stations

FORM = {
    "name": "Đài truyền thanh xã Hòa Trí",
    "letters": "Tr",
    "region": "trung",
    "quiet_from": "21:00",
    "quiet_until": "05:00",
    "quiet_decision": "",
    "active": "yes",
}


def test_a_station_is_renamed_but_keeps_its_code(admin: Person, studio: Studio, station: Station) -> None:
    form = {**FORM, "name": "Đài truyền thanh Hòa Trí", "code": "khac", "unit": "1"}
    assert admin.client.post(f"/stations/{station.id}", data=form).status_code == 302

    with studio.database.reading() as session:
        saved = session.get_one(Station, station.id)
    assert (saved.name, saved.code, saved.unit_id) == ("Đài truyền thanh Hòa Trí", "hoa-tri", station.unit_id)


def test_other_quiet_hours_need_a_decision(admin: Person, studio: Studio, station: Station) -> None:
    address = f"/stations/{station.id}"
    refused = admin.client.post(address, data={**FORM, "quiet_until": "04:30"})
    assert (refused.status_code, "Hãy ghi số quyết định" in refused.text) == (422, True)
    assert 'value="04:30"' in refused.text

    admin.client.post(address, data={**FORM, "quiet_until": "04:30", "quiet_decision": "QĐ 12/UBND"})
    with studio.database.reading() as session:
        assert session.get_one(Station, station.id).quiet_until == time(4, 30)


def test_a_station_says_which_loudspeakers_it_has(admin: Person, studio: Studio, station: Station) -> None:
    address = f"/stations/{station.id}"
    assert "Loa thường, FM, mạng" in admin.client.get("/stations").text
    refused = admin.client.post(address, data={**FORM, "profile": "tinh"})
    assert (refused.status_code, "Hãy chọn loại loa" in refused.text) == (422, True)

    admin.client.post(address, data={**FORM, "profile": "loa"})
    with studio.database.reading() as session:
        assert session.get_one(Station, station.id).profile == "loa"
    assert "Loa nén (loa phóng thanh)" in admin.client.get("/stations").text
    assert '<option value="loa" selected>' in admin.client.get(address).text


def test_quiet_hours_are_not_laid_over_a_running_slot(admin: Person, studio: Studio, station: Station) -> None:
    with studio.database.transaction() as session:
        make_slot(session, session.get_one(Station, station.id), starts_at=time(5, 30))

    answer = admin.client.post(
        f"/stations/{station.id}", data={**FORM, "quiet_until": "05:40", "quiet_decision": "QĐ 12/UBND"}
    )

    assert answer.status_code == 409
    assert "Khung giờ 05:30" in answer.text
    with studio.database.reading() as session:
        assert session.get_one(Station, station.id).quiet_until == time(5, 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"letters": "dài quá"}, "letters"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"quiet_until": "sáng"}, "quiet_until"),
        ({"name": "Đ" * 121}, "name"),
    ],
)
def test_mistakes_about_a_station_stand_at_their_field(
    admin: Person, station: Station, change: dict[str, str], field: str
) -> None:
    answer = admin.client.post(f"/stations/{station.id}", data={**FORM, **change})

    assert answer.status_code == 422
    assert f'id="{field}-loi"' in answer.text


def test_a_new_station_needs_a_code_and_a_unit(admin: Person, studio: Studio, station: Station) -> None:
    new = {**FORM, "name": "Đài truyền thanh xã Mới", "code": "moi", "unit": str(station.unit_id)}

    assert "Mã đài gồm" in admin.client.post("/stations", data={**new, "code": "../moi"}).text
    assert "Đã có đài" in admin.client.post("/stations", data={**new, "code": "hoa-tri"}).text
    assert "Hãy chọn đơn vị" in admin.client.post("/stations", data={**new, "unit": "0"}).text
    assert admin.client.post("/stations", data=new).status_code == 302
    with studio.database.reading() as session:
        assert session.scalars(select(Station.code).order_by(Station.position)).all() == ["hoa-tri", "moi"]
        assert len(session.scalars(select(Unit)).all()) == 1


def test_the_one_switch_for_samples_is_on_the_administrators_page(admin: Person, studio: Studio) -> None:
    page = admin.client.get("/admin").text
    form = re.search(r'action="(/scripts/samples)".*?name="(\w+)" value="(\w+)"', page, re.DOTALL)

    assert form
    admin.client.post(form[1], data={form[2]: form[3]})

    with studio.database.reading() as session:
        assert not scripts.samples_on_air(session)
    assert "Cho phát bài mẫu" in admin.client.get("/admin").text
