"""Writes of the deployments page: keeping a draft, taking a file out, publishing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.plans.actions import request_override
from perfflow.studio import queries
from perfflow.studio.models import DeploymentDraft
from perfflow.studio.rules import fingerprint, require_moderate
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.actions import Deployed


def keep_draft(session: Session, actor: Actor, now: datetime, files: Mapping[str, bytes]) -> None:
    """Add files to the person's draft; a file of the same path is replaced."""
    _require_admin(actor)
    owner = queries.owner_of(actor)
    require_moderate({**queries.draft_files(session, owner), **files})
    for path, content in sorted(files.items()):
        row = session.get(DeploymentDraft, (owner, path))
        if row is None:
            row = DeploymentDraft(owner=owner, path=path)
            session.add(row)
        row.content, row.saved_at = content, now
    session.flush()


def drop_draft(session: Session, actor: Actor, path: str | None = None) -> None:
    """Take one file out of the person's draft, or all of them."""
    _require_admin(actor)
    statement = delete(DeploymentDraft).where(DeploymentDraft.owner == queries.owner_of(actor))
    if path is not None:
        statement = statement.where(DeploymentDraft.path == path)
    session.execute(statement)


def publish_draft(
    session: Session, actor: Actor, now: datetime, looked_at: str, accepts: bool = False
) -> Deployed:
    """Publish exactly the files that were looked at; with errors nothing is stored.

    Who publishes files with warnings accepts each of them by name; the record says so.
    """
    _require_admin(actor)
    files = queries.draft_files(session, queries.owner_of(actor))
    if not files:
        raise RuleViolation("studio.nothing_to_publish")
    if fingerprint(files) != looked_at:
        raise Conflict("studio.draft_changed")
    found = queries.checked(session, actor, now, files, "en")
    if found.count("error"):
        raise RuleViolation("studio.has_errors", count=found.count("error"))
    if not found.changed:
        raise RuleViolation("studio.nothing_changed")
    if found.to_accept and not accepts:
        raise RuleViolation("studio.accept_warnings", count=len(found.to_accept))
    deployed = workflow_actions.deploy(session, actor, now, files, accepted=found.to_accept)
    drop_draft(session, actor)
    return deployed


def ask_override(session: Session, actor: Actor, now: datetime, mark: str, wish: str) -> None:
    """Ask compliance to let a finding about the own draft, or about what runs, pass."""
    _require_admin(actor)
    files = queries.draft_files(session, queries.owner_of(actor))
    for one in queries.catalogue_findings(session, now, files):
        if one.judged is not None and one.judged.blocks and one.judged.finding.mark == mark:
            request_override(session, actor, now, one.judged.finding, wish)
            return
    raise RuleViolation("plans.not_blocking")


def _require_admin(actor: Actor) -> None:
    if not actor.is_system and not actor.has(Role.PROCESS_ADMIN):
        raise NotAllowed("studio.for_admins")
