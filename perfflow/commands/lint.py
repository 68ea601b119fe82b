"""``perfflow lint``: what the deploy gate says about files, without a database."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from perfflow.app import plug_rooms
from perfflow.config import Settings
from perfflow.workflow.definitions.codes import codes_as_markdown
from perfflow.workflow.deployments import read_paths
from perfflow.workflow.linting import imported_places, lint_files, Linted, place_of
from perfflow.workflow.ports import directory

ENDINGS = (".bpmn", ".bpmn2", ".bpmn20.xml", ".dmn", ".form.json")
# More than the gate reads, so that it can say that there is too much.
MAX_READ = 4 * 1024 * 1024
USAGE = 2


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow lint")
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders", metavar="PATH")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    parser.add_argument("--codes", action="store_true", help="list all codes as Markdown and stop")
    options = parser.parse_args(argv)
    if options.codes:
        print(codes_as_markdown())
        return 0
    missing = [str(path) for path in options.paths if not path.exists()]
    if missing or not options.paths:
        said = f"no such file: {' '.join(missing)}" if missing else "expected at least one PATH"
        print(f"perfflow lint: {said}", file=sys.stderr)
        return USAGE
    try:
        named = [(str(path), _start_of(path)) for path in _files(options.paths)]
    except OSError as error:
        print(f"perfflow lint: {error}", file=sys.stderr)
        return USAGE
    if not named:
        print(f"perfflow lint: no files ending in {', '.join(ENDINGS)}", file=sys.stderr)
        return USAGE
    settings = Settings.from_environment()
    plug_rooms()
    offered = read_paths([settings.processes, settings.forms]) | _imports(named)
    linted = lint_files(named, offered, directory().known_group, os.cpu_count() or 2)
    print(_as_json(linted) if options.json else _as_text(linted))
    return 0 if all(one.is_deployable for one in linted) else 1


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                one for one in path.rglob("*") if one.is_file() and one.name.endswith(ENDINGS)
            )
        else:
            yield path


def _imports(named: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """Files that lie beside a named file and are imported by it."""
    found = {}
    for name, content in named:
        around = Path(name).resolve().parent
        for place in imported_places(content):
            beside = (around / place).resolve()
            # Beside the file, below it, or next to its folder; nowhere else on this machine.
            if beside.is_relative_to(around.parent) and beside.is_file():
                found[place_of(str(beside))] = _start_of(beside)
    return found


def _start_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_READ)


def _counts(linted: Sequence[Linted]) -> dict[str, int]:
    counted = Counter(one.status for one in linted)
    return {status: counted[status] for status in ("accepted", "draft", "refused")}


def _as_json(linted: Sequence[Linted]) -> str:
    answer = {**_counts(linted), "files": [one.as_data() for one in linted]}
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _as_text(linted: Sequence[Linted]) -> str:
    lines = []
    for one in linted:
        lines.append(f"{one.status:<9} {one.file}")
        for data in one.as_data()["findings"]:
            place = " ".join(
                part for part in (data["element"], data["line"] and f"({data['line']})") if part
            )
            lines.append(f"  {data['severity']} {data['code']} {place}".rstrip())
            lines += [f"    {data['message'][language]}" for language in ("en", "zh")]
            lines.append(f"    → {data['remedy']['en']} {data['remedy']['zh']}")
    counts = ", ".join(f"{count} {status}" for status, count in _counts(linted).items())
    return "\n".join([*lines, counts])
