"""Runs the plan linter over the cards and plans of a catalogue release."""

from __future__ import annotations

from sqlalchemy.orm import Session

from perfflow.metrics.catalogue import (
    Documents,
    documents_in,
    from_release,
    metrics_of,
    read_document,
)
from perfflow.plans.queries import cards_of, plans_of, STANDARD_PLAN_CODE
from perfflow.plans.rules import Finding, lint, parse_profile, PlanUnderTest, Profile, Thresholds


def profiles_of(documents: Documents) -> dict[str, Profile]:
    """The jurisdiction profiles of a catalogue, by code."""
    found: dict[str, Profile] = {}
    for path, text in documents_in(documents, "profiles").items():
        profile = parse_profile(read_document(path, text), path)
        found[profile.code] = profile
    return found


def findings_of(documents: Documents, profile_codes: tuple[str, ...] = ()) -> list[Finding]:
    """What the linter says about a whole catalogue; several profiles: the strictest wins."""
    cards = cards_of(documents)
    plans, policies = plans_of(documents)
    plan = plans.get(STANDARD_PLAN_CODE)
    profiles = profiles_of(documents)
    wanted = [profiles[code] for code in profile_codes if code in profiles]
    return lint(
        PlanUnderTest(
            cards=[card for _, card in sorted(cards.items())],
            metrics=metrics_of(documents),
            bonus=plan,
            deferral=policies.get(plan.deferral) if plan else None,
            thresholds=Thresholds(wanted) if wanted else Thresholds(),
        )
    )


def plan_findings(session: Session, release_number: int) -> list[Finding]:
    """What the linter says about a release."""
    return from_release(session, release_number, "lint", findings_of)
