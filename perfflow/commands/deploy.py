"""``perfflow deploy``: check configuration files and publish them as a new bundle and release."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from perfflow.app import firm_clock, plug_rooms
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import refuse_other_version
from perfflow.i18n import LANGUAGES
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.actions import Deployed
from perfflow.workflow.deployments import read_paths


def shipped_files(settings: Settings) -> dict[str, bytes]:
    """Everything under ``processes/``, ``forms/`` and ``catalogue/`` of this installation."""
    return read_paths([settings.processes, settings.forms, settings.catalogue])


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
    files = read_paths(options.paths) if options.paths else shipped_files(settings)
    database = Database(options.database_url or settings.database_url)
    refuse_other_version(database)
    now = firm_clock(settings).now()
    with database.writing() as session:
        # A dry run first: with errors nothing may be stored, and the findings are the answer.
        checked = workflow_actions.deploy(session, SYSTEM, now, files, dry_run=True)
        deployed = checked
        if not checked.errors and not options.dry_run:
            deployed = workflow_actions.deploy(session, SYSTEM, now, files)
    print(_as_json(deployed, options.dry_run) if options.json else _as_text(deployed))
    return 1 if deployed.errors else 0


def _as_json(deployed: Deployed, dry_run: bool) -> str:
    answer = {
        "ok": not deployed.errors,
        "dry_run": dry_run,
        "bundle": deployed.bundle_number,
        "release": deployed.release_number,
        "changed": list(deployed.changed),
        "findings": [finding.as_data() for finding in deployed.findings],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _as_text(deployed: Deployed) -> str:
    lines = []
    for finding in deployed.findings:
        place = f"{finding.path} {finding.element or ''}".strip()
        lines.append(f"{finding.severity} {finding.code} {place}")
        lines += [f"  {finding.message(language)}" for language in LANGUAGES]
    changed = len(deployed.changed)
    lines.append(
        f"bundle {deployed.bundle_number}, release {deployed.release_number}, {changed} changed"
    )
    return "\n".join(lines)
