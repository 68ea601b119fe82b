"""The command ``perfflow calc``: reads lines, compares, and prints one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfflow.calc.given import bad, Given
from perfflow.calc.registry import FUNCTIONS
from perfflow.i18n import LANGUAGES, word
from perfflow.kernel.errors import BadInput, ComputationError

TOLERANCE = Decimal("1e-4")
FINER = {"poisson_tail": Decimal("1e-6")}
BAD_INPUT = "error:BAD_INPUT"
UNKNOWN_FN = "error:UNKNOWN_FN"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line: what was asked, expected and got."""

    fn: Any
    given: Any
    expected: Any
    got: Any
    passed: bool


def evaluate(fn: Any, given: Any) -> Any:
    """The result of one calculation, or ``error:<CODE>``."""
    if not isinstance(fn, str) or fn not in FUNCTIONS:
        return UNKNOWN_FN
    try:
        read = Given(given)
        result = FUNCTIONS[fn](read)
        read.finish()
    except ComputationError as error:
        return f"error:{error.name}"
    except (BadInput, ArithmeticError, RecursionError, TypeError, ValueError):
        return BAD_INPUT
    return result


def equals(expected: Any, got: Any, tolerance: Decimal) -> bool:
    """Everything exactly, but a number with a fraction within the tolerance."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, (int, Decimal)) and isinstance(got, (int, float, Decimal)):
        if isinstance(expected, int):
            return expected == got
        return abs(expected - Decimal(got)) <= tolerance
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(
            equals(value, got[key], tolerance) for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(
            equals(left, right, tolerance) for left, right in zip(expected, got, strict=True)
        )
    return type(expected) is type(got) and bool(expected == got)


def check_line(line: bytes) -> Verdict:
    """The verdict on one line of the file."""
    try:
        case = json.loads(line.decode("utf-8"), parse_float=_exact, parse_constant=_refused)
    except (BadInput, RecursionError, ValueError):
        return Verdict(None, None, None, BAD_INPUT, False)
    if not isinstance(case, dict) or not {"fn", "in", "out"} <= case.keys():
        parts = case if isinstance(case, dict) else {}
        fn, given, expected = (parts.get(key) for key in ("fn", "in", "out"))
        return Verdict(fn, given, expected, BAD_INPUT, False)
    got = evaluate(case["fn"], case["in"])
    tolerance = FINER.get(str(case["fn"]), TOLERANCE)
    passed = equals(case["out"], got, tolerance)
    return Verdict(case["fn"], case["in"], case["out"], got, passed)


def _exact(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or (number and abs(number.adjusted()) > 60):
        raise bad("in")
    return number


def _refused(text: str) -> Decimal:
    raise bad(text)


def _report(lines: Iterable[bytes]) -> dict[str, Any]:
    failures, checked = [], 0
    for index, verdict in _verdicts(lines):
        checked += 1
        if not verdict.passed:
            failures.append(
                {
                    "line": index,
                    "fn": verdict.fn,
                    "in": verdict.given,
                    "expected": verdict.expected,
                    "got": verdict.got,
                }
            )
    return {"checked": checked, "failed": len(failures), "failures": failures}


def _verdicts(lines: Iterable[bytes]) -> Iterator[tuple[int, Verdict]]:
    for index, line in enumerate(lines, start=1):
        stripped = line.removeprefix(b"\xef\xbb\xbf").strip() if index == 1 else line.strip()
        if stripped:
            yield index, check_line(stripped)


def _shown(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"expected plain data but got {type(value).__name__}")


def main(argv: Sequence[str] | None = None) -> int:
    """``perfflow calc FILE.jsonl`` (``-`` = standard input): exit 0, 1 failed, 2 unreadable."""
    parser = argparse.ArgumentParser(
        prog="perfflow calc", description="evaluate {fn, in, out} lines with the code of production"
    )
    parser.add_argument("file", metavar="FILE.jsonl", help="a file of JSON lines; - for stdin")
    path = parser.parse_args(argv).file
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        refusal = BadInput("calc.unreadable_file", path=path, reason=error.strerror or str(error))
        for language in LANGUAGES:
            print(word(refusal, language), file=sys.stderr)
        return 2
    report = _report(content.split(b"\n"))
    print(json.dumps(report, ensure_ascii=False, default=_shown))
    return 1 if report["failed"] else 0
