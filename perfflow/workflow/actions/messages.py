"""Publishing messages and signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.workflow.actions.deliveries import broadcast, message_table, send
from perfflow.workflow.actions.mass import send_all
from perfflow.workflow.engine.unit import unit_of

MESSAGES = "workflow.job_messages"


def publish_message(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    key: str,
    payload: Mapping[str, Any] | None = None,
    dedupe_id: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Publish to whoever waits for ``name`` with ``key``; nobody yet: it is kept for them.

    Inside a step it is delivered after that step is saved, in the same transaction. The same
    ``dedupe_id`` for the same name and key again does nothing.
    """
    with unit_of(session) as unit:
        unit.pending.append(
            lambda: send(session, actor, now, name, key, payload, dedupe_id, expires_at)
        )


def publish_messages(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    keys: Iterable[str],
    payload: Mapping[str, Any] | None = None,
    dedupe_id: str | None = None,
) -> None:
    """Publish one message per key, in a few statements for all of them."""
    wanted = list(keys)
    with unit_of(session) as unit:
        unit.pending.append(lambda: send_all(session, actor, now, name, wanted, payload, dedupe_id))


def publish_signal(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Broadcast to everything that waits for this signal now."""
    with unit_of(session) as unit:
        unit.pending.append(lambda: broadcast(session, actor, now, name, payload))


def expire_messages(session: Session, now: datetime) -> int:
    """Forget messages that nobody took in time; how many."""
    done = session.execute(delete(message_table).where(message_table.c.expires_at <= now))
    return int(done.rowcount)  # type: ignore[attr-defined]
