"""Calculations about a person over a cycle by name: segments, targets, formula, whole results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from perfflow.calc.given import (
    bad,
    by_key,
    day,
    decimal,
    flag,
    Given,
    maybe,
    number,
    rows,
    text,
    whole_number,
)
from perfflow.calc.scoring import choice, read_curve
from perfflow.compliance.rules import Gate, GateStanding
from perfflow.kernel.rounding import total2
from perfflow.metrics.rules import Aggregation, Dimension, NaPolicy
from perfflow.plans.rules.overall import OverallFormula, VARIABLES
from perfflow.reviews.rules import (
    Assignment,
    build_segments,
    CardRules,
    Kind,
    Leave,
    LineInputs,
    PersonInputs,
    present_days,
    prorated_target,
    rating_managers,
    revised_target,
    RevisionMode,
    score_person,
    SegmentInputs,
    TargetChange,
)
from perfflow.reviews.rules.card import clamped_e2
from perfflow.reviews.rules.segments import merge_short, MIN_SEGMENT_DAYS, prorated_total

_LONGEST = timedelta(days=3660)


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


def revised(given: Given) -> dict[str, Any]:
    """Target and baseline of a segment under revised targets [from day, target], 2 dp."""
    changes = given.get("changes", rows(whole_number, number))
    target, baseline = revised_target(
        given.get("aggregation", choice(Aggregation)),
        given.get("target", number),
        [TargetChange(from_day, to) for from_day, to in changes],
        mode=given.get("mode", choice(RevisionMode), RevisionMode.SPLIT),
        start_day=given.get("start_day", whole_number, 0),
        end_day=given.get("end_day", whole_number, given.get("year_days", whole_number, 365)),
        year_days=given.get("year_days", whole_number, 365),
        baseline=given.get("baseline", maybe(number), None),
    )
    return {
        "target": str(total2(target)),
        "baseline": None if baseline is None else str(total2(baseline)),
    }


def segments(given: Given) -> dict[str, Any]:
    """Segments of [post, unit, manager, card, from, to or null, fte], and the days present."""
    held = rows(text, text, maybe(text), text, day, maybe(day), decimal)
    posts = [Assignment(*row) for row in given.get("assignments", held)]
    if any(post.fte <= 0 for post in posts):
        raise bad("assignments")
    leaves = [Leave(*row) for row in given.get("unpaid_leave", rows(day, day), [])]
    first, last = given.get("from", day), given.get("to", day)
    if not timedelta(0) <= last - first <= _LONGEST:
        raise bad("to")
    return {
        "present": present_days(first, last, posts, leaves),
        "segments": [
            [
                part.assignment.post,
                part.start.isoformat(),
                part.end.isoformat(),
                part.days,
                str(part.share),
            ]
            for part in build_segments(first, last, posts, leaves)
        ],
    }


def managers(given: Given) -> dict[str, Any]:
    """Who rates and who gives input, from [manager, days] in order of time."""
    days: dict[str, int] = {}
    for name, length in given.get("days", rows(text, whole_number)):
        days[name] = days.get(name, 0) + length
    rater, inputs = rating_managers(days)
    return {"rater": rater, "inputs": list(inputs)}


def overall(given: Given) -> str:
    """Total of a firm's own FEEL formula over weighted, R, C, K, G, add, deduct, coverage; 2 dp."""
    formula = OverallFormula(given.get("formula", text))
    variables: dict[str, Any] = {
        name: given.get(name, maybe(number), None) for name in VARIABLES if name != "metric"
    }
    variables["metric"] = given.get("metric", by_key(maybe(number)), {})
    return str(Decimal(clamped_e2(formula.points(variables), CardRules())).scaleb(-2))


def result(given: Given) -> dict[str, Any]:
    """The result of a person from [label, days, fte share, lines] segments, every step in order."""
    policy = given.get("na", choice(NaPolicy), NaPolicy.DIMENSION)
    line = rows(
        text,
        choice(Dimension),
        whole_number,
        choice(Kind),
        maybe(number),
        maybe(number),
        read_curve,
    )
    parts = tuple(
        SegmentInputs(
            label,
            days,
            tuple(
                LineInputs(
                    code,
                    dim,
                    weight,
                    kind,
                    actual,
                    target,
                    curve=curve,
                    na_policy=policy,
                    na_approved=True,
                )
                for code, dim, weight, kind, actual, target, curve in lines
            ),
            share,
        )
        for label, days, share, lines in given.get(
            "segments", rows(text, whole_number, number, line)
        )
    )
    if any(part.days < 0 or not 0 < part.share <= 1 for part in parts):
        raise bad("segments")
    present = given.get("present_days", whole_number, sum(part.days for part in parts))
    score = score_person(PersonInputs(parts, present, _standing(given)))
    return {
        "total": None if score.total is None else str(score.total),
        "band": score.band,
        "clean_band": score.clean_band,
        "coverage": str(score.coverage),
        "dims": {name: str(value) for name, value in score.dims.items()},
    }


def _standing(given: Given) -> GateStanding:
    is_vetoed = given.get("vetoed", flag, False)
    return GateStanding(
        gate=Gate.VETO if is_vetoed else Gate.NONE,
        deduction=total2(given.get("deduction", number, Fraction(0))),
        band_cap=given.get("cap", maybe(text), None),
        is_vetoed=is_vetoed,
    )


FUNCTIONS: dict[str, Callable[[Given], Any]] = {
    "prorate": prorate,
    "merge_segments": merge_segments,
    "segments": segments,
    "prorated_target": prorated_target_of,
    "revised_target": revised,
    "rating_managers": managers,
    "overall": overall,
    "result": result,
}
