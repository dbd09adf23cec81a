"""What every page stands on: rights, the one session of a request, headers, hosts, CSRF, error pages."""

import re
from pathlib import Path

import pytest
from flask import Blueprint, Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from broadcast_service.domain.roles import Role
from broadcast_service.errors import Conflict, EngineError, NoSpace, UserError
from broadcast_service.services import sign_ins
from broadcast_service.settings import Settings
from broadcast_service.storage.tables import Preference, SignIn
from broadcast_service.studio import Studio
from broadcast_service.web import create_app, door
from broadcast_service.web.headers import CONTENT_SECURITY_POLICY, trusted_hosts
from tests.conftest import StoppedClock
from tests.web.conftest import SignIn as SignInAs

ROOT = Path(__file__).parents[2]


def test_a_view_that_does_not_say_who_may_call_it_stops_the_start(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = Blueprint("careless", __name__)
    careless.add_url_rule("/careless", "show", lambda: "all of it")
    original = Flask.register_blueprint

    def register(app: Flask, blueprint: Blueprint, **options: object) -> None:
        original(app, blueprint, **options)
        if "careless" not in app.blueprints:
            original(app, careless)

    monkeypatch.setattr(Flask, "register_blueprint", register)
    with pytest.raises(AssertionError, match=r"careless\.show"):
        create_app(studio)


def probe(app: Flask, what: object) -> str:
    """Add a page that writes a preference and then does something; answers its address."""

    @door.allow.any_signed_in
    def show() -> object:
        door.db().merge(Preference(name="probe", value="written"))
        if isinstance(what, Exception):
            raise what
        return what

    app._got_first_request = False
    app.add_url_rule("/probe", "probe", show, methods=["GET", "POST"])
    return "/probe"


def written(studio: Studio) -> bool:
    with studio.database.reading() as session:
        return session.get(Preference, "probe") is not None


def test_a_post_that_goes_well_is_kept(app: Flask, studio: Studio, sign_in: SignInAs) -> None:
    browser, address = sign_in("editor"), probe(app, "good")

    assert browser.post(address).status_code == 200
    assert written(studio)


@pytest.mark.parametrize(
    "what", [("refused", 422), Conflict("Không được."), KeyError("a bug"), EngineError("mute", retryable=True)]
)
def test_a_post_that_fails_leaves_nothing(app: Flask, studio: Studio, sign_in: SignInAs, what: object) -> None:
    browser, address = sign_in("editor"), probe(app, what)

    assert browser.post(address).status_code >= 400
    assert not written(studio)
    with studio.database.transaction():
        pass  # nobody holds the writer's lock any more


def test_a_get_changes_nothing_whatever_its_view_does(app: Flask, studio: Studio, sign_in: SignInAs) -> None:
    browser, address = sign_in("editor"), probe(app, "good")

    assert browser.get(address).status_code == 200
    assert not written(studio)


def test_a_visit_keeps_the_sign_in_alive_but_is_noted_rarely(
    studio: Studio, clock: StoppedClock, sign_in: SignInAs
) -> None:
    browser = sign_in("editor")

    def seen() -> object:
        with studio.database.reading() as session:
            return session.scalars(select(SignIn.seen_at)).one()

    start = seen()
    clock.forward(minutes=4)
    browser.get("/me").close()
    assert seen() == start
    clock.forward(minutes=1)
    browser.get("/me").close()
    assert seen() == clock.now


def test_a_page_comes_even_when_the_visit_can_not_be_noted(
    studio: Studio, clock: StoppedClock, sign_in: SignInAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in("editor")
    clock.forward(minutes=10)

    def full(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database or disk is full"))

    monkeypatch.setattr(sign_ins, "touch", full)
    answer = browser.get("/me")
    answer.close()
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Conflict("Bài này đã duyệt."), 409, "Bài này đã duyệt."),
        (NoSpace("/srv"), 507, "Không ghi được vào"),
        (EngineError("espeak died", retryable=True), 503, "Chưa làm ra âm thanh được"),
        (OperationalError("INSERT", {}, Exception("database or disk is full")), 507, "Máy chủ hết chỗ trống"),
        (OperationalError("INSERT", {}, Exception("database is locked")), 503, "Máy chủ đang bận"),
        (ZeroDivisionError("secret detail"), 500, "Trang này đang gặp trục trặc"),
    ],
)
def test_what_goes_wrong_becomes_a_plain_sentence(
    app: Flask, sign_in: SignInAs, error: Exception, status: int, words: str
) -> None:
    browser, address = sign_in("editor"), probe(app, error)

    answer = browser.get(address)

    assert answer.status_code == status
    assert words in answer.text
    assert 'href="/"' in answer.text
    for secret in ("Traceback", "secret detail", "espeak died", "INSERT"):
        assert secret not in answer.text


def test_every_error_of_ours_has_a_page_of_its_own(app: Flask) -> None:
    words = (ROOT / "templates" / "error.html").read_text("utf-8")
    kinds = [UserError, *UserError.__subclasses__()]

    for status in {kind.http_status for kind in kinds} | {400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507}:
        assert f"  {status}: (" in words


def test_unknown_addresses_methods_and_sizes(client: FlaskClient, sign_in: SignInAs) -> None:
    assert "Không tìm thấy trang" in client.get("/wp-admin").text
    assert client.get("/wp-admin").status_code == 404
    assert client.post("/wp-admin").status_code == 404
    assert client.delete("/me").status_code == 405
    assert client.open("/me", method="TRACE").status_code == 405
    huge = sign_in("admin").post("/accounts", data={"name": "x" * 1_100_000})
    assert (huge.status_code, "quá lớn" in huge.text) == (413, True)


@pytest.mark.parametrize("address", ["/sign-in", "/wp-admin", "/static/theme.css", "/accounts", "/sign-in?a=%ff"])
def test_every_answer_carries_the_same_caution(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers

    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    for word in ("unsafe", "http:", "https:", "*", "blob:"):
        assert word not in CONTENT_SECURITY_POLICY
    for rule in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in CONTENT_SECURITY_POLICY


def test_no_template_needs_what_the_policy_forbids() -> None:
    forbidden = re.compile(
        r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|https?://(?!www\.w3\.org/2000/svg)"
    )
    for path in (ROOT / "templates").rglob("*.html"):
        if path.parent.name == "packages" and path.stem == "run_sheet":
            continue  # a file of a package, read from a stick: it has to carry its style with it
        assert not forbidden.findall(path.read_text("utf-8")), path


def test_pages_are_not_stored_and_static_files_for_ever(client: FlaskClient) -> None:
    page = client.get("/sign-in")
    css = re.findall(r'href="([^"]+\.css\?v=[^"]+)"', page.text)

    assert page.headers["Cache-Control"] == "no-store"
    assert len(css) >= 2
    for address in css:
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/static/theme.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/../settings.py").status_code == 404
    assert client.get("/bootstrap/..%2f..%2f__init__.py").status_code == 404


def test_everything_a_page_asks_for_is_here(client: FlaskClient) -> None:
    page = client.get("/sign-in").text

    for address in re.findall(r'(?:src|href)="(/(?:static|bootstrap)[^"]+)"', page):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]:80"])
def test_a_foreign_host_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:8080"])
def test_the_own_hosts_are_served(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_the_public_and_the_listening_address_are_hosts_too() -> None:
    hosts = trusted_hosts(Settings(url="https://TruyenThanh.example.vn:8443/x", host="192.0.2.10"))

    assert {"truyenthanh.example.vn", "192.0.2.10", "localhost"} <= hosts
    assert "[2001:db8::1]" in trusted_hosts(Settings(host="2001:db8::1"))


def test_forwarded_headers_are_taken_from_nobody(client: FlaskClient) -> None:
    answer = client.get("/accounts", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})

    assert answer.headers["Location"] == "/sign-in?next=/accounts"


def test_every_form_needs_its_token(studio: Studio, client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    browser = sign_in("admin")
    assert create_app(studio).config.get("WTF_CSRF_ENABLED", True)
    app.config["WTF_CSRF_ENABLED"] = True
    page = browser.get("/accounts/new").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"name": "bientap.lan", "full_name": "Lan", "roles": "editor"}

    for wrong in ({}, {"csrf_token": ""}, {"csrf_token": token[1][:-2]}):
        refused = browser.post("/accounts", data={**form, **wrong})
        assert (refused.status_code, "để quá lâu" in refused.text) == (400, True)
    foreign = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert foreign
    assert browser.post("/accounts", data={**form, "csrf_token": foreign[1]}).status_code == 400
    assert browser.post("/accounts", data={**form, "csrf_token": token[1]}).status_code == 200


def test_every_form_in_the_templates_that_posts_carries_the_token() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        for form in re.findall(r'<form\b[^>]*method="post".*?</form>', text, re.DOTALL | re.IGNORECASE):
            assert "csrf" in form, path


@pytest.fixture
def https_app(studio: Studio) -> Flask:
    from dataclasses import replace

    app = create_app(replace(studio, settings=replace(studio.settings, url="https://loa.example.vn")))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def test_over_tls_cookies_are_bound_to_host_and_transport(https_app: Flask, studio: Studio) -> None:
    answer = https_app.test_client().get("/sign-in", base_url="https://loa.example.vn")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie


def test_pages_have_one_heading_a_language_a_skip_link_and_say_where_one_is(sign_in: SignInAs) -> None:
    browser = sign_in("admin", "planner")

    for address in ("/", "/me", "/accounts", "/accounts/new", "/stations", "/stations/new", "/admin", "/nirgendwo"):
        page = browser.get(address).text
        assert '<html lang="vi"' in page
        assert len(re.findall(r"<h1\b", page)) == 1, address
        assert '<a class="skip" href="#main">' in page
        assert 'id="main"' in page
        labels = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
            if 'type="hidden"' not in field and "aria-label" not in field:
                assert re.search(r' id="([^"]+)"', field)[1] in labels, (address, field)  # type: ignore[index]
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), address
    assert browser.get("/accounts").text.count('aria-current="page"') == 3  # bar, tabs, and the places within


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        ("editor", ["Hôm nay", "Kịch bản", "Bảng tuần"], ["Khung giờ", "Quản trị"]),
        ("planner", ["Khung giờ"], ["Quản trị"]),
        ("admin", ["Khung giờ", "Quản trị"], []),
    ],
)
def test_the_bar_shows_what_the_role_may_open(sign_in: SignInAs, role: str, seen: list[str], unseen: list[str]) -> None:
    page = sign_in(role).get("/me").text
    bar = page[page.index("<nav") : page.index("</nav>")]

    assert all(word in bar for word in seen)
    assert not any(word in bar for word in unseen)
    assert Role(role) in set(Role)


def test_texts_of_people_are_shown_as_text(sign_in: SignInAs) -> None:
    name = '<img src=x onerror="alert(1)">&{{7*7}}'
    page = sign_in("admin", full_name=name).get("/accounts").text

    assert "<img" not in page
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;&amp;{{7*7}}" in page


def test_addresses_are_built_for_every_named_place(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://localhost"):
        assert url_for("home.admin") == "/admin"
