"""Plays one story: does what its steps say and checks what they expect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from inspect import signature
from typing import Any

from sqlalchemy import select

from perfflow.calendar import end_of_day, local_date
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import PerfFlowError, RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.definitions.elements import Process
from perfflow.workflow.engine.expressions import add_duration, storable
from perfflow.workflow.engine.scopes import visible_variables
from perfflow.workflow.models import LadderNotice, Message, table_of
from perfflow.workflow.scenarios.doubles import ServiceDoubles
from perfflow.workflow.scenarios.notation import Story
from perfflow.workflow.scenarios.outcome import Failure, Mismatch, NOTHING, said, sentence, shown
from perfflow.workflow.scenarios.setting import Setting
from perfflow.workflow.scenarios.stage import Stage, starts_by_itself
from perfflow.workflow.scenarios.values import firm_instant

notice_table = table_of(LadderNotice)
message_table = table_of(Message)


class Player:
    """The steps of the notation; every public method but ``play`` is one of them."""

    def __init__(
        self,
        stage: Stage,
        process: Process,
        story: Story,
        doubles: ServiceDoubles,
        setting: Setting,
    ) -> None:
        self._stage, self._process, self._story = stage, process, story
        self._doubles, self._setting = doubles, setting
        self._instance: int | None = None
        self._read_calls = 0

    def play(self) -> Failure | None:
        """The first thing that went another way, or None."""
        problem = self._attempt(self._start)
        number = 0
        for number, (name, *rest) in enumerate(self._story.steps, start=1):
            if name == "error":
                if problem is None:
                    return Failure(
                        number, "error", NOTHING, None, said("workflow.scenario_no_error")
                    )
                problem = None
                continue
            if problem is not None:
                return _unexpected(number - 1, problem)
            step = STEPS.get(name)
            if step is None or not _fits(step, rest):
                said_no = said("workflow.scenario_step", step=shown([name, *rest]))
                return Failure(number, NOTHING, shown([name, *rest]), None, said_no)
            try:
                problem = self._attempt(partial(step, self, *rest))
            except Mismatch as mismatch:
                expected, got, element = mismatch.failure
                return Failure(number, expected, got, element)
        return None if problem is None else _unexpected(number, problem)

    def _attempt(self, act: Callable[[], None]) -> PerfFlowError | None:
        try:
            act()
        except PerfFlowError as error:
            return error
        return None

    def _start(self) -> None:
        if not starts_by_itself(self._process):
            return  # a message, a signal or the time starts it
        if self._story.rooms:
            self._instance = self._stage.running(self._process.key, self._story.key)
        if self._instance is not None:
            return
        self._instance = self._stage.start(
            self._process.key, self._story.key, self._story.variables
        )

    # -- what people and time do --------------------------------------------------------------

    def complete(self, name: str, values: Mapping[str, Any] | None = None) -> None:
        """Somebody completes the open task of that name or id."""
        self._complete(self._task(name), values)

    def complete_any(self, count: int) -> None:
        """So many open tasks are completed, whichever."""
        for _ in range(count):
            tasks = self._stage.open_tasks()
            if not tasks:
                raise Mismatch(count, 0)
            self._complete(tasks[0], None)

    def _complete(self, task: Any, values: Mapping[str, Any] | None) -> None:
        stage, setting = self._stage, self._setting
        with stage.database.writing() as session:
            actor, given = SYSTEM, stage.values(session, values or {})
            if self._story.rooms:
                actor = setting.holder(session, task, local_date(stage.now))
                if values is None:
                    given = setting.answers(session, actor, task, stage.now)
            actions.complete_task(session, actor, stage.now, task.id, task.revision, given)

    def pass_manual(self) -> None:
        """Manual and plain tasks are passed at once here: nothing is left to do."""

    def advance(self, duration: str) -> None:
        """The clock moves on, then due timers fire."""
        self._stage.advance(add_duration(self._stage.now, duration))

    def advance_to(self, instant: str) -> None:
        """The clock moves to a date (its start) or an instant, then due timers fire."""
        self._stage.advance(_instant(instant))

    def message(
        self, name: str, payload: Mapping[str, Any] | None = None, key: str | None = None
    ) -> None:
        """A message for whoever waits for it; for a receive task its id will do."""
        stage = self._stage
        waiting = [row for row in stage.subscriptions() if row.kind == "message"]
        named = [row for row in waiting if row.name == name] or [
            row for row in waiting if stage.original_id(row.element_key.rpartition("/")[2]) == name
        ]
        if key is None:
            key = named[0].correlation_key if named else self._story.key
        name = named[0].name if named else name
        with stage.database.writing() as session:
            given = stage.values(session, payload or {})
            actions.publish_message(session, SYSTEM, stage.now, name, key, given or None)

    def signal(self, name: str, payload: Mapping[str, Any] | None = None) -> None:
        """A signal for everybody who waits for it."""
        stage = self._stage
        with stage.database.writing() as session:
            given = stage.values(session, payload or {})
            actions.publish_signal(session, SYSTEM, stage.now, name, given or None)

    # -- what must be so ----------------------------------------------------------------------

    def tasks(self, names: list[str]) -> None:
        """The names of all open tasks; ids will do."""
        wanted = sorted(" ".join(str(name).split()) for name in names)
        found = [self._names(task) for task in self._stage.open_tasks()]
        for which in range(3):  # all in one language, or all by their ids
            if sorted(each[which] for each in found) == wanted:
                return
        raise Mismatch(wanted, sorted(each[0] for each in found))

    def ids(self, ids: list[str]) -> None:
        """The element ids of all open tasks."""
        found = sorted(self._names(task)[2] for task in self._stage.open_tasks())
        if found != sorted(ids):
            raise Mismatch(sorted(ids), found)

    def ntasks(self, count: int) -> None:
        """How many tasks are open."""
        found = len(self._stage.open_tasks())
        if found != count:
            raise Mismatch(count, found)

    def waiting(self, element: str) -> None:
        """A token waits at the element."""
        found = self._stage.resting_elements()
        behind = {
            one.original_id: [flow.target for flow in process.outgoing(one.id)]
            for process in self._stage.bundle.processes.values()
            for one in process.elements.values()
            if one.kind == "eventBasedGateway"
        }
        if element not in found and not set(behind.get(element, ())) & set(found):
            raise Mismatch(element, found, element)

    def completed(self) -> None:
        """The process has come to its end."""
        status = self._status()
        if status != "completed":
            raise Mismatch("completed", [status, *self._stage.resting_elements()])

    def candidate_groups(self, name: str, groups: list[str]) -> None:
        """The groups that may take the task."""
        task = self._task(name)
        found = [one for one in (task.candidate_group, *(task.more_groups or ())) if one]
        if sorted(found) != sorted(groups):
            raise Mismatch(sorted(groups), sorted(found), task.element_id)

    def assignee(self, name: str, who: str | None) -> None:
        """The person who holds the task."""
        task = self._task(name)
        if task.assignee_no != who:
            raise Mismatch(who, task.assignee_no, task.element_id)

    def priority(self, name: str, priority: int) -> None:
        """The priority of the task."""
        task = self._task(name)
        if task.priority != priority:
            raise Mismatch(priority, task.priority, task.element_id)

    def due_in(self, name: str, duration: str) -> None:
        """When the task is due, counted from its creation."""
        task = self._task(name)
        wanted = add_duration(task.created_at, duration)
        if task.due_at != wanted:
            raise Mismatch(wanted, task.due_at, task.element_id)

    def due_at(self, name: str, instant: str) -> None:
        """When the task is due: a date means its end."""
        task = self._task(name)
        wanted = _instant(instant)
        if "T" not in instant:
            wanted = end_of_day(wanted.date())
        if task.due_at != wanted:
            raise Mismatch(wanted, task.due_at, task.element_id)

    def reminded(self, name: str, rungs: list[str]) -> None:
        """The rungs of the task's ladder that were sent so far."""
        task = self._task(name)
        with self._stage.database.reading() as session:
            mine = select(notice_table.c.rung).where(notice_table.c.task_id == task.id)
            found = sorted(session.execute(mine).scalars())
        if found != sorted(rungs):
            raise Mismatch(sorted(rungs), found, task.element_id)

    def service(self, name: str, inputs: Mapping[str, Any] | None = None) -> None:
        """The service was called, with these inputs among others; calls are read in order."""
        calls = self._doubles.calls[self._read_calls :]
        with self._stage.database.reading() as session:
            wanted = self._stage.values(session, inputs or {})
        for number, (called, given) in enumerate(calls, start=1):
            plain = storable(dict(given))
            if called == name and all(plain.get(n) == storable(v) for n, v in wanted.items()):
                self._read_calls += number
                return
        raise Mismatch([name, wanted], [list(call) for call in calls])

    def variables(self, wanted: Mapping[str, Any]) -> None:
        """Variables of the process, these among others."""
        with self._stage.database.reading() as session:
            values = storable(self._stage.values(session, wanted))
            row = self._row(session)
            found = visible_variables(row.variables, "") if row is not None else {}
        different = {name: found.get(name) for name in values if found.get(name) != values[name]}
        if different:
            raise Mismatch({name: values[name] for name in different}, different)

    def sent(self, name: str, key: str | None = None) -> None:
        """A message of that name (and key) was published."""
        with self._stage.database.reading() as session:
            found = [
                [row.name, row.correlation_key]
                for row in session.execute(select(message_table).order_by(message_table.c.id))
            ]
        if not any(one[0] == name and key in (None, one[1]) for one in found):
            raise Mismatch([name, key] if key else [name], found)

    # -- reading --------------------------------------------------------------------------------

    def _row(self, session: Any) -> Any:
        if self._instance is None:
            return None
        return queries.instance_by_id(session, self._instance)

    def _status(self) -> str:
        with self._stage.database.reading() as session:
            row = self._row(session)
            return NOTHING if row is None else str(row.status)

    def _names(self, task: Any) -> tuple[str, str, str]:
        element = self._stage.element(task)
        return task.name_zh, task.name_en, element.original_id

    def _task(self, name: str) -> Any:
        open_tasks = self._stage.open_tasks()
        wanted = " ".join(str(name).split())
        for task in open_tasks:
            if wanted in self._names(task):
                return task
        raise Mismatch(name, sorted(self._names(one)[2] for one in open_tasks))


STEPS: dict[str, Callable[..., None]] = {
    name: step
    for name, step in vars(Player).items()
    if callable(step) and not name.startswith("_") and name != "play"
}


def _instant(text: str) -> datetime:
    try:
        return firm_instant(text)
    except ValueError:
        raise RuleViolation("workflow.not_an_instant", expression=text, got=text) from None


def _fits(step: Callable[..., None], arguments: Sequence[Any]) -> bool:
    try:
        signature(step).bind(None, *arguments)
    except TypeError:
        return False
    return True


def _unexpected(step: int, error: PerfFlowError) -> Failure:
    element = error.params.get("element")
    return Failure(step, NOTHING, error.code, element and str(element), sentence(error))
