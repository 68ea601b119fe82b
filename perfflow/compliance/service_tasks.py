"""The form binding of the compliance gate review."""

from __future__ import annotations

from typing import Any

from perfflow.compliance import actions, queries
from perfflow.compliance.wording import STATUS_TEXTS
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.kernel.actor import Role
from perfflow.people.queries import employees_by_no


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

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        missing = queries.lines_without_value(
            ctx.session, str(ctx.variables["cycle"]), str(ctx.variables["unit"])
        )
        if not missing:
            return []
        people = employees_by_no(ctx.session, {number for number, _ in missing})
        return [
            Evidence(
                Text("没有数据的合规指标", "Compliance metrics without data"),
                tuple(
                    EvidenceRow(
                        Text(people[number].name_zh, people[number].name_en),
                        Text(metric.name_zh, metric.name_en).within(ctx.language),
                        metric.source,
                    )
                    for number, metric in missing
                    if number in people
                ),
                Text(
                    "确认审核，即同意这些指标按不适用处理。",
                    "With this review you approve that these lines do not apply.",
                ),
            )
        ]


def _severity(decided: int | None, potential: int) -> str:
    """The decided severity, or the possible one with a question mark."""
    return f"{potential}?" if decided is None else str(decided)
