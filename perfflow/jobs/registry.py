"""The kinds of background work: a name and the function that does a chunk of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class JobContext:
    """What the function of a kind works with; the worker commits, nobody else."""

    session: Session
    actor: Actor
    now: datetime
    batch_id: int
    subject: str
    arguments: Mapping[str, Any]


Work = Callable[[JobContext, Sequence[Any]], Mapping[str, Any] | None]
_kinds: dict[str, Work] = {}


def job_kind(name: str) -> Callable[[Work], Work]:
    """Register the work of a kind. Its name is also a message code: what pages call it."""

    def keep(work: Work) -> Work:
        known = _kinds.get(name)
        if known is not None and known.__module__ != work.__module__:
            raise ValueError(f"expected one work of the name {name} but got two")
        _kinds[name] = work
        return work

    return keep


def work_of(kind: str) -> Work:
    """The function of a kind."""
    work = _kinds.get(kind)
    if work is None:
        raise NotFound("jobs.unknown_kind", kind=kind)
    return work


def kinds() -> list[str]:
    """The names of all kinds."""
    return sorted(_kinds)
