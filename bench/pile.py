"""The inbox of a person with fifty tasks among a million open ones, over one among a thousand."""

from __future__ import annotations

import time
from datetime import timedelta
from statistics import median

from sqlalchemy import func, insert, literal, literal_column, select, text

from bench.completion import ADVISOR, TASK
from bench.figures import Figure
from perfflow.workflow import queries
from tests.workflow.building import Bench

MINE = 50
FEW, MANY = 1_000, 1_000_000
PEOPLE = 20_000
VISITS, BATCHES = 20, 12
PAGE = 25
PILE_GOAL = 1.2
CHUNK = 100_000
SOON = timedelta(days=3)


def pile_figure(bench: Bench) -> Figure:
    """The first page and the counts, before and after the pile has grown."""
    bench.start("trial", "PILE")
    bench.complete("write", business="PILE")
    _add(bench, 0, FEW)
    few = _visits(bench)
    for start in range(FEW, MANY, CHUNK):
        _add(bench, start, min(CHUNK, MANY - start))
    with bench.database.writing() as session:
        session.execute(text("ANALYZE"))
    many = _visits(bench)
    return Figure("inbox.1m_over_1k", many / few, "×", PILE_GOAL, many, few, VISITS * BATCHES)


def _visits(bench: Bench) -> float:
    """The median of the quietest batch: the two measurements are minutes apart."""
    return min(median(_visit(bench) for _ in range(VISITS)) for _ in range(BATCHES))


def _visit(bench: Bench) -> float:
    begun = time.perf_counter_ns()
    with bench.database.reading() as session:
        page = queries.inbox(session, ADVISOR, bench.now)
        queries.inbox_counts(session, ADVISOR, bench.now, bench.now + SOON)
    if len(page.tasks) != PAGE:
        raise SystemExit(f"expected a page of {PAGE} tasks but got {len(page.tasks)}")
    return (time.perf_counter_ns() - begun) / 1_000


def _add(bench: Bench, start: int, wanted: int) -> None:
    """Copies of one open task, each in a slot of its own; the first fifty are the advisor's."""
    with bench.database.writing() as session:
        source = session.execute(
            select(func.max(TASK.c.id)).where(TASK.c.business_key == "PILE")
        ).scalar_one()
        if start == 0:
            session.execute(
                TASK.update().where(TASK.c.assignee_no == "E1").values(assignee_no="E0")
            )
        numbers = _numbers(start + 1, start + wanted)
        number = literal_column("numbers.number")
        holder = func.coalesce(
            select(literal("E1")).where(number <= MINE).scalar_subquery(),
            literal("P").concat((number % PEOPLE).cast(TASK.c.assignee_no.type)),
        )
        changed = {"slot": number, "assignee_no": holder, "status": literal("open")}
        names = [column.name for column in TASK.c if column.name != "id"]
        columns = [changed.get(name, TASK.c[name]) for name in names]
        session.execute(
            insert(TASK).from_select(
                names, select(*columns).select_from(TASK).join(numbers, TASK.c.id == source)
            )
        )


def _numbers(first: int, last: int) -> object:
    numbers = select(literal(first).label("number")).cte("numbers", recursive=True)
    following = select(numbers.c.number + 1).where(numbers.c.number < last)
    return numbers.union_all(following)
