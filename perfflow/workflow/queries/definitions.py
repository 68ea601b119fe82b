"""Reads of bundles, releases, process versions and deployments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, Row, select
from sqlalchemy.orm import Session

from perfflow.kernel.errors import NotFound
from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.engine import store
from perfflow.workflow.models import Bundle, CatalogueRelease, Deployment, ProcessVersion, table_of

release_table = table_of(CatalogueRelease)


def current_bundle(session: Session) -> int:
    """The number of the latest bundle."""
    number = session.execute(select(func.max(Bundle.number))).scalar_one()
    if number is None:
        raise NotFound("workflow.nothing_deployed")
    return int(number)


def current_release(session: Session) -> int:
    """The number of the latest catalogue release."""
    number = session.execute(select(func.max(CatalogueRelease.number))).scalar_one()
    if number is None:
        raise NotFound("workflow.nothing_deployed")
    return int(number)


def bundle_of(session: Session, number: int) -> CompiledBundle:
    """The compiled processes and forms of a bundle; kept in memory, shared, never changed."""
    return store.bundle(session, number)


def catalogue_documents(session: Session, release_number: int) -> Mapping[str, str]:
    """Path → text of every document of a release."""
    files = session.execute(
        select(release_table.c.files).where(release_table.c.number == release_number)
    ).scalar_one_or_none()
    if files is None:
        raise NotFound("workflow.no_release", number=release_number)
    return {path: text.decode("utf-8") for path, text in store.read_files(session, files).items()}


def process_versions(session: Session, bundle_number: int) -> list[Row[Any]]:
    """The process definitions of a bundle."""
    table = table_of(ProcessVersion)
    return list(
        session.execute(
            select(table)
            .where(table.c.bundle_number == bundle_number)
            .order_by(table.c.definition_key)
        )
    )


def bundle_findings(session: Session, bundle_number: int) -> list[Finding]:
    """What the gate said when the bundle was deployed (warnings and notes)."""
    rows = session.execute(
        select(Bundle.findings).where(Bundle.number == bundle_number)
    ).scalar_one_or_none()
    return [Finding.from_data(data) for data in rows or []]


def deployments(session: Session, limit: int = 50) -> list[Row[Any]]:
    """Who published what and when, the latest first."""
    table = table_of(Deployment)
    return list(session.execute(select(table).order_by(table.c.id.desc()).limit(limit)))
