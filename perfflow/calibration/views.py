"""Pages of calibration: the sessions of a cycle and the board on which results are moved."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from perfflow.calibration import actions, queries
from perfflow.calibration.actions.adjusting import unapproved_moves
from perfflow.calibration.models import CalibrationSession
from perfflow.calibration.presentation import (
    Board,
    board_page,
    factors_of,
    fairness,
    preview,
    raters,
    steps_of,
    total_in_band,
)
from perfflow.calibration.rules import MIN_CELL, MIN_POOL, MIN_POOL_FOR_LOWER_BANDS
from perfflow.cycles.queries import cycles
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import RuleViolation
from perfflow.people.models import Unit
from perfflow.web import (
    current_actor,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)
from perfflow.workflow.queries import open_tasks_of

blueprint = Blueprint(
    "calibration", __name__, url_prefix="/calibration", template_folder="templates"
)
STEPS = ("calibrate-unit", "calibrate-firm")


@blueprint.get("/")
@requires(Permission.CALIBRATION_SESSION_VIEW)
def sessions() -> str:
    """The sessions of a cycle that the reader may see."""
    session, actor = reading(), current_actor()
    all_cycles = cycles(session)
    by_cycle = {cycle.code: queries.sessions_of(session, actor, cycle.code) for cycle in all_cycles}
    calibrated = [cycle for cycle in all_cycles if by_cycle[cycle.code]]
    wanted = request.args.get("cycle")
    cycle = next((one for one in calibrated if one.code == wanted), None)
    if cycle is None and calibrated:
        cycle = max(calibrated, key=lambda one: (one.ends_on, one.code))
    rows = by_cycle[cycle.code] if cycle else []
    return render(
        "calibration/sessions.html",
        cycle=cycle,
        cycles=calibrated,
        rows=rows,
        units={row.unit_code: session.get_one(Unit, row.unit_code) for row in rows},
        sizes={row.id: len(queries.people_in(session, row)) for row in rows},
        moves=queries.adjusted_counts(session, cycle.code) if cycle else {},
    )


@blueprint.get("/<int:session_id>")
@requires(Permission.CALIBRATION_SESSION_VIEW)
def board(session_id: int) -> str:
    """The board of one session; ``person`` opens the move of one person beside it.

    ``band`` proposes the nearest total in a band: what dropping a card on a column asks for.
    """
    typed = {name: request.args.get(name, "") for name in ("to_total", "band")}
    return _board(session_id, typed, None)


@blueprint.post("/<int:session_id>/adjust")
@requires(Permission.CALIBRATION_SESSION_ADJUST)
def adjust(session_id: int) -> Response | tuple[str, int]:
    """Move one person, with a reason; ``act=preview`` shows the effect and moves nobody."""
    actor, form = current_actor(), request.form
    if form.get("act") == "preview":
        return _board(session_id, form.to_dict(), None), 200
    number = form.get("employee_no", "")
    try:
        with writing() as session:
            row = queries.session_for(session, actor, session_id)
            actions.adjust(
                session,
                actor,
                now(),
                row,
                number,
                to_total=_points(form.get("to_total", "")),
                reason_code=form.get("reason_code", ""),
                reason=form.get("reason", ""),
                seen_total=_seen(form.get("seen_total")),
            )
    except RuleViolation as error:
        return _board(session_id, form.to_dict(), error), 422
    toast("calibration.toast_moved")
    return redirect(url_for("calibration.board", session_id=session_id, person=number), 303)


@blueprint.post("/<int:session_id>/approve")
@requires(Permission.CALIBRATION_SESSION_ADJUST)
def approve(session_id: int) -> Response:
    """A second member stands for the moves of others."""
    actor = current_actor()
    with writing() as session:
        row = queries.session_for(session, actor, session_id)
        count = actions.approve_adjustments(session, actor, now(), row)
    toast("calibration.toast_approved", moves=count)
    return redirect(url_for("calibration.board", session_id=session_id), 303)


def _points(text: str) -> Decimal:
    """A total as it was typed; two decimals at most."""
    try:
        value = Decimal(text.strip().replace("，", "").replace(",", ""))
    except InvalidOperation as error:
        raise RuleViolation("calibration.total_unreadable", field="to_total") from error
    if not value.is_finite() or abs(value) > 1000 or value != round(value, 2):
        raise RuleViolation("calibration.total_unreadable", field="to_total")
    return value


def _seen(text: str | None) -> Decimal | None:
    return _points(text) if text else None


def _board(session_id: int, typed: dict[str, str], error: RuleViolation | None) -> str:
    session, actor = reading(), current_actor()
    row = queries.session_for(session, actor, session_id)
    page = board_page(session, actor, row)
    seat = page.seat_of(request.values.get("person") or typed.get("employee_no"))
    is_member = actor.has(Role.CALIBRATION_COMMITTEE) and row.status == "open"
    if seat is not None and typed.get("band"):
        proposed = total_in_band(page, seat, typed["band"])
        typed = {**typed, "to_total": "" if proposed is None else str(proposed)}
    shown = None
    if seat is not None and typed.get("to_total"):
        try:
            shown = preview(session, page, seat, _points(typed["to_total"]), today())
        except RuleViolation as problem:
            error = error or problem
    history = [
        one for one in queries.history(session, row.id) if one.employee_no != actor.employee_no
    ]
    waiting = unapproved_moves(session, row)
    return render(
        "calibration/board.html",
        page=page,
        row=row,
        unit=session.get_one(Unit, row.unit_code),
        seat=seat,
        preview=shown,
        typed=typed,
        error=error,
        reasons=actions.REASON_CODES,
        history=history,
        waiting=waiting,
        may_move=is_member,
        may_approve=is_member
        and waiting > 0
        and any(
            one.approver_no is None and one.proposer_no != actor.employee_no for one in history
        ),
        factors=factors_of(session, page, today()),
        raters=raters(session, page, actor.employee_no),
        fairness=fairness(session, page),
        units={unit.code: unit for unit in units_of(session, page)},
        steps=steps_of(page, seat) if seat else (None, None),
        min_cell=MIN_CELL,
        min_pool=MIN_POOL,
        lower_bands_from=MIN_POOL_FOR_LOWER_BANDS,
        task_url=_task_url(row) if is_member else None,
    )


def units_of(session: Session, page: Board) -> list[Unit]:
    """The units that people on the board work in."""
    codes = {seat.participant.unit_code for seat in page.seats}
    return [session.get_one(Unit, code) for code in sorted(codes)]


def _task_url(row: CalibrationSession) -> str | None:
    """Where the session is summed up and closed: the open task of its process."""
    key = f"{row.cycle_code}/calibration/{row.unit_code}"
    for task in open_tasks_of(reading(), key):
        if task.element_id in STEPS:
            return f"/inbox/tasks/{task.id}"
    return None
