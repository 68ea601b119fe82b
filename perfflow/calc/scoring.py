"""Calculations about scores by name: attainment, curves, cards, segments, gates, calibration."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from perfflow.calc.given import (
    bad,
    by_key,
    day,
    decimal,
    flag,
    Given,
    list_of,
    maybe,
    number,
    rows,
    text,
    whole_number,
)
from perfflow.calibration.rules import (
    apportion,
    guided_deviations,
    leniency,
    pooled_units,
    tilted_shares,
)
from perfflow.compliance.rules import (
    Case,
    case_points,
    CaseStatus,
    deducted_total,
    gate_standing,
    joint_liability,
    person_deduction,
)
from perfflow.kernel.rounding import ratio6, scaled_half_up, total2
from perfflow.metrics.rules import aggregate, Aggregation, Dimension, NaPolicy, Observation
from perfflow.plans.rules.bands import band, BandTable, DEFAULT_BANDS
from perfflow.plans.rules.curves import Curve, curve_score, SHIPPED
from perfflow.reviews.rules import (
    annual_roll_up,
    calibrate,
    Kind,
    LineInputs,
    Milestone,
    multi_rater_mean,
    prorated_target,
    Row,
    score_card,
    score_line,
    Step,
)
from perfflow.reviews.rules.card import coverage_share
from perfflow.reviews.rules.raters import weighted_group_mean
from perfflow.reviews.rules.segments import merge_short, MIN_SEGMENT_DAYS, prorated_total

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
    for key in _NEEDED[kind]:
        if not given.has(key):
            raise bad(key)
    fields: dict[str, Any] = {
        field: given.get(key, number) for key, field in _ATTAIN_NUMBERS.items() if given.has(key)
    }
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
    capped = bands.capped(own, given.get("cap", maybe(text), None))
    return str(bands.coefficient(capped, total, capped=capped != own))


def prorate(given: Given) -> str | None:
    """Person total of [label, days, total] after merging short segments, 2 dp."""
    parts = given.get("segments", rows(text, whole_number, maybe(number)))
    least = given.get("min_days", whole_number, MIN_SEGMENT_DAYS)
    total = prorated_total([(days, score) for _, days, score in parts], least)
    return None if total is None else str(total2(total))


def merge_segments(given: Given) -> list[list[Any]]:
    """[label, days] of what stays after merging short segments."""
    parts = given.get("segments", rows(text, whole_number))
    kept = merge_short(
        [days for _, days in parts], given.get("min_days", whole_number, MIN_SEGMENT_DAYS)
    )
    return [[parts[index][0], days] for index, days in kept]


def prorated_target_of(given: Given) -> dict[str, Any]:
    """Target and baseline of a segment, 2 dp."""
    target, baseline = prorated_target(
        given.get("aggregation", choice(Aggregation)),
        given.get("target", number),
        start_day=given.get("start_day", whole_number, 0),
        end_day=given.get("end_day", whole_number),
        year_days=given.get("year_days", whole_number, 365),
        baseline=given.get("baseline", maybe(number), None),
    )
    return {
        "target": str(total2(target)),
        "baseline": None if baseline is None else str(total2(baseline)),
    }


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


def deduction(given: Given) -> dict[str, str]:
    """Points of a person (at most 20) and the total after them, 2 dp."""
    points = person_deduction(given.get("points", list_of(number)))
    return {
        "deduction": str(points),
        "total": str(deducted_total(given.get("total", number), points)),
    }


def severity_points(given: Given) -> str:
    """Points of one case, 2 dp."""
    severity = given.get("severity", whole_number)
    return str(case_points(severity, is_self_reported=given.get("self_reported", flag, False)))


def joint(given: Given) -> dict[str, Any]:
    """What the manager gets of a case: severity one lower, 30 % of the points."""
    severity, points = joint_liability(
        given.get("severity", whole_number), given.get("points", number)
    )
    return {"severity": severity, "points": str(points)}


def standing(given: Given) -> dict[str, Any]:
    """Gate of cases [no, status, potential severity, severity or null, date, self-reported]."""
    read = rows(text, choice(CaseStatus), whole_number, maybe(whole_number), day, flag)
    cases = [
        Case(no, status, potential, severity, on, on, is_self_reported=own)
        for no, status, potential, severity, on, own in given.get("cases", read)
    ]
    found = gate_standing(
        cases, given.get("from", day, date(2025, 1, 1)), given.get("to", day, date(2025, 12, 31))
    )
    return {
        "gate": found.gate.value,
        "deduction": str(found.deduction),
        "band_cap": found.band_cap,
        "worst_severity": found.worst_severity,
    }


def calibrated(given: Given) -> dict[str, str]:
    """Total and band after a session's points; limits ±10 points, ±1 band, the cap."""
    total, new_band = calibrate(
        total2(given.get("total", number)),
        given.get("band", text),
        given.get("points", decimal),
        band_cap=given.get("cap", maybe(text), None),
    )
    return {"total": str(total), "band": new_band}


def apportioned(given: Given) -> list[int]:
    """Places by shares, largest remainder."""
    return apportion(given.get("n", whole_number), given.get("pct", list_of(number)))


def tilt(given: Given) -> list[int]:
    """Quota of units by size × multiplier."""
    shares = tilted_shares(
        given.get("sizes", list_of(number)), given.get("multipliers", list_of(number))
    )
    return apportion(given.get("quota", whole_number), shares)


def deviations(given: Given) -> dict[str, Any]:
    """Quota and whether it is beyond max(1, 5 % of n), by band."""
    found = guided_deviations(
        given.get("actual", by_key(whole_number)), given.get("pct", by_key(number))
    )
    return {d.band: {"quota": d.quota, "beyond": d.is_beyond} for d in found}


def pooled(given: Given) -> dict[str, str]:
    """The pool unit of each unit: up the tree until 10 people."""
    return pooled_units(
        given.get("parents", by_key(maybe(text))),
        given.get("sizes", by_key(whole_number)),
        given.get("minimum", whole_number, 10),
    )


def rater_statistics(given: Given) -> dict[str, Any] | None:
    """Leniency statistics of managers from [manager score, objective score] pairs."""
    found = leniency(given.get("scores", by_key(rows(number, number))))
    if found is None:
        return None
    return {
        "mean": str(found.grand_mean),
        "s_w": str(found.within_deviation),
        "tau2": str(found.between_variance),
        "managers": {
            m.manager: {
                "n": m.people,
                "mean": str(m.mean),
                "L": str(m.leniency),
                "z": str(m.z),
                "lambda": str(m.shrinkage),
                "shift": str(m.shift),
                "spread": None if m.spread is None else str(m.spread),
                "flags": [flag_.value for flag_ in m.flags],
            }
            for m in found.managers
        },
    }


def band_of(given: Given) -> str:
    """Band of a total after N3."""
    return band(given.get("total", number))


FUNCTIONS = {
    "attain": attain,
    "curve": curve,
    "card": card,
    "band": band_of,
    "coefficient": coefficient,
    "prorate": prorate,
    "merge_segments": merge_segments,
    "prorated_target": prorated_target_of,
    "aggregate": aggregate_values,
    "raters": raters,
    "roll_up": roll_up,
    "deduction": deduction,
    "severity_points": severity_points,
    "joint_liability": joint,
    "gate_standing": standing,
    "calibrate": calibrated,
    "apportion": apportioned,
    "tilt": tilt,
    "deviations": deviations,
    "pooled_units": pooled,
    "leniency": rater_statistics,
}
