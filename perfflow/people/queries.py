"""Reads of people: who they are, where they work on a day, and who stands above them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from perfflow.kernel.errors import NotFound
from perfflow.people.models import Absence, Assignment, Employee, Post, Unit

CALIBRATION_KINDS = ("branch", "division")
MAX_LINE_LENGTH = 20
CHUNK = 400


def valid_on(on: date) -> ColumnElement[bool]:
    """The assignments that hold on the day ``on``."""
    return (Assignment.valid_from <= on) & (
        or_(Assignment.valid_to.is_(None), Assignment.valid_to > on)
    )


def chunks(values: Collection[str]) -> Iterable[list[str]]:
    """``values`` in lists that fit into one statement on every database."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def find_employee(session: Session, employee_no: str) -> Employee | None:
    """The employee, or None."""
    return session.get(Employee, employee_no)


def employee(session: Session, employee_no: str) -> Employee:
    """The employee; unknown numbers are ``NotFound``."""
    found = session.get(Employee, employee_no)
    if found is None:
        raise NotFound("people.unknown_employee", employee=employee_no)
    return found


def employees_by_no(session: Session, numbers: Collection[str]) -> dict[str, Employee]:
    """The employees of ``numbers`` that exist, by number."""
    found: dict[str, Employee] = {}
    for part in chunks(numbers):
        rows = session.scalars(select(Employee).where(Employee.no.in_(part)))
        found.update({row.no: row for row in rows})
    return found


def posts(session: Session) -> list[Post]:
    """All posts by code."""
    return list(session.scalars(select(Post).order_by(Post.code)))


def post(session: Session, code: str) -> Post:
    """The post; unknown codes are ``NotFound``."""
    found = session.get(Post, code)
    if found is None:
        raise NotFound("people.unknown_post", post=code)
    return found


def unit(session: Session, code: str) -> Unit:
    """The unit; unknown codes are ``NotFound``."""
    found = session.get(Unit, code)
    if found is None:
        raise NotFound("people.unknown_unit", unit=code)
    return found


def root_unit(session: Session) -> Unit:
    """The firm itself."""
    found = session.scalars(select(Unit).where(Unit.parent_code.is_(None)).order_by(Unit.code))
    first = found.first()
    if first is None:
        raise NotFound("people.no_units")
    return first


def units_on(session: Session, on: date) -> list[Unit]:
    """All units that exist on the day, parents before children."""
    query = (
        select(Unit)
        .where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to > on))
        .order_by(Unit.path)
    )
    return list(session.scalars(query))


def units_under(session: Session, code: str) -> list[Unit]:
    """The unit and everything below it, parents first."""
    top = unit(session, code)
    query = select(Unit).where(
        or_(Unit.code == top.code, Unit.path.startswith(f"{top.path}/", autoescape=True))
    )
    return list(session.scalars(query.order_by(Unit.path)))


def units_headed_by(session: Session, employee_no: str) -> list[Unit]:
    """The units whose head the person is."""
    return list(
        session.scalars(select(Unit).where(Unit.head_no == employee_no).order_by(Unit.path))
    )


def assignments_of(session: Session, employee_no: str) -> list[Assignment]:
    """Every assignment of the person, oldest first."""
    query = select(Assignment).where(Assignment.employee_no == employee_no)
    return list(session.scalars(query.order_by(Assignment.valid_from, Assignment.id)))


def assignments_between(
    session: Session, numbers: Collection[str], first_on: date, last_on: date
) -> dict[str, list[Assignment]]:
    """The assignments that touch the days from ``first_on`` to ``last_on``, by person."""
    found: dict[str, list[Assignment]] = {no: [] for no in numbers}
    for part in chunks(numbers):
        query = (
            select(Assignment)
            .where(
                Assignment.employee_no.in_(part),
                Assignment.valid_from <= last_on,
                or_(Assignment.valid_to.is_(None), Assignment.valid_to > first_on),
            )
            .order_by(Assignment.employee_no, Assignment.valid_from, Assignment.id)
        )
        for row in session.scalars(query):
            found[row.employee_no].append(row)
    return found


def assignment_on(session: Session, employee_no: str, on: date) -> Assignment | None:
    """The main assignment of the day (the largest share of working time)."""
    query = (
        select(Assignment)
        .where(Assignment.employee_no == employee_no, valid_on(on))
        .order_by(Assignment.fte_bp.desc(), Assignment.id)
        .limit(1)
    )
    return session.scalars(query).first()


def last_assignment(session: Session, employee_no: str, on: date) -> Assignment | None:
    """The assignment of the day, or the latest one before it (people who have left)."""
    current = assignment_on(session, employee_no, on)
    if current is not None:
        return current
    query = (
        select(Assignment)
        .where(Assignment.employee_no == employee_no, Assignment.valid_from <= on)
        .order_by(Assignment.valid_from.desc(), Assignment.fte_bp.desc(), Assignment.id)
        .limit(1)
    )
    return session.scalars(query).first()


def is_employed(person: Employee, on: date) -> bool:
    """True from the day of hire to the day before leaving."""
    return person.hired_on <= on and (person.left_on is None or person.left_on > on)


def manager_of(session: Session, employee_no: str, on: date) -> str | None:
    """The line manager on the day; a manager who has left is replaced by the one above."""
    seen = {employee_no}
    manager = _named_manager(session, employee_no, on)
    while manager is not None and manager.no not in seen:
        if is_employed(manager, on):
            return manager.no
        seen.add(manager.no)
        manager = _named_manager(session, manager.no, on)
    return None


def _named_manager(session: Session, employee_no: str, on: date) -> Employee | None:
    """Who the assignment of the day names, or the latest one before it; mostly one statement."""
    query = (
        select(Assignment, Employee)
        .outerjoin(Employee, Employee.no == Assignment.manager_no)
        .where(Assignment.employee_no == employee_no, valid_on(on))
        .order_by(Assignment.fte_bp.desc(), Assignment.id)
        .limit(1)
    )
    row = session.execute(query).first()
    if row is not None:
        manager: Employee | None = row[1]
        return manager
    last = last_assignment(session, employee_no, on)
    if last is None or last.manager_no is None:
        return None
    return session.get(Employee, last.manager_no)


def second_line_of(session: Session, employee_no: str, on: date) -> str | None:
    """The manager's manager; where nobody stands above the manager, the manager."""
    manager = manager_of(session, employee_no, on)
    if manager is None:
        return None
    return manager_of(session, manager, on) or manager


def managers_above(session: Session, employee_no: str, on: date) -> list[str]:
    """The line upwards, nearest first."""
    line: list[str] = []
    current: str | None = manager_of(session, employee_no, on)
    while current is not None and current not in line and len(line) < MAX_LINE_LENGTH:
        line.append(current)
        current = manager_of(session, current, on)
    return line


def is_in_line(session: Session, manager_no: str, employee_no: str, on: date) -> bool:
    """True when ``manager_no`` stands anywhere above ``employee_no``."""
    return manager_no in managers_above(session, employee_no, on)


def reports_of(session: Session, manager_no: str, on: date) -> list[Employee]:
    """The people who report to the manager on the day, by number."""
    query = (
        select(Employee)
        .join(Assignment, Assignment.employee_no == Employee.no)
        .where(
            Assignment.manager_no == manager_no,
            valid_on(on),
            or_(Employee.left_on.is_(None), Employee.left_on > on),
        )
        .distinct()
        .order_by(Employee.no)
    )
    return list(session.scalars(query))


def line_below(session: Session, manager_no: str, on: date) -> list[str]:
    """Everybody under the manager, level by level."""
    found: list[str] = []
    level = [manager_no]
    seen = {manager_no}
    while level:
        following: list[str] = []
        for part in chunks(level):
            query = (
                select(Assignment.employee_no)
                .where(Assignment.manager_no.in_(part), valid_on(on))
                .order_by(Assignment.employee_no)
            )
            following.extend(no for no in session.scalars(query) if no not in seen)
        level = sorted(set(following))
        seen.update(level)
        found.extend(level)
    return found


@dataclass(frozen=True, slots=True)
class Placement:
    """One active person with her main assignment and the path of her unit."""

    employee: Employee
    assignment: Assignment
    unit_path: str


def placements_on(
    session: Session, on: date, numbers: Collection[str] | None = None
) -> dict[str, Placement]:
    """Everybody who works on the day, by number; in a fixed number of statements."""
    query = (
        select(Employee, Assignment, Unit.path)
        .join(Assignment, Assignment.employee_no == Employee.no)
        .join(Unit, Unit.code == Assignment.unit_code)
        .where(
            valid_on(on),
            Employee.hired_on <= on,
            or_(Employee.left_on.is_(None), Employee.left_on > on),
        )
        .order_by(Employee.no, Assignment.fte_bp.desc(), Assignment.id)
    )
    wanted = None if numbers is None else frozenset(numbers)
    found: dict[str, Placement] = {}
    for person, assignment, path in session.execute(query):
        if person.no not in found and (wanted is None or person.no in wanted):
            found[person.no] = Placement(person, assignment, path)
    return found


def members_of_unit(session: Session, code: str, on: date) -> list[Employee]:
    """The people who work in the unit or below it on the day, by number."""
    top = unit(session, code)
    query = (
        select(Employee)
        .join(Assignment, Assignment.employee_no == Employee.no)
        .join(Unit, Unit.code == Assignment.unit_code)
        .where(
            valid_on(on),
            or_(Unit.code == top.code, Unit.path.startswith(f"{top.path}/", autoescape=True)),
            or_(Employee.left_on.is_(None), Employee.left_on > on),
        )
        .distinct()
        .order_by(Employee.no)
    )
    return list(session.scalars(query))


def unit_path_of(session: Session, employee_no: str, on: date) -> str | None:
    """The path of the person's unit ("FIRM/R01/B001/T0003"), the last one for leavers."""
    current = last_assignment(session, employee_no, on)
    if current is None:
        return None
    return session.scalar(select(Unit.path).where(Unit.code == current.unit_code))


def calibration_unit_codes(units: Sequence[Unit]) -> Mapping[str, str]:
    """For each unit the nearest branch or division at or above it, else the firm."""
    by_path = {row.path: row for row in units}
    found: dict[str, str] = {}
    for row in units:
        parts = row.path.split("/")
        found[row.code] = parts[0]
        for depth in range(len(parts), 0, -1):
            above = by_path.get("/".join(parts[:depth]))
            if above is not None and above.kind in CALIBRATION_KINDS:
                found[row.code] = above.code
                break
    return found


def absences_between(
    session: Session, numbers: Collection[str], first_on: date, last_on: date
) -> dict[str, list[Absence]]:
    """The absences that touch the days, by person."""
    found: dict[str, list[Absence]] = {no: [] for no in numbers}
    for part in chunks(numbers):
        query = (
            select(Absence)
            .where(
                Absence.employee_no.in_(part),
                Absence.first_on <= last_on,
                Absence.last_on >= first_on,
            )
            .order_by(Absence.employee_no, Absence.first_on, Absence.id)
        )
        for row in session.scalars(query):
            found[row.employee_no].append(row)
    return found


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """One line of the directory."""

    employee: Employee
    post: Post | None
    unit: Unit | None
    manager: Employee | None


def directory_page(
    session: Session,
    on: date,
    *,
    search: str = "",
    unit_code: str = "",
    after: str = "",
    limit: int = 50,
) -> list[DirectoryRow]:
    """The directory after the number ``after``, one more row than ``limit`` when there is more."""
    query = (
        select(Employee, Post, Unit, Assignment.manager_no)
        .join(Assignment, Assignment.employee_no == Employee.no)
        .join(Post, Post.code == Assignment.post_code)
        .join(Unit, Unit.code == Assignment.unit_code)
        .where(
            valid_on(on),
            Employee.no > after,
            or_(Employee.left_on.is_(None), Employee.left_on > on),
        )
        .order_by(Employee.no, Assignment.fte_bp.desc())
        .limit(limit + 1)
    )
    if search:
        like = f"%{search.replace('%', '')}%"
        query = query.where(
            or_(Employee.name_zh.like(like), Employee.name_en.ilike(like), Employee.no.like(like))
        )
    if unit_code:
        path = unit(session, unit_code).path
        query = query.where(
            or_(Unit.code == unit_code, Unit.path.startswith(f"{path}/", autoescape=True))
        )
    rows = list(session.execute(query))
    managers = employees_by_no(session, {row[3] for row in rows if row[3]})
    return [DirectoryRow(row[0], row[1], row[2], managers.get(row[3] or "")) for row in rows]
