"""Results whose sources have changed since: what the data, cases and posts of now would give."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.compliance.models import ConductGrade, GateCase, GateCaseEvent
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.db.types import json_text
from perfflow.goals.models import TargetRevision
from perfflow.metrics.models import MetricValue
from perfflow.people.queries import chunks
from perfflow.reviews import queries
from perfflow.reviews.inputs.approvals import with_approvals
from perfflow.reviews.inputs.gathering import gather, min_present_days, scoring_rules
from perfflow.reviews.models import Result
from perfflow.reviews.replay import Outcome, outcome_of, stored_inputs
from perfflow.reviews.rules import Stage

Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outdated:
    """One result with the inputs that would replace its own, and what they give."""

    result: Result
    inputs: Stored
    outcome: Outcome


def outdated_results(
    session: Session, cycle_code: str, employee_nos: Collection[str] | None = None
) -> list[Outdated]:
    """The newest results that today's sources would compute otherwise, by employee number.

    Without ``employee_nos`` only people with something new since their result are looked at, and
    their managers, whose team lines may follow. Later moves stay; a move that would leave its
    limits raises ``ComputationError``.
    """
    members = queries.active_participants(session, cycle_code)
    latest = queries.latest_results(session, cycle_code, members)
    if employee_nos is None:
        wanted = set(_touched(session, cycle_code, latest))
    else:
        wanted = set(employee_nos) & latest.keys()
    cycle = cycle_named(session, cycle_code)
    found: list[Outdated] = []
    for stage in (Stage.COMPUTED, Stage.MANAGER):
        people = sorted(
            number for number in wanted if latest[number].inputs["person"]["stage"] == stage.value
        )
        for part in chunks(people):
            for number, material in gather(session, cycle_code, part, stage).items():
                last = latest[number]
                fresh = stored_inputs(
                    material.inputs,
                    card=material.participant.card_code,
                    min_present_days=min_present_days(cycle),
                    moves=last.inputs["moves"],
                )
                if last.stage in queries.FINAL_STAGES and last.total_e2 is not None:
                    fresh = with_approvals(session, cycle_code, {number: fresh})[number]
                if json_text(fresh["person"]) == json_text(last.inputs["person"]):
                    continue
                rules = scoring_rules(
                    session, cycle.release_number, fresh["card"], fresh["min_present_days"]
                )
                found.append(Outdated(last, fresh, outcome_of(fresh, rules)))
    return sorted(found, key=lambda one: one.result.employee_no)


def _touched(session: Session, cycle_code: str, latest: Mapping[str, Result]) -> set[str]:
    """People with a value or a step of a case that is younger than their result."""
    if not latest:
        return set()
    since = min(result.at for result in latest.values())
    news: dict[str, datetime] = {}
    values = select(MetricValue.employee_no, func.max(MetricValue.recorded_at)).where(
        MetricValue.recorded_at > since
    )
    steps = (
        select(GateCase.employee_no, func.max(GateCaseEvent.at))
        .join(GateCaseEvent, GateCaseEvent.case_id == GateCase.id)
        .where(GateCaseEvent.at > since)
    )
    grades = select(ConductGrade.employee_no, func.max(ConductGrade.graded_at)).where(
        ConductGrade.graded_at > since
    )
    revisions = select(TargetRevision.employee_no, func.max(TargetRevision.decided_at)).where(
        TargetRevision.cycle_code == cycle_code,
        TargetRevision.status == "approved",
        TargetRevision.decided_at > since,
    )
    for number, at in [
        *session.execute(revisions.group_by(TargetRevision.employee_no)),
        *session.execute(grades.group_by(ConductGrade.employee_no)),
        *session.execute(values.group_by(MetricValue.employee_no)),
        *session.execute(steps.group_by(GateCase.employee_no)),
    ]:
        news[number] = max(at, news.get(number, at))
    managers = queries.managers_in(session, cycle_code)
    touched: set[str] = set()
    for number, at in news.items():
        for affected in (number, managers.get(number)):
            if affected is not None and affected in latest and at > latest[affected].at:
                touched.add(affected)
    return touched
