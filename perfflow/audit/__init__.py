"""The audit trail: who did which business action, append-only, hashed and sealed."""

from perfflow.audit.actions import record, seal_entries, transaction_id
from perfflow.audit.events import AuditEvent
from perfflow.audit.queries import trail, trail_counts, verify
from perfflow.audit.rules import Finding

__all__ = [
    "AuditEvent",
    "Finding",
    "record",
    "seal_entries",
    "trail",
    "trail_counts",
    "transaction_id",
    "verify",
]
