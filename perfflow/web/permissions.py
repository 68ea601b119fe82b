"""The one enumeration of permissions, and which roles hold them (domain §1.4)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from perfflow.kernel.actor import Actor, Role


class Permission(StrEnum):
    """What a route lets a person do: ``room:subject:action``.

    A permission opens the page; whose records a person finds there is decided by the room.
    """

    # web
    WEB_ACCOUNT_MANAGE = "web:account:manage"
    WEB_ACCOUNT_USE = "web:account:use"
    # home
    HOME_PAGE_VIEW = "home:page:view"
    TEAM_BOARD_VIEW = "team:board:view"
    # inbox
    INBOX_TASK_VIEW = "inbox:task:view"
    INBOX_TASK_CLAIM = "inbox:task:claim"
    INBOX_TASK_COMPLETE = "inbox:task:complete"
    INBOX_TASK_REASSIGN = "inbox:task:reassign"
    # goals
    GOALS_SHEET_VIEW = "goals:sheet:view"
    GOALS_SHEET_DRAFT = "goals:sheet:draft"
    GOALS_SHEET_REVISE = "goals:sheet:revise"
    GOALS_TREE_VIEW = "goals:tree:view"
    GOALS_OBJECTIVE_PUBLISH = "goals:objective:publish"
    # metrics
    METRICS_VALUE_VIEW = "metrics:value:view"
    METRICS_VALUE_LOAD = "metrics:value:load"
    # plans
    PLANS_LINTER_VIEW = "plans:linter:view"
    PLANS_OVERRIDE_DECIDE = "plans:override:decide"
    # reviews
    REVIEWS_RESULT_VIEW = "reviews:result:view"
    REVIEWS_RESULT_PUBLISH = "reviews:result:publish"
    REVIEWS_RESULT_CORRECT = "reviews:result:correct"
    # check-ins
    CHECKINS_ACTIVITY_LOG = "checkins:activity:log"
    CHECKINS_NOTE_WRITE = "checkins:note:write"
    # calibration
    CALIBRATION_SESSION_VIEW = "calibration:session:view"
    CALIBRATION_SESSION_ADJUST = "calibration:session:adjust"
    # compliance
    COMPLIANCE_REGISTER_VIEW = "compliance:register:view"
    COMPLIANCE_CASE_VIEW = "compliance:case:view"
    COMPLIANCE_CASE_OPEN = "compliance:case:open"
    COMPLIANCE_CASE_DECIDE = "compliance:case:decide"
    # interviews
    INTERVIEWS_RECORD_VIEW = "interviews:record:view"
    # appeals
    APPEALS_APPEAL_VIEW = "appeals:appeal:view"
    # payouts
    PAYOUTS_RUN_VIEW = "payouts:run:view"
    PAYOUTS_RUN_PREPARE = "payouts:run:prepare"
    PAYOUTS_RUN_APPROVE = "payouts:run:approve"
    PAYOUTS_RUN_RELEASE = "payouts:run:release"
    PAYOUTS_STATEMENT_VIEW = "payouts:statement:view"
    # clawback
    CLAWBACK_REGISTER_VIEW = "clawback:register:view"
    CLAWBACK_CASE_VIEW = "clawback:case:view"
    CLAWBACK_CASE_OPEN = "clawback:case:open"
    CLAWBACK_RECEIPT_RECORD = "clawback:receipt:record"
    # cycles
    CYCLES_MONITOR_VIEW = "cycles:monitor:view"
    CYCLES_MONITOR_MANAGE = "cycles:monitor:manage"
    # studio
    STUDIO_DEPLOYMENT_VIEW = "studio:deployment:view"
    STUDIO_DEPLOYMENT_PUBLISH = "studio:deployment:publish"
    STUDIO_INSTANCE_VIEW = "studio:instance:view"
    STUDIO_INSTANCE_CHANGE = "studio:instance:change"
    STUDIO_DECISION_VIEW = "studio:decision:view"
    # audit
    AUDIT_TRAIL_VIEW = "audit:trail:view"
    # people
    PEOPLE_DIRECTORY_VIEW = "people:directory:view"
    PEOPLE_FILE_IMPORT = "people:file:import"


_EVERYBODY = frozenset(Role)
# An auditor reads everything and writes nothing; whoever writes is named from this set.
_WORKERS = _EVERYBODY - {Role.AUDITOR}
_LINE = frozenset({Role.LINE_MANAGER, Role.SECOND_LINE, Role.UNIT_HEAD, Role.EXECUTIVE})
_OPERATORS = frozenset({Role.HR_PARTNER, Role.PROCESS_ADMIN})
_PAY = frozenset({Role.FINANCE, Role.REMUNERATION_COMMITTEE})

GRANTS: Final[dict[Permission, frozenset[Role]]] = {
    Permission.WEB_ACCOUNT_USE: _EVERYBODY,
    Permission.WEB_ACCOUNT_MANAGE: frozenset({Role.PROCESS_ADMIN}),
    Permission.HOME_PAGE_VIEW: _EVERYBODY,
    Permission.TEAM_BOARD_VIEW: _LINE | {Role.HR_PARTNER},
    Permission.INBOX_TASK_VIEW: _EVERYBODY,
    Permission.INBOX_TASK_CLAIM: _WORKERS,
    Permission.INBOX_TASK_COMPLETE: _WORKERS,
    Permission.INBOX_TASK_REASSIGN: _LINE | _OPERATORS,
    Permission.GOALS_SHEET_VIEW: _EVERYBODY,
    Permission.GOALS_SHEET_DRAFT: _WORKERS,
    Permission.GOALS_SHEET_REVISE: _WORKERS,
    Permission.GOALS_TREE_VIEW: _EVERYBODY,
    Permission.GOALS_OBJECTIVE_PUBLISH: frozenset({Role.EXECUTIVE, Role.UNIT_HEAD}),
    Permission.METRICS_VALUE_VIEW: frozenset({Role.METRIC_OWNER, Role.HR_PARTNER, Role.AUDITOR}),
    Permission.METRICS_VALUE_LOAD: frozenset({Role.METRIC_OWNER}),
    Permission.PLANS_LINTER_VIEW: _OPERATORS
    | {Role.COMPLIANCE_OFFICER, Role.REMUNERATION_COMMITTEE, Role.AUDITOR},
    Permission.PLANS_OVERRIDE_DECIDE: frozenset({Role.COMPLIANCE_OFFICER}),
    Permission.REVIEWS_RESULT_VIEW: _EVERYBODY,
    Permission.REVIEWS_RESULT_PUBLISH: frozenset({Role.HR_PARTNER}),
    Permission.REVIEWS_RESULT_CORRECT: frozenset({Role.HR_PARTNER}),
    Permission.CHECKINS_ACTIVITY_LOG: _WORKERS,
    Permission.CHECKINS_NOTE_WRITE: _WORKERS,
    Permission.CALIBRATION_SESSION_VIEW: frozenset(
        {Role.CALIBRATION_COMMITTEE, Role.HR_PARTNER, Role.AUDITOR}
    ),
    Permission.CALIBRATION_SESSION_ADJUST: frozenset({Role.CALIBRATION_COMMITTEE}),
    Permission.COMPLIANCE_REGISTER_VIEW: frozenset(
        {Role.COMPLIANCE_OFFICER, Role.HR_PARTNER, Role.AUDITOR}
    ),
    # Everybody may read the own case and be heard in it.
    Permission.COMPLIANCE_CASE_VIEW: _EVERYBODY,
    Permission.COMPLIANCE_CASE_OPEN: frozenset({Role.COMPLIANCE_OFFICER}),
    Permission.COMPLIANCE_CASE_DECIDE: frozenset({Role.COMPLIANCE_OFFICER}),
    Permission.INTERVIEWS_RECORD_VIEW: _EVERYBODY,
    Permission.APPEALS_APPEAL_VIEW: frozenset({Role.HR_PARTNER, Role.AUDITOR}),
    # A process admin runs the machinery and sees no individual pay, not even the list of runs.
    Permission.PAYOUTS_RUN_VIEW: _PAY | {Role.AUDITOR},
    Permission.PAYOUTS_RUN_PREPARE: frozenset({Role.FINANCE}),
    Permission.PAYOUTS_RUN_APPROVE: frozenset({Role.REMUNERATION_COMMITTEE}),
    Permission.PAYOUTS_RUN_RELEASE: frozenset({Role.FINANCE}),
    Permission.CLAWBACK_REGISTER_VIEW: _PAY | {Role.COMPLIANCE_OFFICER, Role.AUDITOR},
    # Everybody reads the own case; queries.share_for_person checks whose it is.
    Permission.CLAWBACK_CASE_VIEW: _EVERYBODY,
    Permission.CLAWBACK_CASE_OPEN: frozenset({Role.COMPLIANCE_OFFICER, Role.FINANCE}),
    Permission.CLAWBACK_RECEIPT_RECORD: frozenset({Role.FINANCE}),
    Permission.PAYOUTS_STATEMENT_VIEW: frozenset({Role.EMPLOYEE, Role.LINE_MANAGER, Role.AUDITOR})
    | _PAY,
    Permission.CYCLES_MONITOR_VIEW: _OPERATORS | {Role.AUDITOR},
    Permission.CYCLES_MONITOR_MANAGE: _OPERATORS,
    Permission.STUDIO_DEPLOYMENT_VIEW: frozenset({Role.PROCESS_ADMIN, Role.AUDITOR}),
    Permission.STUDIO_DEPLOYMENT_PUBLISH: frozenset({Role.PROCESS_ADMIN}),
    Permission.STUDIO_INSTANCE_VIEW: frozenset({Role.PROCESS_ADMIN, Role.AUDITOR}),
    Permission.STUDIO_INSTANCE_CHANGE: frozenset({Role.PROCESS_ADMIN}),
    # Open to all so that others find nothing there instead of being refused.
    Permission.STUDIO_DECISION_VIEW: _EVERYBODY,
    Permission.AUDIT_TRAIL_VIEW: frozenset({Role.AUDITOR}),
    Permission.PEOPLE_DIRECTORY_VIEW: _EVERYBODY,
    Permission.PEOPLE_FILE_IMPORT: frozenset({Role.HR_PARTNER}),
}
READING_ACTIONS: Final = frozenset({"view", "use"})
"""Action words that change nothing of the business; an auditor holds no other."""


def permits(actor: Actor, permission: Permission) -> bool:
    """True when one of the actor's roles holds ``permission``."""
    return actor.has(*GRANTS[permission])
