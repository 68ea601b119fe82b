"""Tables of the workflow engine: definitions, instances, waiting points, messages and history."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Table, Text, text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, UtcDateTime


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements in SQLAlchemy Core."""
    return cast(Table, model.__table__)


OPEN_TASK = text("status = 'open'")
ACTIVE_INSTANCE = text("status IN ('active', 'incident')")


class Bundle(Base):
    """Everything that one number pins: BPMN, called DMN and forms; immutable."""

    __tablename__ = "bundle"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    files: Mapped[dict[str, str]] = mapped_column(JsonText)  # path -> hash of `bundle_file`
    findings: Mapped[list[dict[str, object]]] = mapped_column(JsonText)
    deployed_by: Mapped[str] = mapped_column(String(64))
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BundleFile(Base):
    """One file's bytes, stored once however many bundles and releases hold it."""

    __tablename__ = "bundle_file"
    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CatalogueRelease(Base):
    """A numbered, immutable set of catalogue documents."""

    __tablename__ = "catalogue_release"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    files: Mapped[dict[str, str]] = mapped_column(JsonText)
    deployed_by: Mapped[str] = mapped_column(String(64))
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Deployment(WithId, Base):
    """Who published which bundle and release, and when; publishing the same again is a row too."""

    __tablename__ = "deployment"
    bundle_number: Mapped[int] = mapped_column(ForeignKey("bundle.number"))
    release_number: Mapped[int] = mapped_column(ForeignKey("catalogue_release.number"))
    changed: Mapped[list[str]] = mapped_column(JsonText)
    deployed_by: Mapped[str] = mapped_column(String(64))
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProcessVersion(WithId, Base):
    """A process definition as it stands in one bundle."""

    __tablename__ = "process_version"
    __table_args__ = (UniqueConstraint("bundle_number", "definition_key"),)
    bundle_number: Mapped[int] = mapped_column(ForeignKey("bundle.number"))
    definition_key: Mapped[str] = mapped_column(String(64), index=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    path: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]  # counts the different contents of this key


class EngineState(Base):
    """A token state, stored once for all instances that stand there."""

    __tablename__ = "engine_state"
    hash: Mapped[str] = mapped_column(String(40), primary_key=True)
    blob: Mapped[bytes] = mapped_column(LargeBinary)


class ProcessInstance(WithId, Base):
    """A running or finished process; ``variables`` maps a scope path to its values."""

    __tablename__ = "process_instance"
    __table_args__ = (
        Index(
            "uq_process_instance_active_key",
            "definition_key",
            "business_key",
            unique=True,
            sqlite_where=ACTIVE_INSTANCE,
            postgresql_where=ACTIVE_INSTANCE,
        ),
    )
    version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id"))
    bundle_number: Mapped[int] = mapped_column(ForeignKey("bundle.number"))
    definition_key: Mapped[str] = mapped_column(String(64))
    business_key: Mapped[str] = mapped_column(String(120), index=True)
    status: Mapped[str] = mapped_column(String(12))  # active, incident, completed, cancelled
    revision: Mapped[int] = mapped_column(default=0)
    state_hash: Mapped[str | None] = mapped_column(ForeignKey("engine_state.hash"))
    variables: Mapped[dict[str, dict[str, object]]] = mapped_column(JsonText)
    log_hash: Mapped[str] = mapped_column(String(40))
    log_count: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MigrationRun(WithId, Base):
    """Instances of a definition that were taken to the version of another bundle at once."""

    __tablename__ = "migration_run"
    definition_key: Mapped[str] = mapped_column(String(64), index=True)
    bundle_number: Mapped[int] = mapped_column(ForeignKey("bundle.number"))
    mapping: Mapped[dict[str, str]] = mapped_column(JsonText)  # element -> element
    reason: Mapped[str] = mapped_column(Text)
    migrated_by: Mapped[str] = mapped_column(String(64))
    migrated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    instances: Mapped[int]
    left_behind: Mapped[int]
    undone_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_back: Mapped[int | None]


class MigrationItem(Base):
    """What an instance was before a migration; ``position`` is the migration's log entry."""

    __tablename__ = "migration_item"
    run_id: Mapped[int] = mapped_column(ForeignKey("migration_run.id"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id"))
    bundle_number: Mapped[int] = mapped_column(ForeignKey("bundle.number"))
    state_hash: Mapped[str] = mapped_column(ForeignKey("engine_state.hash"))
    position: Mapped[int]


class UserTask(WithId, Base):
    """A work item; ``slot`` tells apart several tokens at one element."""

    __tablename__ = "user_task"
    __table_args__ = (
        Index(
            "uq_user_task_open",
            "instance_id",
            "element_key",
            "slot",
            unique=True,
            sqlite_where=OPEN_TASK,
            postgresql_where=OPEN_TASK,
        ),
        Index("ix_user_task_assignee_due", "assignee_no", "status", "due_key", "id"),
        Index("ix_user_task_group_due", "candidate_group", "status", "due_key", "id"),
        Index("ix_user_task_completed_by", "completed_by", "completed_at", "id"),
        Index("ix_user_task_status_due", "status", "due_key", "id"),
        Index("ix_user_task_business_key", "business_key"),
    )
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    bundle_number: Mapped[int]
    definition_key: Mapped[str] = mapped_column(String(64))  # of the process that holds the step
    business_key: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    element_key: Mapped[str] = mapped_column(String(240))  # scope path and element id
    scope: Mapped[str] = mapped_column(String(200))
    slot: Mapped[int]
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str | None] = mapped_column(String(40))
    form_key: Mapped[str | None] = mapped_column(String(80))
    subject_no: Mapped[str | None] = mapped_column(String(16), index=True)
    assignee_no: Mapped[str | None] = mapped_column(String(16))
    candidate_group: Mapped[str | None] = mapped_column(String(80))
    more_groups: Mapped[list[str] | None] = mapped_column(JsonText)  # see TaskGroup
    not_for: Mapped[list[str] | None] = mapped_column(JsonText)
    locals: Mapped[dict[str, object] | None] = mapped_column(JsonText)
    priority: Mapped[int] = mapped_column(default=50)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_key: Mapped[str] = mapped_column(String(20))  # sortable text of due_at, "9" when none
    follow_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(12))  # open, completed, cancelled
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_by: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(24))  # done, auto, skipped
    submission_id: Mapped[int | None]


class TaskRerouting(WithId, Base):
    """An open task that went to somebody else because the organisation changed; can be undone."""

    __tablename__ = "task_rerouting"
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"), index=True)
    business_key: Mapped[str] = mapped_column(String(120), index=True)
    cause: Mapped[str] = mapped_column(String(8))  # left, moved, away
    old_assignee_no: Mapped[str | None] = mapped_column(String(16))
    old_groups: Mapped[list[str]] = mapped_column(JsonText)
    new_assignee_no: Mapped[str | None] = mapped_column(String(16))
    new_groups: Mapped[list[str]] = mapped_column(JsonText)
    moved_by: Mapped[str] = mapped_column(String(64))
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TaskGroup(Base):
    """A further candidate group of a task; most tasks have one group and no row here."""

    __tablename__ = "task_group"
    group_name: Mapped[str] = mapped_column(String(80), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"), primary_key=True)


class TaskDraft(Base):
    """What a person has typed so far; never visible to others."""

    __tablename__ = "task_draft"
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"), primary_key=True)
    employee_no: Mapped[str] = mapped_column(String(16), primary_key=True)
    data: Mapped[dict[str, object]] = mapped_column(JsonText)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormSubmission(WithId, Base):
    """The validated values of one completion; never rewritten."""

    __tablename__ = "form_submission"
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"), index=True)
    form_key: Mapped[str | None] = mapped_column(String(80))
    bundle_number: Mapped[int]
    business_key: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, object]] = mapped_column(JsonText)
    submitted_by: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Timer(WithId, Base):
    """What falls due: a timer event of the model, or a rung of a task's reminder ladder."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("task_id", "rung"),
        Index("ix_timer_due_at_id", "due_at", "id"),
        Index("ix_timer_instance_id_element_key", "instance_id", "element_key"),
    )
    kind: Mapped[str] = mapped_column(String(8))  # event, ladder, start
    # None for the start event of a process; the key begins with that of the process then.
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    element_key: Mapped[str] = mapped_column(String(240))
    slot: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    repeat: Mapped[str | None] = mapped_column(String(80))  # what is left of a cycle
    task_id: Mapped[int | None] = mapped_column(ForeignKey("user_task.id"))
    rung: Mapped[str | None] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(default=0)


class LadderNotice(WithId, Base):
    """A rung that was sent; it is not sent again when the deadline moves."""

    __tablename__ = "ladder_notice"
    __table_args__ = (UniqueConstraint("task_id", "rung"),)
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"))
    rung: Mapped[str] = mapped_column(String(80))
    recipients: Mapped[list[str]] = mapped_column(JsonText)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MessageSubscription(WithId, Base):
    """A token, or the start event of a process, that waits for a message with this name."""

    __tablename__ = "message_subscription"
    __table_args__ = (
        Index("ix_message_subscription_name_correlation_key", "name", "correlation_key"),
        Index("ix_message_subscription_instance_id", "instance_id"),
    )
    # None for the start event of a process: any correlation key begins an instance.
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    definition_key: Mapped[str] = mapped_column(String(64))
    element_key: Mapped[str] = mapped_column(String(240))
    slot: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))  # message, signal
    name: Mapped[str] = mapped_column(String(120))
    correlation_key: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Message(WithId, Base):
    """A published message; it waits until it is taken once per definition, or expires."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("name", "correlation_key", "dedupe_id"),
        Index("ix_message_name_correlation_key_id", "name", "correlation_key", "id"),
    )
    name: Mapped[str] = mapped_column(String(120))
    correlation_key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, object] | None] = mapped_column(JsonText)
    dedupe_id: Mapped[str | None] = mapped_column(String(200))
    published_by: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    correlated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[list[str] | None] = mapped_column(JsonText)  # definition keys


class EventLog(WithId, Base):
    """What happened in one instance, in order; each row's hash covers the row before it."""

    __tablename__ = "event_log"
    __table_args__ = (UniqueConstraint("instance_id", "position"),)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    operation: Mapped[str] = mapped_column(String(16))
    element_key: Mapped[str | None] = mapped_column(String(240))
    state_before: Mapped[str | None] = mapped_column(String(40))
    state_after: Mapped[str | None] = mapped_column(String(40))
    delta: Mapped[dict[str, object] | None] = mapped_column(JsonText)
    path: Mapped[list[str] | None] = mapped_column(JsonText)  # elements passed in this step
    submission_id: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(24))
    hash: Mapped[str] = mapped_column(String(40))


class DecisionEvaluation(WithId, Base):
    """One evaluation of a decision: values as FEEL text, the rules that matched, the warnings."""

    __tablename__ = "decision_evaluation"
    __table_args__ = (Index("ix_decision_evaluation_business_key", "business_key", "id"),)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    bundle_number: Mapped[int] = mapped_column(ForeignKey("bundle.number"))
    definition_key: Mapped[str] = mapped_column(String(64))  # of the process that holds the step
    business_key: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    subject_no: Mapped[str | None] = mapped_column(String(16))
    decision_id: Mapped[str] = mapped_column(String(120))
    path: Mapped[str] = mapped_column(String(200))
    inputs: Mapped[list[dict[str, str]]] = mapped_column(JsonText)
    tables: Mapped[list[dict[str, object]]] = mapped_column(JsonText)  # of each: inputs, rules
    output: Mapped[str] = mapped_column(Text)
    warnings: Mapped[list[dict[str, object]]] = mapped_column(JsonText)
    evaluated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Incident(WithId, Base):
    """A step that failed by itself (timer, message); someone must look."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_resolved_at", "resolved_at"),)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    element_key: Mapped[str | None] = mapped_column(String(240))
    timer_id: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(80))
    detail: Mapped[str] = mapped_column(Text)
    failed_at: Mapped[str | None] = mapped_column(String(240))  # the work that failed
    attempts: Mapped[int] = mapped_column(default=1)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(64))
