"""The dry run of a firm's own formula: last cycle's stored results computed by it, not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle, Participant
from perfflow.goals.catalogue_gate import CatalogueFinding
from perfflow.kernel.errors import BadInput, ComputationError, NotFound, RuleViolation
from perfflow.kernel.rounding import exact, total2
from perfflow.metrics.catalogue import Documents
from perfflow.people.queries import chunks
from perfflow.plans.linting import files_of_places
from perfflow.plans.queries import card_templates, cards_of
from perfflow.plans.rules.cards import CardTemplate
from perfflow.reviews.inputs.gathering import scoring_rules
from perfflow.reviews.models import Result
from perfflow.reviews.queries import latest_results
from perfflow.reviews.rules import PersonInputs, score_person
from perfflow.workflow.queries import current_release

NAMED = 5


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a card's total becomes for the people of the last cycle that used the card.

    ``failed`` are rated people for whom the formula gives no number; means are over those who
    have a total both ways (2 dp), ``moved`` counts the changes of band.
    """

    cycle_code: str
    people: int
    failed: tuple[str, ...]
    mean_before: Decimal | None
    mean_after: Decimal | None
    moved: Mapping[tuple[str, str], int]


def rehearse(session: Session, card: CardTemplate) -> Rehearsal | None:
    """Score the newest cycle of this card again by the formula of ``card``; None without one.

    Calibration and appeal are left out on both sides: the formula makes the total before them.
    """
    cycle_code = _last_cycle(session, card.code)
    if cycle_code is None:
        return None
    totals: list[tuple[Decimal, Decimal]] = []
    failed: list[str] = []
    moved: Counter[tuple[str, str]] = Counter()
    people = 0
    for result in _results(session, cycle_code, card.code):
        rules = scoring_rules(
            session,
            result.release_number,
            result.inputs["card"],
            result.inputs["min_present_days"],
        )
        inputs = PersonInputs.from_dict(result.inputs["person"])
        before = score_person(inputs, rules)
        tried = replace(rules, card=replace(rules.card, overall=card.overall))
        after = score_person(inputs, tried)
        people += 1
        if before.total is None:
            continue
        if after.total is None:
            failed.append(result.employee_no)
            continue
        totals.append((before.total, after.total))
        if before.band != after.band:
            moved[before.band, after.band] += 1
    return Rehearsal(
        cycle_code,
        people,
        tuple(failed),
        _mean([before for before, _ in totals]),
        _mean([after for _, after in totals]),
        dict(moved),
    )


def formula_findings(session: Session, documents: Documents) -> list[CatalogueFinding]:
    """A finding for each card whose own formula is new: an error where it fails for somebody.

    ``CT-007`` refuses, ``CT-008`` says what it would have changed, ``CT-009`` that there is nobody
    to try it on. A catalogue that cannot be read is somebody else's finding.
    """
    try:
        cards, places = cards_of(documents), files_of_places(documents)
    except (BadInput, ComputationError, RuleViolation):
        return []
    try:
        running: Mapping[str, CardTemplate] = card_templates(session, current_release(session))
    except NotFound:
        running = {}
    findings = []
    for code, card in sorted(cards.items()):
        known = running.get(code)
        if card.overall is None or (known is not None and known.overall == card.overall):
            continue
        path = places.get(f"cards/{code}", "")
        findings.append(_finding(code, path, rehearse(session, card)))
    return findings


def _finding(code: str, path: str, found: Rehearsal | None) -> CatalogueFinding:
    params: dict[str, Any] = {"card": code}
    place = f"cards/{code}.overall"
    if found is None:
        return CatalogueFinding("CT-009", "warning", path, "reviews.formula_untried", params, place)
    params |= {"cycle": found.cycle_code, "people": found.people}
    if found.failed:
        params |= {"failed": len(found.failed), "who": ", ".join(found.failed[:NAMED])}
        return CatalogueFinding("CT-007", "error", path, "reviews.formula_fails", params, place)
    shifts = ", ".join(f"{old}→{new} {count}" for (old, new), count in sorted(found.moved.items()))
    params |= {
        "before": str(found.mean_before or "—"),
        "after": str(found.mean_after or "—"),
        "moved": sum(found.moved.values()),
        "shifts": shifts or "—",
    }
    return CatalogueFinding("CT-008", "note", path, "reviews.formula_tried", params, place)


def _last_cycle(session: Session, card_code: str) -> str | None:
    """The newest cycle in which somebody with this card has a result from ratings as well."""
    return session.scalar(
        select(Cycle.code)
        .join(Participant, Participant.cycle_code == Cycle.code)
        .join(
            Result,
            (Result.cycle_code == Cycle.code) & (Result.employee_no == Participant.employee_no),
        )
        .where(
            Participant.card_code == card_code,
            Cycle.is_shadow.is_(False),
            Result.stage != "computed",
        )
        .group_by(Cycle.code, Cycle.ends_on)
        .order_by(func.max(Cycle.ends_on).desc(), Cycle.code.desc())
        .limit(1)
    )


def _results(session: Session, cycle_code: str, card_code: str) -> Iterator[Result]:
    numbers = session.scalars(
        select(Participant.employee_no).where(
            Participant.cycle_code == cycle_code, Participant.card_code == card_code
        )
    ).all()
    for part in chunks(numbers):
        yield from latest_results(session, cycle_code, part).values()


def _mean(totals: list[Decimal]) -> Decimal | None:
    if not totals:
        return None
    return total2(sum((exact(total) for total in totals), Fraction(0)) / len(totals))
