"""The plan linter 方案体检: refuses or flags dangerous incentive plans (domain §3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from perfflow.metrics.rules import MetricDefinition
from perfflow.plans.rules.bands import BandTable
from perfflow.plans.rules.bonus import BonusPlan
from perfflow.plans.rules.card_checks import lint_card, lint_metrics
from perfflow.plans.rules.cards import CardTemplate
from perfflow.plans.rules.decisions import check_bands, COEFFICIENT, PayDecisions
from perfflow.plans.rules.deferral import DeferralPolicy
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.library import GoalLibrary, lint_library
from perfflow.plans.rules.pay_checks import Exposure, lint_bonus, lint_deferral, lint_table
from perfflow.plans.rules.profiles import Thresholds

Kind = TypeVar("Kind", BonusPlan, DeferralPolicy)
CODES = tuple(f"PL-{number:02}" for number in range(1, 26))
"""Every rule of the linter; docs/reference/plan-linter.md describes each."""


@dataclass(frozen=True, slots=True)
class PlanUnderTest:
    """What the linter reads. ``metrics`` is the catalogue that the cards refer to; ``bonus`` and
    ``deferral`` are single documents or several of each kind."""

    cards: Sequence[CardTemplate]
    metrics: Mapping[str, MetricDefinition]
    bonus: BonusPlan | Sequence[BonusPlan] | None = None
    deferral: DeferralPolicy | Sequence[DeferralPolicy] | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    libraries: Sequence[GoalLibrary] = ()
    exposure: Exposure | None = None
    decisions: PayDecisions | None = None
    kinds: Sequence[str] = ("ANNUAL",)


def lint(plan: PlanUnderTest) -> list[Finding]:
    """Every finding: metrics, cards in the given order, libraries, bonus plans, deferral policies.

    Each names what decided it: the profile, and the regulation that the profile cites.
    """
    limits = plan.thresholds
    return [
        replace(
            found,
            regulation=limits.regulation(found.code, found.source),
            profile=limits.name_of(found.source),
        )
        for found in _all(plan)
    ]


def _all(plan: PlanUnderTest) -> Iterator[Finding]:
    limits = plan.thresholds
    yield from lint_metrics(plan.metrics)
    for card in plan.cards:
        yield from lint_card(card, plan.metrics, limits)
    for library in plan.libraries:
        yield from lint_library(library, plan.metrics, limits)
    for bonus in _several(plan.bonus):
        tables = list(_tables(plan, bonus))
        yield from lint_bonus(bonus, limits, plan.exposure, [bands for _, bands in tables])
        for where, bands in tables:
            yield from lint_table(bands, f"decisions/{COEFFICIENT}", where)
    for policy in _several(plan.deferral):
        yield from lint_deferral(policy, limits)


def _tables(plan: PlanUnderTest, bonus: BonusPlan) -> Iterator[tuple[str, BandTable]]:
    """The coefficients that the decision table gives each post in each kind of cycle, once each."""
    if plan.decisions is None:
        return
    seen: set[tuple[object, ...]] = set()
    for post in dict.fromkeys(card.post for card in plan.cards):
        for kind in plan.kinds:
            bands = check_bands(bonus.bands, plan.decisions, post, kind)
            shape = tuple(band.coefficient for band in bands.bands)
            if shape not in seen and bands is not bonus.bands:
                seen.add(shape)
                yield f"{post} {kind}", bands


def _several(given: Kind | Sequence[Kind] | None) -> Sequence[Kind]:
    if given is None:
        return ()
    return given if isinstance(given, Sequence) else (given,)
