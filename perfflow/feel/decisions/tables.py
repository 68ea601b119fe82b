"""Decision tables: rules, hit policies, aggregation and default outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TYPE_CHECKING

from perfflow.feel import syntax as ast
from perfflow.feel.decisions.cells import Predicate, quick_test
from perfflow.feel.decisions.item_types import allowed_text, type_reference
from perfflow.feel.decisions.xml import attribute, child, children, Element, text_of
from perfflow.feel.equality import equal
from perfflow.feel.errors import NullResult, Position
from perfflow.feel.evaluation import Code, Run, Scope
from perfflow.feel.functions import BUILTINS
from perfflow.feel.printer import to_text
from perfflow.feel.types import ANY, FeelType

if TYPE_CHECKING:
    from perfflow.feel.decisions.boxed import BoxedCompiler

NOWHERE: Position = (0, 0)
_SHORT = {
    "U": "UNIQUE", "F": "FIRST", "P": "PRIORITY", "A": "ANY", "C": "COLLECT", "R": "RULE ORDER",
    "O": "OUTPUT ORDER",
}  # fmt: skip


@dataclass(slots=True)
class Clause:
    """An input or output column."""

    label: str
    code: Code | None = None
    allowed: Code | None = None
    allowed_text: str = ""
    text: str = ""
    name: str = ""
    kind: FeelType = ANY
    default: Code | None = None


@dataclass(slots=True)
class Cell:
    """An input cell; ``decides`` is the type of input for which ``quick`` is enough."""

    column: int
    text: str
    code: Code
    tree: ast.Tests | None
    decides: type | None = None
    quick: Predicate | None = None


@dataclass(slots=True)
class Rule:
    """A row; ``open_cells`` are those that can refuse an input."""

    number: int
    id: str
    cells: list[Cell]
    open_cells: list[Cell]
    outputs: list[tuple[str, Code]]
    annotations: tuple[str, ...] = ()


@dataclass(slots=True)
class Table:
    """A table ready to run; the texts stay for checks and explanations."""

    where: str
    policy: str
    aggregation: str
    inputs: list[Clause] = field(default_factory=list)
    outputs: list[Clause] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule that applied: its number from 1, its id in the file and its annotations."""

    decision: str
    number: int
    id: str
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableTrace:
    """One run of one table: what went in, which rules matched, what came out."""

    decision: str
    inputs: tuple[tuple[str, Any], ...]
    matched: tuple[MatchedRule, ...]
    value: Any


RawTrace = tuple[Table, list[Any], list[Rule], Any]


def compile_table(boxed: BoxedCompiler, element: Element) -> Code:
    table = read_table(boxed, element)
    boxed.model.tables.append(table)
    return lambda scope: run_table(table, scope)


def read_table(boxed: BoxedCompiler, element: Element) -> Table:
    policy = attribute(element, "hitPolicy", "UNIQUE").upper() or "UNIQUE"
    policy = _SHORT.get(policy, policy)
    table = Table(boxed.where, policy, attribute(element, "aggregation").upper())
    for column in children(element, "input"):
        table.inputs.append(_input(boxed, column))
    for column in children(element, "output"):
        table.outputs.append(_output(boxed, column, element))
    for number, rule in enumerate(children(element, "rule"), 1):
        table.rules.append(_rule(boxed, rule, number, len(table.inputs)))
    return table


def _input(boxed: BoxedCompiler, column: Element) -> Clause:
    expression = child(column, "inputExpression")
    text = text_of(expression) or ""
    kind = boxed.model.types.of(type_reference(expression))
    clause = Clause(attribute(column, "label") or text, boxed.text(text), text=text, kind=kind)
    clause.allowed_text = text_of(child(column, "inputValues")) or ""
    if clause.allowed_text:
        clause.allowed = _tests(boxed, clause.allowed_text)
    return clause


def _output(boxed: BoxedCompiler, column: Element, table: Element) -> Clause:
    name = attribute(column, "name")
    kind = boxed.model.types.of(type_reference(column))
    clause = Clause(attribute(column, "label") or name, name=name, kind=kind)
    clause.allowed_text = text_of(child(column, "outputValues")) or allowed_text(kind)
    if clause.allowed_text:
        clause.code = boxed.text(f"[{clause.allowed_text}]")
        clause.allowed = _tests(boxed, clause.allowed_text)
    default = text_of(child(column, "defaultOutputEntry"))
    clause.default = boxed.text(default) if default else None
    return clause


def _tests(boxed: BoxedCompiler, text: str) -> Code:
    return _cell(boxed, text, 0).code


def _cell(boxed: BoxedCompiler, text: str, column: int) -> Cell:
    boxed.compiler.frames.append({"?"})
    code, tree = boxed.tests(text)
    boxed.compiler.frames.pop()
    quick = quick_test(tree) if tree is not None else None
    return Cell(column, text, code, tree, *(quick or (None, None)))


def _rule(boxed: BoxedCompiler, rule: Element, number: int, inputs: int) -> Rule:
    entries = list(children(rule, "inputEntry"))[:inputs]
    cells = [_cell(boxed, text_of(entry) or "-", i) for i, entry in enumerate(entries)]
    open_cells = [c for c in cells if c.tree is None or c.tree.tests is not None or c.tree.negated]
    outputs = []
    for entry in children(rule, "outputEntry"):
        text = text_of(entry) or ""
        outputs.append((text, boxed.text("" if text == "-" else text)))
    notes = tuple(text_of(note) or "" for note in children(rule, "annotationEntry"))
    return Rule(number, attribute(rule, "id"), cells, open_cells, outputs, notes)


# ----- evaluation


def run_table(table: Table, scope: Scope) -> Any:
    run = scope.run
    values = []
    for clause in table.inputs:
        value = clause.code(scope) if clause.code else None
        values.append(value)
        if clause.allowed is not None and value is not None:
            allowed = clause.allowed(Scope({"?": value}, scope, run))
            if allowed is not True:
                shown = to_text(value)
                run.warn("feel.not_allowed", NOWHERE, name=clause.label, value=shown)
                _record(table, run, values, [], None)
                return None
    matched = _matching(table, scope, values)
    try:
        result = _decide(table, scope, matched)
    except NullResult as reason:
        run.warn(reason.code, NOWHERE, **reason.params)
        result = None
    _record(table, run, values, matched, result)
    return result


def _matching(table: Table, scope: Scope, values: list[Any]) -> list[Rule]:
    run = scope.run
    scopes: list[Scope | None] = [None] * len(values)
    kinds = [type(value) for value in values]
    first_only = table.policy == "FIRST"
    matched = []
    run.charge(len(table.rules) * (1 + len(values)))
    for rule in table.rules:
        for cell in rule.open_cells:
            column = cell.column
            if cell.quick is not None and cell.decides is kinds[column]:
                if not cell.quick(values[column]):
                    break
                continue
            inner = scopes[column]
            if inner is None:
                inner = scopes[column] = Scope({"?": values[column]}, scope, run)
            if cell.code(inner) is not True:
                break
        else:
            matched.append(rule)
            if first_only:
                break
    return matched


def _decide(table: Table, scope: Scope, matched: list[Rule]) -> Any:
    if not matched:
        return _default(table, scope)
    policy = table.policy
    if policy == "UNIQUE" and len(matched) > 1:
        raise NullResult("feel.several_rules", rules=_numbers(matched))
    results = [_result(table, rule, scope) for rule in matched]
    if policy in ("UNIQUE", "FIRST"):
        return results[0]
    if policy == "ANY":
        for result in results[1:]:
            if equal(scope.run, results[0], result) is not True:
                raise NullResult("feel.different_outputs", rules=_numbers(matched))
        return results[0]
    if policy in ("PRIORITY", "OUTPUT ORDER"):
        ordered = _by_priority(table, scope, results)
        return ordered[0] if policy == "PRIORITY" else ordered
    return _aggregate(table, scope.run, results) if table.aggregation else results


def _numbers(rules: list[Rule]) -> str:
    return ", ".join(str(rule.number) for rule in rules)


def _result(table: Table, rule: Rule, scope: Scope) -> Any:
    cells = [code(scope) for _, code in rule.outputs]
    for clause, value in zip(table.outputs, cells, strict=False):
        if clause.allowed is None or value is None:
            continue
        if clause.allowed(Scope({"?": value}, scope, scope.run)) is not True:
            raise NullResult(
                "feel.not_allowed", name=clause.label or table.where, value=to_text(value)
            )
    return _shape(table, cells)


def _shape(table: Table, cells: list[Any]) -> Any:
    if len(table.outputs) < 2:
        return cells[0] if cells else None
    return {clause.name: value for clause, value in zip(table.outputs, cells, strict=False)}


def _default(table: Table, scope: Scope) -> Any:
    if any(clause.default is not None for clause in table.outputs):
        cells = [c.default(scope) if c.default is not None else None for c in table.outputs]
        return _shape(table, cells)
    if table.policy == "COLLECT" and table.aggregation == "COUNT":
        return Decimal(0)
    raise NullResult("feel.no_rule", name=table.where)


def _by_priority(table: Table, scope: Scope, results: list[Any]) -> list[Any]:
    """Results in the order of the output values, the first output column first."""
    orders = [clause.code(scope) if clause.code else None for clause in table.outputs]

    def rank(result: Any) -> tuple[int, ...]:
        cells = list(result.values()) if len(table.outputs) > 1 else [result]
        places = []
        for values, cell in zip(orders, cells, strict=False):
            if not isinstance(values, list):
                continue
            found = [i for i, value in enumerate(values) if equal(scope.run, value, cell) is True]
            places.append(found[0] if found else len(values))
        return tuple(places)

    if not any(isinstance(values, list) for values in orders):
        raise NullResult("feel.no_priority", value=to_text(results[0]))
    return sorted(results, key=rank)


def _aggregate(table: Table, run: Run, results: list[Any]) -> Any:
    if table.aggregation == "COUNT":
        return Decimal(len(results))
    name = {"SUM": "sum", "MIN": "min", "MAX": "max"}.get(table.aggregation)
    return results if name is None else BUILTINS[name].call(run, [results])


def _record(table: Table, run: Run, values: list[Any], matched: list[Rule], result: Any) -> None:
    """Keeps the raw parts; most runs are never explained."""
    traces = getattr(run, "traces", None)
    if traces is not None:
        traces.append((table, values, matched, result))


def trace_of(raw: RawTrace) -> TableTrace:
    """What a run of a table looked like, for those who ask."""
    table, values, matched, result = raw
    labels = [clause.label for clause in table.inputs]
    rules = tuple(MatchedRule(table.where, r.number, r.id, r.annotations) for r in matched)
    return TableTrace(table.where, tuple(zip(labels, values, strict=False)), rules, result)
