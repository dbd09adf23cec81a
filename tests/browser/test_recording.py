"""A colleague reads into a real browser whose microphone hears somebody speak, and sends what was read."""

import re
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.audio.files import plain_wav
from tests.audio.sounds import said
from tests.browser.conftest import PASSWORD, QUIET, Cast
from tests.browser.test_accessible import check, keep_picture
from tests.browser.test_rehearsal import DECODED_SECONDS
from tests.browser.test_walk import assert_sound
from tests.machine import find

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

FIRST = "Kính thưa bà con, hôm nay ông Minh hiến đất mở đường."
SECOND = "Xe máy đi lại dễ dàng.\nXin cảm ơn bà con."


@pytest.fixture(scope="module")
def spoken_to(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears a text again and again, a second of a quiet room between."""
    path = tmp_path_factory.mktemp("micro") / "noi.wav"
    sound = said(FIRST)
    room = np.random.default_rng(3).integers(-30, 30, sound.rate_hz).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate_hz)
        file.writeframes(sound.pcm + room)
    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    ]
    speaking = browser.browser_type.launch(executable_path=find("chromium"), args=[*QUIET, *fake])
    yield speaking
    speaking.close()


def write(page: Page, cast: Cast, title: str) -> str:
    """Write a script of two paragraphs as the editor does; the address of the page where it is read."""
    page.goto(cast.address + "/scripts/new")
    page.fill("[name=title]", title)
    page.fill("[name=written]", f"{FIRST}\n\n{SECOND}")
    page.select_option("select[name=field]", index=1)
    page.get_by_role("button", name="Lưu bài").click()
    page.wait_for_url(re.compile(r"/scripts/\d+$"))
    page.get_by_role("link", name="Thu giọng người đọc").click()
    page.wait_for_url(re.compile(r"/recording$"))
    return page.url


def read(page: Page, number: int, seconds: float, picture: str = "") -> Locator:
    """Read a paragraph for so long."""
    article = page.locator(f"#doan-{number}")
    article.locator("[data-start]:visible, [data-again]:visible").click()
    expect(article.locator("[data-stop]")).to_be_visible()
    page.wait_for_timeout(seconds * 1_000)
    if picture:
        expect(article.locator("[data-level-word]")).to_have_text(re.compile("Vừa|To quá"))
        expect(article.locator("[data-level]")).to_be_visible()
        marks = [article.locator(f"[data-mark={name}]").get_attribute("x1") for name in ("soft", "loud")]
        assert marks == ["40%", "95%"], "where the words change: −36 and −3 dB of sixty"
        keep_picture(page, picture)
        assert not check(page)
    article.locator("[data-stop]").click()
    expect(article.locator("[data-send]")).to_be_visible()
    return article


def test_two_paragraphs_are_read_one_of_them_twice_and_sent(cast: Cast, spoken_to: Browser, width: int) -> None:
    page = Cast(spoken_to, cast.address, cast.names).page("bien", width)
    address = write(page, cast, f"Đường làng {width}")
    expect(page.locator("[data-needs-script]")).to_be_hidden()
    keep_picture(page, f"bien-recording-{width}")
    assert not check(page)

    read(page, 1, 2, f"bien-recording-on-air-{width}")
    article = read(page, 1, 4.5)
    expect(article.locator("[data-mine]")).to_have_attribute("src", re.compile("^blob:"))
    keep_picture(page, f"bien-recording-unsent-{width}")
    assert not check(page)
    article.locator("[data-send]").click()
    expect(page.locator("#doan-1 .chip")).to_contain_text("Đã thu")
    expect(page.locator("#doan-1 [data-said]")).to_have_text("Đã nhận đoạn 1.")
    expect(page.locator("#tien-do")).to_contain_text("Đã thu 1 trên 2 đoạn")
    expect(page.locator("#doan-2 [data-start]")).to_be_focused()

    read(page, 2, 3).locator("[data-send]").click()
    expect(page.locator("#tien-do")).to_contain_text("Đã đủ giọng người đọc")
    page.locator("#doan-1 summary").click()
    keep_picture(page, f"bien-recording-done-{width}")
    assert not check(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sound = page.locator("#doan-1 audio[aria-label$='khi ra loa']").get_attribute("src")
    assert 2.5 < page.evaluate(DECODED_SECONDS, sound) < 6.5
    original = page.locator("#doan-1 audio[aria-label$='khi gửi lên']").get_attribute("src")
    assert 4.0 < page.evaluate(DECODED_SECONDS, original) < 6.0

    page.goto(address)
    expect(page.locator("#tien-do")).to_contain_text("Cán bộ bien đọc")
    page.locator("#doan-2 summary").click()
    page.locator("#doan-2").get_by_role("button", name="Rút bản ghi này").click()
    expect(page.locator("#tien-do")).to_contain_text("Đã thu 1 trên 2 đoạn")
    keep_picture(page, f"bien-recording-withdrawn-{width}")
    assert not check(page)
    page.get_by_role("button", name="Dùng lại bản ấy").click()
    expect(page.locator("#tien-do")).to_contain_text("Đã đủ giọng người đọc")
    assert_sound(page)
    page.context.close()


def test_what_goes_wrong_is_told_beside_the_take_which_stays(cast: Cast, spoken_to: Browser) -> None:
    page = Cast(spoken_to, cast.address, cast.names).page("bien", 390)
    write(page, cast, "Mất mạng giữa chừng")
    article = read(page, 1, 1.5)
    page.context.set_offline(True)
    article.locator("[data-send]").click()
    expect(article.locator("[data-said]")).to_contain_text("mất mạng")
    page.context.set_offline(False)
    page.fill("#reader", " ")
    article.locator("[data-send]").click()
    expect(article.locator("[data-said]")).to_contain_text("Chưa ghi tên người đọc")
    page.fill("#reader", "Trần Văn An")
    article.locator("[data-send]").click()
    expect(page.locator("#doan-1 .chip")).to_contain_text("Đã thu")
    page.context.close()


def test_without_a_microphone_it_is_said_and_a_file_is_taken(cast: Cast, width: int, tmp_path: Path) -> None:
    page = cast.page("bien", width)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    write(page, cast, f"Không có micrô {width}")
    expect(page.locator("[data-no-mic]")).to_contain_text("https")
    expect(page.locator("[data-start]").first).to_be_hidden()
    keep_picture(page, f"bien-recording-no-mic-{width}")
    assert not check(page)
    page.errors.clear()  # type: ignore[attr-defined]
    page.set_input_files("#recording", files=[{"name": "x.wav", "mimeType": "audio/wav", "buffer": b"PK\x03\x04" * 99}])
    page.get_by_role("button", name="Gửi tệp này").click()
    expect(page.locator("#recording-loi")).to_contain_text("ZIP")
    keep_picture(page, f"bien-recording-fault-{width}")
    assert not check(page)
    page.select_option("#paragraph", "2")
    page.set_input_files("#recording", files=[{"name": "x.wav", "mimeType": "audio/wav", "buffer": plain_wav(4)}])
    page.get_by_role("button", name="Gửi tệp này").click()
    expect(page.locator("#doan-2 .chip")).to_contain_text("Đã thu")
    page.context.close()


def test_a_browser_that_refuses_the_microphone_is_answered_with_what_to_do(cast: Cast) -> None:
    page = cast.page("bien", 1280)
    write(page, cast, "Chưa cho phép micrô")
    page.locator("#doan-1 [data-start]").click()
    expect(page.locator("#doan-1 [data-said]")).to_have_text(re.compile("Chưa được dùng micrô|Máy này không có micrô"))
    expect(page.locator("#doan-1 [data-start]")).to_be_visible()
    page.context.close()


def edit(cast: Cast, address: str, *paragraphs: str) -> None:
    """Change a script as another editor does, while its page for reading is open elsewhere."""
    page = cast.page("bien", 1280)
    page.goto(address.replace("/recording", "/edit"))
    page.fill("[name=written]", "\n\n".join(paragraphs))
    page.get_by_role("button", name=re.compile("Lưu")).first.click()
    page.wait_for_url(re.compile(r"/scripts/\d+$"))
    page.context.close()


def test_words_that_were_changed_meanwhile_are_never_read_under_those_on_the_screen(
    cast: Cast, spoken_to: Browser, width: int
) -> None:
    page = Cast(spoken_to, cast.address, cast.names).page("bien", width)
    address = write(page, cast, f"Sửa trong lúc đọc {width}")
    read(page, 1, 2)
    read(page, 2, 3)
    edit(cast, address, "Chiều nay xã họp bàn làm kè chống sạt lở.", SECOND)

    page.locator("#doan-1 [data-send]").click()
    expect(page.locator("#doan-1 [data-said]")).to_have_text(re.compile("sửa thành bản 2.*đọc lại đoạn này"))
    expect(page.locator("#doan-1 .prompter")).to_contain_text("hiến đất mở đường")
    expect(page.locator("[data-stale]")).to_contain_text("bản 2")
    expect(page.locator("#doan-1 [data-again]")).to_be_disabled()
    page.errors.clear()  # type: ignore[attr-defined]
    keep_picture(page, f"bien-recording-changed-{width}")
    assert not check(page)

    page.locator("#doan-2 [data-send]").click()
    expect(page.locator("#doan-2 [data-said]")).to_have_text("Đã nhận đoạn 2.")
    expect(page.locator("#doan-1 .prompter")).to_contain_text("hiến đất mở đường")
    page.on("dialog", lambda dialog: dialog.accept())  # the take that can not be sent is given up
    page.locator("[data-stale]").get_by_role("link", name="Tải lại trang").click()
    expect(page.locator("#doan-1 .prompter")).to_contain_text("sạt lở")
    expect(page.locator("#tien-do")).to_contain_text("Đã thu 1 trên 2 đoạn")
    read(page, 1, 3).locator("[data-send]").click()
    expect(page.locator("#tien-do")).to_contain_text("Đã đủ giọng người đọc")
    page.context.close()


def test_a_take_outlives_the_sign_in_it_was_read_under(cast: Cast, spoken_to: Browser) -> None:
    page = Cast(spoken_to, cast.address, cast.names).page("bien", 390)
    write(page, cast, "Hết phiên giữa chừng")
    article = read(page, 1, 2)
    page.context.clear_cookies()
    article.locator("[data-send]").click()
    expect(article.locator("[data-said]")).to_have_text(re.compile("Đăng nhập ở thẻ khác rồi bấm Gửi lại"))
    page.errors.clear()  # type: ignore[attr-defined]
    keep_picture(page, "bien-recording-signed-out-390")
    assert not check(page)

    with page.expect_download() as download:
        article.get_by_role("link", name="Lưu về máy").click()
    assert download.value.suggested_filename == "doan-1.webm"
    assert download.value.path().read_bytes()[:4] == b"\x1a\x45\xdf\xa3"

    other = page.context.new_page()
    other.goto(cast.address + "/sign-in")
    other.fill("#name", "bien")
    other.fill("#password", PASSWORD)
    other.get_by_role("button", name="Đăng nhập").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    article.locator("[data-send]").click()
    expect(page.locator("#doan-1 [data-said]")).to_have_text("Đã nhận đoạn 1.")
    page.context.close()


THROW = "throw new DOMException('x', 'NotSupportedError')"
BROKEN = {
    "MediaRecorder": f"window.MediaRecorder.prototype.start = () => {{ {THROW} }}",
    "AudioContext": f"window.AudioContext = class {{ constructor() {{ {THROW} }} }}",
}
HEARD = """const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (...wishes) => (window.heard = await open(...wishes));"""
"""Keeps the stream of the microphone for a look at it."""


@pytest.mark.parametrize("what", BROKEN)
def test_a_recorder_that_breaks_gives_the_page_and_the_microphone_back(
    cast: Cast, spoken_to: Browser, what: str
) -> None:
    page = Cast(spoken_to, cast.address, cast.names).page("bien", 390)
    write(page, cast, f"Máy ghi hỏng {what}")
    page.evaluate(f"() => {{ {HEARD} {BROKEN[what]} }}")
    page.locator("#doan-1 [data-start]").click()
    expect(page.locator("#doan-1 [data-said]")).to_have_text(re.compile("không ghi được.*trình duyệt khác"))
    expect(page.locator("#doan-1 [data-start]")).to_be_visible()
    expect(page.locator("#doan-2")).to_be_visible()
    assert page.evaluate("window.heard.getTracks().every((track) => track.readyState === 'ended')")
    assert not page.errors  # type: ignore[attr-defined]
    page.context.close()


def test_a_count_down_can_be_called_off(cast: Cast, spoken_to: Browser, width: int) -> None:
    page = Cast(spoken_to, cast.address, cast.names).page("bien", width)
    write(page, cast, f"Chưa thu vội {width}")
    page.evaluate(f"() => {{ {HEARD} }}")
    page.locator("#doan-2 [data-start]").click()
    expect(page.locator("#doan-2 [data-cancel]")).to_be_focused()
    keep_picture(page, f"bien-recording-count-{width}")
    assert not check(page)
    page.locator("#doan-2 [data-cancel]").click()
    expect(page.locator("#doan-2 [data-start]")).to_be_focused()
    assert page.evaluate("window.heard.getTracks().every((track) => track.readyState === 'ended')")
    page.wait_for_timeout(2_500)
    expect(page.locator("#doan-2 [data-stop]")).to_be_hidden()
    expect(page.locator("#doan-1")).to_be_visible()
    page.context.close()
