"""Deadlines in mass: the rows of one by one, timers armed anew, and no burst of reminders."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from perfflow.calendar import end_of_day
from perfflow.kernel.actor import SYSTEM
from perfflow.notifications.models import Notification
from perfflow.workflow import actions, queries
from perfflow.workflow.models import Timer
from tests.workflow.building import ADMIN, Bench, document, line, node, timer, user_task
from tests.workflow.test_mass import Databases, KEYS, play

STEPS = document(
    '<bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + user_task(
        "draft",
        "=employee",
        due="=deadlines.draft",
        properties={"ladder": "-5 remind; -2 remind; 0 remind; +2 escalate manager"},
    )
    + node(
        "boundaryEvent",
        "late",
        timer("=end of day(deadlines.draft)", "timeDate"),
        attachedToRef="draft",
    )
    + node("intermediateCatchEvent", "sleep", timer("=end of day(deadlines.review)", "timeDate"))
    + user_task("review", "=employee", due="=deadlines.review")
    + node("endEvent", "ended")
    + line("begun", "fork", "draft", "ended")
    + line("late", "ended")
    + line("fork", "sleep", "review", "ended")
    + "</bpmn:process>"
)
DRAFT, REVIEW = date(2025, 1, 24), date(2025, 3, 14)


def begin(bench: Bench) -> list[int]:
    bench.deploy(STEPS)
    dates = {"draft": DRAFT, "review": REVIEW}
    with bench.database.writing() as session:
        return actions.start_instances(
            session, SYSTEM, bench.now, "trial",
            [(key, {"employee": "E1", "deadlines": dates}) for key in KEYS[:4]],
        )  # fmt: skip


def timers(bench: Bench, element: str) -> set[datetime]:
    with bench.database.reading() as session:
        rows = select(Timer.due_at).where(Timer.element_key == element, Timer.kind == "event")
        return set(session.scalars(rows))


@pytest.mark.both_databases
def test_deadlines_moved_in_mass_leave_the_rows_of_single_moves(
    databases: Databases, now: datetime
) -> None:
    due_at = now + timedelta(days=30)

    def move(bench: Bench, in_mass: bool) -> None:
        with bench.database.writing() as session:
            ids = [
                row.id
                for key in KEYS
                for row in queries.open_tasks_of(session, key)
                if row.element_id == "draft"
            ]
            if in_mass:
                assert actions.move_deadlines(session, ADMIN, now, ids, due_at) == len(ids)
            else:
                for number in ids:
                    actions.move_deadline(session, ADMIN, now, number, due_at)

    mass, single = (play(databases, now, in_mass, move) for in_mass in (True, False))
    assert mass == single


def test_steps_to_come_know_the_new_date_and_timers_are_armed_by_it(bench: Bench) -> None:
    ids = begin(bench)
    later = date(2025, 4, 11)
    with bench.database.writing() as session:
        assert actions.set_deadline(session, ADMIN, bench.now, ids[:3], "review", later) == 3
        assert actions.set_deadline(session, ADMIN, bench.now, ids[:3], "review", later) == 0
    assert timers(bench, "sleep") == {end_of_day(later), end_of_day(REVIEW)}
    assert bench.variables(KEYS[0])["deadlines"]["review"] == later
    assert bench.variables(KEYS[3])["deadlines"]["review"] == REVIEW
    bench.advance(end_of_day(later) + timedelta(minutes=1))
    assert bench.task("review", KEYS[0]).due_at == end_of_day(later)
    with bench.database.reading() as session:
        assert list(queries.verify_logs(session)) == []
        log = queries.event_log(session, ids[0])
    assert [row.operation for row in log][:2] == ["start", "deadline"]


def test_a_boundary_timer_moves_with_the_date_that_it_reads(bench: Bench) -> None:
    ids = begin(bench)
    later = date(2025, 2, 28)
    with bench.database.writing() as session:
        tasks = [
            row.id for key in KEYS[:4] for row in queries.open_tasks_of(session, key)
            if row.element_id == "draft"
        ]  # fmt: skip
        actions.move_deadlines(session, ADMIN, bench.now, tasks, end_of_day(later))
        actions.set_deadline(session, ADMIN, bench.now, ids, "draft", later)
    assert timers(bench, "late") == {end_of_day(later)}


def test_a_move_into_the_near_future_sends_no_burst_of_reminders(bench: Bench) -> None:
    begin(bench)
    near = end_of_day((bench.now + timedelta(days=2)).date())
    with bench.database.writing() as session:
        tasks = [row.id for key in KEYS[:4] for row in queries.open_tasks_of(session, key)]
        actions.move_deadlines(session, ADMIN, bench.now, tasks, near)
    bench.advance(bench.now + timedelta(hours=12))
    with bench.database.reading() as session:
        assert session.scalars(select(Notification)).all() == []
    bench.advance(near - timedelta(hours=1))
    with bench.database.reading() as session:
        told = session.scalars(select(Notification.code)).all()
    assert told == ["workflow.reminder"] * 4  # the rung of the day itself, once each
