"""The plan linter 方案体检: refuses or flags dangerous incentive plans (domain §3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perfflow.metrics.rules import MetricDefinition
from perfflow.plans.rules.bonus import BonusPlan
from perfflow.plans.rules.card_checks import lint_card
from perfflow.plans.rules.cards import CardTemplate
from perfflow.plans.rules.deferral import DeferralPolicy
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.pay_checks import lint_bonus, lint_deferral
from perfflow.plans.rules.profiles import Thresholds


@dataclass(frozen=True, slots=True)
class PlanUnderTest:
    """What the linter reads. ``metrics`` is the catalogue that the cards refer to."""

    cards: Sequence[CardTemplate]
    metrics: Mapping[str, MetricDefinition]
    bonus: BonusPlan | None = None
    deferral: DeferralPolicy | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)


def lint(plan: PlanUnderTest) -> list[Finding]:
    """Every finding, cards in the given order, then the bonus plan and the deferral policy."""
    findings: list[Finding] = []
    for card in plan.cards:
        findings.extend(lint_card(card, plan.metrics, plan.thresholds))
    if plan.bonus is not None:
        findings.extend(lint_bonus(plan.bonus, plan.thresholds))
    if plan.deferral is not None:
        findings.extend(lint_deferral(plan.deferral, plan.thresholds))
    return findings
