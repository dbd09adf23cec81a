"""The pages of the voices in a browser: clean, no wider than the window, and usable without a mouse."""

import pytest

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
