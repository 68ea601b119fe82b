"""What the task page shows around a form: evidence, the way of the process, history, actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.datastructures import MultiDict

from perfflow.calendar import firm_calendar
from perfflow.forms import BoundForm, FormContext, Text
from perfflow.forms.problems import FieldError
from perfflow.forms.rendering import evidence_of, render_form
from perfflow.forms.view import FormView
from perfflow.inbox import queries
from perfflow.inbox.actions import draft_as_sent
from perfflow.inbox.rules import due_of
from perfflow.inbox.views.around import around_step
from perfflow.inbox.views.listing import badge_of
from perfflow.kernel.actor import Role
from perfflow.web import current_actor, current_language, now, reading, render
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.queries import TaskView


def task_page(
    view: TaskView,
    *,
    sent: MultiDict[str, str] | Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    draft: Row[Any] | None = None,
    trouble: str = "",
) -> str:
    """The page of a task, with what was sent or drafted in its fields."""
    session, actor, at, language = reading(), current_actor(), now(), current_language()
    context = view.form_context(session, actor, at, language)
    html, form_view = Markup(""), None
    if view.form is not None:
        html, form_view = _form(view, context, sent, errors, draft)
    people = queries.names(
        session, (view.row.subject_no, view.row.assignee_no, view.row.completed_by)
    )
    return render(
        "inbox/task.html",
        task=view,
        form_html=html,
        form_view=form_view,
        summary=form_view.summary if form_view else [(None, _plain(e, language)) for e in errors],
        evidence=evidence_of(view.form, context) if view.form is not None else [],
        around=around_step(view, session, language),
        history=queries.history(session, view.row.instance_id),
        decisions=workflow_queries.readable_evaluations(session, actor, at, view.row.instance_id),
        due=due_of(view.row.due_at, at, firm_calendar(session)),
        badge_of=badge_of,
        people=people,
        purpose=_told(view, "purpose", language),
        readers=_told(view, "readers", language),
        draft=draft,
        trouble=trouble,
        may_reassign=actor.has(Role.LINE_MANAGER, Role.HR_PARTNER, Role.PROCESS_ADMIN),
        may_release=view.may_complete
        and view.row.assignee_no is not None
        and view.row.candidate_group is not None,
    )


def _form(
    view: TaskView,
    context: FormContext,
    sent: MultiDict[str, str] | Mapping[str, Any] | None,
    errors: Sequence[FieldError],
    draft: Row[Any] | None,
) -> tuple[Markup, FormView]:
    form = view.form
    assert form is not None
    typed = sent if isinstance(sent, MultiDict) else None
    if typed is None and draft is not None:
        typed = draft_as_sent(form, draft.data, context)
    bound = BoundForm(form, context, typed, read_only=not view.may_complete)
    bound.errors = list(errors)
    return render_form(bound, task=view)


def _plain(error: FieldError, language: str) -> str:
    return error.sentence(language)


def _told(view: TaskView, name: str, language: str) -> str:
    """A text of the step, or of its form: why it exists, who reads it."""
    properties = view.element.properties
    text = Text(properties.get(name, ""), properties.get(f"{name}@en", ""))
    if not text and view.form is not None:
        text = view.form.text(name)
    return text.within(language)
