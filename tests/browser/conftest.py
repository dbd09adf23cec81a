"""The whole service in a process of its own, as a newcomer starts it, and a real browser in front."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.installation import environment
from tests.machine import find

ROOT = Path(__file__).parents[2]
PASSWORD = "Sáng mai loa vang 2026"
QUIET = [  # Chromium's own errands find no network here
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]


@dataclass
class Service:
    """A running installation."""

    process: subprocess.Popen[str]
    folder: Path
    address: str = ""
    setup_link: str = ""
    output: list[str] = field(default_factory=list)

    def command(self, *arguments: str, stdin: str = "") -> str:
        """What `python -m broadcast_service …` prints beside the running server."""
        result = subprocess.run(
            [sys.executable, "-m", "broadcast_service", *arguments],
            cwd=ROOT,
            env=environment(self.folder),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout


def start_service(folder: Path) -> Service:
    """Start `serve` and wait until it answers. The caller ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcast_service", "serve"],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    service = Service(process, folder)
    assert process.stdout
    stream = process.stdout

    def listen() -> None:
        for line in stream:
            service.output.append(line.rstrip())

    threading.Thread(target=listen, daemon=True).start()
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        text = "\n".join(service.output)
        address = re.search(r"http://127\.0\.0\.1:\d+(?=\s)", text + "\n")
        link = re.search(r"http://\S+/setup/\S+", text)
        if address and link:
            service.address, service.setup_link = address[0], link[0]
            break
        time.sleep(0.05)
    assert service.address, "\n".join(service.output)
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(service.address + "/health", timeout=5).read()
            return service
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service does not answer\n" + "\n".join(service.output))


def stop_service(service: Service) -> None:
    service.process.send_signal(signal.SIGTERM)
    try:
        service.process.wait(30)
    except subprocess.TimeoutExpired:
        service.process.kill()
        service.process.wait()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A fresh installation with the library that ships, in a folder with blanks and marks in its name."""
    running = start_service(tmp_path_factory.mktemp("nhà đài"))
    yield running
    stop_service(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


_PAIRS = {
    "phone-light": (390, False),
    "phone-dark": (390, True),
    "desktop-light": (1280, False),
    "desktop-dark": (1280, True),
}
_LOOKS = list(_PAIRS) if "SCREENSHOTS" in os.environ else ["phone-light", "desktop-dark"]
LOOKS = pytest.mark.parametrize(("width", "dark"), [_PAIRS[name] for name in _LOOKS], ids=_LOOKS)
"""Both widths and both lights. What sticks out depends on the width, what can not be read on the light; all four pairs
are only for pictures."""


def new_page(browser: Browser, width: int, *, dark: bool = False) -> Page:
    """A browser of its own, with no memory; a message on the console or a failed request is an error of the page."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 768 else 900},
        color_scheme="dark" if dark else "light",
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        accept_downloads=True,
        bypass_csp=False,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.errors = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    return page


@dataclass
class Cast:
    """The people of the walk. Their rights are told by their names; each has a browser of its own."""

    browser: Browser
    address: str
    names: dict[str, str]

    def page(self, who: str, width: int, *, dark: bool = False) -> Page:
        """A page of somebody who has just signed in."""
        page = new_page(self.browser, width, dark=dark)
        page.goto(self.address + "/sign-in")
        page.fill("#name", self.names[who])
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page


ROLES = {"bien": "editor", "duyet": "approver", "lich": "planner", "dai": "operator"}


@pytest.fixture(scope="session")
def cast(service: Service, browser: Browser) -> Cast:
    """The first administrator comes by the printed link and invites the others by links of their own."""
    page = new_page(browser, 1280)
    page.goto(service.setup_link)
    page.fill("[name=name]", "quan.tri")
    page.fill("[name=full_name]", "Người quản trị")
    _set_password(page)
    for name, role in ROLES.items():
        page.goto(service.address + "/accounts/new")
        page.fill("[name=name]", name)
        page.fill("[name=full_name]", f"Cán bộ {name}")
        page.check(f"#role-{role}")
        if role == "operator":
            page.get_by_label("xã Hòa Trí").check()
        page.get_by_role("button", name="Lưu và lấy liên kết").click()
        link = page.input_value("#link")
        guest = new_page(browser, 390)
        guest.goto(link)
        _set_password(guest)
        assert "/setup/" not in guest.url
        guest.context.close()
    assert not page.errors, page.errors  # type: ignore[attr-defined]
    page.context.close()
    return Cast(browser, service.address, {"quản trị": "quan.tri"} | {name: name for name in ROLES})


def _set_password(page: Page) -> None:
    for field_ in page.locator("input[type=password]").all():
        field_.fill(PASSWORD)
    page.locator("form button.btn-primary").click()
    page.wait_for_url(lambda url: "/setup/" not in url)
