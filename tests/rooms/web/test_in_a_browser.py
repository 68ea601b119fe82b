"""What the small scripts do in a real browser, and that the shell is accessible at both widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, Flask, jsonify, render_template_string, request
from playwright.sync_api import expect, Page

from perfflow.web import Permission, requires
from tests.rooms.web.conftest import GU, PASSWORD
from tests.support.browser import NARROW, NewPage, WIDE
from tests.support.serving import served

WORKBENCH = """
{% extends "base.html" %}{% set has_actionbar = true %}
{% from "pf/basics.html" import csrf %}
{% from "pf/cards.html" import page_header %}
{% from "pf/forms.html" import text_input, number_input, error_summary %}
{% from "pf/figures.html" import weight_bar %}
{% from "pf/tables.html" import data_table %}
{% block title %}Workbench{% endblock %}
{% block content %}
{{ page_header("Workbench") }}
{% if request.args.get("wrong") %}{{ error_summary([("weight-0", "too little")]) }}{% endif %}
<form id="sheet" method="post" action="/bench/" data-draft-url="/bench/draft">
  {{ csrf() }}
  {{ weight_bar([("R", 6000), ("C", 4000)], 10000) }}
  <div data-rows="lines" data-min-rows="1">
    {% for code, value in (("R", "60"), ("C", "40")) %}
    <div data-row="{{ loop.index0 }}">
      {{ number_input("weight-" ~ loop.index0, "Weight " ~ loop.index, value,
                      attrs={"data-weight": true, "data-dimension": code}) }}
      <button name="remove" value="{{ loop.index0 }}" data-row-remove>Remove</button>
    </div>
    {% endfor %}
    <template data-row-template><div data-row>
      {{ number_input("weight-__index__", "Weight", "",
                      attrs={"data-weight": true, "data-dimension": "K"}) }}
      <button name="remove" value="__index__" data-row-remove>Remove</button>
    </div></template>
    <button name="add" data-row-add>Add</button>
  </div>
</form>
<div data-keys>
{% call data_table("Tasks", ["Task"]) %}
  {% for n in (1, 2, 3) %}
  <tr data-key-row><td><label><span class="sr-only">Select {{ n }}</span>
    <input type="checkbox"></label> <a data-key-open href="?opened={{ n }}">Task {{ n }}</a>
    <button data-key-claim type="button" data-claim="{{ n }}">Claim {{ n }}</button></td></tr>
  {% endfor %}
{% endcall %}
</div>
{% endblock %}
{% block actionbar %}<span class="note" data-draft-status></span>
<button class="btn btn-primary" form="sheet">Send</button>{% endblock %}
"""


@pytest.fixture
def drafts() -> list[dict[str, str]]:
    """What the page has saved as a draft."""
    return []


@pytest.fixture
def address(app: Flask, drafts: list[dict[str, str]]) -> Iterator[str]:
    bench = Blueprint("bench", __name__, url_prefix="/bench")

    @bench.route("/", methods=["GET", "POST"])
    @requires(Permission.HOME_PAGE_VIEW)
    def page() -> str:
        return render_template_string(WORKBENCH)

    @bench.post("/draft")
    @requires(Permission.HOME_PAGE_VIEW)
    def draft():  # type: ignore[no-untyped-def]
        drafts.append(request.form.to_dict())
        return jsonify(message="Draft saved 10:42")

    app.register_blueprint(bench)
    with served(app) as url:
        yield url


def sign_in(page: Page, address: str, path: str = "/bench/") -> Page:
    page.goto(f"{address}/login?next={path}")
    page.locator("#login").fill(GU)
    page.locator("#password").fill(PASSWORD)
    page.locator(".sign-in-form button").click()
    page.wait_for_url(f"{address}{path}")
    return page


@pytest.fixture
def bench(new_page: NewPage, address: str) -> Page:
    return sign_in(new_page(WIDE, "en"), address)


def test_the_weight_bar_moves_while_weights_are_typed(bench: Page) -> None:
    verdict = bench.locator("[data-weight-verdict]")
    expect(verdict).to_have_text("exactly 100%")
    bench.locator("#weight-0").fill("52.5")
    expect(verdict).to_have_text("92.5% in all, 7.5% missing")
    assert bench.locator("[data-weight-segment=R]").get_attribute("width") == "52.5%"
    assert bench.locator("[data-weight-segment=C]").get_attribute("x") == "52.5%"
    bench.locator("#weight-0").fill("33.33")
    bench.locator("#weight-1").fill("66.67")
    expect(verdict).to_have_text("exactly 100%")
    bench.locator("#weight-1").fill("70")
    expect(verdict).to_have_text("103.33% in all, 3.33% too much")


def test_rows_are_added_and_removed_without_asking_the_server(bench: Page) -> None:
    bench.get_by_text("Add", exact=True).click()
    expect(bench.locator("#weight-2")).to_be_focused()
    bench.locator("#weight-2").fill("5")
    expect(bench.locator("[data-weight-verdict]")).to_have_text("105% in all, 5% too much")
    bench.locator("[data-row='0'] [data-row-remove]").click()
    expect(bench.locator("[data-row]")).to_have_count(2)
    expect(bench.locator("[data-weight-verdict]")).to_have_text("45% in all, 55% missing")


def test_the_last_row_that_must_stay_stays(bench: Page) -> None:
    for _ in range(3):
        bench.locator("[data-row-remove]").first.click()
    expect(bench.locator("[data-row]")).to_have_count(1)


def test_what_is_typed_is_saved_as_a_draft_and_said_so(
    bench: Page, drafts: list[dict[str, str]]
) -> None:
    bench.locator("#weight-0").fill("5")
    bench.locator("#weight-0").fill("55")
    expect(bench.locator("[data-draft-status]")).to_have_text("Draft saved 10:42")
    assert [draft["weight-0"] for draft in drafts] == ["55"]


def test_the_inbox_is_worked_by_keyboard(bench: Page) -> None:
    bench.evaluate(
        "document.addEventListener('click', e => { const claim = e.target.dataset?.claim;"
        " if (claim) window.claimed = claim; })"
    )
    for key in ("j", "j", "k", "j"):
        bench.keyboard.press(key)
    expect(bench.locator("tr.cursor")).to_contain_text("Task 2")
    bench.keyboard.press("x")
    expect(bench.locator("tr.cursor input")).to_be_checked()
    bench.keyboard.press("c")
    assert bench.evaluate("window.claimed") == "2"
    bench.keyboard.press("Enter")
    bench.wait_for_url("**/bench/?opened=2")


def test_keys_do_nothing_while_somebody_types(bench: Page) -> None:
    bench.locator("#weight-0").focus()
    bench.keyboard.press("j")
    expect(bench.locator("tr.cursor")).to_have_count(0)


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(
    bench: Page, address: str
) -> None:
    bench.goto(f"{address}/bench/?wrong=1")
    expect(bench.locator(".error-summary")).to_be_focused()
    bench.get_by_role("link", name="too little").click()
    expect(bench.locator("#weight-0")).to_be_focused()


def test_the_appearance_menu_closes_with_escape_and_applies_at_once(bench: Page) -> None:
    menu = bench.locator("details.popover")
    menu.locator("summary").click()
    bench.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    menu.get_by_role("button", name="Dark").click()
    expect(bench.locator("html")).to_have_attribute("data-theme", "dark")
    ground = bench.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(20, 22, 26)"


def test_a_dark_system_is_followed_without_a_choice(new_page: NewPage, address: str) -> None:
    page = new_page(WIDE, "zh", dark=True)
    page.goto(f"{address}/login")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(28, 31, 37)"


def test_pages_work_without_scripts(new_page: NewPage, address: str) -> None:
    page = sign_in(new_page(WIDE, "en", javascript=False), address)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


@pytest.mark.parametrize("width", [WIDE, 800, NARROW])
def test_no_page_of_the_shell_scrolls_sideways(new_page: NewPage, address: str, width: int) -> None:
    page = sign_in(new_page(width, "en"), address)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for path in ("/bench/?wrong=1", "/help?lang=zh", "/menu", "/account", "/fail/missing"):
        page.goto(f"{address}{path}")
        assert page.evaluate(wide) == 0, path


@pytest.mark.parametrize(("width", "dark"), [(WIDE, False), (NARROW, True)])
def test_axe_finds_nothing_in_the_shell(
    new_page: NewPage, axe: Callable[[Page], list[str]], address: str, width: int, dark: bool
) -> None:
    page = new_page(width, "zh", dark=dark)
    page.goto(f"{address}/login")
    assert axe(page) == []
    sign_in(page, address)
    for path in ("/bench/?wrong=1", "/menu", "/account"):
        page.goto(f"{address}{path}")
        assert axe(page) == [], path


def test_targets_are_large_enough_for_thumbs_on_a_phone(new_page: NewPage, address: str) -> None:
    page = sign_in(new_page(NARROW, "en"), address, "/menu")
    sizes = page.locator(".tabbar a, .tool:visible, .links a").evaluate_all(
        "all => all.map(e => { const b = e.getBoundingClientRect(); return [b.width, b.height] })"
    )
    assert len(sizes) > 6
    assert min(min(size) for size in sizes) >= 44
