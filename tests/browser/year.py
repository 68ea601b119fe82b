"""A firm in a real browser: people sign in and click; what is not shown is played around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playwright.sync_api import expect, Page
from sqlalchemy import select, update

from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.simulation.answers import ACCEPTS_EVERYTHING
from perfflow.simulation.driver import Simulation
from perfflow.web.models import Account
from perfflow.web.passwords import hash_password
from perfflow.workflow.models import UserTask
from tests.processes.playing import agree
from tests.support.browser import WIDE
from tests.support.cast import Person

PASSWORD = "a calm sentence"
PATIENCE = 30_000
"""Milliseconds; the first page that an application serves loads all of its templates."""
NewPage = Callable[..., Page]


def let_people_in(database: Database) -> None:
    """Give every account the password that the tests type."""
    with database.writing() as session:
        session.execute(update(Account).values(password_hash=hash_password(PASSWORD)))


@dataclass
class Year:
    """The served firm, its clock, and the browsers of those who have signed in."""

    database: Database
    clock: VirtualClock
    address: str
    new_page: NewPage
    language: str = "zh"
    width: int = WIDE
    dark: bool = False
    pages: dict[str, Page] = field(default_factory=dict)

    # -- what people do -----------------------------------------------------------------------
    def browser_of(self, person: Person) -> Page:
        """The browser of a person, who signs in first."""
        if person.no not in self.pages:
            page = self.new_page(self.width, self.language, dark=self.dark, base_url=self.address)
            page.set_default_timeout(PATIENCE)
            page.goto("/login")
            page.fill("[name=login]", person.no)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            self.pages[person.no] = page
        return self.pages[person.no]

    def open(self, person: Person, key: str, element: str) -> Page:
        """Go to the inbox and click the step that waits there."""
        page = self.browser_of(person)
        page.goto("/inbox/")
        link = page.locator(f"main a[href='/inbox/tasks/{self.task(key, element)}']").first
        if not link.count():
            page.locator("a[href*='box=groups']").first.click()
        link.click()
        expect(page.locator("#task-form")).to_be_attached()
        return page

    def hand_in(self, person: Person, key: str, element: str, **values: Any) -> Page:
        """Open a step, fill its form in and press the button."""
        page = self.open(person, key, element)
        fill(page, values)
        return self.send(page, key, element)

    def send(self, page: Page, key: str, element: str) -> Page:
        """Press the button of the open step; it must be taken."""
        before = self.task(key, element)
        with page.expect_navigation():
            page.locator(".actionbar .btn-primary").click()
        refused = page.locator(".error-summary, .notice.bad").all_inner_texts()
        assert not page.url.endswith(f"/tasks/{before}"), f"{element}: {refused}"
        expect(page.locator(".toast").first).to_be_visible()
        return page

    def says(self, page: Page, chinese: str, english: str) -> None:
        """The page shows a sentence of its language."""
        wanted = chinese if self.language == "zh" else english
        expect(page.locator("body")).to_contain_text(wanted)

    # -- what the firm does around them ---------------------------------------------------------
    def task(self, key: str, element: str) -> int:
        """The open task of a step of a case."""
        found = self._find(key, element)
        assert found is not None, f"{element} does not wait in {key} at {self.clock.now()}"
        return found

    def _find(self, key: str, element: str) -> int | None:
        with self.database.reading() as session:
            return session.scalar(
                select(UserTask.id).where(
                    UserTask.business_key == key,
                    UserTask.element_id == element,
                    UserTask.status == "open",
                )
            )

    def play_until(self, key: str, element: str, limit: datetime | None = None) -> None:
        """Let time pass, with everybody agreeing and punctual, until a step waits."""
        simulation = Simulation(
            self.database,
            self.clock,
            seed=42,
            pace=lambda task: 0.2,
            change_answer=agree,
            agreeable=ACCEPTS_EVERYTHING,
            is_punctual=lambda task: True,
        )
        until = limit or datetime(2026, 6, 30, tzinfo=FIRM_ZONE)
        simulation.run(until, lambda: self._find(key, element) is not None)
        self.task(key, element)


def fill(page: Page, values: Mapping[str, Any], prefix: str = "f-") -> None:
    """Type, choose and tick; ``{"lines": {0: {"weight": 5}}}`` is a field of a row."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            for number, row in value.items():
                fill(page, row, f"{prefix}{name}-{number}-")
            continue
        found = page.locator(f"[name='{prefix}{name}']")
        kind = found.first.evaluate("one => one.tagName + ':' + one.type")
        _open_folds(page, f"{prefix}{name}")
        if kind.endswith(":radio"):
            page.locator(f"[name='{prefix}{name}'][value='{value}']").check(force=True)
        elif kind.endswith(":checkbox"):
            found.first.set_checked(bool(value), force=True)
        elif kind.startswith("SELECT"):
            found.select_option(str(value))
        else:
            found.fill(str(value))


def _open_folds(page: Page, name: str) -> None:
    """Unfold what a field is folded into, as a person does who looks for it."""
    folds = page.locator(f"details:not([open]):has([name='{name}']) > summary")
    while folds.count():
        folds.first.click()
