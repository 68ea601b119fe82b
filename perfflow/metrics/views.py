"""Pages of metric data: loads with their errors, uploading, one value with its history."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.kernel.errors import NotFound, PerfFlowError, RuleViolation
from perfflow.metrics import actions, queries
from perfflow.metrics.units import shown, UNITS
from perfflow.people import queries as people_queries
from perfflow.people.access import access_person, Relation
from perfflow.web import (
    current_actor,
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

blueprint = Blueprint("metrics", __name__, template_folder="templates", url_prefix="/metrics")
PAGE = 30
SOURCES = (
    "CORE",
    "CRM",
    "CMP",
    "QA",
    "SVY",
    "LMS",
    "HR",
    "PM",
    "RSK",
    "DIG",
    "OPS",
    "MAN",
    "PerfFlow",
)
READERS = (Relation.SELF, Relation.LINE, Relation.HR, Relation.AUDITOR)


@blueprint.get("/")
@requires(Permission.METRICS_VALUE_VIEW)
def batches() -> str:
    """The loads, newest first, and where a file is uploaded."""
    return _page()


def _page(problem: PerfFlowError | None = None) -> str:
    before = request.args.get("before", "")
    rows = queries.batches(reading(), int(before) if before.isdigit() else None, PAGE + 1)
    return render(
        "metrics/batches.html",
        rows=rows[:PAGE],
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else None,
        sources=SOURCES,
        problem=problem,
        value_count=queries.value_count(reading()),
    )


@blueprint.post("/")
@requires(Permission.METRICS_VALUE_LOAD)
def load() -> Response | tuple[str, int]:
    """Load a file; the same file twice is one load."""
    upload = request.files.get("file")
    try:
        with writing() as session:
            batch = actions.load_batch(
                session,
                current_actor(),
                now(),
                source=request.form.get("source", ""),
                file_name=(upload and upload.filename) or "",
                content=upload.read() if upload else b"",
                reason=request.form.get("reason", "").strip() or None,
            )
            batch_id = batch.id
    except PerfFlowError as error:
        return _page(error), error.status
    toast("metrics.batch_taken", number=batch_id)
    return redirect(url_for("metrics.batch", batch_id=batch_id))


@blueprint.get("/batches/<int:batch_id>")
@requires(Permission.METRICS_VALUE_VIEW)
def batch(batch_id: int) -> str:
    """One load with the rows that were left out and why."""
    found = queries.batch(reading(), batch_id)
    if found is None:
        raise NotFound("metrics.unknown_batch", number=batch_id)
    return render("metrics/batch.html", batch=found)


@blueprint.get("/catalogue")
@requires(Permission.GOALS_TREE_VIEW)
def catalogue() -> str:
    """Every metric: what it means, how it is computed, where it comes from."""
    metrics = queries.metric_catalogue(reading())
    return render("metrics/catalogue.html", metrics=metrics, units=UNITS)


@blueprint.get("/values/<employee_no>/<metric_code>/<period>")
@requires(Permission.GOALS_SHEET_VIEW)
def value(employee_no: str, metric_code: str, period: str) -> str:
    """Every version of one value with source, row and reason."""
    return _value_page(employee_no, metric_code, period)


def _value_page(
    employee_no: str, metric_code: str, period: str, problem: PerfFlowError | None = None
) -> str:
    session, actor = reading(), current_actor()
    metric = queries.metric_catalogue(session).get(metric_code)
    is_owner = permits(actor, Permission.METRICS_VALUE_LOAD)
    if not is_owner:
        access_person(session, actor, employee_no, today(), READERS)
    person = people_queries.employee(session, employee_no)
    history = queries.value_history(session, employee_no, metric_code, period)
    if metric is None or not history:
        raise NotFound("metrics.unknown_value")
    return render(
        "metrics/value.html",
        subject=person,
        metric=metric,
        unit=UNITS[metric.unit],
        period=period,
        history=list(reversed(history)),
        shown=shown,
        problem=problem,
        may_correct=is_owner and actor.employee_no != employee_no,
    )


@blueprint.post("/values/<employee_no>/<metric_code>/<period>")
@requires(Permission.METRICS_VALUE_LOAD)
def correct(employee_no: str, metric_code: str, period: str) -> Response | tuple[str, int]:
    """Correct a value with a reason; the old version stays."""
    form = request.form
    try:
        with writing() as session:
            if form.get("act") == "missing":
                actions.mark_missing(
                    session,
                    current_actor(),
                    now(),
                    employee_no=employee_no,
                    metric_code=metric_code,
                    period=period,
                    reason=form.get("reason", ""),
                )
            else:
                actions.correct_value(
                    session,
                    current_actor(),
                    now(),
                    employee_no=employee_no,
                    metric_code=metric_code,
                    period=period,
                    reason=form.get("reason", ""),
                    value=_number(form.get("value"), "value"),
                    numerator=_number(form.get("numerator"), "numerator"),
                    denominator=_number(form.get("denominator"), "denominator"),
                )
    except PerfFlowError as error:
        return _value_page(employee_no, metric_code, period, error), error.status
    toast("metrics.value_corrected")
    return redirect(
        url_for("metrics.value", employee_no=employee_no, metric_code=metric_code, period=period)
    )


def _number(text: str | None, field: str) -> Decimal | None:
    if text is None or not text.strip():
        return None
    try:
        return Decimal(text.strip().replace(",", "").replace("−", "-"))
    except InvalidOperation as error:
        raise RuleViolation("metrics.not_a_number", field=field, got=text) from error
