"""One person's year in a real browser, from the first goal to the bonus statement."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect, Page

from perfflow.calendar import local_date
from perfflow.db import Database
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.people.actions import grant_role
from tests.browser.conftest import Stand
from tests.browser.year import fill, Year
from tests.processes.stages import (
    CALIBRATOR,
    FINANCE,
    FINANCE_TWO,
    LAUNCHED,
    load_figures,
    REMUNERATION,
)
from tests.support.cast import ADVISOR, COLLEAGUE, COMPLIANCE, HR, MANAGER, Person
from tests.support.year import YEAR

KEY = f"{YEAR}/{ADVISOR.no}"
SESSION = f"{YEAR}/calibration/B01"
POOL = f"{YEAR}/pool/B01"
SAID = {
    "zh": {
        "why": "老客户的资金下半年到期，先把他们留住。",
        "offer": "机会比去年多，希望再往前一步。",
        "restatement": "我今年要留住老客户，再把定投做起来。",
        "story": "今年我把重点客户的配置方案全部落地，也补上了拜访记录。",
        "evidence": "客户系统里的方案记录，还有三次陪访的复盘。",
        "wish": "希望明年有一位产品专家和我一起见客户。",
        "summary": "我们谈了这一年的成绩、还差的地方，以及明年怎么做。",
        "moved": "与同岗位的人比，定性评分偏严，补回一点。",
        "closing": "本单位的尺度已经统一，没有其他争议。",
    },
    "en": {
        "why": "My clients' deposits mature in autumn; keeping them comes first.",
        "offer": "There is more to win than last year: please go one step further.",
        "restatement": "This year I keep my clients and then build monthly savings plans.",
        "story": "I carried every key client's plan through and kept my visit notes complete.",
        "evidence": "The plans in the client system and the notes of three joint visits.",
        "wish": "Next year I would like a product specialist beside me at meetings.",
        "summary": "We spoke about what went well, what is missing and what we will do next year.",
        "moved": "Rated more strictly than others in the same post; a little is given back.",
        "closing": "The unit now uses one yardstick, and nothing is in dispute.",
    },
}


def seat_on_the_committee(database: Database, person: Person, now: datetime) -> None:
    """A second member: the cast has one."""
    with database.writing() as session:
        grant_role(
            session, SYSTEM, now, person.no, Role.CALIBRATION_COMMITTEE, valid_from=now.date()
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_year_from_the_first_goal_to_the_statement(stand: Stand, language: str) -> None:
    with stand(LAUNCHED, language) as year:
        seat_on_the_committee(year.database, FINANCE_TWO, year.clock.now())
        agree_on_goals(year)
        let_the_year_pass(year)
        look_back(year)
        calibrate_and_publish(year)
        talk_about_the_result(year)
        pay(year)
        read_the_statement(year)


def agree_on_goals(year: Year) -> None:
    said = SAID[year.language]
    page = year.open(ADVISOR, KEY, "draft-goals")
    weight = float(page.input_value("[name='f-lines-0-weight']"))
    fill(page, {"lines": {0: {"weight": weight - 10, "why": said["why"]}}})
    page.locator(".actionbar .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_focused()
    year.says(page, "现在是 90%", "got 90%")
    fill(page, {"lines": {0: {"weight": weight}}})
    year.send(page, KEY, "draft-goals")

    page = year.open(MANAGER, KEY, "answer-goals")
    target = float(page.input_value("[name='f-lines-0-target']").replace(",", ""))
    fill(page, {"decision": "counter", "comment": said["offer"]})
    fill(page, {"lines": {0: {"target": round(target * 1.05, 2)}}})
    year.send(page, KEY, "answer-goals")

    page = year.open(ADVISOR, KEY, "counter-goals")
    expect(page.locator("main")).to_contain_text(said["offer"])
    fill(page, {"decision": "accept"})
    year.send(page, KEY, "counter-goals")
    year.hand_in(
        ADVISOR, KEY, "accept-goals", understands_why=True, restatement=said["restatement"]
    )
    year.hand_in(MANAGER, KEY, "sign-goals", is_agreed=True)
    page = year.browser_of(ADVISOR)
    page.goto("/goals/")
    year.says(page, "已锁定", "Locked")


def let_the_year_pass(year: Year) -> None:
    year.play_until(YEAR, "load-data")
    load_figures(year.database)
    year.play_until(KEY, "self-assess")


def look_back(year: Year) -> None:
    said = SAID[year.language]
    page = year.open(ADVISOR, KEY, "self-assess")
    fill(page, {"summary": said["story"]})
    for select in page.locator("select[name$='-self_rating']").all():
        select.select_option("4")
    year.send(page, KEY, "self-assess")

    page = year.open(MANAGER, KEY, "score-review")
    expect(page.locator("main")).to_contain_text(said["story"])
    for choice in page.locator("input[name$='-rating'][value='4']").all():
        choice.check(force=True)
    for box in page.locator("[name$='-evidence']").all():
        box.fill(said["evidence"])
    fill(page, {"comment": said["summary"]})
    year.send(page, KEY, "score-review")


def calibrate_and_publish(year: Year) -> None:
    said = SAID[year.language]
    year.play_until(SESSION, "review-gate")
    year.hand_in(COMPLIANCE, SESSION, "review-gate", statement=said["closing"])
    move_up(year)
    stand_for_the_move(year)
    year.hand_in(CALIBRATOR, SESSION, "calibrate-unit", summary=said["closing"], is_reviewed=True)
    year.play_until(YEAR, "publish-results")
    page = year.browser_of(ADVISOR)
    page.goto("/performance/")
    expect(page.locator("body")).not_to_contain_text(said["moved"])
    year.hand_in(HR, YEAR, "publish-results", confirmed=True)
    page.goto("/performance/")
    expect(page.locator("body")).to_contain_text(said["moved"])


def move_up(year: Year) -> None:
    """The committee gives one person a point and says why, looking at the effect first."""
    page = year.browser_of(CALIBRATOR)
    page.goto("/calibration/")
    page.locator("main a[href^='/calibration/']").first.click()
    name = ADVISOR.name_zh if year.language == "zh" else ADVISOR.name_en
    look_at_bands(page, name)
    page.locator("a.seat", has_text=name).click()
    total = page.locator("[name=to_total]")
    total.fill(f"{float(total.input_value()) + 1:.2f}")
    page.fill("[name=reason]", SAID[year.language]["moved"])
    page.locator("button[name=act][value=preview]").click()
    expect(page.locator("#move .facts")).to_be_visible()
    page.locator("#move button.btn-primary").click()
    expect(page.locator(f"a.seat:has-text('{name}') .change")).to_contain_text("+1.00")


def look_at_bands(page: Page, name: str) -> None:
    """A card dropped on a band, and → on a card, propose a total; neither moves anybody."""
    seat = page.locator("a.seat", has_text=name)
    own = seat.get_attribute("data-band-now")
    codes = [band.get_attribute("data-band") for band in page.locator("[data-band]").all()]
    lower = codes[codes.index(own) + 1]
    with page.expect_navigation():
        seat.drag_to(page.locator(f"[data-band='{lower}'] h2"))
    proposed = page.locator("[name=to_total]").input_value()
    page.locator("a.seat", has_text=name).focus()
    with page.expect_navigation():
        page.keyboard.press("ArrowRight")
    assert page.locator("[name=to_total]").input_value() == proposed
    expect(page.locator("#move h2")).to_contain_text(f"{own} → {lower}")
    expect(page.locator("a.seat .change")).to_have_count(0)


def stand_for_the_move(year: Year) -> None:
    """One of few people is more than a fifth: another member answers for it."""
    page = year.browser_of(FINANCE_TWO)
    page.goto("/calibration/")
    page.locator("main a[href^='/calibration/']").first.click()
    with page.expect_navigation():
        page.locator("form[action$='/approve'] button").click()
    expect(page.locator("form[action$='/approve']")).to_have_count(0)


def talk_about_the_result(year: Year) -> None:
    said = SAID[year.language]
    year.hand_in(
        ADVISOR, KEY, "prepare-interview",
        proud_of=said["story"], difficulties=said["wish"], wishes=said["wish"],
    )  # fmt: skip
    page = year.open(MANAGER, KEY, "hold-interview")
    expect(page.locator("main")).to_contain_text(said["wish"])
    today = local_date(year.clock.now())
    due = today + timedelta(days=60)
    achievement = {
        "fact": said["story"],
        "evidence": said["evidence"],
        "evidence_on": today - timedelta(days=60),
    }
    fill(page, {"achievements": {0: achievement}})
    action = {
        "text": said["wish"], "action_type": "joint_visit", "measure": said["evidence"],
        "owner": "manager", "due_on": due,
    }  # fmt: skip
    fill(page, {"actions": {0: action}, "summary": said["summary"]})
    year.send(page, KEY, "hold-interview")
    page = year.open(ADVISOR, KEY, "sign-interview")
    expect(page.locator("main")).to_contain_text(said["summary"])
    fill(page, {"outcome": "agree"})
    year.send(page, KEY, "sign-interview")
    year.hand_in(ADVISOR, KEY, "confirm-result", outcome="confirmed")


def pay(year: Year) -> None:
    year.play_until(POOL, "run-bonus")
    year.hand_in(FINANCE, POOL, "run-bonus", amount="200000", veto_share="return")
    year.hand_in(REMUNERATION, POOL, "approve-payout", decision="approve")
    year.hand_in(FINANCE, POOL, "release-payout", is_checked=True)


def read_the_statement(year: Year) -> None:
    page = year.browser_of(ADVISOR)
    page.goto("/payouts/statements")
    page.locator("main a[href^='/payouts/statements/']").first.click()
    expect(page.locator("h1")).to_be_visible()
    figures = money(page)
    assert figures
    assert max(figures) > 0
    year.says(page, "奖金", "bonus")
    # It is hers alone: a colleague who guesses the address finds nothing.
    other = year.browser_of(COLLEAGUE)
    answer = other.goto(page.url)
    assert answer is not None
    assert answer.status == 404


def money(page: Page) -> list[float]:
    """The amounts that a page shows."""
    found = re.findall(r"[\d,]+\.\d\d", page.locator("main").inner_text())
    return [float(amount.replace(",", "")) for amount in found]
