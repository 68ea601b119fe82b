"""Two people decide a case, the people may object, and then the money moves, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.clawback import queries
from perfflow.clawback.actions.cases import (
    checked_text,
    guard_role,
    log,
    name_of,
    stop_key,
    tell_everybody,
)
from perfflow.clawback.models import ClawbackCase, ClawbackShare
from perfflow.clawback.rules import Basis, Demand, demand, mode_of, next_status, Situation
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.payouts.actions import lift_stops
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Pool, Tranche
from perfflow.payouts.rules.ledger import EntryKind

RECOVER, RETURN, DROP = "recover", "return", "drop"
UPHELD, REDUCED = "upheld", "reduced"


def propose_recovery(
    session: Session, actor: Actor, now: datetime, case_no: str, *, decision: str, note: str
) -> ClawbackCase:
    """The first of two: recover as computed, send back to the liability, or drop the case."""
    case = _case_for_committee(session, actor, case_no)
    text = checked_text(note, "note")
    if decision == RECOVER:
        unheard = [s for s in queries.shares_of(session, case.id) if s.heard_on is None]
        if unheard:
            raise Conflict("clawback.unheard", employee=unheard[0].employee_no)
        case.status = next_status("propose", case.status)
        case.proposed_by = name_of(actor)
    elif decision == RETURN:
        case.status = next_status("return", case.status)
    elif decision == DROP:
        _drop(session, now, case)
    else:
        raise RuleViolation("clawback.decision_missing", field="decision")
    log(session, actor, now, case, f"propose_{decision}", note=text)
    record(session, actor, now, AuditEvent.CLAWBACK_RECOVERY_PROPOSED, case_no, decision=decision)
    return case


def confirm_recovery(
    session: Session, actor: Actor, now: datetime, case_no: str, *, decision: str, note: str
) -> ClawbackCase:
    """The second, another person: the recovery is decided, or goes back."""
    case = _case_for_committee(session, actor, case_no)
    if case.proposed_by == name_of(actor):
        raise NotAllowed("clawback.second_person_needed")
    text = checked_text(note, "note")
    if decision == RECOVER:
        case.status = next_status("confirm", case.status)
        case.confirmed_by, case.decided_at = name_of(actor), now
        tell_everybody(session, now, case, "clawback.notice_decided")
    elif decision == RETURN:
        case.status = next_status("return", case.status)
        case.proposed_by = None
    else:
        raise RuleViolation("clawback.decision_missing", field="decision")
    log(session, actor, now, case, f"confirm_{decision}", note=text)
    record(session, actor, now, AuditEvent.CLAWBACK_RECOVERY_DECIDED, case_no, decision=decision)
    return case


def _case_for_committee(session: Session, actor: Actor, case_no: str) -> ClawbackCase:
    case = queries.locked_case(session, case_no)
    guard_role(actor, Role.REMUNERATION_COMMITTEE)
    if queries.is_party(session, case.id, actor.employee_no):
        raise NotAllowed("clawback.own_case")
    if case.opened_by == name_of(actor):
        raise NotAllowed("clawback.opener_does_not_decide")
    return case


def _drop(session: Session, now: datetime, case: ClawbackCase) -> None:
    case.status = next_status("drop", case.status)
    lift_stops(session, now, stop_key(case))
    tell_everybody(session, now, case, "clawback.notice_dropped")


def dispute_share(
    session: Session, actor: Actor, now: datetime, case_no: str, *, text: str
) -> ClawbackShare:
    """The person objects to the decision, before any money moves."""
    case, share = queries.share_for_person(session, actor, case_no)
    next_status("dispute", case.status)
    if share.disputed_at is not None:
        raise Conflict("clawback.already_disputed")
    share.dispute, share.disputed_at = checked_text(text, "text"), now
    log(session, actor, now, case, "dispute", share.employee_no, share.dispute)
    record(session, actor, now, AuditEvent.CLAWBACK_DISPUTE_LODGED, case_no)
    return share


def open_disputes(session: Session, case: ClawbackCase) -> list[ClawbackShare]:
    """Shares of a case whose dispute is not decided."""
    return [
        share
        for share in queries.shares_of(session, case.id)
        if share.disputed_at is not None and share.dispute_outcome is None
    ]


def decide_disputes(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    outcomes: Mapping[str, tuple[str, int | None, str]],
) -> ClawbackCase:
    """Uphold what was decided about each person who objects, or lower her ratio or amount.

    By somebody of the appeal panel who neither decided nor opened the case. A dispute never makes
    it worse. ``outcomes``: outcome, new ratio in basis points (or None), note by employee number.
    """
    case = queries.locked_case(session, case_no)
    guard_role(actor, Role.APPEAL_PANEL)
    took_part = (case.opened_by, case.proposed_by, case.confirmed_by)
    if name_of(actor) in took_part or queries.is_party(session, case.id, actor.employee_no):
        raise NotAllowed("clawback.fresh_person_needed")
    for place, share in enumerate(open_disputes(session, case)):
        outcome, ratio, note = outcomes.get(share.employee_no, ("", None, ""))
        if outcome not in (UPHELD, REDUCED):
            raise RuleViolation("clawback.outcome_missing", field=f"people.{place}.outcome")
        share.dispute_note = checked_text(note, f"people.{place}.note")
        if outcome == REDUCED:
            _reduce(case, share, ratio, f"people.{place}.ratio")
        share.dispute_outcome, share.dispute_decided_by = outcome, name_of(actor)
        log(session, actor, now, case, f"dispute_{outcome}", share.employee_no, share.dispute_note)
    record(session, actor, now, AuditEvent.CLAWBACK_DISPUTE_DECIDED, case_no)
    return case


def _reduce(case: ClawbackCase, share: ClawbackShare, ratio: int | None, field: str) -> None:
    """A lower share of the same basis; a panel may go below the range of the liability."""
    if ratio is None or not 0 < ratio < share.ratio_bp:
        raise RuleViolation("clawback.reduction_missing", field=field)
    if share.correct_fen is not None:
        # What correct data would have given stays; the panel takes a part of the excess.
        basis = Basis.from_dict(share.basis)
        excess = basis.paid_fen + basis.unvested_fen - share.correct_fen
        share.correct_fen += excess - excess * ratio // share.ratio_bp
    share.ratio_bp = ratio
    found = demand_of(case, share)
    share.target_fen, share.malus_fen = found.target_fen, found.malus_fen
    share.clawback_fen, share.explanation = found.clawback_fen, found.tree.to_dict()


def demand_of(case: ClawbackCase, share: ClawbackShare) -> Demand:
    """What a person bears, from the stored inputs alone."""
    mode = mode_of(Situation(case.situation))
    return demand(Basis.from_dict(share.basis), mode, share.ratio_bp, share.correct_fen)


def execute_case(session: Session, actor: Actor, now: datetime, case_no: str) -> ClawbackCase:
    """Book malus and clawback of everybody, once; deferred parts that are left vest again.

    Refused while a dispute is open, and when somebody's pay has moved since the computation.
    """
    case = queries.locked_case(session, case_no)
    if open_disputes(session, case):
        raise Conflict("clawback.dispute_open", case=case_no)
    case.status = next_status("execute", case.status)
    case.executed_at = now
    for share in queries.shares_of(session, case.id):
        fresh = queries.basis_of(session, share.employee_no, case.starts_on, case.ends_on)
        if fresh.to_dict() != share.basis:
            raise Conflict("clawback.pay_has_moved", employee=share.employee_no)
        _book(session, actor, now, case, share)
    lift_stops(session, now, stop_key(case))
    log(session, actor, now, case, "execute")
    session.flush()
    record(session, actor, now, AuditEvent.CLAWBACK_CASE_EXECUTED, case_no)
    return case


def _book(
    session: Session, actor: Actor, now: datetime, case: ClawbackCase, share: ClawbackShare
) -> None:
    found = demand_of(case, share)
    for key, fen in found.malus:
        if fen:
            tranche = session.get_one(Tranche, key)
            award = session.get_one(Award, tranche.award_id)
            for kind in (EntryKind.MALUS, EntryKind.RETURN):
                session.add(entry(session, actor, now, case, award, kind, fen, tranche.id))
    for key, fen in found.clawback:
        if fen:
            award = session.get_one(Award, key)
            session.add(entry(session, actor, now, case, award, EntryKind.CLAWBACK, fen, None))


def entry(
    session: Session,
    actor: Actor,
    now: datetime,
    case: ClawbackCase,
    award: Award,
    kind: EntryKind,
    amount_fen: int,
    tranche_id: int | None,
    mark: str = "",
) -> LedgerEntry:
    """A booking of a case; its key names case, person, kind and what it is about."""
    about = f"tranche-{tranche_id}" if tranche_id else f"award-{award.id}"
    key = f"clawback/{case.case_no}/{award.employee_no}/{kind.value}/{about}{mark}"
    return LedgerEntry(
        employee_no=award.employee_no,
        cycle_code=_cycle_of(session, award),
        run_id=None,
        award_id=award.id,
        tranche_id=tranche_id,
        kind=kind.value,
        amount_fen=amount_fen,
        reason_code="CLAWBACK_CASE",
        idempotency_key=key,
        booked_by=name_of(actor),
        booked_at=now,
    )


def _cycle_of(session: Session, award: Award) -> str:

    run = session.get_one(PayoutRun, award.run_id)
    return session.get_one(Pool, run.pool_id).cycle_code
