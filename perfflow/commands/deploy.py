"""``perfflow deploy``: check configuration files and publish them as a new bundle and release."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perfflow.app import firm_clock, plug_rooms
from perfflow.calendar.actions import load_calendars
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import refuse_other_version
from perfflow.goals.catalogue_gate import CatalogueFinding
from perfflow.i18n import translate
from perfflow.kernel.actor import SYSTEM
from perfflow.studio.drafts import forget_deployed, keep_from_command_line
from perfflow.studio.queries import catalogue_findings
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
        deployed = workflow_actions.deploy(session, SYSTEM, now, files, dry_run=True)
        rooms = catalogue_findings(session, now, files)
        is_refused = bool(deployed.errors) or any(one.severity == "error" for one in rooms)
        if not is_refused and not options.dry_run:
            deployed = workflow_actions.deploy(session, SYSTEM, now, files)
            load_calendars(session, SYSTEM, now, _calendars(files))
            forget_deployed(session, files)
        kept: list[str] = []
        if deployed.errors and not options.dry_run:
            kept = keep_from_command_line(session, now, files, list(deployed.findings))
    findings = [finding.as_data() for finding in deployed.findings] + [
        _as_data(one) for one in rooms
    ]
    if options.json:
        print(_as_json(deployed, findings, kept, is_refused, options.dry_run))
    else:
        print(_as_text(deployed, findings, kept))
    return 1 if is_refused else 0


def _calendars(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in files.items() if "/calendars/" in path}


def _as_data(one: CatalogueFinding) -> dict[str, Any]:
    found: dict[str, Any] = {
        "code": one.code,
        "severity": one.severity,
        "path": one.path,
        "element": one.place,
        "message_zh": translate(one.message, dict(one.params), "zh"),
        "message_en": translate(one.message, dict(one.params), "en"),
    }
    if one.judged is not None:
        linted = one.judged.finding
        regulation = linted.regulation
        found["source"] = {
            "profile": linted.source,
            "regulation": {"zh": regulation.zh, "en": regulation.en} if regulation else None,
        }
        if one.judged.override is not None:
            found["overridden_until"] = one.judged.override.expires_on.isoformat()
    return found


def _as_json(
    deployed: Deployed,
    findings: list[dict[str, Any]],
    kept: list[str],
    is_refused: bool,
    dry_run: bool,
) -> str:
    answer = {
        "ok": not is_refused,
        "dry_run": dry_run,
        "bundle": deployed.bundle_number,
        "release": deployed.release_number,
        "changed": list(deployed.changed),
        "kept_as_draft": kept,
        "findings": findings,
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _as_text(deployed: Deployed, findings: list[dict[str, Any]], kept: list[str]) -> str:
    lines = []
    for one in findings:
        place = f"{one['path']} {one['element'] or ''}".strip()
        lines.append(f"{one['severity']} {one['code']} {place}")
        lines += [f"  {one['message_zh']}", f"  {one['message_en']}"]
    lines += [f"kept as draft: {path}" for path in kept]
    changed = len(deployed.changed)
    lines.append(
        f"bundle {deployed.bundle_number}, release {deployed.release_number}, {changed} changed"
    )
    return "\n".join(lines)
