"""What moving tokens ask and do outside of themselves, on the live variables of one instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine.expressions import Evaluator, storable
from perfflow.workflow.engine.rests import element_key
from perfflow.workflow.engine.scopes import Scopes
from perfflow.workflow.registry import ProcessError

Work = Callable[[Element, dict[str, Any]], dict[str, Any]]


@dataclass(slots=True)
class Outgoing:
    """A message that a step published; it is delivered after the step is saved."""

    kind: str
    name: str
    key: str
    payload: Mapping[str, Any] | None
    origin: int | None = None  # the instance that published it, once its step is saved


class Outside(Scopes):
    """Conditions, work, scopes and messages of one instance during one step.

    ``holds``, ``perform``, ``send``, ``hear``, ``enter``, ``leave`` and those about loops are the
    whole vocabulary of a run: their arguments are the same for every instance of a process
    version, and their answers (a Boolean, a count, nothing, or the code of a BPMN error) are all
    that steers the tokens.
    """

    def __init__(
        self,
        variables: dict[str, dict[str, Any]],
        ambient: Mapping[str, Any],
        evaluator: Evaluator,
        work: Work,
    ) -> None:
        self.variables, self.ambient = variables, ambient
        self.evaluator, self.work = evaluator, work
        self.outgoing: list[Outgoing] = []
        self.skipped: frozenset[str] = frozenset()
        self.variables.setdefault("", {})

    def ask(self, name: str, *arguments: Any) -> Any:
        """One operation by its name."""
        return getattr(self, name)(*arguments)

    @property
    def outside(self) -> Outside:
        """Itself: a run that is not to be remembered asks here."""
        return self

    def holds(self, expression: str, scope: str) -> bool:
        """A condition: only ``true`` is true, null is not."""
        return self.evaluator.feel(expression, self.context(scope)) is True

    def perform(self, element: Element, scope: str) -> str | None:
        """Do the automatic work of a task; the code of the BPMN error that it raised.

        Work that an admin skips is not done and gives no results. Any other failure is raised on,
        with the place of the work in ``failed_at``.
        """
        place = element_key(scope, element.id)
        if place in self.skipped:
            return None
        try:
            return self._perform(element, scope)
        except Exception as error:
            error.failed_at = getattr(error, "failed_at", None) or place  # type: ignore[attr-defined]
            raise

    def _perform(self, element: Element, scope: str) -> str | None:
        context = self.context(scope)
        local = {item.target: self.evaluator.value(item.source, context) for item in element.inputs}
        result: Mapping[str, Any] = {}
        try:
            if element.decision or element.script or element.service:
                result = self.work(element, context | local)
            else:
                self.send(element, scope)
        except ProcessError as error:
            return error.code
        self.take_results(element, scope, context | local, result)
        return None

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

    def send(self, element: Element, scope: str) -> None:
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

    def hear(self, thrown: Element, scope: str, element: Element, own_scope: str) -> bool:
        """Whether a signal thrown in ``scope`` is the one that ``element`` waits for.

        Its payload becomes variables then.
        """
        context, inside = self.context(scope), self.context(own_scope)
        name = self.evaluator.value(thrown.message or "", context)
        if name != self.evaluator.value(element.message or "", inside):
            return False
        payload = {
            item.target: storable(self.evaluator.value(item.source, context))
            for item in thrown.inputs
        }
        self.take_results(element, own_scope, inside, payload)
        return True

    def correlation(self, element: Element, context: Mapping[str, Any]) -> str:
        """The correlation key of a message event as text."""
        if element.correlation is None:
            return ""
        value = self.evaluator.value(element.correlation, context)
        if value is None:
            raise RuleViolation("workflow.no_correlation_key", element=element.original_id)
        return str(value)
