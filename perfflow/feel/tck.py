"""Runs the cases of the DMN Technology Compatibility Kit: ``python -m perfflow.feel.tck DIR…``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfflow.feel.decisions import DecisionModel, load_dmn
from perfflow.feel.decisions.xml import attribute, child, children, Element, parse_xml, tag
from perfflow.feel.equality import equal
from perfflow.feel.errors import FeelError, FeelLimitError, FeelWarning
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import invoke_named
from perfflow.feel.printer import to_text
from perfflow.feel.temporal_text import parse_date, parse_datetime, parse_duration, parse_time
from perfflow.feel.values import number

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TOLERANCE = Decimal("1e-8")
_LEVEL = re.compile(r"compliance-level-(\d+)")
_FAR_YEAR = re.compile(r"\d{5,9}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Failure:
    level: str
    folder: str
    file: str
    case: str
    node: str
    expected: str
    got: str
    reason: str
    message: str


# ----- reading values


def read_value(node: Element | None) -> Any:
    """The FEEL value of a test value: a component tree, a list or a typed text."""
    if node is None:
        return None
    if attribute(node, f"{_XSI}nil") == "true" and tag(node) != "value":
        return None
    listed = child(node, "list")
    if listed is not None:
        return [read_value(item) for item in children(listed, "item")]
    components = list(children(node, "component"))
    if components:
        return {attribute(item, "name"): read_value(item) for item in components}
    simple = child(node, "value")
    return None if simple is None else _typed(simple)


def _typed(value: Element) -> Any:
    if value.get(f"{_XSI}nil") == "true":
        return None
    kind = (value.get(f"{_XSI}type") or "string").rpartition(":")[2]
    text = value.text or ""
    if kind == "string":
        return text
    text = text.strip()
    if kind == "boolean":
        return text in ("true", "1")
    if kind in ("decimal", "double", "float", "integer", "int", "long"):
        return number(text)
    reader = {
        "date": parse_date,
        "time": parse_time,
        "dateTime": parse_datetime,
        "duration": parse_duration,
        "dayTimeDuration": parse_duration,
        "yearMonthDuration": parse_duration,
    }.get(kind)
    return reader(text) if reader else text


def same(expected: Any, got: Any) -> bool:
    """Equal, numbers within the tolerance of the kit."""
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return abs(expected - got) <= _TOLERANCE
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(same(v, got[k]) for k, v in expected.items())
    if type(expected) is not type(got) and type(got).__name__ == "Range":
        return same(expected, _range_fields(got))
    return equal(Run({}), expected, got) is True


def _range_fields(value: Any) -> dict[str, Any]:
    return {
        "start included": value.start_included,
        "start": value.start,
        "end": value.end,
        "end included": value.end_included,
    }


# ----- running


def run_case(model: DecisionModel, case: Element, node: Element) -> tuple[Any, list[FeelWarning]]:
    """The value of one result node, with the warnings on the way."""
    context = {attribute(item, "name"): read_value(item) for item in children(case, "inputNode")}
    name = attribute(node, "name")
    invocable = attribute(case, "invocableName")
    kind = attribute(case, "type", "decision")
    if invocable and kind == "decisionService":
        result = model.evaluate(invocable, context)
        value = result.feel_value
        outputs = model.references(model.find(invocable, "service"), "outputDecision")
        if len(outputs) > 1 and isinstance(value, dict) and name in value:
            value = value[name]
        return value, result.warnings
    if invocable and kind == "bkm":
        from perfflow.feel.decisions.session import DecisionRun, Session

        run = DecisionRun(None, None)
        function = Session(model, {}, run).value(model, model.find(invocable, "knowledge"))
        return invoke_named(run, function, context), run.warnings
    result = model.evaluate(name, context)
    return result.feel_value, result.warnings


def check_node(
    model: DecisionModel, case: Element, node: Element
) -> tuple[str, str, str, str] | None:
    """None when the node is right, else what was expected, got, the reason and a message."""
    wants_error = attribute(node, "errorResult") == "true"
    shown = "null with a warning" if wants_error else ""
    try:
        expected = read_value(child(node, "expected"))
        shown = shown or to_text(expected)
        got, warnings = run_case(model, case, node)
        right = (got is None and bool(warnings)) if wants_error else same(expected, got)
    except FeelLimitError as error:
        return shown, "", "timeout", str(error)
    except FeelError as error:
        return shown, "", "error", str(error)
    except Exception as error:
        return shown, "", "error", f"{type(error).__name__}: {error}"
    if right:
        return None
    reason = "wrong"
    if any(warning.code == "feel.external" for warning in warnings):
        reason = "external-java"
    elif _FAR_YEAR.search(shown):
        reason = "year-range"
    return shown, to_text(got), reason, "; ".join(w.message for w in warnings[:3])


def run_file(path: Path) -> Iterator[tuple[str, list[tuple[str, tuple[str, str, str, str]]]]]:
    """Every case of a test file with its wrong nodes."""
    root = parse_xml(path.read_bytes())
    model_name = child(root, "modelName")
    name = (model_name.text or "").strip() if model_name is not None else ""
    main = path.parent / name
    model = load_dmn(main.read_bytes(), _neighbours(main))
    for index, case in enumerate(children(root, "testCase"), 1):
        wrong = []
        for node in children(case, "resultNode"):
            found = check_node(model, case, node)
            if found is not None:
                wrong.append((attribute(node, "name"), found))
        yield attribute(case, "id") or str(index), wrong


def _neighbours(main: Path) -> Iterator[bytes]:
    """The other models of the folder, which the main one may import; broken ones do not count."""
    for path in sorted(main.parent.glob("*.dmn")):
        if path.name == main.name:
            continue
        try:
            parse_xml(path.read_bytes())
        except FeelError:
            continue
        yield path.read_bytes()


def run_folders(folders: Sequence[Path]) -> dict[str, Any]:
    """The report over all test files below the folders."""
    levels: dict[str, dict[str, int]] = {}
    failures: list[Failure] = []
    for path in sorted({p for folder in folders for p in folder.rglob("*.xml")}):
        found = _LEVEL.search(str(path.resolve()))
        if found is None or tag(parse_xml(path.read_bytes())) != "testCases":
            continue
        level = levels.setdefault(found.group(1), {"passed": 0, "failed": 0, "total": 0})
        for case, wrong in _safely(path):
            level["total"] += 1
            level["failed" if wrong else "passed"] += 1
            for node, details in wrong:
                place = (found.group(1), path.parent.name, path.name, case, node)
                failures.append(Failure(*place, *details))
    totals = {key: sum(level[key] for level in levels.values()) for key in _COUNTS}
    return {"levels": levels, **totals, "failures": [asdict(failure) for failure in failures]}


_COUNTS = ("passed", "failed", "total")


def _safely(path: Path) -> Iterator[tuple[str, list[tuple[str, tuple[str, str, str, str]]]]]:
    try:
        yield from run_file(path)
    except (FeelError, OSError) as error:
        root = parse_xml(path.read_bytes())
        for index, case in enumerate(children(root, "testCase"), 1):
            name = attribute(case, "id") or str(index)
            yield name, [("", ("", "", "error", str(error)))]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m perfflow.feel.tck", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(argv)
    report = run_folders(options.folders)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        for failure in report["failures"]:
            place = "{level} {folder} {case} {node}".format(**failure)
            print(
                "{0}: {reason}: expected {expected}, got {got} {message}".format(place, **failure)
            )
        for level, counts in sorted(report["levels"].items()):
            share = 100 * counts["passed"] / max(counts["total"], 1)
            print(f"level {level}: {counts['passed']} of {counts['total']} ({share:.2f} %)")
    return 0 if report["total"] and not report["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
