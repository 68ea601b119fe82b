"""Ready goals of a post: copied into the own draft, linked to their version, out again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfflow.audit import trail
from perfflow.forms.rendering import install_forms
from perfflow.goals import actions
from perfflow.goals.frames import frame
from perfflow.goals.rules import DraftLine
from perfflow.inbox.actions import store_draft
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation, RuleViolations
from perfflow.plans.queries import library_goal
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.queries import open_tasks_of_subject
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, HR, MANAGER, Person, shipped_files
from tests.support.pages import open_pages, Pages
from tests.support.playing import CYCLE, Play

PLANS = "GL-FA@1/FA-01"  # CL-08, not on the card
SATISFACTION = "GL-FA@1/FA-05"  # CL-01, on the card
LIBRARY = f"/goals/{CYCLE}/{ADVISOR.no}/library"


def pick(play: Play, link: str, person: Person = ADVISOR, language: str = "zh") -> None:
    with play.database.writing() as session:
        actions.pick_goal(
            session, act_as(session, person), play.now, CYCLE, ADVISOR.no, link, language
        )


def drop(play: Play, metric: str) -> None:
    with play.database.writing() as session:
        actions.drop_goal(session, act_as(session, ADVISOR), play.now, CYCLE, ADVISOR.no, metric)


def line(play: Play, metric: str) -> DraftLine | None:
    with play.database.reading() as session:
        lines = frame(session, CYCLE, ADVISOR.no).lines
    return next((one for one in lines if one.metric_code == metric), None)


@pytest.fixture
def drafting(play: Play) -> Play:
    play.launch()
    return play


def test_a_picked_goal_is_a_copy_that_names_the_version_it_came_from(drafting: Play) -> None:
    pick(drafting, PLANS)
    found = line(drafting, "CL-08")
    assert found is not None
    assert (found.extra["picked"]["from"], found.target, found.weight_bp) == (
        PLANS,
        Decimal(24),
        500,
    )
    assert found.why.startswith("先有规划")
    with drafting.database.reading() as session:
        (entry,) = trail(session, event="goals:library:picked")
        assert entry.details == {"goal": PLANS, "metric": "CL-08"}


def test_the_copy_is_in_the_language_of_who_picks(drafting: Play) -> None:
    pick(drafting, PLANS, language="en")
    found = line(drafting, "CL-08")
    assert found is not None
    assert found.why.startswith("A plan before a product")


def test_on_a_metric_of_the_card_the_weight_stays(drafting: Play) -> None:
    before = line(drafting, "CL-01")
    pick(drafting, SATISFACTION)
    after = line(drafting, "CL-01")
    assert before is not None
    assert after is not None
    assert (after.weight_bp, after.extra["picked"]["from"]) == (before.weight_bp, SATISFACTION)
    assert after.action is not None


def test_later_versions_of_the_library_change_nothing_that_was_copied(drafting: Play) -> None:
    pick(drafting, PLANS)
    text = shipped_files()["catalogue/libraries/FA.yaml"].decode()
    files = {
        "catalogue/libraries/FA.yaml": text.replace("version: 1", "version: 2")
        .replace("为客户交付财富规划书", "全新的说法")
        .encode()
    }
    with drafting.database.writing() as session:
        workflow_actions.deploy(session, SYSTEM, drafting.now, files)
    found = line(drafting, "CL-08")
    assert found is not None
    assert found.extra["picked"]["title_zh"] == "为客户交付财富规划书"
    with drafting.database.reading() as session:
        release = frame(session, CYCLE, ADVISOR.no).cycle.release_number
        assert library_goal(session, release, PLANS) is not None
        assert library_goal(session, release, "GL-FA@2/FA-01") is None


def test_weights_are_evened_out_before_the_goals_are_sent(drafting: Play) -> None:
    pick(drafting, PLANS)
    with pytest.raises((RuleViolation, RuleViolations)):
        drafting.complete("draft-goals", ADVISOR)
    values = drafting.start_of("draft-goals", ADVISOR)
    by_code = {row["metric_code"]: row for row in values["lines"]}
    by_code["RS-01"]["weight"] = Decimal(10)
    drafting.complete("draft-goals", ADVISOR, values)
    found = line(drafting, "CL-08")
    assert found is not None
    assert found.extra["picked"]["from"] == PLANS
    rows = drafting.start_of("answer-goals", MANAGER)["lines"]
    assert "CL-08" in {row["metric_code"] for row in rows}


def test_a_picked_goal_beside_the_card_leaves_again_and_one_of_the_card_stays(
    drafting: Play,
) -> None:
    pick(drafting, PLANS)
    pick(drafting, SATISFACTION)
    drop(drafting, "CL-08")
    assert line(drafting, "CL-08") is None
    with pytest.raises(RuleViolation):
        drop(drafting, "CL-01")
    drafting.complete("draft-goals", ADVISOR)


def test_nobody_picks_for_others_or_from_another_post(drafting: Play) -> None:
    with pytest.raises(NotAllowed):
        pick(drafting, PLANS, MANAGER)
    for link in ("GL-RM@1/RM-01", "GL-FA@9/FA-01", "nonsense"):
        with pytest.raises(NotFound):
            pick(drafting, link)


def test_once_the_goals_are_sent_nothing_is_picked(drafting: Play) -> None:
    drafting.complete("draft-goals", ADVISOR)
    with pytest.raises(Conflict):
        pick(drafting, PLANS)


def test_what_was_typed_and_not_sent_stays(drafting: Play) -> None:
    values = drafting.start_of("draft-goals", ADVISOR)
    values["lines"][0]["target"] = Decimal(4321)
    with drafting.database.writing() as session:
        (task,) = open_tasks_of_subject(session, ADVISOR.no, "goal-sheet")
        store_draft(
            session, act_as(session, ADVISOR), drafting.now, task, {**values, "comment": "先看看"}
        )
    pick(drafting, PLANS)
    pick(drafting, SATISFACTION)
    pages = open_all(drafting)
    page = pages.visit(ADVISOR, "zh").get(f"/inbox/tasks/{task}").text
    assert "4321" in page
    assert "先看看" in page
    assert "财富规划书交付数" in page
    assert PLANS in page


def open_all(play: Play) -> Pages:
    pages = open_pages(play.database, play.now, "goals", "inbox")
    if "forms" not in pages.app.blueprints:
        install_forms(pages.app)
    return pages


def test_the_page_offers_the_library_of_the_post_to_its_owner_only(drafting: Play) -> None:
    pages = open_all(drafting)
    page = pages.visit(ADVISOR).get(LIBRARY).text
    assert page.count("Copy into my draft") == 11
    reply = pages.visit(ADVISOR).post(LIBRARY, link=PLANS)
    assert reply.status_code == 303
    assert "Take out" in pages.visit(ADVISOR).get(LIBRARY).text
    assert pages.visit(ADVISOR).post(LIBRARY, metric="CL-08").status_code == 303
    for person in (MANAGER, COLLEAGUE, HR):
        assert pages.visit(person).get(LIBRARY).status_code == 404
        assert pages.visit(person).post(LIBRARY, link=PLANS).status_code == 404


def test_a_bet_on_the_market_and_a_promise_of_return_are_pointed_at(drafting: Play) -> None:
    with drafting.database.reading() as session:
        found = frame(session, CYCLE, ADVISOR.no)
        first = found.lines[0]
        market = found.verdicts(first.changed(metric_code="RS-11"))["R"]
        promise = found.verdicts(first.changed(action="向客户保证收益 5%"))["R"]
    assert (market.state, market.code) == ("warn", "goals.smart_r_market")
    assert (promise.state, promise.code) == ("warn", "goals.smart_r_promise")


def test_a_form_cannot_smuggle_a_goal_in(drafting: Play) -> None:
    values = drafting.start_of("draft-goals", ADVISOR)
    extra = {**values["lines"][0], "metric_code": "CL-08", "extra": {"picked": {"from": PLANS}}}
    with pytest.raises(RuleViolation):
        drafting.complete("draft-goals", ADVISOR, {"lines": [*values["lines"], extra]})
    assert line(drafting, "CL-08") is None
