"""``perfflow check``: recomputes what is stored and verifies chains, seals and process states."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.audit.models import AuditEntry
from perfflow.audit.queries import verify
from perfflow.clawback.checks import check_clawback
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import refuse_other_version
from perfflow.payouts.checks import check_payouts
from perfflow.reviews.checks import check_results
from perfflow.workflow.checks import check_processes

PARTS = ("results", "payouts", "audit", "processes")
COUNTED = {"results": "results", "payouts": "awards", "audit": "audit_rows"}


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, str)) else str(value)


def run_checks(session: Session, parts: Sequence[str] = PARTS) -> dict[str, Any]:
    """``{"ok", "checked", "findings"}`` over the wanted parts."""
    checked: dict[str, int] = {}
    findings: list[dict[str, Any]] = []

    def note(kind: str, key: str, expected: Any, got: Any) -> None:
        entry = {"kind": kind, "key": key, "expected": _text(expected), "got": _text(got)}
        findings.append(entry)

    if "results" in parts:
        checked["results"], wrong = check_results(session)
        for one in wrong:
            note("results", one["key"], one["expected"], one["got"])
    if "payouts" in parts:
        checked["awards"], broken = check_payouts(session)
        for pay in [*broken, *check_clawback(session)]:
            note("payouts", pay.key, pay.expected, pay.got)
    if "audit" in parts:
        checked["audit_rows"] = session.scalar(select(func.count(AuditEntry.id))) or 0
        for row in verify(session):
            note("audit", row.key, row.expected, row.got)
    if "processes" in parts:
        checked["instances"], faults = check_processes(session)
        for fault in faults:
            note("processes", fault.key, fault.expected, fault.got)
    return {"ok": not findings, "checked": checked, "findings": findings}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow check")
    parser.add_argument("part", nargs="?", choices=PARTS, help="default: all of them")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--database-url")
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    database = Database(options.database_url or settings.database_url)
    refuse_other_version(database)
    with database.reading() as session:
        answer = run_checks(session, [options.part] if options.part else PARTS)
    if options.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        for finding in answer["findings"]:
            print(
                f"{finding['kind']} {finding['key']}: "
                f"expected {finding['expected']} but got {finding['got']}"
            )
        counts = ", ".join(f"{count} {name}" for name, count in answer["checked"].items())
        print(f"checked {counts}: {len(answer['findings'])} findings")
    return 0 if answer["ok"] else 1
