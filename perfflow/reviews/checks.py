"""Recomputes every stored result from its inputs and verifies the chains of versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.kernel.errors import PerfFlowError
from perfflow.metrics.catalogue import release_hash
from perfflow.reviews.actions import replay
from perfflow.reviews.models import Result
from perfflow.reviews.replay import inputs_hash

Finding = dict[str, Any]
Key = tuple[str, str, int]
PAGE = 500


def check_results(session: Session) -> tuple[int, list[Finding]]:
    """How many results were checked, and what differs from what their inputs give."""
    count = 0
    findings: list[Finding] = []
    versions: dict[tuple[str, str], int] = {}
    for key, result in _pages(session):
        count += 1
        expected = versions.get(key[:2], 0) + 1
        if key[2] != expected:
            findings.append(_finding("result-version", key, expected, key[2]))
        versions[key[:2]] = key[2]
        if result is None:
            findings.append(_finding("result-unreadable", key, "readable JSON", "broken text"))
        else:
            findings += _differences(session, key, result)
    return count, findings


def _pages(session: Session) -> Iterator[tuple[Key, Result | None]]:
    """All results by person and version, a page at a time; None where a text is broken."""
    after = ("", "", 0)
    while True:
        keys = session.execute(
            select(Result.cycle_code, Result.employee_no, Result.version, Result.id)
            .where(
                (Result.cycle_code > after[0])
                | ((Result.cycle_code == after[0]) & (Result.employee_no > after[1]))
                | (
                    (Result.cycle_code == after[0])
                    & (Result.employee_no == after[1])
                    & (Result.version > after[2])
                )
            )
            .order_by(Result.cycle_code, Result.employee_no, Result.version)
            .limit(PAGE)
        ).all()
        if not keys:
            return
        rows = _rows(session, [key.id for key in keys])
        for key in keys:
            yield (key.cycle_code, key.employee_no, key.version), rows.get(key.id)
        after = (keys[-1].cycle_code, keys[-1].employee_no, keys[-1].version)


def _rows(session: Session, ids: Sequence[int]) -> dict[int, Result]:
    """The rows of a page; where one of them is broken, each for itself."""
    try:
        return {row.id: row for row in session.scalars(select(Result).where(Result.id.in_(ids)))}
    except ValueError:
        if len(ids) == 1:
            return {}
        return {row_id: row for one in ids for row_id, row in _rows(session, [one]).items()}


def _differences(session: Session, key: Key, result: Result) -> list[Finding]:
    findings: list[Finding] = []
    digest = inputs_hash(result.inputs)
    if digest != result.inputs_hash:
        findings.append(_finding("result-inputs", key, result.inputs_hash, digest))
    try:
        known = release_hash(session, result.release_number)
        if known != result.release_hash:
            findings.append(_finding("result-release", key, result.release_hash, known))
        outcome = replay(session, result)
    except (PerfFlowError, KeyError, TypeError, ValueError) as error:
        return [*findings, _finding("result-replay", key, "a result", repr(error))]
    stored = {
        "total": result.total_e2,
        "clean_total": result.clean_total_e2,
        "dimensions": result.dimensions,
        "band": result.band,
        "clean_band": result.clean_band,
        "objective_total": result.objective_total_e2,
        "deduction": result.deduction_e2,
        "gate": result.gate,
        "band_cap": result.band_cap,
    }
    for name, value in outcome.facts.items():
        if stored[name] != value:
            findings.append(_finding(f"result-{name}", key, value, stored[name]))
    if outcome.explanation.to_dict() != result.explanation:
        findings.append(_finding("result-explanation", key, "the tree of the inputs", "another"))
    return findings


def _finding(kind: str, key: Key, expected: Any, got: Any) -> Finding:
    return {
        "kind": kind,
        "key": "/".join(map(str, key)),
        "expected": None if expected is None else str(expected),
        "got": None if got is None else str(got),
    }
