"""Calculations about pay by name: factors, raw bonus, pool, deferral, recovery, working days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from perfflow.calc.given import (
    bad,
    day,
    flag,
    Given,
    list_of,
    maybe,
    number,
    rows,
    text,
    whole_number,
)
from perfflow.calc.scoring import choice
from perfflow.calendar.rules import parse_calendars, WorkingCalendar
from perfflow.config import Settings
from perfflow.kernel.money import yuan_text
from perfflow.kernel.rounding import round_half_up
from perfflow.payouts.rules import (
    BonusFactors,
    Claim,
    client_factor,
    defer,
    defer_by_policy,
    malus_clawback,
    marginal_deferral,
    not_faster_than_equal,
    organisation_factor,
    raw_bonus_fen,
    RecoveryMode,
    repayment_plan,
    set_off_limit,
    Share,
    share_pool,
    share_with_veto,
    StatementAmounts,
    streak_factor,
    streak_length,
    tranches,
    vest_dates,
)
from perfflow.payouts.rules.deferral import equal_shares
from perfflow.payouts.rules.risk import DEFAULT_SHARES, risk_scaled_pool
from perfflow.plans.rules.bonus import VetoShare
from perfflow.plans.rules.deferral import PayCategory, STANDARD_DEFERRAL

_MOST_DAYS = 5000
_MOST_PARTS = 1000


def pool(given: Given) -> dict[str, Any]:
    """Status and 分 by person for items [id, raw, floor, cap or null]."""
    read = rows(text, whole_number, whole_number, maybe(whole_number))
    result = share_pool(
        given.get("pool_fen", whole_number),
        [Share(*item) for item in given.get("items_id_raw_floor_cap", read)],
        never_scale_up=given.get("never_scale_up", flag, False),
    )
    return {"status": result.status, "fen": None if result.fen is None else dict(result.fen)}


def veto_pool(given: Given) -> dict[str, Any]:
    """Awards, returned amounts and k for items [id, raw, clean raw, floor, cap or null, vetoed]."""
    read = rows(text, whole_number, whole_number, whole_number, maybe(whole_number), flag)
    result = share_with_veto(
        given.get("pool_fen", whole_number),
        [Claim(*item) for item in given.get("items", read)],
        given.get("mode", choice(VetoShare)),
        never_scale_up=given.get("never_scale_up", flag, False),
    )
    return {
        "status": result.status,
        "k": None if result.k is None else str(result.k),
        "fen": None if result.awards is None else dict(result.awards),
        "returned": dict(result.returned),
        "surplus": result.surplus_fen,
    }


def _parts(given: Given) -> Any:
    if given.has("shares"):
        return given.get("shares", list_of(number))
    count = given.get("n", whole_number)
    if count > _MOST_PARTS:
        raise bad("n")
    return equal_shares(count)


def defer_award(given: Given) -> dict[str, Any]:
    """Deferred part (ceil), what is paid now, and tranches: ``n`` equal ones or ``shares``."""
    parts = defer(given.get("amount_fen", whole_number), given.get("rate", number), _parts(given))
    return {
        "deferred": parts.deferred_fen,
        "now": parts.now_fen,
        "tranches": list(parts.tranches_fen),
    }


def defer_category(given: Given) -> dict[str, Any]:
    """The same by pay category of the standard policy."""
    parts = defer_by_policy(
        given.get("amount_fen", whole_number),
        given.get("category", choice(PayCategory)),
        STANDARD_DEFERRAL,
        is_main_leader=given.get("main_leader", flag, False),
    )
    return {
        "deferred": parts.deferred_fen,
        "now": parts.now_fen,
        "tranches": list(parts.tranches_fen),
    }


def tranche_parts(given: Given) -> list[int]:
    """Cumulative floors of D by shares."""
    return list(tranches(given.get("D", whole_number), given.get("shares", list_of(number))))


def slow_enough(given: Given) -> bool:
    """cum_t ≤ t/n for every t."""
    return not_faster_than_equal(given.get("shares", list_of(number)))


def marginal(given: Given) -> int:
    """Deferred part by marginal brackets [upper 分 or null, rate]."""
    return marginal_deferral(
        given.get("fen", whole_number), given.get("brackets", rows(maybe(whole_number), number))
    )


def recovery(given: Given) -> dict[str, Any]:
    """Target, malus by tranche and clawback."""
    mode = given.get("mode", choice(RecoveryMode), RecoveryMode.ALL_OF_PERIOD)
    result = malus_clawback(
        given.get("paid_fen", whole_number),
        given.get("unvested_fen", list_of(whole_number)),
        given.get("ratio", number, 1),
        mode=mode,
        correct_fen=given.get("correct_fen", maybe(whole_number), None),
    )
    return {
        "target": result.target_fen,
        "malus": list(result.malus_fen),
        "clawback": result.clawback_fen,
    }


def client_lt(given: Given) -> dict[str, Any]:
    """S_LT with 4 dp and the factor Cl, from [answers, mean score], newest first."""
    quarters = given.get("quarters_newest_first", rows(whole_number, maybe(number)))
    if any(score is None and answers for answers, score in quarters):
        raise bad("quarters_newest_first")
    # A quarter without answers has no mean.
    found = client_factor([(answers, score or 0) for answers, score in quarters])
    return {"S": round_half_up(found.exact_score, 4), "factor": str(found.factor)}


def raw_bonus(given: Given) -> str:
    """base × Cp × Co × Cl × Cs × p × G in 元, half-up to 分."""
    base = given.get("base", number) * 100
    if base.denominator != 1:
        raise bad("base")
    factors = BonusFactors(
        base.numerator,
        *(given.get(key, number) for key in ("Cp", "Co", "Cl", "Cs", "p", "G")),
    )
    return yuan_text(raw_bonus_fen(factors))


def org_factor(given: Given) -> str:
    """Co of unit, branch and firm, 4 dp, clamped."""
    unit, branch, firm = (given.get(key, number) for key in ("unit", "branch", "firm"))
    return str(organisation_factor(unit, branch, firm))


def streak(given: Given) -> dict[str, Any]:
    """Length of the run and Cs, from [band, worst severity], newest first."""
    length = streak_length(given.get("cycles_newest_first", rows(text, whole_number)))
    return {"length": length, "factor": str(streak_factor(length))}


def vesting(given: Given) -> list[str]:
    """Vest dates of yearly tranches, on working days of the shipped calendar."""
    count = given.get("n", whole_number)
    if not 0 < count <= _MOST_PARTS:
        raise bad("n")
    dates = vest_dates(given.get("awarded_on", day), count, national_calendar())
    return [on.isoformat() for on in dates]


def instalments(given: Given) -> list[int]:
    """A repayment plan in 分."""
    count = given.get("n", whole_number)
    if count > _MOST_PARTS:
        raise bad("n")
    return list(repayment_plan(given.get("amount_fen", whole_number), count))


def set_off(given: Given) -> int:
    """The most that may be set off against a month's wage."""
    return set_off_limit(given.get("wage_fen", whole_number), given.get("share", number, "0.2"))


def statement_net(given: Given) -> int:
    """本次实发 of a statement in 分."""
    keys = ("award", "deferred", "now", "vested", "malus_on_due", "set_off", "adjust", "held")
    return StatementAmounts(*(given.get(f"{key}_fen", whole_number, 0) for key in keys)).net_fen


@cache
def national_calendar() -> WorkingCalendar:
    """The working calendar of the shipped files."""
    folder = Settings.from_environment().catalogue / "calendars"
    files = {path.name: path.read_bytes() for path in folder.glob("CN-*.yaml")}
    return WorkingCalendar.from_days(parse_calendars(files))


def add_workdays(given: Given) -> str:
    """The n-th working day after a date in the national calendar of China."""
    days = given.get("n", whole_number)
    if abs(days) > _MOST_DAYS:
        raise bad("n")
    start: date = given.get("from", day)
    return national_calendar().add_working_days(start, days).isoformat()


def risk_pool(given: Given) -> dict[str, Any]:
    """What a pool may be after missed risk indicators of the firm, in 分."""
    found = risk_scaled_pool(
        given.get("pool_fen", whole_number),
        missed=given.get("missed", whole_number),
        people=given.get("people", whole_number),
        last_average_fen=given.get("last_average_fen", maybe(number), None),
        shares=given.get("shares", list_of(number), DEFAULT_SHARES),
    )
    return {"fen": found.amount_fen, "may_raise_base_pay": found.may_raise_base_pay}


FUNCTIONS: dict[str, Callable[[Given], Any]] = {
    "pool": pool,
    "veto_pool": veto_pool,
    "risk_pool": risk_pool,
    "defer": defer_award,
    "defer_category": defer_category,
    "tranches": tranche_parts,
    "not_faster_than_equal": slow_enough,
    "marginal_defer": marginal,
    "malus_clawback": recovery,
    "client_lt": client_lt,
    "raw_bonus": raw_bonus,
    "org_factor": org_factor,
    "streak": streak,
    "vest_dates": vesting,
    "repayment_plan": instalments,
    "set_off_limit": set_off,
    "statement_net": statement_net,
    "add_workdays_cn": add_workdays,
}
