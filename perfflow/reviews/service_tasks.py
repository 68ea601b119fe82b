"""Steps and form bindings of data check, self-assessment, manager rating and publication."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.checkins.service_tasks import about, evidence_of_year
from perfflow.cycles.models import Participant
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.metrics.units import shown, unit_of
from perfflow.reviews import actions, queries
from perfflow.reviews.inputs import gather, Line, Material, source_text
from perfflow.reviews.models import Result
from perfflow.reviews.rules import Stage
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow import service_task, ServiceContext
from perfflow.workflow.models import UserTask

FIGURE_KEYS = ("title", "value", "target", "source")


def _material(ctx: FormContext) -> Material | None:
    assert ctx.session is not None
    cycle, employee = about(ctx)
    return gather(ctx.session, cycle, [employee], Stage.COMPUTED).get(employee)


def _title(line: Line, language: str) -> str:
    return Text(line.metric.name_zh, line.metric.name_en).within(language)


def _value(line: Line, stored: Any, language: str) -> str | None:
    """A figure with its unit, as people read it."""
    unit = unit_of(line.metric.unit)
    number = shown(stored, line.metric.unit)
    if number is None:
        return None
    name = Text(unit.name_zh, unit.name_en).within(language)
    return f"{number:f}{'' if name == '%' else ' '}{name}"


def figure_rows(material: Material | None, language: str) -> list[dict[str, Any]]:
    """The figures that a score is made of, one row a metric that data decides."""
    return [
        {
            "title": _title(line, language),
            "value": _value(line, line.figure.value, language),
            "target": _value(line, line.goal.target_e6, language),
            "source": source_text(line.figure),
        }
        for line in (material.lines if material else ())
        if not line.metric.is_manual
    ]


@form_binding("reviews.data_check")
class DataCheckBinding(FormBinding):
    """The employee looks at the figures (A14)."""

    fields = frozenset({"figures", "outcome", "note"} | {f"figures.{key}" for key in FIGURE_KEYS})
    required = frozenset({"outcome"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        return {"figures": figure_rows(_material(ctx), ctx.language)}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        outcome = str(values.get("outcome") or "")
        actions.check_data(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            outcome=outcome,
            note=values.get("note"),
            extra=values.get("extra"),
        )
        return {"outcome": outcome}


@form_binding("reviews.self_assessment")
class SelfAssessmentBinding(FormBinding):
    """The employee speaks about the year first (A15)."""

    fields = frozenset(
        {"summary", "lines", "lines.metric_code", "lines.title", "lines.value", "lines.comment"}
        | {"lines.self_rating", "lines.is_manual", "learned"}
    )
    required = frozenset({"summary"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        material = _material(ctx)
        return {
            "lines": [
                {
                    "metric_code": line.metric.code,
                    "title": _title(line, ctx.language),
                    "value": _value(line, line.figure.value, ctx.language),
                    "is_manual": line.metric.is_manual,
                }
                for line in (material.lines if material else ())
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.submit_self_assessment(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            summary=values.get("summary"),
            lines=self_lines(values.get("lines") or []),
            extra={**(values.get("extra") or {}), "learned": values.get("learned")},
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return evidence_of_year(ctx)


def self_lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is kept of the lines of a self-assessment."""
    return [
        {
            "metric_code": row.get("metric_code"),
            "title": row.get("title"),
            "comment": row.get("comment"),
            "self_rating": row.get("self_rating"),
            "extra": row.get("extra") or None,
        }
        for row in rows
    ]


@form_binding("reviews.manager_review")
class ManagerReviewBinding(FormBinding):
    """The manager rates what people must judge, each with evidence (A17)."""

    fields = frozenset(
        {"self_summary", "ratings", "ratings.metric_code", "ratings.title", "comment"}
        | {"ratings.self_comment", "ratings.rating", "ratings.evidence"}
    )
    required = frozenset({"ratings.metric_code", "ratings.rating", "ratings.evidence", "comment"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        assert ctx.session is not None
        own = queries.self_assessment(ctx.session, *about(ctx))
        said = {str(row["metric_code"]): row for row in (own.lines or [])} if own else {}
        return {
            "self_summary": own.summary if own else None,
            "ratings": [
                {
                    "metric_code": metric.code,
                    "title": Text(metric.name_zh, metric.name_en).within(ctx.language),
                    "self_comment": said.get(metric.code, {}).get("comment"),
                }
                for _, metric in queries.manual_goals(ctx.session, *about(ctx))
            ],
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        result = actions.submit_manager_review(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            ratings=values.get("ratings") or [],
            comment=str(values.get("comment") or ""),
            extra=values.get("extra"),
        )
        return {"band": result.band, "total": result.total_e2}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        panels: list[Evidence] = []
        rows = figure_rows(_material(ctx), ctx.language)
        if rows:
            panels.append(
                Evidence(
                    Text("由数据算出的项目", "What data decides"),
                    tuple(
                        EvidenceRow(row["title"], row["value"], row["source"] or "") for row in rows
                    ),
                )
            )
        computed = queries.latest_result(ctx.session, *about(ctx), stages=["computed"])
        if computed is not None:
            panels.append(
                Evidence(
                    Text("只看数据的结果", "The result from data alone"),
                    (
                        EvidenceRow(Text("总分", "Total"), computed.total_e2),
                        EvidenceRow(Text("等级", "Band"), computed.band),
                    ),
                )
            )
        return panels + evidence_of_year(ctx)


@form_binding("reviews.publication")
class PublicationBinding(FormBinding):
    """HR shows everybody the own result (A21)."""

    fields = frozenset({"people", "calibrated", "frozen", "statement", "confirmed"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        assert ctx.session is not None
        cycle = str(ctx.variables["cycle"])
        people = len(queries.active_participants(ctx.session, cycle))
        waiting = len(queries.people_without_stage(ctx.session, cycle, "calibrated"))
        return {
            "people": people,
            "calibrated": people - waiting,
            "frozen": _frozen_count(ctx.session, cycle),
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.publish_results(
            ctx.session,
            ctx.actor,
            ctx.now,
            str(ctx.variables["cycle"]),
            statement=values.get("statement"),
            extra=values.get("extra"),
        )
        return None


def _frozen_count(session: Session, cycle_code: str) -> int:
    query = (
        select(func.count())
        .select_from(Result)
        .join(Participant, Participant.employee_no == Result.employee_no)
        .where(
            Result.cycle_code == cycle_code,
            Participant.cycle_code == cycle_code,
            Participant.status == "active",
            Result.stage == "calibrated",
            Result.gate == "FREEZE",
        )
    )
    return session.scalar(query) or 0


@service_task("reviews.compute_results", inputs=("cycle",), outputs=("result_count",))
def compute_results(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """The first link of the chain for everybody."""
    return {"result_count": actions.compute_results(ctx.session, ctx.actor, ctx.now, cycle)}


@service_task("reviews.deem_data_checked", inputs=("cycle", "employee"))
def deem_data_checked(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Silence about the figures counts as checked."""
    actions.deem_data_checked(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {}


@service_task("reviews.submit_saved_self_assessment", inputs=("cycle", "employee"))
def submit_saved_self_assessment(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Take the saved draft of the self-assessment, marked as such; an empty one when none is."""
    task_id = ctx.session.scalar(
        select(func.max(UserTask.id)).where(
            UserTask.business_key == f"{cycle}/{employee}", UserTask.element_id == "self-assess"
        )
    )
    draft = workflow_queries.latest_draft(ctx.session, task_id) if task_id else None
    data: dict[str, Any] = dict(draft.data) if draft is not None else {}
    actions.submit_self_assessment(
        ctx.session,
        ctx.actor,
        ctx.now,
        cycle,
        employee,
        summary=_draft_text(data, "summary"),
        lines=_draft_lines(data),
        is_auto=True,
    )
    return {}


@service_task("reviews.close_review", inputs=("cycle", "employee"))
def close_review(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """The last review of a calibration unit wakes its session."""
    actions.close_review(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {}


@service_task("reviews.announce_results", inputs=("cycle",))
def announce_results(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """Tell every appraisal that the results are out."""
    actions.announce_results(ctx.session, ctx.actor, ctx.now, cycle)
    return {}


def _draft_text(data: dict[str, Any], key: str) -> str | None:
    """A text of a draft."""
    value = data.get(key)
    return str(value) if value else None


def _draft_lines(data: dict[str, Any]) -> list[dict[str, Any]]:
    rows = data.get("lines")
    if not isinstance(rows, list):
        return []
    return self_lines([row for row in rows if isinstance(row, dict)])
