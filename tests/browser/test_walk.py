"""The whole line walked by its people in a real browser, at a phone's width and at a desk's."""

import hashlib
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, Cast, Service, new_page
from tests.machine import find

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

STATION = "hoa-tri"


def assert_sound(page: Page) -> None:
    """Nothing failed on the page, and nothing sticks out of it sideways."""
    assert not page.errors, page.errors  # type: ignore[attr-defined]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def test_nobody_enters_with_a_wrong_password_or_an_old_link(service: Service, cast: Cast) -> None:
    page = new_page(cast.browser, 390)
    page.goto(service.address + "/week")
    assert "/sign-in" in page.url
    page.fill("#name", "quan.tri")
    page.fill("#password", PASSWORD + "!")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto(service.setup_link)
    assert page.locator("input[type=password]").count() == 0
    page.context.close()


@pytest.mark.parametrize(
    ("typed", "found"), [("nguoi tot viec tot", "người tốt việc tốt"), ("duong", "đường"), ("ĐƯỜNG", "đường")]
)
def test_the_library_is_searched_without_accents(cast: Cast, width: int, typed: str, found: str) -> None:
    page = cast.page("bien", width)
    page.goto(cast.address + "/scripts")
    page.fill("input[type=search]", typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert page.locator("article.hit").count() > 0
    marks = " ".join(page.locator("mark").all_inner_texts()).lower()
    assert marks, "what was found is not marked"
    assert_sound(page)
    page.context.close()


def test_a_script_is_written_submitted_approved_by_another_and_heard(cast: Cast, width: int) -> None:
    title = f"Hũ gạo tình thương {width}"
    editor = cast.page("bien", width)
    editor.goto(cast.address + "/scripts/new")
    editor.fill("[name=title]", title)
    editor.fill(
        "[name=written]",
        "Chi hội phụ nữ lập hũ gạo từ ngày 08/3/2021, mỗi tháng góp 25 kg gạo.\n\nUBND xã khen 12 hộ.",
    )
    for name in ("genre", "field"):
        if editor.locator(f"select[name={name}]").count():
            editor.select_option(f"select[name={name}]", index=1)
    editor.locator("main form button.btn-primary").first.click()
    editor.wait_for_url(re.compile(r"/scripts/\d+$"))
    spoken = editor.locator(".spoken").all_inner_texts()
    assert "mùng tám tháng ba" in spoken[0]
    assert "hai mươi lăm ki-lô-gam gạo" in spoken[0]
    assert "Ủy ban nhân dân xã" in spoken[1]
    address = editor.url
    editor.get_by_role("button", name="Trình lãnh đạo duyệt").click()
    expect(editor.locator(".chip", has_text="Chờ duyệt").first).to_be_visible()
    assert editor.get_by_role("button", name=re.compile("^Duyệt bản")).count() == 0
    assert_sound(editor)

    approver = cast.page("duyet", width)
    approver.goto(address)
    approver.get_by_role("button", name="Duyệt bản 1").click()
    expect(approver.locator(".chip", has_text="Sẵn sàng").first).to_be_visible(timeout=60_000)
    seconds = approver.evaluate(
        """async () => { const audio = document.querySelector("audio"); audio.preload = "auto"; audio.load();
        await new Promise(done => { audio.onloadedmetadata = done; if (audio.readyState) done(); });
        return audio.duration }"""
    )
    assert 5 < seconds < 30
    assert_sound(approver)

    editor.goto(address + "/edit")
    editor.fill("[name=title]", title + " mới")
    editor.locator("main form button.btn-primary").first.click()
    editor.wait_for_url(re.compile(r"/scripts/\d+$"))
    expect(editor.locator(".chip", has_text="Đang soạn").first).to_be_visible()
    expect(editor.locator(".revs")).to_contain_text("hết hiệu lực vì có bản 2")
    editor.context.close()
    approver.context.close()


def test_the_week_sheet_names_every_state_and_leads_to_rundowns(cast: Cast, width: int) -> None:
    page = cast.page("lich", width)
    page.goto(cast.address + "/week")
    chips = page.locator(".week .chip")
    assert chips.count() > 0
    for chip in chips.all()[:40]:
        assert chip.inner_text().strip(), "a state without its word"
        assert chip.locator("svg").count() == 1, "a state without its icon"
    assert_sound(page)
    page.context.close()


def test_a_cue_is_added_moved_and_dropped_with_running_times(cast: Cast, width: int) -> None:
    page = cast.page("lich", width)
    page.goto(f"{cast.address}/week?week={_next_week()}&station={STATION}")
    if width < 768:
        page.goto(cast.address + (page.locator(".week a.slot").first.get_attribute("href") or ""))
    else:
        page.locator(".week a.slot").first.click()
    page.wait_for_url(re.compile(r"/broadcasts/\d+"))
    times = [text.strip() for text in page.locator("li.cue time").all_inner_texts()]
    assert times == sorted(times)
    assert times[0] == "00:00"

    before = titles(page)
    assert len(before) >= 3
    scripts(page).nth(0).get_by_role("button", name=re.compile("xuống$")).click()
    expect(scripts(page).nth(0)).to_contain_text(before[1])
    assert titles(page) == [before[1], before[0], *before[2:]]

    scripts(page).nth(0).get_by_role("button", name=re.compile("^Bỏ")).click()
    confirm = page.get_by_role("button", name="Bỏ khỏi buổi phát", exact=True)
    if confirm.count() and confirm.first.is_visible():
        confirm.first.click()
    expect(scripts(page)).to_have_count(len(before) - 1)
    assert titles(page) == [before[0], *before[2:]]
    page.get_by_role("button", name="Lấy lại").click()
    expect(scripts(page)).to_have_count(len(before))
    assert_sound(page)
    page.context.close()


def wait_for_package(page: Page, cast: Cast) -> Locator:
    """Go to where the next package is offered (at a weekend that is the week), and wait until it is made."""
    for path in [f"/station/{STATION}", f"/station/{STATION}/week"] * 60:
        page.goto(cast.address + path)
        if page.locator("a[href$='.mp3']").count():
            break
        page.wait_for_timeout(1_000)
    return page.locator("button.big")


def scripts(page: Page) -> Locator:
    """The rows of a rundown that are scripts, not frame."""
    return page.locator("li.cue[data-place]")


def titles(page: Page) -> list[str]:
    return [row.locator("a").first.inner_text() for row in scripts(page).all()]


def test_an_operator_takes_the_programme_home_plays_it_and_reports(
    service: Service, cast: Cast, width: int, tmp_path: Path
) -> None:
    page = cast.page("dai", width)
    assert f"/station/{STATION}" in page.url
    big = wait_for_package(page, cast)

    mp3 = _fetch(page, "a[href$='.mp3']")
    (tmp_path / "buoi.mp3").write_bytes(mp3)
    decoded = subprocess.run(
        [str(find("ffmpeg") or "ffmpeg"), "-v", "error", "-i", str(tmp_path / "buoi.mp3"), "-f", "null", "-"],
        capture_output=True,
        text=True,
    )
    assert decoded.stderr == ""
    archive = zipfile.ZipFile(io.BytesIO(_fetch(page, "a[href*='package.zip']")))
    assert archive.testzip() is None
    sums = dict(reversed(line.split(maxsplit=1)) for line in archive.read("SHA256SUMS").decode().splitlines())
    for name, digest in sums.items():
        assert hashlib.sha256(archive.read(name.lstrip("*"))).hexdigest() == digest
    playlist = _fetch(page, "a[href*='m3u8']").decode()
    address = next(line for line in playlist.splitlines() if line.startswith("http"))
    streamed = new_page(cast.browser, 390).context.request.get(address)
    assert streamed.ok
    assert streamed.body()[:3] == b"ID3"

    if big.count():
        page.goto(f"{cast.address}/station/{STATION}")
        big.click()
        expect(big).to_contain_text("Dừng")
        for _ in range(50):
            if page.evaluate("document.querySelector('audio').currentTime") > 0.3:
                break
            page.wait_for_timeout(200)
        else:
            raise AssertionError("nothing plays")
        big.click()
    assert_sound(page)
    page.context.close()


def test_a_station_is_not_shown_to_the_operator_of_another(cast: Cast) -> None:
    page = cast.page("dai", 390)
    for path in ("/station/tan-dinh", "/accounts", "/slots", "/stations"):
        assert page.goto(cast.address + path).status in (403, 404), path  # type: ignore[union-attr]
    page.context.close()


def _fetch(page: Page, selector: str) -> bytes:
    href = page.locator(selector).first.get_attribute("href")
    assert href
    answer = page.request.get(page.evaluate("href => new URL(href, location).href", href))
    assert answer.ok, href
    return answer.body()


def _next_week() -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime.now(UTC) + timedelta(days=7):%G-W%V}"
