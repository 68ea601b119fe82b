"""Clocks: the one place where time comes from; everything else takes ``now`` as an argument."""

from __future__ import annotations

from datetime import datetime, timedelta, UTC
from typing import Protocol


class Clock(Protocol):
    """Gives the current instant, timezone-aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RunningClock:
    """A clock that was set to ``start`` when it was made and has run on since (the demo firm)."""

    def __init__(self, start: datetime) -> None:
        self._offset = start.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


class VirtualClock:
    """A clock that stands still until it is moved forward (tests, simulation)."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance_to(self, instant: datetime) -> None:
        """Move to ``instant``; moving backwards raises ``ValueError``."""
        target = instant.astimezone(UTC)
        if target < self._now:
            raise ValueError(f"expected a time after {self._now} but got {target}")
        self._now = target

    def advance(self, step: timedelta) -> None:
        """Move forward by ``step``."""
        self.advance_to(self._now + step)
