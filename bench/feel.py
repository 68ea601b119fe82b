"""FEEL: a compiled condition over the same condition as a Python lambda on Decimals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bench.figures import Figure, over
from bench.others import ratios
from perfflow.feel import compile as feel
from perfflow.feel.decisions import load_dmn

CONDITION = "score >= 90 and complaints = 0"
CALLS = 200
COLUMNS = {"score": "number", "grade": "string", "years": "number", "vetoed": "boolean"}


def _table() -> bytes:
    """Scores in steps of ten, two grades, years and a veto: 12 rules, of which one matches."""
    inputs = "".join(
        f'<inputData id="i-{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/>'
        "</inputData>"
        for name, kind in COLUMNS.items()
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#i-{name}"/></informationRequirement>'
        for name in COLUMNS
    )
    columns = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in COLUMNS
    )
    rules = ""
    for number in range(12):
        tests = (f"[{number * 10}..{number * 10 + 10})", '"A","B"', f"&gt;= {number}", "false")
        cells = "".join(f"<inputEntry><text>{test}</text></inputEntry>" for test in tests)
        rules += f"<rule>{cells}<outputEntry><text>{number}</text></outputEntry></rule>"
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:bench">'
        f'{inputs}<decision id="bonus" name="bonus"><variable name="bonus" typeRef="number"/>'
        f'{needs}<decisionTable>{columns}<output name="bonus"/>{rules}</decisionTable></decision>'
        "</definitions>"
    ).encode()


TABLE = _table()


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
    yield from table_figures(expression, values)
    yield from ratios(CONDITION, {"score": Decimal(91), "complaints": Decimal(0)}, True)


def table_figures(condition: Any, values: dict[str, Any]) -> Iterator[Figure]:
    """A table of 12 rules and 4 inputs, over one evaluation of the condition."""
    model = load_dmn(TABLE)
    row = {"score": Decimal(75), "grade": "A", "years": Decimal(20), "vetoed": False}
    if model.evaluate("bonus", row).value != Decimal(7):
        raise SystemExit("expected rule 8 of the table to match")
    yield over(
        "feel.table_over_condition",
        lambda: model.evaluate("bonus", row).value,
        lambda: condition.evaluate(values).value,
        goal=30,
        n=200,
        repeat=CALLS,
    )
