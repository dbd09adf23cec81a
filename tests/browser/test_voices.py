"""The pages of the voices in a browser: clean, no wider than the window, and usable without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, Cast
from tests.browser.test_accessible import check, keep_picture, resolve

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = {
    "quản trị": ["/voices", "/voices?measure=1", "/voices/stations/1", "/slots/new"],
    "bien": ["/voices/scripts/1", "FIRST_SCRIPT"],
    "lich": ["FIRST_BROADCAST"],
}


@LOOKS
@pytest.mark.parametrize("who", list(PAGES))
def test_the_pages_that_tell_of_voices_are_clean(cast: Cast, width: int, who: str, dark: bool) -> None:
    page = cast.page(who, width, dark=dark)
    page.context.set_default_timeout(15_000)
    findings: list[str] = []
    for place, path in enumerate(PAGES[who]):
        page.goto(cast.address + resolve(page, cast, path))
        findings += check(page)
        keep_picture(page, f"voices-{place}-{who.replace(' ', '-')}-{width}{'-dark' if dark else ''}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} scrolls sideways"
    assert not findings, "\n".join(findings)
    page.context.close()


def test_an_order_is_changed_with_the_keyboard(cast: Cast, width: int) -> None:
    page = cast.page("quản trị", width)
    page.goto(cast.address + "/voices")
    first = page.locator("#thu-tu li").first.inner_text().splitlines()[0]
    page.locator("#thu-tu li").first.get_by_role("button", name="xuống").press("Enter")
    page.wait_for_url("**/voices#thu-tu")
    assert page.locator("#thu-tu li").nth(1).inner_text().find(first.removeprefix("1.").strip()) >= 0
    page.get_by_role("button", name="Trở về mặc định").press("Enter")
    page.context.close()


def test_a_voice_that_can_not_be_heard_says_why_and_is_asked_once(cast: Cast) -> None:
    page = cast.page("quản trị", 390)
    page.goto(cast.address + "/voices")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/audition" in request.url else None)
    page.evaluate("document.querySelector('#sentence').value = 'xin chào '.repeat(30)")
    page.get_by_role("link", name="Nghe thử Giọng máy miền Bắc").click()
    expect(page.locator(".slip.bad")).to_contain_text("Nghe thử được 200 ký tự")
    expect(page.locator("a[data-hear][aria-busy]")).to_have_count(0)
    page.wait_for_timeout(500)
    assert len(asked) == 1
    page.context.close()


def test_a_voice_is_heard_in_place_and_asked_once(cast: Cast) -> None:
    page = cast.page("quản trị", 390)
    page.add_init_script(
        """window.started = 0;
        const start = AudioBufferSourceNode.prototype.start;
        AudioBufferSourceNode.prototype.start = function () {
            window.started += this.buffer.duration > 1;
            start.call(this);
        };"""
    )
    page.goto(cast.address + "/voices")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/audition" in request.url else None)
    for times in (1, 2):
        page.get_by_role("link", name="Nghe thử Giọng máy miền Bắc").click()
        wait_until(page, f"window.started === {times}")
    assert len(asked) == 1
    assert not page.errors  # type: ignore[attr-defined]
    page.context.close()


def wait_until(page: Page, condition: str) -> None:
    """Polls from outside: the page's policy forbids to evaluate inside."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


@pytest.mark.parametrize(("who", "path"), [("quản trị", "/voices"), ("bien", "/voices/scripts/1"), ("lich", "/sounds")])
def test_a_thumb_finds_every_button_and_field(cast: Cast, who: str, path: str) -> None:
    page = cast.page(who, 390)
    page.goto(cast.address + path)
    low = page.evaluate(
        """() => [...document.querySelectorAll("main :is(.btn, .form-control, .form-select, audio)")]
            .filter((one) => one.checkVisibility())
            .filter((one) => one.getBoundingClientRect().height < 44 || one.getBoundingClientRect().width < 44)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert not low, "\n".join(low)
    here = page.locator(".subnav [aria-current]")
    if here.count():
        box = here.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 390, "the tab of this page is out of sight"
    page.context.close()
