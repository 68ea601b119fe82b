"""One case on a database of its own: deploy, start, and move the clock."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions, queries
from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.definitions.dialect import PART
from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.engine import store
from perfflow.workflow.models import MessageSubscription, table_of, Timer
from perfflow.workflow.scenarios.values import computed

timer_table = table_of(Timer)
subscription_table = table_of(MessageSubscription)
AT_ONCE = 100
MOST_FIRED = 10_000


class Stage:
    """A database with a deployed bundle, and a clock that only the story moves."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        with database.reading() as session:
            self.bundle: CompiledBundle = store.bundle(session, queries.current_bundle(session))

    def start(self, process: str, key: str, variables: Mapping[str, Any]) -> int:
        """Start an instance."""
        with self.database.writing() as session:
            values = self.values(session, variables)
            return actions.start_instance(session, SYSTEM, self.now, process, key, values)

    def running(self, process: str, key: str) -> int | None:
        """The instance of the process that runs under the key already, if any."""
        table = store.instance_table
        with self.database.reading() as session:
            found = select(table.c.id).where(
                table.c.definition_key == process,
                table.c.business_key == key,
                table.c.status == "active",
            )
            return session.execute(found).scalar_one_or_none()

    def values(self, session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a story at this moment."""
        return computed(session, self.now, given)

    # -- time -----------------------------------------------------------------------------------

    def advance(self, to: datetime) -> None:
        """Move the clock, then fire what is due; timers armed meanwhile count from the new time."""
        self.now = max(self.now, to)
        self._fire_due()

    def wait(self, milliseconds: int) -> None:
        """Let time pass: each timer fires at the moment at which it falls due."""
        end = self.now + timedelta(milliseconds=milliseconds)
        while True:
            with self.database.reading() as session:
                following = actions.next_due(session)
            if following is None or following > end:
                break
            self.now = max(self.now, following)
            self._fire_due()
        self.now = end

    def _fire_due(self) -> None:
        fired = 0
        while fired < MOST_FIRED:
            with self.database.reading() as session:
                due = actions.due_timers(session, self.now, AT_ONCE)
            if not due:
                return
            for timer_id in due:
                with self.database.writing() as session:
                    actions.fire_timer(session, self.now, timer_id)
                fired += 1

    # -- what there is --------------------------------------------------------------------------

    def open_tasks(self) -> list[Any]:
        """All open work items, in the order in which they were opened."""
        tasks = store.task_table
        with self.database.reading() as session:
            found = select(tasks).where(tasks.c.status == "open").order_by(tasks.c.id)
            return list(session.execute(found))

    def subscriptions(self) -> list[Any]:
        """What waits for messages and signals."""
        with self.database.reading() as session:
            return list(
                session.execute(select(subscription_table).order_by(subscription_table.c.id))
            )

    def resting_elements(self) -> list[str]:
        """Ids (as the file spells them) of the elements at which tokens wait."""
        with self.database.reading() as session:
            events = timer_table.c.kind == "event"
            keys = [row.element_key for row in self.open_tasks()]
            keys += session.execute(select(timer_table.c.element_key).where(events)).scalars()
        keys += [row.element_key for row in self.subscriptions()]
        return sorted({self.original_id(key.rpartition("/")[2].partition(PART)[0]) for key in keys})

    def passed_elements(self) -> set[str]:
        """Ids of the elements that tokens have passed, in this process or in one that it calls."""
        with self.database.reading() as session:
            paths = session.execute(select(store.log_table.c.path)).scalars()
            return {key.rpartition("/")[2] for path in paths for key in path or ()}

    def element(self, task: Any) -> Element:
        """The element of a work item."""
        return self.bundle.processes[task.definition_key].elements[task.element_id]

    def original_id(self, element_id: str) -> str:
        """An element's id as the file spells it."""
        for process in self.bundle.processes.values():
            if element_id in process.elements:
                return process.elements[element_id].original_id
        return element_id

    def first_process(self, path: str, wanted: str | None) -> Process | None:
        """The process to start: the one that is named, else the first that no other calls."""
        if wanted is not None:
            return self.bundle.processes.get(wanted)
        mine = [one for one in self.bundle.processes.values() if one.path == path]
        called = {name for one in mine for name in one.called_processes}
        return next((one for one in mine if one.key not in called), mine[0] if mine else None)


def starts_by_itself(process: Process) -> bool:
    """True where a start event without a trigger lets somebody start the process."""
    return any(
        element.kind == "startEvent" and element.parent_id is None and element.event == "none"
        for element in process.elements.values()
    )


class Workplace:
    """One database file that begins anew for each case, with one engine for all of them."""

    def __init__(self, folder: Path) -> None:
        self._place = folder / "case.db"
        # The engine keeps what it has compiled: with one for each case that would be most work.
        self.database = Database(f"sqlite:///{self._place}")

    def begin_from(self, template: Path) -> Database:
        """The database as the template has it."""
        self.close()
        shutil.copyfile(template, self._place)
        return self.database

    def keep_as(self, template: Path) -> None:
        """Make a template of what the database holds."""
        self.close()
        shutil.copyfile(self._place, template)

    def close(self) -> None:
        """Close all connections; the last one empties the write-ahead log into the file."""
        self.database.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self._place}{ending}").unlink(missing_ok=True)
