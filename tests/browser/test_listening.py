"""Listening in a real browser: a click on the wave plays from there, and the text follows the voice."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, Cast
from tests.browser.test_accessible import check, keep_picture
from tests.browser.test_walk import assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

TEXT = (
    "Năm 2018, anh Trần Văn Bình ở xã Hòa Trí trồng 15 sào bưởi, vay 120 triệu đồng của ngân hàng. "
    "Cả nhà cùng làm.\n\n"
    "Đến nay vườn cho trái ngọt, bà con trong xã đến học cách làm. Nhờ vậy, 23 hộ có thêm việc.\n\n"
    "Xin cảm ơn anh Bình và chúc bà con được mùa. Buổi phát xin dừng tại đây, kính chào bà con."
)
MARKED = "() => [...(CSS.highlights.get('being-said') ?? [])].map(String).join()"
IN_VIEW = """() => {
    const [range] = CSS.highlights.get('being-said');
    const box = range.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= document.querySelector('[data-player]').getBoundingClientRect().top }"""
WAIT_MARKED = f"(before) => {{ const now = ({MARKED})(); return now && now !== before }}"


def recorded_script(cast: Cast, width: int, *, dark: bool) -> Page:
    """The page of a new script whose recording is there, before its editor."""
    page = cast.page("bien", width, dark=dark)
    page.goto(cast.address + "/scripts/new")
    page.fill("[name=title]", f"Vườn bưởi nhà anh Bình {width}{' tối' if dark else ''}")
    page.fill("[name=written]", TEXT)
    page.select_option("select[name=field]", index=1)
    page.get_by_role("button", name="Lưu bài").click()
    page.wait_for_url(re.compile(r"/scripts/\d+$"))
    button = page.get_by_role("button", name="Thu để nghe thử")
    if button.count():
        button.click()
    expect(page.locator("[data-player] .play")).to_be_visible(timeout=60_000)
    return page


def click_wave(page: Page, share: float) -> float:
    """Click so far along the wave; the length of the sound in seconds."""
    box = page.locator("[data-wave]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.7)
    return float(page.locator("[data-player]").get_attribute("data-length-ms") or 0) / 1000


def seconds_now(page: Page) -> float:
    return float(page.evaluate("document.querySelector('[data-player] audio').currentTime"))


@LOOKS
def test_the_word_that_is_said_is_marked_from_where_the_wave_was_clicked(cast: Cast, width: int, dark: bool) -> None:
    page = recorded_script(cast, width, dark=dark)
    length_s = click_wave(page, 2 / 3)
    first = page.wait_for_function(WAIT_MARKED, arg="").json_value() and page.evaluate(MARKED)
    assert 2 / 3 * length_s - 0.5 < seconds_now(page) < 2 / 3 * length_s + 4
    assert " " not in first.strip(), "a voice that tells its words has single words marked"
    for _ in range(3):
        page.wait_for_function(WAIT_MARKED, arg=first)
        first = page.evaluate(MARKED)
    page.wait_for_function(IN_VIEW)
    keep_picture(page, f"script-playing-{width}{'-dark' if dark else ''}")
    page.locator("[data-player] .play").click()
    playing = page.locator(".para.playing")
    expect(playing).to_have_count(1)
    assert page.evaluate(MARKED) in playing.locator(".spoken").inner_text()
    assert not check(page)
    expect(page.locator("[data-player]")).to_contain_text("Giọng máy miền Bắc")
    assert_sound(page)
    page.context.close()


def test_a_sentence_is_marked_where_the_voice_has_not_told_its_words(cast: Cast) -> None:
    page = recorded_script(cast, 1280, dark=False)
    page.route(
        "**/follow.json",
        lambda route: route.fulfill(
            json={"pieces": [piece | {"words": None} for piece in route.fetch().json()["pieces"]]}
        ),
    )
    page.locator("[data-player] .play").click()
    page.wait_for_function(WAIT_MARKED, arg="")
    assert page.evaluate(MARKED).startswith("Năm hai nghìn không trăm mười tám")
    assert "Cả nhà" not in page.evaluate(MARKED)
    page.locator("#doan-2 .para-no").click()
    page.wait_for_function("() => String([...CSS.highlights.get('being-said')][0]).startsWith('Đến nay')")
    page.context.close()


def test_a_reader_who_scrolls_away_is_left_alone(cast: Cast) -> None:
    page = recorded_script(cast, 390, dark=False)
    page.locator("[data-player] .play").click()
    page.wait_for_function(WAIT_MARKED, arg="")
    page.wait_for_timeout(800)
    page.evaluate("window.scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    page.wait_for_timeout(100)
    there, said = page.evaluate("scrollY"), page.evaluate(MARKED)
    page.wait_for_function(WAIT_MARKED, arg=said)
    page.wait_for_timeout(1_200)
    assert page.evaluate("scrollY") == there
    page.context.close()


def ready_broadcast(page: Page, cast: Cast) -> None:
    """Go to the rundown of a broadcast all of whose sound is there."""
    for _ in range(60):
        page.goto(cast.address + "/week")
        ready = page.locator(".week a.slot:has([data-state=ready])")
        if ready.count():
            page.goto(cast.address + (ready.first.get_attribute("href") or ""))
            if page.locator("[data-player]").count():
                return
        page.wait_for_timeout(2_000)
    raise AssertionError("no broadcast becomes ready")


@LOOKS
def test_a_broadcast_is_heard_from_any_of_its_items_with_the_text_that_is_said(
    cast: Cast, width: int, dark: bool
) -> None:
    page = cast.page("lich", width, dark=dark)
    ready_broadcast(page, cast)
    length_s = click_wave(page, 2 / 3)
    page.wait_for_function("() => document.querySelector('[data-player] audio').currentTime > 1")
    assert 2 / 3 * length_s - 1 < seconds_now(page) < 2 / 3 * length_s + 5

    row = page.locator("li.cue[data-place]:not(.frame-row)").last
    start = row.locator("time")
    start.press("Enter")
    from_s = float(start.get_attribute("data-from-ms") or 0) / 1000
    page.wait_for_function(f"() => Math.abs(document.querySelector('[data-player] audio').currentTime - {from_s}) < 4")
    expect(row).to_have_class(re.compile("playing"))
    expect(page.locator("[data-said-title]")).to_have_text(row.locator("a").first.inner_text())
    said = ""
    for _ in range(3):
        page.wait_for_function(WAIT_MARKED, arg=said)
        said = page.evaluate(MARKED)
    keep_picture(page, f"rundown-playing-{width}{'-dark' if dark else ''}")
    page.locator("[data-player] .play").click()
    assert page.evaluate(MARKED) in page.locator("[data-said-text]").inner_text()
    expect(page.locator("[data-player] [data-flag].here")).to_have_count(1)
    assert not check(page)
    page.locator("[data-flag]").first.click(force=True)
    page.wait_for_function("() => document.querySelector('[data-player] audio').currentTime < 4")
    assert_sound(page)
    page.context.close()


def test_a_browser_that_takes_no_such_stream_plays_the_file_and_the_wave_is_moved_by_keys(cast: Cast) -> None:
    page = cast.page("lich", 1280)
    ready_broadcast(page, cast)
    first = page.locator("[data-player] audio source").first
    assert "/sound.mp3" in (first.get_attribute("src") or "")
    page.locator("[data-player] .play").click()
    page.wait_for_function("() => document.querySelector('[data-player] audio').currentTime > 0.5")
    assert "/sound.mp3" in page.evaluate("document.querySelector('[data-player] audio').currentSrc")
    page.locator("[data-player] .play").click()
    wave = page.get_by_role("slider")
    wave.press("Home")
    wave.press("ArrowRight")
    wave.press("ArrowRight")
    wave.press("ArrowLeft")
    expect(wave).to_have_attribute("aria-valuenow", "5")
    assert seconds_now(page) == pytest.approx(5, abs=0.2)
    page.locator(".taking summary").click()
    expect(page.get_by_role("link", name="Dòng phát HLS")).to_be_visible()
    assert not check(page)
    keep_picture(page, "rundown-taking-1280")
    page.context.close()


def test_who_is_given_the_stream_and_can_not_play_it_is_given_the_file(cast: Cast) -> None:
    page = cast.page("lich", 390)
    page.add_init_script("Object.defineProperty(navigator, 'vendor', { value: 'Apple Computer, Inc.' })")
    ready_broadcast(page, cast)
    first = page.locator("[data-player] audio source").first
    assert "listen.m3u8" in (first.get_attribute("src") or "")
    page.locator("[data-player] .play").click()
    page.wait_for_function("() => document.querySelector('[data-player] audio').currentTime > 0.5")
    assert "/sound.mp3" in page.evaluate("document.querySelector('[data-player] audio').currentSrc")
    page.context.close()


def test_who_wants_no_motion_is_not_scrolled(cast: Cast) -> None:
    page = recorded_script(cast, 390, dark=False)
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    click_wave(page, 0.85)
    page.wait_for_function(WAIT_MARKED, arg="")
    page.wait_for_timeout(1_000)
    assert page.evaluate("scrollY") == 0
    assert not page.evaluate(IN_VIEW)
    page.context.close()


def test_a_browser_without_highlights_marks_the_paragraph(cast: Cast) -> None:
    page = recorded_script(cast, 1280, dark=False)
    page.add_init_script("Object.defineProperty(CSS, 'highlights', {value: undefined})")
    page.reload()
    page.locator("#doan-2 .para-no").click()
    expect(page.locator("#doan-2")).to_have_class(re.compile("playing"))
    page.wait_for_function("() => document.querySelector('[data-player] audio').currentTime > 0.5")
    assert page.evaluate("CSS.highlights") is None
    assert_sound(page)
    page.context.close()


def test_the_text_of_an_item_moves_along_in_its_box(cast: Cast) -> None:
    page = cast.page("lich", 390)
    ready_broadcast(page, cast)
    starts = [float(time.get_attribute("data-from-ms") or 0) for time in page.locator("li.cue time").all()]
    length_ms = float(page.locator("[data-player]").get_attribute("data-length-ms") or 1)
    click_wave(page, (starts[1] * 0.1 + starts[2] * 0.9) / length_ms)
    page.wait_for_function(WAIT_MARKED, arg="")
    page.wait_for_function(
        """() => {
        const mark = [...CSS.highlights.get('being-said')][0].getBoundingClientRect();
        const said = document.querySelector('[data-said]');
        const box = said.getBoundingClientRect();
        return said.scrollTop > 0 && mark.top >= box.top && mark.bottom <= box.bottom }"""
    )
    page.context.close()


def test_the_numbers_of_many_paragraphs_do_not_lie_upon_each_other(cast: Cast, width: int) -> None:
    page = cast.page("bien", width)
    page.goto(cast.address + "/scripts/new")
    page.fill("[name=title]", f"Hỏi và đáp {width}")
    page.fill("[name=written]", "\n\n".join(["Xin chào bà con.", "Dạ."] * 14))
    page.select_option("select[name=field]", index=1)
    page.get_by_role("button", name="Lưu bài").click()
    page.wait_for_url(re.compile(r"/scripts/\d+$"))
    button = page.get_by_role("button", name="Thu để nghe thử")
    if button.count():
        button.click()
    expect(page.locator("[data-player] .play")).to_be_visible(timeout=60_000)
    boxes = [flag.bounding_box() for flag in page.locator("[data-flag]").all() if flag.is_visible()]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
    assert len(edges) > 4
    assert all(left[1] < right[0] for left, right in pairwise(edges))
    page.context.close()
