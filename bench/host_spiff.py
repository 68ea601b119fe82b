"""The yardstick: stock SpiffWorkflow over three tables: `host_spiff.py URL setup|run [LIVES]`.

What anybody builds first: the serialised workflow in its row, a row for each task, a row of
history for each thing done, with the same SQLAlchemy and the same connection pool as PerfFlow.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, UTC
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import (
    BigInteger,
    bindparam,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    insert,
    MetaData,
    select,
    Table,
    Text,
    update,
)
from sqlalchemy.orm import Session

from bench.client import ANSWERS, lives
from bench.completion import three_tasks
from perfflow.db import Database

tables = MetaData()
instances = Table(
    "instance",
    tables,
    Column("id", BigInteger, primary_key=True),
    Column("state", Text, nullable=False),
    Column("is_completed", Boolean, nullable=False),
)
tasks = Table(
    "task",
    tables,
    Column("id", BigInteger, primary_key=True),
    Column("instance_id", ForeignKey(instances.c.id), nullable=False),
    Column("name", Text, nullable=False),
    Column("spiff_id", Text, nullable=False),
    Column("holder", Text),
    Column("status", Text, nullable=False),
    Index("task_of_instance", "instance_id", "status"),
)
history = Table(
    "history",
    tables,
    Column("id", BigInteger, primary_key=True),
    Column("instance_id", ForeignKey(instances.c.id), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("data", Text),
)
START = insert(instances).returning(instances.c.id)
OPEN = select(tasks.c.id).where(
    tasks.c.instance_id == bindparam("instance_id"), tasks.c.status == "open"
)
CLAIM = (
    update(tasks)
    .where(tasks.c.id == bindparam("at"), tasks.c.holder.is_(None), tasks.c.status == "open")
    .values(holder="E3")
    .returning(tasks.c.instance_id)
)
LOCK = (
    select(tasks.c.instance_id, tasks.c.spiff_id, instances.c.state)
    .join(instances, instances.c.id == tasks.c.instance_id)
    .where(tasks.c.id == bindparam("at"), tasks.c.status == "open")
    .with_for_update()
)
CLOSE = update(tasks).where(tasks.c.id == bindparam("at")).values(status="done")
MOVE = (
    update(instances)
    .where(instances.c.id == bindparam("at"))
    .values(state=bindparam("state"), is_completed=bindparam("is_completed"))
)
ADD_TASK, NOTE = insert(tasks).inline(), insert(history).inline()


class Host:
    """Starts, claims and completes; one transaction each."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        parser = BpmnParser()
        parser.add_bpmn_str(three_tasks())
        self.spec = parser.get_spec("trial")
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    def start(self) -> int:
        """A new instance with its first task."""
        workflow = BpmnWorkflow(self.spec)
        workflow.do_engine_steps()
        with self.database.writing() as session:
            state = self.serializer.serialize_json(workflow)
            found = session.execute(START, {"state": state, "is_completed": False})
            instance_id = int(found.scalar_one())
            self._open(session, instance_id, workflow)
            self._note(session, instance_id, "start", None)
        return instance_id

    def claim(self, instance_id: int) -> int:
        """Take the open task."""
        with self.database.writing() as session:
            task_id = int(session.execute(OPEN, {"instance_id": instance_id}).scalar_one())
            session.execute(CLAIM, {"at": task_id}).scalar_one()
            self._note(session, instance_id, "claim", None)
        return task_id

    def complete(self, task_id: int) -> None:
        """Finish a task with what was filled in; the workflow goes on."""
        with self.database.writing() as session:
            row = session.execute(LOCK, {"at": task_id}).one()
            workflow = self.serializer.deserialize_json(row.state)
            task = next(t for t in workflow.get_tasks() if str(t.id) == row.spiff_id)
            task.data[task.task_spec.name] = ANSWERS
            task.run()
            workflow.do_engine_steps()
            session.execute(CLOSE, {"at": task_id})
            state = self.serializer.serialize_json(workflow)
            session.execute(
                MOVE, {"at": row.instance_id, "state": state, "is_completed": workflow.completed}
            )
            self._open(session, row.instance_id, workflow)
            self._note(session, row.instance_id, "complete", json.dumps(ANSWERS))

    def _open(self, session: Session, instance_id: int, workflow: Any) -> None:
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            session.execute(
                ADD_TASK,
                {
                    "instance_id": instance_id,
                    "name": task.task_spec.name,
                    "spiff_id": str(task.id),
                    "status": "open",
                },
            )

    def _note(self, session: Session, instance_id: int, what: str, data: str | None) -> None:
        at = datetime.now(UTC)
        row = {"instance_id": instance_id, "at": at, "who": "E3", "what": what, "data": data}
        session.execute(NOTE, row)


def main(url: str, what: str, wanted: int) -> None:
    """Make the tables, or live."""
    host = Host(url)
    if what == "setup":
        tables.create_all(host.database.engine)
        return

    def live() -> None:
        instance_id = host.start()
        for _ in range(3):
            host.complete(host.claim(instance_id))

    lives(live, wanted)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
