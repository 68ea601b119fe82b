"""Score curves and rating bands: shipped ones, own ones, broken ones."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.plans.rules.bands import Band, band, BandTable, DEFAULT_BANDS, parse_bands
from perfflow.plans.rules.curves import (
    ACC,
    Curve,
    curve_named,
    curve_score,
    FLAT100,
    parse_knots,
    RAMP,
    SHIPPED,
    STD,
)


@pytest.mark.parametrize(
    ("r", "std", "ramp", "acc"),
    [
        ("0.599999", "0.0000", "0.0000", "0.0000"),
        ("0.6", "60.0000", "0.0000", "60.0000"),
        ("0.9", "90.0000", "75.0000", "90.0000"),
        ("1.1", "110.0000", "110.0000", "120.0000"),
        ("1.3", "120.0000", "120.0000", "150.0000"),
    ],
)
def test_the_table_of_shipped_curves(r: str, std: str, ramp: str, acc: str) -> None:
    assert [str(curve_score(curve, r)) for curve in (STD, RAMP, ACC)] == [std, ramp, acc]


def test_hygiene_metrics_get_no_credit_above_target() -> None:
    assert FLAT100.score_e4(5_000_000) == 1_000_000


def test_the_later_of_two_knots_wins_at_a_jump() -> None:
    curve = Curve("own", [(0, 10), (1, 20), (1, 30), (1, 40), (2, 50)])
    assert curve.score_e4(999_999) == 200_000
    assert curve.score_e4(1_000_000) == 400_000
    assert curve.jumps() == [10, 10]


def test_a_curve_is_flat_outside_its_knots() -> None:
    curve = Curve("own", [("0.5", 40), (1, 100)])
    assert curve.score_e4(0) == 400_000
    assert curve.score_e4(9_000_000) == 1_000_000
    assert curve.at("0.1") == 40


@pytest.mark.parametrize(
    "knots", [[], [(1, 0), ("0.5", 9)], [(0, -1)], [(-1, 0)], [(0, 0), (1, 151)]]
)
def test_broken_knots_are_refused(knots: list[tuple[int | str, int | str]]) -> None:
    with pytest.raises(ComputationError) as caught:
        Curve("own", knots)
    assert caught.value.name == "KNOTS"


@pytest.mark.parametrize("rows", [None, "STD", [1], [[1, 2, 3]], [["x", 1]], [[0.5, 1]]])
def test_knots_of_the_wrong_shape_are_refused(rows: object) -> None:
    with pytest.raises(ComputationError, match="KNOTS"):
        parse_knots("own", rows)


def test_a_curve_that_nobody_knows_is_refused_by_name() -> None:
    own = Curve("OWN", [(0, 0), (1, 100)])
    assert curve_named("OWN", {"OWN": own}) is own
    assert curve_named("STD") is STD
    with pytest.raises(ComputationError, match="UNKNOWN_CURVE"):
        curve_named("NONE")


def test_slopes_above_target_tell_accelerators() -> None:
    assert STD.steepest_above_target() == RAMP.steepest_above_target() == 1
    assert ACC.steepest_above_target() == 2
    assert FLAT100.steepest_above_target() == 0


@given(st.sampled_from(sorted(SHIPPED)), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_better_attainment_never_scores_less(name: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert SHIPPED[name].score_e4(low) <= SHIPPED[name].score_e4(high)


@given(st.sampled_from(sorted(SHIPPED)), st.integers(0, 10**7))
def test_the_fast_way_and_the_exact_way_agree(name: str, r_e6: int) -> None:
    curve = SHIPPED[name]
    exact = curve_score(curve, Fraction(r_e6, 10**6))
    assert curve.score_e4(r_e6) == int(exact.scaleb(4))


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("120", "S"),
        ("110", "S"),
        ("109.995", "S"),
        ("109.99", "A"),
        ("94.995", "A"),
        ("94.994", "B"),
        ("79.994", "C"),
        ("59.999", "C"),
        ("59.99", "D"),
        ("0", "D"),
    ],
)
def test_bands_are_decided_on_the_total_that_people_see(total: str, expected: str) -> None:
    assert band(total) == expected


def test_a_cap_only_ever_lowers_a_band() -> None:
    assert DEFAULT_BANDS.capped("S", "B") == "B"
    assert DEFAULT_BANDS.capped("C", "B") == "C"
    assert DEFAULT_BANDS.capped("A", None) == "A"
    assert DEFAULT_BANDS.capped("NR", "B") == "NR"


def interpolated() -> BandTable:
    return BandTable(DEFAULT_BANDS.bands, DEFAULT_BANDS.cap_e2, interpolated=True)


@pytest.mark.parametrize(
    ("total", "coefficient"),
    [
        ("118", "1.5000"),
        ("115", "1.5000"),
        ("110", "1.3800"),
        ("102.5", "1.2000"),
        ("95", "1.1000"),
        ("87.5", "1.0000"),
        ("70", "0.6000"),
        ("60", "0.4500"),
        ("59.99", "0.0000"),
        ("0", "0.0000"),
    ],
)
def test_interpolated_coefficients_lie_between_the_middles_of_bands(
    total: str, coefficient: str
) -> None:
    bands = interpolated()
    assert str(bands.coefficient(band(total, bands), Decimal(total))) == coefficient


def test_people_under_a_band_cap_take_the_value_of_the_table() -> None:
    assert str(interpolated().coefficient("B", Decimal(118), capped=True)) == "1.0000"


@given(st.integers(6000, 12000), st.integers(6000, 12000))
def test_interpolated_coefficients_never_fall_with_the_total(one: int, other: int) -> None:
    bands = interpolated()
    low, high = sorted((one, other))
    values = [bands.coefficient(bands.of(t), Decimal(t).scaleb(-2)) for t in (low, high)]
    assert values[0] <= values[1]


@pytest.mark.parametrize(
    "minima",
    [
        [11000, 9500, 100],
        [9500, 11000, 0],
        [9500, 9500, 0],
        [12001, 0],
        [],
    ],
)
def test_bands_that_leave_a_gap_or_overlap_are_refused(minima: list[int]) -> None:
    bands = tuple(Band(f"X{i}", minimum, Decimal(1)) for i, minimum in enumerate(minima))
    with pytest.raises(ComputationError, match="BANDS"):
        BandTable(bands, 12000)


def test_an_unknown_band_is_refused() -> None:
    with pytest.raises(ComputationError, match="UNKNOWN_BAND"):
        DEFAULT_BANDS.rank("E")


def test_bands_of_a_file_name_the_place_of_a_mistake() -> None:
    rows = [{"code": "A", "min": 50, "coefficient": 1}]
    with pytest.raises(BadInput) as caught:
        parse_bands({"rows": rows}, "plans/x.bands")
    assert caught.value.code == "plans.bands_broken"
    assert caught.value.field == "plans/x.bands"


def test_bands_of_a_file_are_read() -> None:
    rows = [
        {"code": "A", "min": "50", "coefficient": "1.25"},
        {"code": "B", "min": 0, "coefficient": 0},
    ]
    bands = parse_bands({"mode": "interpolated", "cap": 100, "rows": rows})
    assert bands.codes == ("A", "B")
    assert bands.interpolated
    assert bands.coefficient("A", Decimal(75)) == Decimal("1.2500")
