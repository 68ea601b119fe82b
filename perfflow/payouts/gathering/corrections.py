"""What a delta run would do: holds that have ended and results that have changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.kernel.explanation import Node
from perfflow.payouts import queries
from perfflow.payouts.gathering.members import gather, Gathered, member_from, stored_member
from perfflow.payouts.gathering.ratings import Rated
from perfflow.payouts.models import Award, PayoutRun, Pool, Tranche
from perfflow.payouts.rules.corrections import (
    award_at,
    Before,
    correct,
    Correction,
    explain_correction,
    Part,
    PartState,
    PoolShare,
)
from perfflow.payouts.rules.ledger import (
    Entry,
    EntryKind,
    held_balance,
    paid_balance,
    summed,
    tranche_balance,
)
from perfflow.payouts.rules.run import claim_of, Member, member_award
from perfflow.people.queries import employees_by_no
from perfflow.plans.rules.bonus import BonusPlan, LeaverClass, LeaverTreatment
from perfflow.plans.rules.deferral import DeferralPolicy

PAID = "paid"
VETO, LEAVER, HOLD_ENDED, RESULT = "VETO", "LEAVER", "HOLD_ENDED", "RESULT"
STAGE_REASONS = {"appealed": "APPEAL_DECIDED", "corrected": "CORRECTED"}
GATE = "GATE"


@dataclass(frozen=True, slots=True)
class Computed:
    """A correction computed from stored inputs: claim, bookings and explanation."""

    raw_fen: int
    clean_raw_fen: int
    floor_fen: int
    cap_fen: int | None
    done: Correction
    tree: Node


@dataclass(frozen=True, slots=True)
class Proposal:
    """One award that a delta run changes; ``inputs`` are kept with it."""

    main: Award
    result: Rated
    gate: str
    inputs: Mapping[str, Any]
    computed: Computed

    @property
    def cause(self) -> str:
        return str(self.inputs["cause"])


def proposals(
    session: Session, pool: Pool, main: PayoutRun, today: date
) -> tuple[Gathered, list[Proposal]]:
    """Everything that a delta run of the pool would book now, by employee number.

    Leavers count as on the day of the main run: who was paid and left later keeps it.
    """
    gathered = gather(session, pool, local_date(main.computed_at))
    members = {member.no: member for member in gathered.members}
    awards = [
        award for award in queries.awards_of(session, main.id) if award.employee_no in members
    ]
    ledgers = queries.ledgers_of(session, pool.id)
    parts = queries.tranches_by_award(session, main.id)
    last = queries.last_corrections(session, pool.id)
    stopped = queries.stopped_people(session, [award.employee_no for award in awards])
    dismissed = _dismissed(session, gathered.plan, [award.employee_no for award in awards], today)
    found = []
    for award in awards:
        if award.employee_no in stopped:
            continue  # a clawback case counts with what there is; it comes first
        before = before_of(award, ledgers.get(award.id, ()), parts.get(award.id, ()), last)
        member, rated = members[award.employee_no], gathered.results[award.employee_no]
        cause = _cause(award, member, rated, before, award.employee_no in dismissed)
        if cause is None:
            continue
        kept = _inputs(award, last.get(award.id), member, cause, before, main)
        computed = compute_correction(kept, award.employee_no, gathered.plan, gathered.policy)
        if not computed.done.is_nothing:
            gate = gathered.gates[award.employee_no]
            found.append(Proposal(award, rated, gate, _with_change(kept, computed), computed))
    return gathered, found


def _dismissed(
    session: Session, plan: BonusPlan, numbers: Sequence[str], today: date
) -> frozenset[str]:
    """Who has left since in a way that costs what is still held."""
    return frozenset(
        person.no
        for person in employees_by_no(session, set(numbers)).values()
        if person.left_on is not None
        and person.left_on <= today
        and plan.leavers[LeaverClass(person.leaver_class or LeaverClass.RESIGNED)]
        is LeaverTreatment.ZERO_AND_MALUS
    )


def before_of(
    award: Award,
    entries: Sequence[Entry],
    tranches: Sequence[Tranche],
    last: Mapping[int, Award],
) -> Before:
    """The award as it stands: planned by the run or the last correction, left by the ledger."""
    change = last[award.id].inputs.get("change") if award.id in last else None
    planned = change["planned"] if change else [row.amount_fen for row in tranches]
    rows: list[Tranche | None] = [*tranches, *[None] * (len(planned) - len(tranches))]
    parts = []
    for fen, row in zip(planned, rows, strict=False):
        own = [entry for entry in entries if row is not None and entry.tranche == row.id]
        left = tranche_balance(own, row.id) if row is not None else 0
        parts.append(Part(fen, left, _state(own, fen, left)))
    award_fen = change["award_fen"] if change else award.award_fen
    kept = paid_balance(entries) - summed(entries, EntryKind.CLAWBACK)
    return Before(award_fen, tuple(parts), held_balance(entries), kept)


def _state(own: Sequence[Entry], planned: int, left: int) -> PartState:
    """A part that a correction has brought to nothing waits: another one may restore it."""
    kinds = {entry.kind for entry in own}
    if left > 0 or not kinds & {EntryKind.VEST, EntryKind.MALUS}:
        return PartState.OPEN
    if EntryKind.VEST in kinds:
        return PartState.VESTED
    return PartState.STOPPED if planned else PartState.OPEN


def _cause(
    award: Award, member: Member, rated: Rated, before: Before, is_dismissed: bool
) -> str | None:
    """Why the award changes; None where nothing has happened or a hold goes on.

    A veto after the money was paid is no correction: it opens the way to malus and clawback.
    """
    if is_dismissed and before.held_fen:
        return LEAVER
    if member.held_reason is not None:
        return None
    if member.is_vetoed and not award.inputs["is_vetoed"]:
        return VETO if before.held_fen else None
    if rated.stage != PAID:
        return GATE if rated.reason_code == GATE else STAGE_REASONS.get(rated.stage, RESULT)
    return HOLD_ENDED if before.held_fen else None


def _inputs(
    award: Award,
    last: Award | None,
    member: Member,
    cause: str,
    before: Before,
    main: PayoutRun,
) -> dict[str, Any]:
    """What the correction is computed from.

    A changed result brings its own factors; base and organisation factor stay those of the main
    run, for they are the same question for everybody. Without a changed result nothing moves.
    """
    stored = (last or award).inputs
    if cause in (HOLD_ENDED, LEAVER):
        kept = {key: stored[key] for key in stored_member(member) if key in stored}
        kept["held_reason"] = None
    else:
        own = member_from(award.employee_no, award.inputs)
        factors = replace(
            member.factors,
            base_fen=own.factors.base_fen,
            organisation=own.factors.organisation,
        )
        mine = own.sources or {}
        kept = stored_member(
            replace(
                member,
                factors=factors,
                category=own.category,
                sources={
                    **(member.sources or {}),
                    "base": mine.get("base", ""),
                    "organisation": mine.get("organisation", ""),
                },
            )
        )
    return {
        **kept,
        "main_award": award.id,
        "cause": cause,
        "k": main.k,
        "share": _share(award),
        "before": before.to_dict(),
    }


def _share(award: Award) -> dict[str, Any]:
    """The claim with which the person took part in the main run, and what fell to it."""
    returns = award.returned_fen > 0
    return {
        "claim_fen": award.clean_raw_fen if returns else award.raw_fen,
        "floor_fen": award.floor_fen,
        "cap_fen": award.cap_fen,
        "share_fen": award.award_fen + award.returned_fen,
    }


def compute_correction(
    stored: Mapping[str, Any], number: str, plan: BonusPlan, policy: DeferralPolicy
) -> Computed:
    """The correction from its stored inputs alone: the delta run and its proof use it alike."""
    member = member_from(number, stored)
    claim = claim_of(member, plan)
    before, share = Before.from_dict(stored["before"]), PoolShare(**stored["share"])
    k = None if stored["k"] in ("", "None") else Fraction(stored["k"])
    if stored["cause"] == LEAVER:
        award_fen = before.award_fen - before.held_fen
    elif stored["cause"] == HOLD_ENDED:
        award_fen = before.award_fen
    elif member.is_vetoed:
        award_fen = 0
    else:
        award_fen = award_at(k, claim.raw_fen, claim.floor_fen, claim.cap_fen, share)
    award = member_award(member, claim, award_fen, 0, k, policy)
    planned = award.tranches_fen
    if stored["cause"] in (LEAVER, HOLD_ENDED):
        planned = tuple(part.planned_fen for part in before.parts)
    done = correct(before, award_fen, planned)
    return Computed(
        claim.raw_fen,
        claim.clean_raw_fen,
        claim.floor_fen,
        claim.cap_fen,
        done,
        explain_correction(before, done, award.explanation),
    )


def _with_change(kept: Mapping[str, Any], computed: Computed) -> dict[str, Any]:
    return {**kept, "change": change_of(computed.done)}


def change_of(done: Correction) -> dict[str, Any]:
    """The bookings of a correction as they are kept with its award."""
    return {
        "award_fen": done.award_fen,
        "planned": list(done.planned_fen),
        "adjust_fen": done.adjust_fen,
        "parts": list(done.parts_fen),
        "released_fen": done.released_fen,
        "forfeited_fen": done.forfeited_fen,
    }


def is_stopping(inputs: Mapping[str, Any]) -> bool:
    """True when deferred parts are stopped (malus) rather than corrected."""
    return bool(inputs["cause"] == VETO)
