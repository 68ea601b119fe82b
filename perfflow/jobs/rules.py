"""Sizes, states and pauses of background work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

CHUNK = 250
"""Items of one job: few enough for a short transaction, many enough for set-based writes."""

MOST_AT_ONCE = 500
"""Items that a request or a step of a process still does by itself."""

MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
Item = TypeVar("Item")


class BatchStatus(StrEnum):
    """A piece of work as a whole."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class JobStatus(StrEnum):
    """One chunk of it."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """``items`` in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def pause_before(attempt: int) -> timedelta:
    """How long to wait before the next attempt after ``attempt`` of them: 15 s, 30 s, 1 min …"""
    doubled: int = 2 ** min(attempt - 1, 12)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
