"""The forms of the goal processes: what they start with, and what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.forms import Evidence, form_binding, FormBinding, FormContext
from perfflow.goals import actions
from perfflow.goals.evidence import sheet_evidence
from perfflow.goals.frames import form_row, frame, SheetFrame
from perfflow.goals.rules import bp_of, DraftLine, is_picked, PICKED
from perfflow.kernel.errors import RuleViolation
from perfflow.metrics.units import stored

LINE_KEYS = (
    "metric_code",
    "title",
    "dimension",
    "target",
    "weight",
    "why",
    "action",
    "action_due_on",
)
LINE_FIELDS = frozenset({"lines", *(f"lines.{key}" for key in LINE_KEYS)})


def session_of(ctx: FormContext) -> Session:
    """The session of a form that is filled in for real (previews have none)."""
    assert ctx.session is not None
    return ctx.session


def subject_of(ctx: FormContext) -> tuple[str, str]:
    """The cycle and the employee that a form is about."""
    return ctx.variables["cycle"], ctx.variables["employee"]


def lines_from(
    found: SheetFrame, rows: Sequence[Mapping[str, Any]], language: str
) -> list[DraftLine]:
    """The rows of a form as a proposal; goals can be changed, not added or left out."""
    current = {line.metric_code: line for line in found.lines}
    lines = []
    for index, row in enumerate(rows):
        known = current.get(str(row.get("metric_code")))
        if known is None:
            raise RuleViolation("goals.lines_changed", field="lines")
        metric = found.metrics.get(known.metric_code)
        try:
            weight_bp = bp_of(row.get("weight") or Decimal(0))
        except RuleViolation as error:
            raise RuleViolation(
                error.code, field=f"lines.{index}.weight", **dict(error.params)
            ) from error
        why = str(row.get("why") or "")
        if metric is not None and why == metric.intent_en:
            why = metric.intent_zh
        target = row.get("target")
        lines.append(
            known.changed(
                target=stored(target, metric.unit) if metric else target,
                weight_bp=weight_bp,
                why=why,
                action=row.get("action") or None,
                action_due_on=row.get("action_due_on"),
                # What a form sends never says where a goal came from.
                extra={
                    **dict(known.extra),
                    **dict(row.get("extra") or {}),
                    **({PICKED: known.extra[PICKED]} if is_picked(known) else {}),
                },
            )
        )
    return lines


class SheetBinding(FormBinding):
    """What all forms about a goal sheet share: the current lines and the evidence beside them."""

    fields = LINE_FIELDS

    def load(self, ctx: FormContext) -> dict[str, Any]:
        found = frame(session_of(ctx), *subject_of(ctx))
        rows = [
            form_row(line, found.metrics.get(line.metric_code), ctx.language)
            for line in found.lines
        ]
        return {"lines": rows}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return sheet_evidence(session_of(ctx), *subject_of(ctx))

    def lines(self, ctx: FormContext, values: Mapping[str, Any]) -> list[DraftLine]:
        """The proposal that the form holds."""
        found = frame(session_of(ctx), *subject_of(ctx))
        return lines_from(found, values.get("lines") or [], ctx.language)


@form_binding("goals.goal_sheet")
class GoalSheetBinding(SheetBinding):
    """A04: the first proposal."""

    fields = LINE_FIELDS | {"comment"}
    required = frozenset({"lines.weight", "lines.target"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        number = actions.propose_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            self.lines(ctx, values),
            comment=values.get("comment"),
            extra=values.get("extra"),
        )
        return {"version": number}


@form_binding("goals.goal_answer")
class GoalAnswerBinding(SheetBinding):
    """A05: the manager's answer."""

    fields = LINE_FIELDS | {"comment", "decision"}
    required = frozenset({"decision"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        number = actions.answer_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            values["decision"],
            self.lines(ctx, values),
            comment=values.get("comment"),
            extra=values.get("extra"),
        )
        return {"decision": values["decision"], "round": number}


@form_binding("goals.goal_counter")
class GoalCounterBinding(SheetBinding):
    """A05: the employee's answer to the answer."""

    fields = LINE_FIELDS | {"comment", "decision"}
    required = frozenset({"decision"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        number = actions.counter_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            values["decision"],
            self.lines(ctx, values),
            comment=values.get("comment"),
            extra=values.get("extra"),
        )
        return {"decision": values["decision"], "round": number}


@form_binding("goals.mediation")
class GoalMediationBinding(FormBinding):
    """A06: the HR partner mediates."""

    fields = frozenset({"heard", "proposal"})
    required = fields

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        actions.mediate_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            heard=values.get("heard") or "",
            proposal=values.get("proposal") or "",
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return sheet_evidence(session_of(ctx), *subject_of(ctx))


@form_binding("goals.decision")
class GoalDecisionBinding(SheetBinding):
    """A06: the second line settles the goals."""

    fields = LINE_FIELDS | {"reason", "dissent"}
    required = frozenset({"reason"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        number = actions.decide_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            self.lines(ctx, values),
            reason=values.get("reason") or "",
            dissent=values.get("dissent"),
            extra=values.get("extra"),
        )
        return {"version": number}


@form_binding("goals.countersign")
class GoalCountersignBinding(SheetBinding):
    """A07: compliance countersigns or returns."""

    fields = LINE_FIELDS | {"comment", "decision"}
    required = frozenset({"decision"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        actions.countersign_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            values["decision"],
            comment=values.get("comment"),
            extra=values.get("extra"),
        )
        return {"decision": values["decision"]}


@form_binding("goals.acceptance")
class GoalAcceptanceBinding(SheetBinding):
    """A08: the employee signs, knowing why."""

    fields = LINE_FIELDS | {"understands_why", "restatement"}
    required = frozenset({"understands_why", "restatement"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        actions.accept_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            understands_why=values.get("understands_why") is True,
            restatement=values.get("restatement") or "",
            extra=values.get("extra"),
        )
        return None


@form_binding("goals.signature")
class GoalSignatureBinding(SheetBinding):
    """A08: the manager signs the same proposal."""

    fields = LINE_FIELDS | {"is_agreed", "comment"}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        actions.sign_goals(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            comment=values.get("comment"),
            extra=values.get("extra"),
        )
        return None


@form_binding("goals.mid_year_review")
class MidYearReviewBinding(FormBinding):
    """A12: do the goals still fit."""

    fields = frozenset({"verdict", "summary", "reason_class", "proposal"})
    required = frozenset({"verdict", "summary"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        actions.record_mid_year_review(
            session_of(ctx),
            ctx.actor,
            ctx.now,
            *subject_of(ctx),
            verdict=values.get("verdict") or "",
            summary=values.get("summary") or "",
            reason_class=values.get("reason_class"),
            proposal=values.get("proposal"),
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        return sheet_evidence(session_of(ctx), *subject_of(ctx))
