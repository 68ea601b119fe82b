"""Reads of plans from a catalogue release: score cards, bonus plans, deferral policies."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.kernel.errors import BadInput, NotFound
from perfflow.metrics.catalogue import Documents, documents_in, from_release, read_document
from perfflow.plans.models import PlanOverride
from perfflow.plans.rules.bonus import BonusPlan, parse_bonus_plan
from perfflow.plans.rules.cards import CardTemplate, parse_card
from perfflow.plans.rules.decisions import PayDecisions, read_decisions
from perfflow.plans.rules.deferral import DeferralPolicy, parse_deferral_policy
from perfflow.plans.rules.library import GoalLibrary, LibraryGoal, parse_library
from perfflow.plans.rules.overrides import Override

STANDARD_PLAN_CODE = "bonus-STD"


def cards_of(documents: Documents) -> dict[str, CardTemplate]:
    """The card templates of a catalogue, by code."""
    found: dict[str, CardTemplate] = {}
    for path, text in documents_in(documents, "cards").items():
        card = parse_card(read_document(path, text), path)
        if card.code in found:
            raise BadInput("plans.code_twice", field=path, code_=card.code)
        found[card.code] = card
    return found


def plans_of(documents: Documents) -> tuple[dict[str, BonusPlan], dict[str, DeferralPolicy]]:
    """The bonus plans and the deferral policies of a catalogue, by code."""
    plans: dict[str, BonusPlan] = {}
    policies: dict[str, DeferralPolicy] = {}
    for path, text in documents_in(documents, "plans").items():
        data = read_document(path, text)
        if isinstance(data, Mapping) and "categories" in data:
            policy = parse_deferral_policy(data, path)
            policies[policy.code] = policy
        else:
            plan = parse_bonus_plan(data, path)
            plans[plan.code] = plan
    return plans, policies


def decisions_of(documents: Documents) -> PayDecisions:
    """The decision tables about pay of a catalogue: its DMN files under ``decisions/``."""
    files = {
        path: text
        for path, text in sorted(documents.items())
        if "/decisions/" in f"/{path}" and path.endswith(".dmn")
    }
    return read_decisions(files)


def pay_decisions(session: Session, release_number: int) -> PayDecisions:
    """The decision tables about pay of a release."""
    return from_release(session, release_number, "decisions", decisions_of)


def libraries_of(documents: Documents) -> dict[str, GoalLibrary]:
    """The goal libraries of a catalogue, by code; a post has one at most."""
    found: dict[str, GoalLibrary] = {}
    for path, text in documents_in(documents, "libraries").items():
        library = parse_library(read_document(path, text), path)
        if library.code in found or library.post in {one.post for one in found.values()}:
            raise BadInput("plans.code_twice", field=path, code_=library.code)
        found[library.code] = library
    return found


def goal_library(session: Session, release_number: int, post: str) -> GoalLibrary | None:
    """The ready goals of a post in a release, if there are any."""
    libraries = from_release(session, release_number, "libraries", libraries_of)
    return next((one for one in libraries.values() if one.post == post), None)


def library_goal(
    session: Session, release_number: int, link: str
) -> tuple[GoalLibrary, LibraryGoal] | None:
    """The ready goal that a link like ``GL-FA@1/FA-01`` names in a release; None when another
    version or nothing stands there."""
    for library in from_release(session, release_number, "libraries", libraries_of).values():
        for goal in library.goals:
            if library.link(goal) == link:
                return library, goal
    return None


def card_templates(session: Session, release_number: int) -> Mapping[str, CardTemplate]:
    """The card templates of a release, by card code."""
    return from_release(session, release_number, "cards", cards_of)


def card_template(session: Session, release_number: int, code: str) -> CardTemplate:
    """The card of that code; unknown ones are ``NotFound``."""
    found = card_templates(session, release_number).get(code)
    if found is None:
        raise NotFound("plans.unknown_card", card=code)
    return found


def cards_by_post(session: Session, release_number: int) -> dict[str, CardTemplate]:
    """The card of each post that has one; the first by code when a post has several."""
    found: dict[str, CardTemplate] = {}
    for _, card in sorted(card_templates(session, release_number).items()):
        found.setdefault(card.post, card)
    return found


def bonus_plan(session: Session, release_number: int, code: str = STANDARD_PLAN_CODE) -> BonusPlan:
    """The bonus plan of that code; unknown ones are ``NotFound``."""
    plans, _ = from_release(session, release_number, "plans", plans_of)
    if code not in plans:
        raise NotFound("plans.unknown_bonus_plan", plan=code)
    return plans[code]


def deferral_policy(session: Session, release_number: int, code: str) -> DeferralPolicy:
    """The deferral policy of that code; unknown ones are ``NotFound``."""
    _, policies = from_release(session, release_number, "plans", plans_of)
    if code not in policies:
        raise NotFound("plans.unknown_deferral", policy=code)
    return policies[code]


def granted_overrides(session: Session) -> list[Override]:
    """Every override that a compliance officer granted and nobody withdrew, expired ones too."""
    rows = session.scalars(
        select(PlanOverride).where(PlanOverride.status == "granted").order_by(PlanOverride.id)
    )
    return [
        Override(row.id, row.mark, row.decided_by or "", row.reason or "", row.expires_on)
        for row in rows
        if row.expires_on is not None
    ]


def overrides(session: Session) -> list[PlanOverride]:
    """All requests and decisions, those that wait first, then the newest."""
    rows = list(session.scalars(select(PlanOverride).order_by(PlanOverride.id.desc())))
    return sorted(rows, key=lambda row: row.status != "requested")


def override(session: Session, override_id: int) -> PlanOverride:
    """One request or decision; unknown ones are ``NotFound``."""
    found = session.get(PlanOverride, override_id)
    if found is None:
        raise NotFound("plans.no_override")
    return found
