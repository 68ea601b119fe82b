"""Packs and their dates on the real calendar: due rules, months, check-ins, the payout day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from perfflow.calendar.rules import parse_calendars, WorkingCalendar
from perfflow.cycles.rules import (
    check_in_dates,
    data_months,
    deadlines,
    month_end,
    months_on,
    Pack,
    parse_due_rule,
    parse_pack,
    timeliness,
)
from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue"
CALENDAR = WorkingCalendar.from_days(
    parse_calendars({path.name: path.read_text() for path in CATALOGUE.glob("calendars/*.yaml")})
)
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def shipped(code: str) -> Pack:
    return parse_pack(load_configuration((CATALOGUE / f"packs/{code}.yaml").read_text()), code)


def dates_of(code: str, first: date, last: date) -> dict[str, date | None]:
    return {one.name: one.due_on for one in deadlines(shipped(code), first, last, CALENDAR)}


def test_the_annual_pack_pays_on_day_62() -> None:
    pack = shipped("ANNUAL-STD")
    found = timeliness(pack, deadlines(pack, *YEAR, CALENDAR), YEAR[1])
    assert found is not None
    assert (found.payout_on, found.days, found.is_kept) == (date(2026, 3, 3), 62, True)


@pytest.mark.parametrize(
    ("code", "last", "payout_on", "days"),
    [
        ("HALF-STD", date(2025, 6, 30), date(2025, 8, 11), 42),
        ("QUARTER-STD", date(2025, 3, 31), date(2025, 4, 28), 28),
    ],
)
def test_shorter_packs_keep_their_limits(code: str, last: date, payout_on: date, days: int) -> None:
    pack = shipped(code)
    found = timeliness(pack, deadlines(pack, YEAR[0], last, CALENDAR), last)
    assert found is not None
    assert (found.payout_on, found.days, found.is_kept) == (payout_on, days, True)


def test_steps_before_the_start_count_backwards() -> None:
    dates = dates_of("ANNUAL-STD", *YEAR)
    assert dates["publish_plan"] == CALENDAR.add_working_days(YEAR[0], -20)
    assert dates["draft_goals"] == date(2025, 1, 8)


def test_a_step_may_follow_another_steps_date() -> None:
    dates = dates_of("ANNUAL-STD", *YEAR)
    assert dates["calibrate_firm"] is not None
    assert dates["publish_results"] == CALENDAR.add_working_days(dates["calibrate_firm"], 1)


def test_steps_that_follow_people_have_no_date_at_the_start() -> None:
    dates = dates_of("ANNUAL-STD", *YEAR)
    assert [dates[name] for name in ("mediate_goals", "load_data", "confirm_result")] == [None] * 3


def test_every_process_finds_the_dates_that_it_asks_for() -> None:
    asked = {
        "publish_plan", "publish_objectives", "cascade_units", "draft_goals", "negotiate_goals",
        "accept_goals", "review_mid_year", "freeze_data", "self_assess", "score_review",
        "review_gate", "calibrate_unit", "calibrate_firm", "publish_results", "run_bonus",
        "approve_payout", "release_payout", "archive_cycle",
    }  # fmt: skip
    for code, last in (
        ("ANNUAL-STD", YEAR[1]), ("HALF-STD", date(2025, 6, 30)),
        ("QUARTER-STD", date(2025, 3, 31)),
    ):  # fmt: skip
        dates = dates_of(code, YEAR[0], last)
        assert {name for name in asked if not dates.get(name)} == set(), code


def test_months_carry_the_day_their_data_are_due() -> None:
    months = data_months(shipped("ANNUAL-STD"), *YEAR, CALENDAR)
    assert [month.period for month in months][::11] == ["2025-01", "2025-12"]
    assert months[0].ends_on == date(2025, 1, 31)
    assert months[0].due_on == CALENDAR.add_working_days(date(2025, 1, 31), 5)


def test_check_ins_come_at_quarter_ends_and_the_second_is_mid_year() -> None:
    found = check_in_dates(shipped("ANNUAL-STD"), *YEAR, CALENDAR)
    assert [(one.sequence, one.period_ends_on, one.is_mid_year) for one in found] == [
        (1, date(2025, 3, 31), False), (2, date(2025, 6, 30), True), (3, date(2025, 9, 30), False),
    ]  # fmt: skip


def test_a_half_year_has_one_check_in() -> None:
    found = check_in_dates(shipped("HALF-STD"), YEAR[0], date(2025, 6, 30), CALENDAR)
    assert [one.period_ends_on for one in found] == [date(2025, 3, 31)]


def test_month_ends_cross_the_year_and_know_leap_years() -> None:
    assert month_end(date(2025, 11, 1), 3) == date(2026, 1, 31)
    assert month_end(date(2024, 1, 1), 2) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "anchor", "offset"),
    [
        ("cycle_start - 20 wd", "cycle_start", -20),
        ("cycle_end + 12 wd", "cycle_end", 12),
        ("prev_done + 3 wd", "prev_done", 3),
        ("A20 + 1 wd", "A20", 1),
        ("cycle_end", "cycle_end", 0),
    ],
)
def test_due_rules_read_as_they_are_written(text: str, anchor: str, offset: int) -> None:
    rule = parse_due_rule(text)
    assert (rule.anchor, rule.offset) == (anchor, offset)


def test_a_fixed_date_is_a_due_rule() -> None:
    assert parse_due_rule("2025-03-14").fixed_on == date(2025, 3, 14)


@pytest.mark.parametrize(
    "text", ["soon", "cycle_end + 3", "cycle_end + 3 days", "2025-02-30", "cycle_end(2) + 1 wd"]
)
def test_other_words_are_no_due_rule(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_due_rule(text)
    assert caught.value.code == "cycles.bad_due_rule"


def step(**changes: Any) -> dict[str, Any]:
    return {
        "code": "A01", "name": "publish_plan", "name_zh": "发布", "name_en": "Publish",
        "element": "publish-plan", "process": "performance-cycle", "role": "hr-partner",
        "due": "cycle_start - 5 wd", "overdue": ["block"],
    } | changes  # fmt: skip


def pack_of(*steps: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": "OWN", "kind": "ANNUAL", "months": 12, "name_zh": "自定", "name_en": "Own",
        "process": "performance-cycle", "participant_process": "appraisal",
        "data_due": "month_end + 5 wd", "steps": list(steps),
    }  # fmt: skip


def test_an_approval_never_happens_by_itself() -> None:
    silent = step(name="approve_payout", overdue=["auto_approve"])
    with pytest.raises(BadInput) as caught:
        parse_pack(pack_of(silent))
    assert caught.value.code == "cycles.never_automatic"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (step(due="A99 + 1 wd"), "cycles.unknown_anchor"),
        (step(due="whenever"), "cycles.bad_due_rule"),
        (step(overdue=["shout"]), "kernel.config_wrong_value"),
        (step(colour="red"), "kernel.config_unknown_key"),
    ],
)
def test_a_broken_step_is_refused(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_pack(pack_of(changed))
    assert caught.value.code == code


def test_a_step_name_stands_once() -> None:
    with pytest.raises(BadInput) as caught:
        parse_pack(pack_of(step(), step(code="A02")))
    assert caught.value.code == "cycles.step_twice"


def test_the_months_of_a_cycle_end_on_its_own_day_not_on_the_calendar_months() -> None:
    assert months_on(date(2025, 10, 20), 3) == date(2026, 1, 19)
    assert months_on(date(2025, 1, 1), 3) == date(2025, 3, 31)
    assert months_on(date(2024, 11, 30), 3) == date(2025, 2, 27)
