"""Drafts: what is well-formed but not deployable is kept and shown, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from perfflow.i18n import Language
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import NotFound
from perfflow.studio import actions, queries
from perfflow.studio.models import DeploymentDraft
from perfflow.studio.queries import Checked, ShownFinding
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    writing,
)
from perfflow.workflow.definitions.findings import Finding, Findings
from perfflow.workflow.definitions.limited import check_limited
from perfflow.workflow.definitions.status import Status, status_of
from perfflow.workflow.definitions.xml_gate import read_xml
from perfflow.workflow.ports import directory

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")
CHECKED = ("processes/", "forms/")
MINE, KEPT = "mine", "kept"


@dataclass(frozen=True, slots=True)
class ElementReport:
    """What is to be done about one element, and where it stands in the file."""

    element: str
    name: str
    findings: tuple[ShownFinding, ...]

    @property
    def is_wrong(self) -> bool:
        return any(one.severity == "error" for one in self.findings)


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A file that the command line wanted to deploy and could not."""

    path: str
    saved_at: datetime
    status: Status
    errors: int


def status_in(checked: Checked, path: str) -> Status:
    """Accepted, draft or refused, by what was found about the file."""
    return status_of(one for one in checked.findings if one.path == path)


def refused_among(files: Mapping[str, bytes], language: Language) -> list[ShownFinding]:
    """The errors of the files that are hostile, over the limits or not what they say."""
    found: list[ShownFinding] = []
    for path, content in sorted(files.items()):
        if path.startswith(CHECKED):
            findings = check_limited({path: content}, directory().known_group)
            if status_of(findings) == "refused":
                found += [_shown(one, language) for one in findings if one.severity == "error"]
    return found


def _shown(one: Finding, language: Language) -> ShownFinding:
    return ShownFinding(
        one.code, one.severity, one.path, one.element, one.line,
        one.message(language), one.remedy(language),
    )  # fmt: skip


def keep_from_command_line(
    session: Session, time: datetime, files: Mapping[str, bytes], findings: list[Finding]
) -> list[str]:
    """Keep the drafts among files that were not deployed; their paths."""
    kept = {
        path: content
        for path, content in files.items()
        if path.startswith(CHECKED)
        and status_of(one for one in findings if one.path == path) == "draft"
    }
    if kept:
        actions.keep_draft(session, SYSTEM, time, kept)
    return sorted(kept)


def forget_deployed(session: Session, files: Mapping[str, bytes]) -> None:
    """What has been deployed is no draft any more."""
    session.execute(
        delete(DeploymentDraft).where(
            DeploymentDraft.owner == queries.owner_of(SYSTEM),
            DeploymentDraft.path.in_(sorted(files)),
        )
    )


def kept_drafts(session: Session, time: datetime, language: Language) -> list[KeptDraft]:
    """The drafts of the command line with what is wrong with them now."""
    rows = session.execute(
        select(DeploymentDraft.path, DeploymentDraft.saved_at)
        .where(DeploymentDraft.owner == queries.owner_of(SYSTEM))
        .order_by(DeploymentDraft.path)
    ).all()
    if not rows:
        return []
    files = queries.draft_files(session, queries.owner_of(SYSTEM))
    checked = queries.checked(session, SYSTEM, time, files, language)
    return [
        KeptDraft(
            row.path,
            row.saved_at,
            status_in(checked, row.path),
            sum(one.severity == "error" and one.path == row.path for one in checked.findings),
        )
        for row in rows
    ]


def reports(content: bytes, findings: list[ShownFinding]) -> list[ElementReport]:
    """The findings of one file by element, in the order of the file; the file itself first."""
    names = _names(content)
    places = {element: place for place, element in enumerate(names)}
    grouped: dict[str, list[ShownFinding]] = {}
    for one in sorted(findings, key=lambda one: places.get(one.element or "", -1)):
        grouped.setdefault(one.element or "", []).append(one)
    return [
        ElementReport(element, names.get(element, ""), tuple(found))
        for element, found in grouped.items()
    ]


def _names(content: bytes) -> dict[str, str]:
    """Id → name of all elements, in the order of the file."""
    root = read_xml(content, Findings(""), root_namespace=None)
    if root is None:
        return {}
    return {
        node.get("id"): " ".join((node.get("name") or "").split())
        for node in root.iter("{*}*")
        if node.get("id")
    }


@blueprint.get("/<whose>/<path:path>")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def show(whose: str, path: str) -> str:
    """One file of a draft: its drawing and, element by element, what is missing."""
    session, language = reading(), current_language()
    owner = _owner(whose)
    files = queries.draft_files(session, owner)
    if path not in files:
        raise NotFound("studio.no_file", path=path[:100])
    checked = queries.checked(session, current_actor(), now(), files, language)
    findings = [one for one in checked.findings if one.path == path]
    drawn = queries.drawings({path: files[path]}, checked, language)
    return render(
        "studio/draft.html",
        path=path,
        whose=whose,
        status=status_in(checked, path),
        reports=reports(files[path], findings),
        svg=drawn[0].svg if drawn else Markup(""),
        counts={one: sum(f.severity == one for f in findings) for one in queries.SEVERITIES},
    )


@blueprint.post("/take")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def take() -> Response:
    """Go on with a draft of the command line in the own draft."""
    path = request.form.get("path", "")
    with writing() as session:
        files = queries.draft_files(session, queries.owner_of(SYSTEM))
        if path not in files:
            raise NotFound("studio.no_file", path=path[:100])
        actions.keep_draft(session, current_actor(), now(), {path: files[path]})
        _drop(session, path)
    toast("studio.draft_taken")
    return redirect(url_for("studio.deployments") + "#draft", 303)


@blueprint.post("/drop")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def drop() -> Response:
    """Throw a draft of the command line away."""
    with writing() as session:
        _drop(session, request.form.get("path", ""))
    toast("studio.file_dropped")
    return redirect(url_for("studio.deployments"), 303)


def _drop(session: Session, path: str) -> None:
    session.execute(
        delete(DeploymentDraft).where(
            DeploymentDraft.owner == queries.owner_of(SYSTEM), DeploymentDraft.path == path
        )
    )


def _owner(whose: str) -> str:
    if whose == MINE:
        return queries.owner_of(current_actor())
    if whose == KEPT:
        return queries.owner_of(SYSTEM)
    raise NotFound("studio.no_file", path=whose[:100])
