"""Steps and form bindings of the feedback interview."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.calendar import local_date
from perfflow.checkins.service_tasks import about, COMMITMENT_KEYS, evidence_of_year
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.interviews import actions, queries
from perfflow.interviews.models import Interview
from perfflow.interviews.rules import suggested_causes
from perfflow.interviews.wording import CAUSE_TEXTS, DIMENSION_TEXTS
from perfflow.reviews.queries import latest_result
from perfflow.workflow import service_task, ServiceContext

PREPARATION_KEYS = ("proud_of", "difficulties", "wishes", "goals_next", "private_note")
ACHIEVEMENT_KEYS = ("fact", "evidence", "evidence_on", "effect")
GAP_KEYS = ("dimension", "cause", "text")
RECORD_FIELDS = (
    frozenset({"achievements", "gaps", "actions", "support", "career", "summary"})
    | {f"achievements.{key}" for key in ACHIEVEMENT_KEYS}
    | {f"gaps.{key}" for key in GAP_KEYS}
    | {f"actions.{key}" for key in COMMITMENT_KEYS}
)


def _row(ctx: FormContext) -> Interview | None:
    assert ctx.session is not None
    return queries.interview(ctx.session, *about(ctx))


def _result_panel(ctx: FormContext) -> list[Evidence]:
    """What the talk is about: total, band and the four dimensions."""
    assert ctx.session is not None
    cycle, employee = about(ctx)
    result = latest_result(ctx.session, cycle, employee)
    if result is None:
        return []
    day = local_date(result.at)
    rows = [EvidenceRow(Text("总分", "Total"), result.total_e2, "", day)]
    rows.append(EvidenceRow(Text("等级", "Band"), result.band, "", day))
    scores = queries.scores_of(ctx.session, cycle, employee)
    rows += [
        EvidenceRow(DIMENSION_TEXTS[code], score, "", day)
        for code, score in scores.items()
        if code in DIMENSION_TEXTS
    ]
    return [Evidence(Text("这次谈的结果", "The result in question"), tuple(rows))]


def _pattern_panel(scores: dict[str, Decimal], language: str) -> list[Evidence]:
    """Which causes to ask about first; a suggestion, nothing is filled in."""
    rows = [
        EvidenceRow(
            DIMENSION_TEXTS[code],
            Text(
                "、".join(CAUSE_TEXTS[cause].zh for cause in causes),
                ", ".join(CAUSE_TEXTS[cause].en for cause in causes),
            ).within(language),
        )
        for code, causes in suggested_causes(scores).items()
    ]
    if not rows:
        return []
    return [
        Evidence(
            Text("可以先问的原因", "Causes to ask about first"),
            tuple(rows),
            Text("只是建议，由双方判断。", "Only a suggestion; the two of you judge."),
        )
    ]


@form_binding("interviews.preparation")
class PreparationBinding(FormBinding):
    """The employee's section."""

    fields = frozenset(PREPARATION_KEYS)
    required = frozenset({"proud_of", "difficulties"})
    private = frozenset({"private_note"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.prepare_interview(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            {key: values.get(key) for key in PREPARATION_KEYS},
            values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return _result_panel(ctx) + evidence_of_year(ctx)


@form_binding("interviews.record")
class RecordBinding(FormBinding):
    """The record of the talk, in the order of the guide."""

    fields = RECORD_FIELDS | {"employee_proud_of", "employee_difficulties", "employee_wishes"}
    required = frozenset({"achievements.fact", "achievements.evidence", "actions.text", "summary"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        row = _row(ctx)
        part = (row.employee_part or {}) if row else {}
        return {
            "employee_proud_of": part.get("proud_of"),
            "employee_difficulties": part.get("difficulties"),
            "employee_wishes": part.get("wishes"),
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.hold_interview(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            achievements=values.get("achievements") or [],
            gaps=values.get("gaps") or [],
            actions=values.get("actions") or [],
            support=values.get("support"),
            career=values.get("career"),
            summary=str(values.get("summary") or ""),
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        panels = _result_panel(ctx)
        row = _row(ctx)
        note = (row.employee_part or {}).get("private_note") if row else None
        # Shown beside the form and not in it: what a form shows is kept with its submission.
        if row is not None and note and ctx.actor.employee_no == row.manager_no:
            panels.append(
                Evidence(
                    Text("只给你看的话", "For you only"),
                    note=Text(str(note), str(note)),
                )
            )
        panels += _pattern_panel(
            dict(queries.scores_of(ctx.session, cycle, employee)), ctx.language
        )
        return panels + evidence_of_year(ctx)


@form_binding("interviews.signature")
class SignatureBinding(FormBinding):
    """The employee reads and signs."""

    fields = RECORD_FIELDS | {"outcome", "employee_note", "rating"}
    required = frozenset({"outcome"})
    # How the talk was rated is shown per unit only, from five answers up.
    private = frozenset({"rating"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        row = _row(ctx)
        if row is None:
            return {}
        return {
            "achievements": row.achievements or [],
            "gaps": row.gaps or [],
            "actions": row.actions or [],
            "support": row.support,
            "career": row.career,
            "summary": row.manager_summary,
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        rating = values.get("rating")
        actions.sign_interview(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            outcome=str(values.get("outcome") or ""),
            note=values.get("employee_note"),
            rating=int(rating) if rating else None,
            extra=values.get("extra"),
        )
        return {"interview_on": local_date(ctx.now)}


@service_task("interviews.open_interview", inputs=("cycle", "employee"))
def open_interview(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Open the record of the talk."""
    actions.open_interview(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {}


@service_task("interviews.deem_confirmed", inputs=("cycle", "employee"))
def deem_confirmed(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Silence counts as confirmed."""
    actions.deem_confirmed(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {}
