"""Names that are given in one place: permissions, audit events, tables, columns, settings."""

from __future__ import annotations

import re

from sqlalchemy import BigInteger, Boolean, Date, DateTime
from sqlalchemy.types import TypeDecorator

from perfflow.audit import AuditEvent
from perfflow.db import Fen, Scaled, UtcDateTime
from perfflow.tables import all_tables
from perfflow.web import Permission
from tests.architecture.source import calls, PRODUCT, python_files, ROOT, shown

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TRIPLE = re.compile(r"[a-z]+(:[a-z]+(-[a-z]+)*){2}")
TABLES = all_tables().tables.values()


def columns_of(*types: type) -> list[str]:
    return [f"{t.name}.{c.name}" for t in TABLES for c in t.columns if isinstance(c.type, types)]


def test_permissions_and_events_read_room_subject_action() -> None:
    assert [p for p in Permission if not TRIPLE.fullmatch(p.value)] == []
    assert [e for e in AuditEvent if not TRIPLE.fullmatch(e.value)] == []


def test_tables_and_columns_are_singular_snake_case() -> None:
    names = [table.name for table in TABLES] + [c.name for t in TABLES for c in t.columns]
    assert [name for name in names if not SNAKE.fullmatch(name)] == []
    assert [
        t.name for t in TABLES if re.search(r"[^s]s$", t.name) and not t.name.endswith("us")
    ] == []


def test_money_is_whole_fen_and_named_so() -> None:
    money = {f"{t.name}.{c.name}" for t in TABLES for c in t.columns if isinstance(c.type, Fen)}
    named = {f"{t.name}.{c.name}" for t in TABLES for c in t.columns if c.name.endswith("_fen")}
    assert named == money
    assert money


def test_scaled_numbers_say_their_scale() -> None:
    wrong = [
        f"{t.name}.{c.name}"
        for t in TABLES
        for c in t.columns
        if isinstance(c.type, Scaled) and not c.name.endswith(f"_e{c.type.places}")
    ]
    assert wrong == []


def test_instants_end_in_at_and_dates_in_on() -> None:
    instants = columns_of(UtcDateTime)
    assert [name for name in instants if not name.endswith((".at", "_at", "_until"))] == []
    dates = columns_of(Date)
    allowed = ("_on", "on_date", "valid_from", "valid_to")
    assert [name for name in dates if not name.endswith(allowed)] == []


def test_no_column_holds_a_naive_time_or_an_inexact_number() -> None:
    naive = [
        f"{t.name}.{c.name}"
        for t in TABLES
        for c in t.columns
        if isinstance(c.type, DateTime) and not isinstance(c.type, TypeDecorator)
    ]
    assert naive == []
    inexact = [
        f"{t.name}.{c.name}: {c.type}"
        for t in TABLES
        for c in t.columns
        if re.search(r"FLOAT|REAL|DOUBLE|NUMERIC", str(c.type), re.IGNORECASE)
    ]
    assert inexact == []


def test_flags_begin_with_is() -> None:
    starts = ("is_", "has_", "needs_", "understands_", "may_", "was_")
    flags = columns_of(Boolean)
    assert [name for name in flags if not name.split(".")[1].startswith(starts)] == []


def test_only_one_module_reads_the_environment() -> None:
    allowed = {"perfflow/config.py"}
    readers = {
        shown(path)
        for path in python_files(PRODUCT)
        if re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8"))
    }
    assert readers <= allowed


def test_the_reference_lists_every_setting() -> None:
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    source = (PRODUCT / "config.py").read_text(encoding="utf-8")
    folders = {f"PERFFLOW_{name}" for name in ("PROCESSES", "FORMS", "CATALOGUE", "MIGRATIONS")}
    settings = set(re.findall(r"PERFFLOW_[A-Z]+(?:_[A-Z]+)*", source)) | folders
    of_the_product = reference.partition("## Variables of the tests")[0]
    assert set(re.findall(r"`(PERFFLOW_[A-Z_]+)`", of_the_product)) == settings


def test_wall_clocks_are_read_in_one_module() -> None:
    """Time is an argument; the kernel's clocks are where it comes from."""
    allowed = {"perfflow/kernel/clock.py"}
    readers = {
        shown(path, call.lineno)
        for path in python_files(PRODUCT)
        if shown(path) not in allowed
        for call in calls(path, "utcnow", "today")
        if not (call.args or call.keywords) and _is_of_datetime(call)
    }
    assert readers == set()


def _is_of_datetime(call: object) -> bool:
    owner = getattr(getattr(call, "func", None), "value", None)
    return getattr(owner, "id", None) in {"date", "datetime"}


def test_big_numbers_fit() -> None:
    """Money and scaled numbers of a big firm need 64 bits on every database."""
    assert all(
        isinstance(c.type.impl_instance, BigInteger)
        for t in TABLES
        for c in t.columns
        if isinstance(c.type, Fen | Scaled)
    )
