"""`make screenshots`: every page, both languages, wide and narrow, into ``screenshots/``."""

from __future__ import annotations

import argparse
import logging
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from perfflow.app import create_app, firm_clock, plug_rooms
from perfflow.commands.demo import DEMO_NOW, prepare
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.seed.accounts import demo_logins, DEMO_PASSWORD
from perfflow.simulation.driver import Simulation
from tests.support.browser import HEIGHTS, LOCALES, NARROW, WIDE
from tests.support.chromium import find_chromium, prepare_playwright
from tests.support.serving import served

TARGET = Path("screenshots")
AFTER_PAY = datetime.fromisoformat("2026-03-02T09:00+08:00")
WIDER = "document.documentElement.scrollWidth > innerWidth"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    language: str
    width: int
    dark: bool = False

    @property
    def name(self) -> str:
        return f"{self.language}-{self.width}" + ("-dark" if self.dark else "")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: who looks at it, where to start, and which links (patterns) lead to it."""

    name: str
    role: str
    path: str
    links: tuple[str, ...] = ()
    has_dark: bool = False
    is_later: bool = False  # when the pools are paid


LOOKS = tuple(Look(language, width) for language in ("zh", "en") for width in (WIDE, NARROW))
DARK = (Look("zh", WIDE, dark=True), Look("en", NARROW, dark=True))
TASK, RESULT = r"^/inbox/tasks/\d+$", r"^/performance/[^/]+/[^/]+$"
CARD = r"^/studio/catalogue/cards/\w+"
TRIAL = r"^/performance/[^/]+/[^/]+/try$"
RUN, STATEMENT = r"^/payouts/runs/\d+$", r"^/payouts/statements/\d+$"
PAGES = (
    Shown("01-today", "employee", "/", has_dark=True),
    Shown("02-today-manager", "line-manager", "/"),
    Shown("03-inbox", "line-manager", "/inbox/"),
    Shown("04-inbox-hr", "hr-partner", "/inbox/"),
    Shown("05-task-goals", "employee", "/inbox/", (TASK,), has_dark=True),
    Shown("06-task-manager", "line-manager", "/inbox/", (TASK,)),
    Shown("07-task-committee", "calibration-committee", "/inbox/", (TASK,)),
    Shown("08-task-hr", "hr-partner", "/inbox/", (TASK,)),
    Shown("09-record", "employee", "/inbox/?box=done", (r"^/inbox/record/",)),
    Shown("10-goals", "employee", "/goals/"),
    Shown("11-person", "line-manager", "/team/", (RESULT,)),
    Shown("12-tree", "executive", "/goals/tree"),
    Shown("13-performance", "employee", "/performance/"),
    Shown("14-commitments", "employee", "/commitments/"),
    Shown("15-activities", "employee", "/activities/"),
    Shown("16-notes", "line-manager", "/notes/"),
    Shown("17-statements", "employee", "/payouts/statements", is_later=True),
    Shown("18-statement", "employee", "/payouts/statements", (STATEMENT,), True, is_later=True),
    Shown("19-team", "line-manager", "/team/"),
    Shown("20-calibrations", "calibration-committee", "/calibration/"),
    Shown("21-calibration", "calibration-committee", "/calibration/", (r"^/calibration/\d+$",)),
    Shown("22-monitor", "hr-partner", "/monitor"),
    Shown("23-cases", "compliance-officer", "/compliance/"),
    Shown("24-case", "compliance-officer", "/compliance/?status=all", (r"^/compliance/[^/]+$",)),
    Shown("25-appeals", "hr-partner", "/appeals/"),
    Shown("26-cycles", "hr-partner", "/cycles/"),
    Shown("27-cycle", "hr-partner", "/cycles/", (r"^/cycles/\d[^/]+$",)),
    Shown("28-cycle-new", "hr-partner", "/cycles/new"),
    Shown("29-metrics", "metric-owner", "/metrics/"),
    Shown("30-batch", "metric-owner", "/metrics/", (r"^/metrics/batches/",)),
    Shown("31-metric-catalogue", "metric-owner", "/metrics/catalogue"),
    Shown("32-runs", "finance", "/payouts/runs", is_later=True),
    Shown("33-run", "finance", "/payouts/runs", (RUN,), is_later=True),
    Shown("34-deployments", "process-admin", "/studio/"),
    Shown("34-scenarios", "process-admin", "/studio/scenarios"),
    Shown("35-trail", "auditor", "/audit/"),
    Shown("36-directory", "hr-partner", "/people/"),
    Shown("37-person", "hr-partner", "/people/", (r"^/people/E\w+$",)),
    Shown("38-import", "hr-partner", "/people/import"),
    Shown("39-account", "employee", "/account"),
    Shown("40-notifications", "employee", "/notifications"),
    Shown("41-help", "employee", "/help"),
    Shown("42-menu", "hr-partner", "/menu"),
    Shown("45-instances", "process-admin", "/studio/processes/appraisal/instances"),
    Shown(
        "46-instance",
        "process-admin",
        "/studio/processes/appraisal/instances?q=2026",
        (r"^/studio/instances/\d+$",),
    ),
    Shown("47-versions", "process-admin", "/studio/processes/appraisal/versions"),
    Shown("48-work", "hr-partner", "/background/"),
    Shown("49-handovers", "hr-partner", "/handovers"),
    Shown("50-clawback", "compliance-officer", "/clawback/"),
    Shown("51-conduct", "compliance-officer", "/compliance/conduct"),
    Shown("52-risk", "remuneration-committee", "/payouts/runs", (r"^/payouts/risk/",)),
    Shown("53-corrections", "hr-partner", "/performance/2025-ANNUAL/corrections"),
    Shown("54-linter", "process-admin", "/plans/"),
    Shown("55-profiles", "process-admin", "/plans/profiles"),
    Shown("56-cards", "process-admin", "/studio/catalogue/cards"),
    Shown(
        "57-card", "process-admin", "/studio/catalogue/cards", (r"^/studio/catalogue/cards/\w+",)
    ),
    Shown("58-catalogue-text", "process-admin", "/studio/catalogue/text"),
    Shown("59-process", "process-admin", "/studio/", (r"^/studio/processes/[^/]+$",)),
    Shown("43-nothing-here", "employee", "/goals/2025-ANNUAL/E99999"),
    Shown("44-trial", "employee", "/performance/", (TRIAL,)),
    Shown("45-corrections", "hr-partner", "/performance/2025-ANNUAL/corrections"),
    Shown("46-conduct", "compliance-officer", "/compliance/conduct"),
)


def main() -> int:
    """Take the pictures; 1 when a page is wider than the screen or cannot be reached."""
    parser = argparse.ArgumentParser(prog="make screenshots")
    parser.add_argument("--database-url", help="SQLite file of a demo firm to copy; none is built")
    parser.add_argument("--only", default="", help="pages whose name matches this pattern")
    options = parser.parse_args()
    wanted = [page for page in PAGES if re.search(options.only, page.name)]
    complaints: list[str] = []
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    prepare_playwright()
    with _database(options.database_url) as (settings, database), sync_playwright() as playwright:
        browser = find_chromium().launch(playwright)
        now = [page for page in wanted if not page.is_later]
        complaints += _tour(browser, settings, database, now, with_login=not options.only)
        later = [page for page in wanted if page.is_later]
        if later:
            Simulation(database, VirtualClock(DEMO_NOW), seed=42).run(AFTER_PAY)
            complaints += _tour(browser, settings.at(AFTER_PAY), database, later)
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


@contextmanager
def _database(url: str | None) -> Iterator[tuple[Settings, Database]]:
    """A demo firm that may be played on: a copy of the one at ``url``, else a new one."""
    with tempfile.TemporaryDirectory(prefix="perfflow-pictures-") as folder:
        settings = Settings.from_environment({"PERFFLOW_VAR": folder}).at(DEMO_NOW)
        if url:
            shutil.copyfile(url.removeprefix("sqlite:///"), Path(folder) / "perfflow.db")
        plug_rooms()
        database = Database(settings.database_url)
        try:
            prepare(settings, database, 60, 42)
            yield settings, database
        finally:
            database.dispose()


def _tour(
    browser: Browser,
    settings: Settings,
    database: Database,
    pages: list[Shown],
    *,
    with_login: bool = False,
) -> list[str]:
    """Serve the firm and take a picture of each page in each look."""
    complaints: list[str] = []
    with database.reading() as session:
        logins = {role: login for role, login, _ in demo_logins(session)}
    with served(create_app(settings, database, firm_clock(settings))) as address:
        for look in (*LOOKS, *DARK):
            shown = [page for page in pages if page.has_dark or not look.dark]
            for role in dict.fromkeys(page.role for page in shown):
                context = _signed_in(browser, address, logins[role], look)
                for page in shown:
                    if page.role == role:
                        complaints += _take(context, page, look)
                context.close()
            if with_login and not look.dark:
                complaints += _take_login(browser, address, look)
    return complaints


def _context(browser: Browser, address: str, look: Look) -> BrowserContext:
    return browser.new_context(
        base_url=address,
        viewport={"width": look.width, "height": HEIGHTS[look.width]},
        locale=LOCALES[look.language],
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if look.dark else "light",
        reduced_motion="reduce",
    )


def _signed_in(browser: Browser, address: str, login: str, look: Look) -> BrowserContext:
    context = _context(browser, address, look)
    page = context.new_page()
    page.goto(f"/login?lang={look.language}")
    page.fill("[name=login]", login)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.close()
    return context


def _take(context: BrowserContext, shown: Shown, look: Look) -> list[str]:
    """Save the picture of a page; what is wrong with it."""
    page = context.new_page()
    try:
        page.goto(shown.path)
        for pattern in shown.links:
            target = _link(page, pattern)
            if target is None:
                return [f"{shown.name} {look.name}: no link {pattern} on {page.url}"]
            page.goto(target)
        return _save(page, f"{shown.name}.{look.name}")
    finally:
        page.close()


def _take_login(browser: Browser, address: str, look: Look) -> list[str]:
    context = _context(browser, address, look)
    page = context.new_page()
    page.goto(f"/login?lang={look.language}")
    complaints = _save(page, f"00-login.{look.name}")
    context.close()
    return complaints


def _save(page: Page, name: str) -> list[str]:
    TARGET.mkdir(exist_ok=True)
    # Bars that stick to the edge of the screen belong at the end of the picture.
    size = page.viewport_size or {"width": WIDE, "height": 800}
    whole = min(page.evaluate("document.documentElement.scrollHeight"), 6000)
    if whole > size["height"]:
        page.set_viewport_size({"width": size["width"], "height": whole})
    page.screenshot(path=TARGET / f"{name}.png", full_page=True)
    return [f"{name}: wider than the screen"] if page.evaluate(WIDER) else []


def _link(page: Page, pattern: str) -> str | None:
    """The first address in the page's main part that matches."""
    script = "links => links.map(link => link.getAttribute('href'))"
    hrefs: list[str] = page.eval_on_selector_all("main a[href]", script)
    plain = (href.split("?")[0].split("#")[0] for href in hrefs)
    return next((href for href in plain if re.search(pattern, href)), None)


if __name__ == "__main__":
    raise SystemExit(main())
