"""The log of an instance: a chain that names what happened and shows any change to it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.engine.store import instance_table, log_table, state_table
from tests.workflow.building import Bench, line, mapping, node, process, service, user_task

THREE = process(
    node("startEvent", "begun")
    + user_task("first", inner=mapping(outputs={"share": "=share"}))
    + service("keep", "testing.note", mapping({"what": "=share"}))
    + user_task("second")
    + node("endEvent", "done")
    + line("begun", "first", "keep", "second", "done")
)


@pytest.fixture
def done(bench: Bench) -> Bench:
    """An instance that is halfway."""
    bench.deploy(THREE)
    bench.start()
    bench.complete("first", {"share": Decimal("0.25")})
    return bench


def test_the_log_tells_operation_element_path_and_variables(done: Bench) -> None:
    with done.database.reading() as session:
        instance = queries.instance_by_key(session, "K1")
        assert instance is not None
        started, completed = queries.event_log(session, instance.id)
    assert (started.operation, completed.operation) == ("start", "complete")
    assert completed.element_key == "first"
    assert completed.path == ["first", "keep"]
    assert completed.delta == {"": {"share": Decimal("0.25"), "noted": Decimal("0.25")}}
    assert completed.state_before == started.state_after != completed.state_after
    assert completed.actor == "E1"


@pytest.mark.both_databases
def test_an_untouched_log_verifies(bench: Bench) -> None:
    bench.deploy(THREE)
    bench.start()
    bench.complete("first", {"share": Decimal("0.25")})
    with bench.database.reading() as session:
        assert list(queries.verify_logs(session)) == []


CHANGES = {
    "an actor": update(log_table).where(log_table.c.position == 1).values(actor="nobody"),
    "a value": update(log_table).where(log_table.c.position == 1).values(delta={"": {}}),
    "an order": update(log_table).where(log_table.c.position == 1).values(position=7),
    "a state": update(state_table).values(blob=b"[1,[]]"),
    "an instance": update(instance_table).values(log_count=1),
    "a pointer": update(instance_table).values(log_hash="0" * 40),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_behind_the_engine_is_found(done: Bench, what: str) -> None:
    with done.database.writing() as session:
        session.execute(CHANGES[what])
    with done.database.reading() as session:
        assert list(queries.verify_logs(session))


def test_a_cancelled_instance_ends_its_work_and_keeps_its_log(done: Bench) -> None:
    with done.database.writing() as session:
        instance = queries.instance_by_key(session, "K1")
        assert instance is not None
        with pytest.raises(RuleViolation):
            actions.cancel_instance(session, SYSTEM, done.now, instance.id, " ")
        actions.cancel_instance(session, SYSTEM, done.now, instance.id, "opened by mistake")
    assert (done.status(), done.tasks()) == ("cancelled", [])
    with done.database.writing() as session:
        with pytest.raises(Conflict):
            actions.cancel_instance(session, SYSTEM, done.now, instance.id, "again")
        assert list(queries.verify_logs(session)) == []
    done.start()
    assert done.tasks() == ["first"]


def test_instances_at_the_same_place_share_one_state(bench: Bench) -> None:
    bench.deploy(THREE)
    for number in range(4):
        bench.start(business=f"K{number}")
    with bench.database.reading() as session:
        hashes = {
            queries.instance_by_key(session, f"K{n}").state_hash  # type: ignore[union-attr]
            for n in range(4)
        }
    assert len(hashes) == 1
