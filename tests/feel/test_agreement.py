"""The server and the browser's feelin agree on the part of FEEL that forms may use."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.feel.agreement import agree, ANSWERS, our_answer, REASONS

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_both_give_the_same_answer_or_the_difference_is_listed(row: dict[str, Any]) -> None:
    ours = our_answer(row["text"])
    if "reason" in row:
        assert row["reason"] in REASONS
        assert agree(ours, row["ours"])
        assert not agree(ours, row["feelin"])
    else:
        assert agree(ours, row["feelin"])


def test_differences_are_rare() -> None:
    assert len(ROWS) > 500
    assert sum("reason" in row for row in ROWS) < len(ROWS) / 20
