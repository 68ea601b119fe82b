"""Segments: joiners, leavers, transfers, leave, concurrent posts and prorated targets (§5.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import total2
from perfflow.reviews.rules.segments import (
    Assignment,
    build_segments,
    Leave,
    merge_groups,
    merge_short,
    present_days,
    present_share,
    prorated_target,
    prorated_total,
    rating_managers,
)

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
DAY = timedelta(days=1)


def held(
    start: date, end: date | None = None, post: str = "FA", manager: str = "M1", fte: str = "1"
) -> Assignment:
    return Assignment(post, "U1", manager, "v1", start, end, Decimal(fte))


def test_a_year_in_one_post_is_one_segment() -> None:
    segments = build_segments(FIRST, LAST, [held(date(2020, 1, 1))])
    assert [(s.days, s.share) for s in segments] == [(365, 1)]


def test_a_transfer_starts_a_new_segment_on_its_day() -> None:
    move = date(2025, 7, 1)
    segments = build_segments(FIRST, LAST, [held(FIRST, move), held(move, None, manager="M2")])
    assert [s.days for s in segments] == [181, 184]
    assert [s.start for s in segments] == [FIRST, move]


def test_a_record_that_was_split_without_a_change_stays_one_segment() -> None:
    move = date(2025, 5, 20)
    segments = build_segments(FIRST, LAST, [held(FIRST, move), held(move)])
    assert [s.days for s in segments] == [365]


def test_a_joiner_has_the_days_from_joining() -> None:
    joined = held(date(2025, 6, 1))
    assert build_segments(FIRST, LAST, [joined])[0].days == 214
    assert present_days(FIRST, LAST, [joined]) == 214
    assert present_share(214, 365) == Fraction(214, 365)


def test_unpaid_leave_counts_out_only_when_it_is_longer_than_thirty_days() -> None:
    month = Leave(date(2025, 3, 1), date(2025, 3, 31))
    longer = Leave(date(2025, 3, 1), date(2025, 4, 1))
    assert build_segments(FIRST, LAST, [held(FIRST)], [month])[0].days == 365
    assert build_segments(FIRST, LAST, [held(FIRST)], [longer])[0].days == 334
    assert present_days(FIRST, LAST, [held(FIRST)], [longer]) == 334


def test_leave_across_the_new_year_is_cut_at_the_window() -> None:
    leave = Leave(date(2024, 12, 1), date(2025, 1, 11))
    assert build_segments(FIRST, LAST, [held(date(2024, 1, 1))], [leave])[0].days == 355


def test_concurrent_posts_share_their_days_by_fte() -> None:
    posts = [held(FIRST, fte="0.6"), held(FIRST, post="TL", fte="0.4")]
    segments = build_segments(FIRST, LAST, posts)
    assert {s.assignment.post: s.share for s in segments} == {
        "FA": Fraction(3, 5),
        "TL": Fraction(2, 5),
    }
    assert sum(s.weight for s in segments) == 365
    assert present_days(FIRST, LAST, posts) == 365


def test_assignments_outside_the_window_do_not_count() -> None:
    outside = [held(date(2024, 1, 1), FIRST), held(date(2026, 1, 1))]
    assert build_segments(FIRST, LAST, outside) == []
    assert present_days(FIRST, LAST, outside) == 0


def test_a_gap_between_two_stays_is_not_present_time() -> None:
    stays = [held(FIRST, date(2025, 3, 1)), held(date(2025, 5, 1))]
    assert [s.days for s in build_segments(FIRST, LAST, stays)] == [59, 245]
    assert present_days(FIRST, LAST, stays) == 304


@given(st.lists(st.integers(1, 364), max_size=6, unique=True))
def test_days_always_add_up_however_a_year_is_cut(cuts: list[int]) -> None:
    edges = [FIRST, *(FIRST + cut * DAY for cut in sorted(cuts)), LAST + DAY]
    pieces = [
        held(start, end, manager=f"M{i % 3}") for i, (start, end) in enumerate(pairwise(edges))
    ]
    segments = build_segments(FIRST, LAST, pieces)
    assert sum(s.days for s in segments) == present_days(FIRST, LAST, pieces) == 365


def test_a_short_segment_joins_the_one_before_it() -> None:
    assert merge_short([200, 20, 145]) == [(0, 220), (2, 145)]


def test_the_very_first_short_segment_joins_the_next() -> None:
    assert merge_short([12, 353]) == [(1, 365)]


def test_merging_repeats_until_none_is_short() -> None:
    assert merge_short([10, 10, 10, 335]) == [(2, 30), (3, 335)]
    assert merge_short([10, 15, 340]) == [(2, 365)]
    assert merge_short([29, 1]) == [(1, 30)]


def test_a_lone_short_segment_stays() -> None:
    assert merge_short([5]) == [(0, 5)]
    assert merge_short([]) == []


@given(st.lists(st.integers(1, 200), min_size=1, max_size=12))
def test_merging_loses_no_day_and_leaves_no_short_segment(days: list[int]) -> None:
    kept = merge_short(days)
    assert sum(length for _, length in kept) == sum(days)
    assert len(kept) == 1 or min(length for _, length in kept) >= 30


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        ([(200, "98.40"), (20, "60.00"), (145, "104.00")], "100.62"),
        ([(181, "98.40"), (184, "104.00")], "101.22"),
        ([(12, "50"), (353, "90")], "90.00"),
        ([(181, "98.40"), (184, None)], "98.40"),
    ],
)
def test_the_person_total_weighs_segments_by_days(
    parts: list[tuple[int, str | None]], total: str
) -> None:
    found = prorated_total(parts)
    assert found is not None
    assert str(total2(found)) == total


def test_segments_without_days_are_refused() -> None:
    for parts in ([], [(0, 90)], [(-1, 90)]):
        with pytest.raises(ComputationError, match="DOMAIN"):
            prorated_total(parts)


@given(st.integers(60, 366), st.data(), st.decimals("0", "120", places=2))
def test_splitting_a_constant_year_anywhere_changes_nothing(
    year: int, data: st.DataObject, total: Decimal
) -> None:
    cut = data.draw(st.integers(1, year - 1))
    assert prorated_total([(cut, total), (year - cut, total)]) == Fraction(total)


def test_flows_take_their_share_of_days() -> None:
    target, _ = prorated_target("sum", 520, start_day=0, end_day=181, year_days=365)
    assert str(total2(target)) == "257.86"


def test_stocks_follow_the_line_from_the_baseline() -> None:
    target, baseline = prorated_target(
        "last", 1200, start_day=0, end_day=181, year_days=365, baseline=1000
    )
    assert str(total2(target)) == "1099.18"
    assert baseline == 1000


def test_the_second_stock_segment_starts_where_the_first_ended() -> None:
    first, _ = prorated_target("avg", 1200, start_day=0, end_day=181, year_days=365, baseline=1000)
    target, baseline = prorated_target(
        "avg", 1200, start_day=181, end_day=365, year_days=365, baseline=1000
    )
    assert baseline == first
    assert target == 1200


def test_ratios_keep_their_target() -> None:
    assert prorated_target("ratio", "0.95", start_day=10, end_day=50, year_days=365) == (
        Fraction(95, 100),
        None,
    )


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (-1, 5), (0, 366)])
def test_days_out_of_order_are_refused(start: int, end: int) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        prorated_target("sum", 1, start_day=start, end_day=end, year_days=365)


@given(st.integers(1, 364), st.integers(0, 10**6))
def test_prorated_flows_add_up_to_the_year(cut: int, target: int) -> None:
    parts = [
        prorated_target("sum", target, start_day=a, end_day=b, year_days=365)[0]
        for a, b in ((0, cut), (cut, 365))
    ]
    assert sum(parts) == target


def test_the_manager_of_most_days_rates_and_everybody_of_sixty_gives_input() -> None:
    assert rating_managers({"M1": 200, "M2": 59, "M3": 106}) == ("M1", ("M1", "M3"))
    assert rating_managers({"M1": 100, "M2": 100}) == ("M2", ("M1", "M2"))
    assert rating_managers({}) == (None, ())


def test_more_days_than_the_cycle_are_refused() -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        present_share(366, 365)


def test_a_merged_segment_gives_exactly_its_days_and_share_to_the_receiver() -> None:
    groups = merge_groups([136, 20, 184, 184])
    assert groups == [(0, (0, 1)), (2, (2,)), (3, (3,))]


@given(st.lists(st.integers(0, 90), min_size=1, max_size=9), st.integers(0, 60))
def test_every_segment_ends_up_in_exactly_one_group(days: list[int], least: int) -> None:
    members = [index for _, group in merge_groups(days, least) for index in group]
    assert sorted(members) == list(range(len(days)))
