"""The layout of the code: sizes, names, sentences at the top, one place that commits."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import (
    calls,
    functions,
    packages,
    PRODUCT,
    python_files,
    shown,
    tree,
)

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
BANNED = {"utils", "helpers", "common", "misc", "manager", "base_service"}
ROOMS = (
    "people",
    "metrics",
    "plans",
    "cycles",
    "goals",
    "checkins",
    "signals",
    "compliance",
    "reviews",
    "calibration",
    "interviews",
    "appeals",
    "payouts",
    "clawback",
    "talent",
)
ROOM_FILES = {
    "__init__",
    "rules",
    "models",
    "queries",
    "actions",
    "service_tasks",
    "schemas",
    "views",
    "ports",
}
OTHER_ROOM_FILES = {
    "people/access": "which of the people an actor may see: object checks of several rooms",
    "people/address_book": "the answer to notifications' port AddressBook",
    "people/directory": "the answer to workflow's port Directory",
    "people/guards": "refusals that several rooms share",
    "people/jobs": "kinds of background work: tasks follow the organisation",
    "cycles/jobs": "kinds of background work and the nightly round",
    "people/imports": "taking files of people row by row, each with its errors",
    "people/principals": "the answer to web's port Principals",
    "metrics/catalogue": "reading the metric files of the catalogue",
    "metrics/periods": "months and quarters as pure values",
    "metrics/units": "units of measure as pure values",
    "plans/linting": "the plan linter over configuration",
    "plans/presentation": "what the pages of the plan linter show",
    "plans/wording": "names of rules and thresholds in both languages",
    "goals/bindings": "form bindings, apart from service tasks for their size",
    "goals/evidence": "panels beside the goal forms",
    "goals/presentation": "what the goal pages and forms show",
    "goals/catalogue_gate": "checks of catalogue files before they are deployed",
    "goals/tree": "the alignment tree of a cycle",
    "goals/frames": "what several goal forms start with",
    "checkins/wording": "texts of check-ins, notes and commitments in both languages",
    "checkins/figures": "figures to date that a check-in shows",
    "compliance/lifecycle": "states and moves of a gate case as pure rules",
    "compliance/wording": "texts of a case in both languages",
    "reviews/checks": "what `perfflow check results` recomputes",
    "reviews/inputs": "collecting what scoring needs from lower rooms",
    "reviews/presentation": "what the performance page shows",
    "reviews/replay": "computing a stored result again from its stored inputs",
    "appeals/wording": "texts of an appeal in both languages",
    "interviews/wording": "texts of an interview in both languages",
    "clawback/checks": "what `perfflow check payouts` proves of clawback cases",
    "clawback/wording": "texts of a clawback case in both languages",
    "payouts/checks": "what `perfflow check payouts` recomputes",
    "calibration/presentation": "what the calibration board shows",
    "payouts/presentation": "what a bonus statement shows, line by line",
    "payouts/printing": "the bonus statement laid out on paper",
    "payouts/wording": "texts of runs, entries and holds in both languages",
    "payouts/gathering": "collecting what a bonus run needs from lower rooms",
    "payouts/exposure": "sums that the plan linter shows beside the pool",
    "payouts/preview": "the answer to calibration's port PoolPreview",
}
"""Files beyond the seven, each with its reason; a new one is a decision."""
MAY_COMMIT = {
    "perfflow/db/session.py": "the unit of work",
    "perfflow/db/migrate.py": "migrations",
    "perfflow/people/imports.py": "a savepoint around all rows of a file",
}
ONE_SENTENCE = re.compile(r"\S.*[.)]$", re.DOTALL)


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {shown(path): n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    found = {
        shown(path, node.lineno): f"{node.name}: {length}"
        for path in python_files()
        for node in functions(path)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert found == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [shown(path) for path in python_files() if path.stem in BANNED] == []
    assert [shown(path) for path in python_files() if BANNED & set(path.parts)] == []


def test_every_module_begins_with_a_sentence_about_its_purpose() -> None:
    wrong = [
        shown(path)
        for path in python_files()
        if path.stat().st_size
        and not ONE_SENTENCE.fullmatch((ast.get_docstring(tree(path)) or "").split("\n\n")[0])
    ]
    assert wrong == []


def test_rooms_have_the_same_file_names() -> None:
    strange = [
        f"{room}/{path.stem}"
        for room in ROOMS
        for path in sorted((PRODUCT / room).iterdir())
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and path.stem not in ROOM_FILES
        and f"{room}/{path.stem}" not in OTHER_ROOM_FILES
    ]
    assert strange == []


def test_only_the_edge_commits() -> None:
    found = [
        shown(path, node.lineno)
        for path in python_files(PRODUCT)
        if shown(path) not in MAY_COMMIT
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]
    assert found == []


def test_units_of_work_open_at_the_edge_only() -> None:
    """Rules, queries, actions and service tasks take the session that they are given."""
    inner = {"rules", "queries", "actions", "service_tasks", "models"}
    found = [
        shown(path, call.lineno)
        for room in ROOMS
        for path in python_files(PRODUCT / room)
        if path.relative_to(PRODUCT / room).parts[0].removesuffix(".py") in inner
        for call in calls(path, "unit_of_work", "writing")
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    words = (
        "NotImplemented" + "Error",
        "TO" + "DO",
        "FIX" + "ME",
        "x" + "fail(",
        "pytest.sk" + "ip",
    )
    found = [
        f"{shown(path)}: {word}"
        for path in python_files()
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_every_package_says_what_it_is() -> None:
    silent = [
        shown(path) for path in packages() if not ast.get_docstring(tree(path / "__init__.py"))
    ]
    assert silent == []
