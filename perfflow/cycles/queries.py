"""Reads of cycles: packs, deadlines, who takes part, and how far every step is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle, CycleDeadline, Participant, UnitCascade
from perfflow.cycles.rules import Pack, parse_pack
from perfflow.kernel.errors import BadInput, NotFound
from perfflow.metrics.catalogue import Documents, documents_in, from_release, read_document
from perfflow.people.models import Employee
from perfflow.workflow.models import Incident, ProcessInstance, UserTask

ACTIVE = "active"

FIGURES_AFTER_DAYS = 60


def packs_of(documents: Documents) -> dict[str, Pack]:
    """The packs of a catalogue, by code."""
    found: dict[str, Pack] = {}
    for path, text in documents_in(documents, "packs").items():
        pack = parse_pack(read_document(path, text), path)
        if pack.code in found:
            raise BadInput("cycles.pack_twice", field=path, code_=pack.code)
        found[pack.code] = pack
    return found


def packs(session: Session, release_number: int) -> Mapping[str, Pack]:
    """The packs of a release, by code."""
    return from_release(session, release_number, "packs", packs_of)


def pack(session: Session, code: str, release_number: int) -> Pack:
    """The pack of that code; unknown ones are ``NotFound``."""
    found = packs(session, release_number).get(code)
    if found is None:
        raise NotFound("cycles.unknown_pack", pack=code)
    return found


def cycle(session: Session, code: str) -> Cycle:
    """The cycle; unknown codes are ``NotFound``."""
    found = session.get(Cycle, code)
    if found is None:
        raise NotFound("cycles.unknown_cycle", cycle=code)
    return found


def cycles(session: Session) -> list[Cycle]:
    """All cycles, the latest first."""
    return list(session.scalars(select(Cycle).order_by(Cycle.starts_on.desc(), Cycle.code)))


def open_cycles(session: Session) -> list[Cycle]:
    """The cycles that are not archived, the latest first."""
    return [one for one in cycles(session) if one.status != "archived"]


def deadline_rows(session: Session, cycle_code: str) -> list[CycleDeadline]:
    """The deadlines of a cycle by step."""
    query = select(CycleDeadline).where(CycleDeadline.cycle_code == cycle_code)
    return list(session.scalars(query.order_by(CycleDeadline.step_code, CycleDeadline.name)))


def deadlines(session: Session, cycle_code: str) -> dict[str, date]:
    """The known dates of a cycle by name: the variable ``deadlines`` of its processes."""
    rows = deadline_rows(session, cycle_code)
    return {row.name: row.due_on for row in rows if row.due_on is not None}


def participant(session: Session, cycle_code: str, employee_no: str) -> Participant:
    """The person's part in the cycle; who takes no part is ``NotFound``."""
    found = session.get(Participant, (cycle_code, employee_no))
    if found is None:
        raise NotFound("cycles.no_participant", cycle=cycle_code, employee=employee_no)
    return found


def find_participant(session: Session, cycle_code: str, employee_no: str) -> Participant | None:
    """The person's part in the cycle, or None."""
    return session.get(Participant, (cycle_code, employee_no))


def participants(
    session: Session,
    cycle_code: str,
    *,
    status: str | None = ACTIVE,
    calibration_unit_code: str | None = None,
    pool_code: str | None = None,
    post_code: str | None = None,
    manager_no: str | None = None,
) -> list[Participant]:
    """Who takes part, by number; every filter narrows, ``status=None`` takes all."""
    query = select(Participant).where(Participant.cycle_code == cycle_code)
    filters = {
        Participant.status: status,
        Participant.calibration_unit_code: calibration_unit_code,
        Participant.pool_code: pool_code,
        Participant.post_code: post_code,
        Participant.manager_no: manager_no,
    }
    for column, wanted in filters.items():
        if wanted is not None:
            query = query.where(column == wanted)
    return list(session.scalars(query.order_by(Participant.employee_no)))


def participations(session: Session, employee_no: str) -> list[tuple[Participant, Cycle]]:
    """The cycles that a person takes part in, the latest first."""
    query = (
        select(Participant, Cycle)
        .join(Cycle, Cycle.code == Participant.cycle_code)
        .where(Participant.employee_no == employee_no)
        .order_by(Cycle.starts_on.desc(), Cycle.code)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def telling_participation(
    session: Session, employee_no: str, today: date
) -> tuple[Participant, Cycle] | None:
    """The person's part in the newest cycle whose figures say something by now.

    A cycle in its first two months has next to none, and a shadow run is a rehearsal: the one
    before tells more. Without any such cycle the newest at all.
    """
    found = [pair for pair in participations(session, employee_no) if pair[0].status != "excluded"]
    for member, running in found:
        if not running.is_shadow and (today - running.starts_on).days >= FIGURES_AFTER_DAYS:
            return member, running
    return found[0] if found else None


def latest_participation(session: Session, employee_no: str) -> tuple[Participant, Cycle] | None:
    """The person's part in the latest cycle, or None."""
    found = participations(session, employee_no)
    return found[0] if found else None


def appraisal_keys(session: Session, cycle_code: str) -> list[str]:
    """The business keys of the appraisals of everybody active in the cycle."""
    query = select(Participant.employee_no).where(
        Participant.cycle_code == cycle_code, Participant.status == ACTIVE
    )
    numbers = session.scalars(query.order_by(Participant.employee_no))
    return [f"{cycle_code}/{number}" for number in numbers]


def open_cascade_count(session: Session, cycle_code: str) -> int:
    """How many units have not cascaded yet."""
    query = select(func.count()).where(
        UnitCascade.cycle_code == cycle_code, UnitCascade.status == "open"
    )
    return int(session.scalar(query) or 0)


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """How many tasks of one step there are in a cycle, and how they stand."""

    definition_key: str
    element_id: str
    step_code: str
    name_zh: str
    name_en: str
    role: str
    due_on: date | None
    created: int
    done: int
    open: int
    overdue: int
    late: int
    auto: int


def funnel(session: Session, cycle_code: str, now: datetime) -> list[FunnelRow]:
    """The steps of a cycle in the order of its pack, steps that a firm added behind them."""
    found_cycle = cycle(session, cycle_code)
    steps = {
        (step.process, step.element): (index, step)
        for index, step in enumerate(
            pack(session, found_cycle.pack_code, found_cycle.release_number).steps
        )
    }
    dates = {row.name: row.due_on for row in deadline_rows(session, cycle_code)}

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    is_open = UserTask.status == "open"
    is_done = UserTask.status == "completed"
    query = (
        select(
            UserTask.definition_key,
            UserTask.element_id,
            func.max(UserTask.name_zh),
            func.max(UserTask.name_en),
            func.count(UserTask.id),
            count(is_done),
            count(is_open),
            count(is_open & (UserTask.due_at < now)),
            count(is_done & (UserTask.completed_at > UserTask.due_at)),
            count(UserTask.outcome == "auto"),
        )
        .where(_of_cycle(cycle_code))
        .group_by(UserTask.definition_key, UserTask.element_id)
    )
    rows = []
    for key, element, name_zh, name_en, *numbers in session.execute(query):
        index, step = steps.get((key, element), (len(steps), None))
        row = FunnelRow(
            key,
            element,
            step.code if step else "",
            name_zh or "",
            name_en or "",
            step.role if step else "",
            dates.get(step.name) if step else None,
            *(int(number or 0) for number in numbers),
        )
        rows.append((index, element, row))
    return [row for _, _, row in sorted(rows, key=lambda entry: entry[:2])]


def _of_cycle(cycle_code: str) -> ColumnElement[bool]:
    return or_(
        UserTask.business_key == cycle_code,
        # A range instead of LIKE: it uses the index on both databases ("0" follows "/").
        (UserTask.business_key >= f"{cycle_code}/") & (UserTask.business_key < f"{cycle_code}0"),
    )


@dataclass(frozen=True, slots=True)
class StuckCase:
    """An open task that will not move by itself, and why."""

    task_id: int
    business_key: str
    name_zh: str
    name_en: str
    assignee: Employee | None
    candidate_group: str | None
    due_at: datetime | None
    reason: str  # assignee_left, no_assignee, overdue


def stuck_cases(
    session: Session,
    cycle_code: str,
    now: datetime,
    on: date,
    overdue_before: datetime,
    limit: int = 200,
) -> list[StuckCase]:
    """Open tasks whose assignee has left, that have nobody, or due before ``overdue_before``."""
    has_left = (Employee.left_on.is_not(None)) & (Employee.left_on <= on)
    has_nobody = UserTask.assignee_no.is_(None) & UserTask.candidate_group.is_(None)
    query = (
        select(UserTask, Employee)
        .outerjoin(Employee, Employee.no == UserTask.assignee_no)
        .where(
            _of_cycle(cycle_code),
            UserTask.status == "open",
            or_(has_left, has_nobody, UserTask.due_at < overdue_before),
        )
        .order_by(UserTask.due_key, UserTask.id)
        .limit(limit)
    )
    cases = []
    for task, person in session.execute(query):
        if person is not None and person.left_on is not None and person.left_on <= on:
            reason = "assignee_left"
        elif task.assignee_no is None and task.candidate_group is None:
            reason = "no_assignee"
        else:
            reason = "overdue"
        cases.append(
            StuckCase(
                task.id,
                task.business_key,
                task.name_zh,
                task.name_en,
                person,
                task.candidate_group,
                task.due_at,
                reason,
            )
        )
    return cases


def open_incidents(session: Session, cycle_code: str) -> list[tuple[Incident, ProcessInstance]]:
    """The unresolved incidents of the cycle's processes, oldest first."""
    key = ProcessInstance.business_key
    query = (
        select(Incident, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(
            Incident.resolved_at.is_(None),
            or_(key == cycle_code, (key >= f"{cycle_code}/") & (key < f"{cycle_code}0")),
        )
        .order_by(Incident.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def open_task_count(session: Session, cycle_code: str, definition_keys: Collection[str]) -> int:
    """How many tasks of these processes are open in the cycle."""
    query = select(func.count(UserTask.id)).where(
        _of_cycle(cycle_code),
        UserTask.status == "open",
        UserTask.definition_key.in_(sorted(definition_keys)),
    )
    return int(session.scalar(query) or 0)
