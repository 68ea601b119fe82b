"""Calculations about scores by name: attainment, curves, cards, raters and segments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.calc.given import (
    bad,
    by_key,
    flag,
    Given,
    list_of,
    maybe,
    number,
    rows,
    text,
    whole_number,
)
from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import ratio6, scaled_half_up, total2
from perfflow.metrics.rules import aggregate, Aggregation, Dimension, NaPolicy, Observation
from perfflow.plans.rules.bands import band, BandTable, DEFAULT_BANDS
from perfflow.plans.rules.curves import Curve, curve_score, SHIPPED
from perfflow.reviews.rules import (
    annual_roll_up,
    Kind,
    LineInputs,
    Milestone,
    multi_rater_mean,
    Row,
    score_card,
    score_line,
    Step,
)
from perfflow.reviews.rules.card import coverage_share
from perfflow.reviews.rules.raters import weighted_group_mean

_ATTAIN_NUMBERS = {
    "A": "actual",
    "T": "target",
    "B": "baseline",
    "S": "scale",
    "lo": "lo",
    "hi": "hi",
    "tol_lo": "tol_lo",
    "tol_hi": "tol_hi",
    "rate": "late_rate",
    "floor": "late_floor",
    "default": "default_score",
}
_NEEDED = {
    Kind.HB: "AT",
    Kind.LB: "AT",
    Kind.LB_INV: "AT",
    Kind.BASE: "ATB",
    Kind.RANGE: ("A", "lo", "hi"),
    Kind.RATING: "A",
    Kind.BAND: ("A", "steps"),
    Kind.MILESTONE: ("milestones",),
}


def choice(kinds: Any) -> Any:
    """A reader for a member of an enumeration."""

    def read(value: Any, place: str) -> Any:
        try:
            return kinds(text(value, place))
        except ValueError:
            raise bad(place) from None

    return read


def attain(given: Given) -> str:
    """Attainment, 6 dp; RATING and BAND give their score, 4 dp."""
    kind = given.get("kind", choice(Kind))
    if given.has("A") and given.get("A", maybe(number)) is None:
        # A missing value is never 0.
        raise ComputationError("MISSING")
    read = {field: given.get(key, maybe(number), None) for key, field in _ATTAIN_NUMBERS.items()}
    fields: dict[str, Any] = {field: value for field, value in read.items() if value is not None}
    for key in _NEEDED[kind]:
        if fields.get(_ATTAIN_NUMBERS.get(key, "")) is None and not given.has(key):
            raise bad(key)
    parts = given.get("milestones", rows(number, maybe(whole_number)), [])
    steps = given.get("steps", rows(number, number), [])
    line = LineInputs(
        "",
        "R",
        0,
        kind,
        milestones=tuple(Milestone(weight, late) for weight, late in parts),
        steps=tuple(Step(limit, score) for limit, score in steps),
        steps_less_is_better=given.get("less_is_better", flag, False),
        **fields,
    )
    if kind is Kind.MILESTONE and not parts:
        raise bad("milestones")
    score = score_line(line)
    if score.r_e6 is not None:
        return str(Decimal(score.r_e6).scaleb(-6))
    return str(Decimal(score.score_e4 or 0).scaleb(-4))


def read_curve(value: Any, place: str) -> Curve:
    """A shipped curve by name, or ``[[r, score], …]``."""
    if isinstance(value, str):
        if value not in SHIPPED:
            raise bad(place)
        return SHIPPED[value]
    return Curve("own", rows(number, number)(value, place))


def curve(given: Given) -> str:
    """Score at r, 4 dp."""
    return str(curve_score(given.get("knots", read_curve), given.get("r", number)))


def card(given: Given) -> dict[str, Any]:
    """Total, dimension scores, coverage and band of a card."""
    policy = given.get("na", choice(NaPolicy), NaPolicy.DIMENSION)
    read = rows(text, choice(Dimension), whole_number, maybe(number))
    lines = [
        Row(code, dim, weight, None if score is None else scaled_half_up(score, 4), policy)
        for code, dim, weight, score in given.get("rows", read)
    ]
    score = score_card(lines, given.get("add", number, 0), given.get("deduct", number, 0))
    found: dict[str, Any] = {
        "status": score.status,
        "coverage": str(coverage_share(score.coverage_bp)),
    }
    if score.total_e2 is not None:
        found["dims"] = {str(k): str(Decimal(v).scaleb(-4)) for k, v in score.dims_e4.items()}
        found["total"] = str(Decimal(score.total_e2).scaleb(-2))
        found["band"] = DEFAULT_BANDS.of(score.total_e2)
    return found


def read_bands(given: Given) -> BandTable:
    mode = given.get("mode", text, "table")
    if mode not in ("table", "interpolated"):
        raise bad("mode")
    return BandTable(DEFAULT_BANDS.bands, DEFAULT_BANDS.cap_e2, mode == "interpolated")


def coefficient(given: Given) -> str:
    """Cp of a total (mode table or interpolated), 4 dp; ``cap`` is a band cap."""
    bands = read_bands(given)
    total = total2(given.get("total", number))
    own = band(total, bands)
    cap = given.get("cap", maybe(text), None)
    return str(bands.coefficient(bands.capped(own, cap), total, capped=cap is not None))


def aggregate_values(given: Given) -> str | None:
    """Σ num / Σ den, sum, last, avg, max or count, 6 dp; values are numbers or [num, den]."""
    method = given.get("method", choice(Aggregation))
    if method is Aggregation.RATIO:
        pairs = given.get("values", rows(number, number))
        seen = [Observation(numerator=n, denominator=d) for n, d in pairs]
    else:
        seen = [Observation(value) for value in given.get("values", list_of(maybe(number)))]
    found = aggregate(method, seen)
    return None if found is None else str(ratio6(found))


def raters(given: Given) -> str | None:
    """Weighted mean of [weight, mean or null], or of ratings by group; 4 dp."""
    if given.has("groups"):
        found = weighted_group_mean(given.get("groups", rows(number, maybe(number))))
    else:
        found = multi_rater_mean(given.get("ratings", by_key(list_of(number))))
    return None if found is None else str(found)


def roll_up(given: Given) -> str | None:
    """Annual total of [weight, total or null], 2 dp."""
    found = annual_roll_up(given.get("quarters", rows(number, maybe(number))))
    return None if found is None else str(total2(found))


def band_of(given: Given) -> str:
    """Band of a total after N3."""
    return band(given.get("total", number))


FUNCTIONS = {
    "attain": attain,
    "curve": curve,
    "card": card,
    "band": band_of,
    "coefficient": coefficient,
    "aggregate": aggregate_values,
    "raters": raters,
    "roll_up": roll_up,
}
