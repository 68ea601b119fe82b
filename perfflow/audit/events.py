"""The one list of audit events: every business action that leaves a record has its name here."""

from __future__ import annotations

from enum import StrEnum


class AuditEvent(StrEnum):
    """``room:subject:action``, the action in the past tense. Append to your room's section."""

    # people
    PEOPLE_UNIT_CREATED = "people:unit:created"
    PEOPLE_UNIT_HEADED = "people:unit:headed"
    PEOPLE_POST_CREATED = "people:post:created"
    PEOPLE_EMPLOYEE_HIRED = "people:employee:hired"
    PEOPLE_EMPLOYEE_ASSIGNED = "people:employee:assigned"
    PEOPLE_EMPLOYEE_TRANSFERRED = "people:employee:transferred"
    PEOPLE_EMPLOYEE_LEFT = "people:employee:left"
    PEOPLE_ABSENCE_RECORDED = "people:absence:recorded"
    PEOPLE_FILE_IMPORTED = "people:file:imported"
    PEOPLE_ROLE_GRANTED = "people:role:granted"
    PEOPLE_ROLE_REVOKED = "people:role:revoked"

    # web
    WEB_ACCOUNT_CREATED = "web:account:created"
    WEB_ACCOUNT_LOCKED = "web:account:locked"
    WEB_ACCOUNT_DISABLED = "web:account:disabled"
    WEB_PASSWORD_CHANGED = "web:password:changed"
    WEB_SESSION_OPENED = "web:session:opened"
    WEB_SESSION_REFUSED = "web:session:refused"
    WEB_SESSION_CLOSED = "web:session:closed"

    # workflow
    WORKFLOW_BUNDLE_DEPLOYED = "workflow:bundle:deployed"
    WORKFLOW_INSTANCE_STARTED = "workflow:instance:started"
    WORKFLOW_INSTANCE_COMPLETED = "workflow:instance:completed"
    WORKFLOW_INSTANCE_CANCELLED = "workflow:instance:cancelled"
    WORKFLOW_TASK_CLAIMED = "workflow:task:claimed"
    WORKFLOW_TASK_RELEASED = "workflow:task:released"
    WORKFLOW_TASK_REASSIGNED = "workflow:task:reassigned"
    WORKFLOW_TASK_REROUTED = "workflow:task:rerouted"
    WORKFLOW_REROUTING_UNDONE = "workflow:rerouting:undone"
    WORKFLOW_TASK_COMPLETED = "workflow:task:completed"
    WORKFLOW_TASK_ESCALATED = "workflow:task:escalated"
    WORKFLOW_TASK_REMINDED = "workflow:task:reminded"
    WORKFLOW_DEADLINE_MOVED = "workflow:deadline:moved"
    WORKFLOW_TIMER_FIRED = "workflow:timer:fired"
    WORKFLOW_MESSAGE_PUBLISHED = "workflow:message:published"
    WORKFLOW_TOKEN_MOVED = "workflow:token:moved"
    WORKFLOW_INSTANCE_REWOUND = "workflow:instance:rewound"
    WORKFLOW_INSTANCES_MIGRATED = "workflow:instances:migrated"
    WORKFLOW_MIGRATION_UNDONE = "workflow:migration:undone"
    WORKFLOW_STEP_SKIPPED = "workflow:step:skipped"
    WORKFLOW_INCIDENT_RAISED = "workflow:incident:raised"
    WORKFLOW_INCIDENT_RESOLVED = "workflow:incident:resolved"

    # metrics
    METRICS_BATCH_LOADED = "metrics:batch:loaded"
    METRICS_VALUE_CORRECTED = "metrics:value:corrected"
    METRICS_VALUE_MISSING = "metrics:value:marked-missing"
    METRICS_DATA_FROZEN = "metrics:data:frozen"
    METRICS_MONTH_CONFIRMED = "metrics:month:confirmed"
    METRICS_PROGRESS_SNAPSHOT = "metrics:progress:snapshot"

    # plans
    PLANS_OVERRIDE_REQUESTED = "plans:override:requested"
    PLANS_OVERRIDE_GRANTED = "plans:override:granted"
    PLANS_OVERRIDE_DECLINED = "plans:override:declined"
    PLANS_OVERRIDE_WITHDRAWN = "plans:override:withdrawn"

    # cycles
    CYCLES_CYCLE_CREATED = "cycles:cycle:created"
    CYCLES_PLAN_PUBLISHED = "cycles:plan:published"
    CYCLES_CASCADES_OPENED = "cycles:cascades:opened"
    CYCLES_CASCADE_CLOSED = "cycles:cascade:closed"
    CYCLES_PARTICIPANTS_LAUNCHED = "cycles:participants:launched"
    CYCLES_PARTICIPANT_ADDED = "cycles:participant:added"
    CYCLES_PARTICIPANT_EXCLUDED = "cycles:participant:excluded"
    CYCLES_PARTICIPANT_CLOSED = "cycles:participant:closed"
    CYCLES_DATA_FREEZE_ANNOUNCED = "cycles:data-freeze:announced"
    CYCLES_DEADLINE_MOVED = "cycles:deadline:moved"
    CYCLES_CYCLE_ARCHIVED = "cycles:cycle:archived"

    # goals
    GOALS_OBJECTIVES_PUBLISHED = "goals:objectives:published"
    GOALS_CASCADE_AGREED = "goals:cascade:agreed"
    GOALS_LIBRARY_PICKED = "goals:library:picked"
    GOALS_LIBRARY_DROPPED = "goals:library:dropped"
    GOALS_SHEET_OPENED = "goals:sheet:opened"
    GOALS_SHEET_DRAFTED = "goals:sheet:drafted"
    GOALS_SHEET_ANSWERED = "goals:sheet:answered"
    GOALS_SHEET_COUNTERED = "goals:sheet:countered"
    GOALS_SHEET_MEDIATED = "goals:sheet:mediated"
    GOALS_SHEET_DECIDED = "goals:sheet:decided"
    GOALS_SHEET_COUNTERSIGNED = "goals:sheet:countersigned"
    GOALS_SHEET_RETURNED = "goals:sheet:returned"
    GOALS_SHEET_ACCEPTED = "goals:sheet:accepted"
    GOALS_SHEET_SIGNED = "goals:sheet:signed"
    GOALS_SHEET_LOCKED = "goals:sheet:locked"
    GOALS_SHEET_REVISED = "goals:sheet:revised"
    GOALS_REVISION_PROPOSED = "goals:revision:proposed"
    GOALS_REVISION_DECIDED = "goals:revision:decided"
    GOALS_MID_YEAR_REVIEWED = "goals:mid-year:reviewed"

    # checkins
    CHECKINS_CHECK_IN_PREPARED = "checkins:check-in:prepared"
    CHECKINS_CHECK_IN_HELD = "checkins:check-in:held"
    CHECKINS_CHECK_IN_SIGNED = "checkins:check-in:signed"
    CHECKINS_CHECK_IN_MISSED = "checkins:check-in:missed"
    CHECKINS_MID_YEAR_SKIPPED = "checkins:mid-year:skipped"
    CHECKINS_ACTIVITY_LOGGED = "checkins:activity:logged"
    CHECKINS_NOTE_WRITTEN = "checkins:note:written"
    CHECKINS_FEEDBACK_GIVEN = "checkins:feedback:given"
    CHECKINS_COMMITMENT_MADE = "checkins:commitment:made"
    CHECKINS_COMMITMENT_CLOSED = "checkins:commitment:closed"
    CHECKINS_FOLLOW_UP_DONE = "checkins:follow-up:done"

    # compliance
    COMPLIANCE_CASE_OPENED = "compliance:case:opened"
    COMPLIANCE_CASE_CHANGED = "compliance:case:changed"
    COMPLIANCE_DECISION_PROPOSED = "compliance:decision:proposed"
    COMPLIANCE_DECISION_RETURNED = "compliance:decision:returned"
    COMPLIANCE_JOINT_ATTACHED = "compliance:joint-liability:attached"
    COMPLIANCE_CASE_DECIDED = "compliance:case:decided"
    COMPLIANCE_CASE_APPEALED = "compliance:case:appealed"
    COMPLIANCE_CASE_CLOSED = "compliance:case:closed"
    COMPLIANCE_CONDUCT_GRADED = "compliance:conduct:graded"
    COMPLIANCE_GATE_REVIEWED = "compliance:gate:reviewed"

    # reviews
    REVIEWS_DATA_CHECKED = "reviews:data:checked"
    REVIEWS_DATA_DISPUTED = "reviews:data:disputed"
    REVIEWS_DATA_DEEMED_CHECKED = "reviews:data:deemed-checked"
    REVIEWS_SELF_ASSESSED = "reviews:self-assessment:submitted"
    REVIEWS_SELF_ASSESSMENT_TAKEN = "reviews:self-assessment:taken-from-draft"
    REVIEWS_MANAGER_REVIEWED = "reviews:manager-review:submitted"
    REVIEWS_REVIEW_CLOSED = "reviews:review:closed"
    REVIEWS_RESULT_RECORDED = "reviews:result:recorded"
    REVIEWS_RESULT_CORRECTED = "reviews:result:corrected"
    REVIEWS_RESULTS_COMPUTED = "reviews:results:computed"
    REVIEWS_RESULTS_PUBLISHED = "reviews:results:published"
    REVIEWS_RESULTS_ANNOUNCED = "reviews:results:announced"

    # calibration
    CALIBRATION_SESSIONS_PLANNED = "calibration:sessions:planned"
    CALIBRATION_SESSION_OPENED = "calibration:session:opened"
    CALIBRATION_RESULT_ADJUSTED = "calibration:result:adjusted"
    CALIBRATION_ADJUSTMENT_WITHDRAWN = "calibration:adjustment:withdrawn"
    CALIBRATION_MOVES_APPROVED = "calibration:moves:approved"
    CALIBRATION_SESSION_CLOSED = "calibration:session:closed"

    # interviews
    INTERVIEWS_INTERVIEW_OPENED = "interviews:interview:opened"
    INTERVIEWS_INTERVIEW_PREPARED = "interviews:interview:prepared"
    INTERVIEWS_INTERVIEW_RECORDED = "interviews:interview:recorded"
    INTERVIEWS_INTERVIEW_SIGNED = "interviews:interview:signed"
    INTERVIEWS_INTERVIEW_EXCUSED = "interviews:interview:excused"
    INTERVIEWS_RESULT_CONFIRMED = "interviews:result:confirmed"
    INTERVIEWS_RESULT_DEEMED_CONFIRMED = "interviews:result:deemed-confirmed"

    # appeals
    APPEALS_APPEAL_LODGED = "appeals:appeal:lodged"
    APPEALS_APPEAL_DECIDED = "appeals:appeal:decided"

    # payouts
    PAYOUTS_BASE_SET = "payouts:base:set"
    PAYOUTS_POOLS_OPENED = "payouts:pools:opened"
    PAYOUTS_RISK_STATED = "payouts:risk:stated"
    PAYOUTS_RUN_COMPUTED = "payouts:run:computed"
    PAYOUTS_RUN_APPROVED = "payouts:run:approved"
    PAYOUTS_RUN_RETURNED = "payouts:run:returned"
    PAYOUTS_AWARDS_BOOKED = "payouts:awards:booked"
    PAYOUTS_RUN_RELEASED = "payouts:run:released"
    PAYOUTS_RUN_SETTLED = "payouts:run:settled"
    PAYOUTS_POOL_REOPENED = "payouts:pool:reopened"
    PAYOUTS_TRANCHES_VESTED = "payouts:tranches:vested"

    # background work
    JOBS_BATCH_REQUESTED = "jobs:batch:requested"
    JOBS_BATCH_CANCELLED = "jobs:batch:cancelled"
    JOBS_BATCH_RETRIED = "jobs:batch:retried"

    # clawback
    CLAWBACK_CASE_OPENED = "clawback:case:opened"
    CLAWBACK_LIABILITY_SET = "clawback:liability:set"
    CLAWBACK_PEOPLE_HEARD = "clawback:people:heard"
    CLAWBACK_RECOVERY_PROPOSED = "clawback:recovery:proposed"
    CLAWBACK_RECOVERY_DECIDED = "clawback:recovery:decided"
    CLAWBACK_DISPUTE_LODGED = "clawback:dispute:lodged"
    CLAWBACK_DISPUTE_DECIDED = "clawback:dispute:decided"
    CLAWBACK_CASE_EXECUTED = "clawback:case:executed"
    CLAWBACK_PLAN_AGREED = "clawback:plan:agreed"
    CLAWBACK_RECEIPT_RECORDED = "clawback:receipt:recorded"
    CLAWBACK_CASE_CLOSED = "clawback:case:closed"

    # seed and simulation
    SEED_FIRM_SEEDED = "seed:firm:seeded"
