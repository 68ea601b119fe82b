"""Completed forms: the record of one, and the export of a step's for HR and auditors."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import g, request, stream_with_context, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response

from perfflow.forms import export_columns, export_row, FormDefinition, record_rows
from perfflow.inbox import queries
from perfflow.inbox.views.routes import blueprint
from perfflow.kernel.errors import BadInput, NotFound
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
)
from perfflow.workflow import queries as workflow_queries

BYTE_ORDER_MARK = "\ufeff"


@blueprint.get("/record/<int:submission_id>")
@requires(Permission.INBOX_TASK_VIEW)
def record(submission_id: int) -> str:
    """A completed form as it was, with the fields that the firm added."""
    g.nav_endpoint = "inbox.tasks"
    session, actor, language = reading(), current_actor(), current_language()
    row = queries.submission(session, submission_id)
    view = workflow_queries.task(session, actor, row.task_id, now())
    form = queries.form_of(session, row)
    rows = []
    if form is not None:
        rows = record_rows(form, row.data, language, {role.value for role in actor.roles})
    return render(
        "inbox/record.html",
        task=view,
        submission=row,
        rows=rows,
        people=queries.names(session, (row.submitted_by, view.row.subject_no)),
        decisions=workflow_queries.readable_evaluations(session, actor, now(), row.instance_id),
        back=url_for("inbox.tasks", box="done"),
    )


@blueprint.get("/export")
@requires(Permission.INBOX_TASK_VIEW)
def export() -> Response:
    """Submissions of one step as CSV: ``process``, ``step``, and ``cycle`` if only one."""
    process, step = request.args.get("process", ""), request.args.get("step", "")
    if not process or not step:
        raise BadInput("inbox.export_what")
    session, language = reading(), current_language()
    rows = list(
        queries.submissions_of_step(
            session, current_actor(), now(), process, step, request.args.get("cycle")
        )
    )
    if not rows:
        raise NotFound("inbox.nothing_to_export")
    forms = {(row.bundle_number, row.form_key): queries.form_of(session, row) for row in rows}
    body = _csv(rows, forms, language)
    headers = {"Content-Disposition": f'attachment; filename="{process}-{step}.csv"'}
    return Response(stream_with_context(body), mimetype="text/csv; charset=utf-8", headers=headers)


def _csv(
    rows: list[Row[Any]],
    forms: dict[tuple[int, str | None], FormDefinition | None],
    language: str,
) -> Iterator[str]:
    """One line per submission; the columns of every version of the form, the newest first."""
    headings: dict[str, str] = {}
    for number, key in sorted(forms, key=lambda pair: -pair[0]):
        form = forms[number, key]
        for column in export_columns(form, language) if form else []:
            headings.setdefault(column.key, column.heading)
    fixed = ["business_key", "subject", "submitted_by", "submitted_at", "outcome"]
    yield BYTE_ORDER_MARK + _line([*fixed, *headings.values()])
    for row in rows:
        form = forms[row.bundle_number, row.form_key]
        cells = export_row(form, row.data) if form else {}
        lead = [
            row.business_key,
            row.subject_no or "",
            row.submitted_by,
            row.submitted_at.isoformat(timespec="seconds"),
            row.outcome or "",
        ]
        yield _line([*lead, *(cells.get(key, "") for key in headings)])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
