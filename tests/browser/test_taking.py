"""Taking sound along in a real browser: from a script, a rundown, the station's day; what a changed rundown says."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, Cast
from tests.browser.test_accessible import check, keep_picture
from tests.browser.test_listening import ready_broadcast, recorded_script
from tests.browser.test_walk import assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

AS_GIVEN = re.compile(r"Nghe đúng gói số \d+ đã giao$")


def name(what: str, width: int, dark: bool) -> str:
    return f"{what}-{width}{'-dark' if dark else ''}"


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def small_targets(page: Page, where: str, least: int) -> list[str]:
    """What can be tapped and is lower than that; what is folded away has no height."""
    found = []
    for target in page.locator(f"{where} summary, {where} a").all():
        box = target.bounding_box()
        if box and 0 < box["height"] < least:
            found.append(f"{target.inner_text()}: {box['height']}")
    return found


@LOOKS
def test_a_script_is_taken_along_in_any_form_once_it_is_made(
    cast: Cast, width: int, dark: bool, tmp_path: Path
) -> None:
    page = recorded_script(cast, width, dark=dark)
    page.get_by_text("Tải về", exact=True).click()
    listed = page.locator(".taking ul")
    expect(listed).to_be_in_viewport(ratio=0.9)
    expect(listed.get_by_role("link")).to_have_text(["MP3", "Opus", "M4A", "WAV", "Phụ đề"])
    keep_picture(page, name("script-taking", width, dark))
    assert fits(page)
    assert not small_targets(page, ".taking", 24)
    assert not check(page)

    listed.get_by_role("link", name="Opus").click()
    expect(page.get_by_role("heading", name="Tệp này chưa có")).to_be_visible()
    keep_picture(page, name("taking-none", width, dark))
    assert not check(page)
    page.get_by_role("button", name="Làm tệp Opus").click()
    page.wait_for_url(re.compile(r"\?page=1$"))
    keep_picture(page, name("taking-wait", width, dark))
    assert not check(page)
    expect(page.get_by_role("heading", name="Tệp đã xong")).to_be_visible(timeout=60_000)
    keep_picture(page, name("taking-ready", width, dark))
    assert fits(page)
    assert not check(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("Tải Opus")).click()
    assert waiting.value.suggested_filename.endswith(".ogg")
    waiting.value.save_as(tmp_path / "bai.ogg")
    assert (tmp_path / "bai.ogg").read_bytes()[:4] == b"OggS"
    assert_sound(page)
    page.context.close()


@LOOKS
def test_a_rundown_says_which_package_is_heard_and_what_has_changed_since(cast: Cast, width: int, dark: bool) -> None:
    page = cast.page("lich", width, dark=dark)
    ready_broadcast(page, cast)
    for _ in range(60):
        if AS_GIVEN.search(page.locator("[data-which]").inner_text().strip()):
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(page.locator("[data-which]")).to_contain_text(AS_GIVEN)
    page.get_by_text("Tải về", exact=True).click()
    keep_picture(page, name("rundown-taking", width, dark))
    assert fits(page)
    assert not small_targets(page, ".taking", 24)
    assert not check(page)

    before = page.locator("li.cue[data-place]").count()
    page.locator("li.cue[data-place] [data-drop]").first.click()
    expect(page.get_by_role("button", name="Lấy lại")).to_be_visible()
    expect(page.locator("[data-player] .play")).to_be_visible()
    which = page.locator("[data-which]").inner_text()
    if "kịch bản khung đã đổi sau đó" in which:  # until the day is packed again, in a minute at most
        rows = page.locator(".on-tape .cue")
        assert rows.count() > 0
        keep_picture(page, name("rundown-changed", width, dark))
        assert fits(page)
        assert not check(page)
        rows.last.locator("time").click()
        page.wait_for_function(
            "() => document.querySelector('[data-player] audio').currentTime > 1 || document.querySelector('.slip.bad')"
        )
        if page.locator(".slip.bad").count() == 0:  # else it was packed again in this very moment
            expect(rows.last).to_have_class(re.compile("playing"))
            page.locator("[data-player] .play").click()
    page.get_by_role("button", name="Lấy lại").click()
    expect(page.locator("li.cue[data-place]")).to_have_count(before)
    # The day may be packed again between any two of these lines; the tape the page had is then answered with 409.
    page.errors[:] = [error for error in page.errors if "409 (CONFLICT)" not in error]  # type: ignore[attr-defined]
    assert_sound(page)
    page.context.close()


def test_a_page_whose_tape_is_gone_says_what_to_do(cast: Cast) -> None:
    page = cast.page("lich", 390)
    ready_broadcast(page, cast)
    page.route(re.compile(r"/(sound\.mp3|listen\.m3u8)"), lambda route: route.fulfill(status=409, body=""))
    page.locator("[data-player] .play").click()
    expect(page.locator(".slip.bad")).to_contain_text("Tải lại trang rồi nghe tiếp")
    expect(page.locator(".slip.bad")).to_have_count(1)
    page.context.close()


@LOOKS
def test_an_operator_finds_the_forms_for_phones_under_the_big_ones(cast: Cast, width: int, dark: bool) -> None:
    page = cast.page("dai", width, dark=dark)
    for _ in range(90):
        page.goto(cast.address + "/station/hoa-tri")
        if page.locator(".next .taking").count():
            break
        page.wait_for_timeout(1_000)
    page.locator(".next .taking summary").click()
    if page.locator(".order .taking summary").count():
        page.locator(".order .taking summary").first.click()
    links = page.locator(".next .taking a")
    expect(links).to_have_text(["Opus", "M4A", "Lời đọc"])
    keep_picture(page, name("station-taking", width, dark))
    assert fits(page)
    assert not small_targets(page, ".taking", 48)
    assert not check(page)
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tệp Opus")
    assert not check(page)
    assert_sound(page)
    page.context.close()
