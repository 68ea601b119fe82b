"""The shipped metrics and profiles, for tests of the plan linter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perfflow.kernel.configuration import load_configuration
from perfflow.metrics.rules import MetricDefinition, parse_metrics
from perfflow.plans.rules import Finding, parse_profile, Thresholds

CATALOGUE = Path(__file__).parents[2] / "catalogue"


def read(path: Path) -> Any:
    return load_configuration(path.read_text("utf-8"))


def shipped_metrics() -> dict[str, MetricDefinition]:
    found: dict[str, MetricDefinition] = {}
    for path in sorted((CATALOGUE / "metrics").glob("*.yaml")):
        found |= parse_metrics(read(path), path.name)
    return found


METRICS = shipped_metrics()


def profile(code: str) -> Thresholds:
    return Thresholds([parse_profile(read(CATALOGUE / "profiles" / f"{code}.yaml"))])


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}
