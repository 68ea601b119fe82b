"""What a transaction still owes: messages to deliver once the running steps are saved."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from perfflow.kernel.errors import RuleViolation

_KEY = "perfflow.workflow.unit"
MAX_DELIVERIES = 1_000_000


@dataclass
class Unit:
    """Deliveries that wait, and the instances whose tokens move at this moment."""

    pending: deque[Any] = field(default_factory=deque)
    moving: set[int] = field(default_factory=set)

    @contextmanager
    def moves(self, instance_id: int) -> Iterator[None]:
        """Guards an instance against a second step inside its own step."""
        if instance_id in self.moving:
            raise RuleViolation("workflow.instance_is_moving", instance=instance_id)
        self.moving.add(instance_id)
        try:
            yield
        finally:
            self.moving.discard(instance_id)


def current_unit(session: Session) -> Unit | None:
    """The unit that is open on this session, if any."""
    return session.info.get(_KEY)


@contextmanager
def unit_of(session: Session) -> Iterator[Unit]:
    """The open unit, or a new one whose deliveries are made when the block ends well."""
    known = current_unit(session)
    if known is not None:
        yield known
        return
    unit = session.info[_KEY] = Unit()
    try:
        yield unit
        made = 0
        while unit.pending:
            unit.pending.popleft()()
            made += 1
            if made > MAX_DELIVERIES:
                raise RuleViolation("workflow.endless_messages")
    finally:
        session.info.pop(_KEY, None)
