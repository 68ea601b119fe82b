"""Reads of clawback: the register, one case with its people, what can be and has been recovered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.clawback.models import (
    ClawbackCase,
    ClawbackEvent,
    ClawbackInstalment,
    ClawbackReceipt,
    ClawbackShare,
)
from perfflow.clawback.rules import Basis, CaseStatus, Instalment, WITHOUT_TABLES
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Pool
from perfflow.payouts.queries import as_rules, BOOKED, entries_of, tranches_of
from perfflow.payouts.rules.ledger import EntryKind, paid_balance, summed, tranche_balance
from perfflow.people.models import Employee
from perfflow.plans.queries import pay_decisions
from perfflow.plans.rules.decisions import PayDecisions
from perfflow.workflow import queries as workflow_queries

READERS = (Role.COMPLIANCE_OFFICER, Role.FINANCE, Role.REMUNERATION_COMMITTEE, Role.AUDITOR)
SHOWN_TO_PERSON = frozenset({*CaseStatus} - {CaseStatus.OPENED})
"""A person learns of a case when the liability is set and she is to be heard."""


def decisions_of(session: Session, case: ClawbackCase) -> PayDecisions:
    """The decision tables about pay in the release of the newest cycle that ended inside the
    period of the case: the rules that its pay was promised under; today's without such a cycle."""
    release = session.scalar(
        select(Cycle.release_number)
        .where(Cycle.ends_on >= case.starts_on, Cycle.starts_on <= case.ends_on)
        .order_by(Cycle.ends_on.desc(), Cycle.code.desc())
        .limit(1)
    )
    if release is None:
        try:
            release = workflow_queries.current_release(session)
        except NotFound:
            return WITHOUT_TABLES
    return pay_decisions(session, release)


def case_named(session: Session, case_no: str) -> ClawbackCase:
    """The case of that number; unknown ones are ``NotFound``."""
    found = session.scalar(select(ClawbackCase).where(ClawbackCase.case_no == case_no))
    if found is None:
        raise NotFound("clawback.no_case", case=case_no)
    return found


def locked_case(session: Session, case_no: str) -> ClawbackCase:
    """The case, locked for the change to come."""
    session.execute(
        select(ClawbackCase.id).where(ClawbackCase.case_no == case_no).with_for_update()
    ).all()
    return case_named(session, case_no)


def shares_of(session: Session, case_id: int) -> Sequence[ClawbackShare]:
    """The people of a case, by employee number."""
    return session.scalars(
        select(ClawbackShare)
        .where(ClawbackShare.case_id == case_id)
        .order_by(ClawbackShare.employee_no)
    ).all()


def share_of(session: Session, case_id: int, employee_no: str) -> ClawbackShare | None:
    """What one person bears in a case."""
    return session.scalar(
        select(ClawbackShare).where(
            ClawbackShare.case_id == case_id, ClawbackShare.employee_no == employee_no
        )
    )


def is_party(session: Session, case_id: int, employee_no: str | None) -> bool:
    """True for somebody whom the case is about."""
    return employee_no is not None and share_of(session, case_id, employee_no) is not None


def case_for_keeper(session: Session, actor: Actor, case_no: str) -> ClawbackCase:
    """A case for those who keep the register; nobody opens the file of the own case."""
    case = case_named(session, case_no)
    if not actor.has(*READERS) or is_party(session, case.id, actor.employee_no):
        raise NotFound("clawback.no_case", case=case_no)
    return case


def share_for_person(
    session: Session, actor: Actor, case_no: str
) -> tuple[ClawbackCase, ClawbackShare]:
    """The own share in a case, once the person is to be heard; NotFound for everybody else."""
    case = session.scalar(select(ClawbackCase).where(ClawbackCase.case_no == case_no))
    share = share_of(session, case.id, actor.employee_no) if case and actor.employee_no else None
    if case is None or share is None or case.status not in SHOWN_TO_PERSON:
        raise NotFound("clawback.no_case", case=case_no)
    return case, share


def own_shares(session: Session, employee_no: str) -> list[tuple[ClawbackCase, ClawbackShare]]:
    """The cases about a person that she may see, the newest first."""
    rows = session.execute(
        select(ClawbackCase, ClawbackShare)
        .join(ClawbackShare, ClawbackShare.case_id == ClawbackCase.id)
        .where(
            ClawbackShare.employee_no == employee_no,
            ClawbackCase.status.in_(sorted(SHOWN_TO_PERSON)),
        )
        .order_by(ClawbackCase.id.desc())
    )
    return [(case, share) for case, share in rows]


def history(session: Session, case_id: int) -> Sequence[ClawbackEvent]:
    """The steps of a case, oldest first."""
    return session.scalars(
        select(ClawbackEvent).where(ClawbackEvent.case_id == case_id).order_by(ClawbackEvent.id)
    ).all()


def next_case_no(session: Session, year: int) -> str:
    """``CB-2026-00001``: numbered through the year."""
    last = session.scalar(
        select(func.max(ClawbackCase.case_no)).where(ClawbackCase.case_no.like(f"CB-{year}-%"))
    )
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"CB-{year}-{number:05d}"


def awards_of_period(
    session: Session, employee_no: str, first: date, last: date
) -> Sequence[tuple[Award, Cycle]]:
    """The booked main awards of a person for cycles that overlap the period, the oldest first."""
    rows = session.execute(
        select(Award, Cycle)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .join(Pool, Pool.id == PayoutRun.pool_id)
        .join(Cycle, Cycle.code == Pool.cycle_code)
        .where(
            Award.employee_no == employee_no,
            Award.origin_id.is_(None),
            PayoutRun.status.in_(BOOKED),
            Cycle.starts_on <= last,
            Cycle.ends_on >= first,
        )
        .order_by(Cycle.ends_on, Award.id)
    )
    return [(award, cycle) for award, cycle in rows]


def people_paid(session: Session, first: date, last: date) -> Sequence[Employee]:
    """Everybody with a booked award for a cycle that overlaps the period, by number."""
    paid = (
        select(Award.employee_no)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .join(Pool, Pool.id == PayoutRun.pool_id)
        .join(Cycle, Cycle.code == Pool.cycle_code)
        .where(
            Award.origin_id.is_(None),
            PayoutRun.status.in_(BOOKED),
            Cycle.starts_on <= last,
            Cycle.ends_on >= first,
        )
    )
    return session.scalars(
        select(Employee).where(Employee.no.in_(paid)).order_by(Employee.no)
    ).all()


def basis_of(session: Session, employee_no: str, first: date, last: date) -> Basis:
    """What a person has had of the period's awards and what of them still waits.

    What an earlier case has demanded back is not there a second time.
    """
    paid: list[tuple[int, int]] = []
    parts: list[tuple[date, int, int]] = []
    for award, _ in awards_of_period(session, employee_no, first, last):
        entries = as_rules(entries_of(session, award.id))
        kept = paid_balance(entries) - summed(entries, EntryKind.CLAWBACK)
        if kept > 0:
            paid.append((award.id, kept))
        for row in tranches_of(session, award.id):
            left = tranche_balance(entries, row.id)
            if left > 0:
                parts.append((row.vest_on, row.id, left))
    return Basis(tuple(paid), tuple((key, left) for _, key, left in sorted(parts)))


def last_vest_on(session: Session, employee_no: str, first: date, last: date) -> date | None:
    """The last vest day of the period's awards; the day of approval where nothing was deferred."""
    days = []
    for award, _ in awards_of_period(session, employee_no, first, last):
        run = session.get_one(PayoutRun, award.run_id)
        if run.approved_at is not None:
            days.append(run.approved_at.astimezone(FIRM_ZONE).date())
        days += [row.vest_on for row in tranches_of(session, award.id)]
    return max(days, default=None)


def release_of_award(session: Session, award_id: int) -> int:
    """The catalogue release that the award was computed with."""
    award = session.get_one(Award, award_id)
    return session.get_one(PayoutRun, award.run_id).release_number


def entries_of_share(session: Session, case_no: str, employee_no: str) -> Sequence[LedgerEntry]:
    """Everything that a case has booked about a person."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.idempotency_key.startswith(f"clawback/{case_no}/{employee_no}/"))
        .order_by(LedgerEntry.id)
    ).all()


def owed_by_award(session: Session, case_no: str, employee_no: str) -> list[tuple[int, int]]:
    """What a person still owes in a case, by award: demanded − set off − repaid."""
    found: dict[int, int] = {}
    signs = {EntryKind.CLAWBACK.value: 1, EntryKind.SETOFF.value: -1, EntryKind.REPAY.value: -1}
    for row in entries_of_share(session, case_no, employee_no):
        if row.award_id is not None:
            change = signs.get(row.kind, 0) * row.amount_fen
            found[row.award_id] = found.get(row.award_id, 0) + change
    return [(key, fen) for key, fen in sorted(found.items()) if fen]


def instalments_of(session: Session, share_id: int) -> list[Instalment]:
    """The repayment plan of a person, in order."""
    rows = session.scalars(
        select(ClawbackInstalment)
        .where(ClawbackInstalment.share_id == share_id)
        .order_by(ClawbackInstalment.number)
    )
    return [Instalment(row.number, row.due_on, row.amount_fen) for row in rows]


def receipts_of(session: Session, share_id: int) -> Sequence[ClawbackReceipt]:
    """What came in from a person, oldest first."""
    return session.scalars(
        select(ClawbackReceipt)
        .where(ClawbackReceipt.share_id == share_id)
        .order_by(ClawbackReceipt.id)
    ).all()


def set_off_in_month(session: Session, employee_no: str, day: date) -> int:
    """What was set off against a person's wage of that month, over all cases, in 分."""
    first = day.replace(day=1)
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    total = session.scalar(
        select(func.sum(ClawbackReceipt.amount_fen))
        .join(ClawbackShare, ClawbackShare.id == ClawbackReceipt.share_id)
        .where(
            ClawbackShare.employee_no == employee_no,
            ClawbackReceipt.kind == EntryKind.SETOFF.value,
            ClawbackReceipt.received_on >= first,
            ClawbackReceipt.received_on < following,
        )
    )
    return int(total or 0)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One person of one case in the register, with what came in and what is still owed, in 分."""

    case: ClawbackCase
    share: ClawbackShare
    received_fen: int
    owed_fen: int


def register(session: Session, year: int | None, but_not: str | None = None) -> list[RegisterRow]:
    """The people of the cases opened in a year (all of them without one), the newest case first.

    ``but_not`` leaves out every case that this person is a party of.
    """
    query = select(ClawbackCase).order_by(ClawbackCase.id.desc())
    if year is not None:
        query = query.where(
            ClawbackCase.opened_at >= _new_year(year), ClawbackCase.opened_at < _new_year(year + 1)
        )
    cases = {case.id: case for case in session.scalars(query)}
    shares = session.scalars(
        select(ClawbackShare)
        .where(ClawbackShare.case_id.in_(cases))
        .order_by(ClawbackShare.case_id.desc(), ClawbackShare.employee_no)
    ).all()
    own = {share.case_id for share in shares if share.employee_no == but_not}
    received = _received(session, [share.id for share in shares])
    rows = []
    for share in shares:
        if share.case_id in own:
            continue
        case, came = cases[share.case_id], received.get(share.id, 0)
        is_due = case.status in (CaseStatus.EXECUTED, CaseStatus.CLOSED)
        rows.append(RegisterRow(case, share, came, share.clawback_fen - came if is_due else 0))
    return rows


def cases_without_people(session: Session) -> Sequence[ClawbackCase]:
    """Cases whose liability is not set yet, the newest first."""
    known = select(ClawbackShare.case_id)
    return session.scalars(
        select(ClawbackCase).where(ClawbackCase.id.not_in(known)).order_by(ClawbackCase.id.desc())
    ).all()


def years(session: Session) -> list[int]:
    """The years in which cases were opened, the newest first."""
    days = session.scalars(select(ClawbackCase.opened_at))
    return sorted({day.astimezone(FIRM_ZONE).year for day in days}, reverse=True)


def _new_year(year: int) -> datetime:
    return datetime.combine(date(year, 1, 1), time(), FIRM_ZONE)


def _received(session: Session, share_ids: Iterable[int]) -> dict[int, int]:
    rows = session.execute(
        select(ClawbackReceipt.share_id, func.sum(ClawbackReceipt.amount_fen))
        .where(ClawbackReceipt.share_id.in_(list(share_ids)))
        .group_by(ClawbackReceipt.share_id)
    )
    return {key: int(total) for key, total in rows}
