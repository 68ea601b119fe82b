"""A long life costs no more than a short one: the thousandth round of a loop over the first."""

from __future__ import annotations

import time
from statistics import median

from bench.completion import ADVISOR
from bench.figures import Figure
from perfflow.workflow import actions
from tests.workflow.building import Bench, flow, line, node, process, user_task

ROUNDS = 1_000
MEASURED = 150
LOOP_GOAL = 1.1
LOOP = process(
    node("startEvent", "begun")
    + node("exclusiveGateway", "again")
    + user_task("revise")
    + node("exclusiveGateway", "agreed", default="agreed-to-again")
    + node("endEvent", "ended")
    + line("begun", "again", "revise", "agreed", "again")
    + flow("agreed", "ended", "=d"),
    "loop",
)


def loop_figure(bench: Bench) -> Figure:
    """Rounds of an instance with a thousand behind it, and first rounds of others, in turns."""
    bench.start("loop", "OLD", d=False)
    for _ in range(ROUNDS):
        _round(bench, "OLD")
    pairs = []
    for number in range(MEASURED):
        bench.start("loop", f"NEW{number}", d=False)
        pairs.append((_round(bench, "OLD"), _round(bench, f"NEW{number}")))
    ours, floor = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return Figure("engine.loop_1000_over_1", ours / floor, "×", LOOP_GOAL, ours, floor, MEASURED)


def _round(bench: Bench, business: str) -> float:
    task = bench.task("revise", business)
    begun = time.perf_counter_ns()
    with bench.database.writing() as session:
        actions.complete_task(session, ADVISOR, bench.now, task.id, task.revision, {})
    return (time.perf_counter_ns() - begun) / 1_000
