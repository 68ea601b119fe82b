"""What comes in of a clawback: the repayment plan, repayments, set-off within the legal limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.clawback import queries
from perfflow.clawback.actions.cases import guard_role, log, name_of
from perfflow.clawback.actions.deciding import entry
from perfflow.clawback.models import (
    ClawbackCase,
    ClawbackInstalment,
    ClawbackReceipt,
    ClawbackShare,
)
from perfflow.clawback.rules import CaseStatus, instalments, next_due_on, next_status, spread
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.payouts.models import Award
from perfflow.payouts.rules.ledger import EntryKind
from perfflow.payouts.rules.recovery import set_off_limit
from perfflow.plans.queries import bonus_plan, deferral_policy


def agree_plans(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    plans: Mapping[str, tuple[int | None, date | None]],
) -> ClawbackCase:
    """A repayment plan for everybody who owes: number of monthly parts and the first day."""
    case = _executed(session, actor, case_no)
    owing = [s for s in queries.shares_of(session, case.id) if s.clawback_fen]
    for place, share in enumerate(owing):
        count, first_on = plans.get(share.employee_no, (None, None))
        if count is None:
            raise RuleViolation("clawback.plan_missing", field=f"people.{place}.instalments")
        if first_on is None or first_on < local_date(now):
            raise RuleViolation("clawback.first_day_missing", field=f"people.{place}.first_on")
        session.execute(delete(ClawbackInstalment).where(ClawbackInstalment.share_id == share.id))
        for part in instalments(share.clawback_fen, count, first_on):
            session.add(
                ClawbackInstalment(
                    share_id=share.id,
                    number=part.number,
                    due_on=part.due_on,
                    amount_fen=part.amount_fen,
                )
            )
        note = f"{count} × {share.clawback_fen // count} 分, {first_on.isoformat()}"
        log(session, actor, now, case, "agree_plan", share.employee_no, note)
    session.flush()
    record(session, actor, now, AuditEvent.CLAWBACK_PLAN_AGREED, case_no, people=len(owing))
    return case


def record_receipt(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    employee_no: str,
    *,
    kind: str,
    amount_fen: int,
    on: date,
    month_wage_fen: int | None = None,
) -> ClawbackReceipt:
    """Money from a person: repaid, or set off against the wage of a month.

    Never more than is owed; a set-off never more than the policy's share of that month's wage,
    over all cases of the person. The last 分 closes the case.
    """
    case = _executed(session, actor, case_no)
    if actor.employee_no == employee_no:
        raise NotAllowed("clawback.own_case")
    share = queries.share_of(session, case.id, employee_no)
    if share is None:
        raise RuleViolation("clawback.unknown_employee", field="employee_no", employee=employee_no)
    if kind not in (EntryKind.REPAY, EntryKind.SETOFF):
        raise RuleViolation("clawback.receipt_kind", field="kind")
    owed = queries.owed_by_award(session, case_no, employee_no)
    total = sum(fen for _, fen in owed)
    if not 0 < amount_fen <= total:
        raise RuleViolation("clawback.more_than_owed", field="amount", owed_fen=total)
    if on > local_date(now):
        raise RuleViolation("clawback.receipt_in_future", field="on")
    if kind == EntryKind.SETOFF:
        _guard_set_off(session, share, owed[0][0], amount_fen, on, month_wage_fen)
    receipt = ClawbackReceipt(
        share_id=share.id,
        kind=kind,
        amount_fen=amount_fen,
        received_on=on,
        month_wage_fen=month_wage_fen if kind == EntryKind.SETOFF else None,
        recorded_by=name_of(actor),
        recorded_at=now,
    )
    session.add(receipt)
    session.flush()
    for key, fen in spread(amount_fen, owed):
        award = session.get_one(Award, key)
        mark = f"/receipt-{receipt.id}"
        session.add(entry(session, actor, now, case, award, EntryKind(kind), fen, None, mark))
    session.flush()
    log(session, actor, now, case, kind.lower(), employee_no)
    record(
        session,
        actor,
        now,
        AuditEvent.CLAWBACK_RECEIPT_RECORDED,
        case_no,
        kind=kind,
        amount_fen=amount_fen,
    )
    return receipt


def _guard_set_off(
    session: Session,
    share: ClawbackShare,
    award_id: int,
    amount_fen: int,
    on: date,
    month_wage_fen: int | None,
) -> None:
    if month_wage_fen is None or month_wage_fen < 0:
        raise RuleViolation("clawback.wage_missing", field="month_wage")
    release = queries.release_of_award(session, award_id)
    plan = bonus_plan(session, release)
    policy = deferral_policy(session, release, plan.deferral)
    limit = set_off_limit(month_wage_fen, policy.setoff_max_share)
    before = queries.set_off_in_month(session, share.employee_no, on)
    if before + amount_fen > limit:
        raise RuleViolation(
            "clawback.above_set_off_limit", field="amount", limit_fen=limit, before_fen=before
        )


def _executed(session: Session, actor: Actor, case_no: str) -> ClawbackCase:
    case = queries.locked_case(session, case_no)
    guard_role(actor, Role.FINANCE)
    if queries.is_party(session, case.id, actor.employee_no):
        raise NotAllowed("clawback.own_case")
    if case.status != CaseStatus.EXECUTED:
        raise Conflict("clawback.step_not_possible", step="collect", status=case.status)
    return case


def owed_in_all(session: Session, case: ClawbackCase) -> int:
    """What everybody of a case still owes, in 分."""
    return sum(
        fen
        for share in queries.shares_of(session, case.id)
        for _, fen in queries.owed_by_award(session, case.case_no, share.employee_no)
    )


def next_instalment_on(session: Session, case: ClawbackCase) -> date | None:
    """The first day on which somebody of a case has to pay, or None when all is covered."""
    days = []
    for share in queries.shares_of(session, case.id):
        came = sum(row.amount_fen for row in queries.receipts_of(session, share.id))
        due = next_due_on(queries.instalments_of(session, share.id), came)
        if due is not None:
            days.append(due)
    return min(days, default=None)


def close_if_settled(session: Session, actor: Actor, now: datetime, case_no: str) -> bool:
    """Close a case in which nothing is owed any more; True when it is closed."""
    case = queries.locked_case(session, case_no)
    if case.status == CaseStatus.CLOSED:
        return True
    if case.status != CaseStatus.EXECUTED or owed_in_all(session, case):
        return False
    case.status = next_status("close", case.status)
    log(session, actor, now, case, "close")
    record(session, actor, now, AuditEvent.CLAWBACK_CASE_CLOSED, case_no)
    return True
