"""Compliance metrics without a value: they may be left out only with the approval of compliance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.compliance.models import GateReview
from perfflow.compliance.queries import gate_reviews
from perfflow.kernel.errors import RuleViolation
from perfflow.metrics.rules import Dimension
from perfflow.reviews.inputs.rows import participants

Stored = dict[str, Any]


def with_approvals(
    session: Session, cycle_code: str, inputs: Mapping[str, Stored]
) -> dict[str, Stored]:
    """Stored inputs, by person, whose K lines without a value name the gate review that let them.

    The gate review (A18) of a calibration unit lists these lines before anybody calibrates; while
    it is not given, a result with such a line goes no further: ``calc.NA_NOT_APPROVED``.
    """
    members = participants(session, cycle_code, inputs)
    reviews = gate_reviews(session, cycle_code)
    return {
        number: _approved(kept, reviews.get(members[number].calibration_unit_code))
        if number in members
        else kept
        for number, kept in inputs.items()
    }


def _approved(kept: Stored, review: GateReview | None) -> Stored:
    person = kept["person"]
    waiting = [
        line["metric"]
        for segment in person["segments"]
        for line in segment["lines"]
        if _is_waiting(line)
    ]
    if not waiting:
        return kept
    if review is None:
        raise RuleViolation("calc.NA_NOT_APPROVED", metric=waiting[0])
    mark = {
        "na_approved": True,
        "source": f"gate review {review.unit_code} {local_date(review.reviewed_at).isoformat()}",
    }
    segments = [
        {
            **segment,
            "lines": [{**line, **mark} if _is_waiting(line) else line for line in segment["lines"]],
        }
        for segment in person["segments"]
    ]
    return {**kept, "person": {**person, "segments": segments}}


def _is_waiting(line: Mapping[str, Any]) -> bool:
    return (
        line["dimension"] == Dimension.COMPLIANCE
        and line["weight_bp"] > 0
        and "actual" not in line
        and not line.get("milestones")
        and not line.get("na_approved")
        and not line.get("is_manual")
    )
