"""The worker: fires due timers one by one, and turns what fails into incidents."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from perfflow.audit import AuditEvent, record
from perfflow.db import Database
from perfflow.i18n import word
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import Clock
from perfflow.kernel.errors import PerfFlowError
from perfflow.workflow import actions
from perfflow.workflow.engine import store
from perfflow.workflow.models import Incident, table_of, Timer

logger = logging.getLogger("perfflow.workflow")
timer_table = table_of(Timer)
incident_table = table_of(Incident)
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
Hook = Callable[[Database, datetime], Any]


@dataclass(slots=True)
class Round:
    """What one round of the worker did."""

    fired: int = 0
    failed: int = 0


def run_due(
    database: Database, clock: Clock, limit: int = 100, hooks: tuple[Hook, ...] = ()
) -> Round:
    """Fire up to ``limit`` due timers, a unit of work each, then run the hooks (the outbox)."""
    now = clock.now()
    done = Round()
    with database.reading() as session:
        due = actions.due_timers(session, now, limit)
    for timer_id in due:
        try:
            with database.writing() as session:
                done.fired += actions.fire_timer(session, now, timer_id)
        except OperationalError:
            # The database is busy or gone: nothing was lost, the timer is still due.
            logger.warning("timer %s stays due", timer_id, exc_info=True)
        except Exception as error:
            logger.warning("timer %s failed", timer_id, exc_info=True)
            done.failed += 1
            _note_incident(database, now, timer_id, error)
    for hook in hooks:
        try:
            hook(database, now)
        except Exception:
            logger.exception("a hook of the worker failed")
    return done


def _note_incident(database: Database, now: datetime, timer_id: int, error: Exception) -> None:
    """In a unit of work of its own: the incident, and the timer pushed forward."""
    with database.writing() as session:
        timer = session.execute(
            select(timer_table).where(timer_table.c.id == timer_id).with_for_update()
        ).one_or_none()
        if timer is None:
            return
        attempts = timer.attempts + 1
        session.execute(
            update(timer_table)
            .where(timer_table.c.id == timer_id)
            .values(attempts=attempts, due_at=now + back_off(attempts))
        )
        known = session.execute(
            update(incident_table)
            .where(incident_table.c.timer_id == timer_id, incident_table.c.resolved_at.is_(None))
            .values(
                attempts=attempts,
                detail=_detail(error),
                failed_at=getattr(error, "failed_at", None),
            )
        )
        if known.rowcount:  # type: ignore[attr-defined]
            return
        session.execute(
            insert(incident_table),
            [
                {
                    "instance_id": timer.instance_id,
                    "element_key": timer.element_key,
                    "timer_id": timer_id,
                    "code": getattr(error, "code", type(error).__name__)[:80],
                    "detail": _detail(error),
                    "failed_at": getattr(error, "failed_at", None),
                    "attempts": attempts,
                    "occurred_at": now,
                }
            ],
        )
        instances = store.instance_table
        session.execute(
            update(instances)
            .where(instances.c.id == timer.instance_id, instances.c.status == "active")
            .values(status="incident")
        )
        record(
            session,
            SYSTEM,
            now,
            AuditEvent.WORKFLOW_INCIDENT_RAISED,
            f"instance/{timer.instance_id}",
            element=timer.element_key,
            detail=_detail(error),
        )


def _detail(error: Exception) -> str:
    """What went wrong: our own errors in both languages, others as Python names them."""
    if isinstance(error, PerfFlowError):
        return f"{word(error, 'zh')}\n{word(error, 'en')}"[:2000]
    return f"{type(error).__name__}: {error}"[:2000]


def back_off(attempts: int) -> timedelta:
    """1, 2, 4, 8 … minutes, six hours at most."""
    doubled: int = 2 ** min(attempts - 1, 12)
    return min(FIRST_DELAY * doubled, LONGEST_DELAY)


class Beat:
    """Runs the worker every few seconds in a thread of its own."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        hooks: tuple[Hook, ...] = (),
        every_seconds: int = 5,
    ) -> None:
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            run_due,
            "interval",
            args=(database, clock, 500, hooks),
            seconds=every_seconds,
            max_instances=1,
            coalesce=True,
        )

    def start(self) -> None:
        """Begin; returns at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """End after the round that is running."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


def start_beat(
    database: Database, clock: Clock, hooks: tuple[Hook, ...] = (), every_seconds: int = 5
) -> Beat:
    """A running beat."""
    beat = Beat(database, clock, hooks, every_seconds)
    beat.start()
    return beat
