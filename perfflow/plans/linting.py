"""Runs the plan linter over the cards, plans and libraries of a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from perfflow.kernel.errors import BadInput
from perfflow.metrics.catalogue import (
    Documents,
    documents_in,
    from_release,
    metrics_of,
    read_document,
)
from perfflow.plans.queries import (
    cards_of,
    decisions_of,
    granted_overrides,
    libraries_of,
    plans_of,
)
from perfflow.plans.rules import (
    Exposure,
    Finding,
    judge,
    Judged,
    lint,
    parse_firm,
    parse_profile,
    PlanUnderTest,
    Profile,
    Thresholds,
)

FIRM = "firm.yaml"
KINDS = ("ANNUAL", "HALF", "QUARTER", "PROJECT")
"""Kinds of cycles for which the coefficients of decision tables are looked at."""


def profiles_of(documents: Documents) -> dict[str, Profile]:
    """The jurisdiction profiles of a catalogue, by code."""
    found: dict[str, Profile] = {}
    for path, text in documents_in(documents, "profiles").items():
        profile = parse_profile(read_document(path, text), path)
        found[profile.code] = profile
    return found


def firm_profiles(documents: Documents) -> tuple[str, ...]:
    """The profiles that the catalogue's ``firm.yaml`` puts in force; unknown ones are refused."""
    for path, text in documents.items():
        if path.rsplit("/", 1)[-1] == FIRM:
            codes = parse_firm(read_document(path, text), path)
            unknown = [code for code in codes if code not in profiles_of(documents)]
            if unknown:
                raise BadInput("plans.unknown_profile", field=path, profile=unknown[0])
            return codes
    return ()


def findings_of(
    documents: Documents,
    profile_codes: tuple[str, ...] | None = None,
    exposure: Exposure | None = None,
) -> list[Finding]:
    """What the linter says about a whole catalogue under the profiles that the firm has in force,
    or under the given ones; of several profiles the strictest threshold wins."""
    plans, policies = plans_of(documents)
    profiles = profiles_of(documents)
    wanted = firm_profiles(documents) if profile_codes is None else profile_codes
    for code in wanted:
        if code not in profiles:
            raise BadInput("plans.unknown_profile", field="profile", profile=code)
    return lint(
        PlanUnderTest(
            cards=[card for _, card in sorted(cards_of(documents).items())],
            metrics=metrics_of(documents),
            bonus=[plan for _, plan in sorted(plans.items())],
            deferral=[policy for _, policy in sorted(policies.items())],
            thresholds=Thresholds([profiles[code] for code in wanted]),
            libraries=[one for _, one in sorted(libraries_of(documents).items())],
            exposure=exposure,
            decisions=decisions_of(documents),
            kinds=KINDS,
        )
    )


def plan_findings(session: Session, release_number: int) -> list[Finding]:
    """What the linter says about a release."""
    return from_release(session, release_number, "lint", findings_of)


def judged_findings(session: Session, release_number: int, on: date) -> list[Judged]:
    """The findings of a release, with the overrides that are valid on a day."""
    return judge(plan_findings(session, release_number), granted_overrides(session), on)


def files_of_places(documents: Documents) -> dict[str, str]:
    """Which file defines each card, library, plan and metric: ``cards/FA-STD`` → its path."""
    found: dict[str, str] = {}
    for folder, codes in _CODES.items():
        for path, text in documents_in(documents, folder).items():
            found |= {f"{folder}/{code}": path for code in codes({path: text})}
    return found


def _plan_codes(documents: Documents) -> Iterable[str]:
    plans, policies = plans_of(documents)
    return (*plans, *policies)


_CODES: Mapping[str, Callable[[Documents], Iterable[str]]] = {
    "cards": cards_of,
    "libraries": libraries_of,
    "metrics": metrics_of,
    "plans": _plan_codes,
}
