"""The worker: timers fire one by one, failures become incidents and are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.workflow import actions, queries
from perfflow.workflow.worker import back_off, Round, run_due, start_beat
from tests.workflow.building import (
    Bench,
    flow,
    line,
    mapping,
    node,
    process,
    service,
    timer,
    user_task,
)

FRAGILE = process(
    node("startEvent", "begun")
    + node("intermediateCatchEvent", "slept", timer("P1D"))
    + node("exclusiveGateway", "broken", default="broken-to-after")
    + service("boom", "testing.fail", mapping({"code": "=&quot;X&quot;"}))
    + user_task("after")
    + node("endEvent", "done")
    + line("begun", "slept", "broken")
    + flow("broken", "boom", "=fails")
    + flow("broken", "after")
    + line("after", "done")
    + line("boom", "done")
)


def test_a_failing_timer_becomes_an_incident_and_does_not_stop_the_others(
    bench: Bench, clock: VirtualClock
) -> None:
    bench.deploy(FRAGILE)
    bench.start(business="bad", fails=True)
    bench.start(business="good", fails=False)
    clock.advance(timedelta(days=2))
    assert run_due(bench.database, clock) == Round(fired=1, failed=1)
    assert bench.tasks("good") == ["after"]
    assert bench.status("bad") == "incident"
    with bench.database.reading() as session:
        (incident,) = queries.incidents(session)
        assert incident.code == "workflow.unhandled_error"
        assert actions.next_due(session) == clock.now() + timedelta(minutes=1)


def test_a_failing_timer_is_tried_again_with_growing_pauses(
    bench: Bench, clock: VirtualClock
) -> None:
    bench.deploy(FRAGILE)
    bench.start(fails=True)
    clock.advance(timedelta(days=2))
    run_due(bench.database, clock)
    assert run_due(bench.database, clock) == Round()
    clock.advance(timedelta(minutes=1))
    assert run_due(bench.database, clock) == Round(failed=1)
    with bench.database.reading() as session:
        (incident,) = queries.incidents(session)
        assert incident.attempts == 2
    assert [back_off(n) for n in (1, 2, 3)] == [timedelta(minutes=n) for n in (1, 2, 4)]
    assert back_off(40) == timedelta(hours=6)


def test_a_resolved_incident_makes_the_instance_active_again(
    bench: Bench, clock: VirtualClock
) -> None:
    bench.deploy(FRAGILE)
    bench.start(fails=True)
    clock.advance(timedelta(days=2))
    run_due(bench.database, clock)
    with bench.database.writing() as session:
        (incident,) = queries.incidents(session)
        actions.resolve_incident(session, SYSTEM, clock.now(), incident.id)
    assert bench.status() == "active"


def test_a_hook_that_fails_does_not_lose_the_round(bench: Bench, clock: VirtualClock) -> None:
    seen: list[datetime] = []

    def breaks(database: Database, now: datetime) -> None:
        raise OSError("no mail server")

    def works(database: Database, now: datetime) -> None:
        seen.append(now)

    run_due(bench.database, clock, hooks=(breaks, works))
    assert seen == [clock.now()]


def test_the_beat_starts_and_stops(database: Database, clock: VirtualClock) -> None:
    beat = start_beat(database, clock, every_seconds=3_600)
    beat.stop()
    beat.stop()
