"""Runs entries side by side, each in a child process with a limit of time and memory."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from os import cpu_count
from pathlib import Path
from typing import Any

from perfflow.db import Database
from perfflow.workflow.scenarios.judging import Judge
from perfflow.workflow.scenarios.notation import DEFAULT_START, Entry
from perfflow.workflow.scenarios.outcome import Outcome, said
from perfflow.workflow.scenarios.setting import Setting, Templates

LIMIT_SECONDS = 10
SPARE_SECONDS = 5
LIMIT_BYTES = 1024 * 1024 * 1024
LONGEST_CRASH = 300


@dataclass(slots=True)
class _Child:
    """An entry at work."""

    number: int
    process: Any
    results: Connection
    started: float


def run_entries(
    entries: Sequence[Entry],
    setting: Setting,
    *,
    workers: int | None = None,
    limit: float = LIMIT_SECONDS,
) -> list[Outcome]:
    """The outcomes in the order of the entries."""
    found: dict[int, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="perfflow-scenarios-") as folder:
        templates = _templates(Path(folder), entries, setting)
        pending = list(enumerate(entries))[::-1]
        at_work: list[_Child] = []
        while pending or at_work:
            while pending and len(at_work) < (workers or cpu_count() or 1):
                number, entry = pending.pop()
                child = _begin(number, entry, templates, setting, Path(folder), limit)
                at_work.append(child)
            for child, outcome in _ended(at_work, entries, limit):
                at_work.remove(child)
                found[child.number] = outcome
    return [found[number] for number in range(len(entries))]


def _templates(folder: Path, entries: Sequence[Entry], setting: Setting) -> Templates:
    plain, rooms = folder / "plain.db", folder / "rooms.db"
    _make(plain, setting.build)
    if not any(entry.needs_rooms for entry in entries):
        return Templates(plain, None)
    starts = [story.at for entry in entries for story in entry.stories if story.rooms]

    def build(database: Database) -> None:
        setting.build(database)
        setting.people(database, min(starts, default=DEFAULT_START))

    _make(rooms, build)
    return Templates(plain, rooms)


def _make(path: Path, build: Callable[[Database], None]) -> None:
    database = Database(f"sqlite:///{path}")
    try:
        build(database)
    finally:
        database.dispose()  # no connection may be open when children are made


def _begin(
    number: int,
    entry: Entry,
    templates: Templates,
    setting: Setting,
    folder: Path,
    limit: float,
) -> _Child:
    context = get_context("fork")  # a child begins with everything imported
    receiver, sender = context.Pipe(duplex=False)
    own = folder / str(number)
    process = context.Process(target=_work, args=(entry, templates, setting, own, sender, limit))
    process.start()
    sender.close()
    return _Child(number, process, receiver, time.monotonic())


def _work(
    entry: Entry,
    templates: Templates,
    setting: Setting,
    own: Path,
    sender: Connection,
    limit: float,
) -> None:
    """In the child: a folder of its own, the verdict, and nothing printed."""
    # Should the parent die, the child does not outlive its time by much.
    seconds = ceil(limit) + SPARE_SECONDS
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        own.mkdir()
        outcome = Judge(entry, templates, setting, own).outcome()
    except BaseException as error:
        last = traceback.extract_tb(sys.exc_info()[2])[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        text = f"{type(error).__name__}: {error} ({place})"[:LONGEST_CRASH]
        outcome = _blank(entry, "crashed", said("workflow.scenario_crashed", reason=text))
    sender.send(outcome)
    sender.close()


def _ended(
    at_work: list[_Child], entries: Sequence[Entry], limit: float
) -> Iterator[tuple[_Child, Outcome]]:
    """Children that are through, have died or have had all their time."""
    oldest = min(child.started for child in at_work)
    ready = wait([child.results for child in at_work], max(0, oldest + limit - time.monotonic()))
    now = time.monotonic()
    for child in list(at_work):
        entry = entries[child.number]
        outcome: Outcome | None = None
        if child.results in ready:
            try:
                outcome = child.results.recv()
            except EOFError:
                child.process.join()
                code = said("workflow.scenario_crashed", reason=f"exit {child.process.exitcode}")
                outcome = _blank(entry, "crashed", code)
        elif now - child.started >= limit:
            outcome = _blank(entry, "hung", said("workflow.scenario_hung", limit=f"{limit:g}"))
        if outcome is not None:
            child.process.kill()
            child.process.join()
            child.results.close()
            milliseconds = round((time.monotonic() - child.started) * 1000)
            yield child, replace(outcome, milliseconds=milliseconds)


def _blank(entry: Entry, how: str, message: dict[str, str] | Any) -> Outcome:
    return Outcome(entry.file, entry.kind, entry.expect, "fail", how, message=message)
