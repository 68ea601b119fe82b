"""Random processes, random paths: after every saved and reloaded step the same tasks are open.

The oracle is a walker over the block structure that a process was generated from; it knows
nothing of tokens. Where stock SpiffWorkflow is right, it walks along too.
"""

from __future__ import annotations

import copy
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


PLAIN = ("task", "task", "sequence", "parallel", "choice", "loop")
ALL = (*PLAIN, "some", "many", "row", "again")
IN_SUB_PROCESSES = ("many", "row", "again")


@dataclass
class Block:
    """A piece of a process, of one of the kinds above, and which of its tasks are open.

    ``some`` is an inclusive split and join; ``many``, ``row`` and ``again`` are sub-processes with
    a parallel, a sequential and a standard loop marker.
    """

    kind: str
    name: str
    parts: list[Block] = field(default_factory=list)
    live: list[Block] = field(default_factory=list)
    position: int = 0
    scope: str = ""

    def begin(self, decision: bool, scope: str = "") -> None:
        """The token arrives."""
        self.position, self.scope = 0, scope
        if self.kind == "parallel":
            self.live = list(self.parts)
        elif self.kind == "choice":
            self.live = [self.parts[0 if decision else 1]]
        elif self.kind == "some":
            self.live = self.parts[:] if decision else self.parts[1:]
        elif self.kind in IN_SUB_PROCESSES:
            self.live = []
            for _ in range(2 if self.kind == "many" else 1):
                self._add_instance(decision)
            return
        else:
            self.live = self.parts[:1]
        for part in self.live:
            part.begin(decision, scope)

    def _add_instance(self, decision: bool) -> None:
        self.position += 1
        instance = copy.deepcopy(self.parts[0])
        instance.begin(decision, f"{self.scope}{self.name}/#{self.position}/{self.name}/")
        self.live.append(instance)

    def open(self) -> list[str]:
        """The open tasks: path of scopes and name."""
        if self.kind == "task":
            return [self.scope + self.name]
        return [name for part in self.live for name in part.open()]

    def complete(self, name: str, decision: bool) -> bool:
        """A task is done; True when with it the whole block is."""
        if self.kind == "task":
            return self.scope + self.name == name
        for part in self.live:
            if name in part.open():
                return part.complete(name, decision) and self._after(part, decision)
        return False

    def _after(self, part: Block, decision: bool) -> bool:
        self.live = [other for other in self.live if other is not part]
        if self.kind == "sequence" and self.position + 1 < len(self.parts):
            self.position += 1
            self.live = [self.parts[self.position]]
            self.live[0].begin(decision, self.scope)
            return False
        if self.kind == "loop" and not decision:
            self.live = list(self.parts)
            self.live[0].begin(decision, self.scope)
            return False
        if (self.kind == "row" and self.position < 2) or (self.kind == "again" and not decision):
            self._add_instance(decision)
            return False
        return not self.live

    def kinds(self) -> set[str]:
        """The kinds of this block and all inside."""
        return {self.kind}.union(*(part.kinds() for part in self.parts))


class Generator:
    """Makes a random block tree and its BPMN."""

    def __init__(
        self, seed: int, in_sub_processes: bool = False, choices: tuple[str, ...] = ALL
    ) -> None:
        self.random = Random(seed)
        self.count = 0
        self.in_sub_processes, self.choices = in_sub_processes, choices

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    def block(self, depth: int) -> Block:
        kind = "task" if depth == 0 else self.random.choice(self.choices)
        parts = {"task": 0, "loop": 1, "choice": 2}.get(kind, self.random.randint(2, 3))
        if kind in IN_SUB_PROCESSES:
            parts = 1
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
        if block.kind in IN_SUB_PROCESSES:
            return self._draw_repeated(block, body, drawn[0][1], drawn[0][2]), name, name
        before, after = f"{name}-in", f"{name}-out"
        if block.kind == "loop":
            body += node("exclusiveGateway", before)
            body += node("exclusiveGateway", after, default=f"{after}-to-{before}")
            exit_ = f"{name}-left"
            body += node("task", exit_)
            body += flow(before, drawn[0][1]) + flow(drawn[0][2], after)
            return body + flow(after, before) + flow(after, exit_, "=d"), before, exit_
        body += self._draw_gateways(block, before, after, [part[1] for part in drawn])
        return body + "".join(flow(part[2], after) for part in drawn), before, after

    def _draw_gateways(self, block: Block, before: str, after: str, entries: list[str]) -> str:
        kinds = {"parallel": "parallelGateway", "some": "inclusiveGateway"}
        gateway = kinds.get(block.kind, "exclusiveGateway")
        body = node(gateway, after)
        if block.kind == "parallel":
            return body + node(gateway, before) + "".join(flow(before, e) for e in entries)
        first, *others = entries
        if block.kind == "choice":
            body += node(gateway, before, default=f"{before}-to-{others[0]}")
            return body + flow(before, first, "=d") + flow(before, others[0])
        body += node(gateway, before) + flow(before, first, "=d")
        return body + "".join(flow(before, other, "=true") for other in others)

    def _draw_repeated(self, block: Block, body: str, entry: str, last: str) -> str:
        name = block.name
        if block.kind == "again":
            marker = (
                "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>not(d)</bpmn:loopCondition>"
                "</bpmn:standardLoopCharacteristics>"
            )
        else:
            marker = (
                "<bpmn:multiInstanceLoopCharacteristics "
                f'isSequential="{str(block.kind == "row").lower()}">'
                "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
                "</bpmn:multiInstanceLoopCharacteristics>"
            )
        begun, done = f"{name}-begun", f"{name}-done"
        body += node("startEvent", begun) + node("endEvent", done)
        return node("subProcess", name, marker + body + flow(begun, entry) + flow(last, done))

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
        return sorted(waiting.key for waiting in self.loaded().waiting().values())

    def complete(self, name: str, decision: bool) -> None:
        self.variables[""]["d"] = decision
        engine = self.loaded()
        waiting = next(w for w in engine.waiting().values() if w.key == name)
        engine.complete_user_task(waiting.scope, waiting.element.id, waiting.slot)
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
    block.begin(decision, "inner/" if in_sub_processes else "")
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
@pytest.mark.parametrize("start", range(0, 400, 100))
def test_random_lives_agree_with_the_block_structure(start: int, in_sub_processes: bool) -> None:
    assert sum(walk(seed, in_sub_processes) for seed in range(start, start + 100)) > 400


class Stock:
    """SpiffWorkflow as it is, in memory, with Python conditions."""

    def __init__(self, content: bytes, decision: bool) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(content.replace(b">=d<", b">d<").replace(b">=true<", b">True<"))
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


def test_lives_agree_with_stock_spiffworkflow_where_it_is_right() -> None:
    compared = 0
    for seed in range(200, 300):
        # Stock joins count the arrivals of earlier rounds, and its loops want data of its own.
        generator = Generator(seed, choices=("task", "sequence", "parallel", "choice", "some"))
        block = generator.block(3)
        content = generator.content(block)
        random = Random(seed)
        decision = random.random() < 0.5
        ours, stock = Reloaded(content, decision), Stock(content, decision)
        while ours.open():
            assert sorted(stock.tasks()) == ours.open(), f"seed {seed}"
            name = random.choice(ours.open())
            ours.complete(name, decision)
            stock.complete(name, decision)
            compared += 1
        assert stock.workflow.is_completed()
    assert compared > 200


def test_all_kinds_of_blocks_are_generated() -> None:
    seen: set[str] = set()
    for seed in range(60):
        seen |= Generator(seed).block(3).kinds()
    assert seen == set(ALL)
