"""Who wakes the workers: nobody (they look by themselves), or a queue in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session


class Queue(Protocol):
    """Told of new jobs inside the transaction that wrote them."""

    def put(self, session: Session, job_ids: Sequence[int]) -> None: ...


class NoQueue:
    """The embedded engine: the beat looks for waiting jobs every few seconds."""

    def put(self, session: Session, job_ids: Sequence[int]) -> None:
        """Nothing to do."""


_plugged: list[Queue] = [NoQueue()]


def plug_queue(queue: Queue) -> None:
    """Make ``queue`` the one that hears of new jobs."""
    _plugged[0] = queue


def queue() -> Queue:
    """The plugged queue."""
    return _plugged[0]
