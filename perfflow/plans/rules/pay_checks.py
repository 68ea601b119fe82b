"""The linter's rules about bonus plans and deferral policies."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from perfflow.kernel.rounding import exact
from perfflow.plans.rules.bonus import BonusPlan
from perfflow.plans.rules.deferral import CategoryRule, DeferralPolicy, PayCategory
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import Severity, Thresholds


def lint_bonus(bonus: BonusPlan, thresholds: Thresholds) -> Iterator[Finding]:
    """PL-20 … PL-23 on a bonus plan."""
    path = f"plans/{bonus.code}"

    def found(code: str, severity: Severity, name: str, source: str, **params: Any) -> Finding:
        return Finding(code, severity, path, f"plans.lint.{name}", params, source)

    if bonus.direct_split:
        severity, source = thresholds.severity("PL-20", Severity.WARNING)
        yield found("PL-20", severity, "direct_split", source)
    coefficients = [band.coefficient for band in bonus.bands.bands]
    if coefficients[-1] != 0:
        yield found(
            "PL-21", Severity.ERROR, "no_zero_coefficient", "default", got=str(coefficients[-1])
        )
    if any(better < worse for better, worse in pairwise(coefficients)):
        yield found("PL-21", Severity.ERROR, "coefficients_not_monotone", "default")
    if bonus.public_sales_ranking:
        severity, source = thresholds.severity("PL-22", Severity.WARNING)
        yield found("PL-22", severity, "public_ranking", source)
    limit = thresholds.of("cap_multiple_max")
    if bonus.cap_multiple is None or bonus.cap_multiple > limit.value:
        severity, source = thresholds.severity("PL-23", Severity.WARNING)
        yield found(
            "PL-23",
            severity,
            "no_individual_cap",
            source if source != "default" else limit.decided_by,
            got=str(bonus.cap_multiple),
            max=str(limit.value),
        )


def lint_deferral(policy: DeferralPolicy, thresholds: Thresholds) -> Iterator[Finding]:
    """PL-16 and PL-17 on a deferral policy."""
    for category, rule in policy.categories.items():
        path = f"plans/{policy.code}.categories.{category}"
        if category is not PayCategory.STAFF:
            yield from _deferral_minimum(path, category, rule, thresholds)
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
    rate, least = rule.rate or Fraction(0), thresholds.of("deferral_min_rate", category.value)
    if rate < exact(least.value):
        params = {"category": category.value, "got": str(rate), "min": str(least.value)}
        yield Finding(
            "PL-16", Severity.ERROR, path, "plans.lint.deferral_rate", params, least.decided_by
        )
    years = thresholds.of("deferral_min_years", category.value)
    if rule.years < years.value:
        params = {"category": category.value, "got": str(rule.years), "min": str(years.value)}
        yield Finding(
            "PL-16", Severity.ERROR, path, "plans.lint.deferral_years", params, years.decided_by
        )
