"""Walks a shipped process with the cast: the open task of a case, handed in as a page would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.inbox.actions import submit_task
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import act_as, Person


def begin(session: Session, now: datetime, definition: str, key: str, **variables: Any) -> None:
    """Start a process definition for a business key."""
    workflow_actions.start_instance(session, SYSTEM, now, definition, key, variables)


def waiting(session: Session, key: str) -> list[tuple[str, str | None, str | None]]:
    """(element, assignee, group) of the open tasks of a case."""
    return [
        (row.element_id, row.assignee_no, row.candidate_group)
        for row in workflow_queries.open_tasks_of(session, key)
    ]


def hand_in(
    session: Session, person: Person, now: datetime, key: str, element: str, **values: Any
) -> None:
    """Complete the open task of ``element``; rules that it breaks are raised."""
    found = list(workflow_queries.open_tasks_of(session, key))
    task = next(row for row in found if row.element_id == element)
    data: Mapping[str, Any] = values
    submit_task(session, act_as(session, person, now.date()), now, task.id, task.revision, data)
    session.flush()
