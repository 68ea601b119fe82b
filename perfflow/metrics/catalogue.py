"""Parsed catalogue documents of a release, kept in memory by the release's content hash."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput, NotFound
from perfflow.metrics.rules import MetricDefinition, parse_metrics
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import CatalogueRelease

Parsed = TypeVar("Parsed")
Documents = Mapping[str, str]
KEPT = 64
_INFO = "perfflow.catalogue.hashes"
_parsed: OrderedDict[tuple[str, str], Any] = OrderedDict()


def release_hash(session: Session, release_number: int) -> str:
    """The content hash of a release; read once a session."""
    hashes: dict[int, str] = session.info.setdefault(_INFO, {})
    if release_number not in hashes:
        found = session.scalar(
            select(CatalogueRelease.content_hash).where(CatalogueRelease.number == release_number)
        )
        if found is None:
            raise NotFound("metrics.unknown_release", release=release_number)
        hashes[release_number] = found
    return hashes[release_number]


def remember_release(session: Session, release_number: int, content_hash: str) -> None:
    """Spare the session the statement of :func:`release_hash`: somebody read the hash already."""
    session.info.setdefault(_INFO, {})[release_number] = content_hash


def from_release(
    session: Session, release_number: int, name: str, parse: Callable[[Documents], Parsed]
) -> Parsed:
    """``parse(documents)`` of a release; the same content is parsed once a process."""
    key = (release_hash(session, release_number), name)
    if key not in _parsed:
        documents = workflow_queries.catalogue_documents(session, release_number)
        _parsed[key] = parse(documents)
        while len(_parsed) > KEPT:
            _parsed.popitem(last=False)
    found: Parsed = _parsed[key]
    return found


def documents_in(documents: Documents, folder: str) -> dict[str, str]:
    """The YAML documents of one folder of the catalogue, by path."""
    return {
        path: text
        for path, text in sorted(documents.items())
        if f"/{folder}/" in f"/{path}" and path.endswith((".yaml", ".yml"))
    }


def read_document(path: str, text: str) -> Any:
    """The content of a document; errors name its path."""
    try:
        return load_configuration(text)
    except BadInput as error:
        params = {key: value for key, value in error.params.items() if key != "path"}
        raise BadInput(error.code, field=path, path=path, **params) from error


def metrics_of(documents: Documents) -> dict[str, MetricDefinition]:
    """All metric definitions of a catalogue, by code; a code may stand in one file only."""
    found: dict[str, MetricDefinition] = {}
    for path, text in documents_in(documents, "metrics").items():
        for code, metric in parse_metrics(read_document(path, text), path).items():
            if code in found:
                raise BadInput("metrics.code_twice", field=path, code_=code)
            found[code] = metric
    return found
