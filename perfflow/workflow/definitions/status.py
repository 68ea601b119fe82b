"""What becomes of a file: accepted (deployable), draft (kept and shown), refused (not kept)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

Status = Literal["accepted", "draft", "refused"]
# Hostile, over the limits, or not what its name says: there is nothing that could be shown.
REFUSING = frozenset(
    {
        "WF-001", "WF-002", "WF-003", "WF-004", "WF-005", "WF-006", "WF-007", "WF-008", "WF-501",
        "FM-001", "FM-002",
    }
)  # fmt: skip


class Judged(Protocol):
    """A finding as the gate or a page has it."""

    @property
    def code(self) -> str: ...

    @property
    def severity(self) -> str: ...


def status_of(findings: Iterable[Judged]) -> Status:
    """The status of one file by what the gate says about it; warnings do not count."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if any(finding.code in REFUSING for finding in errors):
        return "refused"
    return "draft" if errors else "accepted"
