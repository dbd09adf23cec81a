"""Signing in and out, the first administrator, one's own machines and password."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.services import accounts, passwords
from broadcast_service.services.sign_ins import hash_token
from broadcast_service.storage.tables import Account, SignIn, Throttle
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_account
from tests.web.conftest import COOKIE, Person

GOOD = "trâu cày ruộng sâu"
NEW = "con kiến leo cành đa"
HASH = passwords.hash_password(GOOD)


@pytest.fixture
def lan(studio: Studio) -> Account:
    with studio.database.transaction() as session:
        return make_account(session, "editor", name="bientap.lan", full_name="Trần Thị Lan", password_hash=HASH)


def enter(client: FlaskClient, **other: str) -> int:
    return client.post("/sign-in", data={"name": "bientap.lan", "password": GOOD, **other}).status_code


def test_a_right_password_opens_the_page_one_wanted(client: FlaskClient, lan: Account) -> None:
    asked = client.get("/scripts?q=đường")
    answer = client.post(asked.location, data={"name": "BienTap.Lan", "password": GOOD})

    assert asked.status_code == answer.status_code == 302
    assert answer.location.startswith("/scripts?q=")
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"],
)
def test_signing_in_leads_to_no_other_place(client: FlaskClient, lan: Account, target: str) -> None:
    answer = client.post("/sign-in", query_string={"next": target}, data={"name": "bientap.lan", "password": GOOD})

    assert answer.location == "/"


def test_a_wrong_password_is_answered_with_a_sentence_and_the_name_kept(client: FlaskClient, lan: Account) -> None:
    answer = client.post("/sign-in", data={"name": "bientap.lan", "password": "sai"})

    assert answer.status_code == 422
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng" in answer.text
    assert 'value="bientap.lan"' in answer.text
    assert "sai" not in re.findall(r'value="([^"]*)"', answer.text)
    assert client.get("/me").status_code == 302


def test_too_many_tries_are_told_how_long_to_wait(client: FlaskClient, studio: Studio, lan: Account) -> None:
    client.post("/sign-in", data={"name": "bientap.lan", "password": "sai"})
    with studio.database.transaction() as session:
        row = session.scalars(select(Throttle).where(Throttle.key.startswith("account:"))).one()
        row.tokens = 0.0

    answer = client.post("/sign-in", data={"name": "bientap.lan", "password": GOOD})

    assert answer.status_code == 429
    assert "Hãy chờ 3 phút" in answer.text


def test_the_cookie_is_unreadable_to_scripts_and_gone_with_the_browser(client: FlaskClient, lan: Account) -> None:
    answer = client.post("/sign-in", data={"name": "bientap.lan", "password": GOOD})
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE + "="))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age" not in cookie
    assert len(cookie.split(";")[0]) >= len(COOKIE) + 43  # 256 bits in base64


def test_a_remembered_machine_keeps_its_cookie_a_month(client: FlaskClient, lan: Account) -> None:
    answer = client.post("/sign-in", data={"name": "bientap.lan", "password": GOOD, "remember": "yes"})

    assert any(f"Max-Age={30 * 86400}" in line for line in answer.headers.getlist("Set-Cookie"))


def test_signing_in_again_gives_a_new_token_and_ends_the_old(client: FlaskClient, studio: Studio, lan: Account) -> None:
    enter(client)
    first = client.get_cookie(COOKIE)
    enter(client)
    second = client.get_cookie(COOKIE)

    assert first
    assert second
    assert first.value != second.value
    with studio.database.reading() as session:
        assert len(session.scalars(select(SignIn)).all()) == 1


def test_a_token_planted_before_signing_in_is_not_adopted(client: FlaskClient, lan: Account) -> None:
    client.set_cookie(COOKIE, "x" * 43)
    enter(client)
    cookie = client.get_cookie(COOKIE)

    assert cookie
    assert cookie.value != "x" * 43


def test_signing_out_ends_the_sign_in_on_the_server(client: FlaskClient, studio: Studio, lan: Account) -> None:
    enter(client)
    token = client.get_cookie(COOKIE)
    assert token

    assert client.post("/sign-out").location == "/sign-in"

    client.set_cookie(COOKIE, token.value)
    assert client.get("/me").status_code == 302
    assert client.get("/sign-out").status_code == 405


def test_an_idle_browser_is_signed_out(client: FlaskClient, clock: StoppedClock, lan: Account) -> None:
    enter(client)
    clock.forward(hours=1, minutes=59)
    assert client.get("/me").status_code == 200
    clock.forward(hours=2)
    assert client.get("/me").status_code == 302


def test_nothing_can_be_done_with_a_form_once_the_account_is_locked(
    studio: Studio, client: FlaskClient, lan: Account
) -> None:
    enter(client)
    with studio.database.transaction() as session:
        accounts.set_active(session, lan.id, active=False)

    assert client.get("/me").status_code == 302
    assert client.post("/me/password", data={}).location == "/sign-in"
    assert enter(client) == 422


def test_the_form_is_not_shown_to_whoever_is_in(client: FlaskClient, lan: Account) -> None:
    enter(client)

    assert client.get("/sign-in").location == "/"


# The first administrator


@pytest.fixture
def first_link(studio: Studio) -> str:
    with studio.database.transaction() as session:
        return "/setup/" + accounts.invite(session, None, now=studio.now())


ADMIN = {"name": "quantri.an", "full_name": "Nguyễn Thị An", "password": GOOD, "again": GOOD}


def test_the_first_link_leads_straight_in(client: FlaskClient, studio: Studio, first_link: str) -> None:
    assert "Người quản trị đầu tiên" in client.get(first_link).text

    answer = client.post(first_link, data=ADMIN)

    assert answer.location == "/"
    assert client.get("/accounts").status_code == 200
    assert "quantri.an" in client.get("/me").text
    assert client.get(first_link).status_code == 404
    assert "đã dùng" in client.post(first_link, data={**ADMIN, "name": "ke.gian"}).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "12345678", "again": "12345678"}, "ít nhất 12 ký tự"),
        ({"password": "888888888888", "again": "888888888888"}, "dễ đoán"),
        ({"password": "quantri.an quantri.an", "again": "quantri.an quantri.an"}, "dễ đoán"),
        ({"again": GOOD + "!"}, "chưa giống nhau"),
        ({"name": "An Nguyễn"}, "Tên đăng nhập gồm"),
        ({"full_name": " "}, "Hãy ghi họ và tên"),
    ],
)
def test_what_is_mistyped_is_said_at_its_field_and_the_link_still_works(
    client: FlaskClient, first_link: str, change: dict[str, str], words: str
) -> None:
    answer = client.post(first_link, data={**ADMIN, **change})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert GOOD not in answer.text
    assert client.post(first_link, data=ADMIN).status_code == 302


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "..%2f..", "a" * 5000])
def test_links_nobody_made_open_nothing(client: FlaskClient, token: str) -> None:
    for answer in (client.get(f"/setup/{token}"), client.post(f"/setup/{token}", data=ADMIN)):
        assert answer.status_code == 404


def test_a_fresh_installation_has_no_account_at_all(studio: Studio, client: FlaskClient) -> None:
    with studio.database.reading() as session:
        assert session.scalars(select(Account)).all() == []
    for name, password in (("admin", "admin"), ("admin", ""), ("quantri", "12345678")):
        assert enter(client, name=name, password=password) == 422


# One's own machines and password


def test_machines_are_listed_and_ended_one_by_one(client: FlaskClient, lan: Account) -> None:
    other = client.application.test_client()
    enter(other)
    enter(client)
    page = client.get("/me").text
    ends = re.findall(r'name="sign_in" value="([0-9a-f]{64})"', page)

    assert page.count("máy này") == 1
    assert len(ends) == 1
    client.post("/me/sign-ins/end", data={"sign_in": ends[0]})

    assert other.get("/me").status_code == 302
    assert client.get("/me").status_code == 200


def test_all_other_machines_are_ended_at_once(client: FlaskClient, lan: Account) -> None:
    others = [client.application.test_client() for _ in range(2)]
    for browser in (*others, client):
        enter(browser)

    client.post("/me/sign-ins/end")

    assert [browser.get("/me").status_code for browser in (*others, client)] == [302, 302, 200]


def test_nobody_ends_the_machine_of_another(client: FlaskClient, lan: Account, seat: Callable[..., Person]) -> None:
    enter(client)
    page = client.get("/me").text
    assert "sign_in" not in re.findall(r'name="([^"]+)"', page)  # one's own can only be left
    stranger = seat("editor").client
    cookie = client.get_cookie(COOKIE)
    assert cookie
    stranger.post("/me/sign-ins/end", data={"sign_in": hash_token(cookie.value)})

    assert client.get("/me").status_code == 200


def test_changing_the_password_needs_the_old_one_and_ends_other_machines(client: FlaskClient, lan: Account) -> None:
    other = client.application.test_client()
    enter(other)
    enter(client)
    form = {"current": GOOD, "password": NEW, "again": NEW}

    wrong = client.post("/me/password", data={**form, "current": "sai"})
    weak = client.post("/me/password", data={**form, "password": "tranthilan-tranthilan", "again": "x"})
    good = client.post("/me/password", data=form)

    assert (wrong.status_code, "hiện nay chưa đúng" in wrong.text) == (422, True)
    assert (weak.status_code, "tên tài khoản" in weak.text) == (422, True)
    assert good.status_code == 302
    assert [browser.get("/me").status_code for browser in (other, client)] == [302, 200]
    assert enter(client.application.test_client()) == 422
    assert enter(client.application.test_client(), password=NEW) == 302


def test_guessing_the_old_password_from_a_borrowed_machine_is_slowed(client: FlaskClient, lan: Account) -> None:
    enter(client)
    form = {"current": "sai", "password": NEW, "again": NEW}

    statuses = [client.post("/me/password", data=form).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]
