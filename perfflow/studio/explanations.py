"""How a recorded decision came about: its inputs, its tables with the rules that matched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from perfflow.feel.decisions import DecisionModel
from perfflow.feel.decisions.tables import Rule, Table
from perfflow.kernel.actor import Actor, Role
from perfflow.studio.rules import mentions_pay
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.access import is_hr_of_person
from perfflow.workflow.definitions.decisions import Decision
from perfflow.workflow.definitions.elements import Element, Process

MAX_TABLES = 20
PAY_PROCESSES = frozenset({"payout"})


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A row of a table; ``matched`` is None when the reader may not know."""

    number: int
    matched: bool | None
    cells: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One run of a table with all its rows; the values are empty when they are hidden."""

    name: str
    policy: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    rules: tuple[ShownRule, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that the page shows; without figures when they are about pay."""

    row: Row[Any]
    decision: Decision
    process: Process | None
    element: Element | None
    hides_figures: bool
    inputs: tuple[tuple[str, str], ...]
    tables: tuple[ShownTable, ...]
    output: str
    warnings: tuple[Mapping[str, Any], ...]


def explanation(session: Session, actor: Actor, now: datetime, evaluation_id: int) -> Explanation:
    """The evaluation as this person may see it; who may not gets ``NotFound``."""
    row = workflow_queries.evaluation(session, actor, now, evaluation_id)
    bundle = workflow_queries.bundle_of(session, row.bundle_number)
    decision = bundle.decisions[row.decision_id]
    process = bundle.processes.get(row.definition_key)
    hidden = _hides_figures(session, actor, now, row, decision)
    known = list(_tables(decision.model))
    return Explanation(
        row=row,
        decision=decision,
        process=process,
        element=_element(process, row.element_id),
        hides_figures=hidden,
        inputs=tuple((one["name"], "" if hidden else one["value"]) for one in row.inputs),
        tables=tuple(_shown(trace, known, hidden) for trace in row.tables[:MAX_TABLES]),
        output="" if hidden else row.output,
        # A warning may quote a value.
        warnings=() if hidden else tuple(row.warnings),
    )


def _hides_figures(
    session: Session, actor: Actor, now: datetime, row: Row[Any], decision: Decision
) -> bool:
    """A process admin runs the machinery and sees no individual pay."""
    if actor.is_system or actor.has(Role.AUDITOR):
        return False
    if is_hr_of_person(session, actor, now, row.subject_no):
        return False
    names = [decision.id, decision.name, *decision.inputs]
    for trace in row.tables:
        names += [trace["decision"], *(one["label"] for one in trace["inputs"])]
    return row.definition_key in PAY_PROCESSES or mentions_pay(names)


def _element(process: Process | None, element_id: str) -> Element | None:
    elements = process.elements.values() if process is not None else ()
    return next((one for one in elements if one.original_id == element_id), None)


def _tables(model: DecisionModel, seen: frozenset[int] = frozenset()) -> Iterator[Table]:
    """The tables of a model and its imports; they are compiled when first asked for."""
    if id(model) in seen:
        return
    for element in model.elements.values():
        if element.kind in ("decision", "knowledge"):
            model.unit(element)
    yield from model.tables
    for imported in model.imports.values():
        yield from _tables(imported, seen | {id(model)})


def _shown(trace: Mapping[str, Any], known: list[Table], hidden: bool) -> ShownTable:
    inputs = tuple((one["label"], "" if hidden else one["value"]) for one in trace["inputs"])
    labels = [label for label, _ in inputs]
    name = str(trace["decision"])
    table = next(
        (one for one in known if one.where == name and [c.label for c in one.inputs] == labels),
        None,
    )
    if table is None:
        return ShownTable(name, "", inputs, (), (), "" if hidden else trace["value"])
    matched = {rule["number"] for rule in trace["rules"]}
    return ShownTable(
        name,
        table.policy + (f" ({table.aggregation})" if table.aggregation else ""),
        inputs,
        tuple(clause.label or name for clause in table.outputs),
        tuple(_row(rule, None if hidden else rule.number in matched) for rule in table.rules),
        "" if hidden else trace["value"],
    )


def _row(rule: Rule, matched: bool | None) -> ShownRule:
    return ShownRule(
        rule.number,
        matched,
        tuple(cell.text for cell in rule.cells),
        tuple(text or "null" for text, _ in rule.outputs),
        rule.annotations,
    )
