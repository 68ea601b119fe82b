"""Plays a firm on a virtual clock: due timers, people who answer, joiners and leavers."""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar, local_date
from perfflow.db import Database
from perfflow.inbox.actions import submit_task
from perfflow.jobs import run_waiting
from perfflow.kernel.actor import Actor
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, PerfFlowError, RuleViolations
from perfflow.seed.streams import Stream
from perfflow.simulation import cascade as cascade  # registers how heads decide
from perfflow.simulation import choices as choices  # registers how people decide
from perfflow.simulation.answers import answer, Persona
from perfflow.simulation.cast import Cast
from perfflow.simulation.timing import answer_time
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import UserTask
from perfflow.workflow.worker import run_due

logger = logging.getLogger("perfflow.simulation")
PROMPT_PROCESSES = frozenset({"performance-cycle", "unit-cascade", "calibration", "payout"})
WAITS_FOR_OTHERS = frozenset({"run-bonus"})
"""Finance runs the bonus on the last day: interviews that are not held by then hold money."""
TIMERS_AT_ONCE = 500
MOST_TRIES = 12

Event = Callable[["Simulation"], None]
BeforeAnswer = Callable[["Simulation", Session, Actor, UserTask], None]


@dataclass(order=True, slots=True)
class Planned:
    """Something that happens at a time: a task to answer (``task_id``) or an event."""

    at: datetime
    order: int
    task_id: int | None = field(compare=False, default=None)
    tries: int = field(compare=False, default=0)
    event: Event | None = field(compare=False, default=None)


class Simulation:
    """One run; ``step`` goes to the next thing that happens and does it."""

    def __init__(
        self,
        database: Database,
        clock: VirtualClock,
        seed: int,
        *,
        pace: Callable[[UserTask], float] = lambda task: 1.0,
        before_answer: BeforeAnswer | None = None,
        change_answer: Callable[[UserTask, dict[str, Any]], None] | None = None,
        agreeable: float | None = None,
        is_punctual: Callable[[UserTask], bool] = lambda task: False,
    ) -> None:
        self.database = database
        self.clock = clock
        self.seed = seed
        self.cast = Cast()
        self.completed = 0
        self._pace = pace
        self._before_answer = before_answer
        self._change_answer = change_answer
        self._agreeable = agreeable
        self._is_punctual = is_punctual
        self._planned: list[Planned] = []
        self._order = 0
        self._last_task = 0
        self._occurrences: Counter[tuple[str, str]] = Counter()

    # -- planning -------------------------------------------------------------------------
    def at(self, moment: datetime, event: Event) -> None:
        """Let ``event`` happen at ``moment``."""
        self._push(Planned(moment, 0, event=event))

    def _push(self, planned: Planned) -> None:
        self._order += 1
        planned.order = self._order
        heapq.heappush(self._planned, planned)

    def plan_new_tasks(self) -> None:
        """Give every task that has opened since the last look a time at which it is answered."""
        with self.database.reading() as session:
            tasks = session.scalars(
                select(UserTask)
                .where(UserTask.id > self._last_task, UserTask.status == "open")
                .order_by(UserTask.id)
            ).all()
            if not tasks:
                return
            calendar = firm_calendar(session)
            for task in tasks:
                self._last_task = max(self._last_task, task.id)
                key = (task.business_key, task.element_key)
                self._occurrences[key] += 1
                stream = Stream(self.seed, "timing", f"{key}/{self._occurrences[key]}")
                moment = answer_time(
                    calendar,
                    stream,
                    self.clock.now(),
                    task.due_at,
                    is_prompt=self._is_punctual(task) or task.definition_key in PROMPT_PROCESSES,
                    waits=task.element_id in WAITS_FOR_OTHERS,
                    pace=self._pace(task),
                )
                self._push(Planned(moment, 0, task_id=task.id))

    # -- playing --------------------------------------------------------------------------
    def next_moment(self) -> datetime | None:
        """When the next thing happens; None when nothing ever will."""
        with self.database.reading() as session:
            timer = workflow_actions.next_due(session)
        planned = self._planned[0].at if self._planned else None
        moments = [moment for moment in (timer, planned) if moment is not None]
        return min(moments) if moments else None

    def run(self, until: datetime, is_over: Callable[[], bool] = lambda: False) -> None:
        """Play until ``until``, or until nothing is left or ``is_over`` says so."""
        self.plan_new_tasks()
        while not is_over():
            moment = self.next_moment()
            if moment is None or moment > until:
                break
            if moment > self.clock.now():
                self.clock.advance_to(moment)
            run_due(self.database, self.clock, TIMERS_AT_ONCE)
            while run_waiting(self.database, self.clock.now()):
                pass
            self.plan_new_tasks()
            while self._planned and self._planned[0].at <= self.clock.now():
                self._play(heapq.heappop(self._planned))
                self.plan_new_tasks()
        if until > self.clock.now() and not is_over():
            self.clock.advance_to(until)

    def _play(self, planned: Planned) -> None:
        if planned.event is not None:
            planned.event(self)
        elif planned.task_id is not None:
            self._answer(planned)

    def _answer(self, planned: Planned) -> None:
        assert planned.task_id is not None
        with self.database.reading() as session:
            task = session.get(UserTask, planned.task_id)
            if task is None or task.status != "open":
                return
            people = self._who(session, task)
            key = f"{task.business_key}/{task.element_key}"
        for number in people:
            try:
                with self.database.writing() as session:
                    self._hand_in(session, number, planned.task_id)
                self.completed += 1
                return
            except (NotAllowed, NotFound):
                continue  # not the right person (maker and checker, own case): ask the next
            except Conflict:
                return
            except PerfFlowError as error:
                logger.warning("%s: %s", key, _sentence(error))
                break
        self._later(planned, key)

    def _later(self, planned: Planned, key: str) -> None:
        if planned.tries >= MOST_TRIES:
            return
        with self.database.reading() as session:
            calendar = firm_calendar(session)
        stream = Stream(self.seed, "again", f"{key}/{planned.tries}")
        moment = answer_time(calendar, stream, self.clock.now(), None, is_prompt=True)
        self._push(Planned(moment, 0, task_id=planned.task_id, tries=planned.tries + 1))

    def _who(self, session: Session, task: UserTask) -> list[str]:
        """The assignee, or the members of the candidate group, rotated by the case."""
        if task.assignee_no:
            return [task.assignee_no]
        on = local_date(self.clock.now())
        groups = [task.candidate_group, *(task.more_groups or [])]
        members = [
            number
            for group in groups
            if group
            for number in self.cast.members(session, group, on)
            if number not in (task.not_for or [])
        ]
        if not members:
            return []
        first = Stream(self.seed, "who", f"{task.business_key}/{task.element_key}").index(
            len(members)
        )
        return members[first:] + members[:first]

    def _hand_in(self, session: Session, number: str, task_id: int) -> None:
        now = self.clock.now()
        actor = self.cast.actor(session, number, local_date(now))
        if actor is None:
            raise NotFound("simulation.no_account", employee=number)
        task = session.get_one(UserTask, task_id)
        if self._before_answer is not None:
            self._before_answer(self, session, actor, task)
        view = workflow_queries.task(session, actor, task_id, now)
        values: dict[str, Any] = {}
        if view.form is not None:
            key = f"{task.business_key}/{task.element_key}"
            count = self._occurrences[task.business_key, task.element_key]
            persona = Persona(
                number,
                Stream(self.seed, "answer", f"{key}/{count}/{number}"),
                self._agreeableness(number),
            )
            context = view.form_context(session, actor, now)
            values = answer(view.form, context, persona, task.subject_no)
            if self._change_answer is not None:
                self._change_answer(task, values)
        submit_task(session, actor, now, task_id, view.row.revision, values)

    def _agreeableness(self, number: str) -> float:
        """How agreeable a person is: drawn, unless the run says it for everybody."""
        if self._agreeable is not None:
            return self._agreeable
        return Stream(self.seed, "agreeable", number).uniform()


def _sentence(error: PerfFlowError) -> str:
    """An error with everything that is wrong, for the log."""
    if isinstance(error, RuleViolations):
        return "; ".join(f"{one.field}: {one}" for one in error.violations)
    return str(error)
