"""What the pages of the plan linter show: findings with their overrides, requests, profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.i18n import Language, translate
from perfflow.i18n.formats import number, percent_bp
from perfflow.metrics.catalogue import from_release
from perfflow.plans import queries
from perfflow.plans.linting import firm_profiles, profiles_of
from perfflow.plans.models import PlanOverride
from perfflow.plans.rules import Judged, Override, Profile, Severity
from perfflow.plans.rules.profiles import THRESHOLDS, Thresholds
from perfflow.plans.wording import RULE_TEXTS, threshold_name

KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ORDER = ("error", "overridden", "warning", "note")


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding of the linter, worded; ``state`` is error, overridden, warning or note."""

    code: str
    rule: str
    state: str
    path: str
    message: str
    mark: str
    override: Override | None
    expired: Override | None


def shown_finding(one: Judged, language: Language) -> ShownFinding:
    """A judged finding in the reader's language."""
    found = one.finding
    return ShownFinding(
        code=found.code,
        rule=RULE_TEXTS[found.code].within(language),
        state="overridden" if one.override else KINDS[found.severity],
        path=found.path,
        message=translate(found.message, found.wording, language),
        mark=found.mark,
        override=one.override,
        expired=one.expired,
    )


def shown_findings(found: Iterable[Judged], language: Language) -> list[ShownFinding]:
    """What blocks first, then what an override covers, warnings and notes."""
    rows = [shown_finding(one, language) for one in found]
    return sorted(rows, key=lambda row: (_ORDER.index(row.state), row.code, row.path))


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """One request for an override as the page lists it; ``state`` adds expired to its status."""

    id: int
    code: str
    path: str
    message: str
    wish: str
    requested_by: str
    requested_at: datetime
    state: str
    reason: str | None
    decided_by: str | None
    expires_on: date | None


def shown_requests(
    rows: Sequence[PlanOverride], language: Language, today: date
) -> list[ShownRequest]:
    """The requests in their order, worded."""
    return [
        ShownRequest(
            row.id,
            row.code,
            row.path,
            translate(row.message, row.params, language),
            row.wish,
            row.requested_by,
            row.requested_at,
            "expired"
            if row.status == "granted" and row.expires_on is not None and row.expires_on < today
            else row.status,
            row.reason,
            row.decided_by,
            row.expires_on,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A profile: whether it is in force and verified, and what it asks beyond the defaults."""

    profile: Profile
    is_in_force: bool
    limits: Sequence[tuple[str, str]]
    raised: Sequence[tuple[str, str]]
    sources: Sequence[tuple[str, str, str]]


def shown_profiles(session: Session, release: int, language: Language) -> list[ShownProfile]:
    """All profiles of a release, those in force first."""
    profiles = from_release(session, release, "profiles", profiles_of)
    wanted = from_release(session, release, "firm", firm_profiles)
    rows = [_profile(one, one.code in wanted, language) for one in profiles.values()]
    return sorted(rows, key=lambda row: (not row.is_in_force, row.profile.code))


def _profile(profile: Profile, is_in_force: bool, language: Language) -> ShownProfile:
    return ShownProfile(
        profile,
        is_in_force,
        [
            (threshold_name(key).within(language), threshold_value(key, value))
            for key, value in profile.thresholds.items()
        ],
        [(rule, RULE_TEXTS[rule].within(language)) for rule in profile.severities],
        [
            (rule, RULE_TEXTS[rule].within(language), text.zh if language == "zh" else text.en)
            for rule, text in sorted(profile.regulations.items())
        ],
    )


def shown_thresholds(profiles: Sequence[Profile], language: Language) -> list[tuple[str, str, str]]:
    """Every threshold in force: its name, its value and what decided it."""
    limits = Thresholds(profiles)
    rows = []
    for key in THRESHOLDS:
        found = limits.asked(*key.split("."))
        if found is not None:
            value = threshold_value(key, found.value)
            rows.append((threshold_name(key).within(language), value, found.decided_by))
    return rows


def threshold_value(key: str, value: Decimal) -> str:
    """Basis points as a percentage, everything else as a plain number."""
    if key.split(".")[0].endswith("_bp"):
        return percent_bp(value)
    return number(value)


def unverified(session: Session, release: int) -> list[Profile]:
    """The profiles in force that nobody of the firm has checked against the text."""
    profiles: Mapping[str, Profile] = from_release(session, release, "profiles", profiles_of)
    wanted = from_release(session, release, "firm", firm_profiles)
    return [profiles[code] for code in wanted if profiles[code].verified_by is None]


def in_force(session: Session, release: int) -> list[Profile]:
    """The profiles that the firm has in force."""
    profiles = from_release(session, release, "profiles", profiles_of)
    return [profiles[code] for code in from_release(session, release, "firm", firm_profiles)]


def requests(session: Session, language: Language, today: date) -> list[ShownRequest]:
    """All requests and decisions."""
    return shown_requests(queries.overrides(session), language, today)
