"""Corrections after the fact: sources changed, so a new link of the chain follows the last one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications import notify
from perfflow.reviews import queries
from perfflow.reviews.actions.results import link_of
from perfflow.reviews.inputs.outdated import outdated_results
from perfflow.reviews.models import Result
from perfflow.reviews.rules import Stage

MIN_REASON = 10
SOURCES_CHANGED = "sources_changed"


def correct_result(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    seen_version: int,
    reason: str,
) -> Result:
    """A new link from the values, cases and posts of now; what calibration and appeal moved stays.

    The link stands at the stage of the last one (of the last before payment, once paid), so that
    the next delta run pays or takes the difference. Nothing is rewritten. Refused: the own
    result, a result that somebody replaced meanwhile, and one that its sources still give.
    """
    words = _guarded(actor, employee_no, reason)
    chain = queries.result_chain(session, cycle_code, employee_no)
    if not chain:
        raise Conflict("reviews.no_result", employee=employee_no)
    if chain[-1].version != seen_version:
        raise Conflict("reviews.result_moved_on", employee=employee_no)
    found = outdated_results(session, cycle_code, [employee_no])
    if not found:
        raise Conflict("reviews.nothing_to_correct", employee=employee_no)
    stage = next(
        (link.stage for link in reversed(chain) if link.stage != Stage.PAID), Stage.CALIBRATED
    )
    link = link_of(
        session,
        actor,
        now,
        cycle_named(session, cycle_code),
        employee_no,
        Stage(stage),
        found[0].inputs,
        version=seen_version + 1,
    )
    link.reason_code, link.reason = SOURCES_CHANGED, words
    session.add(link)
    session.flush()
    _tell(session, actor, now, link, chain[-1])
    return link


def _guarded(actor: Actor, employee_no: str, reason: str) -> str:
    """The reason, when this actor may correct this person's result with it."""
    if not actor.is_system and not actor.has(Role.HR_PARTNER):
        raise NotAllowed("reviews.hr_only")
    if not actor.is_system and actor.employee_no == employee_no:
        raise NotAllowed("reviews.own_review")
    words = reason.strip()
    if len(words) < MIN_REASON:
        raise RuleViolation(
            "reviews.reason_too_short", field="reason", least=MIN_REASON, got=len(words)
        )
    return words


def _tell(session: Session, actor: Actor, now: datetime, link: Result, before: Result) -> None:
    """Record the correction, and tell the person once the results are out."""
    key = f"{link.cycle_code}/{link.employee_no}"
    record(
        session,
        actor,
        now,
        AuditEvent.REVIEWS_RESULT_CORRECTED,
        key,
        version=link.version,
        band=link.band,
        total=link.total_e2,
        before=before.total_e2,
        reason=link.reason,
    )
    if queries.publication(session, link.cycle_code) is not None:
        notify(
            session,
            now,
            link.employee_no,
            "reviews.notice_corrected",
            {"cycle": link.cycle_code, "reason": link.reason},
            link=f"/performance/{key}",
        )
