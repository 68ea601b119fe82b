"""What stands beside a goal form: last year, colleagues, the unit's goal; with source and date."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.cycles import queries as cycle_queries
from perfflow.forms import Evidence, EvidenceRow, Text
from perfflow.goals import queries
from perfflow.goals.frames import frame, SheetFrame
from perfflow.goals.rules import differences, DraftLine
from perfflow.metrics import queries as metric_queries
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import shown, unit_of

PANELS = 3


def _with_unit(value: Decimal | None, metric: MetricDefinition) -> str:
    """A figure as text with its unit; both languages write digits alike."""
    figure = shown(value, metric.unit)
    if figure is None:
        return "–"
    unit = unit_of(metric.unit)
    places = min(unit.decimals, max(0, -int(figure.as_tuple().exponent)))
    text = f"{figure:,.{places}f}".replace("-", "−")
    glued = unit.name_zh in ("%", "‰", "‱")
    return f"{text}{unit.name_zh}" if glued else text


def _rows(line: DraftLine, found: SheetFrame, metric: MetricDefinition) -> list[EvidenceRow]:
    facts = found.facts.get(line.metric_code, {})
    last_day = found.cycle.starts_on - timedelta(days=1)
    year = last_day.year
    source = metric.source
    rows = [
        EvidenceRow(
            Text(f"{year} 年实际", f"Actual of {year}"),
            _with_unit(facts.get("last_year"), metric),
            source,
            last_day,
        )
    ]
    peers: dict[str, Any] | None = facts.get("peers")
    if peers:
        count = peers["count"]
        spread = f"{_with_unit(peers['p50'], metric)} – {_with_unit(peers['p90'], metric)}"
        rows.append(
            EvidenceRow(
                Text("同岗位 P50 – P90", "Peers P50 – P90"), spread, f"n = {count}", last_day
            )
        )
        rows.append(
            EvidenceRow(
                Text("同岗位 P95", "Peers P95"),
                _with_unit(peers["p95"], metric),
                f"n = {count}",
                last_day,
            )
        )
    rows.append(
        EvidenceRow(Text("当前提案", "Current proposal"), _with_unit(line.target, metric), "", None)
    )
    return rows


def sheet_evidence(session: Session, cycle_code: str, employee_no: str) -> list[Evidence]:
    """Panels for the goals that were changed last, else for the heaviest ones."""
    found = frame(session, cycle_code, employee_no)
    return frame_evidence(found)


def frame_evidence(found: SheetFrame) -> list[Evidence]:
    """The same from a frame that is there already."""
    touched = {one.metric_code for one in differences(found.template, found.lines)}
    ordered = sorted(
        found.lines, key=lambda line: (line.metric_code not in touched, -line.weight_bp)
    )
    panels = []
    for line in ordered[:PANELS]:
        metric = found.metrics.get(line.metric_code)
        if metric is None:
            continue
        unit = unit_of(metric.unit)
        panels.append(
            Evidence(
                Text(f"{metric.name_zh}，{unit.name_zh}", f"{metric.name_en}, {unit.name_en}"),
                tuple(_rows(line, found, metric)),
                Text(
                    "同岗位少于 8 人时不显示，从不显示个人。",
                    "Peers appear from eight people on, and never one by one.",
                ),
            )
        )
    return panels


def unit_evidence(session: Session, cycle_code: str, unit_code: str) -> list[Evidence]:
    """The objectives of the cycle with their targets, for the head of a unit."""
    cycle = cycle_queries.cycle(session, cycle_code)
    metrics = metric_queries.metric_catalogue(session, cycle.release_number)
    rows: list[EvidenceRow] = []
    published: date | None = None
    for row in queries.objectives(session, cycle_code):
        metric = metrics.get(row.metric_code or "")
        value = _with_unit(row.target_e6, metric) if metric else "–"
        published = row.published_at.date() if row.published_at else None
        rows.append(EvidenceRow(Text(row.title_zh, row.title_en), value, row.code, published))
    return [Evidence(Text("公司目标", "Objectives of the firm"), tuple(rows))]
