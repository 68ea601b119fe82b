"""Form bindings of result confirmation and of the appeal decision.

The confirmation is a step of the interview process and keeps that name in the form file, but its
binding lives here: it may file an appeal, and interviews must not know this room.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.appeals import actions, queries
from perfflow.appeals.rules import check_filing
from perfflow.checkins.service_tasks import about
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.interviews.actions import confirm_result
from perfflow.reviews.queries import latest_result, manager_review, result_chain


def _result_text(ctx: FormContext) -> str | None:
    assert ctx.session is not None
    result = latest_result(ctx.session, *about(ctx))
    if result is None:
        return None
    return result.band if result.total_e2 is None else f"{result.total_e2} {result.band}"


@form_binding("interviews.confirmation")
class ConfirmationBinding(FormBinding):
    """The employee confirms the result or appeals with ground and text."""

    fields = frozenset({"result", "outcome", "ground", "text"})
    required = frozenset({"outcome"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        return {"result": _result_text(ctx)}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        outcome = str(values.get("outcome") or "")
        ground, text = values.get("ground"), values.get("text")
        if outcome == "appealed":
            check_filing(ground, text)
        confirm_result(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            outcome=outcome,
            note=text if outcome == "appealed" else None,
            extra=values.get("extra"),
        )
        if outcome == "appealed":
            actions.file_appeal(
                ctx.session, ctx.actor, ctx.now, *about(ctx), ground=ground, text=text
            )
        return {"outcome": outcome}


@form_binding("appeals.decision")
class DecisionBinding(FormBinding):
    """The HR partner upholds the result or corrects it."""

    fields = frozenset({"ground", "text", "result", "outcome", "to_total", "decision"})
    required = frozenset({"outcome", "decision"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        assert ctx.session is not None
        row = queries.appeal(ctx.session, *about(ctx))
        return {
            "ground": row.ground if row else None,
            "text": row.text if row else None,
            "result": _result_text(ctx),
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        to_total = values.get("to_total")
        actions.decide_appeal(
            ctx.session,
            ctx.actor,
            ctx.now,
            *about(ctx),
            outcome=str(values.get("outcome") or ""),
            to_total=None if to_total is None else Decimal(to_total),
            decision=values.get("decision"),
            extra=values.get("extra"),
        )
        return {"outcome": str(values.get("outcome"))}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        cycle, employee = about(ctx)
        chain = result_chain(ctx.session, cycle, employee)
        rows = tuple(
            EvidenceRow(f"{link.stage}", f"{link.total_e2} {link.band}", link.decided_by, None)
            for link in chain
        )
        panels = [Evidence(Text("结果的来历", "How the result came about"), rows)] if rows else []
        review = manager_review(ctx.session, cycle, employee)
        if review is not None:
            panels.append(
                Evidence(
                    Text("主管评语", "The manager's comment"),
                    note=Text(review.comment, review.comment),
                )
            )
        return panels
