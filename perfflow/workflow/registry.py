"""The register of service tasks: functions of the rooms that a process may call by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor

ServiceFunction = Callable[..., dict[str, Any] | None]
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class ProcessError(Exception):
    """A BPMN error that a service raises on purpose; an error boundary event may catch it.

    Without a code only events that catch every error catch it.
    """

    def __init__(self, code: str | None, message: str = "") -> None:
        super().__init__(code, message)
        self.code = code or ""


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """Where and for whom a service task runs; it shares the transaction of the step."""

    session: Session
    actor: Actor
    now: datetime
    instance_id: int
    business_key: str
    definition_key: str
    element_id: str
    bundle_number: int


@dataclass(frozen=True, slots=True)
class ServiceTask:
    """A registered service task."""

    name: str
    function: ServiceFunction
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


_services: dict[str, ServiceTask] = {}


def service_task(
    name: str, *, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()
) -> Callable[[ServiceFunction], ServiceFunction]:
    """Register the decorated function as the service task ``name`` (``room.verb_object``)."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"expected a service name like room.verb_object but got {name!r}")

    def register(function: ServiceFunction) -> ServiceFunction:
        known = _services.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"expected one function for {name} but {known.function} has it too")
        _services[name] = ServiceTask(name, function, inputs, outputs)
        return function

    return register


Doubles = Callable[[str], ServiceTask | None]
_doubles: ContextVar[Doubles | None] = ContextVar("perfflow.workflow.doubles", default=None)


@contextmanager
def doubled(doubles: Doubles) -> Iterator[None]:
    """Within the block ``doubles`` are asked first: scenarios run processes without the rooms."""
    mark = _doubles.set(doubles)
    try:
        yield
    finally:
        _doubles.reset(mark)


def find_service(name: str) -> ServiceTask | None:
    """The service task of that name, or None."""
    doubles = _doubles.get()
    double = None if doubles is None else doubles(name)
    return registered_service(name) if double is None else double


def registered_service(name: str) -> ServiceTask | None:
    """The service task that a room registered, whatever stands in for it."""
    return _services.get(name)


def service_names() -> list[str]:
    """All registered names, sorted."""
    return sorted(_services)
