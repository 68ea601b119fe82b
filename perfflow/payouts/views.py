"""Pages of pay: pools and runs for finance and committee, statements for the people paid."""

from __future__ import annotations

import csv
import io
from datetime import date

from flask import Blueprint, current_app, g, redirect, request, Response, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from perfflow.calendar import local_date
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import cycles
from perfflow.i18n import formats
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.kernel.money import fen_from_yuan_text, yuan_text
from perfflow.payouts import actions, queries, wording
from perfflow.payouts.gathering.risk import risk_statements
from perfflow.payouts.models import PayoutRun, Pool
from perfflow.payouts.presentation import difference, ratio
from perfflow.payouts.presentation import statement as statement_page
from perfflow.payouts.printing import printed_statement
from perfflow.payouts.rules.ledger import EntryKind
from perfflow.people.models import Employee, Unit
from perfflow.people.queries import employee, employees_by_no, line_below
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    permits,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)

blueprint = Blueprint("payouts", __name__, url_prefix="/payouts", template_folder="templates")
READERS_OF_FILES = (Role.FINANCE, Role.AUDITOR)
EXPORT_HEAD = ("employee_no", "name", "net_yuan")


@blueprint.get("/runs")
@requires(Permission.PAYOUTS_RUN_VIEW)
def runs() -> str:
    """The pools of a cycle with their runs."""
    return _runs_page(request.args.get("cycle"), None, None)


@blueprint.get("/risk/<cycle>")
@requires(Permission.PAYOUTS_RUN_VIEW)
def risk(cycle: str) -> str:
    """What the committee stated about the firm's risk indicators."""
    return _risk_page(cycle, {}, None)


@blueprint.post("/risk/<cycle>")
@requires(Permission.PAYOUTS_RUN_APPROVE)
def state_risk(cycle: str) -> BaseResponse | tuple[str, int]:
    """State how many risk indicators were missed."""
    form = request.form
    missed, average = form.get("missed", "").strip(), form.get("last_average", "").strip()
    try:
        with writing() as session:
            actions.state_risk(
                session,
                current_actor(),
                now(),
                cycle,
                missed=int(missed) if missed.isascii() and missed.isdecimal() else None,
                last_average_fen=fen_from_yuan_text(average) if average else None,
                note=form.get("note", ""),
            )
    except RuleViolation as error:
        return _risk_page(cycle, form.to_dict(), error), 422
    toast("payouts.toast_risk")
    return redirect(url_for("payouts.risk", cycle=cycle), 303)


def _risk_page(cycle: str, values: dict[str, str], error: RuleViolation | None) -> str:
    session = reading()
    found = session.get(Cycle, cycle)
    if found is None:
        raise NotFound("payouts.no_cycle", cycle=cycle)
    rows = risk_statements(session, cycle)
    g.nav_endpoint = "payouts.runs"
    return render(
        "payouts/risk.html",
        cycle=found,
        rows=list(reversed(rows)),
        people=employees_by_no(session, {row.stated_by for row in rows}),
        may_state=permits(current_actor(), Permission.PAYOUTS_RUN_APPROVE),
        amount=formats.amount,
        values=values,
        errors={} if error is None else {error.field or "": error},
    )


@blueprint.post("/pools/<int:pool_id>/dry-run")
@requires(Permission.PAYOUTS_RUN_PREPARE)
def dry_run(pool_id: int) -> BaseResponse | tuple[str, int]:
    """Compute a run to look at; nothing is handed on."""
    try:
        amount = fen_from_yuan_text(request.form.get("amount", ""))
        with writing() as session:
            found = actions.run_dry(
                session,
                current_actor(),
                now(),
                queries.pool(session, pool_id),
                amount_fen=amount,
                veto_share=_veto_share(request.form.get("veto_share", "")),
            )
            run_id = found.id
    except RuleViolation as error:
        pool = queries.pool(reading(), pool_id)
        return _runs_page(pool.cycle_code, pool_id, error), 422
    toast("payouts.toast_computed")
    return redirect(url_for("payouts.run", run_id=run_id), 303)


@blueprint.post("/pools/<int:pool_id>/corrections")
@requires(Permission.PAYOUTS_RUN_PREPARE)
def reopen(pool_id: int) -> BaseResponse | tuple[str, int]:
    """Open a correction run of a pool whose payout is over."""
    try:
        with writing() as session:
            pool = queries.pool(session, pool_id)
            numbers = actions.reopen_pool(session, current_actor(), now(), pool)
    except Conflict as error:
        pool = queries.pool(reading(), pool_id)
        return _runs_page(pool.cycle_code, pool_id, error), 409
    toast("payouts.toast_reopened", people=len(numbers))
    return redirect(url_for("payouts.runs", cycle=pool.cycle_code, _anchor=f"pool-{pool_id}"), 303)


def _veto_share(text: str) -> str:
    if text not in wording.VETO_SHARES:
        raise RuleViolation("payouts.unknown_veto_share", field="veto_share", got=text)
    return text


def _runs_page(
    cycle_code: str | None, pool_id: int | None, error: RuleViolation | Conflict | None
) -> str:
    session = reading()
    all_cycles = cycles(session)
    by_cycle = {cycle.code: queries.pools_of(session, cycle.code) for cycle in all_cycles}
    paying = [cycle for cycle in all_cycles if by_cycle[cycle.code]]
    cycle = next((one for one in paying if one.code == cycle_code), None)
    if cycle is None and paying:
        cycle = max(paying, key=lambda one: (one.ends_on, one.code))
    pools = by_cycle[cycle.code] if cycle else []
    g.nav_endpoint = "payouts.runs"
    return render(
        "payouts/runs.html",
        cycle=cycle,
        cycles=paying,
        pools=pools,
        units={pool.id: session.get(Unit, pool.unit_code) for pool in pools},
        runs={pool.id: queries.runs_of(session, pool.id) for pool in pools},
        sizes={pool.id: len(queries.people_of(session, pool)) for pool in pools},
        words=wording,
        ratio=ratio,
        yuan=yuan_text,
        may_run=current_actor().has(Role.FINANCE),
        failed_pool=pool_id,
        error=error,
    )


@blueprint.get("/runs/<int:run_id>")
@requires(Permission.PAYOUTS_RUN_VIEW)
def run(run_id: int) -> str:
    """One run: every award with its factors, holds, sums, and what differs from the run before."""
    session, actor = reading(), current_actor()
    found = queries.run(session, run_id)
    pool = session.get_one(Pool, found.pool_id)
    awards = queries.awards_of(session, found.id)
    before = queries.run_before(session, found)
    earlier = (
        {award.employee_no: award.award_fen for award in queries.awards_of(session, before.id)}
        if before
        else {}
    )
    booking = queries.booked_as(session, found.id)
    voices = {found.computed_by, found.approved_by or "", found.released_by or ""}
    g.nav_endpoint = "payouts.runs"
    return render(
        "payouts/run.html",
        run=found,
        pool=pool,
        unit=session.get(Unit, pool.unit_code),
        cycle=session.get_one(Cycle, pool.cycle_code),
        awards=awards,
        held=[award for award in awards if award.held_fen > 0],
        before=before,
        changes={a.employee_no: a.award_fen - earlier.get(a.employee_no, 0) for a in awards}
        if before
        else {},
        booking=booking,
        people=employees_by_no(session, voices | {award.employee_no for award in awards}),
        words=wording,
        ratio=ratio,
        difference=difference,
        may_export=_may_export(actor, found),
    )


def _full_day(day: date) -> str:
    """A day of pay, always with its year: statements and ledgers are read years later."""
    return formats.day(day, current_language(), weekday=True, year=True)


def _may_export(actor: Actor, found: PayoutRun) -> bool:
    return actor.has(*READERS_OF_FILES) and found.status in queries.BOOKED


@blueprint.get("/runs/<int:run_id>/export.csv")
@requires(Permission.PAYOUTS_RUN_VIEW)
def export(run_id: int) -> BaseResponse:
    """The payment file of a booked run: the same bytes whoever asks, in whatever language."""
    session, actor = reading(), current_actor()
    if not actor.has(*READERS_OF_FILES):
        raise NotFound("payouts.no_run_here")
    found = queries.run(session, run_id)
    if found.status not in queries.BOOKED:
        raise Conflict("payouts.export_needs_booking", run=found.number)
    pool = session.get_one(Pool, found.pool_id)
    name = f"payout-{pool.cycle_code}-{pool.code}-{found.number}.csv"
    return Response(
        payment_file(session, found),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def payment_file(session: Session, found: PayoutRun) -> bytes:
    """Number, name and net in 元 of everybody in a run, by number."""
    awards = queries.awards_of(session, found.id)
    people = employees_by_no(session, {award.employee_no for award in awards})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(EXPORT_HEAD)
    for award in awards:
        name = _plain(people[award.employee_no].name_zh)
        writer.writerow((award.employee_no, name, yuan_text(award.net_fen)))
    # The mark at the start lets spreadsheets read Chinese.
    return ("\ufeff" + text.getvalue()).encode()


def _plain(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


@blueprint.get("/statements")
@requires(Permission.PAYOUTS_STATEMENT_VIEW)
def statements() -> str:
    """My statements, and those of the people whose line I am."""
    session, actor = reading(), current_actor()
    number = actor.employee_no
    mine = queries.released_awards(session, [number]) if number else []
    below = line_below(session, number, today()) if number else []
    team = queries.released_awards(session, below)
    g.nav_endpoint = "payouts.statements"
    return render(
        "payouts/statements.html",
        mine=mine,
        team=team,
        people=employees_by_no(session, {award.employee_no for award, _, _ in team}),
        words=wording,
    )


@blueprint.get("/statements/<int:award_id>")
@requires(Permission.PAYOUTS_STATEMENT_VIEW)
def statement(award_id: int) -> str:
    """One bonus statement (绩效奖金通知单)."""
    session, actor = reading(), current_actor()
    award = queries.statement_for(session, actor, award_id, today())
    page = statement_page(session, award, current_language())
    g.nav_endpoint = "payouts.statements"
    return render(
        "payouts/statement.html",
        page=page,
        people=_voices_of(session, page.run),
        words=wording,
        full_day=_full_day,
        released_on=local_date(page.run.released_at) if page.run.released_at else None,
        later=[row for row in page.entries if row.kind in ("VEST", "MALUS", "RELEASE", "FORFEIT")],
        is_own=award.employee_no == actor.employee_no,
        may_read_ledger=actor.has(*READERS_OF_FILES),
    )


def _voices_of(session: Session, run: PayoutRun) -> dict[str, Employee]:
    """Those who computed, approved and released a run."""
    return employees_by_no(session, {run.computed_by, run.approved_by or "", run.released_by or ""})


@blueprint.get("/statements/<int:award_id>.pdf")
@requires(Permission.PAYOUTS_STATEMENT_VIEW)
def statement_pdf(award_id: int) -> BaseResponse:
    """The same statement on paper, in the reader's language."""
    session = reading()
    award = queries.statement_for(session, current_actor(), award_id, today())
    language = current_language()
    page = statement_page(session, award, language)
    content = printed_statement(
        page, _voices_of(session, page.run), language, current_app.config.get("FONTS")
    )
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{page.number}.pdf"'},
    )


@blueprint.get("/ledger/<employee_no>")
@requires(Permission.PAYOUTS_RUN_VIEW)
def ledger(employee_no: str) -> str:
    """Every booking about one person, with the balance of what is deferred."""
    session, actor = reading(), current_actor()
    if not actor.has(*READERS_OF_FILES):
        raise NotFound("people.unknown_employee", employee=employee_no)
    someone = employee(session, employee_no)
    g.nav_endpoint = "payouts.runs"
    rows, deferred = [], 0
    balances: dict[int, int] = {}
    for entry, tranche in queries.ledger_of(session, employee_no):
        left = None
        if tranche is not None:
            sign = {EntryKind.DEFER.value: 1, EntryKind.VEST.value: -1, EntryKind.MALUS.value: -1}
            change = sign.get(entry.kind, 0) * entry.amount_fen
            left = balances[tranche.id] = balances.get(tranche.id, 0) + change
            deferred += change
        rows.append((entry, tranche, left, deferred))
    return render(
        "payouts/ledger.html",
        someone=someone,
        rows=rows,
        deferred=deferred,
        words=wording,
        full_day=_full_day,
    )
