"""A script rehearsed in a real browser: questions, any word corrected and heard, the reading while typing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from broadcast_service.domain.timing import count_syllables
from tests.browser.conftest import LOOKS, PASSWORD, Cast
from tests.browser.test_accessible import check, keep_picture
from tests.browser.test_walk import assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

TEXT = (
    "Năm 2018, anh Trần Văn Bình ở xã Hòa Trí trồng 1,5 ha bưởi, vay 120 triệu đồng của NHCSXH.\n\n"
    "CLB NNTT của xã có 23 hộ cùng cùng làm theo KH số 152/KH-UBND ngày 14/3/2019. NNTT học ở Smartfarm.\n\n"
    "Từ năm 2018 đến năm 2026 là 7 năm bà con vui."
)

DECODED_SECONDS = """async (address) => {
    const answer = await fetch(address);
    const bytes = await answer.arrayBuffer();
    const sound = await new OfflineAudioContext(1, 44100, 44100).decodeAudioData(bytes);
    return sound.duration }"""

SELECT = """([place, word]) => {
    const walk = document.createTreeWalker(document.querySelector(place), NodeFilter.SHOW_TEXT);
    let node = walk.nextNode();
    while (!node.data.includes(word)) node = walk.nextNode();
    const at = node.data.indexOf(word);
    window.getSelection().setBaseAndExtent(node, at, node, at + word.length) }"""


def write(page: Page, address: str, title: str) -> str:
    """Write the script down as the editor does; its address."""
    page.goto(address + "/scripts/new")
    page.fill("[name=title]", title)
    page.fill("[name=written]", TEXT)
    page.select_option("select[name=field]", index=1)
    page.get_by_role("button", name="Lưu bài").click()
    page.wait_for_url(re.compile(r"/scripts/\d+$"))
    return page.url


def test_the_reading_and_its_length_follow_the_typing(cast: Cast, width: int) -> None:
    page = cast.page("bien", width)
    page.goto(cast.address + "/scripts/new")
    page.fill("[name=written]", "Xã có 23 hộ.")
    expect(page.locator(".draft")).to_contain_text("hai mươi ba hộ")
    page.locator("[name=written]").press_sequentially(" UBND khen.")
    expect(page.locator(".draft")).to_contain_text("Ủy ban nhân dân khen")

    shown = page.locator(".draft").evaluate(
        "draft => { const copy = draft.cloneNode(true); copy.querySelectorAll('.breath').forEach(e => e.remove());"
        " return copy.textContent }"
    )
    assert page.locator("[data-syllables]").get_attribute("data-syllables") == str(count_syllables(shown))
    expect(page.locator("[data-reading-place] .num")).to_have_text(f"{count_syllables(shown)} tiếng, 1 đoạn")
    page.fill("[name=written]", "…")
    expect(page.locator("[data-reading-place]")).to_contain_text("chưa có chữ nào")
    page.errors.clear()  # type: ignore[attr-defined]  # the browser tells of the answer 422
    page.fill("[name=written]", TEXT)
    expect(page.locator(".draft mark.say-ask").first).to_be_visible()
    keep_picture(page, f"bien-scripts-typing-{width}")
    assert not check(page)
    assert_sound(page)
    page.context.close()


@LOOKS
def test_questions_are_answered_and_a_word_is_corrected_and_heard(cast: Cast, width: int, dark: bool) -> None:
    name = f"{width}{'-dark' if dark else ''}"
    page = cast.page("bien", width, dark=dark)
    address = write(page, cast.address, f"Vườn bưởi {name}")
    expect(page.locator(".asked h2")).to_have_text(re.compile("2 chỗ chưa rõ cách đọc"))
    keep_picture(page, f"bien-script-asked-{name}")
    assert not check(page)

    card = page.locator(".ask", has_text="NNTT")
    card.locator("[data-own]").fill("nông nghiệp thông minh")
    with page.expect_response(re.compile("/audition")) as heard:
        card.get_by_role("button", name="Nghe thử").click()
    assert heard.value.headers["content-type"] == "audio/mpeg"
    assert 0.5 < page.evaluate(DECODED_SECONDS, heard.value.url) < 6
    card.locator("[data-own]").press("Enter")
    expect(page.locator(".slip")).to_contain_text("thành bản 2")
    expect(page.locator(".asked h2")).to_have_text(re.compile("1 chỗ"))
    expect(page.locator("#doan-2 .spoken")).to_contain_text("nông nghiệp thông minh của xã")

    page.wait_for_load_state()  # before its scripts a span is a link to a page of its own
    page.locator("#doan-1 .spoken a.say", has_text="Ngân hàng").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading")).to_have_text("Cách đọc “NHCSXH”")
    expect(page.locator("#doan-1 .written a.say", has_text="NHCSXH")).to_have_class(re.compile("picked"))
    keep_picture(page, f"bien-script-word-{name}")
    assert not check(page)
    panel.get_by_label("Đọc là").fill("Ngân hàng Chính sách")
    with page.expect_response(re.compile("/audition")) as heard:
        panel.get_by_role("button", name="Nghe thử").click()
    assert 0.5 < page.evaluate(DECODED_SECONDS, heard.value.url) < 6
    panel.get_by_role("button", name="Dùng cách đọc này").click()
    expect(page.locator("#doan-1 .spoken")).to_contain_text("của Ngân hàng Chính sách.")
    expect(page.locator(".revs")).to_contain_text("Bản 3")

    page.wait_for_load_state()
    page.locator("#doan-2 .spoken a.say", has_text="nông nghiệp").first.focus()
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Chỉ chỗ này, nhớ cùng chữ bên cạnh: “NNTT của”")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert page.url.startswith(address)
    assert_sound(page)
    page.context.close()


def test_words_that_are_selected_can_be_corrected(cast: Cast, width: int) -> None:
    page = cast.page("bien", width)
    write(page, cast.address, f"Anh Bình {width}")
    page.evaluate(SELECT, ["#doan-1 .written", "Bình"])
    page.get_by_role("button", name="Cách đọc", exact=True).click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading")).to_have_text("Cách đọc “Bình”")
    panel.get_by_label("Đọc là").fill("Bằng")
    panel.get_by_role("button", name="Dùng cách đọc này").click()
    expect(page.locator("#doan-1 .spoken")).to_contain_text("Trần Văn Bằng ở xã")
    assert_sound(page)
    page.context.close()


def test_the_spoken_text_is_copied_or_at_least_selected(cast: Cast) -> None:
    page = cast.page("bien", 1280)
    write(page, cast.address, "Chép lời")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép lời đọc").click()
    expect(page.locator(".slip", has_text="Đã chép lời đọc")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Năm hai nghìn không trăm mười tám")

    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('closed') } }")
    page.get_by_role("button", name="Chép lời đọc").click()
    expect(page.get_by_label("Lời đọc của cả bài")).to_be_visible()
    assert "Ngân hàng Chính sách xã hội" in page.evaluate("window.getSelection().toString()")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải lời đọc").click()
    assert "hai mươi ba hộ" in Path(download.value.path()).read_text("utf-8")
    assert_sound(page)
    page.context.close()


def test_a_sure_mend_is_one_tap(cast: Cast, width: int) -> None:
    page = cast.page("bien", width)
    write(page, cast.address, f"Sửa lỗi {width}")
    page.get_by_role("button", name="Sửa số năm").click()
    expect(page.locator("#doan-3 .written")).to_contain_text("là 8 năm bà con")
    page.get_by_role("button", name="Bỏ một lần").click()
    expect(page.locator("#doan-2 .written")).to_contain_text("23 hộ cùng làm")
    expect(page.locator(".revs")).to_contain_text("Bỏ chữ lặp “cùng”")
    assert_sound(page)
    page.context.close()


def test_what_was_listened_to_is_kept_and_what_was_skipped_is_not(cast: Cast) -> None:
    page = cast.page("bien", 1280)
    address = write(page, cast.address, "Nghe bài")
    page.get_by_role("button", name="Thu để nghe thử").click()
    expect(page.locator("audio")).to_be_attached(timeout=60_000)
    expect(page.locator(".gate")).to_contain_text("Nghe hết bản thu, còn 3 đoạn")
    page.wait_for_load_state()

    with page.expect_response(re.compile("/heard$")) as kept:
        page.evaluate("document.querySelector('audio').playbackRate = 8")
        page.locator("#doan-2 .para-no").click()
        expect(page.locator("#doan-2")).to_have_class(re.compile("heard"), timeout=30_000)
    assert kept.value.status == 200
    page.evaluate("document.querySelector('audio').pause()")

    page.goto(address)
    expect(page.locator("#doan-2")).to_have_class(re.compile("heard"))
    expect(page.locator("#doan-1")).not_to_have_class(re.compile("heard"))
    expect(page.locator("[data-heard-words]")).to_have_text(re.compile("Đã nghe [12] trên 3 đoạn"))
    assert_sound(page)
    page.context.close()


def test_the_whole_page_works_without_scripts(cast: Cast) -> None:
    context = cast.browser.new_context(
        java_script_enabled=False, locale="vi-VN", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(cast.address + "/sign-in")
    page.fill("#name", cast.names["bien"])
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    write(page, cast.address, "Không cần script")

    page.locator(".ask", has_text="Smartfarm").locator("[data-own]").fill("nông trại số")
    page.locator(".ask", has_text="Smartfarm").get_by_role("button", name="Dùng cách đọc này").click()
    expect(page.locator("#doan-2 .spoken")).to_contain_text("nông trại số")
    page.locator("#doan-1 .spoken a.say", has_text="Ngân hàng").click()
    keep_picture(page, "bien-script-word-page-390")
    page.get_by_label("Đọc là").fill("Ngân hàng Chính sách")
    page.get_by_role("button", name="Dùng cách đọc này").click()
    expect(page.locator("#doan-1 .spoken")).to_contain_text("của Ngân hàng Chính sách.")
    page.get_by_role("link", name="Xem và sửa cách đọc của một chữ").click()
    page.get_by_label("Chữ trong bài").fill("Bình")
    page.get_by_role("button", name="Xem cách đọc").click()
    expect(page.get_by_role("heading", name="Cách đọc “Bình”")).to_be_visible()
    context.close()
