"""The pages of background work: progress, failures with reasons, and who may act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from perfflow.jobs import enqueue, JobContext, run_waiting
from perfflow.kernel.errors import RuleViolation
from tests.rooms.home.conftest import House, SUMMER
from tests.support.cast import act_as, ADMIN, ADVISOR, AUDITOR, HR, MANAGER, Person

KIND = "cycles.job_enrol"


@pytest.fixture
def work(house: House, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ten items in chunks of four; the one called "bad" breaks a rule."""

    def enrol(context: JobContext, items: Sequence[Any]) -> None:
        if "bad" in items:
            raise RuleViolation("jobs.not_running")

    monkeypatch.setattr("perfflow.jobs.registry._kinds", {KIND: enrol})
    with house.database.writing() as session:
        items = ["bad", *map(str, range(9))]
        return enqueue(session, act_as(session, HR), SUMMER, KIND, "2025-ANNUAL", items, chunk=4)


def test_progress_is_shown_while_work_runs_and_the_page_renews_itself(
    house: House, work: int
) -> None:
    for _ in range(2):
        run_waiting(house.database, SUMMER, limit=1)
    page = house.pages.visit(HR).get(f"/background/{work}")
    assert page.headers["Refresh"]
    assert 'aria-valuemax="10"' in page.text
    listed = house.page(ADMIN, "/background/")
    assert "Take late joiners into the cycle" in listed
    assert "of 10" in listed
    assert "将新入职员工纳入周期" in house.page(ADMIN, "/background/", "zh")


def test_what_failed_stands_there_with_its_reason_and_can_be_tried_again(
    house: House, work: int
) -> None:
    for _ in range(6):
        run_waiting(house.database, SUMMER)
    page = house.pages.visit(AUDITOR).get(f"/background/{work}")
    assert "Refresh" not in page.headers
    assert "bad" in page.text.split("What could not be done")[-1]
    assert "Try what failed again" not in page.text
    assert "Try what failed again" in house.page(HR, f"/background/{work}")
    assert house.pages.visit(HR).post(f"/background/{work}/again").status_code == 303
    assert house.pages.visit(HR).get(f"/background/{work}").headers["Refresh"]


def test_running_work_can_be_stopped(house: House, work: int) -> None:
    assert house.pages.visit(AUDITOR).post(f"/background/{work}/cancel").status_code == 403
    assert house.pages.visit(HR).post(f"/background/{work}/cancel").status_code == 303
    assert "taken back" in house.page(HR, f"/background/{work}")
    assert house.pages.visit(HR).post(f"/background/{work}/cancel").status_code == 409


@pytest.mark.parametrize("reader", [ADVISOR, MANAGER])
def test_others_do_not_see_it(house: House, work: int, reader: Person) -> None:
    assert house.status(reader, "/background/") == 403
    assert house.status(reader, f"/background/{work}") == 403


def test_an_unknown_number_is_not_found_and_an_empty_list_says_so(house: House) -> None:
    assert house.status(HR, "/background/999") == 404
    assert "No background work yet" in house.page(HR, "/background/")
