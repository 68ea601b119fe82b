"""The forms above the sheets: objectives of the firm, goals of a unit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from perfflow.forms import Evidence, form_binding, FormBinding, FormContext
from perfflow.goals import actions, queries
from perfflow.goals.actions.objectives import ObjectiveInput, UnitGoalInput
from perfflow.goals.bindings.sheets import session_of
from perfflow.goals.evidence import unit_evidence
from perfflow.metrics import queries as metric_queries
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import shown, stored
from perfflow.people import queries as people_queries


@form_binding("goals.objectives")
class ObjectivesBinding(FormBinding):
    """A02: the objectives of the firm; starts from the shipped strategy templates."""

    fields = frozenset(
        {"objectives"}
        | {
            f"objectives.{key}"
            for key in ("code", "title_zh", "title_en", "metric_code", "target", "why")
        }
    )
    required = frozenset({"objectives"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session = session_of(ctx)
        cycle = queries.cycle_of(session, ctx.variables["cycle"])
        metrics = metric_queries.metric_catalogue(session, cycle.release_number)
        rows: list[dict[str, Any]] = []
        for template in queries.objective_templates(session, cycle.release_number):
            for result in template.key_results:
                metric = metrics.get(result.metric)
                rows.append(
                    {
                        "code": f"O{len(rows) + 1}",
                        "title_zh": result.title_zh,
                        "title_en": result.title_en,
                        "metric_code": result.metric,
                        "target": shown(result.target, metric.unit) if metric else result.target,
                        "why": template.why_zh
                        if ctx.language.startswith("zh")
                        else template.why_en,
                    }
                )
        return {"objectives": rows}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session = session_of(ctx)
        cycle = queries.cycle_of(session, ctx.variables["cycle"])
        metrics = metric_queries.metric_catalogue(session, cycle.release_number)
        rows = [
            ObjectiveInput(
                code=row.get("code") or "",
                title_zh=row.get("title_zh") or "",
                title_en=row.get("title_en") or "",
                metric_code=row.get("metric_code"),
                target=_stored(row, metrics),
                why=row.get("why") or "",
                extra=row.get("extra") or {},
            )
            for row in values.get("objectives") or []
        ]
        found = actions.publish_objectives(session, ctx.actor, ctx.now, cycle.code, rows)
        return {"objective_count": len(found)}


@form_binding("goals.unit_cascade")
class UnitCascadeBinding(FormBinding):
    """A03: what a unit carries of the firm's objectives."""

    fields = frozenset(
        {"unit_name", "goals"}
        | {f"goals.{key}" for key in ("objective_code", "metric_code", "target", "why")}
    )
    required = frozenset({"goals"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session = session_of(ctx)
        cycle = queries.cycle_of(session, ctx.variables["cycle"])
        unit = people_queries.unit(session, ctx.variables["unit"])
        metrics = metric_queries.metric_catalogue(session, cycle.release_number)
        name = unit.name_zh if ctx.language.startswith("zh") else unit.name_en
        rows = [
            {
                "objective_code": row.code,
                "metric_code": row.metric_code,
                "target": shown(row.target_e6, metrics[row.metric_code or ""].unit),
                "why": row.why,
            }
            for row in queries.objectives(session, cycle.code)
            if row.metric_code in metrics
        ]
        return {"unit_name": name, "goals": rows}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session = session_of(ctx)
        cycle = queries.cycle_of(session, ctx.variables["cycle"])
        metrics = metric_queries.metric_catalogue(session, cycle.release_number)
        rows = [
            UnitGoalInput(
                objective_code=row.get("objective_code") or "",
                metric_code=row.get("metric_code") or "",
                target=_stored(row, metrics) or Decimal(0),
                why=row.get("why") or "",
                extra=row.get("extra") or {},
            )
            for row in values.get("goals") or []
        ]
        found = actions.cascade_unit_goals(
            session, ctx.actor, ctx.now, cycle.code, ctx.variables["unit"], rows
        )
        return {"goal_count": len(found)}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        session = session_of(ctx)
        return unit_evidence(session, ctx.variables["cycle"], ctx.variables["unit"])


def _stored(row: Mapping[str, Any], metrics: Mapping[str, MetricDefinition]) -> Decimal | None:
    metric = metrics.get(row.get("metric_code") or "")
    target = row.get("target")
    return stored(target, metric.unit) if metric else target
