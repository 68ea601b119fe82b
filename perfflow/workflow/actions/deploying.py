"""Deploying files: a new bundle or release when something changed, else the ones there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import load_calendars, parse_calendars
from perfflow.db.types import json_text
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import BadInput, RuleViolation
from perfflow.workflow.actions.beginning import arm_starts
from perfflow.workflow.definitions.bundle import compile_bundle, CompiledBundle
from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.limited import check_limited
from perfflow.workflow.engine import store
from perfflow.workflow.models import Bundle, CatalogueRelease, Deployment, ProcessVersion, table_of
from perfflow.workflow.ports import directory

bundle_table = table_of(Bundle)
release_table = table_of(CatalogueRelease)
version_table = table_of(ProcessVersion)
BUNDLE_FOLDERS = ("processes/", "forms/")
CALENDARS = "catalogue/calendars/"
SUFFIXES = {
    "processes/": (".bpmn", ".dmn", ".scenarios.json"),
    "forms/": (".form.json",),
    "catalogue/": (".yaml", ".yml", ".dmn", ".json"),
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment came to; ``changed`` are the paths that were new or different."""

    bundle_number: int
    release_number: int
    findings: tuple[Finding, ...]
    changed: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]


class RefusedDeployment(RuleViolation):
    """Files with errors are not deployed; the findings say what is wrong."""

    def __init__(self, findings: list[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        super().__init__("workflow.deployment_refused", count=len(errors))
        self.findings = findings


def deploy(
    session: Session,
    actor: Actor,
    now: datetime,
    files: Mapping[str, bytes],
    dry_run: bool = False,
    accepted: Sequence[str] = (),
) -> Deployed:
    """Take files over the latest bundle and release; the same content again changes nothing.

    With errors nothing is stored: :class:`RefusedDeployment`, or with ``dry_run`` the findings.
    """
    _check_paths(files)
    old_bundle = _latest(session, bundle_table)
    old_release = _latest(session, release_table)
    process_files = {p: c for p, c in files.items() if p.startswith(BUNDLE_FOLDERS)}
    catalogue_files = {p: c for p, c in files.items() if p not in process_files}
    bundle_hashes = old_bundle[1] | {p: _file_hash(c) for p, c in process_files.items()}
    release_hashes = old_release[1] | {p: _file_hash(c) for p, c in catalogue_files.items()}
    kept = {p: h for p, h in old_bundle[1].items() if p not in process_files}
    whole = store.read_files(session, kept) | process_files
    findings = check_limited(whole, directory().known_group)
    parse_calendars({p: c for p, c in catalogue_files.items() if p.startswith(CALENDARS)})
    changed = sorted(
        path
        for hashes, old in ((bundle_hashes, old_bundle[1]), (release_hashes, old_release[1]))
        for path, content_hash in hashes.items()
        if old.get(path) != content_hash
    )
    if dry_run:
        return Deployed(old_bundle[0], old_release[0], tuple(findings), tuple(changed))
    if any(finding.severity == "error" for finding in findings):
        raise RefusedDeployment(findings)
    bundle_number, release_number = old_bundle[0], old_release[0]
    if bundle_hashes != old_bundle[1] or bundle_number == 0:
        bundle_number += 1
        _write_files(session, process_files)
        _write_set(session, actor, now, bundle_table, bundle_number, bundle_hashes, findings)
        compiled = compile_bundle(whole)
        _write_versions(session, bundle_number, compiled)
        arm_starts(session, now, compiled)
    if release_hashes != old_release[1] or release_number == 0:
        release_number += 1
        _write_files(session, catalogue_files)
        _write_set(session, actor, now, release_table, release_number, release_hashes, None)
        calendars = {p: h for p, h in release_hashes.items() if p.startswith(CALENDARS)}
        if not calendars.keys().isdisjoint(changed):
            load_calendars(session, actor, now, store.read_files(session, calendars))
    if changed:
        _log(session, actor, now, bundle_number, release_number, changed, accepted)
    return Deployed(bundle_number, release_number, tuple(findings), tuple(changed))


def _check_paths(files: Mapping[str, bytes]) -> None:
    for path in files:
        folder = next((name for name in SUFFIXES if path.startswith(name)), None)
        if folder is None or ".." in path.split("/") or not path.endswith(SUFFIXES[folder]):
            raise BadInput("workflow.not_deployable", path=path)


def _latest(session: Session, table: object) -> tuple[int, dict[str, str]]:
    columns = table.c  # type: ignore[attr-defined]
    row = session.execute(
        select(columns.number, columns.files).order_by(columns.number.desc()).limit(1)
    ).one_or_none()
    return (0, {}) if row is None else (row.number, dict(row.files))


def _file_hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def _write_files(session: Session, files: Mapping[str, bytes]) -> None:
    rows = {_file_hash(content): content for content in files.values()}
    for content_hash, content in sorted(rows.items()):
        store.insert_once(
            session, store.file_table, {"content_hash": content_hash, "content": content}
        )


def _write_set(
    session: Session,
    actor: Actor,
    now: datetime,
    table: object,
    number: int,
    hashes: Mapping[str, str],
    findings: list[Finding] | None,
) -> None:
    values: dict[str, object] = {
        "number": number,
        # The number is part of it: going back to older files is a new bundle, not the old one.
        "content_hash": blake2b(
            json_text([number, dict(hashes)]).encode(), digest_size=32
        ).hexdigest(),
        "files": dict(hashes),
        "deployed_by": actor.employee_no or actor.name,
        "deployed_at": now,
    }
    if findings is not None:
        values["findings"] = [finding.as_data() for finding in findings]
    session.execute(insert(table), [values])  # type: ignore[arg-type]


def _write_versions(session: Session, number: int, bundle: CompiledBundle) -> None:
    """A process gets the next version when its own file changed, else keeps the last one's."""
    known = {
        row.definition_key: row
        for row in session.execute(
            select(version_table.c.definition_key, version_table.c.version, bundle_table.c.files)
            .join(bundle_table, bundle_table.c.number == version_table.c.bundle_number)
            .where(version_table.c.bundle_number == number - 1)
        )
    }
    highest: dict[str, int] = {
        row.definition_key: row.version
        for row in session.execute(
            select(
                version_table.c.definition_key,
                func.max(version_table.c.version).label("version"),
            ).group_by(version_table.c.definition_key)
        )
    }
    rows = []
    for key, process in sorted(bundle.processes.items()):
        before = known.get(key)
        same = before is not None and before.files.get(process.path) == _file_hash(
            bundle.files[process.path]
        )
        rows.append(
            {
                "bundle_number": number,
                "definition_key": key,
                "name_zh": process.name_zh,
                "name_en": process.name_en,
                "path": process.path,
                "version": before.version if same and before else highest.get(key, 0) + 1,
            }
        )
    if rows:
        session.execute(insert(version_table), rows)


def _log(
    session: Session,
    actor: Actor,
    now: datetime,
    bundle_number: int,
    release_number: int,
    changed: list[str],
    accepted: Sequence[str],
) -> None:
    session.execute(
        insert(table_of(Deployment)),
        [
            {
                "bundle_number": bundle_number,
                "release_number": release_number,
                "changed": changed,
                "deployed_by": actor.employee_no or actor.name,
                "deployed_at": now,
            }
        ],
    )
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_BUNDLE_DEPLOYED,
        f"bundle/{bundle_number}",
        release=release_number,
        changed=changed,
        **({"accepted": list(accepted)} if accepted else {}),
    )
