"""What the pages about running instances show; no values of variables, no forms, no pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row
from sqlalchemy.orm import Session

from perfflow.i18n import Language
from perfflow.kernel.errors import NotFound
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no
from perfflow.workflow import queries
from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.picture import picture, process_name
from perfflow.workflow.queries import Waiting

MOST_INSTANCES = 50
MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class WaitingPoint:
    """Where a token rests, and where it could be put."""

    waiting: Waiting
    name: str
    task: Row[Any] | None
    due_at: Any
    targets: Sequence[tuple[str, str]]  # element id, name

    @property
    def code(self) -> str:
        """One text for the form: kind, slot and key."""
        return f"{self.waiting.kind} {self.waiting.slot} {self.waiting.key}"


@dataclass(frozen=True, slots=True)
class InstancePage:
    """One instance: drawing, waiting points, log, incidents."""

    row: Row[Any]
    name: str
    process: Process
    svg: Markup
    points: Sequence[WaitingPoint]
    entries: Sequence[Row[Any]]
    first_rewindable: int
    incidents: Sequence[Row[Any]]
    people: Mapping[str, Employee]
    newest_bundle: int


def instance_page(session: Session, instance_id: int, language: Language) -> InstancePage:
    """The page of an instance; an unknown one is ``NotFound``."""
    row = queries.instance_by_id(session, instance_id)
    if row is None:
        raise NotFound("workflow.no_instance", instance=instance_id)
    bundle = queries.bundle_of(session, row.bundle_number)
    process = bundle.processes[row.definition_key]
    waits = queries.waiting_points(session, row)
    entries = queries.event_log(session, row.id)
    points = [_point(session, row, bundle, wait, language) for wait in waits]
    here = {wait.element.id for wait in waits if wait.element.process_key == process.key}
    # A token inside a called process or a sub-process stands for the activity that holds it.
    here |= {part.strip("()").partition("#")[0] for w in waits for part in w.scope.split("/")}
    passed = {key.rpartition("/")[2] for entry in entries for key in entry.path or ()}
    voices = {entry.actor for entry in entries} | {
        point.task.assignee_no or "" for point in points if point.task is not None
    }
    return InstancePage(
        row=row,
        name=process_name(process, language),
        process=process,
        svg=Markup(picture(bundle, process.key, language, done=passed - here, current=here)),
        points=points,
        entries=entries[-MOST_ENTRIES:],
        first_rewindable=_first_rewindable(entries),
        incidents=queries.incidents(session, row.id),
        people=employees_by_no(session, voices),
        newest_bundle=queries.current_bundle(session),
    )


def _first_rewindable(entries: Sequence[Row[Any]]) -> int:
    """Entries before the last migration are of another version."""
    moved = [entry.position for entry in entries if entry.operation in ("migrate", "unmigrate")]
    return moved[-1] if moved else 0


def _point(
    session: Session, row: Row[Any], bundle: CompiledBundle, wait: Waiting, language: Language
) -> WaitingPoint:
    element = wait.element
    task = next(
        (
            one
            for one in queries.open_tasks_of(session, row.business_key)
            if (one.instance_id, one.element_key, one.slot) == (row.id, wait.key, wait.slot)
        ),
        None,
    )
    targets: list[tuple[str, str]] = []
    if element.kind != "boundaryEvent":
        targets = [
            (one.id, labelled(one, language)) for one in queries.targets_of(session, row, element)
        ]
    due_at = task.due_at if task is not None else queries.timer_due(session, row.id, wait)
    return WaitingPoint(wait, labelled(element, language), task, due_at, targets)


def labelled(element: Element, language: Language) -> str:
    """An element's name, or its id when it has none."""
    return element.name(language) or element.original_id


def names_of(bundle: CompiledBundle, language: Language) -> dict[str, str]:
    """Names of all elements of a bundle by id, for logs and plans."""
    return {
        element.id: labelled(element, language)
        for process in bundle.processes.values()
        for element in process.elements.values()
    }


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """Two versions of a definition side by side, and where running instances would go."""

    key: str
    name: str
    old_number: int
    new_number: int
    old_svg: Markup
    new_svg: Markup
    changes: Sequence[Any]
    plan: Any
    stuck_elements: Sequence[Element]
    targets: Sequence[Element]
    runs: Sequence[Row[Any]]
    bundles: Sequence[int]
    names: Mapping[str, str]
    people: Mapping[str, Employee]


def versions_page(
    session: Session,
    key: str,
    old_number: int | None,
    new_number: int | None,
    mapping: Mapping[str, str],
    language: Language,
) -> VersionsPage:
    """The comparison; without numbers the newest bundle and the one that most instances run on."""
    new_number = new_number or queries.current_bundle(session)
    new_bundle = queries.bundle_of(session, new_number)
    if key not in new_bundle.processes:
        raise NotFound("workflow.no_definition", definition=key, bundle=new_number)
    plan = queries.migration_plan(session, key, new_number, mapping)
    running = sorted({one.bundle_number for one in plan.standings})
    bundles = queries.bundles_with(session, key)
    if old_number is None:
        earlier = [number for number in bundles if number < new_number]
        old_number = running[-1] if running else (earlier or [new_number])[-1]
    old_bundle = queries.bundle_of(session, old_number)
    if key not in old_bundle.processes:
        raise NotFound("workflow.no_definition", definition=key, bundle=old_number)
    old, new = old_bundle.processes[key], new_bundle.processes[key]
    changes = queries.version_changes(old, new)
    names = names_of(old_bundle, language) | names_of(new_bundle, language)
    lost = {element for element, _ in plan.lost} | set(mapping)
    runs = queries.migration_runs(session, key)
    return VersionsPage(
        key=key,
        name=process_name(new, language),
        old_number=old_number,
        new_number=new_number,
        old_svg=_drawing(old_bundle, key, language, changes, ("removed", "changed"), "old"),
        new_svg=_drawing(new_bundle, key, language, changes, ("added", "changed"), "new"),
        changes=changes,
        plan=plan,
        stuck_elements=[old.elements[one] for one in sorted(lost) if one in old.elements],
        targets=queries.resting_elements(new),
        runs=runs,
        bundles=bundles,
        names=names,
        people=employees_by_no(session, {run.migrated_by for run in runs}),
    )


def _drawing(
    bundle: CompiledBundle,
    key: str,
    language: Language,
    changes: Sequence[Any],
    kinds: tuple[str, ...],
    name: str,
) -> Markup:
    marked = {one.element.id for one in changes if one.kind in kinds}
    svg = picture(bundle, key, language, highlight=marked)
    # Two drawings on one page need two names for their arrow heads.
    svg = svg.replace("#pf-arrow)", f"#pf-arrow-{name})").replace(
        'id="pf-arrow"', f'id="pf-arrow-{name}"'
    )
    return Markup(svg)
