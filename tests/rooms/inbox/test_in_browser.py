"""The inbox and the task page in a real browser: keyboard, rows, drafts, errors, narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect, Page

from tests.rooms.inbox.office import Office, PASSWORD
from tests.support import cast
from tests.support.serving import served

NewPage = Callable[..., Page]


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """The office on a free port."""
    with served(office.app) as found:
        yield found


def enter(page: Page, address: str, person: cast.Person, language: str) -> None:
    page.goto(f"{address}/login?lang={language}")
    page.fill("[name=login]", person.no)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    cookie = {"name": "perfflow_language", "value": language, "url": address}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("width", "language", "dark"), [(1280, "zh", True), (390, "en", False)])
def test_pages_fit_and_have_no_barrier(
    office: Office,
    address: str,
    new_page: NewPage,
    axe: Callable[[Page], list[str]],
    width: int,
    language: str,
    dark: bool,
) -> None:
    task = office.start(cast.ADVISOR.no)
    done = office.start(cast.ADVISOR.no, cycle="2024-ANNUAL")
    office.sign_in(cast.ADVISOR).post(f"/inbox/tasks/{done}", revision="0", **{"f-summary": "x"})
    page = new_page(width, language, dark=dark)
    enter(page, address, cast.ADVISOR, language)
    for path in ("/inbox/", "/inbox/?box=done", f"/inbox/tasks/{task}", f"/inbox/tasks/{done}"):
        page.goto(address + path)
        assert fits(page), path
        assert axe(page) == [], path
    page.goto(f"{address}/inbox/tasks/{task}")
    page.locator(".actionbar .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert fits(page)
    assert axe(page) == []


def test_the_list_is_worked_by_keyboard(office: Office, address: str, new_page: NewPage) -> None:
    for cycle in ("A", "B"):
        office.start(cast.ADVISOR.no, cycle=cycle)
    page = new_page(1280, "en")
    enter(page, address, cast.ADVISOR, "en")
    page.goto(f"{address}/inbox/")
    expect(page.locator(".bulkbar")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".bulkbar")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("[data-key-search]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/tasks/*")


def test_rows_and_drafts_survive_a_reload(office: Office, address: str, new_page: NewPage) -> None:
    task = office.start(cast.ADVISOR.no)
    page = new_page(1280, "en")
    enter(page, address, cast.ADVISOR, "en")
    page.goto(f"{address}/inbox/tasks/{task}")
    page.fill("[name='f-points-0-what']", "gone")
    page.click("[data-row-add]")
    expect(page.locator("[name='f-points-1-what']")).to_be_focused()
    page.keyboard.type("kept")
    page.locator("[data-row='0'] [data-row-remove]").click()
    expect(page.locator("[data-row-count]")).to_have_text("1")
    page.click("[data-row-add]")
    # The number of a removed row is not used again.
    expect(page.locator("[name='f-points-2-what']")).to_be_visible()
    expect(page.locator("[data-draft-status]")).to_have_text("Draft saved 09:00")
    page.reload()
    expect(page.locator("[name='f-points-1-what']")).to_have_value("kept")
    expect(page.locator("[name='f-points-0-what']")).to_have_count(0)


def test_everything_works_without_a_script(office: Office, address: str, new_page: NewPage) -> None:
    task = office.start(cast.ADVISOR.no)
    page = new_page(390, "en", javascript=False)
    enter(page, address, cast.ADVISOR, "en")
    page.goto(f"{address}/inbox/tasks/{task}")
    page.click("[data-row-add]")
    page.fill("[name='f-points-1-what']", "second")
    # Enter hands the form in; it must not press the first row button.
    page.fill("[name='f-summary']", "A good year.")
    page.press("[name='f-points-1-what']", "Enter")
    page.wait_for_url("**/inbox/")
    expect(page.locator(".toast")).to_contain_text("Handed in.")
