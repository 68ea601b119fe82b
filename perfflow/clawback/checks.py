"""Proves clawback cases: amounts follow from stored inputs, and the ledger holds just them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.clawback import queries
from perfflow.clawback.actions.deciding import demand_of
from perfflow.clawback.models import ClawbackCase, ClawbackShare
from perfflow.clawback.rules import CaseStatus, Demand
from perfflow.payouts.checks import PayFinding

MOVED = frozenset({CaseStatus.EXECUTED, CaseStatus.CLOSED})


def check_clawback(session: Session) -> Iterator[PayFinding]:
    """What does not hold of any case."""
    for case in session.scalars(select(ClawbackCase).order_by(ClawbackCase.id)):
        for share in queries.shares_of(session, case.id):
            yield from _share(session, case, share)
        owed = sum(
            fen
            for share in queries.shares_of(session, case.id)
            for _, fen in queries.owed_by_award(session, case.case_no, share.employee_no)
        )
        if case.status == CaseStatus.CLOSED and owed:
            yield PayFinding(f"clawback/{case.case_no}/owed", 0, owed)


def _share(session: Session, case: ClawbackCase, share: ClawbackShare) -> Iterator[PayFinding]:
    key = f"clawback/{case.case_no}/{share.employee_no}"
    again = demand_of(case, share)
    for name in ("target_fen", "malus_fen", "clawback_fen"):
        if getattr(share, name) != getattr(again, name):
            yield PayFinding(f"{key}/{name}", getattr(again, name), getattr(share, name))
    if share.explanation != again.tree.to_dict():
        yield PayFinding(f"{key}/explanation", "the tree of the inputs", "another tree")
    has_moved = case.status in MOVED
    yield from _booked(session, case, share, again if has_moved else None, key)


def _booked(
    session: Session, case: ClawbackCase, share: ClawbackShare, found: Demand | None, key: str
) -> Iterator[PayFinding]:
    """The entries of the case are its demand and its receipts; before execution there is none."""
    expected: dict[tuple[str, int | None, int | None], int] = {}
    if found is not None:
        for tranche, fen in found.malus:
            if fen:
                expected["MALUS", None, tranche] = expected["RETURN", None, tranche] = fen
        for award, fen in found.clawback:
            if fen:
                expected["CLAWBACK", award, None] = fen
    got: dict[tuple[str, int | None, int | None], int] = {}
    came: dict[str, int] = {"REPAY": 0, "SETOFF": 0}
    for row in queries.entries_of_share(session, case.case_no, share.employee_no):
        if row.kind in came:
            came[row.kind] += row.amount_fen
        else:
            place = (row.kind, None if row.tranche_id else row.award_id, row.tranche_id)
            got[place] = got.get(place, 0) + row.amount_fen
    if got != expected:
        for place in sorted(got.keys() | expected.keys(), key=str):
            if got.get(place) != expected.get(place):
                yield PayFinding(f"{key}/{place[0]}", expected.get(place), got.get(place))
    for kind, total in came.items():
        kept = sum(
            row.amount_fen for row in queries.receipts_of(session, share.id) if row.kind == kind
        )
        if kept != total:
            yield PayFinding(f"{key}/{kind}", kept, total)
