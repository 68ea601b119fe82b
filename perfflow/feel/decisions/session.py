"""One evaluation of a model: every decision at most once, knowledge and services as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TYPE_CHECKING

from perfflow.feel.calls import closure, external
from perfflow.feel.decisions.tables import MatchedRule, RawTrace, TableTrace, trace_of
from perfflow.feel.errors import (
    FeelLimitError,
    FeelWarning,
    NullResult,
    Position,
    TypeWord,
)
from perfflow.feel.evaluation import MAX_STEPS, Run, Scope
from perfflow.feel.functions import python_function
from perfflow.feel.printer import to_text
from perfflow.feel.types import ANY, coerce, FeelType
from perfflow.feel.values import Function, kind_of, to_feel, to_python

if TYPE_CHECKING:
    from perfflow.feel.decisions.model import DecisionModel, DrgElement

NOWHERE: Position = (0, 0)


class DecisionRun(Run):
    """A run that also keeps what every table did."""

    def __init__(self, moment: datetime | None, functions: Mapping[str, Function] | None) -> None:
        super().__init__({})
        self.moment = moment
        self.functions = functions
        self.traces: list[RawTrace] = []


class DecisionResult:
    """A value, why parts of it are null, and which rules of which tables led to it."""

    __slots__ = ("_decision", "_raw", "feel_value", "warnings")

    def __init__(
        self,
        feel_value: Any,
        warnings: list[FeelWarning],
        decision: str,
        raw: list[RawTrace],
    ) -> None:
        self.feel_value = feel_value
        self.warnings = warnings
        self._decision = decision
        self._raw = raw

    @property
    def traces(self) -> tuple[TableTrace, ...]:
        """Every table that ran, in the order in which they finished."""
        return tuple(trace_of(raw) for raw in self._raw)

    @property
    def matched_rules(self) -> tuple[MatchedRule, ...]:
        """The matching rules of the decision that was asked for."""
        own = (trace for trace in self.traces if trace.decision == self._decision)
        return tuple(rule for trace in own for rule in trace.matched)

    @property
    def value(self) -> Any:
        return to_python(self.feel_value)

    def record(self) -> dict[str, Any]:
        """All of it as plain data with FEEL texts, for storing and for an explanation page."""
        return {
            "value": to_text(self.feel_value),
            "warnings": [
                {
                    "code": w.code,
                    "en": w.message,
                    "zh": w.message_zh,
                    "line": w.line,
                    "column": w.column,
                }
                for w in self.warnings
            ],
            "tables": [_trace_record(trace) for trace in self.traces],
        }


def _trace_record(trace: TableTrace) -> dict[str, Any]:
    return {
        "decision": trace.decision,
        "inputs": [{"label": label, "value": to_text(value)} for label, value in trace.inputs],
        "rules": [
            {"number": rule.number, "id": rule.id, "annotations": list(rule.annotations)}
            for rule in trace.matched
        ],
        "value": to_text(trace.value),
    }


class Session:
    """The values of a model's elements for one set of inputs."""

    def __init__(self, root: DecisionModel, given: Mapping[str, Any], run: DecisionRun) -> None:
        self.root = root
        self.given = given
        self.run = run
        self.values: dict[int, Any] = {}
        self.active: set[int] = set()

    def value(self, model: DecisionModel, element: DrgElement) -> Any:
        key = id(element)
        if key in self.values:
            return self.values[key]
        if key in self.active:
            self.run.warn("feel.cycle", NOWHERE, name=element.name)
            return None
        self.active.add(key)
        try:
            make = getattr(self, "_" + element.kind)
            self.values[key] = found = make(model, element)
        finally:
            self.active.discard(key)
        return found

    def scope(self, model: DecisionModel, element: DrgElement) -> Scope:
        """The names that an element may read: what it requires, imports under their name."""
        variables: dict[str, Any] = {}
        values = self.values
        for owner, target in model.requirements(element):
            key = id(target)
            if key in values:
                value = values[key]
            elif target.kind == "input":  # an input cannot lead to a cycle
                value = values[key] = self._input(owner, target)
            else:
                value = self.value(owner, target)
            if owner is model or not model.import_name(owner):
                variables[target.name] = value
            else:
                variables.setdefault(model.import_name(owner), {})[target.name] = value
        return Scope(variables, None, self.run)

    def _decision(self, model: DecisionModel, element: DrgElement) -> Any:
        unit = model.unit(element)
        if unit.code is None:
            found, value = self._find_given(model, element.name)
            if not found:
                self.run.warn("feel.no_logic", NOWHERE, name=element.name)
            return self._checked(element.name, model.type_of(element), value)
        self.run.charge(10)
        return unit.code(self.scope(model, element))

    def _input(self, model: DecisionModel, element: DrgElement) -> Any:
        found, value = self._find_given(model, element.name)
        if not found:
            self.run.warn("feel.missing_input", NOWHERE, name=element.name)
        kind = model.type_of(element)
        if kind is ANY or kind.fits(value):
            return value
        return self._checked(element.name, kind, value)

    def _find_given(self, model: DecisionModel, name: str) -> tuple[bool, Any]:
        """An input of an import may be given below the import's name or by itself."""
        given = self.given
        if model is self.root:
            return (True, to_feel(given[name])) if name in given else (False, None)
        place: Any = given
        for step in self.root.paths.get(id(model), ()):
            place = place.get(step) if isinstance(place, Mapping) else None
        for source in (place, given):
            if isinstance(source, Mapping) and name in source:
                return True, to_feel(source[name])
        return False, None

    def _checked(self, name: str, kind: FeelType, value: Any) -> Any:
        if kind is ANY:
            return value
        fits, converted = coerce(value, kind)
        if not fits:
            self.run.warn("feel.type", NOWHERE, expected=TypeWord(kind.name), got=kind_of(value))
        return converted

    def _knowledge(self, model: DecisionModel, element: DrgElement) -> Any:
        unit = model.unit(element)
        if unit.external:
            return external(element.name, unit.parameters)
        variables: dict[str, Any] = {}
        scope = Scope(variables, None, self.run)
        code = unit.code or (lambda _scope: None)
        kind = model.type_of(element)
        result = None if kind is ANY else kind
        function = closure(element.name, unit.parameters, unit.types, code, scope, result)
        self.values[id(element)] = function  # may call itself
        variables.update(self.scope(model, element).vars)
        variables.setdefault(element.name, function)
        return function

    def _service(self, model: DecisionModel, element: DrgElement) -> Any:
        inputs = model.references(element, "inputData")
        decided = model.references(element, "inputDecision")
        outputs = model.references(element, "outputDecision")
        names = tuple(target.name for _, target in (*inputs, *decided))

        def call(run: Run, arguments: Sequence[Any]) -> Any:
            if len(arguments) != len(names):
                raise NullResult("feel.arguments", function=element.name, count=len(arguments))
            run.enter()
            inner = Session(model, {}, self.run)
            for (owner, target), value in zip((*inputs, *decided), arguments, strict=True):
                kind = owner.type_of(target)
                inner.values[id(target)] = inner._checked(target.name, kind, value)
            try:
                results = {target.name: inner.value(o, target) for o, target in outputs}
            finally:
                run.leave()
            found = next(iter(results.values())) if len(outputs) == 1 else results
            return self._checked(element.name, model.type_of(element), found)

        return Function(element.name, names, call)

    def service_result(self, model: DecisionModel, element: DrgElement) -> Any:
        """A decision service that is asked directly takes its inputs from the context."""
        function = self.value(model, element)
        targets = (
            *model.references(element, "inputData"),
            *model.references(element, "inputDecision"),
        )
        arguments = [self._find_given(owner, target.name)[1] for owner, target in targets]
        return function.call(self.run, arguments)


def evaluate(
    model: DecisionModel,
    element: DrgElement,
    context: Mapping[str, Any],
    now: datetime | None,
    functions: Mapping[str, Callable[..., Any]] | None,
) -> DecisionResult:
    extra = None
    if functions:
        extra = {name: python_function(name, f) for name, f in functions.items()}
    run = DecisionRun(now, extra)
    session = Session(model, context, run)
    try:
        if element.kind == "service":
            value = session.service_result(model, element)
        else:
            value = session.value(model, element)
    except NullResult as reason:
        run.warn(reason.code, NOWHERE, **reason.params)
        value = None
    except RecursionError as error:
        raise FeelLimitError("feel.budget", limit=MAX_STEPS) from error
    return DecisionResult(value, run.warnings, element.name, run.traces)
