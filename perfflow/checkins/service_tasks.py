"""Steps and form bindings of the check-in process and of the follow-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from perfflow.checkins import actions, queries
from perfflow.checkins.figures import figures_on
from perfflow.checkins.models import CheckIn, Commitment
from perfflow.checkins.rules import FOLLOW_UP_DAYS
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.workflow import service_task, ServiceContext

PREPARATION_KEYS = ("progress", "obstacles", "support_needed", "next_priority")
COMMITMENT_KEYS = ("text", "action_type", "measure", "owner", "due_on", "support")


def about(ctx: FormContext) -> tuple[str, str]:
    """Cycle and employee that a task of an appraisal is about."""
    return str(ctx.variables["cycle"]), str(ctx.variables["employee"])


def _sequence(ctx: FormContext) -> int:
    return int(_check_in_variable(ctx)["sequence"])


def _check_in_variable(ctx: FormContext) -> Mapping[str, Any]:
    variable = ctx.variables["check_in"]
    assert isinstance(variable, Mapping)
    return variable


def _record(ctx: FormContext) -> CheckIn | None:
    assert ctx.session is not None
    cycle, employee = about(ctx)
    return queries.check_in(ctx.session, cycle, employee, _sequence(ctx))


def commitment_rows(ctx: FormContext, rows: Sequence[Commitment]) -> list[dict[str, Any]]:
    """Commitments as the rows of a form."""
    _, employee = about(ctx)
    return [
        {
            "text": row.text,
            "action_type": row.action_type,
            "measure": row.measure,
            "owner": "employee" if row.owner_no == employee else "manager",
            "due_on": row.due_on,
            "support": row.support,
        }
        for row in rows
    ]


def evidence_of_year(ctx: FormContext) -> list[Evidence]:
    """Panels for both sides: today's figures and the commitments that are open."""
    assert ctx.session is not None
    cycle, employee = about(ctx)
    panels: list[Evidence] = []
    figures = figures_on(ctx.session, cycle, employee)
    if figures:
        panels.append(
            Evidence(
                Text("目前的数据", "Figures so far"),
                tuple(
                    EvidenceRow(
                        Text(figure.name_zh, figure.name_en),
                        f"{figure.read(figure.value, ctx.language)}"
                        f" / {figure.read(figure.target, ctx.language)}",
                        figure.source or "",
                        figure.as_of,
                    )
                    for figure in figures
                ),
                Text("数值 / 目标值", "Value / target"),
            )
        )
    promised = queries.commitments_about(ctx.session, employee, cycle, only_open=True)
    if promised:
        panels.append(
            Evidence(
                Text("还没有完成的约定", "Open commitments"),
                tuple(EvidenceRow(row.text, row.measure, "", row.due_on) for row in promised),
            )
        )
    return panels


@form_binding("checkins.preparation")
class PreparationBinding(FormBinding):
    """The employee's side of a check-in."""

    fields = frozenset(PREPARATION_KEYS)
    required = frozenset({"progress"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        row = _record(ctx)
        part = (row.employee_part or {}) if row else {}
        return {key: part.get(key) for key in PREPARATION_KEYS}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        variable = _check_in_variable(ctx)
        ends_on = variable["period_ends_on"]
        actions.prepare_check_in(
            ctx.session,
            ctx.actor,
            ctx.now,
            cycle,
            employee,
            int(variable["sequence"]),
            ends_on if isinstance(ends_on, date) else date.fromisoformat(str(ends_on)),
            {key: values.get(key) for key in PREPARATION_KEYS},
            values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return evidence_of_year(ctx)


@form_binding("checkins.check_in")
class CheckInBinding(FormBinding):
    """The manager's side: the answer and what was agreed."""

    fields = frozenset(
        {"employee_progress", "employee_obstacles", "employee_support", "employee_next"}
        | {"pace", "feedback", "commitments"}
        | {f"commitments.{key}" for key in COMMITMENT_KEYS}
    )
    required = frozenset({"feedback"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        row = _record(ctx)
        part = (row.employee_part or {}) if row else {}
        return {
            "employee_progress": part.get("progress"),
            "employee_obstacles": part.get("obstacles"),
            "employee_support": part.get("support_needed"),
            "employee_next": part.get("next_priority"),
            "commitments": [],
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        actions.hold_check_in(
            ctx.session,
            ctx.actor,
            ctx.now,
            cycle,
            employee,
            _sequence(ctx),
            {"pace": values.get("pace"), "feedback": values.get("feedback")},
            values.get("commitments") or [],
            [figure.to_dict() for figure in figures_on(ctx.session, cycle, employee)],
            values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return evidence_of_year(ctx)


@form_binding("checkins.signature")
class SignatureBinding(FormBinding):
    """The employee reads the record and signs it."""

    fields = frozenset(
        {"pace", "feedback", "commitments", "agreed", "note"}
        | {f"commitments.{key}" for key in COMMITMENT_KEYS}
    )
    required = frozenset({"agreed"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        assert ctx.session is not None
        row = _record(ctx)
        if row is None:
            return {}
        made = queries.commitments_about(ctx.session, row.employee_no, source=f"check-in/{row.id}")
        part = row.manager_part or {}
        return {
            "pace": part.get("pace"),
            "feedback": part.get("feedback"),
            "commitments": commitment_rows(
                ctx, [item for item in made if item.source == f"check-in/{row.id}"]
            ),
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        actions.sign_check_in(
            ctx.session,
            ctx.actor,
            ctx.now,
            cycle,
            employee,
            _sequence(ctx),
            agreed=str(values.get("agreed") or ""),
            note=values.get("note"),
            extra=values.get("extra"),
        )
        return None


@form_binding("checkins.follow_up")
class FollowUpBinding(FormBinding):
    """How the agreed actions stand after 30, 60 and 90 days."""

    fields = frozenset(
        {"items", "items.text", "items.measure", "items.due_on", "items.status", "items.note"}
    )
    required = frozenset({"items.status"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        rows = queries.commitments_about(ctx.session, employee, cycle, only_open=True)
        return {
            "items": [
                {"text": row.text, "measure": row.measure, "due_on": row.due_on} for row in rows
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        done = int(ctx.variables.get("follow_up_no") or 0)
        actions.follow_up(
            ctx.session,
            ctx.actor,
            ctx.now,
            cycle,
            employee,
            FOLLOW_UP_DAYS[min(done, len(FOLLOW_UP_DAYS) - 1)],
            values.get("items") or [],
        )
        return None


@service_task("checkins.flag_missing", inputs=("cycle", "employee", "sequence"))
def flag_missing(ctx: ServiceContext, cycle: str, employee: str, sequence: Any) -> dict[str, Any]:
    """Remember that a check-in did not happen in time."""
    actions.flag_missing(ctx.session, ctx.actor, ctx.now, cycle, employee, int(sequence))
    return {}


@service_task("checkins.flag_mid_year_skipped", inputs=("cycle", "employee"))
def flag_mid_year_skipped(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Remember that the mid-year review did not happen."""
    actions.flag_gap(ctx.session, ctx.actor, ctx.now, cycle, employee, "mid_year")
    return {}


@service_task(
    "checkins.next_follow_up", inputs=("cycle", "employee", "done"), outputs=("follow_up_on",)
)
def next_follow_up(ctx: ServiceContext, cycle: str, employee: str, done: Any) -> dict[str, Any]:
    """The day of the next follow-up while actions are open."""
    day = actions.next_follow_up_on(ctx.session, ctx.now, cycle, employee, int(done or 0))
    return {"follow_up_on": day}
