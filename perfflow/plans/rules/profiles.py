"""Jurisdiction profiles: thresholds of the plan linter; combined, the strictest wins (§3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

THRESHOLDS: Mapping[str, tuple[Strict, Decimal | None]] = {
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
    "investor_outcome_min_bp": (Strict.HIGHER, None),
    "cap_multiple_max": (Strict.LOWER, Decimal(3)),
    "guarantee_months_max": (Strict.LOWER, Decimal(12)),
    "leader_performance_over_base_max": (Strict.LOWER, None),
    "base_share_max": (Strict.LOWER, None),
    "main_leader_rate_above": (Strict.HIGHER, None),
    "high_award_from_yuan": (Strict.LOWER, None),
    "high_award_min_rate": (Strict.HIGHER, None),
    "deferral_min_rate.SENIOR": (Strict.HIGHER, Decimal("0.5")),
    "deferral_min_rate.KEY": (Strict.HIGHER, Decimal("0.4")),
    "deferral_min_rate.CONTROL": (Strict.HIGHER, Decimal("0.4")),
    "deferral_min_years.SENIOR": (Strict.HIGHER, Decimal(3)),
    "deferral_min_years.KEY": (Strict.HIGHER, Decimal(3)),
    "deferral_min_years.CONTROL": (Strict.HIGHER, Decimal(3)),
}
"""Every threshold with the direction of strictness and the default of the domain; ``None``:
nothing is asked unless a profile asks it."""

_RAISABLE = ("PL-07", "PL-08", "PL-09", "PL-15", "PL-19", "PL-20", "PL-22", "PL-23", "PL-24")
SEVERITIES: Mapping[str, Severity] = dict.fromkeys(_RAISABLE, Severity.WARNING)
"""Rules whose severity a profile may raise, with the default."""

DEFAULT = "default"
"""What decided a finding when no profile did."""

_RULE = re.compile(r"PL-(0[1-9]|1\d|2[0-5])")


@dataclass(frozen=True, slots=True)
class Regulation:
    """The name of the text that a rule comes from, in both languages."""

    zh: str
    en: str


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
    effective_from: date | None = None
    regulations: Mapping[str, Regulation] = field(default_factory=dict)


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

    @property
    def complaint_metrics(self) -> list[tuple[frozenset[str], str]]:
        """Sets of which a front card needs one metric each, with who asks: the firm's default
        and every profile that names a set of its own."""
        asked = [(one.complaint_metrics, one.code) for one in self.profiles]
        return [(COMPLAINT_METRICS, DEFAULT), *((names, who) for names, who in asked if names)]

    @property
    def procedure_metrics(self) -> list[tuple[frozenset[str], str]]:
        """As :attr:`complaint_metrics`, for suitability and procedure."""
        asked = [(one.procedure_metrics, one.code) for one in self.profiles]
        return [(PROCEDURE_METRICS, DEFAULT), *((names, who) for names, who in asked if names)]

    def asked(self, key: str, part: str | None = None) -> Threshold | None:
        """The threshold ``key``, for ``part`` (a post, a category) where one is set for it;
        None when neither the default nor a profile asks."""
        name = f"{key}.{part}" if part is not None and f"{key}.{part}" in THRESHOLDS else key
        strict, default = THRESHOLDS[name]
        found = None if default is None else Threshold(default, DEFAULT)
        for profile in self.profiles:
            for own in {name, key}:
                value = profile.thresholds.get(own)
                if value is not None and (
                    found is None or _is_stricter(strict, value, found.value)
                ):
                    found = Threshold(value, profile.code)
        return found

    def of(self, key: str, part: str | None = None) -> Threshold:
        """As :meth:`asked`, of a threshold that has a default."""
        found = self.asked(key, part)
        if found is None:
            raise KeyError(key)
        return found

    def severity(self, rule: str, default: Severity) -> tuple[Severity, str]:
        """The severity of a rule and the profile that decided it."""
        found, decided = SEVERITIES.get(rule, default), DEFAULT
        for profile in self.profiles:
            own = profile.severities.get(rule)
            if own is not None and _ORDER.index(own) < _ORDER.index(found):
                found, decided = own, profile.code
        return found, decided

    def regulation(self, rule: str, decided_by: str) -> Regulation | None:
        """The text that a finding of ``rule`` refers to: that of the profile that decided, else
        of the first profile in force that names one."""
        first = [one for one in self.profiles if one.code == decided_by]
        for profile in (*first, *self.profiles):
            if rule in profile.regulations:
                return profile.regulations[rule]
        return None

    def name_of(self, decided_by: str) -> Regulation | None:
        """The names of the profile that decided; None for the default."""
        for profile in self.profiles:
            if profile.code == decided_by:
                return Regulation(profile.name_zh, profile.name_en)
        return None


def _is_stricter(strict: Strict, value: Decimal, than: Decimal) -> bool:
    return value < than if strict is Strict.LOWER else value > than


def parse_profile(data: Any, path: str = "profile") -> Profile:
    """A profile from its YAML mapping; unknown thresholds and rules are refused."""
    reader = Reader(data, path)
    limits, rules = reader.child("thresholds"), reader.child("severities")
    texts = reader.child("regulations")
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
        effective_from=reader.day("effective_from"),
        regulations=_regulations(texts),
    )
    limits.finish()
    rules.finish()
    texts.finish()
    reader.finish()
    return profile


def _regulations(reader: Reader) -> dict[str, Regulation]:
    found = {}
    for rule in reader.keys():  # noqa: SIM118
        if not _RULE.fullmatch(rule):
            raise reader.refuse(rule, "PL-01 … PL-25")
        text = reader.child(rule)
        found[rule] = Regulation(text.text("zh"), text.text("en"))
        text.finish()
    return found


def parse_firm(data: Any, path: str = "firm") -> tuple[str, ...]:
    """The codes of the profiles that a firm declares in force, from ``{profiles: [CODE, …]}``."""
    reader = Reader(data, path)
    codes = reader.texts("profiles")
    reader.finish()
    return codes
