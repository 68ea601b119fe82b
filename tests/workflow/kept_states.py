"""Token states as released versions stored them: `python -m tests.workflow.kept_states` keeps more.

A release keeps the states of its own version once, in ``data/states-<version>.json``; later
versions must be able to finish every one of them.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from perfflow.workflow.definitions.bundle import compile_bundle
from perfflow.workflow.engine.codec import STATE_VERSION
from perfflow.workflow.engine.graph import SpecIndex
from perfflow.workflow.engine.run import TokenEngine
from tests.workflow.building import boundary, flow, line, node, process, timer, user_task

DATA = Path(__file__).parent / "data"
LIVES = 12
MAIN = "trial"
MESSAGE = '<bpmn:messageEventDefinition messageRef="news"/>'


class Answers:
    """The outside of a run that only tells loops how often: expressions say their own answer."""

    outside: Any = None

    def ask(self, name: str, *arguments: Any) -> Any:
        if name == "holds":
            return arguments[0].strip("= ") == "true"
        return 3 if name == "begin_loop" else None


def all_kinds() -> bytes:
    """A process with a join, a sub-process, loops, an event sub-process and boundary events."""
    many = user_task("each").replace(
        "</bpmn:userTask>",
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="
        '"bpmn:tFormalExpression">=3</bpmn:loopCardinality>'
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>",
    )
    inner = (
        '<bpmn:subProcess id="inside">' + node("startEvent", "in") + user_task("deep")
        + user_task("deeper") + node("endEvent", "out") + line("in", "deep", "deeper", "out")
        + "</bpmn:subProcess>"
    )  # fmt: skip
    aside = (
        '<bpmn:subProcess id="aside" triggeredByEvent="true">'
        '<bpmn:startEvent id="called" isInterrupting="false">' + timer("P1D")
        + "</bpmn:startEvent>" + user_task("extra") + node("endEvent", "heard")
        + line("called", "extra", "heard") + "</bpmn:subProcess>"
    )  # fmt: skip
    body = (
        node("startEvent", "begun") + node("parallelGateway", "split") + user_task("left")
        + inner + many + node("parallelGateway", "join") + user_task("sign")
        + node("endEvent", "ended") + user_task("late-work") + node("endEvent", "late-end")
        + boundary("late", "left", timer("PT1H"), interrupting=False)
        + flow("late", "late-work") + flow("late-work", "late-end")
        + flow("begun", "split") + flow("split", "left") + flow("split", "inside")
        + flow("split", "each") + flow("left", "join") + flow("inside", "join")
        + flow("each", "join") + flow("join", "sign") + flow("sign", "ended") + aside
    )  # fmt: skip
    return process(body, MAIN)


def index_of(content: str) -> SpecIndex:
    """The graphs of a kept file."""
    return compile_bundle({f"processes/{MAIN}.bpmn": content.encode()}).index(MAIN)


def engine_at(index: SpecIndex, blob: str | None) -> TokenEngine:
    """A run from a kept state, or from the start."""
    engine = TokenEngine(index, MAIN, Answers())
    if blob is None:
        engine.start()
    else:
        engine.load(blob.encode())
    return engine


def go_on(engine: TokenEngine, operation: list[Any]) -> None:
    """Complete the task or fire the timer that the operation names."""
    kind, key, slot = operation
    if kind == "task":
        scope, _, element = key.rpartition("/")
        engine.complete_user_task(scope, element, slot)
    else:
        engine.fire(key, slot, (kind,))


def life(index: SpecIndex, seed: int) -> dict[str, list[Any]]:
    """A random life: the states, each with the operation that was done there."""
    dice, blob = random.Random(seed), engine_at(index, None).save().decode()
    states: list[str] = []
    operations: list[list[Any]] = []
    while not (engine := engine_at(index, blob)).is_completed:
        waits = [w for w in engine.waiting().values() if w.kind == "task" or dice.random() < 0.3]
        wait = dice.choice(waits or list(engine.waiting().values()))
        states.append(blob)
        operations.append([wait.kind, wait.key, wait.slot])
        go_on(engine, operations[-1])
        blob = engine.save().decode()
    return {"states": states, "operations": operations}


def main() -> None:
    """Keep what this version stores; what is kept already is never written again."""
    path = DATA / f"states-{STATE_VERSION}.json"
    if path.exists():
        raise SystemExit(f"{path} is kept already")
    content = all_kinds().decode()
    index = index_of(content)
    lives = [life(index, seed) for seed in range(LIVES)]
    DATA.mkdir(exist_ok=True)
    kept = {"file": content, "lives": lives}
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
