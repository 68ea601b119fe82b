"""The linter's rules about bonus plans and deferral policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from perfflow.kernel.rounding import exact
from perfflow.plans.rules.bands import BandTable
from perfflow.plans.rules.bonus import BonusPlan
from perfflow.plans.rules.deferral import CategoryRule, DeferralPolicy, FEN_PER_YUAN, PayCategory
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import DEFAULT, Severity, Threshold, Thresholds

LEADERS = PayCategory.SENIOR


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is known of a running firm: the target bonuses of all people and the pools, in 分."""

    people: int
    base_fen: int
    pool_fen: int | None


class _PlanView:
    """A bonus plan with the limits; findings stand at its path."""

    def __init__(self, bonus: BonusPlan, limits: Thresholds) -> None:
        self.bonus = bonus
        self.limits = limits

    def finding(
        self, code: str, severity: Severity, name: str, source: str = DEFAULT, **params: Any
    ) -> Finding:
        at = params.pop("at", "")
        return Finding(
            code, severity, f"plans/{self.bonus.code}{at}", f"plans.lint.{name}", params, source
        )

    def judged(
        self, code: str, name: str, limit: Threshold | None = None, **params: Any
    ) -> Finding:
        """A finding whose severity the profiles decide; the source is who made it severe, else
        who set the limit."""
        severity, source = self.limits.severity(code, Severity.WARNING)
        if source == DEFAULT and limit is not None:
            source = limit.decided_by
        return self.finding(code, severity, name, source, **params)


def lint_bonus(
    bonus: BonusPlan,
    thresholds: Thresholds,
    exposure: Exposure | None = None,
    tables: Sequence[BandTable] = (),
) -> Iterator[Finding]:
    """PL-15 and PL-20 … PL-25 on a bonus plan; ``tables`` are the coefficients that decision
    tables give instead of the plan's own."""
    view = _PlanView(bonus, thresholds)
    yield from _pay_mix(view)
    yield from _variable(view)
    yield from _coefficients(view)
    if bonus.public_sales_ranking:
        yield view.judged("PL-22", "public_ranking")
    limit = thresholds.of("cap_multiple_max")
    if bonus.cap_multiple is None or bonus.cap_multiple > limit.value:
        got = "∞" if bonus.cap_multiple is None else str(bonus.cap_multiple)
        yield view.judged("PL-23", "no_individual_cap", limit, got=got, max=str(limit.value))
    yield from _guarantee(view)
    yield _exposure(view, exposure, tables)


def _pay_mix(view: _PlanView) -> Iterator[Finding]:
    """PL-15: performance pay of leaders against base pay, and base pay against the total."""
    most = view.limits.asked("leader_performance_over_base_max")
    share = view.limits.asked("base_share_max")
    if most is not None:
        leaders = view.bonus.pay_mix.get(LEADERS)
        got = leaders.performance_over_base_max if leaders else None
        if got is None or got > most.value:
            yield view.judged(
                "PL-15",
                "leader_pay" if got is not None else "leader_pay_missing",
                most,
                at=f".pay_mix.{LEADERS}",
                got=str(got),
                max=str(most.value),
            )
    if share is None:
        return
    for category, mix in sorted(view.bonus.pay_mix.items()):
        if mix.base_share is not None and mix.base_share > share.value:
            yield view.judged(
                "PL-15",
                "base_share",
                share,
                at=f".pay_mix.{category}",
                category=category.value,
                got=str(mix.base_share),
                max=str(share.value),
            )
    if all(mix.base_share is None for mix in view.bonus.pay_mix.values()):
        yield view.judged("PL-15", "base_share_missing", share, at=".pay_mix", max=str(share.value))


def _variable(view: _PlanView) -> Iterator[Finding]:
    """PL-20: nothing but variable pay, or a split of commission."""
    if view.bonus.direct_split:
        yield view.judged("PL-20", "direct_split")
    for category, mix in sorted(view.bonus.pay_mix.items()):
        if mix.base_share == 0:
            yield view.judged(
                "PL-20", "all_variable", at=f".pay_mix.{category}", category=category.value
            )


def _coefficients(view: _PlanView) -> Iterator[Finding]:
    """PL-21: the worst band can get nothing, and a better band never gets less."""
    coefficients = [band.coefficient for band in view.bonus.bands.bands]
    if coefficients[-1] != 0:
        yield view.finding(
            "PL-21", Severity.ERROR, "no_zero_coefficient", got=str(coefficients[-1])
        )
    if view.bonus.floor_multiple > 0:
        # A floor lifts a coefficient of 0 to the floor: nothing is no longer reachable.
        floor = str(view.bonus.floor_multiple)
        yield view.finding("PL-21", Severity.ERROR, "floor_above_zero", got=floor)
    if any(better < worse for better, worse in pairwise(coefficients)):
        yield view.finding("PL-21", Severity.ERROR, "coefficients_not_monotone")


def _guarantee(view: _PlanView) -> Iterator[Finding]:
    """PL-24: a guaranteed bonus is for the first months of service only."""
    guarantee, limit = view.bonus.guarantee, view.limits.of("guarantee_months_max")
    months = guarantee.months_of_service
    if guarantee.multiple and (months is None or months > limit.value):
        yield view.judged(
            "PL-24",
            "long_guarantee",
            limit,
            at=".guarantee",
            got="∞" if months is None else str(months),
            max=str(limit.value),
        )


def lint_table(bands: BandTable, path: str, where: str) -> Iterator[Finding]:
    """PL-21 on the coefficients that a decision table gives ``where`` (a post and cycle)."""
    coefficients = [band.coefficient for band in bands.bands]
    params = {"where": where, "got": ", ".join(map(str, coefficients))}
    if coefficients[-1] != 0:
        yield Finding("PL-21", Severity.ERROR, path, "plans.lint.table_without_zero", params)
    if any(better < worse for better, worse in pairwise(coefficients)):
        yield Finding("PL-21", Severity.ERROR, path, "plans.lint.table_not_monotone", params)


def _exposure(view: _PlanView, known: Exposure | None, tables: Sequence[BandTable]) -> Finding:
    """PL-25: what the plan could cost at most, beside the pool."""
    most = max(view.bonus.most_multiple(bands) for bands in (view.bonus.bands, *tables))
    if known is None or not known.people:
        return view.finding("PL-25", Severity.INFO, "exposure_multiple", most=most)
    params: dict[str, Any] = {
        "people": known.people,
        "most": most,
        "most_fen": int(known.base_fen * exact(most)),
        "base_fen": known.base_fen,
    }
    if known.pool_fen is None:
        return view.finding("PL-25", Severity.INFO, "exposure_without_pool", **params)
    return view.finding("PL-25", Severity.INFO, "exposure", pool_fen=known.pool_fen, **params)


def lint_deferral(policy: DeferralPolicy, thresholds: Thresholds) -> Iterator[Finding]:
    """PL-16 and PL-17 on a deferral policy."""
    for category, rule in policy.categories.items():
        path = f"plans/{policy.code}.categories.{category}"
        if category is not PayCategory.STAFF:
            yield from _deferral_minimum(path, category, rule, thresholds)
            yield from _high_awards(path, category, rule, thresholds)
        reached, count = Fraction(0), len(rule.shares)
        for year, share in enumerate(rule.shares, start=1):
            reached += share
            if reached * count > year:
                params = {"category": category.value, "year": year}
                yield Finding("PL-17", Severity.ERROR, path, "plans.lint.front_loaded", params)
                break


def _deferral_minimum(
    path: str, category: PayCategory, rule: CategoryRule, thresholds: Thresholds
) -> Iterator[Finding]:
    def found(name: str, got: object, limit: Threshold) -> Finding:
        params = {"category": category.value, "got": str(got), "min": str(limit.value)}
        return Finding(
            "PL-16", Severity.ERROR, path, f"plans.lint.{name}", params, limit.decided_by
        )

    rate = _lowest_rate(rule)
    least = thresholds.of("deferral_min_rate", category.value)
    if rate < exact(least.value):
        yield found("deferral_rate", _plain(rate), least)
    years = thresholds.of("deferral_min_years", category.value)
    if rule.years < years.value:
        yield found("deferral_years", rule.years, years)
    above = thresholds.asked("main_leader_rate_above")
    if category is LEADERS and above is not None:
        leader = rule.main_leader_rate if rule.main_leader_rate is not None else rate
        if leader <= exact(above.value):
            yield found("main_leader_rate", _plain(leader), above)


def _high_awards(
    path: str, category: PayCategory, rule: CategoryRule, thresholds: Thresholds
) -> Iterator[Finding]:
    """PL-16 where a profile asks more of particularly high awards."""
    start = thresholds.asked("high_award_from_yuan")
    least = thresholds.asked("high_award_min_rate")
    if start is None or least is None:
        return
    limit = exact(start.value) * FEN_PER_YUAN
    rates = [rule.rate] if rule.rate is not None else []
    rates += [rate for upper, rate in rule.brackets if upper is None or upper > limit]
    lowest = min(rates, default=Fraction(0))
    if lowest < exact(least.value):
        params = {
            "category": category.value,
            "got": _plain(lowest),
            "min": str(least.value),
            "from_": str(start.value),
        }
        yield Finding(
            "PL-16", Severity.ERROR, path, "plans.lint.high_award_rate", params, least.decided_by
        )


def _lowest_rate(rule: CategoryRule) -> Fraction:
    """The flat rate; with brackets the rate of the first 分, which everybody is sure of."""
    if rule.rate is not None:
        return rule.rate
    return min((rate for _, rate in rule.brackets), default=Fraction(0))


def _plain(rate: Fraction) -> str:
    """A rate as people write it: 0.39, or the fraction when it has no short decimal."""
    scaled = rate * 10_000
    return (
        str(Decimal(scaled.numerator).scaleb(-4).normalize())
        if scaled.denominator == 1
        else str(rate)
    )
