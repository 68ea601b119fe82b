"""Names of audit events."""

from __future__ import annotations

import re

from perfflow.audit import AuditEvent

SHAPE = re.compile(r"[a-z]+(:[a-z]+(-[a-z]+)*){2}")


def test_every_event_reads_room_subject_action() -> None:
    assert [event for event in AuditEvent if not SHAPE.fullmatch(event.value)] == []


def test_every_member_is_named_after_its_room() -> None:
    assert [e for e in AuditEvent if not e.name.startswith(e.value.split(":")[0].upper())] == []
