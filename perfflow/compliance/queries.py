"""Reads of compliance: the register, one case with its history, and a person's standing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.compliance.lifecycle import DECIDED_STATUSES, OPEN_STATUSES
from perfflow.compliance.models import ConductGrade, GateCase, GateCaseEvent, GateReview
from perfflow.compliance.rules import (
    CAPPING_SEVERITY,
    Case,
    case_points,
    CaseStatus,
    FREEZING_STATUSES,
    gate_standing,
    GateStanding,
    mean_conduct_multiplier,
)
from perfflow.cycles.models import Cycle, Participant
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.metrics.periods import period_days
from perfflow.metrics.queries import figures_of, metric_catalogue
from perfflow.metrics.rules import Dimension, MetricDefinition
from perfflow.people.queries import chunks
from perfflow.plans.queries import bonus_plan

NO_GRADE = Decimal(1)
VISIBLE_TO_PERSON = DECIDED_STATUSES | {CaseStatus.HEARING}
"""A person learns of a case when she is to be heard, not while facts are collected."""


def register(
    session: Session,
    *,
    status: str | None = None,
    employee_no: str | None = None,
    limit: int = 200,
) -> Sequence[GateCase]:
    """Cases, newest first; ``status`` is ``open``, ``decided`` or one state."""
    query = select(GateCase).order_by(GateCase.opened_at.desc(), GateCase.id.desc()).limit(limit)
    if status == "open":
        query = query.where(GateCase.status.in_(sorted(OPEN_STATUSES)))
    elif status == "decided":
        query = query.where(GateCase.status.in_(sorted(DECIDED_STATUSES)))
    elif status:
        query = query.where(GateCase.status == status)
    if employee_no:
        query = query.where(GateCase.employee_no == employee_no)
    return session.scalars(query).all()


def case_for_officer(session: Session, actor: Actor, case_no: str) -> GateCase:
    """A case for compliance or audit; nobody opens the file of the own case."""
    case = session.scalar(select(GateCase).where(GateCase.case_no == case_no))
    may = actor.has(Role.COMPLIANCE_OFFICER, Role.AUDITOR)
    if case is None or not may or case.employee_no == actor.employee_no:
        raise NotFound("compliance.case_not_found", case=case_no)
    return case


def case_for_person(session: Session, actor: Actor, case_no: str) -> GateCase:
    """The own case, once the person is to be heard; NotFound for everybody else."""
    case = session.scalar(select(GateCase).where(GateCase.case_no == case_no))
    if (
        case is None
        or actor.employee_no is None
        or case.employee_no != actor.employee_no
        or case.status not in VISIBLE_TO_PERSON
    ):
        raise NotFound("compliance.case_not_found", case=case_no)
    return case


def own_cases(session: Session, employee_no: str) -> Sequence[GateCase]:
    """The cases about a person that she may see."""
    return session.scalars(
        select(GateCase)
        .where(GateCase.employee_no == employee_no, GateCase.status.in_(sorted(VISIBLE_TO_PERSON)))
        .order_by(GateCase.opened_at.desc(), GateCase.id.desc())
    ).all()


def history(session: Session, case_id: int) -> Sequence[GateCaseEvent]:
    """The steps of a case, oldest first."""
    return session.scalars(
        select(GateCaseEvent).where(GateCaseEvent.case_id == case_id).order_by(GateCaseEvent.id)
    ).all()


def joint_cases(session: Session, case_id: int) -> Sequence[GateCase]:
    """Cases of managers that hang on this one."""
    return session.scalars(
        select(GateCase).where(GateCase.joint_of_id == case_id).order_by(GateCase.id)
    ).all()


def cases_of_unit(session: Session, cycle_code: str, unit_code: str) -> Sequence[GateCase]:
    """Cases whose conduct falls into the cycle, about participants of a calibration unit."""
    cycle = session.get_one(Cycle, cycle_code)
    return session.scalars(
        select(GateCase)
        .join(Participant, Participant.employee_no == GateCase.employee_no)
        .where(
            Participant.cycle_code == cycle_code,
            Participant.calibration_unit_code == unit_code,
            GateCase.conduct_on >= cycle.starts_on,
            GateCase.conduct_on <= cycle.ends_on,
        )
        .order_by(GateCase.case_no)
    ).all()


def lines_without_value(
    session: Session, cycle_code: str, unit_code: str
) -> list[tuple[str, MetricDefinition]]:
    """(employee no, metric) of K lines that have no value: the gate review approves them as N/A."""
    cycle = session.get_one(Cycle, cycle_code)
    rows = session.execute(
        select(GoalSheet.employee_no, GoalLine.metric_code)
        .join(GoalSheetVersion, GoalSheetVersion.sheet_id == GoalSheet.id)
        .join(GoalLine, GoalLine.version_id == GoalSheetVersion.id)
        .join(
            Participant,
            (Participant.cycle_code == GoalSheet.cycle_code)
            & (Participant.employee_no == GoalSheet.employee_no),
        )
        .where(
            GoalSheet.cycle_code == cycle_code,
            Participant.calibration_unit_code == unit_code,
            Participant.status == "active",
            GoalSheetVersion.version == GoalSheet.locked_version,
            GoalLine.dimension == Dimension.COMPLIANCE.value,
            GoalLine.weight_bp > 0,
        )
        .order_by(GoalSheet.employee_no, GoalLine.position)
    ).all()
    catalogue = metric_catalogue(session, cycle.release_number)
    wanted = [catalogue[code] for code in sorted({code for _, code in rows}) if code in catalogue]
    values = figures_of(
        session, {number for number, _ in rows}, wanted, cycle.starts_on, cycle.ends_on
    )
    return [
        (number, catalogue[code])
        for number, code in rows
        if code in catalogue and values[number][code].exact_value is None
    ]


def gate_review(session: Session, cycle_code: str, unit_code: str) -> GateReview | None:
    """The statement of compliance about a unit, when it has been given."""
    return session.scalar(
        select(GateReview).where(
            GateReview.cycle_code == cycle_code, GateReview.unit_code == unit_code
        )
    )


def gate_reviews(session: Session, cycle_code: str) -> dict[str, GateReview]:
    """The statements of compliance in a cycle, by calibration unit."""
    rows = session.scalars(select(GateReview).where(GateReview.cycle_code == cycle_code))
    return {row.unit_code: row for row in rows}


def points_of(case: GateCase) -> Decimal:
    """What an upheld case costs on its own (the self-report relief included)."""
    return case_points(case.severity or 0, is_self_reported=case.is_self_reported)


def standings(
    session: Session, cycle_code: str, employee_nos: Iterable[str]
) -> dict[str, GateStanding]:
    """The gate standing of several people in a cycle, in a fixed number of statements.

    Cases of the two years before come along: the rules look twelve months back, and a case whose
    own cycle is archived counts when it is decided.
    """
    cycle = session.get_one(Cycle, cycle_code)
    open_spans = _open_spans(session)
    lookback = date(cycle.starts_on.year - 2, 1, 1)
    rows: dict[str, list[Case]] = {number: [] for number in employee_nos}
    numbers = sorted(rows)
    for start in range(0, len(numbers), 400):
        for case in session.scalars(
            select(GateCase).where(
                GateCase.employee_no.in_(numbers[start : start + 400]),
                GateCase.conduct_on >= lookback,
                GateCase.conduct_on <= cycle.ends_on,
            )
        ):
            rows[case.employee_no].append(_fact(case, open_spans))
    multipliers = _conduct_multipliers(session, cycle, numbers)
    return {
        number: replace(
            gate_standing(cases, cycle.starts_on, cycle.ends_on),
            conduct_multiplier=multipliers.get(number, NO_GRADE),
        )
        for number, cases in rows.items()
    }


def _conduct_multipliers(
    session: Session, cycle: Cycle, numbers: Sequence[str]
) -> dict[str, Decimal]:
    """G of the cycle's quarters, where the bonus plan of its release works with grades."""
    try:
        table = bonus_plan(session, cycle.release_number).conduct_multipliers
    except NotFound:
        return {}
    if not table:
        return {}
    grades = conduct_grades(session, numbers, cycle.starts_on, cycle.ends_on)
    return {
        number: mean_conduct_multiplier([row.grade for row in rows], table)
        for number, rows in grades.items()
    }


def conduct_grades(
    session: Session, employee_nos: Iterable[str], first: date, last: date
) -> dict[str, list[ConductGrade]]:
    """The grades that hold for the quarters that lie between two days, by person and quarter."""
    newest: dict[tuple[str, str], ConductGrade] = {}
    for part in chunks(sorted(employee_nos)):
        query = select(ConductGrade).where(ConductGrade.employee_no.in_(part))
        for row in session.scalars(query.order_by(ConductGrade.quarter, ConductGrade.version)):
            start, end = period_days(row.quarter)
            if first <= start and end <= last:
                newest[row.employee_no, row.quarter] = row
    found: dict[str, list[ConductGrade]] = {}
    for (number, _), row in newest.items():
        found.setdefault(number, []).append(row)
    return found


def conduct_history(session: Session, employee_no: str, quarter: str) -> Sequence[ConductGrade]:
    """Every version of a grade, oldest first."""
    return session.scalars(
        select(ConductGrade)
        .where(ConductGrade.employee_no == employee_no, ConductGrade.quarter == quarter)
        .order_by(ConductGrade.version)
    ).all()


def conduct_register(session: Session, quarter: str) -> list[ConductGrade]:
    """The grades of a quarter that hold, by employee number."""
    query = select(ConductGrade).where(ConductGrade.quarter == quarter)
    ordered = session.scalars(query.order_by(ConductGrade.employee_no, ConductGrade.version))
    return list({row.employee_no: row for row in ordered}.values())


def standing(session: Session, cycle_code: str, employee_no: str) -> GateStanding:
    """The gate standing of one person in a cycle."""
    return standings(session, cycle_code, [employee_no])[employee_no]


def frozen_people(session: Session, employee_nos: Iterable[str]) -> frozenset[str]:
    """Of several people those with a case that freezes money now, whatever year it is about."""
    numbers = sorted(set(employee_nos))
    found: set[str] = set()
    for start in range(0, len(numbers), 400):
        found |= set(
            session.scalars(
                select(GateCase.employee_no).where(
                    GateCase.employee_no.in_(numbers[start : start + 400]),
                    GateCase.status.in_(sorted(FREEZING_STATUSES)),
                    GateCase.potential_severity >= CAPPING_SEVERITY,
                )
            )
        )
    return frozenset(found)


def _open_spans(session: Session) -> list[tuple[date, date]]:
    rows = session.execute(select(Cycle.starts_on, Cycle.ends_on).where(Cycle.status != "archived"))
    return [(starts_on, ends_on) for starts_on, ends_on in rows]


def _fact(case: GateCase, open_spans: Sequence[tuple[date, date]]) -> Case:
    """The case as scoring sees it."""
    is_open = any(first <= case.conduct_on <= last for first, last in open_spans)
    counted_on = case.conduct_on
    if not is_open and case.decided_at is not None:
        counted_on = local_date(case.decided_at)
    is_joint = case.joint_of_id is not None
    return Case(
        case_no=case.case_no,
        status=CaseStatus(case.status),
        potential_severity=case.potential_severity,
        severity=case.severity,
        conduct_on=case.conduct_on,
        counted_on=counted_on,
        is_self_reported=case.is_self_reported,
        is_joint=is_joint,
        # Own cases take the table: a third severity-2 case costs more than its stored points.
        points=case.points_e2 if is_joint else None,
    )
