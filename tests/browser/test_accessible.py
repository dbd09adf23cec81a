"""Every page of every role, checked by axe at both widths, in light and dark."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import LOOKS, Cast, new_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(300)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LEXICON = ["/lexicon", "/lexicon/new?written=UBND", "/lexicon/preview?scope=centre&written=UBND&spoken=Ủy+ban"]
PAGES = {
    "quản trị": ["/", "/admin", "/accounts", "/accounts/new", "/stations", "/slots", "/slots/new", "/me", *LEXICON],
    "bien": [
        "/scripts",
        "/scripts?q=duong",
        "/scripts/new",
        "FIRST_SCRIPT",
        "FIRST_SCRIPT/edit",
        "FIRST_SCRIPT/word",
        "FIRST_SCRIPT/recording",
        "/week",
    ],
    "duyet": ["/", "/scripts", "/lexicon?q=uy+ban", "/local-readings"],
    "lich": ["/week", "FIRST_BROADCAST", "/slots", "/sounds", "/sounds/1", "/programmes", "/programmes/1"],
    "dai": ["/station/hoa-tri", "/station/hoa-tri/week", "/station/hoa-tri/log", "/station/hoa-tri/help"],
}


def check(page: Page) -> list[str]:
    """What axe finds, a line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url}: {rule['id']} ({rule['impact']}): {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def keep_picture(page: Page, name: str) -> None:
    """A screenshot for people to look at, if the environment names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@LOOKS
@pytest.mark.parametrize("who", list(PAGES))
def test_pages_are_clean(cast: Cast, width: int, who: str, dark: bool) -> None:
    page = cast.page(who, width, dark=dark)
    page.context.set_default_timeout(15_000)
    findings: list[str] = []
    for path in PAGES[who]:
        page.goto(cast.address + resolve(page, cast, path))
        findings += check(page)
        name = path.strip("/").replace("/", "-").split("?")[0].lower() or "home"
        keep_picture(page, f"{who}-{name}-{width}{'-dark' if dark else ''}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} scrolls sideways"
    assert not findings, "\n".join(findings)
    page.context.close()


def resolve(page: Page, cast: Cast, path: str) -> str:
    """FIRST_SCRIPT and FIRST_BROADCAST stand for whatever comes first in the library and the week."""
    for word, index, link in (
        ("FIRST_SCRIPT", "/scripts", "article.hit h3 a"),
        ("FIRST_BROADCAST", "/week", ".week a.slot"),
    ):
        if path.startswith(word):
            page.goto(cast.address + index)
            return (page.locator(link).first.get_attribute("href") or "") + path.removeprefix(word)
    return path


def test_the_doors_are_clean(cast: Cast, width: int) -> None:
    page = new_page(cast.browser, width)
    page.goto(cast.address + "/sign-in")
    keep_picture(page, f"sign-in-{width}")
    findings = check(page)
    page.goto(cast.address + "/khong-co")
    findings += check(page)
    assert not findings, "\n".join(findings)
    page.context.close()
