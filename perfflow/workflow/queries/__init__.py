"""Reads of the engine: tasks and the inbox, instances, definitions, bundles."""

from perfflow.workflow.queries.changes import (
    migration_plan,
    migration_run,
    migration_runs,
    MigrationPlan,
    resting_elements,
    targets_of,
    version_changes,
)
from perfflow.workflow.queries.decisions import (
    evaluation,
    evaluations_of,
    readable_evaluations,
)
from perfflow.workflow.queries.definitions import (
    bundle_findings,
    bundle_of,
    catalogue_documents,
    current_bundle,
    current_release,
    deployments,
    process_versions,
)
from perfflow.workflow.queries.inbox import (
    inbox,
    inbox_counts,
    InboxCounts,
    InboxFilter,
    InboxPage,
)
from perfflow.workflow.queries.instances import (
    event_log,
    incidents,
    instance_by_id,
    instance_by_key,
    instances_of,
    step_counts,
    variables_of,
    verify_logs,
)
from perfflow.workflow.queries.tasks import (
    draft_of,
    latest_draft,
    open_tasks_of,
    submissions_of,
    task,
    TaskView,
)

__all__ = [
    "InboxCounts",
    "InboxFilter",
    "InboxPage",
    "MigrationPlan",
    "TaskView",
    "bundle_findings",
    "bundle_of",
    "catalogue_documents",
    "current_bundle",
    "current_release",
    "deployments",
    "draft_of",
    "evaluation",
    "evaluations_of",
    "event_log",
    "inbox",
    "inbox_counts",
    "incidents",
    "instance_by_id",
    "instance_by_key",
    "instances_of",
    "latest_draft",
    "migration_plan",
    "migration_run",
    "migration_runs",
    "open_tasks_of",
    "process_versions",
    "readable_evaluations",
    "resting_elements",
    "step_counts",
    "submissions_of",
    "targets_of",
    "task",
    "variables_of",
    "verify_logs",
    "version_changes",
]
