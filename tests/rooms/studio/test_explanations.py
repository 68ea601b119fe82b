"""The explanation of a decision: what its page shows, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.people.directory import PeopleDirectory
from perfflow.studio.rules import mentions_pay
from perfflow.studio.views import blueprint
from perfflow.workflow import actions, queries
from perfflow.workflow.ports import directory, plug_directory
from tests.feel.dmn import decision, input_data, model, table
from tests.rooms.inbox.office import Office, open_office
from tests.support import cast
from tests.workflow.building import extensions, line, node, process, user_task

KEY = "2025-ANNUAL/E00004"
RULES = table(
    ["score", "complaints"],
    [["[0..60)", "-", "0"], [">= 60", "> 2", "0.9"], [">= 60", "<= 2", "1"]],
)


@pytest.fixture
def office(
    database: Database, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """A small firm with the studio's pages."""
    monkeypatch.setattr(cast, "plug_rooms", lambda: None)
    before = directory()
    plug_directory(PeopleDirectory())
    opened = open_office(database, clock)
    if "studio" not in opened.app.blueprints:
        opened.app.register_blueprint(blueprint)
    yield opened
    plug_directory(before)


def decide(office: Office, name: str = "factor", **variables: Any) -> int:
    """Decide about the advisor; the number of the evaluation."""
    called = f'<zeebe:calledDecision decisionId="{name}" resultVariable="found"/>'
    content = process(
        node("startEvent", "begun")
        + node("businessRuleTask", "decide", extensions(called), name="定系数")
        + user_task("after", group="hr-partner")
        + node("endEvent", "done")
        + line("begun", "decide", "after", "done"),
        key="ruling",
    )
    needs = ["in-score", "in-complaints"]
    rules = model(
        input_data("score", "number"),
        input_data("complaints", "number"),
        decision(name, RULES, needs),
    )
    now = office.clock.now()
    with office.database.writing() as session:
        files = {"processes/ruling/ruling.bpmn": content, "processes/ruling/rules.dmn": rules}
        actions.deploy(session, SYSTEM, now, files)
        given = {"employee": cast.ADVISOR.no, **variables}
        instance = actions.start_instance(session, SYSTEM, now, "ruling", KEY, given)
        (row,) = queries.evaluations_of(session, instance)
        return int(row.id)


def test_the_page_shows_inputs_every_rule_and_marks_the_one_that_matched(office: Office) -> None:
    number = decide(office, score=Decimal("71.25"), complaints=3)
    page = office.sign_in(cast.HR).get(f"/studio/decisions/{number}")
    assert page.status_code == 200
    for text in ("factor", "71.25", "0.9", "[0..60)", "UNIQUE", "Shen Zhixia", "定系数"):
        assert text in page.text
    rows = page.text.split("<tr")
    marked = [row for row in rows if row.startswith(' class="matched"')]
    assert len(marked) == 1
    assert "&gt; 2" in marked[0]
    assert "There was nothing to warn about." in page.text


def test_the_page_words_warnings_in_the_language_of_the_reader(office: Office) -> None:
    number = decide(office, score=10)
    english = office.sign_in(cast.HR, "en").get(f"/studio/decisions/{number}").text
    chinese = office.sign_in(cast.HR, "zh").get(f"/studio/decisions/{number}").text
    with office.database.reading() as session:
        (row,) = queries.evaluations_of(session, queries.instance_by_key(session, KEY).id)
    assert row.warnings
    for warning in row.warnings:
        assert warning["en"] in english
        assert warning["zh"] in chinese
    assert "What went in" in english
    assert "命中" in chinese


@pytest.mark.parametrize("reader", [cast.HR, cast.AUDITOR, cast.ADMIN])
def test_hr_auditors_and_process_admins_may_read_it(office: Office, reader: cast.Person) -> None:
    number = decide(office, score=71, complaints=0)
    page = office.sign_in(reader).get(f"/studio/decisions/{number}")
    assert page.status_code == 200
    assert 'class="matched"' in page.text


@pytest.mark.parametrize(
    "reader", [cast.ADVISOR, cast.MANAGER, cast.OUTSIDER, cast.BRANCH_HR, cast.CHIEF]
)
def test_for_everybody_else_there_is_no_such_page(office: Office, reader: cast.Person) -> None:
    number = decide(office, score=71, complaints=0)
    browser = office.sign_in(reader)
    assert browser.get(f"/studio/decisions/{number}").status_code == 404
    assert browser.get("/studio/decisions/999999").status_code == 404


def test_a_process_admin_sees_the_rules_of_a_decision_about_pay_and_no_figures(
    office: Office,
) -> None:
    number = decide(office, "bonus-factor", score=Decimal("71.25"), complaints=3)
    page = office.sign_in(cast.ADMIN).get(f"/studio/decisions/{number}").text
    assert "[0..60)" in page
    assert "71.25" not in page
    assert 'class="matched"' not in page
    assert "This decision is about pay" in page
    whole = office.sign_in(cast.AUDITOR).get(f"/studio/decisions/{number}").text
    assert "71.25" in whole
    assert "This decision is about pay" not in whole


def test_the_task_and_the_record_lead_hr_to_the_decision(office: Office) -> None:
    number = decide(office, score=71, complaints=0)
    browser = office.sign_in(cast.HR)
    task = office.open_task(KEY)
    assert f"/studio/decisions/{number}" in browser.get(f"/inbox/tasks/{task}").text
    browser.post(f"/inbox/tasks/{task}", revision="0")
    with office.database.reading() as session:
        (sent,) = queries.submissions_of(session, KEY)
    assert f"/studio/decisions/{number}" in browser.get(f"/inbox/record/{sent.id}").text


@pytest.mark.parametrize("name", ["salary", "base_pay", "BonusFactor", "pool_fen", "奖金", "月薪"])
def test_names_about_pay_are_recognised(name: str) -> None:
    assert mentions_pay(["score", name])


@pytest.mark.parametrize("name", ["score", "complaints", "grade", "得分", "投诉次数"])
def test_other_names_are_not_about_pay(name: str) -> None:
    assert not mentions_pay([name])
