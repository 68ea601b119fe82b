"""Pure pay: factors, raw bonus, pool, veto share, deferral, recovery, ledger and statement."""

from perfflow.payouts.rules.deferral import (
    defer,
    defer_by_policy,
    Deferral,
    marginal_deferral,
    not_faster_than_equal,
    tranches,
    vest_date,
    vest_dates,
)
from perfflow.payouts.rules.factors import (
    BonusFactors,
    client_factor,
    ClientFactor,
    organisation_factor,
    performance_coefficient,
    raw_bonus_fen,
    streak_factor,
    streak_length,
)
from perfflow.payouts.rules.ledger import check_award, check_pool, Entry, EntryKind
from perfflow.payouts.rules.pool import (
    Claim,
    PoolResult,
    Share,
    share_in_levels,
    share_pool,
    share_with_veto,
)
from perfflow.payouts.rules.recovery import (
    malus_clawback,
    Recovery,
    RecoveryMode,
    repayment_plan,
    set_off_limit,
)
from perfflow.payouts.rules.run import clean_factors, compute_run, Member, MemberAward, RunResult
from perfflow.payouts.rules.statement import broken_identities, StatementAmounts

__all__ = [
    "BonusFactors",
    "Claim",
    "ClientFactor",
    "Deferral",
    "Entry",
    "EntryKind",
    "Member",
    "MemberAward",
    "PoolResult",
    "Recovery",
    "RecoveryMode",
    "RunResult",
    "Share",
    "StatementAmounts",
    "broken_identities",
    "check_award",
    "check_pool",
    "clean_factors",
    "client_factor",
    "compute_run",
    "defer",
    "defer_by_policy",
    "malus_clawback",
    "marginal_deferral",
    "not_faster_than_equal",
    "organisation_factor",
    "performance_coefficient",
    "raw_bonus_fen",
    "repayment_plan",
    "set_off_limit",
    "share_in_levels",
    "share_pool",
    "share_with_veto",
    "streak_factor",
    "streak_length",
    "tranches",
    "vest_date",
    "vest_dates",
]
