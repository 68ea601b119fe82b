"""``perfflow deploy``: check configuration files and publish them as a new bundle and release."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perfflow.app import firm_clock, plug_rooms
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import BadInput
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.deployments import read_files, read_tree
from perfflow.workflow.findings import Finding


def shipped_files(settings: Settings) -> dict[str, bytes]:
    """Everything under ``processes/``, ``forms/`` and ``catalogue/`` of this installation."""
    files: dict[str, bytes] = {}
    for root in (settings.processes, settings.forms, settings.catalogue):
        files |= {f"{root.name}/{path}": text for path, text in read_tree(root).items()}
    return files


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.path,
        "code": finding.code,
        "severity": finding.severity,
        "element": finding.element,
        "line": finding.line,
        "message": {"zh": finding.message("zh"), "en": finding.message("en")},
    }


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow deploy")
    parser.add_argument(
        "paths", nargs="*", type=Path, help="files or folders; default: all shipped"
    )
    parser.add_argument("--dry-run", action="store_true", help="check only")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--database-url")
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    plug_rooms()
    missing = [str(path) for path in options.paths if not path.exists()]
    if missing:
        raise BadInput("commands.no_such_path", got=", ".join(missing))
    files = read_files(options.paths) if options.paths else shipped_files(settings)
    database = Database(options.database_url or settings.database_url)
    now = firm_clock(settings).now()
    with database.writing() as session:
        deployment = workflow_actions.deploy(session, SYSTEM, now, files, dry_run=options.dry_run)
    findings = [_finding(finding) for finding in deployment.findings]
    refused = any(finding["severity"] == "error" for finding in findings)
    if options.json:
        answer = {
            "ok": not refused,
            "dry_run": options.dry_run,
            "bundle": deployment.bundle_number,
            "release": deployment.release_number,
            "findings": findings,
        }
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for entry in findings:
            place = f"{entry['file']}:{entry['element'] or entry['line'] or ''}"
            message = entry["message"]
            print(
                f"{entry['severity']} {entry['code']} {place}\n  {message['en']}\n  {message['zh']}"
            )
        print(f"bundle {deployment.bundle_number}, release {deployment.release_number}")
    return 1 if refused else 0
