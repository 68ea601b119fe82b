"""FEEL: a compiled condition over the same condition as a Python lambda on Decimals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bench.figures import Figure, over
from perfflow.feel import compile as feel

CONDITION = "score >= 90 and complaints = 0"
CALLS = 200


def figures(_url: str | None) -> Iterator[Figure]:
    """The condition of a gateway, with warnings and budgets on."""
    expression = feel(CONDITION)
    values: dict[str, Any] = {"score": Decimal("91.50"), "complaints": Decimal(0)}

    def ours() -> Any:
        return expression.evaluate(values).value

    by_hand = lambda score, complaints: score >= 90 and complaints == 0  # noqa: E731

    def in_python() -> Any:
        return by_hand(**values)

    if ours() is not True:
        raise SystemExit(f"expected true from {CONDITION}")
    yield over("feel.condition_over_lambda", ours, in_python, goal=8, n=200, repeat=CALLS)
