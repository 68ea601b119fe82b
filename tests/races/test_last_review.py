"""Two managers hand in the last two reviews of a unit at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.reviews import actions
from perfflow.workflow.models import Message
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, HEAD, MANAGER, Person
from tests.support.year import AFTER, build_year, reach, YEAR


@pytest.mark.both_databases
def test_exactly_one_of_two_last_reviews_wakes_the_calibration(database: Database) -> None:
    people = (ADVISOR, COLLEAGUE)
    with database.writing() as session:
        build_year(session, people)
        for person in people:
            reach(session, person)
        bosses = {ADVISOR.no: act_as(session, MANAGER), COLLEAGUE.no: act_as(session, HEAD)}
    start = Barrier(2)

    def last_review(person: Person) -> bool:
        start.wait()
        with database.writing() as session:
            ratings = [
                {"metric_code": code, "rating": "4", "evidence": "带新人完成两次联合拜访"}
                for code, _ in actions.manual_lines(session, YEAR, person.no)
            ]
            actions.submit_manager_review(
                session, bosses[person.no], AFTER, YEAR, person.no, ratings=ratings,
                comment="全年稳定，客户评价好。",
            )  # fmt: skip
            return actions.close_review(session, SYSTEM, AFTER, YEAR, person.no)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(last_review, people))
    assert sorted(outcomes) == [False, True]
    with database.reading() as session:
        woken = select(func.count()).where(Message.name == "reviews-complete")
        assert session.scalar(woken) == 1
