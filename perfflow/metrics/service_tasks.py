"""The steps and forms of the cycle's processes that belong to metrics."""

from __future__ import annotations

from datetime import date
from typing import Any

from perfflow.forms import (
    Evidence,
    form_binding,
    form_lookup,
    FormBinding,
    FormContext,
    Option,
    Text,
)
from perfflow.metrics import actions, queries
from perfflow.metrics.periods import month_before, period_days
from perfflow.workflow import service_task, ServiceContext


@service_task("metrics.snapshot_progress", inputs=("cycle", "period"))
def snapshot_progress(ctx: ServiceContext, cycle: str, period: str) -> dict[str, Any]:
    """A10: keep how complete the data of the month are."""
    actions.snapshot_progress(ctx.session, ctx.actor, ctx.now, cycle, period)
    return {}


@form_binding("metrics.monthly_load")
class MonthlyLoadBinding(FormBinding):
    """A09: the metric owner confirms that the values of a month are in."""

    fields = frozenset({"period", "is_complete", "note"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        return {"period": ctx.variables.get("period", ""), "is_complete": False, "note": ""}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.confirm_month(
            ctx.session,
            ctx.actor,
            ctx.now,
            ctx.variables["cycle"],
            ctx.variables["period"],
            note=values.get("note") or None,
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        period = ctx.variables.get("period")
        if not period:
            return []
        found = queries.completeness(ctx.session, period, month_before(period))
        as_of = period_days(period)[1]
        rows = [
            (Text("有数据的人数", "People with values"), found.people, "", as_of),
            (Text("数据条数", "Values"), found.values, "", as_of),
            (
                Text("上月有、本月没有", "In the month before but not now"),
                len(found.gaps),
                "",
                as_of,
            ),
        ]
        gaps = "、".join(f"{employee} {code}" for employee, code in found.gaps[:8])
        return [Evidence(Text(f"{period} 数据", f"Data of {period}"), tuple(rows), gaps)]


@form_binding("metrics.data_freeze")
class DataFreezeBinding(FormBinding):
    """A13: the values of the cycle become final."""

    fields = frozenset({"statement", "is_complete"})
    required = frozenset({"statement"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        return {"statement": "", "is_complete": False}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        first_on, last_on = _span(ctx)
        actions.freeze(
            ctx.session,
            ctx.actor,
            ctx.now,
            ctx.variables["cycle"],
            first_on,
            last_on,
            statement=values.get("statement") or "",
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        rows = []
        for month in ctx.variables.get("data_months") or []:
            found = queries.completeness(
                ctx.session, month["period"], month_before(month["period"])
            )
            rows.append((month["period"], found.values, "", month["ends_on"]))
        return [Evidence(Text("各月数据条数", "Values a month"), tuple(rows))]


def _span(ctx: FormContext) -> tuple[date, date]:
    months = ctx.variables["data_months"]
    return period_days(months[0]["period"])[0], period_days(months[-1]["period"])[1]


@form_lookup("metrics")
def metric_options(ctx: FormContext) -> list[Option]:
    """Every metric that carries weight, for choice fields of forms."""
    if ctx.session is None:
        return []
    found = queries.metric_catalogue(ctx.session)
    return [
        Option(code, Text(f"{code} {metric.name_zh}", f"{code} {metric.name_en}"))
        for code, metric in sorted(found.items())
        if metric.carries_weight
    ]
