"""``perfflow plan-lint``: the plan linter over a catalogue folder, without a database."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perfflow.config import Settings
from perfflow.i18n import translate
from perfflow.kernel.errors import BadInput
from perfflow.plans.linting import files_of_places, findings_of, firm_profiles
from perfflow.plans.rules import Finding, Severity

NAMES = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "notes"}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow plan-lint")
    parser.add_argument("folder", nargs="?", type=Path, help="a catalogue folder; default: shipped")
    parser.add_argument(
        "--profile",
        action="append",
        metavar="CODE",
        help="a jurisdiction profile; several: the strictest wins; default: those of firm.yaml",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    documents = _documents(options.folder or Settings.from_environment().catalogue)
    profiles = tuple(options.profile) if options.profile else firm_profiles(documents)
    findings = findings_of(documents, profiles)
    places = files_of_places(documents)
    rows = [as_data(one, places.get(one.path.split(".")[0])) for one in findings]
    counts = {name: sum(one.severity is kind for one in findings) for kind, name in NAMES.items()}
    if options.json:
        answer = {"ok": not counts["errors"], "profiles": profiles, **counts, "findings": rows}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print(_as_text(rows, profiles, counts))
    return 1 if counts["errors"] else 0


def _documents(folder: Path) -> dict[str, str]:
    """The YAML and DMN files under a folder, by their place under ``catalogue/``."""
    if not folder.is_dir():
        raise BadInput("workflow.no_such_file", path=str(folder))
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".yml", ".dmn"):
            place = path.relative_to(folder).as_posix().removeprefix("catalogue/")
            try:
                found[f"catalogue/{place}"] = path.read_text("utf-8")
            except UnicodeDecodeError as error:
                raise BadInput("goals.gate_not_utf8", path=place) from error
    if not found:
        raise BadInput("workflow.nothing_to_deploy", path=str(folder))
    return found


def as_data(found: Finding, file: str | None) -> dict[str, Any]:
    """A finding as files and programs read it."""
    regulation = found.regulation
    return {
        "code": found.code,
        "severity": found.severity.value,
        "path": found.path,
        "file": file,
        "message": {
            "zh": translate(found.message, found.wording, "zh"),
            "en": translate(found.message, found.wording, "en"),
        },
        "source": {
            "profile": found.source,
            "regulation": {"zh": regulation.zh, "en": regulation.en} if regulation else None,
        },
    }


def _as_text(
    rows: Sequence[dict[str, Any]], profiles: Sequence[str], counts: dict[str, int]
) -> str:
    lines = []
    for row in rows:
        lines.append(f"{row['severity']} {row['code']} {row['path']}")
        lines += [f"  {row['message']['zh']}", f"  {row['message']['en']}"]
    figures = ", ".join(f"{count} {name}" for name, count in counts.items())
    lines.append(f"{figures}; profiles: {', '.join(profiles) or 'none'}")
    return "\n".join(lines)
