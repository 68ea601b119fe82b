"""One run of a token state: passes automatic steps until only waiting points are left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import codec, specs
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.rests import element_key, rests, Waiting

MAX_AUTOMATIC_STEPS = 10_000
COLLAPSE_EVERY = 200


@dataclass
class Raised:
    """An error or escalation that looks for its boundary event."""

    task: Any
    kind: str
    code: str | None


class Asked(Protocol):
    """Answers what a run of tokens asks: live, or as a run before it was answered."""

    @property
    def outside(self) -> Outside:
        """The variables and effects themselves."""

    def ask(self, name: str, *arguments: Any) -> Any:
        """Do one operation of :class:`Outside`, and answer what steers the tokens."""


class _NoPython:
    """The environment of the engine: SpiffWorkflow may not evaluate anything by itself."""

    def evaluate(self, expression: Any, context: Any, external_context: Any = None) -> Any:
        raise RuleViolation("workflow.not_executable", expression=str(expression))

    execute = evaluate

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise RuleViolation("workflow.not_executable", expression=str(kwargs))


class TokenEngine(PythonScriptEngine):  # type: ignore[misc]
    """What specs call while tokens move: conditions, work, scopes, events.

    Tokens know nothing of variables. Whatever depends on them or has an effect goes through
    :attr:`ask` by the name of a method of :class:`Outside` with arguments that are the same for
    every instance, so that a run can be remembered and done again without its tokens.
    """

    def __init__(self, index: codec.SpecIndex, main: str, asked: Asked) -> None:
        PythonScriptEngine.__init__(self, environment=_NoPython())
        self.index, self.main = index, main
        self._asked, self.ask = asked, asked.ask
        self.path: list[str] = []
        self._raised: list[Raised] = []
        self.top: Any = None

    @property
    def outside(self) -> Outside:
        """The variables and effects themselves; a run that touches them is not remembered."""
        return self._asked.outside

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """A new instance at its start event."""
        self.top = BpmnWorkflow(
            self.index.specs[self.main], dict(self.index.specs), script_engine=self
        )
        self.top.scope = ""
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
        try:
            task.run()
        except WorkflowException as error:
            raise RuleViolation(
                "workflow.engine_failed", element=task.task_spec.name, reason=str(error)[:200]
            ) from error
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
            for task in codec.actual_tasks(workflow.task_tree):
                for kind, element in rests(task):
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
            for task in codec.actual_tasks(workflow.task_tree):
                for kind, element in rests(task):
                    if kind in kinds and element_key(workflow.scope, element.id) == key:
                        if slots == slot:
                            return task
                        slots += 1
        if missing_is_fine:
            return None
        raise RuleViolation("workflow.no_token", element=key)

    # -- what specs call ----------------------------------------------------------------------

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> bool:
        """A condition: only ``true`` is true, null is not."""
        return bool(self.ask("holds", expression, task.workflow.scope))

    def execute(self, task: Any, script: Any, external_context: Any = None) -> bool:
        raise RuleViolation("workflow.not_executable", expression=str(script))

    def perform(self, my_task: Any) -> bool:
        """Do the automatic work of a task; False when it raised a BPMN error."""
        failed = self.ask("perform", my_task.task_spec.element, my_task.workflow.scope)
        if failed is not None:
            self._raised.append(Raised(my_task, "error", failed))
        return failed is None

    def enter(self, my_task: Any) -> None:
        """A sub-process or call activity begins: it gets a scope of its own."""
        element, outer = my_task.task_spec.element, my_task.workflow.scope
        is_call = isinstance(my_task.task_spec, specs.CallTask)
        scope = my_task.internal_data["scope"] = self._free_scope(outer, element.id, is_call)
        self.ask("enter", element, outer, scope, is_call)

    def _free_scope(self, outer: str, element_id: str, is_call: bool) -> str:
        taken = self.scopes()
        number = 1
        while True:
            name = element_id if number == 1 else f"{element_id}#{number}"
            scope = element_key(outer, f"({name})" if is_call else name)
            if scope not in taken:
                return scope
            number += 1

    def leave(self, my_task: Any) -> None:
        """A sub-process or call activity is over: its results go out."""
        is_call = isinstance(my_task.task_spec, specs.CallTask)
        self.ask(
            "leave",
            my_task.task_spec.element,
            my_task.workflow.scope,
            my_task.internal_data["scope"],
            is_call,
        )

    def scopes(self) -> frozenset[str]:
        """The variable scopes in which tokens are."""
        return frozenset(workflow.scope for workflow in codec.workflows_in_order(self.top))

    def throw(self, my_task: Any, kind: str, element: Element) -> None:
        """A throw or end event was passed."""
        if kind in ("error", "escalation"):
            self._raised.append(Raised(my_task, kind, element.code))
            return
        self.ask("send", element, my_task.workflow.scope)

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
