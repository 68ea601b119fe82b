"""Pages of goals: who may see whose sheet, in which language, and what the task page shows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfflow.forms.rendering import install_forms
from tests.support.cast import (
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    CHIEF,
    COLLEAGUE,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.playing import CYCLE, Play

SHEET = f"/goals/{CYCLE}/{ADVISOR.no}"


@pytest.fixture
def talking(play: Play) -> Play:
    """The manager has answered the first draft with another target."""
    play.launch()
    play.complete("draft-goals", ADVISOR)
    values = play.start_of("answer-goals", MANAGER)
    values["lines"][0]["target"] = Decimal(1200)
    values["lines"][0]["why"] = "支行要增长，三家企业的资金年内到期。"
    play.complete(
        "answer-goals", MANAGER, {**values, "decision": "counter", "comment": "一起再看看"}
    )
    return play


@pytest.fixture
def pages(talking: Play) -> Pages:
    opened = open_pages(talking.database, talking.now, "goals", "inbox")
    if "forms" not in opened.app.blueprints:
        install_forms(opened.app)
    return opened


@pytest.mark.parametrize("person", [ADVISOR, MANAGER, HEAD, CHIEF, HR, AUDITOR])
def test_the_person_her_line_hr_and_auditors_read_a_sheet(pages: Pages, person: Person) -> None:
    answer = pages.visit(person).get(SHEET)
    assert answer.status_code == 200
    assert "Net new AUM" in answer.text


@pytest.mark.parametrize("person", [COLLEAGUE, OUTSIDER, BRANCH_HR, COMPLIANCE])
def test_a_stranger_is_not_told_that_a_sheet_exists(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    assert visitor.get(SHEET).status_code == 404
    assert visitor.get(f"/goals/{CYCLE}/E99999").status_code == 404


def test_my_goals_lead_to_my_newest_sheet(pages: Pages) -> None:
    answer = pages.visit(ADVISOR).get("/goals/")
    assert (answer.status_code, answer.location) == (302, SHEET)


def test_a_manager_finds_her_team_beside_her_own_goals(pages: Pages) -> None:
    text = pages.visit(MANAGER, "zh").get("/goals/").text
    assert "沈知夏" in text
    assert "等员工回应" in text


def test_people_without_goals_learn_what_will_be_here(pages: Pages) -> None:
    assert "No goals yet" in pages.visit(HEAD).get("/goals/").text


def test_the_sheet_shows_old_and_new_and_whose_turn_it_is(pages: Pages) -> None:
    text = pages.visit(ADVISOR).get(SHEET).text
    assert "<del>¥10.0m</del>" in text
    assert "<ins>¥12.0m</ins>" in text
    assert "It is your turn" in text
    assert "一起再看看" in text


def test_the_task_page_has_the_bar_the_diff_and_the_tiles_without_scripts(
    pages: Pages, talking: Play
) -> None:
    task = talking.open_task("counter-goals", ADVISOR)
    text = pages.visit(ADVISOR, "zh").get(f"/inbox/tasks/{task.id}").text
    assert "正好 100%" in text
    assert "<del>1,000 万元</del>" in text
    assert 'aria-label="SMART: S' in text
    assert "支行要增长" in text
    assert text.count("data-weight data-dimension") == 12


def test_sending_the_page_back_counters(pages: Pages, talking: Play) -> None:
    task = talking.open_task("counter-goals", ADVISOR)
    rows = talking.start_of("counter-goals", ADVISOR)["lines"]
    fields = {"revision": task.revision, "f-decision": "counter", "f-comment": "资金一月才到期"}
    fields["f-lines"] = [str(number) for number in range(len(rows))]
    for number, row in enumerate(rows):
        target = Decimal(1130) if number == 0 else row["target"]
        fields[f"f-lines-{number}-target"] = "" if target is None else str(target)
        fields[f"f-lines-{number}-weight"] = str(row["weight"])
        fields[f"f-lines-{number}-why"] = row["why"]
    answer = pages.visit(ADVISOR).post(f"/inbox/tasks/{task.id}", **fields)
    assert answer.status_code == 303, answer.text
    assert talking.is_open("answer-goals", MANAGER)


def test_weights_that_do_not_add_up_come_back_with_the_way_out(pages: Pages, talking: Play) -> None:
    task = talking.open_task("counter-goals", ADVISOR)
    rows = talking.start_of("counter-goals", ADVISOR)["lines"]
    fields = {"revision": task.revision, "f-decision": "counter"}
    fields["f-lines"] = [str(number) for number in range(len(rows))]
    for number, row in enumerate(rows):
        fields[f"f-lines-{number}-target"] = "" if row["target"] is None else str(row["target"])
        fields[f"f-lines-{number}-weight"] = "5" if number == 0 else str(row["weight"])
        fields[f"f-lines-{number}-why"] = row["why"]
    answer = pages.visit(ADVISOR, "zh").post(f"/inbox/tasks/{task.id}", **fields)
    assert answer.status_code == 422
    assert "权重合计应为 100%，现在是 90%，还差 10%。" in answer.text


def test_the_tree_is_open_to_everybody_and_names_no_person(pages: Pages) -> None:
    text = pages.visit(OUTSIDER, "zh").get("/goals/tree").text
    assert "东湖支行" in text
    assert "覆盖" in text
    assert "沈知夏" not in text
