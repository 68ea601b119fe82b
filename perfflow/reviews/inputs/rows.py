"""Reads the rows of many people for scoring: participants, goals, teams, ratings."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Participant
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.people.queries import chunks
from perfflow.reviews.models import ManagerReview


class Goals(NamedTuple):
    """The lines of one version of a goal sheet."""

    is_locked: bool
    version: int
    lines: tuple[GoalLine, ...]


NO_GOALS = Goals(False, 0, ())


def participants(
    session: Session, cycle_code: str, employee_nos: Collection[str]
) -> dict[str, Participant]:
    found: dict[str, Participant] = {}
    for part in chunks(employee_nos):
        query = select(Participant).where(
            Participant.cycle_code == cycle_code, Participant.employee_no.in_(part)
        )
        for row in session.scalars(query.order_by(Participant.employee_no)):
            found[row.employee_no] = row
    return found


def locked_goals(
    session: Session, cycle_code: str, employee_nos: Collection[str], *, with_drafts: bool
) -> dict[str, Goals]:
    """The lines of the locked version of each sheet, of the current one where drafts count."""
    wanted = (
        func.coalesce(GoalSheet.locked_version, GoalSheet.current_version)
        if with_drafts
        else GoalSheet.locked_version
    )
    found: dict[str, Goals] = {}
    for part in chunks(employee_nos):
        query = (
            select(
                GoalSheet.employee_no, GoalSheet.locked_version, GoalSheetVersion.version, GoalLine
            )
            .join(GoalSheetVersion, GoalSheetVersion.sheet_id == GoalSheet.id)
            .join(GoalLine, GoalLine.version_id == GoalSheetVersion.id)
            .where(
                GoalSheet.cycle_code == cycle_code,
                GoalSheet.employee_no.in_(part),
                GoalSheetVersion.version == wanted,
            )
            .order_by(GoalSheet.employee_no, GoalLine.position)
        )
        for number, locked, version, line in session.execute(query):
            known = found.get(number) or Goals(locked is not None, version, ())
            found[number] = known._replace(lines=(*known.lines, line))
    return found


def teams_of(
    session: Session, cycle_code: str, employee_nos: Collection[str]
) -> dict[str, tuple[str, ...]]:
    teams: dict[str, list[str]] = {}
    for part in chunks(employee_nos):
        query = select(Participant.manager_no, Participant.employee_no).where(
            Participant.cycle_code == cycle_code, Participant.manager_no.in_(part)
        )
        for manager, number in session.execute(query.order_by(Participant.employee_no)):
            teams.setdefault(str(manager), []).append(number)
    return {manager: tuple(numbers) for manager, numbers in teams.items()}


def ratings_of(
    session: Session, cycle_code: str, employee_nos: Collection[str]
) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for part in chunks(employee_nos):
        query = select(ManagerReview).where(
            ManagerReview.cycle_code == cycle_code, ManagerReview.employee_no.in_(part)
        )
        for row in session.scalars(query):
            found[row.employee_no] = {
                item["metric_code"]: Decimal(item["rating"]) for item in row.ratings
            }
    return found
