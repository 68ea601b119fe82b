"""The task page: why, the form, evidence, where you are, history; and what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import g, jsonify, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from perfflow.forms import BoundForm, errors_of, record_rows
from perfflow.forms.problems import FieldError
from perfflow.forms.rendering import with_row_change
from perfflow.i18n import formats, translate, word
from perfflow.inbox import actions, queries
from perfflow.inbox.views.page import task_page
from perfflow.inbox.views.routes import blueprint
from perfflow.kernel.errors import BadInput, Conflict, NotAllowed, RuleViolation
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    wants_json,
    writing,
)
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries

Reply = Response | str | tuple[str, int]
Sent = MultiDict[str, str] | Mapping[str, Any]


@blueprint.get("/tasks/<int:task_id>")
@requires(Permission.INBOX_TASK_VIEW)
def task(task_id: int) -> Reply:
    """The page of a task; a finished one leads to its record."""
    g.nav_endpoint = "inbox.tasks"
    view = workflow_queries.task(reading(), current_actor(), task_id, now())
    if view.row.status != "open" and view.row.submission_id:
        return redirect(url_for("inbox.record", submission_id=view.row.submission_id), 303)
    draft = None
    if view.may_complete:
        draft = workflow_queries.draft_of(reading(), current_actor(), task_id)
    return task_page(view, draft=draft)


@blueprint.post("/tasks/<int:task_id>")
@requires(Permission.INBOX_TASK_COMPLETE)
def complete(task_id: int) -> Reply:
    """Hand in the form; row buttons only draw the page again with a row more or less."""
    g.nav_endpoint = "inbox.tasks"
    sent, revision = _sent()
    if isinstance(sent, MultiDict):
        changed = with_row_change(sent)
        if changed is not None:
            view = workflow_queries.task(reading(), current_actor(), task_id, now())
            return task_page(view, sent=changed)
    actor, at = current_actor(), now()
    try:
        with writing() as session:
            actions.submit_task(session, actor, at, task_id, revision, sent, current_language())
    except RuleViolation as violation:
        if wants_json():
            raise
        return _refused(task_id, sent, errors_of(violation)), 422
    except Conflict as conflict:
        if wants_json():
            raise
        return _conflict(task_id, sent, conflict), 409
    if wants_json():
        return jsonify({"task": task_id, "outcome": "done"})
    return redirect(url_for("inbox.following", task_id=task_id), 303)


@blueprint.get("/tasks/<int:task_id>/next")
@requires(Permission.INBOX_TASK_VIEW)
def following(task_id: int) -> Reply:
    """The way on from a finished task; looked up here to keep the hand-in's transaction short."""
    found = queries.next_task(reading(), current_actor(), task_id)
    toast("inbox.task_done" if found else "inbox.all_done")
    target = url_for("inbox.task", task_id=found) if found else url_for("inbox.tasks")
    return redirect(target, 303)


def _sent() -> tuple[Sent, int]:
    """What was sent and for which revision of the task."""
    if request.is_json:
        body = _json_body()
        values, revision = body.get("values"), body.get("revision")
        if not isinstance(values, Mapping) or isinstance(revision, bool):
            raise BadInput("inbox.bad_body")
        if not isinstance(revision, int):
            raise BadInput("inbox.bad_body")
        return values, revision
    text = request.form.get("revision", "")
    return request.form, int(text) if text.isdecimal() and len(text) < 10 else -1


def _json_body() -> Mapping[str, Any]:
    try:
        body = json.loads(request.get_data(as_text=True), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadInput("inbox.bad_body") from error
    if not isinstance(body, Mapping):
        raise BadInput("inbox.bad_body")
    return body


def _refused(task_id: int, sent: Sent, errors: list[FieldError]) -> str:
    """The page again with what was typed and what is wrong."""
    view = workflow_queries.task(reading(), current_actor(), task_id, now())
    return task_page(view, sent=sent, errors=errors)


def _conflict(task_id: int, sent: Sent, conflict: Conflict) -> str:
    """What happened meanwhile, and the typed text to take along."""
    session, actor, at, language = reading(), current_actor(), now(), current_language()
    view = workflow_queries.task(session, actor, task_id, at)
    typed = []
    if view.form is not None and isinstance(sent, MultiDict):
        bound = BoundForm(view.form, view.form_context(session, actor, at, language), sent)
        typed = record_rows(view.form, bound.root.data, language)
    return render(
        "inbox/conflict.html",
        task=view,
        sentence=word(conflict, language),
        typed=typed,
        people=queries.names(session, (view.row.completed_by, view.row.assignee_no)),
    )


@blueprint.post("/tasks/<int:task_id>/draft")
@requires(Permission.INBOX_TASK_COMPLETE)
def draft(task_id: int) -> Response:
    """Keep what has been typed; says when."""
    sent: Sent = request.form
    if request.is_json:
        body = _json_body()
        values = body.get("values", body)
        if not isinstance(values, Mapping):
            raise BadInput("inbox.bad_body")
        sent = values
    with writing() as session:
        saved = actions.store_draft(
            session, current_actor(), now(), task_id, sent, current_language()
        )
    time = formats.clock_time(saved)
    message = translate("inbox.draft_saved", {"time": time}, current_language())
    if wants_json():
        return jsonify({"saved_at": saved.isoformat(), "message": message})
    toast("inbox.draft_saved", time=time)
    return redirect(url_for("inbox.task", task_id=task_id), 303)


@blueprint.post("/tasks/<int:task_id>/claim")
@requires(Permission.INBOX_TASK_CLAIM)
def claim(task_id: int) -> Response:
    """Take a task of one's group."""
    with writing() as session:
        workflow_actions.claim_task(session, current_actor(), now(), task_id)
    toast("inbox.claimed")
    return _answer(url_for("inbox.task", task_id=task_id))


@blueprint.post("/tasks/<int:task_id>/release")
@requires(Permission.INBOX_TASK_CLAIM)
def release(task_id: int) -> Response:
    """Give a task back to its group."""
    with writing() as session:
        workflow_actions.release_task(session, current_actor(), now(), task_id)
    toast("inbox.released")
    return _answer(url_for("inbox.tasks"))


@blueprint.post("/tasks/<int:task_id>/reassign")
@requires(Permission.INBOX_TASK_REASSIGN)
def reassign(task_id: int) -> Reply:
    """Give a task to somebody else, with a reason."""
    to, reason = request.form.get("to", "").strip(), request.form.get("reason", "").strip()
    actor, at = current_actor(), now()
    try:
        with writing() as session:
            if to and not queries.names(session, (to,)):
                raise RuleViolation("inbox.no_such_person", field="to", employee=to)
            workflow_actions.reassign_task(session, actor, at, task_id, to, reason)
    except (RuleViolation, NotAllowed) as error:
        if wants_json():
            raise
        view = workflow_queries.task(reading(), actor, task_id, at)
        sentence = word(error, current_language())
        return task_page(view, trouble=sentence), error.status
    toast("inbox.reassigned")
    return _answer(url_for("inbox.tasks"))


def _answer(target: str) -> Response:
    return jsonify({"ok": True}) if wants_json() else redirect(target, 303)
