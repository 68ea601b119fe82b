"""What makes an interview record more than a formality."""

from __future__ import annotations

from datetime import date, datetime, timedelta, UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.interviews.rules import (
    Cause,
    check_record,
    is_copy,
    is_signed_too_fast,
    low_dimensions,
    suggested_causes,
)
from perfflow.kernel.errors import RuleViolation, RuleViolations

TODAY = date(2026, 1, 20)
FACT = {"fact": "三家客户完成规划", "evidence": "规划书 881", "evidence_on": date(2025, 11, 20)}
GAP = {"dimension": "C", "cause": "time_allocation", "text": "上半年回访不足"}
PLAN = [{"text": "陪访两次"}]


def codes(*args: Any) -> list[str]:
    """The codes of everything that is wrong."""
    try:
        check_record(*args)
    except RuleViolations as several:
        return [one.code for one in several.violations]
    except RuleViolation as single:
        return [single.code]
    return []


def test_a_record_with_a_dated_fact_and_a_plan_is_accepted() -> None:
    assert codes([FACT], [], PLAN, [], TODAY) == []


def test_achievements_come_first_and_hide_what_else_is_missing() -> None:
    assert codes([], [], [], ["C"], TODAY) == ["interviews.achievement_missing"]


def test_gap_and_plan_are_reported_together() -> None:
    assert codes([FACT], [], [], ["C"], TODAY) == [
        "interviews.gap_missing",
        "interviews.action_missing",
    ]


def test_every_weak_dimension_needs_its_own_gap() -> None:
    assert codes([FACT], [GAP], PLAN, ["C"], TODAY) == []
    assert codes([FACT], [GAP], PLAN, ["C", "K"], TODAY) == ["interviews.gap_missing"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fact": " "}, "interviews.fact_missing"),
        ({"evidence": None}, "interviews.evidence_missing"),
        ({"evidence_on": TODAY + timedelta(days=1)}, "interviews.evidence_ahead"),
        ({"evidence_on": None}, "interviews.dated_evidence_missing"),
    ],
)
def test_a_thin_achievement_is_named(change: dict[str, Any], code: str) -> None:
    assert codes([{**FACT, **change}], [], PLAN, [], TODAY) == [code]


def test_one_dated_fact_is_enough_for_several() -> None:
    assert codes([{**FACT, "evidence_on": None}, FACT], [], PLAN, [], TODAY) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cause": "weather"}, "interviews.cause_missing"),
        ({"text": ""}, "interviews.gap_text_missing"),
    ],
)
def test_a_gap_needs_a_known_cause_and_a_text(change: dict[str, Any], code: str) -> None:
    assert codes([FACT], [{**GAP, **change}], PLAN, [], TODAY) == [code]


def test_weak_means_below_eighty_exactly() -> None:
    scores = {"R": Decimal("80"), "C": Decimal("79.9999"), "K": Decimal("120")}
    assert low_dimensions(scores) == ["C"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (("105", "72", "95", "90"), {"C": [Cause.COMMUNICATION, Cause.PRODUCT_KNOWLEDGE]}),
        (("70", "104", "95", "90"), {"R": [Cause.CLIENT_SEGMENT, Cause.TIME]}),
        (("95", "95", "89.99", "90"), {"K": [Cause.PROCESS_OR_TOOL, Cause.PRODUCT_KNOWLEDGE]}),
        (("95", "95", "95", "75"), {"G": [Cause.MOTIVATION, Cause.TIME]}),
        (("99", "79", "95", "90"), {}),
    ],
)
def test_the_pattern_library_suggests_causes(
    scores: tuple[str, ...], expected: dict[str, list[Cause]]
) -> None:
    named = dict(zip("RCKG", map(Decimal, scores), strict=True))
    assert suggested_causes(named) == expected


def test_two_minutes_are_enough_to_read() -> None:
    held = datetime(2026, 1, 20, 9, tzinfo=UTC)
    assert is_signed_too_fast(held, held + timedelta(seconds=119))
    assert not is_signed_too_fast(held, held + timedelta(minutes=2))


def test_a_copied_summary_is_found_whatever_the_spaces() -> None:
    text = "全年扎实，客户信任度高；下一年把回访的节奏再提前一些。"
    assert is_copy(text, ["完全不同的一段话，没有相同之处。", f"  {text} "])
    assert is_copy(text, [text.replace("提前", "加快")])
    assert not is_copy(text, ["新人进步明显，合规意识强，建议多陪访。"])
    assert not is_copy("", [""])


@given(st.text(min_size=1, max_size=60))
def test_a_text_is_always_a_copy_of_itself(text: str) -> None:
    assert is_copy(text, [text]) is bool(text.split())
