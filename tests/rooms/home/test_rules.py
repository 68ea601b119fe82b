"""Who needs somebody, how warm a step is, what comes next and what stands out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.home.rules import (
    Facts,
    heat,
    Milestone,
    Need,
    needs_of,
    next_milestone,
    part_of_day,
    Standing,
    strongest,
    urgency,
    weakest,
)

CALM = Facts(
    overdue=0, takes_part=True, has_goals=True, gaps=0, days_since_talk=10, days_in_cycle=200,
    quiet_days=3, data_age=20,
)  # fmt: skip


def test_somebody_with_everything_in_order_needs_nothing() -> None:
    assert needs_of(CALM) == ()


@pytest.mark.parametrize(
    ("change", "need"),
    [
        ({"overdue": 1}, Need.OVERDUE),
        ({"has_goals": False}, Need.NO_GOALS),
        ({"gaps": 1}, Need.GAP),
        ({"days_since_talk": 46}, Need.NO_TALK),
        ({"days_since_talk": None}, Need.NO_TALK),
        ({"quiet_days": 10}, Need.QUIET),
        ({"data_age": 46}, Need.OLD_DATA),
    ],
)
def test_each_fact_raises_its_own_need(change: dict[str, object], need: Need) -> None:
    assert needs_of(replace(CALM, **change)) == (need,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"days_since_talk": 45}, {"quiet_days": 9}, {"quiet_days": None}, {"data_age": 45}]
)
def test_limits_themselves_are_still_in_order(change: dict[str, object]) -> None:
    assert needs_of(replace(CALM, **change)) == ()  # type: ignore[arg-type]


def test_a_talk_is_not_missed_in_the_first_weeks_of_a_cycle() -> None:
    assert needs_of(replace(CALM, days_since_talk=None, days_in_cycle=30)) == ()


def test_who_takes_no_part_needs_neither_goals_nor_talks() -> None:
    aside = replace(CALM, takes_part=False, has_goals=False, days_since_talk=None)
    assert needs_of(aside) == ()


def test_one_overdue_step_weighs_more_than_all_smaller_needs_together() -> None:
    smaller = [need for need in Need if need is not Need.OVERDUE]
    assert urgency([Need.OVERDUE], 1) > urgency(smaller, 0)


def test_among_overdue_people_the_one_with_more_steps_stands_first() -> None:
    assert urgency([Need.OVERDUE], 3) > urgency([Need.OVERDUE], 2)


def test_warmth_follows_the_share_of_the_busiest_step() -> None:
    assert heat({"a": 0, "b": 1, "c": 3, "d": 5, "e": 8}) == {
        "a": 1, "b": 1, "c": 2, "d": 3, "e": 4,
    }  # fmt: skip


def test_a_process_in_which_nothing_waits_is_cool_everywhere() -> None:
    assert heat({"a": 0, "b": 0}) == {"a": 1, "b": 1}
    assert heat({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 10_000), min_size=1))
def test_warmth_never_falls_while_the_count_rises(counts: dict[str, int]) -> None:
    warmth = heat(counts)
    ordered = [warmth[name] for name, _ in sorted(counts.items(), key=lambda item: item[1])]
    assert ordered == sorted(ordered)
    assert set(ordered) <= {1, 2, 3, 4}
    assert max(ordered) == (4 if max(counts.values()) else 1)


def test_the_next_milestone_is_the_nearest_one_that_is_not_over() -> None:
    past = Milestone(date(2025, 7, 30), "over")
    today = Milestone(date(2025, 7, 31), "today")
    later = Milestone(date(2025, 9, 1), "later")
    assert next_milestone([later, past, today], date(2025, 7, 31)) == today
    assert next_milestone([past], date(2025, 7, 31)) is None


def test_a_strength_has_reached_its_target_and_a_suggestion_has_not() -> None:
    standings = [
        Standing("a", Decimal("99.99")), Standing("b", Decimal(100)), Standing("c", Decimal(64)),
    ]  # fmt: skip
    assert strongest(standings) == "b"
    assert weakest(standings) == "c"
    assert strongest(standings[:1]) is None
    assert weakest(standings[1:2]) is None


@pytest.mark.parametrize(
    ("hour", "part"),
    [(0, "morning"), (11, "morning"), (12, "afternoon"), (17, "afternoon"), (18, "evening")],
)
def test_the_greeting_fits_the_hour(hour: int, part: str) -> None:
    assert part_of_day(hour) == part
