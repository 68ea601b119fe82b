"""One evaluation of a decision inside a step, written down with all that led to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from perfflow.calendar import FIRM_ZONE
from perfflow.feel import FeelError, to_feel
from perfflow.feel.printer import to_text
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.decisions import Decision
from perfflow.workflow.engine.expressions import (
    Evaluator,
    failed_expression,
    functions_for,
    storable,
)
from perfflow.workflow.models import DecisionEvaluation, table_of

evaluation_table = table_of(DecisionEvaluation)
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where and about whom a decision is made."""

    instance_id: int
    bundle_number: int
    definition_key: str
    business_key: str
    element_id: str
    subject_no: str | None


def decide(
    evaluator: Evaluator, occasion: Occasion, decision: Decision, values: Mapping[str, Any]
) -> Any:
    """The value of the decision for these variables; the row is part of the step's transaction."""
    session, now = evaluator.session, evaluator.now
    try:
        result = decision.model.evaluate(
            decision.id,
            values,
            now=now.astimezone(FIRM_ZONE),
            functions=functions_for(session, now),
        )
        record = result.record()
        inputs = [
            {"name": name, "value": to_text(to_feel(values[name]))[:LONGEST_TEXT]}
            for name in decision.inputs
            if name in values
        ]
    except FeelError as error:
        raise failed_expression(decision.name, error) from error
    session.execute(
        insert(evaluation_table),
        [
            {
                "instance_id": occasion.instance_id,
                "bundle_number": occasion.bundle_number,
                "definition_key": occasion.definition_key,
                "business_key": occasion.business_key,
                "element_id": occasion.element_id,
                "subject_no": occasion.subject_no,
                "decision_id": decision.id,
                "path": decision.path,
                "inputs": inputs,
                "tables": record["tables"],
                "output": record["value"],
                "warnings": record["warnings"],
                "evaluated_at": now,
            }
        ],
    )
    return storable(result.value)


def known_decision(decisions: Mapping[str, Decision], name: str) -> Decision:
    """The decision of that id; a name that was computed may be unknown."""
    found = decisions.get(name)
    if found is None:
        raise RuleViolation("workflow.unknown_decision", decision=name)
    return found
