"""Running instances taken to another version of their definition: plan, apply, take back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.models import TaskDraft
from tests.workflow.building import (
    ADMIN,
    Bench,
    boundary,
    chain,
    EMPLOYEE,
    flow,
    HR,
    node,
    process,
    timer,
    user_task,
)
from tests.workflow.test_changes import current, is_sound, read, rewind, timers, WHY


def migrate(bench: Bench, mapping: dict[str, str] | None = None) -> int:
    with bench.database.writing() as session:
        bundle = queries.current_bundle(session)
        return actions.migrate(
            session, ADMIN, bench.now, "trial", bundle, mapping or {}, "新版本上线"
        )


def plan(bench: Bench, mapping: dict[str, str] | None = None) -> Any:
    return read(
        bench,
        lambda s: queries.migration_plan(s, "trial", queries.current_bundle(s), mapping or {}),
    )


def test_an_open_task_stays_with_its_draft_and_gets_the_new_name(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    before = bench.task("write")
    with bench.database.writing() as session:
        session.add(
            TaskDraft(task_id=before.id, employee_no="E1", data={"a": 1}, saved_at=bench.now)
        )
    renamed = chain("write", "check", "read").replace(b'name="write"', 'name="撰写"'.encode())
    bench.deploy(renamed)
    migrate(bench)
    after = bench.task("write")
    assert (after.id, after.assignee_no, after.due_at) == (before.id, "E1", before.due_at)
    assert (after.name_zh, after.bundle_number) == ("撰写", current(bench).bundle_number)
    assert read(bench, lambda s: s.get(TaskDraft, (before.id, "E1"))) is not None
    bench.complete("write")
    assert bench.tasks() == ["check"]
    bench.complete("check")
    bench.complete("read")
    assert bench.status() == "completed"
    assert is_sound(bench)


def test_boundary_events_are_armed_and_dropped_as_the_new_version_draws_them(bench: Bench) -> None:
    plain = chain("write", "read")
    guarded = chain(
        "write", "read", extra=boundary("late", "write", timer("PT1H")) + flow("late", "read")
    )
    bench.deploy(plain)
    bench.start()
    bench.deploy(guarded)
    migrate(bench)
    assert [row.element_key for row in timers(bench)] == ["late"]
    bench.deploy(plain.replace(b"<bpmn:process", b"<!-- third --><bpmn:process"))
    migrate(bench)
    assert timers(bench) == []
    bench.deploy(guarded.replace(b"<bpmn:process", b"<!-- fourth --><bpmn:process"))
    migrate(bench)
    bench.advance(bench.now + timedelta(hours=2))
    assert bench.tasks() == ["read"]
    assert is_sound(bench)


def test_a_timer_that_runs_keeps_its_due_date(bench: Bench) -> None:
    late = boundary("late", "write", timer("PT8H")) + flow("late", "read")
    bench.deploy(chain("write", "read", extra=late))
    bench.start()
    due = timers(bench)[0].due_at
    bench.now += timedelta(hours=3)
    bench.deploy(chain("write", "check", "read", extra=late))
    migrate(bench)
    assert [row.due_at for row in timers(bench)] == [due]


def test_a_step_that_is_gone_stops_the_instance_until_it_is_mapped(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start("trial", "K1")
    bench.start("trial", "K2")
    bench.complete("write", business="K2")
    bench.deploy(chain("write", "sign"))
    found = plan(bench)
    assert (found.count("kept"), found.count("stuck")) == (1, 1)
    assert dict(found.lost) == {("read", "gone"): 1}
    migrate(bench)
    assert (current(bench, "K1").bundle_number, current(bench, "K2").bundle_number) == (2, 1)
    assert plan(bench, {"read": "sign"}).count("moved") == 1
    migrate(bench, {"read": "sign"})
    assert bench.tasks("K2") == ["sign"]
    bench.complete("sign", business="K2")
    assert bench.status("K2") == "completed"
    assert is_sound(bench)


def test_a_mapping_leads_only_to_where_a_token_rests(bench: Bench) -> None:
    bench.deploy(chain("write"))
    bench.start()
    bench.deploy(chain("sign", extra=""))
    assert dict(plan(bench, {"write": "ended"}).lost) == {("ended", "no_rest"): 1}
    assert dict(plan(bench, {"write": "nowhere"}).lost) == {("nowhere", "no_rest"): 1}
    with pytest.raises(RuleViolation):
        migrate(bench, {"write": "ended"})


def test_an_element_of_another_kind_is_another_element(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start()
    waits = f'<bpmn:intermediateCatchEvent id="write">{timer("PT1H")}</bpmn:intermediateCatchEvent>'
    bench.deploy(chain("write", "read", extra=waits))
    assert dict(plan(bench).lost) == {("write", "other_kind"): 1}


def test_half_of_a_join_is_carried_over_or_told(bench: Bench) -> None:
    def fork(extra: str = "", last: str = "") -> bytes:
        return process(
            node("startEvent", "begun") + node("parallelGateway", "split") + user_task("left")
            + user_task("right") + node("parallelGateway", "join") + user_task("sign")
            + node("endEvent", "ended") + flow("begun", "split") + flow("split", "left")
            + flow("split", "right") + flow("left", "join") + flow("right", "join")
            + flow("join", "sign") + flow("sign", "ended") + extra + last
        )  # fmt: skip

    bench.deploy(fork())
    bench.start()
    bench.complete("left")
    bench.deploy(fork("<!-- the same ways -->"))
    migrate(bench)
    bench.complete("right")
    assert bench.tasks() == ["sign"]
    bench.start("trial", "K2")
    bench.complete("left", business="K2")
    third = user_task("third") + flow("split", "third") + flow("third", "join")
    bench.deploy(fork(third))
    assert dict(plan(bench).lost) == {("join", "join"): 1}


def test_a_migration_is_taken_back_where_nothing_has_happened_since(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    bench.start("trial", "K1")
    bench.start("trial", "K2")
    kept = bench.task("write", "K1").id
    bench.deploy(chain("write", "sign"))
    run = migrate(bench)
    bench.complete("write", business="K2")
    with bench.database.writing() as session:
        assert actions.undo_migration(session, ADMIN, bench.now, run, "回到旧版本") == (1, 1)
    assert current(bench, "K1").bundle_number == 1
    assert bench.task("write", "K1").id == kept
    assert bench.task("write", "K1").bundle_number == 1
    bench.complete("write", business="K1")
    assert (bench.tasks("K1"), bench.tasks("K2")) == (["read"], ["sign"])
    with pytest.raises(Conflict), bench.database.writing() as session:
        actions.undo_migration(session, ADMIN, bench.now, run, "再来一次吧")
    assert is_sound(bench)


def test_nothing_leads_back_over_a_migration(bench: Bench) -> None:
    bench.deploy(chain("write", "read", "last"))
    bench.start()
    bench.complete("write")
    bench.deploy(chain("write", "read", "sign"))
    migrate(bench)
    with pytest.raises(RuleViolation):
        rewind(bench, 0)
    bench.complete("read")
    rewind(bench, 2)
    assert bench.tasks() == ["read"]


@pytest.mark.parametrize("actor", [EMPLOYEE, HR])
def test_only_process_admins_migrate(bench: Bench, actor: Any) -> None:
    bench.deploy(chain("write"))
    bench.start()
    with bench.database.writing() as session:
        with pytest.raises(NotAllowed):
            actions.migrate(session, actor, bench.now, "trial", 1, {}, WHY)
        with pytest.raises(NotAllowed):
            actions.undo_migration(session, actor, bench.now, 1, WHY)


def test_unknown_migrations_and_definitions_are_not_found(bench: Bench) -> None:
    bench.deploy(chain("write"))
    with bench.database.writing() as session:
        with pytest.raises(NotFound):
            actions.undo_migration(session, ADMIN, bench.now, 9, WHY)
        with pytest.raises(NotFound):
            actions.migrate(session, ADMIN, bench.now, "other", 1, {}, WHY)


def test_versions_are_compared_element_by_element(bench: Bench) -> None:
    bench.deploy(chain("write", "read"))
    old = read(bench, lambda s: queries.bundle_of(s, 1).processes["trial"])
    bench.deploy(chain("write", "sign").replace(b'assignee="E1"', b'assignee="E2"', 1))
    new = read(bench, lambda s: queries.bundle_of(s, 2).processes["trial"])
    found = {one.element.id: (one.kind, one.fields) for one in queries.version_changes(old, new)}
    assert found == {
        "read": ("removed", ()),
        "sign": ("added", ()),
        "write": ("changed", ("assignee", "flows")),
    }
    assert queries.version_changes(new, new) == []
