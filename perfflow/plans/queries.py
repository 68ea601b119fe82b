"""Reads of plans from a catalogue release: score cards, bonus plans, deferral policies."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from perfflow.kernel.errors import BadInput, NotFound
from perfflow.metrics.catalogue import Documents, documents_in, from_release, read_document
from perfflow.plans.rules.bonus import BonusPlan, parse_bonus_plan
from perfflow.plans.rules.cards import CardTemplate, parse_card
from perfflow.plans.rules.deferral import DeferralPolicy, parse_deferral_policy

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
