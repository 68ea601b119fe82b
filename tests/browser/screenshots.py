"""`make screenshots`: every page that the demo's people can reach, in both languages and widths."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from perfflow.app import create_app, firm_clock, plug_rooms
from perfflow.commands.demo import DEMO_NOW, prepare
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.seed.accounts import demo_logins, DEMO_PASSWORD
from tests.support.browser import HEIGHTS, LOCALES, NARROW, WIDE
from tests.support.chromium import find_chromium, prepare_playwright
from tests.support.serving import served

TARGET = Path("screenshots")
LOOKS = (("zh", WIDE), ("en", WIDE), ("zh", NARROW), ("en", NARROW))
BESIDE = (  # pages behind the first link of a kind, besides those of the navigation
    "/inbox/tasks/",
    "/goals/",
    "/performance/",
    "/calibration/",
    "/compliance/",
    "/payouts/",
    "/statements/",
    "/interviews/",
    "/checkins/",
    "/cycles/",
    "/people/",
    "/studio/",
)
SKIPPED = ("/logout", "/language", "/theme", "/static", "/export", "/download")


def main() -> int:
    """Build the demo firm in a folder of its own and visit it as each role."""
    wide_enough = True
    with tempfile.TemporaryDirectory(prefix="perfflow-pictures-") as folder:
        settings = Settings.from_environment({"PERFFLOW_VAR": folder}).at(DEMO_NOW)
        plug_rooms()
        database = Database(settings.database_url)
        prepare(settings, database, 60, 42)
        with database.reading() as session:
            logins = [(role, login) for role, login, _ in demo_logins(session)]
        app = create_app(settings, database, firm_clock(settings))
        prepare_playwright()
        with served(app) as address, sync_playwright() as playwright:
            browser = find_chromium().launch(playwright)
            for role, login in logins:
                for language, width in LOOKS:
                    wide_enough &= _tour(browser, address, role, login, language, width)
            browser.close()
        database.dispose()
    return 0 if wide_enough else 1


def _tour(browser: Browser, address: str, role: str, login: str, language: str, width: int) -> bool:
    """Take a picture of each page; false when one is wider than the screen."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": HEIGHTS[width]},
        locale=LOCALES[language],
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    page.goto(f"/login?lang={language}")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.click("main form button[type=submit], form button")
    fits = True
    for path in _paths(page):
        page.goto(path)
        name = re.sub(r"[^\w-]+", "-", path.strip("/")) or "today"
        picture = TARGET / role / f"{name}.{language}-{width}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            print(f"{picture}: wider than {width} px", file=sys.stderr)
            fits = False
    context.close()
    return fits


def _paths(page: Page) -> list[str]:
    """The pages of the navigation, and one of each kind that they lead to."""
    menu = _links(page, "nav a[href]")
    found = dict.fromkeys(menu)
    kinds = set(BESIDE)
    for path in menu:
        page.goto(path)
        for link in _links(page, "main a[href]"):
            kind = next((k for k in kinds if link.startswith(k) and link not in found), None)
            if kind is not None:
                kinds.discard(kind)
                found[link] = None
    return list(found)


def _links(page: Page, selector: str) -> list[str]:
    hrefs = page.eval_on_selector_all(selector, "links => links.map(link => link.href)")
    here = urlsplit(page.url).netloc
    paths = [urlsplit(href).path for href in hrefs if urlsplit(href).netloc == here]
    return [path for path in dict.fromkeys(paths) if not any(s in path for s in SKIPPED)]


if __name__ == "__main__":
    raise SystemExit(main())
