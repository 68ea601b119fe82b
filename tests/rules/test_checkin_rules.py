"""Promises, activities and follow-ups as plain rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta, UTC
from typing import Any

import pytest

from perfflow.checkins.rules import (
    ActionType,
    check_activity,
    is_effective,
    next_day_mark,
    promises_from_rows,
)
from perfflow.kernel.errors import RuleViolation, RuleViolations

TODAY = date(2026, 1, 20)
NOW = datetime(2026, 1, 20, 9, tzinfo=UTC)
ROW = {
    "text": "复谈两次",
    "measure": "六月底前完成",
    "action_type": "joint_visit",
    "owner": "employee",
    "due_on": date(2026, 6, 30),
}


def promises(*rows: dict[str, Any]) -> list[Any]:
    return promises_from_rows(rows, field="actions", today=TODAY, employee_no="E1", manager_no="E2")


def test_owners_become_people_and_empty_support_none() -> None:
    mine, his = promises(ROW, {**ROW, "owner": "manager", "support": "  "})
    assert (mine.owner_no, his.owner_no, his.support) == ("E1", "E2", None)
    assert mine.action_type is ActionType.JOINT_VISIT


def test_without_a_manager_the_employee_owns_everything() -> None:
    (promise,) = promises_from_rows(
        [{**ROW, "owner": "manager"}], field="a", today=TODAY, employee_no="E1", manager_no=None
    )
    assert promise.owner_no == "E1"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "actions.0.text"),
        ({"measure": None}, "actions.0.measure"),
        ({"due_on": TODAY}, "actions.0.due_on"),
        ({"due_on": TODAY + timedelta(days=401)}, "actions.0.due_on"),
        ({"due_on": None}, "actions.0.due_on"),
        ({"owner": "nobody"}, "actions.0.owner"),
        ({"action_type": "prayer"}, "actions.0.action_type"),
    ],
)
def test_each_flaw_is_named_on_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        promises({**ROW, **change})
    assert refused.value.field == field


def test_all_broken_rows_are_named_at_once() -> None:
    with pytest.raises(RuleViolations) as refused:
        promises({**ROW, "text": ""}, ROW, {**ROW, "due_on": TODAY})
    assert [one.field for one in refused.value.violations] == ["actions.0.text", "actions.2.due_on"]


@pytest.mark.parametrize(
    ("kind", "happened_at", "client", "purpose", "code"),
    [
        ("visit", NOW + timedelta(minutes=1), "C-1", "检视", "checkins.activity_in_future"),
        ("visit", NOW - timedelta(days=32), "C-1", "检视", "checkins.activity_too_old"),
        ("visit", NOW, None, "检视", "checkins.client_missing"),
        ("training", NOW, None, None, "checkins.purpose_missing"),
        ("party", NOW, "C-1", "检视", "checkins.unknown_activity"),
    ],
)
def test_what_is_wrong_with_an_activity(
    kind: str, happened_at: datetime, client: str | None, purpose: str | None, code: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_activity(kind, happened_at, NOW, client, purpose)
    assert refused.value.code == code


def test_training_needs_no_client() -> None:
    check_activity("training", NOW, NOW, None, "合规课程")


def test_effective_means_an_outcome_within_forty_eight_hours() -> None:
    assert is_effective(NOW, NOW + timedelta(hours=48), "约定下次")
    assert not is_effective(NOW, NOW + timedelta(hours=48, seconds=1), "约定下次")
    assert not is_effective(NOW, NOW, None)


def test_follow_ups_stop_after_ninety_days() -> None:
    assert [next_day_mark(done) for done in (-1, 0, 1, 2, 3)] == [None, 30, 60, 90, None]
