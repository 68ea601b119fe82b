"""Runs scenarios for the studio: in a process of its own, beside the one that serves pages."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from perfflow.kernel.errors import BadInput, Conflict, PerfFlowError, RuleViolation
from perfflow.studio.rules import SCENARIOS
from perfflow.workflow.scenarios import Entry, parse_scenarios

PROCESSES, FORMS = "processes/", "forms/"
LIMIT_SECONDS = 120
RAN = (0, 1)
logger = logging.getLogger("perfflow.studio")
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Described:
    """A scenario file among others: how many stories it tells, or why it cannot be read."""

    path: str
    key: str
    stories: int
    problem: PerfFlowError | None = None


def described(files: Mapping[str, bytes]) -> list[Described]:
    """The scenario files among ``files``, by path."""
    found = []
    for path in sorted(files):
        if path.endswith(SCENARIOS):
            key = path.rsplit("/", 1)[-1].removesuffix(SCENARIOS)
            try:
                entries = parse_scenarios(files[path], Path(path))
                _require_inside(path, entries)
            except BadInput as problem:
                found.append(Described(path, key, 0, problem))
            else:
                count = sum(len(one.stories) + len(one.traces) for one in entries)
                found.append(Described(path, key, count))
    return found


def _require_inside(path: str, entries: list[Entry]) -> None:
    """Uploaded scenarios name files beside them, never others of this machine."""
    for entry in entries:
        for named in (entry.path, *entry.more):
            if named.is_absolute() or ".." in named.parts:
                raise BadInput("workflow.scenario_shape", path=path, place="file")


def run_scenarios(files: Mapping[str, bytes], wanted: list[str]) -> dict[str, Any]:
    """What ``perfflow scenarios`` reports about the scenario files ``wanted`` among ``files``.

    Nothing of it touches the installation's database. One run at a time.
    """
    for one in described({path: files[path] for path in wanted}):
        if one.problem is not None:
            raise one.problem
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("studio.scenarios_busy")
    try:
        with tempfile.TemporaryDirectory(prefix="perfflow-studio-") as folder:
            return _run(Path(folder), files, wanted)
    finally:
        _one_at_a_time.release()


def _run(folder: Path, files: Mapping[str, bytes], wanted: list[str]) -> dict[str, Any]:
    for path, content in files.items():
        if path.startswith((PROCESSES, FORMS)):
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    command = [sys.executable, "-m", "perfflow", "scenarios", "--json"]
    # No shell, our own program, and paths that the deployment has checked. The children form a
    # group, which ends as a whole.
    running = subprocess.Popen(
        [*command, *(str(folder / path) for path in wanted)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        printed, complaints = running.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        raise RuleViolation("studio.scenarios_too_long", limit=LIMIT_SECONDS) from None
    if running.returncode not in RAN:
        logger.warning("scenarios: %s", complaints.decode(errors="replace")[-2000:])
        raise RuleViolation("studio.scenarios_failed", code=running.returncode)
    report: dict[str, Any] = json.loads(printed)
    return report
