"""One payout run: raw bonuses, the pool, deferral and holds of everybody in it (§5.10–5.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from perfflow.kernel.explanation import Node
from perfflow.kernel.money import yuan_text
from perfflow.kernel.rounding import Exact, exact
from perfflow.payouts.rules.corrections import award_at
from perfflow.payouts.rules.deferral import defer_by_policy, Deferral
from perfflow.payouts.rules.factors import BonusFactors, raw_bonus_fen
from perfflow.payouts.rules.pool import Claim, share_with_veto
from perfflow.plans.rules.bonus import BonusPlan, VetoShare
from perfflow.plans.rules.deferral import DeferralPolicy, PayCategory

NO_DEFERRAL = Deferral(0, 0, ())


@dataclass(frozen=True, slots=True)
class Member:
    """One person in a run. ``clean_performance`` is Cp of the band before the gate.

    ``held_reason`` (FREEZE, INTERVIEW) keeps the money; the amount is computed as if clean, so
    nobody else's pay moves when the hold ends. ``disputed_performance`` is the best Cp that an
    open appeal could give: what is beyond the award is disputed and not paid. ``sources`` say
    where factors came from.
    """

    no: str
    factors: BonusFactors
    clean_performance: Exact | str
    category: PayCategory
    is_vetoed: bool = False
    is_main_leader: bool = False
    held_reason: str | None = None
    disputed_performance: Exact | str | None = None
    floor_fen: int | None = None
    cap_fen: int | None = None
    sources: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MemberAward:
    """What one person gets in one run, all in 分.

    award = now + deferred; net = now − held (before what earlier awards bring). ``disputed_fen``
    is what an open appeal could add at most; it is kept apart, never a part of the award.
    """

    member: Member
    raw_fen: int
    clean_raw_fen: int
    floor_fen: int
    cap_fen: int | None
    award_fen: int
    deferred_fen: int
    tranches_fen: tuple[int, ...]
    now_fen: int
    held_fen: int
    returned_fen: int
    net_fen: int
    k: Fraction | None
    disputed_fen: int = 0

    @property
    def explanation(self) -> Node:
        """The tree from the factors to what is paid now."""
        return explain_award(self)


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run; ``awards`` is None when the pool is infeasible (a human decides)."""

    status: str
    pool_fen: int
    mode: VetoShare
    k: Fraction | None
    awards: Mapping[str, MemberAward] | None
    surplus_fen: int

    @property
    def award_sum_fen(self) -> int:
        return sum(award.award_fen for award in (self.awards or {}).values())

    @property
    def returned_fen(self) -> int:
        return sum(award.returned_fen for award in (self.awards or {}).values())


def clean_factors(member: Member) -> BonusFactors:
    """The factors with G = 1 and Cp of the clean band: what the veto takes away."""
    own = member.factors
    return BonusFactors(
        own.base_fen,
        member.clean_performance,
        own.organisation,
        own.client,
        own.streak,
        own.present,
        1,
    )


def compute_run(
    pool_fen: int,
    members: Sequence[Member],
    plan: BonusPlan,
    policy: DeferralPolicy,
    mode: VetoShare | None = None,
) -> RunResult:
    """Raw → pool → veto share → deferral → hold for everybody; order of ``members`` is irrelevant.

    Limits default to the plan's multiples of the base, for the whole year, not prorated.
    """
    chosen = plan.veto_share if mode is None else mode
    claims = [claim_of(member, plan) for member in members]
    shared = share_with_veto(pool_fen, claims, chosen, never_scale_up=plan.never_scale_up)
    if shared.awards is None:
        return RunResult(shared.status, pool_fen, chosen, shared.k, None, 0)
    awards = {}
    for member, claim in zip(members, claims, strict=True):
        awards[member.no] = member_award(
            member,
            claim,
            shared.awards[member.no],
            shared.returned.get(member.no, 0),
            shared.k,
            policy,
        )
    return RunResult(shared.status, pool_fen, chosen, shared.k, awards, shared.surplus_fen)


def claim_of(member: Member, plan: BonusPlan) -> Claim:
    """What a member brings to the pool: raw, clean raw, and the limits of the plan."""
    base = member.factors.base_fen
    floor, cap = member.floor_fen, member.cap_fen
    if floor is None:
        floor = int(base * exact(plan.floor_multiple))
    if cap is None and plan.cap_multiple is not None:
        cap = int(base * exact(plan.cap_multiple))
    raw = raw_bonus_fen(member.factors)
    clean = raw_bonus_fen(clean_factors(member)) if member.is_vetoed else raw
    return Claim(member.no, raw, clean, floor, cap, member.is_vetoed)


def member_award(
    member: Member,
    claim: Claim,
    award_fen: int,
    returned_fen: int,
    k: Fraction | None,
    policy: DeferralPolicy,
) -> MemberAward:
    """The award of one member with its deferred parts, hold and disputed difference."""
    parts = NO_DEFERRAL
    if award_fen:
        parts = defer_by_policy(
            award_fen, member.category, policy, is_main_leader=member.is_main_leader
        )
    held = parts.now_fen if member.held_reason else 0
    return MemberAward(
        member=member,
        raw_fen=claim.raw_fen,
        clean_raw_fen=claim.clean_raw_fen,
        floor_fen=claim.floor_fen,
        cap_fen=claim.cap_fen,
        award_fen=award_fen,
        deferred_fen=parts.deferred_fen,
        tranches_fen=parts.tranches_fen,
        now_fen=parts.now_fen,
        held_fen=held,
        returned_fen=returned_fen,
        net_fen=parts.now_fen - held,
        k=k,
        disputed_fen=_disputed(member, claim, award_fen, k),
    )


def _disputed(member: Member, claim: Claim, award_fen: int, k: Fraction | None) -> int:
    """What the best outcome of an open appeal would add at the k of this run, at least 0."""
    if member.disputed_performance is None:
        return 0
    best = replace(clean_factors(member), performance=member.disputed_performance)
    raw = raw_bonus_fen(best)
    if raw <= claim.raw_fen:
        return 0
    return max(0, award_at(k, raw, claim.floor_fen, claim.cap_fen) - award_fen)


def explain_award(award: MemberAward) -> Node:
    """now ← award ← raw ← factors, as kept by the run."""
    own, sources = award.member.factors, award.member.sources or {}
    factors = tuple(
        Node(f"payouts.explain.{name}", value=str(value), source=sources.get(name))
        for name, value in (
            ("performance", own.performance),
            ("organisation", own.organisation),
            ("client", own.client),
            ("streak", own.streak),
            ("present", own.present),
            ("gate", own.gate),
        )
    )
    base = Node(
        "payouts.explain.base",
        value=yuan_text(own.base_fen),
        unit="CNY",
        source=sources.get("base"),
    )
    raw = Node(
        "payouts.explain.raw",
        formula="base × Cp × Co × Cl × Cs × p × G",
        value=yuan_text(award.raw_fen),
        unit="CNY",
        rounding="N5",
        children=(base, *factors),
    )
    limits = {"floor": yuan_text(award.floor_fen)}
    if award.cap_fen is not None:
        limits["cap"] = yuan_text(award.cap_fen)
    k = Node("payouts.explain.k", value=str(award.k))
    shared = Node(
        "payouts.explain.award",
        limits,
        formula="clamp(k × raw, floor, cap)",
        value=yuan_text(award.award_fen),
        unit="CNY",
        rounding="N5",
        children=(raw, k),
    )
    parts = [shared]
    reason = (award.member.held_reason or "").lower()
    for name, fen in (
        ("deferred", award.deferred_fen),
        (f"held_{reason}", award.held_fen),
        ("returned", award.returned_fen),
        ("disputed", award.disputed_fen),
    ):
        if fen:
            parts.append(Node(f"payouts.explain.{name}", value=yuan_text(fen), unit="CNY"))
    return Node(
        "payouts.explain.net",
        formula="award − deferred − held",
        value=yuan_text(award.net_fen),
        unit="CNY",
        children=tuple(parts),
    )
