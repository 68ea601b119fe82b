"""The one way to hand in a task's form, for pages, the API and the simulation; and its drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from perfflow.forms import FormContext, FormDefinition, validate
from perfflow.kernel.actor import Actor
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries

PAGE_FIELDS = "page:fields"
"""Where a draft keeps what the page sent, so that half-typed values come back as typed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A task that was handed in."""

    task_id: int
    code: str = "done"


def submit_task(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: int,
    revision: int,
    submitted: MultiDict[str, str] | Mapping[str, Any],
    language: str = "zh",
) -> Outcome:
    """Validate the form of a task, let its room store it, and move the process on.

    ``submitted`` are the fields of a page or plain values. Whoever may not see the task gets
    ``NotFound``; broken rules, of the form or of any room on the way, are raised as
    ``RuleViolation`` with their fields; a task that somebody else finished or that moved on since
    ``revision`` is a ``Conflict``. In all these cases nothing has changed.
    """
    workflow_actions.complete_task(session, actor, now, task_id, revision, submitted)
    return Outcome(task_id)


def store_draft(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: int,
    submitted: MultiDict[str, str] | Mapping[str, Any],
    language: str = "zh",
) -> datetime:
    """Keep what a person has typed so far; returns when.

    A draft holds the values that could already be read (what an auto-submit takes) and, from a
    page, the texts as they were typed. Its errors are nobody's business yet.
    """
    view = workflow_queries.task(session, actor, task_id, now)
    data: dict[str, Any] = {}
    if view.form is not None:
        context = view.form_context(session, actor, now, language)
        data.update(validate(view.form, submitted, context).values)
    if isinstance(submitted, MultiDict):
        data[PAGE_FIELDS] = {
            name: values for name, values in submitted.lists() if name.startswith("f-")
        }
    workflow_actions.save_draft(session, actor, now, task_id, data)
    return now


def draft_as_sent(
    form: FormDefinition, data: Mapping[str, Any], context: FormContext
) -> MultiDict[str, str]:
    """A stored draft as the page would send it again."""
    page = data.get(PAGE_FIELDS)
    if isinstance(page, Mapping):
        return MultiDict((name, text) for name, texts in page.items() for text in texts)
    plain = {name: value for name, value in data.items() if name != "extra"}
    extra = data.get("extra")
    if isinstance(extra, Mapping):
        plain.update(extra)
    submission = validate(form, plain, replace(context))
    sent = submission.form.sent
    return sent if sent is not None else MultiDict()
