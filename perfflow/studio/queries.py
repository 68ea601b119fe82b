"""Reads of the deployments page: drafts with their findings, versions, files of a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import func, Row, select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.goals.catalogue_gate import CatalogueFinding, check_catalogue, texts_of
from perfflow.i18n import Language, translate, word
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import NotFound, PerfFlowError
from perfflow.payouts.exposure import running_exposure
from perfflow.plans.queries import granted_overrides, overrides
from perfflow.reviews.inputs.rehearsal import formula_findings
from perfflow.studio.models import DeploymentDraft
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.engine import store
from perfflow.workflow.models import (
    Bundle,
    BundleFile,
    CatalogueRelease,
    Deployment,
    ProcessInstance,
    table_of,
)
from perfflow.workflow.picture import draw_file, process_name

CATALOGUE = "catalogue/"
SEVERITIES = ("error", "warning", "note")
MAX_SHOWN = 200
MAX_DRAWN = 8
file_table = table_of(BundleFile)
instance_table = table_of(ProcessInstance)


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One thing that is wrong, worded for the reader."""

    code: str
    severity: str
    path: str
    element: str | None
    line: int | None
    message: str
    remedy: str
    mark: str = ""
    """Of a finding of the plan linter that blocks: what an override would cover."""
    asked: str = ""
    """How a request for that override stands: requested, granted, declined, withdrawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A process file of a draft as a drawing with the marked elements."""

    path: str
    svg: Markup
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What the gate says about a draft."""

    changed: tuple[str, ...]
    findings: tuple[ShownFinding, ...]

    def count(self, severity: str) -> int:
        return sum(one.severity == severity for one in self.findings)

    @property
    def may_publish(self) -> bool:
        return bool(self.changed) and not self.count("error")

    @property
    def to_accept(self) -> tuple[str, ...]:
        """The warnings about what changes, by code and place: who publishes accepts them."""
        return tuple(
            f"{one.code} {one.element or one.path.rsplit('/', 1)[-1]}"
            for one in self.findings
            if one.severity == "warning"
            and one.path in self.changed
            and not one.path.startswith(CATALOGUE)
        )


def owner_of(actor: Actor) -> str:
    """Under which name a person's draft is kept."""
    return actor.employee_no or actor.name


def draft_files(session: Session, owner: str) -> dict[str, bytes]:
    """The files of a person's draft by path."""
    rows = session.scalars(
        select(DeploymentDraft).where(DeploymentDraft.owner == owner).order_by(DeploymentDraft.path)
    )
    return {row.path: bytes(row.content) for row in rows}


def draft_saved_at(session: Session, owner: str) -> datetime | None:
    """When the draft was last changed."""
    return session.scalar(
        select(DeploymentDraft.saved_at)
        .where(DeploymentDraft.owner == owner)
        .order_by(DeploymentDraft.saved_at.desc())
        .limit(1)
    )


def known_paths(session: Session) -> list[str]:
    """Every path of the running bundle and release."""
    found: list[str] = []
    for table in (Bundle, CatalogueRelease):
        files = session.scalar(select(table.files).order_by(table.number.desc()).limit(1))
        found += sorted(files or {})
    return found


def running_files(session: Session) -> dict[str, bytes]:
    """Processes, decisions, scenarios and forms as new instances run them."""
    files = session.scalar(select(Bundle.files).order_by(Bundle.number.desc()).limit(1)) or {}
    return store.read_files(session, files)


def process_names(session: Session, language: Language) -> dict[str, str]:
    """The names of the running processes by key."""
    try:
        number = workflow_queries.current_bundle(session)
    except NotFound:
        return {}
    bundle = workflow_queries.bundle_of(session, number)
    return {key: process_name(one, language) for key, one in bundle.processes.items()}


def checked(
    session: Session,
    actor: Actor,
    now: datetime,
    files: Mapping[str, bytes],
    language: Language,
) -> Checked:
    """The findings about a draft together with everything that runs; nothing is stored."""
    findings: list[ShownFinding] = []
    changed: tuple[str, ...] = ()
    try:
        result = workflow_actions.deploy(session, actor, now, files, dry_run=True)
        changed = result.changed
        findings += [
            ShownFinding(
                one.code,
                one.severity,
                one.path,
                one.element,
                one.line,
                one.message(language),
                one.remedy(language),
            )
            for one in result.findings
        ]
    except PerfFlowError as error:
        place = error.field if error.field in files else next(iter(files), "")
        findings.append(_of_error(error, place or "", language))
    findings += _of_catalogue(session, now, files, language)
    order = {name: number for number, name in enumerate(SEVERITIES)}
    # What the draft brings comes before what was there already.
    findings.sort(key=lambda one: (one.path not in files, order.get(one.severity, 9), one.path))
    return Checked(changed, tuple(findings[:MAX_SHOWN]))


def _of_error(error: PerfFlowError, path: str, language: Language) -> ShownFinding:
    remedy = translate("studio.remedy_file", {}, language)
    return ShownFinding("CT-000", "error", path, None, None, word(error, language), remedy)


def _of_catalogue(
    session: Session, now: datetime, files: Mapping[str, bytes], language: Language
) -> list[ShownFinding]:
    """The rooms' own checks of the whole catalogue, when the draft touches it."""
    remedy = translate("studio.remedy_file", {}, language)
    override = translate("studio.remedy_override", {}, language)
    asked = {row.mark: row.status for row in reversed(overrides(session))}
    return [
        ShownFinding(
            one.code,
            one.severity,
            one.path,
            one.place,
            None,
            translate(one.message, dict(one.params), language),
            "" if one.severity == "note" else override if mark else remedy,
            mark,
            asked.get(mark, ""),
        )
        for one in catalogue_findings(session, now, files)
        for mark in [_mark(one)]
    ]


def _mark(one: CatalogueFinding) -> str:
    return one.judged.finding.mark if one.judged is not None and one.judged.blocks else ""


def catalogue_findings(
    session: Session, now: datetime, files: Mapping[str, bytes]
) -> list[CatalogueFinding]:
    """What the rooms say about the running catalogue with the draft's files in it."""
    mine = {path: content for path, content in files.items() if path.startswith(CATALOGUE)}
    if not mine:
        return []
    try:
        release = workflow_queries.current_release(session)
        running = workflow_queries.catalogue_documents(session, release)
    except NotFound:
        running = {}
    whole = {path: text.encode() for path, text in running.items()} | mine
    found = check_catalogue(
        whole, granted_overrides(session), local_date(now), running_exposure(session)
    )
    return found + formula_findings(session, texts_of(whole))


def drawings(files: Mapping[str, bytes], found: Checked, language: Language) -> list[Drawn]:
    """The process files of a draft, those with findings first."""
    marked: dict[str, set[str]] = {}
    for one in found.findings:
        if one.element:
            marked.setdefault(one.path, set()).add(one.element)
    paths = [path for path in files if path.endswith(".bpmn")]
    paths.sort(key=lambda path: (path not in marked, path))
    shown: list[Drawn] = []
    for path in paths[:MAX_DRAWN]:
        try:
            svg = draw_file(files[path], language, marked.get(path, ()), title=path)
        except (ArithmeticError, ValueError):
            # Coordinates that are no numbers: the findings stand without a drawing.
            continue
        if "pf-node" in svg:
            # Several drawings on one page need several names for their arrow heads.
            name = f"pf-arrow-{len(shown)}"
            svg = svg.replace("#pf-arrow)", f"#{name})").replace('id="pf-arrow"', f'id="{name}"')
            shown.append(Drawn(path, Markup(svg), path in marked))
    return shown


def running_counts(session: Session) -> dict[str, int]:
    """How many instances of each process run."""
    rows = session.execute(
        select(instance_table.c.definition_key, func.count())
        .where(instance_table.c.status.in_(("active", "incident")))
        .group_by(instance_table.c.definition_key)
    )
    return {row[0]: int(row[1]) for row in rows}


def deployment(session: Session, deployment_id: int) -> Row[Any]:
    """One row of the list of versions; unknown ones are ``NotFound``."""
    table = table_of(Deployment)
    row = session.execute(select(table).where(table.c.id == deployment_id)).one_or_none()
    if row is None:
        raise NotFound("studio.no_version")
    return row


def files_of(session: Session, row: Row[Any]) -> list[tuple[str, int, str]]:
    """(kind, number, path) of every file that was valid after a deployment."""
    found: list[tuple[str, int, str]] = []
    for kind, table, number in (
        ("bundle", Bundle, row.bundle_number),
        ("release", CatalogueRelease, row.release_number),
    ):
        files = session.scalar(select(table.files).where(table.number == number)) or {}
        found += [(kind, number, path) for path in sorted(files)]
    return found


def stored_file(session: Session, kind: str, number: int, path: str) -> bytes:
    """The bytes of a file as a version has them; what there is not is ``NotFound``."""
    files: dict[str, str] | None = None
    if kind == "bundle":
        files = session.scalar(select(Bundle.files).where(Bundle.number == number))
    elif kind == "release":
        release = CatalogueRelease
        files = session.scalar(select(release.files).where(release.number == number))
    content_hash = (files or {}).get(path)
    if content_hash is None:
        raise NotFound("studio.no_file", path=path[:100])
    content = session.scalar(
        select(file_table.c.content).where(file_table.c.content_hash == content_hash)
    )
    if content is None:
        raise NotFound("studio.no_file", path=path[:100])
    return bytes(content)


def require_process(bundle: CompiledBundle, key: str) -> None:
    """A key that the bundle does not know is ``NotFound``."""
    if key not in bundle.processes:
        raise NotFound("studio.no_process", key=key[:64])
