"""Writes the chain of results: every link is new, none is ever changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.compliance.queries import standings
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import ComputationError, Conflict, RuleViolation
from perfflow.metrics.catalogue import release_hash
from perfflow.reviews import queries
from perfflow.reviews.inputs import gather, Material, min_present_days, scoring_rules
from perfflow.reviews.inputs.approvals import with_approvals
from perfflow.reviews.models import Result
from perfflow.reviews.replay import inputs_hash, Outcome, outcome_of, stored_inputs
from perfflow.reviews.rules import Stage

BATCH = 200
FROM_DATA = frozenset({Stage.COMPUTED, Stage.MANAGER})


def compute_results(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """The first link for every active participant that has none; returns how many."""
    waiting = queries.people_without_stage(session, cycle_code, Stage.COMPUTED)
    for start in range(0, len(waiting), BATCH):
        record_results(session, actor, now, cycle_code, waiting[start : start + BATCH], "computed")
        session.flush()
    record(
        session, actor, now, AuditEvent.REVIEWS_RESULTS_COMPUTED, cycle_code, people=len(waiting)
    )
    return len(waiting)


def record_results(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_nos: Collection[str],
    stage: str,
    *,
    moves: Mapping[str, Decimal] | None = None,
    reasons: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, Result]:
    """A new link of the chain for many people.

    ``computed`` and ``manager`` score the data of now; later stages take over the inputs of the
    link before, look up the gate standing again and apply ``moves`` (points, signed, by person).
    ``reasons`` are (reason code, text) by person.
    """
    wanted = Stage(stage)
    cycle = cycle_named(session, cycle_code)
    before = queries.latest_results(session, cycle_code, employee_nos)
    if wanted in FROM_DATA:
        material = gather(session, cycle_code, employee_nos, wanted)
        inputs = {number: _inputs_from(one, cycle) for number, one in material.items()}
    else:
        inputs = _carried_inputs(session, cycle_code, employee_nos, wanted, before, moves or {})
    links: dict[str, Result] = {}
    for number in sorted(inputs):
        code, text = (reasons or {}).get(number, (None, None))
        last = before.get(number)
        link = link_of(
            session,
            actor,
            now,
            cycle,
            number,
            wanted,
            inputs[number],
            version=1 if last is None else last.version + 1,
        )
        link.reason_code, link.reason = code, text
        links[number] = link
    session.add_all(links.values())
    session.flush()
    return links


def record_result(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    stage: str,
    *,
    points: Decimal | None = None,
    reason_code: str | None = None,
    reason: str | None = None,
) -> Result:
    """A new link of the chain of one person, with its own audit record."""
    links = record_results(
        session,
        actor,
        now,
        cycle_code,
        [employee_no],
        stage,
        moves={} if points is None else {employee_no: points},
        reasons={employee_no: (reason_code or "", reason or "")} if reason else None,
    )
    if employee_no not in links:
        raise Conflict("reviews.no_result", employee=employee_no)
    link = links[employee_no]
    record(
        session,
        actor,
        now,
        AuditEvent.REVIEWS_RESULT_RECORDED,
        f"{cycle_code}/{employee_no}",
        stage=stage,
        version=link.version,
        band=link.band,
        total=link.total_e2,
    )
    return link


def record_correction(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    stage: str,
    *,
    to_total: Decimal,
    reason_code: str,
    reason: str,
) -> Result:
    """A link that moves the total to ``to_total``, within ±10 points and one band."""
    last = queries.latest_result(session, cycle_code, employee_no)
    if last is None or last.clean_total_e2 is None:
        raise RuleViolation("reviews.not_rated_cannot_move", field="to_total")
    try:
        return record_result(
            session,
            actor,
            now,
            cycle_code,
            employee_no,
            stage,
            points=to_total - last.clean_total_e2,
            reason_code=reason_code,
            reason=reason,
        )
    except ComputationError as error:
        raise RuleViolation(error.code, field="to_total", **error.params) from error


def replay(session: Session, result: Result) -> Outcome:
    """The result computed again from its stored inputs and the release that it names."""
    rules = scoring_rules(
        session,
        result.release_number,
        result.inputs["card"],
        result.inputs["min_present_days"],
    )
    return outcome_of(result.inputs, rules)


def _inputs_from(material: Material, cycle: Cycle) -> dict[str, Any]:
    return stored_inputs(
        material.inputs,
        card=material.participant.card_code,
        min_present_days=min_present_days(cycle),
    )


def _carried_inputs(
    session: Session,
    cycle_code: str,
    employee_nos: Collection[str],
    stage: Stage,
    before: Mapping[str, Result],
    moves: Mapping[str, Decimal],
) -> dict[str, dict[str, Any]]:
    """The inputs of the link before with the standing of today and one more move.

    A calibration starts again from the manager's link: a second session replaces the first.
    Compliance lines without a value need the gate review of the unit from here on.
    """
    gates = standings(session, cycle_code, employee_nos)
    found: dict[str, dict[str, Any]] = {}
    for number in employee_nos:
        last = before.get(number)
        if last is None:
            continue
        kept: Sequence[Mapping[str, Any]] = last.inputs["moves"]
        if stage is Stage.CALIBRATED:
            kept = []
        points = moves.get(number)
        added = [{"stage": stage.value, "points": str(points)}] if points else []
        found[number] = {
            **last.inputs,
            "person": {**last.inputs["person"], "standing": gates[number].to_dict()},
            "moves": [*kept, *added],
        }
    # Who is not rated has no line that another weight stands in for.
    rated = {no: kept for no, kept in found.items() if before[no].total_e2 is not None}
    return {**found, **with_approvals(session, cycle_code, rated)}


def link_of(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle: Cycle,
    employee_no: str,
    stage: Stage,
    inputs: dict[str, Any],
    *,
    version: int,
) -> Result:
    """A link that is not in the session yet: what ``inputs`` give under the cycle's release."""
    rules = scoring_rules(session, cycle.release_number, inputs["card"], inputs["min_present_days"])
    outcome = outcome_of(inputs, rules)
    score = outcome.score
    return Result(
        cycle_code=cycle.code,
        employee_no=employee_no,
        version=version,
        stage=stage.value,
        total_e2=outcome.total,
        band=outcome.band,
        clean_total_e2=outcome.total,
        clean_band=outcome.clean_band,
        objective_total_e2=score.objective_total,
        deduction_e2=score.deduction,
        gate=score.gate.value,
        band_cap=score.band_cap,
        dimensions=dict(score.dims),
        inputs=inputs,
        inputs_hash=inputs_hash(inputs),
        explanation=outcome.explanation.to_dict(),
        release_number=cycle.release_number,
        release_hash=release_hash(session, cycle.release_number),
        decided_by=actor.employee_no or actor.name,
        at=now,
    )
