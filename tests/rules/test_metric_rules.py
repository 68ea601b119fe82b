"""Metric definitions and how the values of many periods become one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.metrics.rules import (
    adjustment_points,
    aggregate,
    aggregate_ratio,
    Aggregation,
    Direction,
    MetricDefinition,
    Observation,
    parse_metric,
    parse_metrics,
)
from perfflow.reviews.rules import Kind, kind_of

FOLDER = Path(__file__).parents[2] / "catalogue" / "metrics"
METRIC: dict[str, Any] = {
    "code": "RS-99",
    "name_zh": "甲",
    "name_en": "A",
    "dimension": "R",
    "unit": "count",
    "direction": "HB",
    "aggregation": "sum",
    "formula": {"num": "Σ visits"},
    "source": "CRM",
    "frequency": "M",
    "owner": "clients",
}


def shipped() -> dict[str, MetricDefinition]:
    found: dict[str, MetricDefinition] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        found |= parse_metrics(load_configuration(path.read_text("utf-8")), path.name)
    return found


def test_all_sixty_four_metrics_are_read() -> None:
    metrics = shipped()
    assert len(metrics) == 64
    assert {m.dimension for m in metrics.values()} == set("RCKG")
    assert all(m.name_zh and m.name_en and m.owner and m.intent_zh for m in metrics.values())


def test_what_people_judge_is_manual() -> None:
    assert {code for code, m in shipped().items() if m.is_manual} == {"GR-01", "GR-06"}


def test_points_and_gates_carry_no_weight() -> None:
    assert {code for code, m in shipped().items() if m.direction is Direction.GATE} == {"CP-19"}
    assert not shipped()["CP-08"].carries_weight
    assert shipped()["RS-01"].carries_weight


def test_a_metric_that_adds_points_is_measured_when_a_card_weighs_it() -> None:
    metrics = shipped()
    assert kind_of(metrics["GR-05"]) is Kind.HB
    assert kind_of(metrics["CP-01"]) is Kind.LB
    assert kind_of(metrics["CP-01"], "LB_INV") is Kind.LB_INV
    with pytest.raises(ComputationError, match="DOMAIN"):
        kind_of(metrics["CP-19"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "rs-1"}, "kernel.config_wrong_value"),
        ({"dimension": "X"}, "kernel.config_wrong_value"),
        ({"tags": ["shiny"]}, "kernel.config_wrong_value"),
        ({"colour": 1}, "kernel.config_unknown_key"),
        ({"formula": {}}, "kernel.config_missing_key"),
        ({"aggregation": "ratio"}, "metrics.ratio_needs_denominator"),
        ({"direction": "RANGE"}, "metrics.range_needs_limits"),
    ],
)
def test_a_mistake_in_a_metric_is_found(change: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_metric(METRIC | change)
    assert caught.value.code == code


def test_a_metric_twice_in_a_file_is_refused() -> None:
    with pytest.raises(BadInput, match="code_twice"):
        parse_metrics([METRIC, METRIC])
    with pytest.raises(BadInput, match="config_not_list"):
        parse_metrics({"metrics": {}})


def values(*numbers: str | None) -> list[Observation]:
    return [Observation(None if n is None else Decimal(n)) for n in numbers]


@pytest.mark.parametrize(
    ("method", "found"),
    [("sum", 6), ("count", 6), ("last", 1), ("max", 3), ("avg", 2)],
)
def test_each_way_of_aggregation(method: str, found: int) -> None:
    assert aggregate(method, values("2", None, "3", "1")) == found


def test_nothing_is_never_zero() -> None:
    for method in Aggregation:
        assert aggregate(method, []) is None
        assert aggregate(method, [Observation()]) is None


def test_ratios_are_sums_over_sums() -> None:
    seen = [Observation(numerator=18, denominator=20), Observation(numerator=3, denominator=30)]
    assert aggregate("ratio", seen) == Fraction(21, 50)
    assert aggregate_ratio([]) is None
    assert aggregate_ratio([(0, 0)]) is None
    with pytest.raises(ComputationError, match="DOMAIN"):
        aggregate_ratio([(1, -1)])


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 99)), min_size=1, max_size=12))
def test_a_ratio_of_all_periods_lies_between_those_of_the_periods(
    parts: list[tuple[int, int]],
) -> None:
    whole = aggregate_ratio(parts)
    assert whole is not None
    ratios = [Fraction(above, below) for above, below in parts]
    assert min(ratios) <= whole <= max(ratios)


def test_points_stop_at_their_cap() -> None:
    assert adjustment_points(3, 2, 20) == 6
    assert adjustment_points(30, 2, 20) == 20
    with pytest.raises(ComputationError, match="DOMAIN"):
        adjustment_points(-1, 2, 20)
