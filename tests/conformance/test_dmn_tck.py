"""The cases of the DMN Technology Compatibility Kit: all of level 2, level 3 but for Java."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from perfflow.feel.tck import run_folders

CORPUS = Path(os.environ.get("PERFFLOW_CORPUS", "")) / "dmn-tck"


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    found = run_folders([CORPUS])
    assert found["total"], "Set PERFFLOW_CORPUS to the folder that holds dmn-tck"
    return found


def test_every_case_of_level_2_passes(report: dict[str, Any]) -> None:
    level = report["levels"]["2"]
    assert level["passed"] == level["total"] > 0


def test_at_least_98_of_100_cases_of_level_3_pass(report: dict[str, Any]) -> None:
    level = report["levels"]["3"]
    assert level["passed"] >= 0.98 * level["total"] > 0


def test_only_functions_of_java_fail(report: dict[str, Any]) -> None:
    others = [f for f in report["failures"] if f["reason"] != "external-java"]
    assert others == []
