"""The outside suites are there, each with its licence and its source."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("suite", "licence"), [("bpmn", "LICENCES"), ("dmn-tck", "LICENSE-ASL-2.0.txt")]
)
def test_a_suite_comes_with_its_licence_and_source(corpus: Path, suite: str, licence: str) -> None:
    assert (corpus / suite / licence).exists()
    assert (corpus / suite / "SOURCES.md").read_text(encoding="utf-8").strip()
