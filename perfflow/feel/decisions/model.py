"""A decision model: its elements, imports and types, compiled when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from perfflow.feel.decisions.boxed import BoxedCompiler, typed
from perfflow.feel.decisions.checks import check_model, Finding
from perfflow.feel.decisions.item_types import ItemTypes, Tester, type_reference
from perfflow.feel.decisions.session import DecisionResult, evaluate
from perfflow.feel.decisions.tables import Table
from perfflow.feel.decisions.xml import attribute, child, children, Element, parse_xml, tag
from perfflow.feel.errors import FeelSyntaxError, ModelError
from perfflow.feel.evaluation import Code, Run
from perfflow.feel.expression import compile_text, SPACED
from perfflow.feel.types import ANY, FeelType

_KINDS = {
    "inputData": "input",
    "decision": "decision",
    "businessKnowledgeModel": "knowledge",
    "decisionService": "service",
}
_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
_MAX_IMPORTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class DrgElement:
    """An input, decision, business knowledge model or decision service."""

    kind: str
    id: str
    name: str
    xml: Element
    type: str


@dataclass(slots=True)
class Unit:
    """The compiled logic of an element; ``code`` is None when it has none."""

    code: Code | None
    problems: list[FeelSyntaxError]
    variables: frozenset[str]
    parameters: tuple[str, ...] = ()
    types: tuple[FeelType, ...] = ()
    external: bool = False


Target = tuple["DecisionModel", DrgElement]


class DecisionModel:
    """What :func:`load_dmn` returns."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.name = attribute(root, "name")
        self.namespace = attribute(root, "namespace")
        self.imports: dict[str, DecisionModel] = {}
        self.tables: list[Table] = []
        self.elements: dict[str, DrgElement] = {}
        for item in root.iter():
            kind = _KINDS.get(tag(item))
            if kind:
                variable = child(item, "variable")
                name = attribute(item, "name") or attribute(variable, "name")
                key = attribute(item, "id") or f"{kind}:{name}"
                self.elements[key] = DrgElement(kind, key, name, item, type_reference(variable))
        self.own_names = frozenset(
            name for item in root.iter() if (name := attribute(item, "name"))
        ) | frozenset(name for item in root.iter() if (name := attribute(item, "iteratorVariable")))
        self.types = ItemTypes(root, self._tester, self._imported_type)
        self._units: dict[str, Unit] = {}
        self._types: dict[str, FeelType] = {}
        self._requirements: dict[str, list[Target]] = {}

    # ----- names and types

    @cached_property
    def names(self) -> frozenset[str]:
        return self.own_names.union(*(model.own_names for model in self.imports.values()))

    @cached_property
    def parser_names(self) -> frozenset[str]:
        return self.names | SPACED

    @cached_property
    def paths(self) -> dict[int, tuple[str, ...]]:
        """Under which names each imported model is reached from here."""
        found: dict[int, tuple[str, ...]] = {id(self): ()}
        waiting: list[DecisionModel] = [self]
        while waiting:
            model = waiting.pop()
            for name, imported in model.imports.items():
                if id(imported) not in found:
                    found[id(imported)] = (*found[id(model)], name)
                    waiting.append(imported)
        return found

    def type_of(self, element: DrgElement) -> FeelType:
        found = self._types.get(element.id)
        if found is None:
            found = self._types[element.id] = self.types.of(element.type)
        return found

    def _imported_type(self, prefix: str, name: str) -> FeelType | None:
        model = self.imports.get(prefix)
        return model.types.find(name) if model is not None else None

    def _tester(self, text: str) -> Tester:
        tests = compile_text(text, "unary", self.own_names, self.types.find)

        def test(value: Any) -> bool | None:
            found: bool | None = tests.run(Run({"?": value}))
            return found

        return test

    # ----- elements

    def find(self, name_or_id: str, *kinds: str) -> DrgElement:
        """The element of that id or name; :class:`ModelError` when there is none."""
        found = self.elements.get(name_or_id)
        if found is not None and (not kinds or found.kind in kinds):
            return found
        for element in self.elements.values():
            if element.name == name_or_id and (not kinds or element.kind in kinds):
                return element
        raise ModelError("feel.unknown_decision", name=name_or_id)

    def decisions(self) -> list[DrgElement]:
        return [element for element in self.elements.values() if element.kind == "decision"]

    def resolve(self, href: str) -> Target | None:
        """The element behind ``#id`` or ``namespace#id``, here or in an import."""
        namespace, _, key = href.strip().rpartition("#")
        if namespace in ("", self.namespace) and key in self.elements:
            return self, self.elements[key]
        for model in self.imports.values():
            if model.namespace == namespace and key in model.elements:
                return model, model.elements[key]
        return None

    def references(
        self, element: DrgElement, *names: str
    ) -> list[tuple[DecisionModel, DrgElement]]:
        found = (self.resolve(attribute(item, "href")) for item in children(element.xml, *names))
        return [target for target in found if target is not None]

    def requirements(self, element: DrgElement) -> list[Target]:
        known = self._requirements.get(element.id)
        if known is not None:
            return known
        found = self._requirements[element.id] = []
        for requirement in children(element.xml, *_REQUIREMENTS):
            for item in requirement:
                target = self.resolve(attribute(item, "href"))
                if target is not None:
                    found.append(target)
        return found

    def import_name(self, model: DecisionModel) -> str:
        return next((name for name, found in self.imports.items() if found is model), "")

    def unit(self, element: DrgElement) -> Unit:
        found = self._units.get(element.id)
        if found is None:
            found = self._units[element.id] = self._compile(element)
        return found

    def _compile(self, element: DrgElement) -> Unit:
        boxed = BoxedCompiler(self, element.name)
        try:
            if element.kind == "knowledge":
                return self._knowledge(element, boxed)
            code = boxed.logic_of(element.xml)
        except RecursionError as error:
            raise ModelError("feel.too_deep", limit=60) from error
        kind = self.type_of(element)
        if code is not None and kind is not ANY:
            code = typed(code, kind)
        return Unit(code, boxed.problems, frozenset(boxed.compiler.variables))

    def _knowledge(self, element: DrgElement, boxed: BoxedCompiler) -> Unit:
        logic = child(element.xml, "encapsulatedLogic")
        holder = logic if logic is not None else element.xml
        parameters = list(children(holder, "formalParameter"))
        names = tuple(attribute(parameter, "name") for parameter in parameters)
        types = tuple(self.types.of(type_reference(parameter)) for parameter in parameters)
        if attribute(logic, "kind", "FEEL") not in ("", "FEEL"):
            return Unit(None, [], frozenset(), names, types, external=True)
        boxed.compiler.frames.append(set(names))
        code = boxed.logic_of(logic)
        boxed.compiler.frames.pop()
        variables = frozenset(boxed.compiler.variables)
        return Unit(code, boxed.problems, variables, names, types)

    # ----- use

    def evaluate(
        self,
        decision: str,
        context: Mapping[str, Any] | None = None,
        *,
        now: datetime | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> DecisionResult:
        """Evaluate a decision or decision service by its name or id."""
        target = self.find(decision, "decision", "service", "knowledge")
        return evaluate(self, target, context or {}, now, functions)

    def check(self, functions: Iterable[str] = ()) -> list[Finding]:
        """What is wrong with the model before it runs; ``functions`` are those of the host."""
        return check_model(self, frozenset(functions))


def load_dmn(xml: bytes, imports: Iterable[bytes] = ()) -> DecisionModel:
    """Read a model; ``imports`` are the files that its import elements may name."""
    main = DecisionModel(parse_xml(xml))
    others = [DecisionModel(parse_xml(source)) for source in imports]
    if len(others) > _MAX_IMPORTS:
        raise ModelError("feel.bad_model", reason=f"more than {_MAX_IMPORTS} imports")
    by_namespace = {model.namespace: model for model in others}
    for model in (main, *others):
        for item in children(model.root, "import"):
            found = by_namespace.get(attribute(item, "namespace"))
            if found is not None and found is not model:
                model.imports[attribute(item, "name")] = found
    return main


Model = DecisionModel
