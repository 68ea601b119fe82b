"""What must hold for every input: cuts change nothing, order changes nothing, no float is kept."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Double, Float, Numeric

from perfflow.calibration.rules import forced_bands, leniency, Standing
from perfflow.compliance.rules import Case, CaseStatus, gate_standing
from perfflow.kernel.explanation import Node
from perfflow.plans.rules.bands import DEFAULT_BANDS
from perfflow.reviews.rules import (
    Assignment,
    build_segments,
    Kind,
    LineInputs,
    PersonInputs,
    present_days,
    score_person,
    SegmentInputs,
)
from perfflow.tables import all_tables

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
DAY = timedelta(days=1)
GUIDE = (10, 20, 60, 8, 2)
scores = st.integers(0, 1300).map(lambda n: Decimal(n).scaleb(-1))


def line(code: str, dim: str, weight: int, actual: Decimal | None) -> LineInputs:
    return LineInputs(
        code, dim, weight, Kind.HB, actual=actual, target=Decimal(100), na_approved=True
    )


def lines(actuals: list[Decimal | None]) -> tuple[LineInputs, ...]:
    shares = (
        ("RS-01", "R", 4000),
        ("CL-01", "C", 3000),
        ("CP-01", "K", 2000),
        ("GR-01", "G", 1000),
    )
    return tuple(line(*share, actual) for share, actual in zip(shares, actuals, strict=True))


@given(
    st.lists(st.none() | scores, min_size=4, max_size=4),
    st.sets(st.integers(1, 364), max_size=6),
)
def test_splitting_a_constant_year_anywhere_changes_no_result(
    actuals: list[Decimal | None], cuts: set[int]
) -> None:
    whole = PersonInputs((SegmentInputs("year", 365, lines(actuals)),), 365)
    edges = [0, *sorted(cuts), 365]
    parts = tuple(SegmentInputs(f"{a}", b - a, lines(actuals)) for a, b in pairwise(edges))
    split = PersonInputs(parts, 365)
    one, many = score_person(whole), score_person(split)
    assert (one.total, one.band, one.dims) == (many.total, many.band, many.dims)
    assert one.coverage == many.coverage
    assert sum(part.weight for part in many.segments) == 365


@given(
    st.lists(
        st.tuples(
            st.integers(0, 300), st.integers(1, 200), st.sampled_from("abc"), st.integers(1, 4)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_days_times_shares_add_up_to_the_days_present(
    rows: list[tuple[int, int, str, int]],
) -> None:
    posts = [
        Assignment(
            post, "U", "M", "v1", FIRST + start * DAY, FIRST + (start + length) * DAY, Decimal(fte)
        )
        for start, length, post, fte in rows
    ]
    segments = build_segments(FIRST, LAST, posts)
    weights = sum((segment.weight for segment in segments), Fraction(0))
    assert weights == present_days(FIRST, LAST, posts)
    mixed = list(posts)
    random.Random(7).shuffle(mixed)
    again = build_segments(FIRST, LAST, mixed)
    assert sum((segment.weight for segment in again), Fraction(0)) == weights


@st.composite
def pools(draw: st.DrawFn) -> list[Standing]:
    count = draw(st.integers(1, 45))
    return [
        Standing(
            f"E{i:02d}",
            draw(scores),
            draw(scores),
            draw(scores),
            draw(st.integers(0, 5)),
        )
        for i in range(count)
    ]


@given(pools(), st.randoms())
def test_forced_bands_do_not_depend_on_the_order_of_the_people(
    people: list[Standing], dice: random.Random
) -> None:
    mixed = list(people)
    dice.shuffle(mixed)
    first, second = (forced_bands(part, DEFAULT_BANDS.codes, GUIDE) for part in (people, mixed))
    assert (first.tied, dict(first.bands)) == (second.tied, dict(second.bands))
    tied = {number for group in first.tied for number in group}
    assert first.bands.keys() | tied == {person.no for person in people}


@given(
    st.dictionaries(
        st.sampled_from("ABCD"),
        st.lists(st.tuples(scores, scores), min_size=1, max_size=6),
        min_size=2,
    )
)
def test_leniency_does_not_depend_on_the_order_of_people_and_managers(
    given_scores: dict[str, list[tuple[Decimal, Decimal]]],
) -> None:
    turned = {m: list(reversed(pairs)) for m, pairs in reversed(list(given_scores.items()))}
    first, second = leniency(given_scores), leniency(turned)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert {m.manager: m for m in first.managers} == {m.manager: m for m in second.managers}


cases = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 4), st.booleans(), st.booleans()), max_size=8
)


@given(cases, st.randoms())
def test_the_gate_does_not_depend_on_the_order_of_the_cases(
    rows: list[tuple[int, int, bool, bool]], dice: random.Random
) -> None:
    known = [
        Case(
            f"G{i}",
            CaseStatus.UPHELD if is_upheld else CaseStatus.HEARING,
            severity,
            severity if is_upheld else None,
            date(2023, 7, 1) + day * DAY,
            date(2023, 7, 1) + day * DAY,
            is_self_reported=own,
        )
        for i, (day, severity, is_upheld, own) in enumerate(rows)
    ]
    mixed = list(known)
    dice.shuffle(mixed)
    assert gate_standing(known, FIRST, LAST) == gate_standing(mixed, FIRST, LAST)
    assert 0 <= gate_standing(known, FIRST, LAST).deduction <= 20


def floats_in(value: Any) -> list[float]:
    if isinstance(value, float):
        return [value]
    if isinstance(value, dict):
        return [found for item in value.values() for found in floats_in(item)]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in floats_in(item)]
    return []


@given(st.lists(st.none() | scores, min_size=4, max_size=4))
def test_no_float_is_in_stored_inputs_or_in_a_tree(actuals: list[Decimal | None]) -> None:
    inputs = PersonInputs((SegmentInputs("year", 365, lines(actuals)),), 365)
    assert floats_in(inputs.to_dict()) == []
    tree = score_person(inputs).explanation
    assert floats_in(tree.to_dict()) == []
    assert Node.from_dict(tree.to_dict()) == tree


def test_no_column_of_any_table_is_a_floating_point_number() -> None:
    tables = all_tables().sorted_tables
    found = [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if isinstance(column.type, (Float, Double))
        or (isinstance(column.type, Numeric) and column.type.asdecimal is False)
    ]
    assert len(tables) > 40
    assert found == []


@pytest.mark.parametrize("points", ["20.00", "0.00", "7.50"])
def test_a_deduction_never_lifts_and_never_goes_below_nothing(points: str) -> None:
    year = PersonInputs((SegmentInputs("year", 365, lines([Decimal(70)] * 4)),), 365)
    standing = replace(year.standing, deduction=Decimal(points))
    total = score_person(replace(year, standing=standing)).total
    assert total == max(Decimal(0), Decimal(70) - Decimal(points))
