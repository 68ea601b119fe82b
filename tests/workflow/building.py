"""Building blocks for tests of the engine: a small BPMN writer, a cast, and a bench."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.workflow import actions, queries
from perfflow.workflow.registry import ProcessError, service_task, ServiceContext

FILES = Path(__file__).parent / "files"
EMPLOYEE = Actor("ming", "E1", frozenset({Role.EMPLOYEE}))
MANAGER = Actor("li", "E2", frozenset({Role.EMPLOYEE, Role.LINE_MANAGER}))
HR = Actor("hr", "E3", frozenset({Role.EMPLOYEE, Role.HR_PARTNER}))
HR_TWO = Actor("hr-two", "E4", frozenset({Role.EMPLOYEE, Role.HR_PARTNER}))
SECOND = Actor("zhao", "E5", frozenset({Role.EMPLOYEE, Role.SECOND_LINE}))
OUTSIDER = Actor("outsider", "E9", frozenset({Role.EMPLOYEE}))
AUDITOR = Actor("auditor", "E8", frozenset({Role.EMPLOYEE, Role.AUDITOR}))
ADMIN = Actor("admin", "E7", frozenset({Role.EMPLOYEE, Role.PROCESS_ADMIN}))


class SmallDirectory:
    """Li leads Ming, Zhao leads Li; E3 and E4 are the HR partners."""

    def manager_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return {"E1": "E2", "E2": "E5"}.get(employee_no)

    def second_line_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return {"E1": "E5"}.get(employee_no)

    def hr_group_of(self, session: Session, employee_no: str, on: date) -> str:
        return "hr-partner/B1"

    def groups_of(self, session: Session, employee_no: str, on: date) -> frozenset[str]:
        if employee_no in ("E3", "E4"):
            return frozenset({"hr-partner", "hr-partner/B1"})
        return frozenset()

    def members_of(self, session: Session, group: str, on: date) -> list[str]:
        return ["E3", "E4"] if group.startswith("hr-partner") else []

    def known_group(self, name: str) -> bool:
        return name.split("/")[0] in set(Role)

    def unit_path(self, session: Session, employee_no: str, on: date) -> str:
        return "FIRM/B1"

    def is_at_work(self, session: Session, employee_no: str, on: date) -> bool:
        return True

    def deputy_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return None


CALLS: list[tuple[str, dict[str, Any]]] = []


@service_task("testing.note", inputs=("what",), outputs=("noted",))
def note(ctx: ServiceContext, what: Any) -> dict[str, Any]:
    """Remember that it was called, and with what."""
    CALLS.append((ctx.element_id, {"what": what}))
    return {"noted": what}


@service_task("testing.count", inputs=("turns",), outputs=("turns",))
def count(ctx: ServiceContext, turns: int | None) -> dict[str, Any]:
    """One more."""
    return {"turns": (turns or 0) + 1}


@service_task("testing.fail", inputs=("code",))
def fail(ctx: ServiceContext, code: str) -> None:
    """Raise a BPMN error."""
    raise ProcessError(code)


@service_task("testing.fail_sometimes", inputs=("turns", "luck"))
def fail_sometimes(ctx: ServiceContext, turns: int, luck: int) -> None:
    """Raise one of several BPMN errors, or none."""
    if luck % 3 == 0:
        raise ProcessError("REFUSED")
    if (luck + turns) % 5 == 0:
        raise ProcessError("UNKNOWN")


@service_task("testing.shout", inputs=("name", "key"))
def shout(ctx: ServiceContext, name: str, key: str) -> None:
    """Publish a message in the middle of a step."""
    actions.publish_message(ctx.session, ctx.actor, ctx.now, name, key, {"from": ctx.element_id})


ZEEBE = "http://camunda.org/schema/zeebe/1.0"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    f'xmlns:zeebe="{ZEEBE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'targetNamespace="test">\n'
)


def document(body: str) -> bytes:
    """A BPMN file around processes and messages."""
    return (HEAD + body + "</bpmn:definitions>").encode()


def process(body: str, key: str = "trial", properties: Mapping[str, str] | None = None) -> bytes:
    """A file with one process."""
    return document(
        f'<bpmn:process id="{key}" name="试验" isExecutable="true">'
        f"{extensions(properties=properties)}{body}</bpmn:process>"
    )


def extensions(inner: str = "", properties: Mapping[str, str] | None = None) -> str:
    """The extension elements of a node."""
    rows = "".join(
        f'<zeebe:property name="{name}" value="{value}"/>'
        for name, value in (properties or {}).items()
    )
    wrapped = f"<zeebe:properties>{rows}</zeebe:properties>" if rows else ""
    if not inner and not wrapped:
        return ""
    return f"<bpmn:extensionElements>{inner}{wrapped}</bpmn:extensionElements>"


def user_task(
    identifier: str,
    who: str = "E1",
    *,
    group: str | None = None,
    due: str | None = None,
    inner: str = "",
    properties: Mapping[str, str] | None = None,
) -> str:
    """A user task of one person or of a group."""
    people = f'candidateGroups="{group}"' if group else f'assignee="{who}"'
    when = f'<zeebe:taskSchedule dueDate="{due}"/>' if due else ""
    return (
        f'<bpmn:userTask id="{identifier}" name="{identifier}">'
        + extensions(f"<zeebe:assignmentDefinition {people}/>{when}{inner}", properties)
        + "</bpmn:userTask>"
    )


def service(identifier: str, name: str, inner: str = "") -> str:
    """A service task."""
    return (
        f'<bpmn:serviceTask id="{identifier}" name="{identifier}">'
        + extensions(f'<zeebe:taskDefinition type="{name}"/>{inner}')
        + "</bpmn:serviceTask>"
    )


def say(word: str) -> str:
    """A service task that says its own id; :func:`said` tells what was said."""
    return service(word, "testing.note", mapping({"what": f"=&quot;{word}&quot;"}))


def said() -> str:
    """What was said so far, in order."""
    return "".join(call[1]["what"] for call in CALLS)


def mapping(
    inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None
) -> str:
    """An ioMapping."""
    rows = "".join(
        f'<zeebe:input source="{source}" target="{target}"/>'
        for target, source in (inputs or {}).items()
    ) + "".join(
        f'<zeebe:output source="{source}" target="{target}"/>'
        for target, source in (outputs or {}).items()
    )
    return f"<zeebe:ioMapping>{rows}</zeebe:ioMapping>"


def node(kind: str, identifier: str, inner: str = "", **attributes: str) -> str:
    """Any other node."""
    rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{kind} id="{identifier}"{rest}>{inner}</bpmn:{kind}>'


def flow(source: str, target: str, condition: str | None = None, name: str | None = None) -> str:
    """A sequence flow, named after its ends."""
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{name or source + "-to-" + target}" sourceRef="{source}" '
        f'targetRef="{target}">{inner}</bpmn:sequenceFlow>'
    )


def line(*names: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(first, second) for first, second in itertools.pairwise(names))


def timer(text: str, kind: str = "timeDuration") -> str:
    """A timer event definition."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{text}'
        f"</bpmn:{kind}></bpmn:timerEventDefinition>"
    )


def boundary(identifier: str, host: str, what: str, interrupting: bool = True) -> str:
    """An event at the border of a step."""
    cancel = "true" if interrupting else "false"
    return (
        f'<bpmn:boundaryEvent id="{identifier}" attachedToRef="{host}" cancelActivity="{cancel}">'
        f"{what}</bpmn:boundaryEvent>"
    )


def chain(*steps: str, extra: str = "") -> bytes:
    """begun → steps … → ended, each step a user task unless written out in ``extra``."""
    written = "".join(user_task(step) for step in steps if f'id="{step}"' not in extra)
    ends = node("startEvent", "begun") + node("endEvent", "ended")
    return process(ends + written + extra + line("begun", *steps, "ended"))


class Bench:
    """Deploys, starts and drives processes on one database at a movable time."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now

    def deploy(self, *contents: bytes, **forms: bytes) -> actions.Deployed:
        """Deploy BPMN files and forms by key."""
        files = {f"processes/file-{n}.bpmn": content for n, content in enumerate(contents)}
        files |= {f"forms/{key.replace('_', '-')}.form.json": text for key, text in forms.items()}
        with self.database.writing() as session:
            return actions.deploy(session, SYSTEM, self.now, files)

    def start(self, key: str = "trial", business: str = "K1", **variables: Any) -> int:
        """Start an instance."""
        with self.database.writing() as session:
            return actions.start_instance(session, SYSTEM, self.now, key, business, variables)

    def tasks(self, business: str = "K1") -> list[str]:
        """Element ids of the open tasks, sorted."""
        with self.database.reading() as session:
            return sorted(row.element_id for row in queries.open_tasks_of(session, business))

    def task(self, element: str, business: str = "K1") -> Any:
        """The open task at an element."""
        with self.database.reading() as session:
            return next(
                row for row in queries.open_tasks_of(session, business) if row.element_id == element
            )

    def complete(
        self,
        element: str,
        values: Mapping[str, Any] | None = None,
        actor: Actor | None = None,
        business: str = "K1",
    ) -> None:
        """Complete the open task at an element, as its holder when nobody is named."""
        task = self.task(element, business)
        by = actor or Actor(task.assignee_no or "system", task.assignee_no)
        with self.database.writing() as session:
            actions.complete_task(session, by, self.now, task.id, task.revision, values or {})

    def rows(self, business: str = "K1") -> list[Any]:
        """The open tasks as rows, in the order in which they were opened."""
        with self.database.reading() as session:
            return sorted(queries.open_tasks_of(session, business), key=lambda row: row.id)

    def complete_row(self, number: int, business: str = "K1", **values: Any) -> None:
        """Complete the open task of that number in :meth:`rows`."""
        task = self.rows(business)[number]
        by = Actor(task.assignee_no or "system", task.assignee_no)
        with self.database.writing() as session:
            actions.complete_task(session, by, self.now, task.id, task.revision, values)

    def signal(self, name: str) -> None:
        """Broadcast a signal."""
        with self.database.writing() as session:
            actions.publish_signal(session, SYSTEM, self.now, name)

    def message(self, name: str, key: str = "K1", **payload: Any) -> None:
        """Publish a message."""
        with self.database.writing() as session:
            actions.publish_message(session, SYSTEM, self.now, name, key, payload or None)

    def advance(self, to: datetime) -> int:
        """Move the clock and fire what falls due, in order; how many timers fired."""
        fired = 0
        while True:
            with self.database.reading() as session:
                following = actions.next_due(session)
            if following is None or following > to:
                break
            self.now = max(self.now, following)
            with self.database.reading() as session:
                due = actions.due_timers(session, self.now, 10)
            for timer_id in due:
                with self.database.writing() as session:
                    fired += actions.fire_timer(session, self.now, timer_id)
        self.now = max(self.now, to)
        return fired

    def status(self, business: str = "K1") -> str:
        """The status of the latest instance."""
        with self.database.reading() as session:
            row = queries.instance_by_key(session, business)
            return "none" if row is None else str(row.status)

    def variables(self, business: str = "K1") -> dict[str, Any]:
        """The process variables."""
        with self.database.reading() as session:
            return queries.variables_of(session, business)
