"""The folder of one test run, shared by its workers; leftovers of dead runs are cleared."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tests.support.postgres import Server

_VARIABLE = "PERFFLOW_TEST_RUN"
_PREFIX = "perfflow-run-"


def begin_run() -> Path:
    """Make this run's folder and announce it to the workers to come."""
    _clear_dead_runs()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    os.environ[_VARIABLE] = str(folder)
    return folder


def run_folder() -> Path:
    """The folder of the run that this process belongs to."""
    return Path(os.environ[_VARIABLE])


def _clear_dead_runs() -> None:
    """A run that was killed could not stop its server; the next one does."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit() or _runs(int(owner)) or folder.owner() != Path.home().owner():
            continue
        Server(folder).stop()
        shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
