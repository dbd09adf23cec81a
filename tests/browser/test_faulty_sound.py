"""What is wrong with a reading is told where it is heard, and an approver can say that it is right."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.audio.files import encoded
from tests.browser.conftest import LOOKS, Cast
from tests.browser.test_accessible import check, keep_picture
from tests.services.test_recordings import SECOND, speech

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]


@LOOKS
def test_a_reading_that_lacks_words_is_marked_until_somebody_vouches_for_it(cast: Cast, width: int, dark: bool) -> None:
    look = f"{width}{'-dark' if dark else ''}"
    page = cast.page("bien", width, dark=dark)
    page.goto(cast.address + "/scripts/new")
    page.fill("[name=title]", f"Con đường liên thôn {look}")
    page.fill("[name=written]", "\n".join([SECOND] * 4))
    page.select_option("select[name=field]", index=1)
    page.get_by_role("button", name="Lưu bài").click()
    page.wait_for_url(re.compile(r"/scripts/\d+$"))
    script = page.url
    page.goto(f"{script}/recording")
    page.set_input_files(
        "#recording",
        {
            "name": "a.wav",
            "mimeType": "audio/wav",
            "buffer": encoded(speech(SECOND) * np.float32(width / 1_400), "wav"),
        },
    )
    page.get_by_role("button", name="Gửi tệp này").click()
    expect(page.get_by_text("khác hẳn lời đọc: chưa phát được")).to_be_visible(timeout=60_000)
    page.goto(script)
    expect(page.get_by_role("heading", name="Tiếng hỏng")).to_be_visible()
    expect(page.locator(".wave .flawed")).to_have_count(1)
    assert not check(page)
    keep_picture(page, f"script-faulty-{look}")
    page.context.close()

    page = cast.page("duyet", width, dark=dark)
    page.goto(f"{script}/recording")
    keep_picture(page, f"recording-faulty-{look}")
    page.get_by_role("button", name="Đã nghe, đúng lời").click()
    expect(page.get_by_text("Cán bộ duyet đã nghe, đúng lời")).to_be_visible()
    assert not check(page)
    keep_picture(page, f"recording-vouched-{look}")
    page.goto(script)
    expect(page.get_by_role("heading", name="Tiếng hỏng")).to_have_count(0)
    page.context.close()
