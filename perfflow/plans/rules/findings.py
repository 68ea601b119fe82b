"""What the plan linter says: rule, severity, place, message and what decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from perfflow.plans.rules.profiles import DEFAULT, Regulation, Severity

_HOUSE = Regulation("系统默认规则", "default rule of the firm")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: rule, severity, place (``cards/FA-STD.lines.3``), message id, what decided it.

    ``source`` is the profile that decided (``default``: none did), ``profile`` its names and
    ``regulation`` the text that the rule comes from.
    """

    code: str
    severity: Severity
    path: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    source: str = DEFAULT
    regulation: Regulation | None = None
    profile: Regulation | None = None

    @property
    def blocks(self) -> bool:
        """True when publication needs an override by a compliance officer."""
        return self.severity is Severity.ERROR

    @property
    def because(self) -> dict[str, str]:
        """Profile and regulation, in both languages: where the rule comes from."""
        parts = [
            (f"{self.source} {self.profile.zh}", f"{self.source} {self.profile.en}")
            if self.profile
            else (_HOUSE.zh, _HOUSE.en)
        ]
        if self.regulation:
            parts.append((self.regulation.zh, self.regulation.en))
        return {"zh": "；".join(zh for zh, _ in parts), "en": "; ".join(en for _, en in parts)}

    @property
    def wording(self) -> dict[str, Any]:
        """The parameters of the message, with where the rule comes from."""
        return {**self.params, "because": self.because}

    @property
    def mark(self) -> str:
        """A short name for exactly this finding: another place or another figure is another one,
        so that a permission for 52 % does not cover 60 %."""
        shown = {key: str(value) for key, value in sorted(self.params.items())}
        return sha256(f"{self.code}\0{self.path}\0{self.message}\0{shown}".encode()).hexdigest()[
            :24
        ]
