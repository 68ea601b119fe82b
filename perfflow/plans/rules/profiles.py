"""Jurisdiction profiles: thresholds of the plan linter; combined, the strictest wins (§3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from perfflow.kernel.configuration import decimal_of, Reader


class Strict(StrEnum):
    """Which value of a threshold is the stricter one."""

    LOWER = "lower"
    HIGHER = "higher"


class Severity(StrEnum):
    """E blocks publication, W warns, I informs."""

    ERROR = "E"
    WARNING = "W"
    INFO = "I"


_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)

THRESHOLDS: Mapping[str, tuple[Strict, Decimal]] = {
    "weight_min_bp": (Strict.HIGHER, Decimal(500)),
    "weight_max_bp": (Strict.LOWER, Decimal(4000)),
    "lines_min": (Strict.HIGHER, Decimal(4)),
    "lines_max": (Strict.LOWER, Decimal(15)),
    "results_max_bp": (Strict.LOWER, Decimal(5000)),
    "results_max_bp.TL": (Strict.LOWER, Decimal(4500)),
    "results_max_bp.RC": (Strict.LOWER, Decimal(1500)),
    "front_client_compliance_min_bp": (Strict.HIGHER, Decimal(3000)),
    "compliance_min_bp": (Strict.HIGHER, Decimal(1500)),
    "sales_slope_max": (Strict.LOWER, Decimal(1)),
    "sales_jump_max": (Strict.LOWER, Decimal(20)),
    "long_horizon_min_bp": (Strict.HIGHER, Decimal(0)),
    "cap_multiple_max": (Strict.LOWER, Decimal(3)),
    "deferral_min_rate.SENIOR": (Strict.HIGHER, Decimal("0.5")),
    "deferral_min_rate.KEY": (Strict.HIGHER, Decimal("0.4")),
    "deferral_min_rate.CONTROL": (Strict.HIGHER, Decimal("0.4")),
    "deferral_min_years.SENIOR": (Strict.HIGHER, Decimal(3)),
    "deferral_min_years.KEY": (Strict.HIGHER, Decimal(3)),
    "deferral_min_years.CONTROL": (Strict.HIGHER, Decimal(3)),
}
"""Every threshold with the direction of strictness and the default of the domain."""

SEVERITIES: Mapping[str, Severity] = {
    "PL-07": Severity.WARNING,
    "PL-08": Severity.WARNING,
    "PL-09": Severity.WARNING,
    "PL-20": Severity.WARNING,
    "PL-22": Severity.WARNING,
    "PL-23": Severity.WARNING,
}
"""Rules whose severity a profile may raise, with the default."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Thresholds of one jurisdiction. Not legal advice: ``verified_by`` is empty until a person
    of the firm has checked it against the text, and pages show that."""

    code: str
    version: int
    name_zh: str
    name_en: str
    verified_by: str | None
    verified_on: date | None
    thresholds: Mapping[str, Decimal]
    severities: Mapping[str, Severity]
    complaint_metrics: frozenset[str]
    procedure_metrics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value in force and the profile that decided it (``default`` when none did)."""

    value: Decimal
    decided_by: str


COMPLAINT_METRICS = frozenset({"CP-01", "CP-02"})
PROCEDURE_METRICS = frozenset({"CP-03", "CP-04", "CP-05"})


class Thresholds:
    """The thresholds of several profiles together; the strictest wins and is named."""

    def __init__(self, profiles: Sequence[Profile] = ()) -> None:
        self.profiles = tuple(profiles)
        self.complaint_metrics = COMPLAINT_METRICS.union(*(p.complaint_metrics for p in profiles))
        self.procedure_metrics = PROCEDURE_METRICS.union(*(p.procedure_metrics for p in profiles))

    def of(self, key: str, part: str | None = None) -> Threshold:
        """The threshold ``key``, for ``part`` (a post, a category) where one is set for it."""
        name = f"{key}.{part}" if part is not None and f"{key}.{part}" in THRESHOLDS else key
        strict, default = THRESHOLDS[name]
        found = Threshold(default, "default")
        for profile in self.profiles:
            for own in {name, key}:
                value = profile.thresholds.get(own)
                if value is not None and _is_stricter(strict, value, found.value):
                    found = Threshold(value, profile.code)
        return found

    def severity(self, rule: str, default: Severity) -> tuple[Severity, str]:
        """The severity of a rule and the profile that decided it."""
        found, decided = SEVERITIES.get(rule, default), "default"
        for profile in self.profiles:
            own = profile.severities.get(rule)
            if own is not None and _ORDER.index(own) < _ORDER.index(found):
                found, decided = own, profile.code
        return found, decided


def _is_stricter(strict: Strict, value: Decimal, than: Decimal) -> bool:
    return value < than if strict is Strict.LOWER else value > than


def parse_profile(data: Any, path: str = "profile") -> Profile:
    """A profile from its YAML mapping; unknown thresholds and rules are refused."""
    reader = Reader(data, path)
    limits, rules = reader.child("thresholds"), reader.child("severities")
    values: dict[str, Decimal] = {}
    for key in limits.keys():  # noqa: SIM118
        value = decimal_of(limits.raw(key))
        if value is None or key not in THRESHOLDS:
            raise limits.refuse(key, ", ".join(THRESHOLDS))
        values[key] = value
    raised: dict[str, Severity] = {}
    for key in rules.keys():  # noqa: SIM118
        if key not in SEVERITIES:
            raise rules.refuse(key, ", ".join(SEVERITIES))
        raised[key] = rules.choice(key, Severity)
    profile = Profile(
        code=reader.text("code"),
        version=reader.integer("version", 1),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        verified_by=reader.text("verified_by", "") or None,
        verified_on=reader.day("verified_on"),
        thresholds=values,
        severities=raised,
        complaint_metrics=frozenset(reader.texts("complaint_metrics")),
        procedure_metrics=frozenset(reader.texts("procedure_metrics")),
    )
    limits.finish()
    rules.finish()
    reader.finish()
    return profile
