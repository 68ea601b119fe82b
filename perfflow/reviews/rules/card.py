"""The card: weights, missing values, coverage, additions and deductions (domain §5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact, scaled_half_up
from perfflow.metrics.rules import Dimension, NaPolicy
from perfflow.plans.rules.cards import WHOLE_BP
from perfflow.plans.rules.overall import OverallFormula

NEUTRAL_E4 = 100 * 10**4
OK = "OK"
_NOTHING = Fraction(0)
NOT_RATED = "NR"


class Row(NamedTuple):
    """One metric on the card: weight in basis points, score × 10⁴ or None for N/A."""

    code: str
    dimension: str
    weight_bp: int
    score_e4: int | None
    na_policy: NaPolicy


@dataclass(frozen=True, slots=True)
class CardRules:
    """Caps and the least coverage of a card; the total is clamped to 0 … ``total_cap``.

    ``overall`` is a firm's own formula in place of Σ w·s + add − deduct.
    """

    add_cap: Exact = 5
    deduct_cap: Exact = 20
    total_cap: Exact = 120
    min_coverage_bp: int = 6000
    overall: OverallFormula | None = None


DEFAULT_CARD_RULES = CardRules()


class CardScore(NamedTuple):
    """The total of one card.

    ``dims_e4`` are dimension scores × 10⁴ (N2), for show only: the total never uses them.
    ``total_e2`` is None under ``NR``. ``above``/``below`` is the exact weighted score × 10⁴ before
    additions (``add``) and deductions (``deduct``), both after their caps.
    """

    status: str
    coverage_bp: int
    total_e2: int | None
    dims_e4: Mapping[str, int]
    above: int
    below: int
    add: Fraction
    deduct: Fraction

    @property
    def weighted(self) -> Fraction:
        """Σ effective weight · score, exact."""
        return Fraction(self.above, self.below * 10**4)


def score_card(
    rows: Sequence[Row],
    add: Exact | str = 0,
    deduct: Exact | str = 0,
    rules: CardRules = DEFAULT_CARD_RULES,
    *,
    ignore_coverage: bool = False,
) -> CardScore:
    """Total (N3) and dimension scores (N2) of a card.

    Coverage (Σ original weights with data) below the least gives ``NR``, and so does a firm's own
    formula that gives no number: people decide then. Weights that miss 10,000: ``WEIGHTS``;
    negative weights, points or scores: ``DOMAIN``.
    """
    coverage = _checked_coverage(rows)
    plus, minus = _points(add, rules.add_cap), _points(deduct, rules.deduct_cap)
    if coverage == 0 or (coverage < rules.min_coverage_bp and not ignore_coverage):
        return CardScore(NOT_RATED, coverage, None, {}, 0, 1, plus, minus)
    score = (
        _full(rows, plus, minus, rules)
        if coverage == WHOLE_BP
        else _with_gaps(rows, coverage, plus, minus, rules)
    )
    return score if rules.overall is None else _by_formula(score, rows, rules.overall, rules)


def _by_formula(
    score: CardScore, rows: Sequence[Row], formula: OverallFormula, rules: CardRules
) -> CardScore:
    """The total of a firm's own formula: clamp to 0 … cap, half-up (N3)."""
    try:
        points = formula.points(formula_variables(score, rows))
    except ComputationError:
        return score._replace(status=NOT_RATED, total_e2=None)
    return score._replace(total_e2=clamped_e2(points, rules))


def formula_variables(
    score: CardScore, rows: Sequence[Row]
) -> dict[str, Exact | dict[str, Exact | None] | None]:
    """What a firm's own formula may read of a card; null for what has no score."""
    dims: dict[str, Exact | None] = {
        str(name): Fraction(score.dims_e4[name], 10**4) if name in score.dims_e4 else None
        for name in Dimension
    }
    return {
        **dims,
        "weighted": score.weighted,
        "add": score.add,
        "deduct": score.deduct,
        "coverage": Fraction(score.coverage_bp, WHOLE_BP),
        "metric": {
            row.code.replace("-", "_"): None
            if row.score_e4 is None
            else Fraction(row.score_e4, 10**4)
            for row in rows
        },
    }


def clamped_e2(points: Exact, rules: CardRules) -> int:
    """Points between 0 and the cap, half-up (N3), × 100."""
    return min(max(0, scaled_half_up(points, 2)), scaled_half_up(rules.total_cap, 2))


def _checked_coverage(rows: Sequence[Row]) -> int:
    total = coverage = 0
    for row in rows:
        if row.weight_bp < 0 or (row.score_e4 is not None and row.score_e4 < 0):
            raise ComputationError("DOMAIN", name="row", value=row.code)
        total += row.weight_bp
        if row.score_e4 is not None:
            coverage += row.weight_bp
    if total != WHOLE_BP:
        raise ComputationError("WEIGHTS", got=total)
    return coverage


def _points(points: Exact | str, cap: Exact) -> Fraction:
    if points == 0:
        return _NOTHING
    value = exact(points)
    if value < 0:
        raise ComputationError("DOMAIN", name="points", value=str(points))
    return min(value, exact(cap))


def _full(rows: Sequence[Row], add: Fraction, deduct: Fraction, rules: CardRules) -> CardScore:
    """Every weight has data: plain integers, no moving of weights."""
    sums: dict[str, int] = {}
    weights: dict[str, int] = {}
    for row in rows:
        if row.weight_bp and row.score_e4 is not None:
            key = row.dimension
            sums[key] = sums.get(key, 0) + row.weight_bp * row.score_e4
            weights[key] = weights.get(key, 0) + row.weight_bp
    whole = sum(sums.values())
    return CardScore(
        OK,
        WHOLE_BP,
        _total_e2(whole, WHOLE_BP, add, deduct, rules),
        {key: (2 * sums[key] + weights[key]) // (2 * weights[key]) for key in sums},
        whole,
        WHOLE_BP,
        add,
        deduct,
    )


def _with_gaps(
    rows: Sequence[Row], coverage: int, add: Fraction, deduct: Fraction, rules: CardRules
) -> CardScore:
    """Some weights have no data: ``card`` lines leave, ``dimension`` weights move inside theirs.

    A dimension that is left empty gives its weight to the others pro rata.
    """
    own: dict[str, int] = {}
    sums: dict[str, int] = {}
    scored: dict[str, int] = {}
    for row in rows:
        score = _stand_in(row)
        key = row.dimension
        if score is None:
            if row.na_policy is NaPolicy.DIMENSION:
                own[key] = own.get(key, 0) + row.weight_bp
        elif row.weight_bp:
            own[key] = own.get(key, 0) + row.weight_bp
            sums[key] = sums.get(key, 0) + row.weight_bp * score
            scored[key] = scored.get(key, 0) + row.weight_bp
    above, below = 0, 1
    for key, part in sums.items():
        above, below = above * scored[key] + own[key] * part * below, below * scored[key]
    below *= sum(own[key] for key in sums)
    return CardScore(
        OK,
        coverage,
        _total_e2(above, below, add, deduct, rules),
        {key: (2 * sums[key] + scored[key]) // (2 * scored[key]) for key in sums},
        above,
        below,
        add,
        deduct,
    )


def effective_weights(rows: Sequence[Row]) -> Mapping[str, Fraction | int]:
    """The weights in basis points after moving those of N/A lines, exact; they add up to 10,000."""
    if all(row.score_e4 is not None for row in rows):
        return {row.code: row.weight_bp for row in rows if row.weight_bp}
    own: dict[str, int] = {}
    scored: dict[str, int] = {}
    for row in rows:
        has_score = _stand_in(row) is not None
        if has_score:
            scored[row.dimension] = scored.get(row.dimension, 0) + row.weight_bp
        if has_score or row.na_policy is NaPolicy.DIMENSION:
            own[row.dimension] = own.get(row.dimension, 0) + row.weight_bp
    total = sum(own[key] for key, weight in scored.items() if weight)
    return {
        row.code: Fraction(
            row.weight_bp * own[row.dimension] * WHOLE_BP, scored[row.dimension] * total
        )
        for row in rows
        if row.weight_bp and _stand_in(row) is not None
    }


def _stand_in(row: Row) -> int | None:
    if row.score_e4 is not None:
        return row.score_e4
    if row.na_policy is NaPolicy.NEUTRAL:
        return NEUTRAL_E4
    return 0 if row.na_policy is NaPolicy.ZERO else None


def _total_e2(numerator: int, below: int, add: Fraction, deduct: Fraction, rules: CardRules) -> int:
    """clamp(numerator/below (× 10⁴) + add − deduct, 0, cap), half-up, × 100."""
    extra = add - deduct
    if extra:
        exact_total = Fraction(numerator, below) + extra * 10**4
        numerator, below = exact_total.numerator, exact_total.denominator
    if numerator <= 0:
        return 0
    rounded = (2 * numerator + below * 100) // (2 * below * 100)
    cap = rules.total_cap * 100
    return min(rounded, int(cap))


def annual_roll_up(parts: Sequence[tuple[Exact | str, Exact | str | None]]) -> Fraction | None:
    """Σ weight·total over the quarters that were rated, re-normalised, exact; None without any.

    20/20/20/40 on 96.00, 101.50, 88.25, 99.10 → 96.79 after N3.
    """
    rated = [(exact(weight), exact(total)) for weight, total in parts if total is not None]
    if any(weight < 0 for weight, _ in rated):
        raise ComputationError("DOMAIN", name="weight", value="-")
    weights = sum((weight for weight, _ in rated), Fraction(0))
    if not weights:
        return None
    return sum((weight * total for weight, total in rated), Fraction(0)) / weights


def coverage_share(coverage_bp: int) -> Decimal:
    """Coverage as a share with 4 decimals."""
    return Decimal(coverage_bp).scaleb(-4)
