"""Everything that a goal sheet is judged against: cycle, card, metrics, the first version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle, Participant
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.goals.queries import draft_of
from perfflow.goals.rules import DraftLine, Evidence, percent_of, PICKED, smart_verdict, Verdict
from perfflow.kernel.errors import NotFound
from perfflow.metrics import queries as metric_queries
from perfflow.metrics.catalogue import remember_release
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import shown
from perfflow.plans.rules.sales_checks import is_market_bet
from perfflow.workflow.models import CatalogueRelease

_FRAMES = "perfflow.goals.frames"
Facts = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """A sheet with its surroundings, as the actions and pages need it."""

    cycle: Cycle
    participant: Participant
    sheet: GoalSheet
    current: GoalSheetVersion
    template: tuple[DraftLine, ...]
    lines: tuple[DraftLine, ...]
    facts: Mapping[str, Mapping[str, Any]]
    metrics: Mapping[str, MetricDefinition]
    checkpoints: int

    def verdicts(self, line: DraftLine) -> dict[str, Verdict]:
        """The SMART verdict of one goal of this sheet."""
        return smart_verdict(line, self.evidence(line.metric_code))

    def evidence(self, metric_code: str) -> Evidence:
        """What is known about a goal of this sheet."""
        return evidence_of(
            self.cycle,
            self.metrics.get(metric_code),
            self.facts.get(metric_code, {}),
            self.checkpoints,
        )


def evidence_of(
    cycle: Cycle, metric: MetricDefinition | None, facts: Mapping[str, Any], checkpoints: int
) -> Evidence:
    """The facts of a goal in the shape that the SMART rules read."""
    peers: Mapping[str, Decimal] | None = facts.get("peers")
    return Evidence(
        known_metric=metric is not None,
        direction=metric.direction.value if metric else "",
        unit=metric.unit if metric else "",
        source=metric.source if metric else "",
        last_year=facts.get("last_year"),
        peers=peers,
        reaches_objective=bool(facts.get("reaches_objective")),
        starts_on=cycle.starts_on,
        ends_on=cycle.ends_on,
        checkpoints=checkpoints,
        is_market_bet=metric is not None and is_market_bet(metric),
    )


def frame(session: Session, cycle_code: str, employee_no: str) -> SheetFrame:
    """The frame of a sheet, read once a session and version; no sheet is ``NotFound``."""
    frames: dict[tuple[str, str], SheetFrame] = session.info.setdefault(_FRAMES, {})
    known = frames.get((cycle_code, employee_no))
    if known is not None and known.sheet.current_version == known.current.version:
        return known
    found = _read_frame(session, cycle_code, employee_no)
    frames[(cycle_code, employee_no)] = found
    return found


def _read_frame(session: Session, cycle_code: str, employee_no: str) -> SheetFrame:
    rows = session.execute(
        select(
            Cycle,
            Participant,
            GoalSheet,
            GoalSheetVersion,
            GoalLine,
            CatalogueRelease.content_hash,
        )
        .join(Participant, Participant.cycle_code == Cycle.code)
        .join(
            GoalSheet,
            (GoalSheet.cycle_code == Participant.cycle_code)
            & (GoalSheet.employee_no == Participant.employee_no),
        )
        .join(CatalogueRelease, CatalogueRelease.number == Cycle.release_number)
        .join(
            GoalSheetVersion,
            (GoalSheetVersion.sheet_id == GoalSheet.id)
            & GoalSheetVersion.version.in_((0, GoalSheet.current_version)),
        )
        .join(GoalLine, GoalLine.version_id == GoalSheetVersion.id)
        .where(Cycle.code == cycle_code, Participant.employee_no == employee_no)
        .order_by(GoalSheetVersion.version, GoalLine.position)
    ).all()
    if not rows:
        raise NotFound("goals.no_sheet", cycle=cycle_code, employee=employee_no)
    cycle, participant, sheet = rows[0][0], rows[0][1], rows[0][2]
    remember_release(session, cycle.release_number, rows[0][5])
    first = [row[4] for row in rows if row[3].version == 0]
    newest = [row[4] for row in rows if row[3].version == sheet.current_version]
    current = next(row[3] for row in rows if row[3].version == sheet.current_version)
    pack = cycle_queries.pack(session, cycle.pack_code, cycle.release_number)
    return SheetFrame(
        cycle=cycle,
        participant=participant,
        sheet=sheet,
        current=current,
        template=tuple(draft_of(line) for line in first),
        lines=tuple(draft_of(line) for line in newest),
        facts=facts_of(first),
        metrics=metric_queries.metric_catalogue(session, cycle.release_number),
        checkpoints=len(pack.check_ins),
    )


def facts_of(first: Sequence[GoalLine]) -> Facts:
    """What was known about each goal when the sheet was opened."""
    return {line.metric_code: dict((line.smart or {}).get("facts") or {}) for line in first}


def said_why(line_why: str, metric: MetricDefinition | None, language: str) -> str:
    """The reason in the reader's language while it is still the catalogue's own."""
    if metric is not None and line_why == metric.intent_zh and not language.startswith("zh"):
        return metric.intent_en
    return line_why


def metric_name(metric: MetricDefinition | None, fallback: str, language: str) -> str:
    """The name of a metric in the reader's language."""
    if metric is None:
        return fallback
    return metric.name_zh if language.startswith("zh") else metric.name_en


def form_row(line: DraftLine, metric: MetricDefinition | None, language: str) -> dict[str, Any]:
    """A goal as a row of a form: shares in per cent, weights in per cent."""
    return {
        **{name: value for name, value in line.extra.items() if name != PICKED},
        "metric_code": line.metric_code,
        "title": metric_name(metric, line.title, language),
        "dimension": line.dimension,
        "target": shown(line.target, metric.unit) if metric else line.target,
        "weight": percent_of(line.weight_bp),
        "why": said_why(line.why, metric, language),
        "action": line.action,
        "action_due_on": line.action_due_on,
    }
