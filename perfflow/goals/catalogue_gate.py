"""Checks catalogue files before they are deployed: readable, known metrics, whole cards, packs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perfflow.cycles.queries import packs_of
from perfflow.goals.queries import templates_of
from perfflow.kernel.errors import BadInput, ComputationError, RuleViolation
from perfflow.metrics.catalogue import Documents, documents_in, metrics_of
from perfflow.metrics.units import UNITS
from perfflow.plans.linting import files_of_places, findings_of, firm_profiles, profiles_of
from perfflow.plans.queries import cards_of, decisions_of, libraries_of, plans_of
from perfflow.plans.rules import Exposure, judge, Judged, Override, Severity
from perfflow.workflow.definitions.decisions import check_decisions

CATALOGUE = "catalogue/"
DECISIONS = "catalogue/decisions/"


@dataclass(frozen=True, slots=True)
class CatalogueFinding:
    """What is wrong with a catalogue: the file, the place in it, a message with its parameters.

    ``judged`` is the plan linter's own finding, with the override that covers it.
    """

    code: str
    severity: str  # error, warning, note
    path: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    place: str | None = None
    judged: Judged | None = None


def check_catalogue(
    files: Mapping[str, bytes],
    overrides: Iterable[Override] = (),
    on: date = date.max,
    exposure: Exposure | None = None,
) -> list[CatalogueFinding]:
    """Every finding about the catalogue in ``files``, which must be the whole of it.

    A file that cannot be read hides nothing: the other kinds of files are checked all the same.
    What an override covers on the day ``on`` is a warning.
    """
    documents: dict[str, str] = {}
    findings: list[CatalogueFinding] = []
    for path, content in sorted(files.items()):
        if path.startswith(CATALOGUE) and path.endswith((".yaml", ".yml")):
            try:
                documents[path] = content.decode("utf-8")
            except UnicodeDecodeError:
                findings.append(CatalogueFinding("CT-001", "error", path, "goals.gate_not_utf8"))
    readable = True
    findings.extend(_decision_files(files))
    documents |= {
        path: content.decode("utf-8", "replace")
        for path, content in files.items()
        if path.startswith(DECISIONS)
    }
    for parse in _PARSERS:
        try:
            parse(documents)
        except (BadInput, ComputationError, RuleViolation) as error:
            readable = False
            place = error.field or ""
            findings.append(
                CatalogueFinding("CT-002", "error", place, error.code, dict(error.params))
            )
    if not readable:
        return findings
    findings.extend(_references(documents))
    places = files_of_places(documents)
    try:
        linted = findings_of(documents, exposure=exposure)
    except BadInput as error:
        # A decision table may be well formed and still answer with something else than money.
        return [
            *findings,
            CatalogueFinding("CT-002", "error", error.field or "", error.code, dict(error.params)),
        ]
    return [*findings, *(_of_linter(one, places) for one in judge(linted, overrides, on))]


def _decision_files(files: Mapping[str, bytes]) -> Iterator[CatalogueFinding]:
    """What is wrong with decision tables: hostile or broken files, gaps, overlaps."""
    mine = {path: content for path, content in files.items() if path.startswith(DECISIONS)}
    # The gate of decisions in processes knows them by their folder.
    _, found = check_decisions({f"processes/{path}": content for path, content in mine.items()})
    for one in found:
        sentence = {"zh": one.message("zh"), "en": one.message("en")}
        yield CatalogueFinding(
            one.code,
            one.severity,
            one.path.removeprefix("processes/"),
            "goals.gate_decision",
            {"sentence": sentence},
            one.element,
        )


def texts_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """The catalogue's YAML files that are text, by path."""
    documents = {}
    for path, content in sorted(files.items()):
        if path.startswith(CATALOGUE) and path.endswith((".yaml", ".yml")):
            try:
                documents[path] = content.decode("utf-8")
            except UnicodeDecodeError:
                continue
    return documents


def _of_linter(judged: Judged, places: Mapping[str, str]) -> CatalogueFinding:
    found = judged.finding
    names = found.path.split(".")
    # ``cards/FA-STD.lines.3`` stands in the file of the card; codes hold no dots.
    path = places.get(names[0], found.path)
    severity = "note" if found.severity is Severity.INFO else "warning"
    return CatalogueFinding(
        found.code,
        "error" if judged.blocks else severity,
        path,
        found.message,
        found.wording,
        found.path,
        judged,
    )


_PARSERS: tuple[Callable[[Documents], object], ...] = (
    metrics_of, cards_of, plans_of, profiles_of, firm_profiles, libraries_of, decisions_of,
    packs_of, templates_of,
)  # fmt: skip


def _references(documents: Documents) -> list[CatalogueFinding]:
    """Names that are used but not defined anywhere in the catalogue."""
    metrics = metrics_of(documents)
    findings = [
        CatalogueFinding(
            "CT-003", "error", f"metrics.{code}", "metrics.unknown_unit", {"unit": metric.unit}
        )
        for code, metric in metrics.items()
        if metric.unit not in UNITS
    ]
    for template in templates_of(documents):
        findings.extend(
            CatalogueFinding(
                "CT-004",
                "error",
                f"objectives.{template.code}",
                "goals.unknown_metric",
                {"got": result.metric},
            )
            for result in template.key_results
            if result.metric not in metrics
        )
    plans, policies = plans_of(documents)
    findings.extend(
        CatalogueFinding(
            "CT-005", "error", f"plans.{code}", "plans.unknown_deferral", {"policy": plan.deferral}
        )
        for code, plan in plans.items()
        if plan.deferral not in policies
    )
    if documents_in(documents, "cards") and not packs_of(documents):
        findings.append(CatalogueFinding("CT-006", "warning", "packs", "goals.gate_no_packs"))
    return findings
