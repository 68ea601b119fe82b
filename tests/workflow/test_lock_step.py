"""Random processes, random paths: after every saved and reloaded step the same tasks are open.

The oracle is a walker over the block structure that a process was generated from; it knows
nothing of tokens. Where stock SpiffWorkflow is right, it walks along too.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import pytest
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from perfflow.calendar import FIRM_ZONE
from perfflow.workflow.definitions.bundle import compile_bundle
from perfflow.workflow.engine.expressions import Evaluator
from perfflow.workflow.engine.graph import SpecIndex
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.run import TokenEngine
from tests.workflow.building import flow, node, process, user_task

NOW = datetime(2026, 3, 2, 9, tzinfo=FIRM_ZONE)


@dataclass
class Block:
    """A piece of a process: ``kind`` is task, sequence, parallel, choice or loop."""

    kind: str
    name: str
    parts: list[Block] = field(default_factory=list)
    live: list[Block] = field(default_factory=list)
    position: int = 0

    def begin(self, decision: bool) -> None:
        """The token arrives."""
        self.position = 0
        if self.kind == "parallel":
            self.live = list(self.parts)
        elif self.kind == "choice":
            self.live = [self.parts[0 if decision else 1]]
        else:
            self.live = self.parts[:1]
        for part in self.live:
            part.begin(decision)

    def open(self) -> list[str]:
        """Names of the open tasks."""
        if self.kind == "task":
            return [self.name]
        return [name for part in self.live for name in part.open()]

    def complete(self, name: str, decision: bool) -> bool:
        """A task is done; True when with it the whole block is."""
        if self.kind == "task":
            return self.name == name
        for part in self.live:
            if name in part.open():
                return part.complete(name, decision) and self._after(part, decision)
        return False

    def _after(self, part: Block, decision: bool) -> bool:
        self.live = [other for other in self.live if other is not part]
        if self.kind == "sequence" and self.position + 1 < len(self.parts):
            self.position += 1
            self.live = [self.parts[self.position]]
            self.live[0].begin(decision)
            return False
        if self.kind == "loop" and not decision:
            self.live = list(self.parts)
            self.live[0].begin(decision)
            return False
        return not self.live


class Generator:
    """Makes a random block tree and its BPMN."""

    def __init__(self, seed: int, in_sub_processes: bool = False) -> None:
        self.random = Random(seed)
        self.count = 0
        self.in_sub_processes = in_sub_processes

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    def block(self, depth: int, in_loop: bool = False) -> Block:
        kinds = ["task", "task", "sequence", "parallel", "choice", "loop"]
        kind = "task" if depth == 0 else self.random.choice(kinds)
        parts = {"task": 0, "loop": 1}.get(kind, self.random.randint(2, 3))
        if kind == "choice":
            parts = 2
        return Block(kind, self.name(kind), [self.block(depth - 1) for _ in range(parts)])

    def draw(self, block: Block) -> tuple[str, str, str]:
        """Nodes and flows of a block with the names of its entry and exit."""
        name = block.name
        if block.kind == "task":
            return user_task(name), name, name
        drawn = [self.draw(part) for part in block.parts]
        body = "".join(part[0] for part in drawn)
        if block.kind == "sequence":
            links = "".join(
                flow(first[2], second[1]) for first, second in itertools.pairwise(drawn)
            )
            return body + links, drawn[0][1], drawn[-1][2]
        before, after = f"{name}-in", f"{name}-out"
        if block.kind == "loop":
            body += node("exclusiveGateway", before)
            body += node("exclusiveGateway", after, default=f"{after}-to-{before}")
            exit_ = f"{name}-left"
            body += node("task", exit_)
            body += flow(before, drawn[0][1]) + flow(drawn[0][2], after)
            return body + flow(after, before) + flow(after, exit_, "=d"), before, exit_
        gateway = "parallelGateway" if block.kind == "parallel" else "exclusiveGateway"
        body += node(gateway, after)
        if block.kind == "choice":
            other = f"{before}-to-{drawn[1][1]}"
            body += node(gateway, before, default=other)
            body += flow(before, drawn[0][1], "=d") + flow(before, drawn[1][1])
        else:
            body += node(gateway, before) + "".join(flow(before, part[1]) for part in drawn)
        return body + "".join(flow(part[2], after) for part in drawn), before, after

    def content(self, block: Block) -> bytes:
        body, entry, last = self.draw(block)
        if self.in_sub_processes:
            inner = node("startEvent", "s") + node("endEvent", "e")
            inner += body + flow("s", entry) + flow(last, "e")
            body, entry, last = node("subProcess", "inner", inner), "inner", "inner"
        return process(
            node("startEvent", "begun")
            + body
            + node("endEvent", "done")
            + flow("begun", entry)
            + flow(last, "done")
        )


class Reloaded:
    """Our engine; every step begins from the saved bytes."""

    def __init__(self, content: bytes, decision: bool) -> None:
        bundle = compile_bundle({"processes/x.bpmn": content})
        self.index: SpecIndex = bundle.index("trial")
        self.variables: dict[str, dict[str, Any]] = {"": {"d": decision}}
        engine = self.engine()
        engine.start()
        self.blob = engine.save()
        self.is_completed = engine.is_completed

    def engine(self) -> TokenEngine:
        evaluator = Evaluator(None, NOW)  # type: ignore[arg-type]
        return TokenEngine(
            self.index, "trial", Outside(self.variables, {}, evaluator, lambda *_: {})
        )

    def loaded(self) -> TokenEngine:
        engine = self.engine()
        engine.load(self.blob)
        return engine

    def open(self) -> list[str]:
        return sorted(waiting.element.id for waiting in self.loaded().waiting().values())

    def complete(self, name: str, decision: bool) -> None:
        self.variables[""]["d"] = decision
        engine = self.loaded()
        waiting = next(w for w in engine.waiting().values() if w.element.id == name)
        engine.complete_user_task(waiting.scope, name, waiting.slot)
        self.is_completed = engine.is_completed
        self.blob = engine.save()
        again = self.engine()
        again.load(self.blob)
        assert again.save() == self.blob


def walk(seed: int, in_sub_processes: bool) -> int:
    """One random life of one random process; the number of its steps."""
    generator = Generator(seed, in_sub_processes)
    block = generator.block(3)
    content = generator.content(block)
    random = Random(seed * 7 + 1)
    decision = random.random() < 0.5
    block.begin(decision)
    ours = Reloaded(content, decision)
    steps = 0
    while True:
        expected = sorted(block.open())
        assert ours.open() == expected, f"seed {seed}, step {steps}"
        name = random.choice(expected)
        # Loops must end: the longer the life, the more often it decides to go on.
        decision = random.random() < 0.5 + steps / 80
        steps += 1
        ended = block.complete(name, decision)
        ours.complete(name, decision)
        assert ours.is_completed is ended, f"seed {seed}, step {steps}"
        assert len(ours.blob) < 4_000
        if ended:
            return steps


@pytest.mark.parametrize("in_sub_processes", [False, True])
@pytest.mark.parametrize("start", range(0, 60, 20))
def test_random_lives_agree_with_the_block_structure(start: int, in_sub_processes: bool) -> None:
    assert sum(walk(seed, in_sub_processes) for seed in range(start, start + 20)) > 20


class Stock:
    """SpiffWorkflow as it is, in memory, with Python conditions."""

    def __init__(self, content: bytes, decision: bool) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(content.replace(b">=d<", b">d<"))
        self.workflow = BpmnWorkflow(parser.get_spec("trial"), parser.get_subprocess_specs("trial"))
        self.workflow.task_tree.data["d"] = decision
        self.run()

    def run(self) -> None:
        """Stock stops at plain tasks; the standard does not."""
        while True:
            self.workflow.do_engine_steps()
            plain = [
                task
                for task in self.workflow.get_tasks(state=TaskState.READY)
                if type(task.task_spec).__name__ == "NoneTask"
            ]
            if not plain:
                return
            for task in plain:
                task.run()

    def tasks(self) -> dict[str, Any]:
        ready = self.workflow.get_tasks(state=TaskState.READY)
        return {task.task_spec.name: task for task in ready if task.task_spec.manual}

    def complete(self, name: str, decision: bool) -> None:
        task = self.tasks()[name]
        task.data["d"] = decision
        task.run()
        self.run()


def test_single_file_lives_agree_with_stock_spiffworkflow() -> None:
    compared = 0
    for seed in range(200, 260):
        generator = Generator(seed)
        block = generator.block(2)
        if any(part.kind == "loop" for part in [block, *block.parts]):
            continue  # stock joins count the arrivals of earlier rounds
        content = generator.content(block)
        random = Random(seed)
        ours, stock = Reloaded(content, True), Stock(content, True)
        while ours.open():
            assert sorted(stock.tasks()) == ours.open(), f"seed {seed}"
            name, decision = random.choice(ours.open()), True
            ours.complete(name, decision)
            stock.complete(name, decision)
            compared += 1
        assert stock.workflow.is_completed()
    assert compared > 50
