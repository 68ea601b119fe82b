"""The steps and forms of the calibration process."""

from __future__ import annotations

from collections import Counter
from typing import Any

from perfflow.calibration import actions, queries
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.workflow import service_task, ServiceContext


@service_task("calibration.open_sessions", inputs=("cycle",), outputs=("session_count",))
def open_sessions(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """Plan and start the sessions of a cycle."""
    return {"session_count": actions.open_sessions(ctx.session, ctx.actor, ctx.now, cycle)}


@service_task("calibration.open_session", inputs=("cycle", "unit"))
def open_session(ctx: ServiceContext, cycle: str, unit: str) -> dict[str, Any]:
    """All reviews of the unit are in."""
    actions.open_session(ctx.session, ctx.actor, ctx.now, cycle, unit)
    return {}


@service_task("calibration.close_session", inputs=("cycle", "unit"))
def close_session(ctx: ServiceContext, cycle: str, unit: str) -> dict[str, Any]:
    """Close a session; the last one ends the stage."""
    actions.close_session(ctx.session, ctx.actor, ctx.now, cycle, unit)
    return {}


@form_binding("calibration.session")
class SessionBinding(FormBinding):
    """A19, A20: the closing statement; the moves themselves are made on the board."""

    fields = frozenset({"summary", "deviation_reason", "is_reviewed"})
    required = frozenset({"summary"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        assert ctx.session is not None
        actions.sum_up_session(
            ctx.session,
            ctx.actor,
            ctx.now,
            ctx.variables["cycle"],
            ctx.variables["unit"],
            summary=values.get("summary") or "",
            deviation_reason=values.get("deviation_reason") or "",
            extra=values.get("extra"),
        )
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        assert ctx.session is not None
        cycle, unit = ctx.variables["cycle"], ctx.variables["unit"]
        row = queries.session_named(ctx.session, cycle, unit)
        seats = queries.board(ctx.session, row, but_not=ctx.actor.employee_no)
        counts = Counter(seat.band for seat in seats)
        rows = tuple(EvidenceRow(band, counts[band]) for band in sorted(counts))
        moved = sum(seat.is_moved for seat in seats)
        note = Text(
            f"已调整 {moved} 人；在校准页逐人调整。", f"{moved} moved; adjust on the board."
        )
        return [Evidence(Text("当前分布", "Distribution now"), rows, note)]
