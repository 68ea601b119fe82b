"""Change while running: tokens moved by hand, and instances that go back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit.models import AuditEntry
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.checks import check_processes
from perfflow.workflow.models import table_of, Timer, UserTask
from tests.workflow.building import (
    ADMIN,
    Bench,
    boundary,
    CALLS,
    chain,
    EMPLOYEE,
    flow,
    HR,
    line,
    node,
    process,
    service,
    timer,
    user_task,
)

WHY = "部门合并，步骤换人"
WHAT = '<zeebe:ioMapping><zeebe:input source="=1" target="what"/></zeebe:ioMapping>'


def move(bench: Bench, key: str, target: str, kind: str = "task", actor: Any = ADMIN) -> None:
    instance = current(bench).id
    with bench.database.writing() as session:
        actions.move_token(
            session, actor, bench.now, instance, key=key, slot=0, kind=kind, target=target,
            reason=WHY,
        )  # fmt: skip


def current(bench: Bench, business: str = "K1") -> Any:
    with bench.database.reading() as session:
        return queries.instance_by_key(session, business)


def timers(bench: Bench) -> list[Any]:
    with bench.database.reading() as session:
        table = table_of(Timer)
        return list(session.execute(select(table).order_by(table.c.id)))


def is_sound(bench: Bench) -> bool:
    with bench.database.reading() as session:
        return check_processes(session)[1] == []


def read(bench: Bench, reader: Callable[[Session], Any]) -> Any:
    with bench.database.reading() as session:
        return reader(session)


# -- moving a token ---------------------------------------------------------------------------


def test_a_token_goes_on_where_it_was_put(bench: Bench) -> None:
    bench.deploy(chain("write", "read", "sign"))
    bench.start()
    move(bench, "write", "sign")
    assert bench.tasks() == ["sign"]
    bench.complete("sign")
    assert bench.status() == "completed"
    assert is_sound(bench)


def test_a_token_goes_back_too(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    bench.complete("write")
    move(bench, "read", "write")
    assert bench.tasks() == ["write"]
    bench.complete("write")
    bench.complete("read")
    assert bench.status() == "completed"


def test_what_follows_the_target_by_itself_is_done(bench: Bench) -> None:
    note = service("note", "testing.note", WHAT)
    bench.deploy(chain("write", "note", "sign", extra=note))
    bench.start()
    CALLS.clear()
    move(bench, "write", "note")
    assert [name for name, _ in CALLS] == ["note"]
    assert bench.tasks() == ["sign"]


def test_boundary_events_leave_and_come_with_the_token(bench: Bench) -> None:
    late = boundary("late", "write", timer("PT1H")) + boundary("later", "sign", timer("PT2H"))
    bench.deploy(
        chain("write", "sign", extra=late + flow("late", "ended") + flow("later", "ended"))
    )
    bench.start()
    assert [row.element_key for row in timers(bench)] == ["late"]
    move(bench, "write", "sign")
    assert [row.element_key for row in timers(bench)] == ["later"]
    bench.advance(bench.now + timedelta(hours=3))
    assert bench.status() == "completed"


def test_one_of_two_branches_is_moved_and_the_join_still_waits_for_both(bench: Bench) -> None:
    body = (
        node("startEvent", "begun") + node("parallelGateway", "split")
        + user_task("left") + user_task("right") + user_task("again")
        + node("parallelGateway", "join") + node("endEvent", "ended")
        + flow("begun", "split") + flow("split", "left") + flow("split", "right")
        + flow("left", "again") + flow("again", "join") + flow("right", "join")
        + flow("join", "ended")
    )  # fmt: skip
    bench.deploy(process(body))
    bench.start()
    move(bench, "left", "again")
    assert bench.tasks() == ["again", "right"]
    bench.complete("right")
    assert bench.tasks() == ["again"]
    bench.complete("again")
    assert bench.status() == "completed"


@pytest.mark.parametrize("target", ["begun", "late", "nowhere", "join"])
def test_a_token_is_not_put_where_it_could_not_go_on(bench: Bench, target: str) -> None:
    body = (
        node("startEvent", "begun") + user_task("write") + user_task("read")
        + boundary("late", "write", timer("PT1H")) + node("parallelGateway", "join")
        + node("endEvent", "ended") + flow("begun", "write") + flow("begun", "read")
        + flow("write", "join") + flow("read", "join") + flow("late", "ended")
        + flow("join", "ended")
    )  # fmt: skip
    bench.deploy(process(body))
    bench.start()
    with pytest.raises(RuleViolation):
        move(bench, "write", target)
    assert bench.tasks() == ["read", "write"]


def test_a_token_that_has_gone_on_is_not_moved(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    bench.complete("write")
    with pytest.raises(Conflict):
        move(bench, "write", "read")


@pytest.mark.parametrize("actor", [EMPLOYEE, HR])
def test_only_process_admins_move_tokens(bench: Bench, actor: Any) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    with pytest.raises(NotAllowed):
        move(bench, "write", "read", actor=actor)


def test_a_change_needs_a_reason_and_is_told_in_the_trail(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    instance = bench.start()
    with pytest.raises(RuleViolation), bench.database.writing() as session:
        actions.move_token(
            session, ADMIN, bench.now, instance, key="write", slot=0, kind="task",
            target="read", reason="  ",
        )  # fmt: skip
    move(bench, "write", "read")
    query = select(AuditEntry.event, AuditEntry.details).order_by(AuditEntry.id.desc())
    entry = read(bench, lambda session: session.execute(query).first())
    assert (entry.event, entry.details["reason"]) == ("workflow:token:moved", WHY)


def test_consequences_are_shown_before_and_nothing_is_kept_of_them(bench: Bench) -> None:
    note = service("note", "testing.note", WHAT)
    late = boundary("late", "write", timer("PT1H")) + flow("late", "ended")
    bench.deploy(chain("write", "note", "sign", extra=note + late))
    instance = bench.start()
    with bench.database.writing() as session:
        found = actions.preview(
            session,
            instance,
            lambda s: actions.move_token(
                s, ADMIN, bench.now, instance, key="write", slot=0, kind="task", target="note",
                reason=WHY,
            ),
        )  # fmt: skip
    assert [row.element_id for row in found.ended] == ["write"]
    assert [row.element_id for row in found.opened] == ["sign"]
    assert (found.timers_ended, found.timers_armed) == (1, 0)
    assert "note" in found.passed
    assert not found.is_completed
    assert bench.tasks() == ["write"]
    assert len(timers(bench)) == 1
    assert current(bench).log_count == 1
    assert is_sound(bench)


# -- going back -------------------------------------------------------------------------------


def rewind(bench: Bench, position: int, reason: str = WHY) -> None:
    instance = current(bench).id
    with bench.database.writing() as session:
        actions.rewind(session, ADMIN, bench.now, instance, position, reason)


def test_an_instance_goes_back_to_any_earlier_state(bench: Bench) -> None:
    bench.deploy(chain("write", "read", "sign"))
    bench.start()
    bench.complete("write")
    bench.complete("read")
    rewind(bench, 0)
    assert bench.tasks() == ["write"]
    bench.complete("write")
    rewind(bench, 2)
    assert bench.tasks() == ["sign"]
    bench.complete("sign")
    assert bench.status() == "completed"
    assert is_sound(bench)


def test_variables_are_as_they_were_then(bench: Bench) -> None:
    bench.deploy(chain("write", "read", "sign"))
    bench.start(note="first")
    bench.complete("write", {"note": "second", "extra": 1})
    rewind(bench, 0)
    assert bench.variables() == {"note": "first", "extra": None}
    assert is_sound(bench)


def test_what_waits_then_and_now_is_left_alone(bench: Bench) -> None:
    body = (
        node("startEvent", "begun") + node("parallelGateway", "split") + user_task("stays")
        + user_task("first") + user_task("second") + node("endEvent", "ended")
        + flow("begun", "split") + flow("split", "stays") + flow("split", "first")
        + flow("first", "second") + flow("second", "ended") + flow("stays", "ended")
    )  # fmt: skip
    bench.deploy(process(body))
    bench.start()
    kept = bench.task("stays").id
    bench.complete("first")
    rewind(bench, 0)
    assert bench.tasks() == ["first", "stays"]
    assert bench.task("stays").id == kept


@pytest.mark.parametrize("position", [-1, 1, 7])
def test_there_is_no_going_back_to_what_was_not(bench: Bench, position: int) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    bench.complete("write")
    with pytest.raises(RuleViolation):
        rewind(bench, position)


def test_an_instance_that_is_over_stays_over(bench: Bench) -> None:
    bench.deploy(chain("write"))
    bench.start()
    bench.complete("write")
    with pytest.raises(Conflict):
        rewind(bench, 0)


def test_work_of_ended_steps_is_cancelled_and_kept_in_the_list(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    move(bench, "write", "read")
    rows = read(bench, lambda s: s.execute(select(UserTask.status).order_by(UserTask.id)).all())
    assert [row.status for row in rows] == ["cancelled", "open"]


def test_the_scope_of_a_sub_process_in_which_only_a_condition_waits_comes_back(
    bench: Bench,
) -> None:
    condition = (
        '<bpmn:intermediateCatchEvent id="until"><bpmn:conditionalEventDefinition>'
        '<bpmn:condition xsi:type="bpmn:tFormalExpression">=go = true</bpmn:condition>'
        "</bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>"
    )
    mapping = (
        '<bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=7" target="held"/>'
        "</zeebe:ioMapping></bpmn:extensionElements>"
    )
    inside = (
        f'<bpmn:subProcess id="inside">{mapping}' + node("startEvent", "in") + condition
        + user_task("after") + node("endEvent", "out") + line("in", "until", "after", "out")
        + "</bpmn:subProcess>"
    )  # fmt: skip
    body = (
        node("startEvent", "begun") + node("parallelGateway", "split") + user_task("beside")
        + user_task("next") + inside + node("endEvent", "ended") + flow("begun", "split")
        + flow("split", "beside") + flow("split", "inside") + flow("beside", "next")
        + flow("next", "ended") + flow("inside", "ended")
    )  # fmt: skip
    bench.deploy(process(body))
    bench.start()
    bench.complete("beside", {"go": True})
    assert bench.tasks() == ["after", "next"]
    rewind(bench, 0)
    assert bench.tasks() == ["beside"]
    assert current(bench).variables["inside"] == {"held": 7}
