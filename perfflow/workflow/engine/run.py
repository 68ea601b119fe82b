"""One run of a token state: passes automatic steps until only waiting points are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import codec, specs
from perfflow.workflow.engine.expressions import Evaluator, storable
from perfflow.workflow.registry import ProcessError

MAX_AUTOMATIC_STEPS = 10_000
COLLAPSE_EVERY = 200


@dataclass(slots=True)
class Outgoing:
    """A message that a step published; it is delivered after the step is saved."""

    kind: str
    name: str
    key: str
    payload: Mapping[str, Any] | None


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


@dataclass
class Raised:
    """An error or escalation that looks for its boundary event."""

    task: Any
    kind: str
    code: str | None
    detail: str = ""


class _NoPython:
    """The environment of the engine: SpiffWorkflow may not evaluate anything by itself."""

    def evaluate(self, expression: Any, context: Any, external_context: Any = None) -> Any:
        raise RuleViolation("workflow.not_executable", expression=str(expression))

    execute = evaluate

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise RuleViolation("workflow.not_executable", expression=str(kwargs))


class TokenEngine(PythonScriptEngine):  # type: ignore[misc]
    """What specs call while tokens move: conditions, work, scopes, events."""

    def __init__(
        self,
        index: codec.SpecIndex,
        main: str,
        variables: dict[str, dict[str, Any]],
        evaluator: Evaluator,
        work: Callable[[Element, str, dict[str, Any]], dict[str, Any]],
    ) -> None:
        super().__init__(environment=_NoPython())
        self.index, self.main = index, main
        self.variables = variables
        self.evaluator = evaluator
        self.work = work
        self.path: list[str] = []
        self.outgoing: list[Outgoing] = []
        self._raised: list[Raised] = []
        self.top: Any = None

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """A new instance at its start event."""
        self.top = BpmnWorkflow(
            self.index.specs[self.main], dict(self.index.specs), script_engine=self
        )
        self.top.scope = ""
        self.variables.setdefault("", {})
        self.run()

    def load(self, blob: bytes) -> None:
        """An instance as it was saved."""
        self.top = codec.decode(blob, self.index, self, self.main)

    def save(self) -> bytes:
        """The bytes of where the tokens stand now."""
        codec.collapse(self.top)
        return codec.encode(self.top, self.index)

    @property
    def is_completed(self) -> bool:
        return bool(self.top.completed)

    def cancel(self) -> None:
        """End everything at once."""
        self.top.cancel()

    # -- moving tokens ------------------------------------------------------------------------

    def run(self) -> None:
        """Pass automatic steps until nothing moves by itself."""
        steps = 0
        while (task := self._next_ready()) is not None:
            steps += 1
            if steps > MAX_AUTOMATIC_STEPS:
                raise RuleViolation("workflow.endless", element=task.task_spec.name)
            if steps % COLLAPSE_EVERY == 0:
                codec.collapse(self.top)
            self._run_task(task)

    def _next_ready(self) -> Any | None:
        if self.top.completed:
            return None
        for workflow in (*self.top.subprocesses.values(), self.top):
            for task in workflow.tasks.values():
                if task.state == TaskState.READY and not task.task_spec.manual:
                    return task
        return None

    def _run_task(self, task: Any) -> None:
        element = getattr(task.task_spec, "element", None)
        if element is not None:
            self.path.append(element_key(task.workflow.scope, element.original_id))
        task.run()
        self._settle_raised()

    def complete_user_task(self, scope: str, element_id: str, slot: int) -> None:
        """The token at that user task goes on."""
        task = self._token(element_key(scope, element_id), slot, ("task",))
        self._run_task(task)
        self.run()

    def fire(self, key: str, slot: int, kinds: tuple[str, ...], rearm: bool = False) -> bool:
        """The timer or message at that waiting point happens; False when nothing waits there.

        ``rearm`` opens a non-interrupting boundary event again after it has fired.
        """
        task = self._token(key, slot, kinds, missing_is_fine=True)
        if task is None:
            return False
        spec = task.task_spec
        if isinstance(spec, specs.ChoiceGateway):
            task.internal_data["chosen"] = key.rpartition("/")[2]
            spec._update(task)
        else:
            self._happen(task)
            if rearm and isinstance(spec, specs.BoundaryEvent) and not spec.cancel_activity:
                self._arm_again(task)
        self.run()
        return True

    def _happen(self, task: Any) -> None:
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)
        if task.state == TaskState.READY and isinstance(task.task_spec, specs.BoundaryEvent):
            # At once, so that what it interrupts cannot take one more step.
            self._run_task(task)

    def _arm_again(self, task: Any) -> None:
        split = task.parent
        if split is None or not any(child.has_state(codec.OPEN) for child in split.children):
            return
        again = split._add_child(task.task_spec, TaskState.WAITING)
        task.task_spec._predict(again, mask=TaskState.NOT_FINISHED_MASK)
        for descendant in codec.tree_order(again)[1:]:
            descendant._state = TaskState.MAYBE

    # -- waiting points -----------------------------------------------------------------------

    def waiting(self) -> dict[Any, Waiting]:
        """Tokens at rest by an identity that holds during this run."""
        found: dict[Any, Waiting] = {}
        if self.top.completed:
            return found
        slots: dict[tuple[str, str], int] = {}
        for workflow in codec.workflows_in_order(self.top):
            for task in codec.tree_order(workflow.task_tree):
                for kind, element in _rests(task):
                    key = (element_key(workflow.scope, element.id), kind)
                    slot = slots.get(key, 0)
                    slots[key] = slot + 1
                    found[id(task), element.id] = Waiting(kind, workflow.scope, element, slot)
        return found

    def _token(
        self, key: str, slot: int, kinds: tuple[str, ...], missing_is_fine: bool = False
    ) -> Any:
        slots = 0
        for workflow in codec.workflows_in_order(self.top):
            for task in codec.tree_order(workflow.task_tree):
                for kind, element in _rests(task):
                    if kind in kinds and element_key(workflow.scope, element.id) == key:
                        if slots == slot:
                            return task
                        slots += 1
        if missing_is_fine:
            return None
        raise RuleViolation("workflow.no_token", element=key)

    # -- variables ----------------------------------------------------------------------------

    def context(self, scope: str) -> dict[str, Any]:
        """What an expression in ``scope`` can read, the inner value first."""
        merged: dict[str, Any] = {}
        for part in reversed(self._chain(scope)):
            merged.update(self.variables.get(part, {}))
        return merged

    def assign(self, scope: str, name: str, value: Any) -> None:
        """Write where the name is declared, else to the scope of the process."""
        chain = self._chain(scope)
        for part in chain:
            if name in self.variables.get(part, {}):
                self.variables[part][name] = storable(value)
                return
        self.variables.setdefault(chain[-1], {})[name] = storable(value)

    def _chain(self, scope: str) -> list[str]:
        """Scopes from ``scope`` out to that of its process; a call activity is a border."""
        chain = [scope]
        while scope and not scope.endswith(")"):
            scope = scope.rpartition("/")[0]
            chain.append(scope)
        return chain

    def enter(self, my_task: Any) -> None:
        """Open the variable scope of a sub-process or call activity."""
        element: Element = my_task.task_spec.element
        outer = my_task.workflow.scope
        context = self.context(outer)
        values = {
            item.target: storable(self.evaluator.value(item.source, context | {}))
            for item in element.inputs
        }
        is_call = isinstance(my_task.task_spec, specs.CallTask)
        scope = self._free_scope(outer, element.id, is_call)
        my_task.internal_data["scope"] = scope
        if is_call and element.passes_all_in:
            values = context | values
        self.variables[scope] = values

    def _free_scope(self, outer: str, element_id: str, is_call: bool) -> str:
        number = 1
        while True:
            name = element_id if number == 1 else f"{element_id}#{number}"
            scope = element_key(outer, f"({name})" if is_call else name)
            if scope not in self.variables:
                return scope
            number += 1

    def leave(self, my_task: Any) -> None:
        """Close the scope and hand its results out."""
        element: Element = my_task.task_spec.element
        scope = my_task.internal_data["scope"]
        outer = my_task.workflow.scope
        inside = self.context(scope)
        own = self.variables.get(scope, {})
        results = {
            item.target: self.evaluator.value(item.source, inside) for item in element.outputs
        }
        if isinstance(my_task.task_spec, specs.CallTask) and element.passes_all_out:
            results = own | results
        self._drop_scope(scope)
        for name, value in results.items():
            self.assign(outer, name, value)

    def _drop_scope(self, scope: str) -> None:
        for name in [n for n in self.variables if n == scope or n.startswith(scope + "/")]:
            del self.variables[name]

    def drop_dead_scopes(self) -> None:
        """Forget the variables of scopes that were interrupted."""
        alive = {""} | {workflow.scope for workflow in codec.workflows_in_order(self.top)}
        for scope in [name for name in self.variables if name not in alive]:
            del self.variables[scope]

    # -- what specs call ----------------------------------------------------------------------

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> bool:
        """A condition: only ``true`` is true, null is not."""
        return self.evaluator.feel(expression, self.context(task.workflow.scope)) is True

    def execute(self, task: Any, script: Any, external_context: Any = None) -> bool:
        raise RuleViolation("workflow.not_executable", expression=str(script))

    def perform(self, my_task: Any) -> bool:
        """Do the automatic work of a task; False when it raised a BPMN error."""
        element: Element = my_task.task_spec.element
        scope = my_task.workflow.scope
        context = self.context(scope)
        local = {item.target: self.evaluator.value(item.source, context) for item in element.inputs}
        try:
            result = self.work(element, scope, context | local)
        except ProcessError as error:
            self._raised.append(Raised(my_task, "error", error.code, str(error)))
            return False
        self.take_results(element, scope, context | local, result)
        return True

    def take_results(
        self,
        element: Element,
        scope: str,
        context: Mapping[str, Any],
        result: Mapping[str, Any],
        keep_unmapped: bool = True,
    ) -> None:
        """Results become variables by the output mapping, or by name where there is none."""
        inside = {**context, **result}
        if element.outputs:
            for item in element.outputs:
                value = self.evaluator.value(item.source, inside)
                inside[item.target] = value
                self.assign(scope, item.target, value)
        elif keep_unmapped:
            for name, value in result.items():
                self.assign(scope, name, value)

    def throw(self, my_task: Any, kind: str, element: Element) -> None:
        """A throw or end event was passed."""
        if kind in ("error", "escalation"):
            self._raised.append(Raised(my_task, kind, element.code))
            return
        self.throw_message(element, my_task.workflow.scope)

    def throw_message(self, element: Element, scope: str) -> None:
        """Publish the message or signal of a send task, throw or end event."""
        context = self.context(scope)
        kind = "signal" if element.event == "signal" else "message"
        payload = {
            item.target: storable(self.evaluator.value(item.source, context))
            for item in element.inputs
        }
        name = self.evaluator.value(element.message or "", context)
        key = "" if kind == "signal" else self.correlation(element, context)
        self.outgoing.append(Outgoing(kind, str(name), key, payload or None))

    def correlation(self, element: Element, context: Mapping[str, Any]) -> str:
        """The correlation key of a message event as text."""
        if element.correlation is None:
            return ""
        value = self.evaluator.value(element.correlation, context)
        if value is None:
            raise RuleViolation("workflow.no_correlation_key", element=element.original_id)
        return str(value)

    def _settle_raised(self) -> None:
        while self._raised:
            raised = self._raised.pop(0)
            boundary = _catcher(raised)
            if boundary is not None:
                self._happen(boundary)
            elif raised.kind == "error":
                raise RuleViolation(
                    "workflow.unhandled_error",
                    element=raised.task.task_spec.element.original_id,
                    error=raised.code or "",
                )


def _rests(task: Any) -> list[tuple[str, Element]]:
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


def _catcher(raised: Raised) -> Any | None:
    """The waiting boundary event that catches, searched from inside out."""
    task = raised.task
    while task is not None:
        split = task.parent
        if split is not None and isinstance(split.task_spec, specs.BoundaryEventSplit):
            matching = [
                child
                for child in split.children
                if child is not task
                and child.state == TaskState.WAITING
                and isinstance(getattr(child.task_spec, "event_definition", None), specs.Trigger)
                and child.task_spec.event_definition.kind == raised.kind
                and child.task_spec.element.code in (raised.code, None)
            ]
            matching.sort(key=lambda child: child.task_spec.element.code is None)
            if matching:
                return matching[0]
        parent_id = task.workflow.parent_task_id
        task = None if parent_id is None else task.workflow.top_workflow.get_task_from_id(parent_id)
    return None


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
