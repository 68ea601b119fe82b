"""When a delivery is tried again and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

MAX_ATTEMPTS = 8
CLAIM = timedelta(minutes=5)
"""How long a delivery belongs to the process that took it; after a crash it is tried again."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)


class DeliveryStatus(StrEnum):
    """What has become of a row of the outbox."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


def next_try(now: datetime, attempts: int) -> datetime | None:
    """When to try again after ``attempts`` failures: 1, 4, 16 … minutes; None: never."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + min(_FIRST_PAUSE * (1 << 2 * (attempts - 1)), _LONGEST_PAUSE)
