"""Takes whole files of people: every row is good and all are taken, or nothing is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed, PerfFlowError
from perfflow.people.actions.movements import assign, hire
from perfflow.people.actions.units import create_unit
from perfflow.people.rules import UnitKind
from perfflow.people.schemas import read_people, RowError


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: rows taken, or the errors for which none was."""

    kind: str
    rows: int
    errors: tuple[RowError, ...]


def import_people(
    session: Session, actor: Actor, now: datetime, kind: str, file_name: str, content: bytes
) -> ImportReport:
    """Take a file of ``units``, ``employees`` or ``assignments``; with errors nothing changes."""
    if not actor.is_system and not actor.has(Role.HR_PARTNER):
        raise NotAllowed("people.hr_only", unit="")
    rows, errors = read_people(kind, file_name, content)
    if errors:
        return ImportReport(kind, 0, tuple(errors))
    found = _take(session, actor, now, kind, rows)
    if found:
        return ImportReport(kind, 0, tuple(found))
    record(
        session,
        actor,
        now,
        AuditEvent.PEOPLE_FILE_IMPORTED,
        kind,
        file=file_name,
        rows=len(rows),
    )
    return ImportReport(kind, len(rows), ())


def _take(
    session: Session, actor: Actor, now: datetime, kind: str, rows: Sequence[Mapping[str, Any]]
) -> list[RowError]:
    """Store the rows; when one breaks a rule the whole file is undone."""
    take: Callable[[Mapping[str, Any]], object] = {
        "units": lambda row: create_unit(
            session, actor, now, **{**row, "kind": UnitKind(row["kind"])}
        ),
        "employees": lambda row: hire(session, actor, now, **row),
        "assignments": lambda row: assign(
            session,
            actor,
            now,
            row["employee_no"],
            **{key: value for key, value in row.items() if key != "employee_no"},
        ),
    }[kind]
    errors: list[RowError] = []
    try:
        with session.begin_nested():
            for number, row in enumerate(rows, start=1):
                try:
                    with session.begin_nested():
                        take(row)
                except PerfFlowError as error:
                    errors.append(
                        RowError(number, error.field or "", error.code, dict(error.params))
                    )
            if errors:
                raise _Refused
    except _Refused:
        pass
    return errors


class _Refused(Exception):
    """Undoes the rows that were good, because others were not."""
