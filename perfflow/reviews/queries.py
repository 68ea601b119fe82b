"""Reads of reviews: the chain of results, what both sides wrote, what has been published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.checkins.figures import goal_lines
from perfflow.cycles.models import Participant
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.goals.models import GoalLine
from perfflow.metrics.queries import metric_catalogue
from perfflow.metrics.rules import MetricDefinition
from perfflow.reviews.models import (
    DataCheck,
    ManagerReview,
    Result,
    ResultPublication,
    SelfAssessment,
)

FINAL_STAGES = ("calibrated", "appealed", "corrected", "paid")
CHUNK = 400


def result_chain(session: Session, cycle_code: str, employee_no: str) -> Sequence[Result]:
    """Every result of a person in a cycle, oldest first."""
    return session.scalars(
        select(Result)
        .where(Result.cycle_code == cycle_code, Result.employee_no == employee_no)
        .order_by(Result.version)
    ).all()


def latest_result(
    session: Session, cycle_code: str, employee_no: str, stages: Iterable[str] | None = None
) -> Result | None:
    """The newest result of a person, of certain stages when they are named."""
    query = select(Result).where(Result.cycle_code == cycle_code, Result.employee_no == employee_no)
    if stages is not None:
        query = query.where(Result.stage.in_(sorted(stages)))
    return session.scalars(query.order_by(Result.version.desc()).limit(1)).first()


def latest_results(
    session: Session, cycle_code: str, employee_nos: Iterable[str], stage: str | None = None
) -> dict[str, Result]:
    """The newest result of each person, optionally of one stage, in few statements."""
    numbers = sorted(set(employee_nos))
    found: dict[str, Result] = {}
    for start in range(0, len(numbers), CHUNK):
        query = select(Result).where(
            Result.cycle_code == cycle_code,
            Result.employee_no.in_(numbers[start : start + CHUNK]),
        )
        if stage is not None:
            query = query.where(Result.stage == stage)
        for row in session.scalars(query.order_by(Result.employee_no, Result.version)):
            found[row.employee_no] = row
    return found


def dimension_scores(result: Result) -> Mapping[str, Decimal]:
    """The dimension scores that a result shows; empty where nobody was rated."""
    return result.dimensions or {}


def final_bands(
    session: Session, employee_no: str, cycle_codes: Iterable[str]
) -> Mapping[str, str]:
    """The band of the last result of each cycle, for streaks."""
    rows = session.scalars(
        select(Result)
        .where(
            Result.employee_no == employee_no,
            Result.cycle_code.in_(sorted(cycle_codes)),
            Result.stage.in_(FINAL_STAGES),
        )
        .order_by(Result.cycle_code, Result.version)
    )
    return {row.cycle_code: row.band for row in rows}


def data_check(session: Session, cycle_code: str, employee_no: str) -> DataCheck | None:
    """What the employee said about the figures."""
    return session.scalar(
        select(DataCheck).where(
            DataCheck.cycle_code == cycle_code, DataCheck.employee_no == employee_no
        )
    )


def self_assessment(session: Session, cycle_code: str, employee_no: str) -> SelfAssessment | None:
    """What the employee wrote about the cycle."""
    return session.scalar(
        select(SelfAssessment).where(
            SelfAssessment.cycle_code == cycle_code, SelfAssessment.employee_no == employee_no
        )
    )


def manager_review(session: Session, cycle_code: str, employee_no: str) -> ManagerReview | None:
    """The manager's ratings."""
    return session.scalar(
        select(ManagerReview).where(
            ManagerReview.cycle_code == cycle_code, ManagerReview.employee_no == employee_no
        )
    )


def publication(session: Session, cycle_code: str) -> ResultPublication | None:
    """When the results of a cycle were shown to the people they are about."""
    return session.scalar(
        select(ResultPublication).where(ResultPublication.cycle_code == cycle_code)
    )


def active_participants(session: Session, cycle_code: str) -> Sequence[str]:
    """The people whose result the cycle produces, by number."""
    return session.scalars(
        select(Participant.employee_no)
        .where(Participant.cycle_code == cycle_code, Participant.status == "active")
        .order_by(Participant.employee_no)
    ).all()


def managers_in(session: Session, cycle_code: str) -> Mapping[str, str]:
    """The manager of each active participant, by number."""
    rows = session.execute(
        select(Participant.employee_no, Participant.manager_no).where(
            Participant.cycle_code == cycle_code,
            Participant.status == "active",
            Participant.manager_no.is_not(None),
        )
    )
    return {number: str(manager) for number, manager in rows}


def open_reviews(session: Session, cycle_code: str, calibration_unit: str) -> int:
    """How many active participants of a calibration unit wait for the manager's score."""
    scored = select(Result.employee_no).where(
        Result.cycle_code == cycle_code, Result.stage == "manager"
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Participant)
            .where(
                Participant.cycle_code == cycle_code,
                Participant.calibration_unit_code == calibration_unit,
                Participant.status == "active",
                Participant.employee_no.not_in(scored),
            )
        )
        or 0
    )


def people_with_stage(session: Session, cycle_code: str, stage: str) -> int:
    """How many people of a cycle have a result of a stage."""
    found = session.scalar(
        select(func.count(func.distinct(Result.employee_no))).where(
            Result.cycle_code == cycle_code, Result.stage == stage
        )
    )
    return int(found or 0)


def people_without_stage(session: Session, cycle_code: str, stage: str) -> Sequence[str]:
    """Active participants that have no result of a stage yet."""
    having = select(Result.employee_no).where(
        Result.cycle_code == cycle_code, Result.stage == stage
    )
    return session.scalars(
        select(Participant.employee_no)
        .where(
            Participant.cycle_code == cycle_code,
            Participant.status == "active",
            Participant.employee_no.not_in(having),
        )
        .order_by(Participant.employee_no)
    ).all()


def cycles_with(session: Session, employee_no: str) -> Sequence[str]:
    """The cycles that a person takes part in, newest first."""
    return session.scalars(
        select(Participant.cycle_code)
        .where(Participant.employee_no == employee_no, Participant.status != "excluded")
        .order_by(Participant.joined_at.desc(), Participant.cycle_code.desc())
    ).all()


def manual_goals(
    session: Session, cycle_code: str, employee_no: str
) -> list[tuple[GoalLine, MetricDefinition]]:
    """The goals of a person that people must judge, with their metrics."""
    catalogue = metric_catalogue(session, cycle_named(session, cycle_code).release_number)
    return [
        (line, catalogue[line.metric_code])
        for line in goal_lines(session, cycle_code, employee_no)
        if line.metric_code in catalogue and catalogue[line.metric_code].is_manual
    ]
