"""Pages of results: my performance, and the same page for line, HR and auditors."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, g, redirect, request, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import participations, telling_participation
from perfflow.i18n import translate
from perfflow.i18n.formats import percent_bp
from perfflow.kernel.errors import NotFound, PerfFlowError, RuleViolation
from perfflow.people.access import access_person, is_in_hr_scope, Relation
from perfflow.reviews import actions
from perfflow.reviews.presentation import (
    corrections,
    performance_page,
    PerformancePage,
    trial_page,
)
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)

blueprint = Blueprint("reviews", __name__, template_folder="templates")


@blueprint.get("/performance/")
@requires(Permission.REVIEWS_RESULT_VIEW)
def mine() -> BaseResponse | str:
    """My performance: the page of the newest cycle whose figures say something."""
    number = current_actor().employee_no
    found = telling_participation(reading(), number, today()) if number else None
    if found is None:
        return render("reviews/nothing.html")
    return redirect(url_for("reviews.person", cycle=found[1].code, employee=number), 303)


@blueprint.get("/performance/<cycle>/<employee>")
@requires(Permission.REVIEWS_RESULT_VIEW)
def person(cycle: str, employee: str) -> str:
    """One person's performance in one cycle."""
    page, held, cycles = _page(cycle, employee)
    return render(
        "reviews/performance.html",
        page=page,
        cycles=cycles,
        is_self=Relation.SELF in held,
        may_read_notes=not held.isdisjoint({Relation.SELF, Relation.LINE}),
    )


@blueprint.get("/performance/<cycle>/<employee>.csv")
@requires(Permission.REVIEWS_RESULT_VIEW)
def export(cycle: str, employee: str) -> BaseResponse:
    """The table of metrics as a file; the same figures as on the page."""
    page, _, _ = _page(cycle, employee)
    text = io.StringIO()
    writer = csv.writer(text)
    heads = ("metric", "weight", "value", "target", "unit", "source", "as_of", "score")
    writer.writerow([translate(f"reviews.csv.{head}", {}, current_language()) for head in heads])
    for group in page.groups:
        for row in group.rows:
            writer.writerow(
                [
                    _plain(cell)
                    for cell in (
                        row.title,
                        percent_bp(row.weight_bp),
                        row.value,
                        row.target,
                        row.unit,
                        row.source,
                        row.as_of.isoformat() if row.as_of else "",
                        row.score,
                    )
                ]
            )
    name = f"performance-{cycle}-{employee}.csv"
    # The mark at the start lets spreadsheets read Chinese.
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/performance/<cycle>/<employee>/try")
@requires(Permission.REVIEWS_RESULT_VIEW)
def trial(cycle: str, employee: str) -> str:
    """What other figures would give; computed for this page only, nothing is kept."""
    session, actor = reading(), current_actor()
    someone, held = access_person(session, actor, employee, today())
    found = participations(session, employee)
    wanted = next((one for _, one in found if one.code == cycle), None)
    page = (
        trial_page(session, wanted, employee, current_language(), request.args.to_dict())
        if wanted is not None
        else None
    )
    if page is None:
        raise NotFound("reviews.no_performance")
    return render(
        "reviews/trial.html",
        page=page,
        cycle=wanted,
        employee=someone,
        is_self=Relation.SELF in held,
    )


@blueprint.get("/performance/<cycle>/corrections")
@requires(Permission.REVIEWS_RESULT_CORRECT)
def outdated(cycle: str) -> str:
    """Results of one's people whose sources have changed since."""
    return _outdated_page(cycle)


@blueprint.post("/performance/<cycle>/corrections")
@requires(Permission.REVIEWS_RESULT_CORRECT)
def correct(cycle: str) -> BaseResponse | tuple[str, int]:
    """Record the result that the sources give now, with a reason."""
    form = request.form
    number, version = form.get("employee_no", ""), form.get("version", "")
    try:
        with writing() as session:
            access_person(session, current_actor(), number, today(), {Relation.HR})
            actions.correct_result(
                session,
                current_actor(),
                now(),
                cycle,
                number,
                seen_version=int(version) if version.isdecimal() else 0,
                reason=form.get("reason", ""),
            )
    except RuleViolation as error:
        return _outdated_page(cycle, number, error), error.status
    toast("reviews.toast_corrected")
    return redirect(url_for("reviews.outdated", cycle=cycle), 303)


def _outdated_page(cycle: str, number: str = "", problem: PerfFlowError | None = None) -> str:
    session, actor = reading(), current_actor()
    found = session.get(Cycle, cycle)
    if found is None:
        raise NotFound("reviews.no_performance")
    rows = [
        row
        for row in corrections(session, found, current_language())
        if is_in_hr_scope(session, actor, row.employee.no, today())
        and row.employee.no != actor.employee_no
    ]
    g.nav_endpoint = "cycles.index"
    return render(
        "reviews/corrections.html", cycle=found, rows=rows, problem=problem, number=number
    )


def _page(
    cycle: str, employee: str
) -> tuple[PerformancePage, frozenset[Relation], list[tuple[str, str, str]]]:
    session, actor = reading(), current_actor()
    someone, held = access_person(session, actor, employee, today())
    found = participations(session, employee)
    wanted = next((one for _, one in found if one.code == cycle), None)
    if wanted is None:
        raise NotFound("reviews.no_performance")
    page = performance_page(
        session, wanted, someone, held, current_language(), metric_code=request.args.get("metric")
    )
    if page is None:
        raise NotFound("reviews.no_performance")
    cycles = [(one.code, one.name_zh, one.name_en) for _, one in found]
    return page, held, cycles


def _plain(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t") else cell
