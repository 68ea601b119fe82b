"""Main pages for everybody: axe finds nothing, none is wider than the screen, keys suffice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect, Page

from tests.browser.conftest import Stand
from tests.browser.year import PASSWORD, Year
from tests.processes.stages import CALIBRATOR, FINANCE, LAUNCHED, PAID, PUBLISHED
from tests.support.browser import NARROW, NewPage, WIDE
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, COMPLIANCE, HR, MANAGER, OWNER, Person
from tests.support.year import YEAR

Axe = Callable[[Page], list[str]]
KEY = f"{YEAR}/{ADVISOR.no}"
PAGES = (
    (ADVISOR, "/", None),
    (ADVISOR, "/inbox/?box=done", None),
    (ADVISOR, "/inbox/?box=done", r"/inbox/record/\d+$"),
    (ADVISOR, f"/goals/{KEY}", None),
    (ADVISOR, "/goals/tree", None),
    (ADVISOR, f"/performance/{KEY}", None),
    (ADVISOR, "/commitments/", None),
    (ADVISOR, f"/interviews/{KEY}", None),
    (ADVISOR, "/payouts/statements", r"/payouts/statements/\d+$"),
    (ADVISOR, "/notifications", None),
    (ADVISOR, "/account", None),
    (MANAGER, "/", None),
    (MANAGER, "/team/", None),
    (CALIBRATOR, "/calibration/", None),
    (CALIBRATOR, "/calibration/", r"/calibration/\d+$"),
    (FINANCE, "/payouts/runs", None),
    (FINANCE, "/payouts/runs", r"/payouts/runs/\d+$"),
    (HR, f"/cycles/{YEAR}/monitor", None),
    (HR, f"/cycles/{YEAR}", None),
    (HR, "/people/", None),
    (OWNER, "/metrics/", None),
    (COMPLIANCE, "/compliance/", None),
    (ADMIN, "/studio/", None),
    (AUDITOR, "/audit/", None),
)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def visit(year: Year, person: Person, path: str, link: str | None) -> Page:
    """Open a page, or the first page behind a kind of link on it."""
    page = year.browser_of(person)
    page.goto(path)
    if link is not None:
        script = "links => links.map(link => link.getAttribute('href'))"
        found = page.eval_on_selector_all("main a[href]", script)
        page.goto(next(one for one in found if re.search(link, one)))
    return page


@pytest.mark.parametrize(("language", "width", "dark"), [("zh", WIDE, False), ("en", NARROW, True)])
def test_no_page_has_a_barrier(
    stand: Stand, axe: Axe, language: str, width: int, *, dark: bool
) -> None:
    found = []
    with stand(PAID, language, width, dark=dark) as year:
        for person, path, link in PAGES:
            page = visit(year, person, path, link)
            assert page.locator("h1").count() == 1, page.url
            found += [f"{page.url}: {barrier}" for barrier in axe(page)]
            if not fits(page):
                found.append(f"{page.url}: wider than the screen")
    assert found == []


@pytest.mark.parametrize(("language", "width"), [("zh", NARROW), ("en", WIDE)])
def test_no_task_has_a_barrier(stand: Stand, axe: Axe, language: str, width: int) -> None:
    found = []
    with stand(PUBLISHED, language, width) as year:
        for person, key, element in (
            (ADVISOR, KEY, "prepare-interview"),
            (FINANCE, f"{YEAR}/pool/B01", "run-bonus"),
        ):
            page = year.open(person, key, element)
            found += [f"{element}: {barrier}" for barrier in axe(page)]
            assert fits(page), element
    assert found == []


def test_goals_are_drafted_with_keys_alone_on_a_phone(
    stand: Stand, new_page: NewPage, axe: Axe
) -> None:
    with stand(LAUNCHED) as year:
        page = new_page(NARROW, "en", base_url=year.address)
        page.goto("/login")
        keys_to(page, "login")
        page.keyboard.type(ADVISOR.no)
        keys_to(page, "password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto("/inbox/")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/inbox/tasks/*")
        assert axe(page) == []
        keys_to(page, "f-lines-0-weight")
        weight = page.input_value("[name='f-lines-0-weight']")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator(".error-summary")).to_be_focused()
        keys_to(page, "f-lines-0-weight")
        assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(weight)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator(".toast").first).to_be_visible()
        year.task(KEY, "answer-goals")


def keys_to(page: Page, name: str) -> None:
    """Press Tab until a field has the focus."""
    for _ in range(120):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")
