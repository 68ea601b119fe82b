"""Remembered transitions: the same rows as without memory, each effect once, bounded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from perfflow.db import Database
from perfflow.kernel.errors import PerfFlowError, RuleViolation
from perfflow.workflow.definitions.bundle import compile_bundle
from perfflow.workflow.engine.expressions import Evaluator
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.run import TokenEngine
from perfflow.workflow.engine.transitions import (
    forget_transitions,
    Leaf,
    Operation,
    START,
    step,
    Transitions,
    transitions_of,
    without_memory,
)
from perfflow.workflow.models import (
    EngineState,
    EventLog,
    FormSubmission,
    Message,
    MessageSubscription,
    ProcessInstance,
    Timer,
    UserTask,
)
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.workflow.building import (
    Bench,
    CALLS,
    document,
    extensions,
    flow,
    line,
    mapping,
    node,
    process,
    service,
    timer,
    user_task,
)
from tests.workflow.test_lock_step import Generator, NOW

TABLES = (
    ProcessInstance,
    UserTask,
    Timer,
    MessageSubscription,
    Message,
    EventLog,
    FormSubmission,
    EngineState,
)

ZOO = document(
    '<bpmn:error id="e1" name="Refused" errorCode="REFUSED"/>'
    '<bpmn:message id="m1" name="answer"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=business_key"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:signal id="s1" name="frozen"/>'
    '<bpmn:process id="zoo" isExecutable="true">'
    + node("startEvent", "begun")
    + node("parallelGateway", "fork")
    # A loop with work whose result decides, and work that fails with a code of its own.
    + user_task("write", due="=&quot;P3D&quot;")
    + service("count", "testing.count", mapping(outputs={"turns": "=turns"}))
    + node("exclusiveGateway", "again", default="again-to-risk")
    + service("risk", "testing.fail_sometimes", mapping({"turns": "=turns", "luck": "=luck"}))
    + node(
        "boundaryEvent",
        "refused",
        '<bpmn:errorEventDefinition errorRef="e1"/>',
        attachedToRef="risk",
    )
    + user_task("repair", "E2")
    + node("inclusiveGateway", "some", default="some-to-any")
    + node("task", "any")
    + user_task("left")
    + user_task("right")
    + node("inclusiveGateway", "any-join")
    # A sub-process with a timer at its border, in which a message is awaited or missed.
    + node(
        "subProcess",
        "talk",
        extensions(mapping({"topic": "=&quot;goals&quot;"}, {"said": "=topic"}))
        + node("startEvent", "talk-begun")
        + node("eventBasedGateway", "which")
        + node("intermediateCatchEvent", "heard", '<bpmn:messageEventDefinition messageRef="m1"/>')
        + node("intermediateCatchEvent", "late", timer("P2D"))
        + user_task("speak")
        + node("endEvent", "talk-ended")
        + node("exclusiveGateway", "either")
        + line("talk-begun", "which", "heard", "speak", "either", "talk-ended")
        + line("which", "late", "either"),
    )
    + node("boundaryEvent", "too-long", timer("P3D"), attachedToRef="talk")
    + node(
        "boundaryEvent",
        "nudge",
        '<bpmn:signalEventDefinition signalRef="s1"/>',
        attachedToRef="talk",
        cancelActivity="false",
    )
    + user_task("nudged")
    + node("endEvent", "nudge-ended")
    + node("callActivity", "call", extensions('<zeebe:calledElement processId="called"/>'))
    + node("exclusiveGateway", "talked")
    + node("parallelGateway", "join")
    + node("endEvent", "done")
    + line("begun", "fork", "write", "count", "again")
    + flow("again", "write", "=turns &lt; rounds")
    + flow("again", "risk")
    + line("risk", "some")
    + line("refused", "repair", "some")
    + flow("some", "left", "=luck &gt; 3")
    + flow("some", "right", "=luck &gt; 6")
    + flow("some", "any")
    + line("left", "any-join")
    + line("right", "any-join")
    + line("any", "any-join", "join")
    + line("fork", "talk", "talked", "call", "join", "done")
    + line("too-long", "talked")
    + line("nudge", "nudged", "nudge-ended")
    + "</bpmn:process>"
)
CALLED = process(
    node("startEvent", "begun")
    + user_task("draft", "=said")
    + service("keep", "testing.note", mapping({"what": "=said"}, {"verdict": "=noted"}))
    + node("endEvent", "done")
    + line("begun", "draft", "keep", "done"),
    key="called",
)


def rows_of(database: Database) -> dict[str, list[Mapping[str, Any]]]:
    """All rows of the engine; equal databases have equal rows."""
    found = {}
    with database.reading() as session:
        for model in TABLES:
            table = model.__table__
            key = list(table.primary_key)
            rows = session.execute(select(table).order_by(*key))  # type: ignore[arg-type]
            found[table.name] = [dict(row._mapping) for row in rows]  # type: ignore[attr-defined]
    return found


def live(bench: Bench, random: Random, key: str, business: str, **variables: Any) -> int:
    """One random life of an instance: tasks, messages, signals and days pass; how many steps."""
    bench.start(key, business, **variables)
    for number in range(40):
        if bench.status(business) != "active":
            return number
        chance, tasks = random.random(), bench.tasks(business)
        try:
            if tasks and chance < 0.8:
                element = random.choice(tasks)
                bench.complete(element, {"d": random.random() < 0.6}, business=business)
            elif chance < 0.9:
                bench.advance(bench.now + timedelta(days=1))
            else:
                bench.message("answer", business, luck=random.randint(0, 9))
        except PerfFlowError:
            continue
    return number


def lives(bench: Bench, seed: int) -> int:
    """Random lives of the zoo and of random processes."""
    random = Random(seed)
    bench.deploy(ZOO, CALLED)
    steps = 0
    for number in range(12):
        luck, rounds = random.randint(0, 9), random.randint(0, 4)
        steps += live(bench, random, "zoo", f"Z{number}", luck=luck, rounds=rounds)
    for number in range(4):
        generator = Generator(seed * 100 + number, in_sub_processes=number % 2 == 1)
        bench.deploy(generator.content(generator.block(3)))
        for again in range(3):
            steps += live(bench, random, "trial", f"G{number}-{again}", d=random.random() < 0.5)
    return steps


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", range(4))
def test_random_lives_leave_the_same_rows_with_and_without_memory(
    databases: SqliteDatabases | PostgresDatabases, bench: Bench, now: datetime, seed: int
) -> None:
    forget_transitions()
    steps = lives(bench, seed)
    with databases.fresh() as other, without_memory():
        same = Bench(other, now)
        assert lives(same, seed) == steps
        assert rows_of(other) == rows_of(bench.database)
    assert steps > 60


def test_most_steps_of_random_lives_are_remembered(bench: Bench) -> None:
    forget_transitions()
    bench.deploy(ZOO, CALLED)
    random = Random(5)
    for number in range(60):
        luck, rounds = random.randint(0, 9), random.randint(0, 4)
        live(bench, random, "zoo", f"Z{number}", luck=luck, rounds=rounds)
    known = zoo_memory(bench)
    assert known.hits / (known.hits + known.misses) > 0.6


def zoo_memory(bench: Bench) -> Transitions:
    """What is remembered of the zoo."""
    files = {"processes/file-0.bpmn": ZOO, "processes/file-1.bpmn": CALLED}
    return transitions_of(compile_bundle(files).index("zoo").version)


WORK = process(
    node("startEvent", "begun")
    + user_task("write")
    + service("keep", "testing.note", mapping({"what": "=d"}, {"kept": "=noted"}))
    + node("exclusiveGateway", "which", default="which-to-no")
    + user_task("yes")
    + user_task("no")
    + node("endEvent", "done")
    + line("begun", "write", "keep", "which")
    + flow("which", "yes", "=kept")
    + flow("which", "no")
    + line("yes", "done")
    + line("no", "done")
)


def test_an_answer_that_was_never_given_repeats_no_work(bench: Bench) -> None:
    forget_transitions()
    bench.deploy(WORK)
    for business, decision in (("K1", True), ("K2", False), ("K3", False), ("K4", True)):
        bench.start(business=business)
        bench.complete("write", {"d": decision}, business=business)
        assert bench.tasks(business) == ["yes" if decision else "no"]
    assert [call[1]["what"] for call in CALLS] == [True, False, False, True]


class Alone:
    """One process without a database: a memory of its own and live variables."""

    def __init__(self, content: bytes, most: int = 100) -> None:
        self.index = compile_bundle({"processes/x.bpmn": content}).index("trial")
        self.known = Transitions(most)
        self.work: list[str] = []

    def outside(self, **variables: Any) -> Outside:
        evaluator = Evaluator(None, NOW)  # type: ignore[arg-type]
        return Outside({"": dict(variables)}, {}, evaluator, self._work)

    def _work(self, element: Any, values: dict[str, Any]) -> dict[str, Any]:
        self.work.append(element.id)
        return {"noted": values["what"]}

    def step(
        self, before: Leaf | None, operation: Operation, outside: Outside, memory: bool = True
    ) -> Leaf:
        state = None if before is None else before.state
        known = self.known if memory else None
        blob = b"" if before is None else before.blob
        return step(known, self.index, "trial", state, lambda: blob, operation, outside)


def test_a_known_answer_leads_to_the_same_leaf_without_the_token_engine() -> None:
    alone = Alone(WORK)
    begun = alone.step(None, START, alone.outside())
    write = Operation("complete", "write")
    first = alone.step(begun, write, alone.outside(d=True))
    second = alone.step(begun, write, alone.outside(d=True))
    assert second is first
    assert (alone.known.hits, alone.known.misses, alone.work) == (1, 2, ["keep", "keep"])
    fresh = alone.step(begun, write, alone.outside(d=True), memory=False)
    assert fresh == first
    assert [waiting.key for waiting in first.changes.opened] == ["yes"]
    assert first.path == ("write", "keep", "which")


def test_effects_meet_live_variables_in_the_order_of_the_tokens() -> None:
    alone = Alone(WORK)
    begun = alone.step(None, START, alone.outside())
    for decision in (True, False, True, False):
        outside = alone.outside(d=decision)
        alone.step(begun, Operation("complete", "write"), outside)
        assert outside.variables[""]["kept"] is decision


def test_the_longest_unused_transition_goes_first_and_is_worked_out_again() -> None:
    alone = Alone(WORK, most=2)
    begun = alone.step(None, START, alone.outside())
    for decision in (True, False):
        ended = alone.step(begun, Operation("complete", "write"), alone.outside(d=decision))
        alone.step(ended, Operation("complete", "yes" if decision else "no"), alone.outside())
    assert len(alone.known) == 2
    misses = alone.known.misses
    assert alone.step(None, START, alone.outside()) == begun
    assert alone.known.misses == misses + 1


def test_a_run_that_breaks_a_rule_is_not_remembered() -> None:
    alone = Alone(WORK)
    begun = alone.step(None, START, alone.outside())
    with pytest.raises(RuleViolation):
        alone.step(begun, Operation("complete", "nowhere"), alone.outside())
    known = [(state, operation.key) for state, operation, _ in alone.known.leaves()]
    assert known == [(None, "")]


def test_a_run_that_touches_variables_directly_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = TokenEngine.finish

    def curious(self: TokenEngine, token: Any) -> None:
        assert self.outside.variables
        plain(self, token)

    alone = Alone(WORK)
    begun = alone.step(None, START, alone.outside())
    with monkeypatch.context() as patch:
        patch.setattr(TokenEngine, "finish", curious)
        alone.step(begun, Operation("complete", "write"), alone.outside(d=True))
    assert [state for state, _, _ in alone.known.leaves()] == [None]
    alone.step(begun, Operation("complete", "write"), alone.outside(d=True))
    assert len(list(alone.known.leaves())) == 2
