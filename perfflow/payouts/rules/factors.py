"""The factors of the raw bonus and their product (domain §5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import (
    DECIMAL34,
    Exact,
    exact,
    scaled_half_up,
    score4,
    total2,
)
from perfflow.plans.rules.bands import BandTable, NOT_RATED
from perfflow.plans.rules.bonus import (
    BaseRule,
    BonusPlan,
    ClientRule,
    LeaverClass,
    LeaverTreatment,
    NrPolicy,
    OrganisationRule,
    STANDARD_PLAN,
    StreakRule,
)

MAX_QUARTERS = 12
ONE = Decimal("1.0000")
_WIDE = Context(prec=60)


def _weight(quarter: int) -> Decimal:
    """0.5^(q/4) with 34 significant digits: two square roots of an exact power."""
    power = _WIDE.power(Decimal("0.5"), quarter)
    return DECIMAL34.plus(_WIDE.sqrt(_WIDE.sqrt(power)))


QUARTER_WEIGHTS = tuple(_weight(quarter) for quarter in range(MAX_QUARTERS))
"""w_q of the newest quarter (1) and the eleven before it."""


@dataclass(frozen=True, slots=True)
class ClientFactor:
    """Long-term client satisfaction: S with all digits, S_LT (2 dp, N7), Cl (4 dp, N4)."""

    exact_score: Decimal
    score: Decimal
    factor: Decimal
    answers: int


def client_factor(
    quarters: Sequence[tuple[int, Exact | str]], rule: ClientRule = STANDARD_PLAN.client
) -> ClientFactor:
    """S_LT and Cl from (answers, mean score) of at most twelve quarters, newest first.

    S = (m·prior + Σ w·n·s) / (m + Σ w·n) in 34 digits. Negative answers or a score outside 0–100
    raise ``DOMAIN``.
    """
    above = DECIMAL34.multiply(rule.prior_weight, rule.prior_mean)
    below, answers = rule.prior_weight, 0
    for weight, (count, score) in zip(QUARTER_WEIGHTS[: rule.quarters], quarters, strict=False):
        mean = _decimal34(score)
        if count < 0 or not 0 <= mean <= 100:
            raise ComputationError("DOMAIN", name="quarter", value=f"{count}, {score}")
        share = DECIMAL34.multiply(weight, Decimal(count))
        above = DECIMAL34.add(above, DECIMAL34.multiply(share, mean))
        below = DECIMAL34.add(below, share)
        answers += count
    if not below:
        raise ComputationError("DOMAIN", name="prior_weight", value="0")
    found = DECIMAL34.divide(above, below)
    shown = total2(found)
    return ClientFactor(found, shown, score4(rule.knots.at(shown)), answers)


def _decimal34(value: Exact | str) -> Decimal:
    number = exact(value)
    return DECIMAL34.divide(Decimal(number.numerator), Decimal(number.denominator))


def organisation_factor(
    unit: Exact | str,
    branch: Exact | str,
    firm: Exact | str,
    rule: OrganisationRule = STANDARD_PLAN.organisation,
) -> Decimal:
    """Co = Σ weight·factor, 4 dp (N4), clamped: 1.10, 1.00, 0.95 → 1.0400."""
    whole = exact(rule.unit) * exact(unit) + exact(rule.branch) * exact(branch)
    factor = score4(whole + exact(rule.firm) * exact(firm))
    return score4(min(max(factor, rule.lowest), rule.highest))


def streak_length(
    newest_first: Sequence[tuple[str, int]],
    bands: BandTable = STANDARD_PLAN.bands,
    rule: StreakRule = STANDARD_PLAN.streak,
) -> int:
    """Consecutive annual cycles (final band, worst severity) up to the one being paid.

    A cycle counts when its band is at least the rule's and nothing of severity ≥ 2 happened in
    it. One NR in the run is neutral; a second one, and anything else, ends it.
    """
    best, length, is_neutral_used = bands.rank(rule.minimum_band), 0, False
    for code, severity in newest_first:
        if severity >= rule.resetting_severity:
            break
        if code == NOT_RATED:
            if is_neutral_used:
                break
            is_neutral_used = True
        elif bands.rank(code) <= best:
            length += 1
        else:
            break
    return length


def streak_factor(length: int, rule: StreakRule = STANDARD_PLAN.streak) -> Decimal:
    """Cs of a run of good cycles, 4 dp: 0–1 → 1.00, 2 → 1.05, 3 and more → 1.10."""
    if length < 0:
        raise ComputationError("DOMAIN", name="length", value=str(length))
    return score4(rule.factors[min(length, len(rule.factors) - 1)])


def performance_coefficient(
    band: str,
    total: Exact | None,
    bands: BandTable = STANDARD_PLAN.bands,
    nr_policy: NrPolicy = NrPolicy.PRORATED,
    *,
    is_capped: bool = False,
) -> Decimal:
    """Cp of a final band, 4 dp; NR gives 1.0 (days present still count) or 0, per plan."""
    if band == NOT_RATED:
        return ONE if nr_policy is NrPolicy.PRORATED else score4(0)
    return bands.coefficient(band, total, capped=is_capped)


def bonus_base_fen(
    plan: BonusPlan, *, target_bonus_fen: int | None = None, month_salary_fen: int | None = None
) -> int:
    """奖金基数 by the plan: the target bonus, or months × salary (half-up). Missing: refused."""
    if plan.base_rule is BaseRule.TARGET_BONUS:
        if target_bonus_fen is None:
            raise ComputationError("INPUT_REQUIRED", name="target_bonus")
        return target_bonus_fen
    if month_salary_fen is None:
        raise ComputationError("INPUT_REQUIRED", name="month_salary")
    return scaled_half_up(month_salary_fen * exact(plan.months), 0)


@dataclass(frozen=True, slots=True)
class LeaverEffect:
    """Whether a leaver is paid for the cycle, and whether open tranches go to a malus review."""

    is_paid: bool
    has_malus: bool


def leaver_effect(plan: BonusPlan, why: LeaverClass, *, is_gone_at_payout: bool) -> LeaverEffect:
    """What the plan gives a leaver: pro rata (p carries it), nothing, or nothing and malus."""
    treatment = plan.leavers[why]
    if treatment is LeaverTreatment.ZERO_AND_MALUS:
        return LeaverEffect(is_paid=False, has_malus=True)
    is_paid = treatment is LeaverTreatment.PRO_RATA or not is_gone_at_payout
    return LeaverEffect(is_paid=is_paid, has_malus=False)


@dataclass(frozen=True, slots=True)
class BonusFactors:
    """base (分), Cp, Co, Cl, Cs, p and G of one person."""

    base_fen: int
    performance: Exact | str
    organisation: Exact | str
    client: Exact | str
    streak: Exact | str
    present: Fraction
    gate: Exact | str


_FACTORS = ("performance", "organisation", "client", "streak", "present", "gate")


def raw_bonus_fen(factors: BonusFactors) -> int:
    """raw = base × Cp × Co × Cl × Cs × p × G in 分, half-up (N5). Negative input: ``DOMAIN``."""
    above, below = factors.base_fen, 1
    for name in _FACTORS:
        part = exact(getattr(factors, name))
        if part < 0 or above < 0:
            raise ComputationError("DOMAIN", name=name, value=str(part))
        above, below = above * part.numerator, below * part.denominator
    return (2 * above + below) // (2 * below)
