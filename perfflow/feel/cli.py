"""``perfflow feel``: evaluate one expression and print its value as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from perfflow.feel.errors import FeelError, FeelSyntaxError, FeelWarning
from perfflow.feel.expression import compile, Result
from perfflow.feel.printer import number_text, plain_text
from perfflow.feel.values import type_name

_MAX_PIECES = 200_000


def to_json(value: Any, left: list[int]) -> str:
    """JSON text with every digit of a number; dates, ranges and functions as FEEL text."""
    left[0] -= 1
    if left[0] < 0:
        raise FeelError("feel.budget", limit=_MAX_PIECES)
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(to_json(item, left) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (
            f"{json.dumps(key, ensure_ascii=False)}: {to_json(item, left)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(plain_text(value), ensure_ascii=False)


def _warning(warning: FeelWarning) -> dict[str, Any]:
    return {
        "code": warning.code,
        "message": warning.message,
        "line": warning.line,
        "column": warning.column,
    }


def _error(error: FeelError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message_en,
        "message_zh": error.message_zh,
        "line": error.line,
        "column": error.column,
        "expected": error.expected if isinstance(error, FeelSyntaxError) else "",
    }


def report(value: str, kind: str | None, warnings: list[Any], error: Any) -> str:
    rest = json.dumps({"type": kind, "warnings": warnings, "error": error}, ensure_ascii=False)
    return '{"value": ' + value + ", " + rest[1:]


def _evaluate(options: argparse.Namespace, context: dict[str, Any]) -> Result:
    names = [name for name in context if name != "?"]
    expression = compile(options.expression, options.kind, names=names)
    if options.kind == "unary":
        return expression.evaluate_unary(context.get("?"), context)
    return expression.evaluate(context)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="perfflow feel", description="Evaluate a FEEL expression and print the result as JSON."
    )
    parser.add_argument("expression", metavar="EXPRESSION")
    parser.add_argument(
        "--context", default="{}", metavar="JSON", help='variables; "?" is the value of unary tests'
    )
    parser.add_argument("--kind", choices=("expression", "unary"), default="expression")
    options = parser.parse_args(argv)
    try:
        context = json.loads(
            options.context, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        parser.error(f"--context: {error}")
    if not isinstance(context, dict):
        parser.error("--context: expected a JSON object")
    try:
        result = _evaluate(options, context)
        value = to_json(result.feel_value, [_MAX_PIECES])
    except FeelError as error:
        print(report("null", None, [], _error(error)))
        return 1
    warnings = [_warning(warning) for warning in result.warnings]
    print(report(value, type_name(result.feel_value), warnings, None))
    return 0


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


if __name__ == "__main__":
    sys.exit(main())
