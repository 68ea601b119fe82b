"""What the page of outdated results shows: which source changed, and what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.i18n import formats, translate
from perfflow.i18n.languages import Language
from perfflow.metrics.queries import metric_catalogue
from perfflow.metrics.rules import MetricDefinition
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no
from perfflow.reviews.inputs.outdated import Outdated, outdated_results
from perfflow.reviews.presentation import wording
from perfflow.reviews.rules import PersonInputs


@dataclass(frozen=True, slots=True)
class Correction:
    """One person: the changed sources as (name, old, new), and the result before and after."""

    employee: Employee
    version: int
    changes: tuple[tuple[str, str, str], ...]
    total_before: str
    total_after: str
    band_before: str
    band_after: str
    is_paid: bool


def corrections(session: Session, cycle: Cycle, language: Language) -> list[Correction]:
    """The results of a cycle that their sources would compute otherwise today."""
    found = outdated_results(session, cycle.code)
    people = employees_by_no(session, {one.result.employee_no for one in found})
    metrics = metric_catalogue(session, cycle.release_number)
    return [_correction(one, people, metrics, language) for one in found]


def _correction(
    one: Outdated,
    people: Mapping[str, Employee],
    metrics: Mapping[str, MetricDefinition],
    language: Language,
) -> Correction:
    result, outcome = one.result, one.outcome
    return Correction(
        employee=people[result.employee_no],
        version=result.version,
        changes=tuple(_changes(result.inputs, one.inputs, metrics, language)),
        total_before=_total(result.total_e2),
        total_after=_total(outcome.total),
        band_before=result.band,
        band_after=outcome.band,
        is_paid=result.stage == "paid",
    )


def _changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    metrics: Mapping[str, MetricDefinition],
    language: Language,
) -> list[tuple[str, str, str]]:
    old, new = (PersonInputs.from_dict(kept["person"]) for kept in (before, after))
    figures = [
        {
            (segment.label, line.metric): line.actual
            for segment in person.segments
            for line in segment.lines
        }
        for person in (old, new)
    ]
    found = []
    for key in sorted(figures[0].keys() | figures[1].keys()):
        values = [figure.get(key) for figure in figures]
        if values[0] != values[1]:
            metric = metrics[key[1]]
            shown = [wording.figure(value, metric, language) for value in values]
            name = f"{wording.title(metric, language)} · {wording.unit_name(metric, language)}"
            found.append((name, shown[0], shown[1]))
    if old.standing != new.standing:
        label = translate("reviews.page.correction_gate", {}, language)
        parts = [
            f"{person.standing.gate.value} −{formats.number(person.standing.deduction, 2)}"
            for person in (old, new)
        ]
        found.append((label, parts[0], parts[1]))
    if not found:
        # Days, posts, card points or the version of a source: the totals say what it does.
        found.append((translate("reviews.page.correction_other", {}, language), "", ""))
    return found


def _total(total: Decimal | None) -> str:
    return wording.NO_VALUE if total is None else formats.number(total, 2)
