"""The steps and forms of the payout process."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.forms import Evidence, EvidenceRow, form_binding, FormBinding, FormContext, Text
from perfflow.kernel.rounding import scaled_half_up
from perfflow.payouts import actions, queries
from perfflow.payouts.actions.settling import Remaining
from perfflow.payouts.gathering import gather
from perfflow.payouts.models import PayoutRun, Pool
from perfflow.workflow import service_task, ServiceContext


def _pool(ctx: FormContext) -> tuple[Session, Pool]:
    assert ctx.session is not None
    pool = queries.pool_named(ctx.session, ctx.variables["cycle"], ctx.variables["pool"])
    return ctx.session, pool


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _remaining(found: Remaining) -> dict[str, Any]:
    return {"has_held": found.has_held, "next_vest_on": found.next_vest_on}


@service_task("payouts.open_pools", inputs=("cycle",), outputs=("pool_count",))
def open_pools(ctx: ServiceContext, cycle: str) -> dict[str, Any]:
    """Start one payout process a pool."""
    return {"pool_count": actions.open_pools(ctx.session, ctx.actor, ctx.now, cycle)}


@service_task("payouts.book_awards", inputs=("cycle", "pool"))
def book_awards(ctx: ServiceContext, cycle: str, pool: str) -> dict[str, Any]:
    """Write the approved run into the ledger."""
    row = queries.pool_named(ctx.session, cycle, pool)
    actions.book_awards(ctx.session, ctx.actor, ctx.now, row)
    return {}


@service_task("payouts.settle_run", inputs=("cycle", "pool"), outputs=("has_held", "next_vest_on"))
def settle_run(ctx: ServiceContext, cycle: str, pool: str) -> dict[str, Any]:
    """Tell the people of the released run; say what remains."""
    row = queries.pool_named(ctx.session, cycle, pool)
    return _remaining(actions.settle_run(ctx.session, ctx.actor, ctx.now, row))


@service_task("payouts.vest_due", inputs=("cycle", "pool"), outputs=("has_held", "next_vest_on"))
def vest_due(ctx: ServiceContext, cycle: str, pool: str) -> dict[str, Any]:
    """Vest the tranches whose day has come; say what remains."""
    row = queries.pool_named(ctx.session, cycle, pool)
    return _remaining(actions.vest_due(ctx.session, ctx.actor, ctx.now, row))


@service_task("payouts.open_vesting", inputs=("cycle", "pool"))
def open_vesting(ctx: ServiceContext, cycle: str, pool: str) -> dict[str, Any]:
    """Start the vesting of what the pool has deferred."""
    row = queries.pool_named(ctx.session, cycle, pool)
    actions.open_vesting(ctx.session, ctx.actor, ctx.now, row)
    return {}


@service_task("payouts.look_again", inputs=("cycle", "pool"), outputs=("run_is_due", "has_held"))
def look_again(ctx: ServiceContext, cycle: str, pool: str) -> dict[str, Any]:
    """Say whether a delta run has something to book, and whether something is still held."""
    row = queries.pool_named(ctx.session, cycle, pool)
    has_held, found = actions.look_again(ctx.session, ctx.actor, ctx.now, row)
    return {"run_is_due": bool(found), "has_held": has_held}


def _run_panel(run: PayoutRun | None, session: Session) -> list[Evidence]:
    """The figures of a run, without anybody's own amount."""
    if run is None:
        return []
    awards = queries.awards_of(session, run.id)
    held = [award for award in awards if award.held_fen > 0]
    day = local_date(run.computed_at)
    rows = (
        EvidenceRow(Text("奖金池", "Pool"), _yuan(run.pool_fen), run.computed_by, day),
        EvidenceRow(Text("人数", "People"), len(awards), "", day),
        EvidenceRow(
            Text("核定合计", "Awards"), _yuan(sum(award.award_fen for award in awards)), "", day
        ),
        EvidenceRow(Text("冻结", "Held"), _yuan(sum(a.held_fen for a in held)), "", day),
        EvidenceRow(Text("退回公司", "Returned"), _yuan(run.returned_fen), "", day),
        EvidenceRow(Text("结余", "Surplus"), _yuan(run.surplus_fen), "", day),
        EvidenceRow(Text("奖金池系数 k", "Pool factor k"), run.k, "", day),
    )
    note = Text(
        "明细、差异和冻结名单在发放批次页。", "Lines, differences and holds are on the run's page."
    )
    title = Text(f"第 {run.number} 次测算", f"Run {run.number}")
    return [Evidence(title, rows, note)]


@form_binding("payouts.run")
class RunBinding(FormBinding):
    """A24: the run that goes to the committee."""

    fields = frozenset({"amount", "veto_share", "note"})
    required = frozenset({"amount", "veto_share"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session, pool = _pool(ctx)
        amount = pool.amount_fen
        if amount is None:
            amount = suggested_fen(session, pool, ctx)
        return {"amount": _yuan(amount), "veto_share": pool.veto_share, "note": ""}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, pool = _pool(ctx)
        amount = values.get("amount")
        kept = dict(values.get("extra") or {})
        if values.get("note"):
            kept["note"] = values["note"]
        run = actions.compute_run(
            session,
            ctx.actor,
            ctx.now,
            pool,
            amount_fen=None if amount is None else scaled_half_up(amount, 2),
            veto_share=values.get("veto_share"),
            extra=kept or None,
            is_handed_on=True,
        )
        return {"run_by": run.computed_by}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        session, pool = _pool(ctx)
        runs = queries.runs_of(session, pool.id)
        return _run_panel(runs[0] if runs else None, session)


def suggested_fen(session: Session, pool: Pool, ctx: FormContext) -> int:
    """Σ base × days present: what the pool would be if everybody were rated B."""
    members = gather(session, pool, local_date(ctx.now)).members
    total = sum(
        (member.factors.base_fen * member.factors.present for member in members), Fraction(0)
    )
    return scaled_half_up(total, 0)


@form_binding("payouts.approval")
class ApprovalBinding(FormBinding):
    """A25: approve or send back; never the maker, never with an own award in it."""

    fields = frozenset({"decision", "note"})
    required = frozenset({"decision"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, pool = _pool(ctx)
        actions.approve_run(
            session,
            ctx.actor,
            ctx.now,
            pool,
            decision=str(values.get("decision") or ""),
            note=values.get("note"),
            extra=values.get("extra"),
        )
        return {"decision": values["decision"]}

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        session, pool = _pool(ctx)
        return _run_panel(queries.waiting_run(session, pool.id), session)


@form_binding("payouts.release")
class ReleaseBinding(FormBinding):
    """A26: lock the run; the payment file and the statements come from it."""

    fields = frozenset({"is_checked"})

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, pool = _pool(ctx)
        actions.release_run(session, ctx.actor, ctx.now, pool, extra=values.get("extra"))
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        session, pool = _pool(ctx)
        return _run_panel(queries.run_to_release(session, pool.id), session)
