"""The page about FEEL tells the truth: every example on it runs, and no function is missing."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from perfflow.feel import compile
from perfflow.feel.evaluation import MAX_CALLS, MAX_STEPS, MAX_STRING
from perfflow.feel.functions import BUILTINS
from perfflow.feel.lexer import MAX_TEXT
from perfflow.feel.printer import to_text

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "feel.md"
ROW = re.compile(r"^\| (.+?) \| `(.+)` \| `(.+)` \|$", re.MULTILINE)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("what", "example", "expected"), ROWS)
def test_the_example_on_the_page_gives_the_result_beside_it(
    what: str, example: str, expected: str
) -> None:
    result = compile(example).evaluate({}, now=NOW)
    assert to_text(result.feel_value) == expected
    assert not result.warnings


def test_the_page_has_an_example_for_every_function_of_the_standard() -> None:
    shown = {what.strip("`") for what, _, _ in ROWS if what.startswith("`")}
    assert shown == set(BUILTINS)


def test_the_example_of_a_function_calls_that_function() -> None:
    for what, example, _ in ROWS:
        if what.startswith("`"):
            assert f"{what.strip('`')}(" in example


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for limit in (MAX_STEPS, MAX_STRING, MAX_TEXT, MAX_CALLS):
        assert f"| {limit:,} |" in text
