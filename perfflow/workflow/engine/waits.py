"""Rows of waiting points: work items, timers, ladders and subscriptions follow the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import and_, delete, insert, or_, update
from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar, FIRM_ZONE, local_date
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element, Rung
from perfflow.workflow.definitions.references import read_cycle
from perfflow.workflow.engine.bulk import Bulk
from perfflow.workflow.engine.expressions import add_duration, Evaluator, storable
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.rests import Changes, Waiting
from perfflow.workflow.models import MessageSubscription, table_of, TaskGroup, Timer, UserTask
from perfflow.workflow.ports import directory

task_table = table_of(UserTask)
timer_table = table_of(Timer)
subscription_table = table_of(MessageSubscription)
LADDER_HOUR = time(9, 0)
NO_DUE = "9"
_ADD_TASKS = insert(task_table).inline()  # nobody asks for ids
_ADD_TASKS_FOR_IDS = insert(task_table).returning(task_table.c.id, sort_by_parameter_order=True)
_ADD_TIMERS = insert(timer_table)
_ADD_SUBSCRIPTIONS = insert(subscription_table)
FALLBACK_GROUP = "process-admin"


@dataclass(frozen=True, slots=True)
class OpenedSubscription:
    """A subscription that a step opened; a message may be waiting for it."""

    instance_id: int
    definition_key: str
    element_key: str
    slot: int
    kind: str
    name: str
    correlation_key: str


def due_key(due_at: datetime | None) -> str:
    """Sortable text of a due instant; work without one comes last."""
    return NO_DUE if due_at is None else due_at.strftime("%Y%m%d%H%M%S")


class WaitRows:
    """Writes what a run did to the waiting points of one instance."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        instance: Any,
        outside: Outside,
        actor: Actor,
        bulk: Bulk | None = None,
    ) -> None:
        self.session, self.now, self.instance, self.bulk = session, now, instance, bulk
        self.connection = session.connection() if bulk is None else bulk.connection
        self.outside, self.evaluator, self.actor = outside, outside.evaluator, actor
        self.subscriptions: list[OpenedSubscription] = []
        self._timers: list[dict[str, Any]] = []

    def apply(self, changes: Changes, completed: Waiting | None) -> None:
        """Close, move and open rows."""
        self._close(changes.ended, completed)
        for table, kinds in (
            (task_table, ("task",)),
            (timer_table, ("timer",)),
            (subscription_table, ("message", "signal")),
        ):
            self._move(table, [m for m in changes.moved if m[0].kind in kinds])
        self._open_tasks([w for w in changes.opened if w.kind == "task"])
        self._open_timers([w for w in changes.opened if w.kind == "timer"])
        if self.bulk is not None:
            self.bulk.open_timers(self._timers)
        elif self._timers:
            self.connection.execute(_ADD_TIMERS, _one_or_all(self._timers))
        self._open_subscriptions([w for w in changes.opened if w.kind in ("message", "signal")])

    def _close(self, ended: list[Waiting], completed: Waiting | None) -> None:
        cancelled = [w for w in ended if w.kind == "task" and w != completed]
        timed = [w for w in ended if w.kind == "timer" or (w.kind == "task" and w.element.ladder)]
        heard = [w for w in ended if w.kind in ("message", "signal")]
        if self.bulk is not None:
            for table, waits in (
                (task_table, cancelled), (timer_table, timed), (subscription_table, heard),
            ):  # fmt: skip
                for wait in waits:
                    self.bulk.close(table, wait.key, wait.slot, self.instance.id)
            return
        if cancelled:
            self.connection.execute(
                update(task_table)
                .where(self._at(task_table, cancelled), task_table.c.status == "open")
                .values(
                    status="cancelled",
                    revision=task_table.c.revision + 1,
                    completed_at=self.now,
                    outcome="cancelled",
                )
            )
        if timed:
            self.connection.execute(delete(timer_table).where(self._at(timer_table, timed)))
        if heard:
            self.connection.execute(
                delete(subscription_table).where(self._at(subscription_table, heard))
            )

    def _at(self, table: Any, waits: list[Waiting]) -> Any:
        places = [
            and_(table.c.element_key == wait.key, table.c.slot == wait.slot) for wait in waits
        ]
        return and_(table.c.instance_id == self.instance.id, or_(*places))

    def _move(self, table: Any, moved: list[tuple[Waiting, Waiting]]) -> None:
        """Several tokens at one element: those behind the one that left move up."""
        # Through negative slots, so that no two open rows ever share one.
        for old, new in moved:
            self._shift(table, old, old.slot, -1 - new.slot)
        for old, new in moved:
            self._shift(table, old, -1 - new.slot, new.slot)

    def _shift(self, table: Any, wait: Waiting, source: int, target: int) -> None:
        tables = [table]
        if table is task_table and wait.element.ladder:
            tables.append(timer_table)
        for each in tables:
            where = [
                each.c.instance_id == self.instance.id,
                each.c.element_key == wait.key,
                each.c.slot == source,
            ]
            if each is task_table:
                where.append(each.c.status == "open")
            self.connection.execute(update(each).where(*where).values(slot=target))

    # -- work items ---------------------------------------------------------------------------

    def _open_tasks(self, opened: list[Waiting]) -> None:
        if not opened:
            return
        rows = [self._task_row(wait) for wait in opened]
        if self.bulk is not None:
            for wait, row in zip(opened, rows, strict=True):
                self._hand_over(self.bulk, wait, row)
            return
        needs_ids = any(
            (wait.element.ladder and row["due_at"]) or row["more_groups"]
            for wait, row in zip(opened, rows, strict=True)
        )
        if not needs_ids:
            self.connection.execute(_ADD_TASKS, _one_or_all(rows))
            return
        ids = self.connection.execute(_ADD_TASKS_FOR_IDS, _one_or_all(rows)).scalars()
        groups: list[dict[str, Any]] = []
        for wait, row, task_id in zip(opened, rows, ids, strict=True):
            own_groups, rungs = self._rows_of(wait, row, task_id)
            groups += own_groups
            self._timers += rungs
        if groups:
            self.connection.execute(insert(table_of(TaskGroup)), groups)

    def _rows_of(
        self, wait: Waiting, row: dict[str, Any], task_id: int
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The groups of a task and the rungs of its ladder, once its id is known."""
        groups = [{"group_name": name, "task_id": task_id} for name in row["more_groups"] or ()]
        rungs = ladder_rows(self.session, self.now, wait.element.ladder, row | {"id": task_id})
        return groups, [{**rung, "repeat": None} for rung in rungs]

    def _hand_over(self, bulk: Bulk, wait: Waiting, row: dict[str, Any]) -> None:
        if (wait.element.ladder and row["due_at"]) or row["more_groups"]:
            bulk.open_task(row, lambda task_id: self._rows_of(wait, row, task_id))
        else:
            bulk.open_task(row)

    def _task_row(self, wait: Waiting) -> dict[str, Any]:
        element = wait.element
        context = self.outside.context(wait.scope)
        local: dict[str, Any] = {}
        for item in element.inputs:
            local[item.target] = storable(self.evaluator.value(item.source, context | local))
        context |= local
        subject = self._subject(element, context)
        not_for = self._not_for(element, context)
        assignee, groups = self._people(element, context, subject, not_for)
        due_at = self._instant(element.due, context)
        return {
            "instance_id": self.instance.id,
            "bundle_number": self.instance.bundle_number,
            "definition_key": element.process_key,
            "business_key": self.instance.business_key,
            "element_id": element.id,
            "element_key": wait.key,
            "scope": wait.scope,
            "slot": wait.slot,
            "name_zh": element.name_zh or element.original_id,
            "name_en": element.name_en or element.original_id,
            "stage": element.stage,
            "form_key": element.form_key,
            "subject_no": subject,
            "assignee_no": assignee,
            "candidate_group": groups[0] if groups else None,
            "more_groups": groups[1:] or None,
            "not_for": not_for or None,
            "locals": local or None,
            "priority": self._priority(element, context),
            "due_at": due_at,
            "due_key": due_key(due_at),
            "follow_up_at": self._instant(element.follow_up, context),
            "status": "open",
            "revision": 0,
            "created_at": self.now,
        }

    def holders(
        self, element: Element, scope: str, local: Mapping[str, Any]
    ) -> tuple[str | None, list[str]]:
        """Whom a step is for, by what its expressions say at this moment: person and groups."""
        context = {**self.outside.context(scope), **local}
        subject, not_for = self._subject(element, context), self._not_for(element, context)
        return self._people(element, context, subject, not_for)

    def _subject(self, element: Element, context: Mapping[str, Any]) -> str | None:
        return self.evaluator.subject(element, context)

    def _not_for(self, element: Element, context: Mapping[str, Any]) -> list[str]:
        text = element.properties.get("not_for")
        if not text:
            return []
        value = self.evaluator.value(text, context)
        people = value if isinstance(value, list) else [value]
        return sorted({str(person) for person in people if person})

    def _people(
        self,
        element: Element,
        context: Mapping[str, Any],
        subject: str | None,
        not_for: list[str],
    ) -> tuple[str | None, list[str]]:
        assignee = self.evaluator.value(element.assignee, context) if element.assignee else None
        groups = element.candidate_groups or (None if element.assignee else element.lane)
        group = self.evaluator.value(groups, context) if groups else None
        if isinstance(group, list):
            group = ",".join(str(name) for name in group)
        if assignee is not None and str(assignee) in not_for:
            assignee = self._next_above(str(assignee), not_for)
        if not assignee and not group and (element.assignee or element.candidate_groups):
            # Somebody must be able to take it: HR of the person, else the process admins.
            group = (
                directory().hr_group_of(self.session, subject, local_date(self.now))
                if subject
                else FALLBACK_GROUP
            )
        names = [part.strip() for part in str(group or "").split(",") if part.strip()]
        return (str(assignee) if assignee else None), names

    def _next_above(self, employee_no: str, not_for: list[str]) -> str | None:
        above = directory().second_line_of(self.session, employee_no, local_date(self.now))
        return above if above and above not in not_for else None

    def _priority(self, element: Element, context: Mapping[str, Any]) -> int:
        value = self.evaluator.value(element.priority, context) if element.priority else 50
        try:
            return max(0, min(100, int(value)))
        except (TypeError, ValueError):
            raise RuleViolation(
                "workflow.bad_priority", element=element.original_id, got=str(value)
            ) from None

    def _instant(self, text: str | None, context: Mapping[str, Any]) -> datetime | None:
        return self.evaluator.instant(text, context) if text else None

    # -- timers and subscriptions -------------------------------------------------------------

    def _open_timers(self, opened: list[Waiting]) -> None:
        for wait in opened:
            context = self.outside.context(wait.scope)
            due_at, repeat = timer_due(wait.element, context, self.evaluator)
            self._timers.append(
                {
                    "kind": "event",
                    "instance_id": self.instance.id,
                    "element_key": wait.key,
                    "slot": wait.slot,
                    "due_at": due_at,
                    "repeat": repeat,
                    "task_id": None,
                    "rung": None,
                    "attempts": 0,
                }
            )

    def _open_subscriptions(self, opened: list[Waiting]) -> None:
        for wait in opened:
            context = self.outside.context(wait.scope)
            name = str(self.evaluator.value(wait.element.message or "", context))
            key = "" if wait.kind == "signal" else self.outside.correlation(wait.element, context)
            self.subscriptions.append(
                OpenedSubscription(
                    self.instance.id,
                    self.instance.definition_key,
                    wait.key,
                    wait.slot,
                    wait.kind,
                    name,
                    key,
                )
            )
        rows = [{**_subscription_row(s), "opened_at": self.now} for s in self.subscriptions]
        if self.bulk is not None:
            self.bulk.open_subscriptions(rows)
        elif rows:
            self.connection.execute(_ADD_SUBSCRIPTIONS, rows)


def _subscription_row(opened: OpenedSubscription) -> dict[str, Any]:
    return {
        "instance_id": opened.instance_id,
        "definition_key": opened.definition_key,
        "element_key": opened.element_key,
        "slot": opened.slot,
        "kind": opened.kind,
        "name": opened.name,
        "correlation_key": opened.correlation_key,
    }


def _one_or_all(rows: list[dict[str, Any]]) -> Any:
    """One row goes the short way of a plain statement."""
    return rows[0] if len(rows) == 1 else rows


def timer_due(
    element: Element, context: Mapping[str, Any], evaluator: Evaluator
) -> tuple[datetime, str | None]:
    """When a timer event falls due, and how often again (``times duration``) for a cycle."""
    rule = element.timer
    if rule is None:
        raise RuleViolation("workflow.no_timer", element=element.original_id)
    if rule.kind != "cycle":
        due_at = evaluator.instant(rule.text, context)
        if due_at is None:
            raise RuleViolation("workflow.not_an_instant", expression=rule.text, got="null")
        return due_at, None
    cycle = read_cycle(str(evaluator.value(rule.text, context)))
    if cycle is None:
        raise RuleViolation("workflow.not_an_instant", expression=rule.text, got=rule.text)
    return add_duration(evaluator.now, cycle[1]), f"{cycle[0]} {cycle[1]}"


def ladder_rows(
    session: Session, now: datetime, ladder: tuple[Rung, ...], task: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Timer rows of the rungs that are still ahead of ``now``."""
    due_at = task["due_at"]
    if due_at is None:
        return []
    calendar, rows = firm_calendar(session), []
    for rung in ladder:
        day = calendar.add_working_days(local_date(due_at), rung.offset)
        at = datetime.combine(day, LADDER_HOUR, FIRM_ZONE)
        if at <= now:
            continue
        rows.append(
            {
                "kind": "ladder",
                "instance_id": task["instance_id"],
                "element_key": task["element_key"],
                "slot": task["slot"],
                "due_at": at,
                "task_id": task["id"],
                "rung": rung.text.strip(),
                "attempts": 0,
            }
        )
    return rows
