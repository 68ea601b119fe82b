"""The card: worked example of domain §5.4, N/A policies, coverage and caps."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import scaled_half_up, total2
from perfflow.metrics.rules import NaPolicy
from perfflow.reviews.rules.card import (
    annual_roll_up,
    CardRules,
    effective_weights,
    Row,
    score_card,
)
from perfflow.reviews.rules.raters import multi_rater_mean, RaterGroup, weighted_group_mean

EXAMPLE = [
    ("RS-01", "R", 2000, "112.5"),
    ("RS-05", "R", 1500, "95"),
    ("RS-08", "R", 1000, "120"),
    ("CL-01", "C", 1200, "90"),
    ("CL-04", "C", 1300, "105"),
    ("CP-01", "K", 1000, "100"),
    ("CP-03", "K", 1000, "80"),
    ("GR-02", "G", 500, "100"),
    ("GR-05", "G", 500, "86.6667"),
]


def rows(*missing: str, policy: NaPolicy = NaPolicy.DIMENSION) -> list[Row]:
    return [
        Row(code, dim, weight, None if code in missing else scaled_half_up(Decimal(s), 4), policy)
        for code, dim, weight, s in EXAMPLE
    ]


def test_all_present_gives_the_total_of_the_worked_card() -> None:
    score = score_card(rows())
    assert score.total_e2 == 10053
    assert score.dims_e4 == {"R": 1083333, "C": 978000, "K": 900000, "G": 933334}
    assert score.coverage_bp == 10_000


def test_additions_and_deductions_stop_at_their_caps() -> None:
    assert score_card(rows(), 7, 3).total_e2 == 10253
    assert score_card(rows(), 0, 35).total_e2 == 8053
    assert score_card(rows(), "2.5").total_e2 == 10303


@pytest.mark.parametrize(
    ("policy", "total_e2"),
    [
        (NaPolicy.DIMENSION, 10233),
        (NaPolicy.CARD, 10197),
        (NaPolicy.NEUTRAL, 10173),
        (NaPolicy.ZERO, 8973),
    ],
)
def test_each_policy_moves_the_weight_of_a_missing_metric_its_own_way(
    policy: NaPolicy, total_e2: int
) -> None:
    score = score_card(rows("CL-01", policy=policy))
    assert (score.total_e2, score.coverage_bp) == (total_e2, 8800)


@pytest.mark.parametrize("policy", [NaPolicy.DIMENSION, NaPolicy.CARD])
def test_an_empty_dimension_gives_its_weight_to_the_others(policy: NaPolicy) -> None:
    score = score_card(rows("CL-01", "CL-04", policy=policy))
    assert score.total_e2 == 10144
    assert set(score.dims_e4) == {"R", "K", "G"}


def test_too_little_data_means_no_rating() -> None:
    score = score_card(rows("RS-01", "RS-05", "RS-08"))
    assert (score.status, score.total_e2, score.coverage_bp) == ("NR", None, 5500)


def test_coverage_of_exactly_sixty_per_cent_is_enough() -> None:
    lines = [
        Row("A", "R", 6000, 900_000, NaPolicy.DIMENSION),
        Row("B", "C", 4000, None, NaPolicy.DIMENSION),
    ]
    assert score_card(lines).total_e2 == 9000
    assert score_card(lines, rules=CardRules(min_coverage_bp=6001)).status == "NR"


def test_nothing_at_all_means_no_rating_under_every_policy() -> None:
    for policy in NaPolicy:
        every = [code for code, *_ in EXAMPLE]
        assert score_card(rows(*every, policy=policy), ignore_coverage=True).status == "NR"


def test_the_total_stays_between_zero_and_its_cap() -> None:
    high = [Row("A", "R", 10_000, 1_500_000, NaPolicy.DIMENSION)]
    assert score_card(high, 5).total_e2 == 12_000
    low = [Row("A", "R", 10_000, 50_000, NaPolicy.DIMENSION)]
    assert score_card(low, 0, 20).total_e2 == 0


def test_weights_that_miss_the_whole_are_refused() -> None:
    with pytest.raises(ComputationError, match="WEIGHTS"):
        score_card(rows()[:-1])


@pytest.mark.parametrize(
    ("add", "deduct"),
    [(-1, 0), (0, -1)],
)
def test_negative_points_are_refused(add: int, deduct: int) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        score_card(rows(), add, deduct)


def test_the_total_never_uses_rounded_dimension_scores() -> None:
    third = [
        Row("A", "R", 3333, 1_000_000, NaPolicy.DIMENSION),
        Row("B", "R", 3333, 1_000_001, NaPolicy.DIMENSION),
        Row("C", "C", 3334, 900_050, NaPolicy.DIMENSION),
    ]
    exact = Fraction(3333 * 1_000_000 + 3333 * 1_000_001 + 3334 * 900_050, 10_000 * 10**4)
    assert score_card(third).total_e2 == scaled_half_up(exact, 2)


def test_lines_may_have_policies_of_their_own() -> None:
    lines = rows("GR-05")
    lines[-1] = Row("GR-05", "G", 500, None, NaPolicy.CARD)
    kept = effective_weights(lines)
    assert sum(kept.values()) == 10_000
    assert kept["GR-02"] == Fraction(500 * 10_000, 9500)


PARTS = st.lists(
    st.tuples(st.sampled_from("RCKG"), st.integers(1, 2000), st.none() | st.integers(0, 1_500_000)),
    min_size=1,
    max_size=10,
)


def card_of(parts: list[tuple[str, int, int | None]], policy: NaPolicy) -> list[Row]:
    whole = sum(weight for _, weight, _ in parts)
    scaled = [weight * 10_000 // whole for _, weight, _ in parts]
    scaled[0] += 10_000 - sum(scaled)
    return [
        Row(f"M{i}", dim, weight, score, policy)
        for i, ((dim, _, score), weight) in enumerate(zip(parts, scaled, strict=True))
    ]


@given(PARTS, st.sampled_from([NaPolicy.DIMENSION, NaPolicy.CARD]))
def test_moved_weights_always_add_up_to_the_whole(
    parts: list[tuple[str, int, int | None]], policy: NaPolicy
) -> None:
    lines = card_of(parts, policy)
    assume(any(line.score_e4 is not None and line.weight_bp for line in lines))
    moved = effective_weights(lines)
    assert sum(moved.values()) == 10_000
    score = score_card(lines, ignore_coverage=True, rules=CardRules(total_cap=150))
    exact = sum(
        (moved[line.code] * (line.score_e4 or 0) for line in lines if line.code in moved),
        Fraction(0),
    )
    assert score.weighted == exact / 10_000 / 10**4
    assert score.total_e2 == scaled_half_up(exact / 10_000 / 10**4, 2)


@given(PARTS, st.randoms())
def test_the_order_of_lines_does_not_matter(
    parts: list[tuple[str, int, int | None]], random: object
) -> None:
    lines = card_of(parts, NaPolicy.DIMENSION)
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score_card(lines).total_e2 == score_card(shuffled).total_e2


@given(PARTS)
def test_a_missing_metric_keeps_the_total_between_the_scores_that_are_there(
    parts: list[tuple[str, int, int | None]],
) -> None:
    lines = card_of(parts, NaPolicy.DIMENSION)
    present = [line.score_e4 for line in lines if line.score_e4 is not None and line.weight_bp]
    assume(present)
    score = score_card(lines, ignore_coverage=True, rules=CardRules(total_cap=150))
    assert score.total_e2 is not None
    assert min(present) <= score.weighted * 10**4 <= max(present)


def test_a_year_of_quarters_rolls_up_by_weight() -> None:
    quarters = [(20, "96.00"), (20, "101.50"), (20, "88.25"), (40, "99.10")]
    rolled = annual_roll_up(quarters)
    assert rolled is not None
    assert total2(rolled) == Decimal("96.79")


def test_a_quarter_without_a_rating_leaves_its_weight_to_the_rest() -> None:
    rolled = annual_roll_up([(20, "96.00"), (20, None), (20, "88.25"), (40, "99.10")])
    assert rolled == Fraction(20 * 9600 + 20 * 8825 + 40 * 9910, 8000)
    assert annual_roll_up([(20, None)]) is None


def test_raters_count_by_group_when_there_are_enough_of_them() -> None:
    assert weighted_group_mean([(50, "4.0"), (20, "3.6667"), (30, "5.0")]) == Decimal("4.2333")
    ratings = {"manager": [4], "peers": [3, 4, 4], "cross_dept": [5, 5, 5]}
    assert multi_rater_mean(ratings) == Decimal("4.2333")


def test_a_group_that_is_too_small_leaves_its_weight_to_the_others() -> None:
    ratings = {"manager": [4], "peers": [1, 1], "cross_dept": [5, 5, 5]}
    assert multi_rater_mean(ratings) == Decimal("4.3750")
    assert multi_rater_mean({"peers": [1]}) is None
    assert weighted_group_mean([(50, None)]) is None


def test_ratings_out_of_range_and_unknown_groups_are_refused() -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        multi_rater_mean({"manager": [6]})
    with pytest.raises(ComputationError, match="DOMAIN"):
        multi_rater_mean({"friends": [5]}, [RaterGroup("manager", 1, 1)])
