"""Fixtures of the outside suites: the folder that PERFFLOW_CORPUS names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REMEDY = "PERFFLOW_CORPUS must name the folder with bpmn/ and dmn-tck/; it names {got!r}"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the outside suites; fails with the remedy without one."""
    named = os.environ.get("PERFFLOW_CORPUS", "")
    if not named or not Path(named).is_dir():
        pytest.fail(REMEDY.format(got=named))
    return Path(named)
