"""A client of our own engine: `host_perfflow.py URL run LIVES`."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import bindparam, select

from bench.client import ANSWERS, lives
from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.workflow import actions
from perfflow.workflow.models import table_of, UserTask
from perfflow.workflow.ports import plug_directory
from tests.workflow.building import SmallDirectory

NOW = datetime(2025, 1, 6, 9, tzinfo=FIRM_ZONE)
HR = Actor("E3", "E3")
TASK = table_of(UserTask)
OPEN = select(TASK.c.id, TASK.c.revision).where(
    TASK.c.instance_id == bindparam("instance_id"), TASK.c.status == "open"
)


def main(url: str, wanted: int) -> None:
    """Start, then claim and complete what is open, three times."""
    plug_directory(SmallDirectory())
    database, numbers = Database(url), count()

    def live() -> None:
        key = f"H{os.getpid()}-{next(numbers)}"
        with database.writing() as session:
            instance_id = actions.start_instance(session, SYSTEM, NOW, "shared", key, {})
        for _ in range(3):
            with database.writing() as session:
                task = session.execute(OPEN, {"instance_id": instance_id}).one()
                actions.claim_task(session, HR, NOW, task.id, task.revision)
            with database.writing() as session:
                actions.complete_task(session, HR, NOW, task.id, task.revision + 1, ANSWERS)

    lives(live, wanted)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[3]))
