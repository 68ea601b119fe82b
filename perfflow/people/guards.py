"""Who may change the organisation: HR partners inside their units, and the system itself."""

from __future__ import annotations

from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed
from perfflow.people import queries


def require_hr_of_unit(session: Session, actor: Actor, unit_code: str | None) -> None:
    """Refuse everybody but the HR partners of the unit (or of a unit above it)."""
    if actor.is_system:
        return
    if unit_code is not None and actor.has(Role.HR_PARTNER):
        path = queries.unit(session, unit_code).path.split("/")
        if not actor.unit_scopes.isdisjoint(path):
            return
    raise NotAllowed("people.hr_only", unit=unit_code or "")
