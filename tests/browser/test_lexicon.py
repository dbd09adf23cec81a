"""A word is decided about in a real browser: heard, weighed, kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Cast

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_word_is_heard_weighed_and_kept(cast: Cast, width: int) -> None:
    word = f"QTKN{'D' if width > 768 else 'P'}"
    page = cast.page("bien", width)
    page.goto(cast.address + "/scripts/new")
    page.fill("[name=title]", f"Tổ {word}")
    page.fill("[name=written]", f"Tổ {word} họp.")
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url("**/scripts/*")

    page.goto(cast.address + "/lexicon")
    page.get_by_role("link", name="Định cách đọc", exact=True).first.click()
    page.get_by_label("Chữ viết").fill(word)
    page.get_by_label("Đọc đầy đủ là").fill("quản trị khuyến nông")
    with page.expect_response(lambda answer: "/audition" in answer.url) as heard:
        page.locator("a[data-hear-from]").click()
    assert heard.value.status in (200, 206)
    assert "/lexicon/new" in page.url, "it is played in place"
    page.get_by_role("button", name="Xem trước").click()

    expect(page.locator(".effect", has_text=f"Tổ {word}").locator("ins")).to_have_text("quản trị khuyến nông")
    assert page.locator(".effect input[type=checkbox]").is_checked()
    page.get_by_role("button", name="Lưu cách đọc").click()
    expect(page.locator(".slip")).to_contain_text("Đã đọc lại 1 bài.")
    expect(page.locator(".words tbody tr", has_text=word)).to_contain_text("quản trị khuyến nông")

    page.get_by_role("link", name=f"Bỏ cách đọc {word}").click()
    page.get_by_role("button", name="Bỏ cách đọc này").click()
    expect(page.locator(".slip")).to_contain_text(f"Đã bỏ cách đọc “{word}”.")
    assert not page.errors  # type: ignore[attr-defined]
    page.context.close()
