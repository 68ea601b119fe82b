"""The computation core itself: no floats, nothing impure, every message in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfflow.i18n import catalogues, Language, LANGUAGES

PACKAGE = Path(__file__).parents[2] / "perfflow"
ROOMS = ("plans", "metrics", "reviews", "calibration", "compliance", "payouts", "talent")
IMPURE = ("flask", "sqlalchemy", "perfflow.db", "perfflow.web", "perfflow.audit", "time", "random")


def core_files() -> list[Path]:
    files = [*(PACKAGE / "kernel").glob("*.py")]
    for room in ROOMS:
        files += (PACKAGE / room).glob("rules.py")
        files += (PACKAGE / room / "rules").rglob("*.py")
    return sorted(files)


CORE = core_files()


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in CORE:
        yield path, ast.parse(path.read_text("utf-8"))


def test_the_core_is_where_it_should_be() -> None:
    assert len(CORE) > 30


@pytest.mark.parametrize("path", CORE, ids=named)
def test_no_float_touches_a_stored_or_paid_number(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"float literal in line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"float", "round"}, f"{node.func.id}() in line {node.lineno}"


@pytest.mark.parametrize("path", CORE, ids=named)
def test_no_quantize_rounds_half_even_by_accident(path: Path) -> None:
    assert ".quantize(" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", [path for path in CORE if path.parent.name != "kernel"], ids=named)
def test_rules_know_no_database_no_web_and_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            assert not name.startswith(IMPURE), f"{name} in line {node.lineno}"
            assert not name.endswith((".models", ".queries", ".actions")), name


def texts() -> str:
    return "\n".join(path.read_text("utf-8") for path in CORE if path.parent.name != "kernel")


def message_ids() -> set[str]:
    found = set(re.findall(r'"((?:plans|reviews|payouts|compliance|metrics)\.[a-z_.]+)"', texts()))
    found |= {f"plans.lint.{n}" for n in re.findall(r'"PL-\d\d",[^"]*?"([a-z_]+)"', texts())}
    found |= {f"calc.{n}" for n in re.findall(r'ComputationError\(\s*"([A-Z_]+)"', texts())}
    found |= {f"reviews.explain.na_{p}" for p in ("dimension", "card", "neutral", "zero")}
    found |= {f"payouts.explain.held_{r}" for r in ("freeze", "interview")}
    for name in ("deferred", "returned", "performance", "organisation", "client", "streak"):
        found.add(f"payouts.explain.{name}")
    for name in ("now", "vested", "malus", "set_off", "adjust", "held", "present", "gate"):
        found.add(f"payouts.explain.{name}")
    return found


def test_the_search_for_messages_finds_them() -> None:
    assert {"plans.lint.cliff", "calc.DOMAIN", "reviews.explain.segment"} <= message_ids()
    assert len(message_ids()) > 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_core_is_worded(language: Language) -> None:
    worded = catalogues().messages[language]
    assert {code for code in message_ids() if not worded.get(code)} == set()


def test_both_wordings_of_a_message_use_the_same_placeholders() -> None:
    messages = catalogues().messages
    for code in message_ids():
        used = {
            frozenset(re.findall(r"%\((\w+)\)s", messages[language][code][0]))
            for language in LANGUAGES
        }
        assert len(used) == 1, code
