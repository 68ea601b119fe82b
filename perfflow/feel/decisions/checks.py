"""Checks a model before it is deployed: syntax, names, overlaps, gaps and rules without effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TYPE_CHECKING

from perfflow.feel.decisions.coverage import Coverage, MAX_RULES
from perfflow.feel.decisions.item_types import allowed_text, is_boolean
from perfflow.feel.decisions.tables import Rule, Table
from perfflow.feel.errors import Pair
from perfflow.feel.functions import BUILTINS
from perfflow.feel.messages import word
from perfflow.feel.types import ANY, FeelType

if TYPE_CHECKING:
    from perfflow.feel.decisions.model import DecisionModel, DrgElement

_COMPLETE = ("UNIQUE", "ANY", "FIRST", "PRIORITY")
_MAX_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at; an error should stop a deployment, a warning should be read."""

    code: str
    severity: Literal["error", "warning"]
    decision: str
    line: int = 0
    column: int = 0
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message_en(self) -> str:
        return f"{self.decision}: {word(self.code, self.params, 0)}"

    @property
    def message_zh(self) -> str:
        return f"{self.decision}：{word(self.code, self.params, 1)}"


def check_model(model: DecisionModel, functions: frozenset[str] = frozenset()) -> list[Finding]:
    """All findings; ``functions`` are the names that the host adds to the standard's."""
    findings: list[Finding] = []
    for element in model.elements.values():
        if element.kind in ("decision", "knowledge"):
            findings += _check_element(model, element, functions)
    for table in model.tables:
        findings += check_table(model, table)
    return findings


def _check_element(
    model: DecisionModel, element: DrgElement, functions: frozenset[str]
) -> list[Finding]:
    unit = model.unit(element)
    findings = [
        Finding(error.code, "error", element.name, error.line, error.column, dict(error.params))
        for error in unit.problems
    ]
    readable = {"?", *BUILTINS, *functions, *model.imports}
    readable |= {target.name for _, target in model.requirements(element)}
    if element.kind == "knowledge":
        readable.add(element.name)
    findings += [
        Finding("feel.unknown_variable", "error", element.name, params={"name": name})
        for name in sorted(unit.variables - readable)
    ]
    return findings


def check_table(model: DecisionModel, table: Table) -> list[Finding]:
    """Overlaps, gaps and rules without effect of one table."""
    if len(table.rules) > MAX_RULES:
        return [_about(table, "feel.table_too_large", "warning", limit=MAX_RULES)]
    kinds = [_input_type(model, clause.text, clause.kind) for clause in table.inputs]
    allowed = [
        clause.allowed_text or allowed_text(kind)
        for clause, kind in zip(table.inputs, kinds, strict=True)
    ]
    coverage = Coverage(table, [is_boolean(kind) for kind in kinds], allowed)
    findings = _overlaps(table, coverage)
    for rule in coverage.unreachable():
        findings.append(_about(table, "feel.table_unreachable", "warning", rule=rule.number))
    has_default = any(clause.default is not None for clause in table.outputs)
    if table.policy in _COMPLETE and not has_default:
        for box in coverage.gaps():
            example = coverage.describe(box)
            findings.append(_about(table, "feel.table_gap", "warning", example=example))
    for rule in table.rules:
        if not any(text for text, _ in rule.outputs):
            findings.append(_about(table, "feel.table_no_output", "warning", rule=rule.number))
    return findings[:_MAX_FINDINGS]


def _about(
    table: Table, code: str, severity: Literal["error", "warning"], **params: Any
) -> Finding:
    return Finding(code, severity, table.where, params=params)


def _overlaps(table: Table, coverage: Coverage) -> list[Finding]:
    if table.policy not in ("UNIQUE", "ANY"):
        return []
    findings = []
    for first, second, box in coverage.overlaps():
        if table.policy == "ANY" and _outputs(first) == _outputs(second):
            continue
        example = coverage.describe(box)
        shown = Pair(f" for {example.en}", f"：{example.zh}")
        rules = f"{first.number}, {second.number}"
        params = {"rules": rules, "example": shown}
        findings.append(_about(table, "feel.table_overlap", "error", **params))
    return findings


def _outputs(rule: Rule) -> list[str]:
    return [text for text, _ in rule.outputs]


def _input_type(model: DecisionModel, text: str, declared: FeelType) -> FeelType:
    """The type of an input column: declared, or that of the element that it names."""
    if declared is not ANY and allowed_text(declared):
        return declared
    for element in model.elements.values():
        if element.name == text:
            found = model.type_of(element)
            return declared if found is ANY else found
    return declared
