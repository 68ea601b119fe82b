"""Recomputes every stored result from its inputs and verifies the chains of versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.kernel.errors import PerfFlowError
from perfflow.metrics.catalogue import release_hash
from perfflow.reviews.actions import replay
from perfflow.reviews.models import Result
from perfflow.reviews.replay import inputs_hash

Finding = dict[str, Any]
PAGE = 500


def check_results(session: Session) -> tuple[int, list[Finding]]:
    """How many results were checked, and what differs from what their inputs give."""
    count = 0
    findings: list[Finding] = []
    versions: dict[tuple[str, str], int] = {}
    for result in _pages(session):
        count += 1
        person = (result.cycle_code, result.employee_no)
        expected = versions.get(person, 0) + 1
        if result.version != expected:
            findings.append(_finding("result-version", result, expected, result.version))
        versions[person] = result.version
        findings += _differences(session, result)
    return count, findings


def _pages(session: Session) -> Iterator[Result]:
    """All results by person and version, a page at a time."""
    after = ("", "", 0)
    while True:
        rows = session.scalars(
            select(Result)
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
        if not rows:
            return
        yield from rows
        after = (rows[-1].cycle_code, rows[-1].employee_no, rows[-1].version)


def _differences(session: Session, result: Result) -> list[Finding]:
    findings: list[Finding] = []
    digest = inputs_hash(result.inputs)
    if digest != result.inputs_hash:
        findings.append(_finding("result-inputs", result, result.inputs_hash, digest))
    try:
        known = release_hash(session, result.release_number)
        if known != result.release_hash:
            findings.append(_finding("result-release", result, result.release_hash, known))
        outcome = replay(session, result)
    except (PerfFlowError, KeyError, TypeError, ValueError) as error:
        return [*findings, _finding("result-replay", result, "a result", repr(error))]
    stored = {
        "total": result.total_e2,
        "band": result.band,
        "clean_band": result.clean_band,
        "objective_total": result.objective_total_e2,
        "deduction": result.deduction_e2,
        "gate": result.gate,
        "band_cap": result.band_cap,
    }
    for name, value in outcome.facts.items():
        if stored[name] != value:
            findings.append(_finding(f"result-{name}", result, value, stored[name]))
    if outcome.explanation.to_dict() != result.explanation:
        findings.append(_finding("result-explanation", result, "the tree of the inputs", "another"))
    return findings


def _finding(kind: str, result: Result, expected: Any, got: Any) -> Finding:
    return {
        "kind": kind,
        "key": f"{result.cycle_code}/{result.employee_no}/{result.version}",
        "expected": None if expected is None else str(expected),
        "got": None if got is None else str(got),
    }
