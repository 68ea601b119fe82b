"""Hostile texts end in a clear error and cost little; the budget is counted, not timed."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from perfflow.feel import compile, FeelError, FeelLimitError, FeelSyntaxError
from tests.feel.bombs import BOMBS, HARMLESS, LIMIT, SHARED, SYNTAX

_MEASURE = """
import json, resource
from perfflow.feel import FeelError, compile
from tests.feel.bombs import BOMBS
compile("matches(\\"a\\", \\"a\\")").evaluate({})
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _, text, _ in BOMBS:
    try:
        compile(text).evaluate({"x": 1, "a": 1})
    except FeelError:
        pass
print(json.dumps((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024))
"""


@pytest.mark.parametrize(("what", "text", "end"), BOMBS, ids=[what for what, _, _ in BOMBS])
def test_a_bomb_ends_as_it_should(what: str, text: str, end: str) -> None:
    started = time.process_time()
    if end == SYNTAX:
        with pytest.raises(FeelSyntaxError):
            compile(text)
    elif end == LIMIT:
        with pytest.raises(FeelLimitError) as caught:
            compile(text).evaluate({"x": 1, "a": 1})
        assert caught.value.message_en != caught.value.message_zh
    else:
        assert end == HARMLESS
        compile(text).evaluate({"x": 1, "a": 1})
    assert time.process_time() - started < 2, what


def test_all_bombs_together_stay_within_64_mb() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) < 64


def test_a_reasonable_amount_of_work_is_within_the_budget() -> None:
    text = "sum(for i in 1..2000 return if modulo(i, 3) = 0 then i * 2 else i)"
    expected = sum(i * 2 if i % 3 == 0 else i for i in range(1, 2001))
    assert compile(text).evaluate({}).value == expected


def test_the_budget_begins_anew_with_every_evaluation() -> None:
    expression = compile("count(for i in 1..20000 return i)")
    for _ in range(5):
        assert expression.evaluate({}).value == 20000


def test_the_value_of_a_shared_list_is_not_blown_up_for_python() -> None:
    result = compile(SHARED + "}.s").evaluate({})
    with pytest.raises(FeelLimitError):
        _ = result.value


def test_lists_built_deeper_than_python_can_follow_end_in_an_error() -> None:
    deep = "for i in 1..3000 return if i = 1 then [] else [partial[-1]]"
    with pytest.raises(FeelError):
        compile(f"string({deep})").evaluate({})
    with pytest.raises(FeelError):
        _ = compile(deep).evaluate({}).value
