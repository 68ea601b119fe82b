"""Token states as small canonical bytes: history dropped, positions instead of identities.

A state is a list of workflows (the process and its open sub-processes). Each holds its unfinished
tasks and the few finished ones that an open join or boundary still looks at; predicted tasks are
left out because the spec gives them back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from perfflow.workflow.engine import specs

PREDICTED = TaskState.PREDICTED_MASK | TaskState.FUTURE
OPEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED
STATE_VERSION = 1


class SpecIndex:
    """Numbers for the specs of one process version, the same on every machine.

    ``version`` names what the specs were made of: equal versions have equal specs.
    """

    def __init__(self, specs_by_name: Mapping[str, Any], version: str = "") -> None:
        self.specs, self.version = specs_by_name, version
        self.names = sorted(specs_by_name)
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.tasks = {name: list(spec.task_specs) for name, spec in specs_by_name.items()}
        self.task_numbers = {
            name: {task: number for number, task in enumerate(tasks)}
            for name, tasks in self.tasks.items()
        }
        self.name_of = {id(spec): name for name, spec in specs_by_name.items()}


def state_hash(blob: bytes) -> str:
    """The name under which a state is stored."""
    return blake2b(blob, digest_size=20).hexdigest()


def tree_order(root: Any) -> list[Any]:
    """Tasks of one workflow, parents before children, without a limit of depth."""
    ordered, pending = [], [root]
    while pending:
        task = pending.pop()
        ordered.append(task)
        pending.extend(reversed(task.children))
    return ordered


def actual_tasks(root: Any) -> list[Any]:
    """Like :func:`tree_order` without predicted tasks: those have no actual ones below them."""
    ordered, pending = [], [root]
    while pending:
        task = pending.pop()
        if task._state & PREDICTED:
            continue
        ordered.append(task)
        tasks = task.workflow.tasks
        pending.extend([tasks[child] for child in reversed(task._children)])
    return ordered


def workflows_in_order(top: Any) -> list[Any]:
    """The process and its open sub-processes, each after the one that holds it."""
    ordered, pending = [], [top]
    while pending:
        workflow = pending.pop(0)
        ordered.append(workflow)
        inner = [
            top.subprocesses[task.id]
            for task in actual_tasks(workflow.task_tree)
            if task.id in top.subprocesses and task.has_state(OPEN)
        ]
        pending = inner + pending
    return ordered


def collapse(top: Any) -> None:
    """Forget finished history in place."""
    for workflow in workflows_in_order(top):
        _collapse_tree(workflow)
    alive = {task_id for workflow in workflows_in_order(top) for task_id in workflow.tasks}
    for task_id in [key for key in top.subprocesses if key not in alive]:
        del top.subprocesses[task_id]


def _collapse_tree(workflow: Any) -> None:
    tasks = actual_tasks(workflow.task_tree)
    needed, protected = _needed(workflow.task_tree, tasks)
    for task in reversed(tasks):
        if task.id not in needed:
            _remove(workflow, task)
        elif task.id not in protected and task.has_state(TaskState.FINISHED_MASK):
            _splice(workflow, task)


def _needed(root: Any, tasks: list[Any]) -> tuple[set[Any], set[Any]]:
    """Ids of tasks that must stay, and of those among them that must keep their place.

    What stays: tokens, what an open join has received, and the way to them. The arrivals of a
    join keep their parents (it looks at where they came from), a boundary its children.
    """
    waiting_joins = {
        task.task_spec.name
        for task in tasks
        if task.state == TaskState.WAITING
        and isinstance(task.task_spec, (specs.JoiningGateway, specs.InclusiveGateway))
    }
    needed, protected = {root.id}, {root.id}
    for task in tasks:
        is_arrival = task.task_spec.name in waiting_joins and "spent" not in task.internal_data
        if task.has_state(OPEN) or is_arrival:
            needed.add(task.id)
            if isinstance(task.task_spec, Join) and task.parent is not None:
                protected.update((task.id, task.parent.id))
    for task in reversed(tasks):
        if task.id in needed and task.parent is not None:
            needed.add(task.parent.id)
    for task in tasks:
        if task.id in needed and isinstance(task.task_spec, specs.BoundaryEventSplit):
            children = [child.id for child in task.children]
            protected.update((task.id, *children))
            needed.update(children)
    return needed, protected


def _remove(workflow: Any, task: Any) -> None:
    """Take out a finished task and whatever was predicted behind it."""
    if task.parent is not None:
        task.parent._children.remove(task.id)
    for gone in tree_order(task):
        del workflow.tasks[gone.id]


def _splice(workflow: Any, task: Any) -> None:
    """Take a finished task out and hang its children under its parent, in its place."""
    parent = task.parent
    place = parent._children.index(task.id)
    parent._children[place : place + 1] = task._children
    for child in task.children:
        child._parent = parent.id
    del workflow.tasks[task.id]


def encode(top: Any, index: SpecIndex) -> bytes:
    """The bytes of a collapsed workflow."""
    workflows = workflows_in_order(top)
    places: dict[Any, tuple[int, int]] = {}
    encoded = []
    for number, workflow in enumerate(workflows):
        name = index.name_of[id(workflow.spec)]
        holder = [-1, -1] if workflow is top else list(places[workflow.parent_task_id])
        rows: list[list[Any]] = []
        for task in actual_tasks(workflow.task_tree):
            parent = -1 if task.parent is None else places[task.parent.id][1]
            places[task.id] = (number, len(rows))
            row = [index.task_numbers[name][task.task_spec.name], parent, task.state]
            if task.internal_data or task.triggered:
                row.append(_bookkeeping(task))
            rows.append(row)
        encoded.append([index.numbers[name], *holder, rows])
    return json.dumps([STATE_VERSION, encoded], separators=(",", ":"), sort_keys=True).encode()


def _bookkeeping(task: Any) -> dict[str, Any]:
    data = dict(task.internal_data)
    if task.triggered:
        data["$triggered"] = 1
    return data


def decode(blob: bytes, index: SpecIndex, engine: Any, main: str) -> Any:
    """The live workflow of ``blob``, predictions added."""
    version, encoded = json.loads(blob)
    if version != STATE_VERSION:
        raise ValueError(f"expected token state version {STATE_VERSION} but got {version}")
    top = BpmnWorkflow(
        index.specs[main], dict(index.specs), script_engine=engine, deserializing=True
    )
    top.scope = ""
    all_tasks: list[list[Any]] = []
    identity = 0
    for spec_number, holder_workflow, holder_task, rows in encoded:
        name = index.names[spec_number]
        spec = index.specs[name]
        if holder_workflow < 0:
            workflow = top
        else:
            holder = all_tasks[holder_workflow][holder_task]
            workflow = BpmnSubWorkflow(spec, holder.id, top, deserializing=True)
            top.subprocesses[holder.id] = workflow
            workflow.scope = holder.internal_data.get("scope", holder.workflow.scope)
            workflow.completed_event.connect(holder.task_spec._on_subworkflow_completed, holder)
        tasks: list[Any] = []
        for task_number, parent, state, *extra in rows:
            identity += 1
            task_spec: BpmnTaskSpec = spec.task_specs[index.tasks[name][task_number]]
            task = Task(
                workflow, task_spec, tasks[parent] if parent >= 0 else None, state, identity
            )
            if extra:
                task.internal_data = dict(extra[0])
                task.triggered = bool(task.internal_data.pop("$triggered", 0))
            tasks.append(task)
        workflow.task_tree = tasks[0]
        all_tasks.append(tasks)
    for tasks in all_tasks:
        for task in tasks:
            _predict(task)
    return top


def _predict(task: Any) -> None:
    if not task.has_state(OPEN):
        return
    task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    if isinstance(task.task_spec, specs.BoundaryEvent):
        # Whether a boundary event happens is open: nothing behind it may hold up a join.
        for descendant in tree_order(task)[1:]:
            descendant._state = TaskState.MAYBE
