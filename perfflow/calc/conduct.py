"""Calculations about conduct, distribution and calibration by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
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
from perfflow.calc.scoring import choice
from perfflow.calibration.rules import (
    apportion,
    forced_bands,
    guided_deviations,
    leniency,
    needs_second_approval,
    pooled_units,
    Standing,
    tilted_shares,
)
from perfflow.compliance.rules import (
    Case,
    case_points,
    CaseStatus,
    conduct_multiplier,
    deducted_total,
    gate_standing,
    joint_liability,
    mean_conduct_multiplier,
    person_deduction,
)
from perfflow.kernel.rounding import total2
from perfflow.metrics.rules import adjustment_points
from perfflow.plans.rules.bands import DEFAULT_BANDS
from perfflow.reviews.rules import calibrate


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


def forced(given: Given) -> dict[str, Any]:
    """Bands by quota and ties across a boundary, from [no, total, K, C, last band or null]."""
    read = rows(text, number, number, number, maybe(text))
    ranks = {code: rank for rank, code in enumerate(DEFAULT_BANDS.codes)}
    people = []
    for no, total, compliance, client, last in given.get("people", read):
        if last is not None and last not in ranks:
            raise bad("people")
        rank = len(ranks) if last is None else ranks[last]
        people.append(Standing(no, total, compliance, client, rank))
    if len({person.no for person in people}) < len(people):
        raise bad("people")
    shares = given.get("pct", list_of(number))
    if len(shares) != len(DEFAULT_BANDS.codes):
        raise bad("pct")
    found = forced_bands(people, DEFAULT_BANDS.codes, shares)
    return {"bands": dict(found.bands), "tied": [list(group) for group in found.tied]}


def second_approval(given: Given) -> bool:
    """Whether more than 20 % of a pool were adjusted."""
    return needs_second_approval(
        given.get("adjusted", whole_number), given.get("pool", whole_number)
    )


def conduct_grade(given: Given) -> dict[str, Any]:
    """Multiplier of each quarterly conduct grade, and G of the year: their mean; 4 dp."""
    grades = given.get("grades", list_of(text))
    return {
        "multipliers": [str(conduct_multiplier(grade)) for grade in grades],
        "G": str(mean_conduct_multiplier(grades)),
    }


def points(given: Given) -> str:
    """Points of an ADD or DEDUCT metric: each × count, at most the cap; 2 dp."""
    return str(
        total2(
            adjustment_points(
                given.get("count", number), given.get("each", number), given.get("cap", number)
            )
        )
    )


FUNCTIONS: dict[str, Callable[[Given], Any]] = {
    "deduction": deduction,
    "severity_points": severity_points,
    "joint_liability": joint,
    "gate_standing": standing,
    "calibrate": calibrated,
    "apportion": apportioned,
    "tilt": tilt,
    "deviations": deviations,
    "pooled_units": pooled,
    "forced_bands": forced,
    "second_approval": second_approval,
    "conduct_grade": conduct_grade,
    "points": points,
    "leniency": rater_statistics,
}
