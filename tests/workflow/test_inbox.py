"""The inbox: boxes, filters, paging and counts, at a cost that does not grow with the pile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from perfflow.db import Database
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import BadInput
from perfflow.workflow import queries
from perfflow.workflow.engine.waits import due_key
from perfflow.workflow.models import table_of, UserTask
from perfflow.workflow.queries import InboxFilter
from tests.support.databases import SqliteDatabases
from tests.workflow.building import (
    ADMIN,
    Bench,
    EMPLOYEE,
    HR,
    line,
    MANAGER,
    node,
    OUTSIDER,
    process,
    user_task,
)

TWO = process(
    node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + user_task("write", "=employee", due="=working days after(today(), days)")
    + user_task("check", group="hr-partner/B1")
    + node("endEvent", "done")
    + line("begun", "fork", "write", "done")
    + line("fork", "check", "done")
)


def listed(
    bench: Bench, actor: Actor, box: Any = "mine", wanted: InboxFilter | None = None
) -> list[tuple[str, str]]:
    """(business key, element) of the tasks in a box."""
    with bench.database.reading() as session:
        page = queries.inbox(session, actor, bench.now, box, wanted)
    return [(task.business_key, task.element_id) for task in page.tasks]


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """Three instances of two cycles, with different due dates."""
    bench.deploy(TWO)
    bench.start(business="2025/E1", employee="E1", days=9)
    bench.start(business="2026/E1", employee="E1", days=2)
    bench.start(business="2026/E2", employee="E2", days=5)
    return bench


def test_mine_comes_in_the_order_of_due_dates(filled: Bench) -> None:
    assert listed(filled, EMPLOYEE) == [("2026/E1", "write"), ("2025/E1", "write")]
    assert listed(filled, MANAGER) == [("2026/E2", "write")]


def test_group_work_is_shown_to_members_only(filled: Bench) -> None:
    assert len(listed(filled, HR, "groups")) == 3
    assert listed(filled, EMPLOYEE, "groups") == []
    assert listed(filled, OUTSIDER, "all") == []


def test_all_is_everything_for_a_process_admin_and_the_own_for_others(filled: Bench) -> None:
    assert len(listed(filled, ADMIN, "all")) == 6
    assert len(listed(filled, HR, "all")) == 3


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (InboxFilter(cycle="2025"), ["2025/E1"]),
        (InboxFilter(cycle="202"), []),
        (InboxFilter(element_id="check"), []),
        (InboxFilter(definition_key="trial"), ["2026/E1", "2025/E1"]),
        (InboxFilter(person="E2"), []),
        (InboxFilter(text="2026"), ["2026/E1"]),
        (InboxFilter(text="WRI"), ["2026/E1", "2025/E1"]),
        (InboxFilter(text="%"), []),
        (InboxFilter(text="nobody", people=("E1",)), ["2026/E1", "2025/E1"]),
        (InboxFilter(due="overdue"), []),
    ],
)
def test_filters_narrow_the_list(filled: Bench, wanted: InboxFilter, expected: list[str]) -> None:
    assert [key for key, _ in listed(filled, EMPLOYEE, "mine", wanted)] == expected


def test_overdue_and_soon_follow_the_clock(filled: Bench) -> None:
    filled.now += timedelta(days=3)
    overdue = InboxFilter(due="overdue")
    soon = InboxFilter(due="soon", soon_until=filled.now + timedelta(days=20))
    assert listed(filled, EMPLOYEE, "mine", overdue) == [("2026/E1", "write")]
    assert listed(filled, EMPLOYEE, "mine", soon) == [("2025/E1", "write")]
    with filled.database.reading() as session:
        counts = queries.inbox_counts(
            session, EMPLOYEE, filled.now, filled.now + timedelta(days=20)
        )
        hers = queries.inbox_counts(session, HR, filled.now, filled.now)
    assert (counts.mine, counts.mine_overdue, counts.mine_soon) == (2, 1, 1)
    assert (hers.mine, hers.groups) == (0, 3)


def test_done_shows_the_latest_first_and_pages(filled: Bench) -> None:
    for key in ("2025/E1", "2026/E1"):
        filled.complete("write", business=key)
        filled.now += timedelta(hours=1)
    with filled.database.reading() as session:
        first = queries.inbox(session, EMPLOYEE, filled.now, "done", limit=1)
        second = queries.inbox(session, EMPLOYEE, filled.now, "done", after=first.after, limit=1)
    assert [page.tasks[0].business_key for page in (first, second)] == ["2026/E1", "2025/E1"]
    assert second.after is None


def pile(database: Database, now: datetime, count: int) -> None:
    """``count`` open tasks of E1 and as many of the HR group."""
    table = table_of(UserTask)
    with database.writing() as session:
        row = dict(session.execute(select(table)).first()._mapping)  # type: ignore[union-attr]
        del row["id"]
        rows = []
        for number in range(count):
            due = now + timedelta(minutes=number // 3)
            for assignee, group in (("E1", None), (None, "hr-partner/B1")):
                rows.append(
                    row
                    | {
                        "slot": 1 + 2 * number + (group is None),
                        "assignee_no": assignee,
                        "candidate_group": group,
                        "due_at": due,
                        "due_key": due_key(due),
                    }
                )
        session.execute(insert(table), rows)


@pytest.mark.both_databases
def test_pages_follow_each_other_without_gaps_or_repeats(bench: Bench) -> None:
    bench.deploy(TWO)
    bench.start(employee="E1", days=1)
    pile(bench.database, bench.now, 60)
    for actor, box, total in ((EMPLOYEE, "mine", 61), (HR, "groups", 61)):
        seen: list[int] = []
        after = None
        with bench.database.reading() as session:
            while True:
                page = queries.inbox(session, actor, bench.now, box, after=after, limit=7)  # type: ignore[arg-type]
                seen += [task.id for task in page.tasks]
                after = page.after
                if after is None:
                    break
        assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize("after", ["x", "1~2~3", "20250101~x", "'; DROP TABLE"])
def test_a_forged_page_mark_is_bad_input(filled: Bench, after: str) -> None:
    with filled.database.reading() as session, pytest.raises(BadInput):
        queries.inbox(session, EMPLOYEE, filled.now, after=after)


def test_a_page_with_its_counts_takes_two_statements(filled: Bench, count_statements: Any) -> None:
    engine = filled.database.engine
    with count_statements(engine) as counted, filled.database.reading() as session:
        queries.inbox(session, HR, filled.now, "all")
        queries.inbox_counts(session, HR, filled.now, filled.now)
    assert len(counted) == 2, str(counted)


def test_the_lists_are_read_from_their_indexes_not_by_a_sort(
    sqlite_databases: SqliteDatabases, now: datetime
) -> None:
    with sqlite_databases.fresh() as database:
        bench = Bench(database, now)
        bench.deploy(TWO)
        bench.start(employee="E1", days=1)
        pile(database, now, 200)
        for actor, box in ((EMPLOYEE, "mine"), (HR, "groups")):
            plans = plans_of(bench, actor, box)
            assert any("USING" in plan and "INDEX ix_user_task" in plan for plan in plans), plans
            assert not any(plan.startswith("SCAN user_task") for plan in plans), plans


def plans_of(bench: Bench, actor: Actor, box: Any) -> list[str]:
    """What SQLite does for one page."""
    plans: list[str] = []

    def explain(execution: Any) -> None:
        if execution.is_select:
            connection = execution.session.connection()
            text = execution.statement.compile(connection, compile_kwargs={"literal_binds": True})
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")
            plans.extend(row[-1] for row in rows)

    with bench.database.reading() as session:
        event.listen(session, "do_orm_execute", explain)
        queries.inbox(session, actor, bench.now, box)
    return plans
