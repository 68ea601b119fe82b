"""What may be done to processes: deploy, start, complete, claim, publish, fire."""

from perfflow.workflow.actions.assignment import claim_task, reassign_task, release_task
from perfflow.workflow.actions.changing import Consequences, move_token, preview, rewind
from perfflow.workflow.actions.completion import complete_task
from perfflow.workflow.actions.deadlines import move_deadlines, set_deadline
from perfflow.workflow.actions.deploying import deploy, Deployed
from perfflow.workflow.actions.drafts import save_draft
from perfflow.workflow.actions.incidents import resolve_incident, retry_incident, skip_incident
from perfflow.workflow.actions.instances import cancel_instance, start_instance
from perfflow.workflow.actions.mass import cancel_instances, start_instances
from perfflow.workflow.actions.messages import (
    expire_messages,
    publish_message,
    publish_messages,
    publish_signal,
)
from perfflow.workflow.actions.migrating import migrate, undo_migration
from perfflow.workflow.actions.rerouting import Cause, reroute_tasks, undo_rerouting
from perfflow.workflow.actions.timers import due_timers, fire_timer, move_deadline, next_due

__all__ = [
    "Cause",
    "Consequences",
    "Deployed",
    "cancel_instance",
    "cancel_instances",
    "claim_task",
    "complete_task",
    "deploy",
    "due_timers",
    "expire_messages",
    "fire_timer",
    "migrate",
    "move_deadline",
    "move_deadlines",
    "move_token",
    "next_due",
    "preview",
    "publish_message",
    "publish_messages",
    "publish_signal",
    "reassign_task",
    "release_task",
    "reroute_tasks",
    "resolve_incident",
    "retry_incident",
    "rewind",
    "save_draft",
    "set_deadline",
    "skip_incident",
    "start_instance",
    "start_instances",
    "undo_migration",
    "undo_rerouting",
]
