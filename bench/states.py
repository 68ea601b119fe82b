"""How large token states get: every state that the shipped appraisal can be in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.figures import Figure
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.bundle import compile_bundle, CompiledBundle
from perfflow.workflow.deployments import read_tree
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.transitions import Leaf, Operation, START, step, waits_at

ROOT = Path(__file__).parents[1]
STATE_GOAL = 500
PROCESS = "appraisal"
MOST_STATES = 4_000
MOST_QUESTIONS = 12  # on one way; more are answered alike


class Answers(Outside):
    """Answers conditions from a list instead of variables; work and messages are not done."""

    def __init__(self, script: list[bool]) -> None:
        super().__init__({}, {}, None, lambda *_: {})  # type: ignore[arg-type]
        self.script, self.given = script, 0

    def ask(self, name: str, *arguments: Any) -> Any:
        """The next answer; the first way is the one where nothing holds."""
        if name != "holds":
            return None
        if self.given == len(self.script):
            self.script.append(False)
        self.given += 1
        return self.script[self.given - 1]

    def keep_scopes(self, alive: Collection[str]) -> None:
        """There are no variables."""


def state_figures() -> Iterator[Figure]:
    """The largest state of the shipped appraisal, with all that it calls."""
    bundle = compile_bundle(_files())
    found = states_of(bundle, PROCESS)
    longest = max(len(blob) for blob in found.values())
    yield Figure("engine.state_bytes_max", longest, "bytes", STATE_GOAL, n=len(found))


def _files() -> Mapping[str, bytes]:
    return {path: text for path, text in read_tree(ROOT).items() if path.startswith("processes/")}


def states_of(bundle: CompiledBundle, key: str) -> dict[str, bytes]:
    """States by hash that can be reached by any order of events and any answers."""
    found: dict[str, bytes] = {}
    pending = [None]
    while pending and len(found) < MOST_STATES:
        state = pending.pop(0)
        for leaf in _next_states(bundle, key, state, found):
            if leaf.state not in found:
                found[leaf.state] = leaf.blob
                if not leaf.is_completed:
                    pending.append(leaf.state)  # type: ignore[arg-type]
    return found


def _next_states(
    bundle: CompiledBundle, key: str, state: str | None, found: Mapping[str, bytes]
) -> Iterator[Leaf]:
    index = bundle.index(key)

    def blob() -> bytes:
        return found[state or ""]

    operations = [START]
    if state is not None:
        waits = waits_at(None, index, key, state, blob, Answers([]))
        operations = [
            Operation("complete", wait.key, wait.slot)
            if wait.kind == "task"
            else Operation("fire", wait.key, wait.slot, (wait.kind,), rearm=True)
            for wait in waits
        ]
    for operation in operations:
        for script in _scripts():
            try:
                yield step(None, index, key, state, blob, operation, Answers(script))
            except RuleViolation:
                continue  # no way is taken with these answers


def _scripts() -> Iterator[list[bool]]:
    """Lists of answers that the walker makes longer as it is asked; then the next in order."""
    script: list[bool] = []
    while True:
        yield script
        del script[MOST_QUESTIONS:]
        while script and script[-1]:
            script.pop()
        if not script:
            return
        script[-1] = True
