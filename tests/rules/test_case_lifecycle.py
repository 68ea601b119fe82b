"""The states of a gate case, and what an appeal must say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfflow.appeals.rules import check_decision, check_filing
from perfflow.compliance.lifecycle import (
    DECIDED_STATUSES,
    next_status,
    OPEN_STATUSES,
    possible_steps,
    STEPS,
)
from perfflow.compliance.rules import CaseStatus
from perfflow.kernel.errors import Conflict, RuleViolation


def test_every_state_is_open_or_decided() -> None:
    assert set(CaseStatus) == OPEN_STATUSES | DECIDED_STATUSES
    assert OPEN_STATUSES.isdisjoint(DECIDED_STATUSES)


def test_every_state_but_the_first_can_be_reached_and_the_last_is_the_end() -> None:
    assert {target for _, target in STEPS.values()} == set(CaseStatus) - {CaseStatus.REPORTED}
    assert [state for state in CaseStatus if not possible_steps(state)] == [CaseStatus.FINAL]


@pytest.mark.parametrize("state", list(CaseStatus))
def test_only_possible_steps_are_taken(state: CaseStatus) -> None:
    for step in STEPS:
        if step in possible_steps(state):
            assert next_status(step, state) is STEPS[step][1]
        else:
            with pytest.raises(Conflict):
                next_status(step, state)


def test_nothing_is_decided_without_a_hearing() -> None:
    for step in ("uphold", "dismiss"):
        assert STEPS[step][0] == {CaseStatus.HEARING}


@pytest.mark.parametrize(
    ("ground", "text", "field"),
    [
        (None, "三月的净新增有两笔没有计入，核心系统已经更正。", "ground"),
        ("mood", "三月的净新增有两笔没有计入，核心系统已经更正。", "ground"),
        ("data_error", "不对", "text"),
        ("data_error", None, "text"),
    ],
)
def test_an_appeal_needs_a_ground_and_a_text(
    ground: str | None, text: str | None, field: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_filing(ground, text)
    assert refused.value.field == field


def test_a_correction_names_another_total() -> None:
    check_decision("upheld", None, Decimal("90.00"))
    check_decision("corrected", Decimal("91.00"), Decimal("90.00"))
    for total in (None, Decimal("90.00")):
        with pytest.raises(RuleViolation):
            check_decision("corrected", total, Decimal("90.00"))
