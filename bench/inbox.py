"""The inbox of somebody with ten thousand open tasks over one with a thousand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from sqlalchemy import insert, select

from bench.figures import Figure
from bench.stage import Browser, Stage
from perfflow.workflow.models import ProcessInstance, UserTask
from tests.support.statements import count_statements

SHORT, LONG = 1_000, 10_000
VISITS = 40
RATIO_GOAL = 1.3
STATEMENTS_GOAL = 5
PATH = "/inbox/"
_CHUNK = 1_000


def inbox_figures(stage: Stage, browsers: dict[str, Browser]) -> Iterator[Figure]:
    """The first page of both lists, visited in turns."""
    few, many = stage.advisors[:2]
    _fill(stage, few, SHORT)
    _fill(stage, many, LONG)
    pairs = [(_visit(browsers[many]), _visit(browsers[few])) for _ in range(VISITS)][3:]
    ours = median(pair[0] for pair in pairs)
    floor = median(pair[1] for pair in pairs)
    yield Figure("inbox.10k_over_1k", ours / floor, "×", RATIO_GOAL, ours, floor, len(pairs))
    with count_statements(stage.database.engine) as counted:
        _visit(browsers[many])
    yield Figure("inbox.statements", len(counted), "statements", STATEMENTS_GOAL)


def _visit(browser: Browser) -> float:
    start = time.perf_counter_ns()
    status, _ = browser.get(PATH)
    spent = (time.perf_counter_ns() - start) / 1_000
    if status != 200:
        raise SystemExit(f"expected 200 from {PATH} but got {status}")
    return spent


def _fill(stage: Stage, employee_no: str, wanted: int) -> None:
    """Copies of a person's task, each of a case of its own."""
    task, instance = UserTask.__table__.c, ProcessInstance.__table__.c
    with stage.database.writing() as session:
        mine = select(*task).where(task.assignee_no == employee_no).order_by(task.id)
        source = dict(session.execute(mine.limit(1)).one()._mapping)
        case = dict(
            session.execute(select(*instance).where(instance.id == source["instance_id"]))
            .one()
            ._mapping
        )
        del source["id"], case["id"]
        source |= {"status": "open", "completed_at": None, "completed_by": None, "outcome": None}
        for start in range(0, wanted, _CHUNK):
            keys = [f"2025-COPY-{employee_no}-{start + n}" for n in range(_CHUNK)]
            cases = [{**case, "business_key": key, "status": "active"} for key in keys]
            added = insert(ProcessInstance).returning(ProcessInstance.id)
            ids = session.scalars(added, cases).all()
            session.execute(
                insert(UserTask),
                [
                    {**source, "instance_id": number, "business_key": key}
                    for number, key in zip(ids, keys, strict=True)
                ],
            )
