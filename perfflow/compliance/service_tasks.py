"""The form binding of the compliance gate review."""

from __future__ import annotations

from typing import Any

from perfflow.compliance import actions, queries
from perfflow.compliance.wording import STATUS_TEXTS
from perfflow.forms import form_binding, FormBinding, FormContext
from perfflow.kernel.actor import Role


@form_binding("compliance.gate_review")
class GateReviewBinding(FormBinding):
    """Compliance has gone through the cases of a unit (A18)."""

    fields = frozenset({"cases", "cases.case_no", "cases.status", "cases.severity", "statement"})
    required = frozenset({"statement"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        assert ctx.session is not None
        if not ctx.actor.has(Role.COMPLIANCE_OFFICER):
            # Members of a committee may open the task; the register stays with compliance.
            return {"cases": []}
        cases = queries.cases_of_unit(
            ctx.session, str(ctx.variables["cycle"]), str(ctx.variables["unit"])
        )
        return {
            "cases": [
                {
                    "case_no": case.case_no,
                    "status": STATUS_TEXTS[case.status].within(ctx.language),
                    "severity": _severity(case.severity, case.potential_severity),
                }
                for case in cases
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        review = actions.review_gate(
            ctx.session,
            ctx.actor,
            ctx.now,
            str(ctx.variables["cycle"]),
            str(ctx.variables["unit"]),
            statement=str(values.get("statement") or ""),
            extra=values.get("extra"),
        )
        return {"case_count": len(review.cases)}


def _severity(decided: int | None, potential: int) -> str:
    """The decided severity, or the possible one with a question mark."""
    return f"{potential}?" if decided is None else str(decided)
