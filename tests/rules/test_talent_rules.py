"""Talent: three-year performance, potential, nine boxes and lists that only advise (§5.12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.talent.rules import (
    Candidate,
    is_high_potential,
    Level,
    nine_box,
    performance_level,
    performance_over_years,
    potential,
    potential_level,
    promotion_list,
    TalentFacts,
    TRAITS,
)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (["104", "98", "92.5"], "99.90"),
        (["104", "98"], "101.75"),
        (["104"], "104.00"),
        (["104", None, "92.5"], "100.71"),
        ([None, None, "92.5", "10"], "92.50"),
        (["104", "98", "92.5", "1"], "99.90"),
    ],
)
def test_years_weigh_five_three_two_and_missing_ones_renormalise(
    totals: Any, expected: str
) -> None:
    assert performance_over_years(totals) == Decimal(expected)


def test_nobody_rated_has_no_performance_and_negative_totals_are_refused() -> None:
    assert performance_over_years([None, None]) is None
    assert performance_over_years([]) is None
    with pytest.raises(ComputationError):
        performance_over_years(["-1"])


@pytest.mark.parametrize(
    ("total", "level"),
    [
        ("79.994", Level.LOW),
        ("79.995", Level.MID),
        ("99.99", Level.MID),
        ("99.995", Level.HIGH),
        ("100", Level.HIGH),
    ],
)
def test_performance_levels_are_decided_on_the_total_that_people_see(
    total: str, level: Level
) -> None:
    assert performance_level(total) is level


@pytest.mark.parametrize(
    ("mean", "level"),
    [("2.4999", Level.LOW), ("2.5", Level.MID), ("3.6999", Level.MID), ("3.7", Level.HIGH)],
)
def test_potential_levels_begin_at_their_limit(mean: str, level: Level) -> None:
    assert potential_level(mean) is level


def rated(*ratings: int) -> dict[str, int]:
    return dict(zip(TRAITS, ratings, strict=True))


def test_potential_needs_two_assessors_and_every_trait() -> None:
    assert potential([rated(4, 4, 3, 5)]) is None
    assert potential([rated(4, 4, 3, 5), rated(4, 3, 4, 4)]) == Decimal("3.8750")
    with pytest.raises(ComputationError):
        potential([rated(4, 4, 3, 6), rated(4, 3, 4, 4)])
    with pytest.raises(ComputationError):
        potential([{"values": 4}, rated(4, 3, 4, 4)])


def test_the_nine_boxes_are_numbered_from_the_lower_left() -> None:
    levels = (Level.LOW, Level.MID, Level.HIGH)
    assert [nine_box(up, right) for up in levels for right in levels] == list(range(1, 10))


HIGH = TalentFacts(
    on=date(2026, 3, 1),
    joined_on=date(2022, 5, 1),
    potential=Decimal("4.1"),
    totals=("104", "78", "92"),
)


def test_high_potential_needs_all_of_its_conditions() -> None:
    assert is_high_potential(HIGH)
    assert not is_high_potential(replace(HIGH, potential=Decimal("3.6999")))
    assert not is_high_potential(replace(HIGH, potential=None))
    assert not is_high_potential(replace(HIGH, totals=("104", "78", "79")))
    assert not is_high_potential(replace(HIGH, totals=("104", None, "79", "110")))
    assert not is_high_potential(replace(HIGH, grave_days=(date(2024, 3, 2),)))
    assert not is_high_potential(replace(HIGH, joined_on=date(2025, 3, 2)))


def test_a_case_of_24_months_ago_and_a_year_of_tenure_are_complete_on_the_day() -> None:
    assert is_high_potential(replace(HIGH, grave_days=(date(2024, 3, 1),)))
    assert is_high_potential(replace(HIGH, joined_on=date(2025, 3, 1)))


CANDIDATE = Candidate("E1", 2, Decimal(104), Decimal(95), 9, True, True)


@pytest.mark.parametrize(
    "unfit",
    [
        {"streak": 1},
        {"has_coaching": False},
        {"is_qualified": False},
        {"box": 7},
        {"box": 5},
        {"is_barred": True},
    ],
)
def test_the_promotion_list_leaves_out_who_misses_one_condition(unfit: dict[str, Any]) -> None:
    assert promotion_list([CANDIDATE]) == [["E1"]]
    assert promotion_list([replace(CANDIDATE, **unfit)]) == []


def test_longer_streaks_come_first_then_performance_then_compliance() -> None:
    people = [
        CANDIDATE,
        replace(CANDIDATE, no="E2", streak=3, performance=Decimal(90)),
        replace(CANDIDATE, no="E3", performance=Decimal(105)),
        replace(CANDIDATE, no="E4", compliance=Decimal(99)),
        replace(CANDIDATE, no="E0"),
    ]
    assert promotion_list(people) == [["E2"], ["E3"], ["E4"], ["E0", "E1"]]


@given(st.permutations(range(6)))
def test_the_promotion_list_does_not_depend_on_the_order_of_the_input(order: list[int]) -> None:
    people = [replace(CANDIDATE, no=f"E{i}", streak=2 + i % 2, box=(6, 8, 9)[i % 3]) for i in order]
    assert promotion_list(people) == promotion_list(sorted(people, key=lambda one: one.no))
