"""Where tokens rest: user tasks, timers and messages, and how a run changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.util.task import TaskState

from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import specs


@dataclass(frozen=True, slots=True)
class Waiting:
    """A token at rest: at a user task, a timer or a message."""

    kind: str  # task, timer, message, signal
    scope: str
    element: Element
    slot: int

    @property
    def key(self) -> str:
        return element_key(self.scope, self.element.id)


def element_key(scope: str, element_id: str) -> str:
    """Scope path and element id as one text."""
    return f"{scope}/{element_id}" if scope else element_id


def rests(task: Any) -> list[tuple[str, Element]]:
    """What a token at ``task`` waits for: nothing, one thing, or one of several."""
    spec = task.task_spec
    if task.state == TaskState.READY and spec.manual:
        return [("task", spec.element)]
    if task.state != TaskState.WAITING:
        return []
    definition = getattr(spec, "event_definition", None)
    if isinstance(definition, specs.Choice):
        return [(event.kind, event.element) for event in definition.event_definitions]
    if isinstance(definition, specs.Trigger) and definition.kind in ("timer", "message", "signal"):
        return [(definition.kind, definition.element)]
    return []


@dataclass
class Changes:
    """Waiting points before and after a run."""

    ended: list[Waiting] = field(default_factory=list)
    opened: list[Waiting] = field(default_factory=list)
    moved: list[tuple[Waiting, Waiting]] = field(default_factory=list)


def compare(before: Mapping[Any, Waiting], after: Mapping[Any, Waiting]) -> Changes:
    """What a run did to the waiting points."""
    changes = Changes()
    for identity, waiting in before.items():
        now = after.get(identity)
        if now is None:
            changes.ended.append(waiting)
        elif now != waiting:
            changes.moved.append((waiting, now))
    changes.opened = [waiting for identity, waiting in after.items() if identity not in before]
    return changes
