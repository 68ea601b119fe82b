"""Fixtures of browser tests: one Chromium a worker, a fresh profile for every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import find_chromium, prepare_playwright
from tests.support.packages import fetched

WIDE = 1280
NARROW = 390
HEIGHTS = {WIDE: 800, NARROW: 844}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium; fails with the remedy when none can be had."""
    prepare_playwright()
    chromium = find_chromium()
    with sync_playwright() as playwright:
        running = chromium.launch(playwright)
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """``new_page(width=1280, language="zh", dark=False, javascript=True)``: a profile of its own.

    An error of a script, or anything in the console that is one, fails the test at its end.
    """
    contexts = []
    trouble: list[str] = []

    def make(
        width: int = WIDE,
        language: str = "zh",
        *,
        dark: bool = False,
        javascript: bool = True,
        base_url: str | None = None,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 800)},
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            base_url=base_url,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if _is_ours(said) else None)
        page.set_default_timeout(10_000)
        return page

    yield make
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page of 1280 by 800 for a reader of Chinese."""
    return new_page()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The script of axe-core."""
    return (fetched("axe") / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def axe(axe_source: str) -> Callable[[Page], list[str]]:
    """``axe(page)``: what the page breaks of WCAG 2.2 AA, a line each; empty is good."""

    def check(page: Page) -> list[str]:
        # As one expression in the page's main world: a strict CSP does not stop the debugger.
        page.evaluate(f"() => {{ {axe_source} }}")
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        result: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {violation['help']} at {node['target']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return check


def _is_ours(said: Any) -> bool:
    # A page that answers 4xx is written to the console by the browser itself, not by a script.
    return said.type == "error" and "Failed to load resource" not in said.text
