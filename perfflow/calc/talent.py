"""Calculations about talent by name: years, potential, boxes and lists."""

from __future__ import annotations

from collections.abc import Callable
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
from perfflow.talent.rules import (
    Candidate,
    is_high_potential,
    nine_box,
    performance_level,
    performance_over_years,
    potential,
    potential_level,
    promotion_list,
    TalentFacts,
)


def p3(given: Given) -> dict[str, Any] | None:
    """Performance over up to three years, newest first, and its level; null without any."""
    found = performance_over_years(given.get("totals_newest_first", list_of(maybe(number))))
    if found is None:
        return None
    return {"P3": str(found), "level": performance_level(found).value}


def potential_of(given: Given) -> dict[str, Any] | None:
    """Mean of the four traits over at least two assessors and its level; null with fewer."""
    found = potential(given.get("assessments", list_of(by_key(number))))
    if found is None:
        return None
    return {"mean": str(found), "level": potential_level(found).value}


def box(given: Given) -> int:
    """The box 1–9 of a performance and a mean potential."""
    return nine_box(
        potential_level(given.get("potential", number)),
        performance_level(given.get("performance", number)),
    )


def high_potential(given: Given) -> bool:
    """Whether somebody counts as high potential on a day."""
    return is_high_potential(
        TalentFacts(
            on=given.get("on", day),
            joined_on=given.get("joined_on", day),
            potential=given.get("potential", maybe(decimal)),
            totals=given.get("totals_newest_first", list_of(maybe(number))),
            grave_days=given.get("grave_days", list_of(day), []),
        )
    )


def promotions(given: Given) -> list[list[str]]:
    """Places of [no, streak, P3, K score, box, coaching, qualified, barred], best first."""
    read = rows(text, whole_number, decimal, decimal, whole_number, flag, flag, flag)
    people = [
        Candidate(no, streak, performance, compliance, at, coaching, qualified, barred)
        for no, streak, performance, compliance, at, coaching, qualified, barred in given.get(
            "candidates", read
        )
    ]
    if len({person.no for person in people}) < len(people):
        raise bad("candidates")
    return promotion_list(people)


FUNCTIONS: dict[str, Callable[[Given], Any]] = {
    "p3": p3,
    "potential": potential_of,
    "nine_box": box,
    "high_potential": high_potential,
    "promotion_list": promotions,
}
