"""Stand-ins for what lies behind a process: service tasks, and the directory of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from perfflow.workflow.registry import (
    ProcessError,
    registered_service,
    ServiceContext,
    ServiceTask,
)
from perfflow.workflow.scenarios.values import computed

LONGEST_NUMBER = 16


@dataclass
class ServiceDoubles:
    """Answers for service tasks, and every call in order.

    ``answers`` maps a name to the result of each call, to ``{"error": code}``, or to a list of
    them for one call after the other (the last one stays). A service without an answer returns
    nothing, or with ``passes_on`` does its real work; one that no room registered stays unknown.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    passes_on: bool = False
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def find(self, name: str) -> ServiceTask | None:
        """The stand-in for a service task; None for a name that nobody knows."""
        known = registered_service(name)
        if known is None:
            return None
        return ServiceTask(name, partial(self._call, known), known.inputs, known.outputs)

    def _call(
        self, known: ServiceTask, ctx: ServiceContext, **inputs: Any
    ) -> dict[str, Any] | None:
        name = known.name
        self.calls.append((name, inputs))
        if self.passes_on and name not in self.answers:
            return known.function(ctx, **inputs)
        answer = self.answers.get(name) or {}
        if isinstance(answer, list):
            number = self._counts.get(name, 0)
            self._counts[name] = number + 1
            answer = answer[min(number, len(answer) - 1)] if answer else {}
        if set(answer) == {"error"}:
            raise ProcessError(str(answer["error"]))
        return computed(ctx.session, ctx.now, answer)


class ScenarioDirectory:
    """People as a story describes them; whoever is not described has made-up leaders.

    ``people`` maps an employee number to ``manager``, ``second_line`` and ``hr``.
    """

    def __init__(self, people: Mapping[str, Mapping[str, str]]) -> None:
        self._people = people

    def _of(self, employee_no: str, what: str) -> str:
        told = self._people.get(employee_no, {}).get(what)
        return str(told) if told else f"{what}:{employee_no}"[:LONGEST_NUMBER]

    def manager_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return self._of(employee_no, "manager")

    def second_line_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return self._of(employee_no, "second_line")

    def hr_group_of(self, session: Session, employee_no: str, on: date) -> str:
        return str(self._people.get(employee_no, {}).get("hr") or "hr-partner")

    def groups_of(self, session: Session, employee_no: str, on: date) -> frozenset[str]:
        return frozenset()

    def members_of(self, session: Session, group: str, on: date) -> list[str]:
        return []

    def known_group(self, name: str) -> bool:
        return True

    def unit_path(self, session: Session, employee_no: str, on: date) -> str:
        return ""

    def is_at_work(self, session: Session, employee_no: str, on: date) -> bool:
        return True

    def deputy_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return None
