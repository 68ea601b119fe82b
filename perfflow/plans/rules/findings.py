"""What the plan linter says: rule, severity, place, message and what decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfflow.plans.rules.profiles import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: rule, severity, place (``cards/FA.lines.3``), message id and what decided it."""

    code: str
    severity: Severity
    path: str
    message: str
    params: Mapping[str, Any]
    source: str = "default"

    @property
    def blocks(self) -> bool:
        """True when publication needs an override by a compliance officer."""
        return self.severity is Severity.ERROR
