"""The shipped review over HTTP: self-assessment with its saved draft, then the manager's scores."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from perfflow.calendar import local_date
from perfflow.reviews import queries as review_queries
from tests.processes.stages import FROZEN
from tests.processes.walk import Walk
from tests.support.cast import (
    ADVISOR,
    AUDITOR,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
)
from tests.support.year import YEAR

STAGE = FROZEN
KEY = f"{YEAR}/{ADVISOR.no}"
SUMMARY = "全年完成三家企业主客户的家庭资产规划，回访按季度做完，客户满意度稳定。"
COMMENT = "全年扎实，客户信任度高；下一年把回访的节奏再提前一些，带一带新人。"
EVIDENCE = "规划书 881、902、915 与回访录音。"


def open_review(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "check-data", outcome="confirmed")


def score(walk: Walk, rating: str = "4", **changes: Any) -> dict[str, Any]:
    """The manager's form with the same rating everywhere."""
    _, form = walk.open(MANAGER, KEY, "score-review")
    rows = {int(n): {"rating": rating, "evidence": EVIDENCE} for n in form.rows("ratings")}
    assert rows
    return {"ratings": rows, "comment": COMMENT, **changes}


def stages(walk: Walk) -> list[str]:
    with walk.database.reading() as session:
        return [row.stage for row in review_queries.result_chain(session, YEAR, ADVISOR.no)]


def test_the_employee_writes_first_and_the_manager_scores(walk: Walk) -> None:
    open_review(walk)
    assert walk.waiting(KEY) == [("self-assess", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "self-assess", summary=SUMMARY)
    assert walk.waiting(KEY) == [("score-review", MANAGER.no)]
    assert (
        SUMMARY in walk.visit(MANAGER).get(f"/inbox/tasks/{walk.task(KEY, 'score-review').id}").text
    )
    walk.hand_in(MANAGER, KEY, "score-review", **score(walk))
    assert (walk.steps(KEY), stages(walk)) == ([], ["computed", "manager"])


def test_better_ratings_give_a_better_result(walk: Walk) -> None:
    open_review(walk)
    walk.hand_in(ADVISOR, KEY, "self-assess", summary=SUMMARY)
    walk.hand_in(MANAGER, KEY, "score-review", **score(walk, "5"))
    with walk.database.reading() as session:
        before, after = review_queries.result_chain(session, YEAR, ADVISOR.no)
        assert after.decided_by == MANAGER.no
        assert after.inputs_hash != before.inputs_hash
        assert after.clean_total_e2 is not None


def test_a_rating_without_evidence_is_refused_on_its_row(walk: Walk) -> None:
    open_review(walk)
    walk.hand_in(ADVISOR, KEY, "self-assess", summary=SUMMARY)
    values = score(walk)
    first = next(iter(values["ratings"]))
    values["ratings"][first] = {"rating": "2", "evidence": "不足"}
    assert walk.refusal(MANAGER, KEY, "score-review", **values)
    values["ratings"][first] = {"rating": None, "evidence": EVIDENCE}
    assert walk.refusal(MANAGER, KEY, "score-review", **values)
    assert stages(walk) == ["computed"]


def test_a_saved_draft_is_submitted_when_the_time_is_up_and_marked(walk: Walk) -> None:
    open_review(walk)
    address, form = walk.open(ADVISOR, KEY, "self-assess")
    form.fill({"summary": SUMMARY})
    saved = walk.visit(ADVISOR).post(f"{address}/draft", data=form.sent)
    assert saved.status_code in (200, 303)
    due = walk.next_timer(KEY)
    assert due is not None
    walk.advance_to(due - timedelta(minutes=1))
    assert walk.steps(KEY) == ["self-assess"]
    walk.advance_to(due)
    assert walk.waiting(KEY) == [("score-review", MANAGER.no)]
    with walk.database.reading() as session:
        row = review_queries.self_assessment(session, YEAR, ADVISOR.no)
        assert row is not None
        assert (row.summary, row.is_auto) == (SUMMARY, True)


def test_without_a_draft_the_manager_scores_without_a_self_assessment(walk: Walk) -> None:
    open_review(walk)
    due = walk.next_timer(KEY)
    assert due is not None
    walk.advance_to(due)
    assert walk.steps(KEY) == ["score-review"]
    with walk.database.reading() as session:
        row = review_queries.self_assessment(session, YEAR, ADVISOR.no)
        assert row is None or (row.is_auto and not row.summary)
    walk.hand_in(MANAGER, KEY, "score-review", **score(walk))
    assert stages(walk) == ["computed", "manager"]


def test_the_self_assessment_has_until_its_deadline_and_a_working_day_at_least(walk: Walk) -> None:
    open_review(walk)
    deadline = walk.variable(KEY, "deadlines")["self_assess"]
    due = walk.next_timer(KEY)
    assert due is not None
    assert local_date(due) >= deadline
    assert local_date(due) > local_date(walk.clock.now())


def test_nobody_assesses_or_scores_for_somebody_else(walk: Walk) -> None:
    open_review(walk)
    for stranger in (MANAGER, COLLEAGUE, OUTSIDER):
        assert walk.turned_away(stranger, KEY, "self-assess") == (404, 404)
    walk.hand_in(ADVISOR, KEY, "self-assess", summary=SUMMARY)
    for stranger in (ADVISOR, COLLEAGUE, OTHER_MANAGER, HEAD):
        assert walk.turned_away(stranger, KEY, "score-review") == (404, 404)
    for reader in (HR, AUDITOR):
        assert walk.turned_away(reader, KEY, "score-review") == (200, 403)


def test_a_manager_is_scored_by_the_line_above(walk: Walk) -> None:
    key = f"{YEAR}/{MANAGER.no}"
    walk.hand_in(MANAGER, key, "check-data", outcome="confirmed")
    walk.hand_in(MANAGER, key, "self-assess", summary=SUMMARY)
    assert walk.waiting(key) == [("score-review", HEAD.no)]
    assert walk.turned_away(MANAGER, key, "score-review")[1] in (403, 404)
