"""Distribution and leniency: worked examples of domain §5.7 and §5.8, and their edges."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.calibration.rules import (
    apportion,
    broken_limits,
    Flag,
    forced_bands,
    guided_deviations,
    leniency,
    needs_second_approval,
    neighbours,
    pooled_units,
    Standing,
    tilted_shares,
    total_for_band,
)
from perfflow.kernel.errors import ComputationError
from perfflow.plans.rules.bands import DEFAULT_BANDS

GUIDE = {"S": 10, "A": 20, "B": 60, "C": 8, "D": 2}
WORKED = {
    "M1": [(108, 98), (104, 97), (110, 101), (99, 93), (106, 99)],
    "M2": [(96, 97), (101, 100), (93, 95), (99, 99), (95, 96)],
    "M3": [(90, 98), (92, 97), (88, 95), (95, 101), (91, 96)],
    "M4": [(100, 99), (97, 98), (103, 101), (96, 95), (99, 98)],
}


@pytest.mark.parametrize(
    ("count", "shares", "places"),
    [
        (23, ["10", "20", "60", "8", "2"], [2, 5, 14, 2, 0]),
        (7, ["10", "20", "60", "8", "2"], [1, 1, 4, 1, 0]),
        (10, ["60", "30", "15"], [6, 3, 1]),
        (0, ["50", "50"], [0, 0]),
        (1, ["50", "50"], [1, 0]),
        (5, ["1/3", "1/3", "1/3"], [2, 2, 1]),
        (3, ["0", "1"], [0, 3]),
    ],
)
def test_places_follow_the_largest_remainder(
    count: int, shares: list[str], places: list[int]
) -> None:
    assert apportion(count, shares) == places


@pytest.mark.parametrize(("count", "shares"), [(1, []), (1, [0, 0]), (-1, [1]), (1, [2, -1])])
def test_shares_that_say_nothing_are_refused(count: int, shares: list[int]) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        apportion(count, shares)


@given(st.integers(0, 5000), st.lists(st.integers(0, 100), min_size=1, max_size=8).filter(any))
def test_places_always_add_up_and_stay_within_one_of_the_exact_share(
    count: int, shares: list[int]
) -> None:
    places = apportion(count, shares)
    assert sum(places) == count
    for place, share in zip(places, shares, strict=True):
        assert abs(place - Fraction(count * share, sum(shares))) < 1


def test_units_with_better_results_get_more_of_the_best_band() -> None:
    assert apportion(10, tilted_shares([40, 30, 30], ["1.5", 1, "0.5"])) == [6, 3, 1]
    with pytest.raises(ComputationError):
        tilted_shares([1], [1, 2])


def test_a_guide_is_missed_only_beyond_one_person_or_five_per_cent() -> None:
    found = guided_deviations({"S": 3, "A": 7, "B": 11, "C": 2, "D": 0}, GUIDE)
    beyond = {d.band for d in found if d.is_beyond}
    assert [d.quota for d in found] == [2, 5, 14, 2, 0]
    assert beyond == {"A", "B"}


def test_five_per_cent_is_exact() -> None:
    at_limit = guided_deviations({"S": 13, "A": 17}, {"S": 50, "A": 50})
    assert {d.is_beyond for d in at_limit} == {True}
    within = guided_deviations({"S": 16, "A": 14}, {"S": 50, "A": 50})
    assert {d.is_beyond for d in within} == {False}


def test_small_units_pool_up_the_tree() -> None:
    parents = {"T1": "B1", "T2": "B1", "T3": "B2", "B1": "F", "B2": "F", "F": None}
    found = pooled_units(parents, {"T1": 6, "T2": 5, "T3": 4})
    assert found == {"T1": "B1", "T2": "B1", "T3": "F"}


def test_the_root_takes_what_is_too_small_everywhere() -> None:
    assert pooled_units({"T": "F", "F": None}, {"T": 3}) == {"T": "F"}
    assert pooled_units({"T": "F", "F": "T"}, {"T": 3}) == {"T": "F"}


def people(*totals: int) -> list[Standing]:
    return [
        Standing(f"E{i}", Decimal(total), Decimal(0), Decimal(0), 2)
        for i, total in enumerate(totals)
    ]


def test_forced_bands_go_down_the_order() -> None:
    given_bands = forced_bands(people(90, 100, 80), ["S", "A"], [34, 66])
    assert given_bands.bands == {"E1": "S", "E0": "A", "E2": "A"}
    assert given_bands.tied == ()


def test_ties_across_a_boundary_are_left_to_calibration() -> None:
    found = forced_bands(people(90, 90, 80), ["S", "A"], [34, 66])
    assert found.tied == (("E0", "E1"),)


def test_lower_bands_are_not_forced_on_small_pools() -> None:
    totals = tuple(range(60, 89))
    found = forced_bands(people(*totals), list(GUIDE), list(GUIDE.values()))
    assert set(found.bands.values()) == {"S", "A", "B"}
    assert len(found.bands) == 29


def test_lower_bands_are_forced_from_thirty_people_up() -> None:
    totals = tuple(range(60, 90))
    found = forced_bands(people(*totals), list(GUIDE), list(GUIDE.values()))
    assert "C" in set(found.bands.values())


def test_compliance_decides_before_client_and_last_year() -> None:
    same = [
        Standing("E1", Decimal(90), Decimal(80), Decimal(99), 0),
        Standing("E2", Decimal(90), Decimal(81), Decimal(1), 4),
    ]
    assert forced_bands(same, ["S", "A"], [1, 1]).bands == {"E2": "S", "E1": "A"}


def test_more_than_a_fifth_of_a_pool_needs_a_second_approval() -> None:
    assert not needs_second_approval(2, 10)
    assert needs_second_approval(3, 10)


@pytest.mark.parametrize(
    ("manager", "mean", "gap", "z", "shrinkage", "shift", "flags"),
    [
        ("M1", "7.8000", "7.3500", "12.5135", "0.9896", "-5.0", (Flag.LENIENT,)),
        ("M2", "-0.6000", "-1.0500", "-1.7876", "0.9896", "1.0", ()),
        ("M3", "-6.2000", "-6.6500", "-11.3217", "0.9896", "5.0", (Flag.STRICT,)),
        ("M4", "0.8000", "0.3500", "0.5959", "0.9896", "-0.3", ()),
    ],
)
def test_the_worked_statistics_of_four_managers(
    manager: str, mean: str, gap: str, z: str, shrinkage: str, shift: str, flags: tuple[Flag, ...]
) -> None:
    found = leniency(WORKED)
    assert found is not None
    assert (str(found.grand_mean), str(found.within_deviation), str(found.between_variance)) == (
        "0.4500",
        "1.3134",
        "32.8117",
    )
    one = next(m for m in found.managers if m.manager == manager)
    assert (str(one.mean), str(one.leniency), str(one.z)) == (mean, gap, z)
    assert (str(one.shrinkage), str(one.shift), one.flags) == (shrinkage, shift, flags)


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"M1": [(1, 1), (2, 1)]},
        {"M1": [(1, 1)], "M2": [(2, 1)]},
        {"M1": [(2, 1), (2, 1)], "M2": [(5, 1), (5, 1)]},
    ],
)
def test_where_nothing_can_be_told_there_are_no_statistics(
    scores: dict[str, list[tuple[int, int]]],
) -> None:
    assert leniency(scores) is None


def test_managers_with_nobody_scored_are_left_out() -> None:
    found = leniency({**WORKED, "M5": []})
    assert found is not None
    assert len(found.managers) == 4


def test_a_manager_who_scores_all_alike_is_flagged_as_central() -> None:
    flat = [(100, 98), (100, 98), (100, 98)]
    wide = [(110, 98), (90, 98), (100, 98)]
    found = leniency({"M1": flat, "M2": wide})
    assert found is not None
    assert found.managers[0].flags == (Flag.CENTRAL,)
    assert str(found.managers[0].spread) == "0.0000"


def test_a_manager_of_one_has_no_spread() -> None:
    found = leniency({"M1": [(100, 98)], "M2": [(110, 98), (90, 98)]})
    assert found is not None
    assert found.managers[0].spread is None


PAIRS = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), min_size=1, max_size=6)


@given(
    st.dictionaries(st.text("ABCD", min_size=1, max_size=2), PAIRS, max_size=5),
    st.integers(-20, 20),
)
def test_a_shift_of_all_scores_alike_changes_no_leniency(
    scores: dict[str, list[tuple[int, int]]], by: int
) -> None:
    moved = {m: [(given_ + by, objective) for given_, objective in p] for m, p in scores.items()}
    before, after = leniency(scores), leniency(moved)
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert before.managers[0].leniency == after.managers[0].leniency
        assert all(abs(m.shift) <= 5 and 0 <= m.shrinkage <= 1 for m in after.managers)


@pytest.mark.parametrize(
    ("actual", "broken"),
    [
        ({"S": 3, "A": 6, "B": 18, "C": 2, "D": 1}, []),
        ({"S": 4, "A": 6, "B": 17, "C": 2, "D": 1}, ["S"]),
        ({"S": 0, "A": 0, "B": 30}, ["C", "D"]),
        ({"S": 0, "A": 0, "B": 29}, []),
        ({"S": 0, "A": 8, "B": 21}, ["A"]),
        ({"B": 20, "C": 10}, ["D"]),
    ],
)
def test_forced_quotas_are_a_ceiling_above_the_middle_and_a_floor_below_from_thirty_people(
    actual: dict[str, int], broken: list[str]
) -> None:
    assert [one.band for one in broken_limits(actual, GUIDE)] == broken


@pytest.mark.parametrize(
    ("now", "band", "total"),
    [
        ("94.99", "A", "95.00"),
        ("99.91", "B", "94.99"),
        ("99.91", "A", "99.91"),
        ("70", "D", "59.99"),
        ("114.34", "A", "109.99"),
        ("60.00", "S", "110.00"),
    ],
)
def test_the_smallest_move_into_a_band_stops_at_its_nearer_end(
    now: str, band: str, total: str
) -> None:
    found = total_for_band(DEFAULT_BANDS, band, Decimal(now))
    assert found == Decimal(total)
    assert DEFAULT_BANDS.of(int(found * 100)) == band


@given(st.integers(0, 12000), st.sampled_from(DEFAULT_BANDS.codes))
def test_the_proposed_total_lies_in_the_band_and_no_nearer_one_does(now: int, band: str) -> None:
    found = int(total_for_band(DEFAULT_BANDS, band, Decimal(now).scaleb(-2)) * 100)
    assert DEFAULT_BANDS.of(found) == band
    step = (now > found) - (now < found)
    assert step == 0 or DEFAULT_BANDS.of(found + step) != band


def test_the_bands_beside_somebodys_own() -> None:
    assert neighbours(DEFAULT_BANDS, "S") == (None, "A")
    assert neighbours(DEFAULT_BANDS, "C") == ("B", "D")
    assert neighbours(DEFAULT_BANDS, "D") == ("C", None)
    assert neighbours(DEFAULT_BANDS, "NR") == (None, None)


def test_the_interval_of_leniency_narrows_with_the_root_of_the_people() -> None:
    found = leniency(WORKED)
    assert found is not None
    # 1.959964 · 1.3134 / √5
    assert {manager.margin for manager in found.managers} == {Decimal("1.1512")}
