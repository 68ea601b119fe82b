"""The steps and forms of the cycle's processes that belong to cycles."""

from __future__ import annotations

from typing import Any

from perfflow.calendar import local_date
from perfflow.cycles import actions, queries
from perfflow.cycles.rules import timeliness
from perfflow.forms import Evidence, form_binding, FormBinding, FormContext, Text
from perfflow.plans.linting import judged_findings
from perfflow.plans.rules import Severity
from perfflow.workflow import service_task, ServiceContext


@service_task("cycles.open_unit_cascades", inputs=("cycle",), outputs=("unit_count",))
def open_unit_cascades(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """Start one cascade process a unit."""
    count = actions.open_unit_cascades(ctx.session, ctx.actor, ctx.now, cycle)
    return {"unit_count": count}


@service_task("cycles.close_unit_cascade", inputs=("cycle", "unit"))
def close_unit_cascade(ctx: ServiceContext, cycle: str, unit: str) -> dict[str, Any]:
    """Close the cascade of a unit; the last one lets the cycle go on."""
    actions.close_unit_cascade(ctx.session, ctx.actor, ctx.now, cycle, unit)
    return {}


@service_task("cycles.launch_participants", inputs=("cycle",), outputs=("participant_count",))
def launch_participants(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """Start everybody's appraisal."""
    count = actions.launch_participants(ctx.session, ctx.actor, ctx.now, cycle)
    return {"participant_count": count}


@service_task("cycles.announce_data_frozen", inputs=("cycle",))
def announce_data_frozen(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """Tell every appraisal that the data are final."""
    actions.announce_data_frozen(ctx.session, ctx.actor, ctx.now, cycle)
    return {}


@service_task("cycles.close_participant", inputs=("cycle", "employee"))
def close_participant(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """The appraisal of a person has come to its end."""
    actions.close_participant(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {}


@form_binding("cycles.plan")
class CyclePlanBinding(FormBinding):
    """A01: the plan of a cycle takes effect once the plan linter finds no error."""

    fields = frozenset({"statement", "is_checked"})
    required = frozenset({"statement"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        return {"statement": "", "is_checked": False}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.publish_plan(
            ctx.session,
            ctx.actor,
            ctx.now,
            ctx.variables["cycle"],
            statement=values.get("statement") or "",
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        found = queries.cycle(ctx.session, ctx.variables["cycle"])
        pack = queries.pack(ctx.session, found.pack_code, found.release_number)
        rows = queries.deadline_rows(ctx.session, found.code)
        paid = timeliness(pack, rows, found.ends_on)
        findings = judged_findings(ctx.session, found.release_number, local_date(ctx.now))
        errors = sum(one.blocks for one in findings)
        warnings = sum(one.finding.severity is Severity.WARNING for one in findings)
        overridden = sum(one.override is not None for one in findings)
        panels = [
            Evidence(
                Text("方案体检", "Plan linter"),
                (
                    (Text("不允许发布的问题", "Findings that block"), errors, "", None),
                    (
                        Text("提醒", "Warnings"),
                        warnings,
                        f"R{found.release_number}",
                        None,
                    ),
                    (Text("合规豁免", "Overridden by compliance"), overridden, "", None),
                ),
            )
        ]
        if paid is not None:
            panels.append(
                Evidence(
                    Text("发放时间", "Payout day"),
                    (
                        (Text("预计发放", "Planned payout"), paid.payout_on, "", None),
                        (
                            Text("周期结束后天数", "Days after the cycle ends"),
                            paid.days,
                            f"≤ {paid.limit}",
                            None,
                        ),
                    ),
                )
            )
        return panels


@form_binding("cycles.archive")
class CycleArchiveBinding(FormBinding):
    """A29: the retrospective of a cycle; nothing is archived while interviews are open."""

    fields = frozenset({"summary"})
    required = frozenset({"summary"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.archive_cycle(
            ctx.session,
            ctx.actor,
            ctx.now,
            ctx.variables["cycle"],
            summary=values.get("summary") or "",
            extra=values.get("extra"),
        )
        return None
