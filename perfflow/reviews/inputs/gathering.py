"""Gathers what results of many people are made of, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.compliance.queries import standings
from perfflow.compliance.rules import GateStanding
from perfflow.cycles.models import Cycle, Participant
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.goals.queries import approved_revisions
from perfflow.kernel.errors import NotFound
from perfflow.metrics.periods import a_year_earlier
from perfflow.metrics.queries import (
    metric_catalogue,
    series_of,
)
from perfflow.people.models import Absence
from perfflow.people.models import Assignment as AssignmentRow
from perfflow.people.queries import absences_between, assignments_between
from perfflow.plans.queries import bonus_plan, card_templates
from perfflow.plans.rules.bands import DEFAULT_BANDS
from perfflow.plans.rules.cards import CardTemplate
from perfflow.reviews.inputs.parts import Line, line_of, segment_inputs, Source
from perfflow.reviews.inputs.quarters import quarters_of
from perfflow.reviews.inputs.rows import (
    Goals,
    locked_goals,
    NO_GOALS,
    participants,
    ratings_of,
    teams_of,
)
from perfflow.reviews.rules import (
    Assignment,
    build_segments,
    CardRules,
    Leave,
    PersonInputs,
    present_days,
    Quarter,
    ScoringRules,
    Stage,
)
from perfflow.reviews.rules.segments import MIN_PRESENT_DAYS

DAYS_IN_YEAR = 365


@dataclass(frozen=True, slots=True)
class Material:
    """Everything about one person in one cycle that a result is made of."""

    participant: Participant
    cycle: Cycle
    card: CardTemplate
    is_locked: bool
    lines: tuple[Line, ...]
    inputs: PersonInputs
    rules: ScoringRules


def scoring_rules(
    session: Session, release_number: int, card_code: str, min_present_days: int
) -> ScoringRules:
    """The rules of a release for one card; they never change, so a replay finds the same."""
    card = card_templates(session, release_number)[card_code]
    try:
        bands = bonus_plan(session, release_number).bands
    except NotFound:
        bands = DEFAULT_BANDS
    return ScoringRules(
        bands=bands,
        card=CardRules(
            add_cap=card.add_cap,
            deduct_cap=card.deduct_cap,
            total_cap=Decimal(bands.cap_e2).scaleb(-2),
            min_coverage_bp=card.min_coverage_bp,
            overall=card.overall,
        ),
        min_present_days=min_present_days,
        # Asked for when a result is calibrated, see ``with_approvals``: before that it is pending.
        na_needs_approval=False,
    )


def gather(
    session: Session,
    cycle_code: str,
    employee_nos: Collection[str],
    stage: Stage,
    *,
    is_forecast: bool = False,
) -> dict[str, Material]:
    """What a result of each person is made of, in a number of statements that does not grow.

    ``is_forecast`` projects flows to the end of the cycle and takes goals that are not locked
    yet; results that are stored never do either.
    """
    cycle = cycle_named(session, cycle_code)
    members = participants(session, cycle_code, employee_nos)
    goals = locked_goals(session, cycle_code, members, with_drafts=is_forecast)
    cards = card_templates(session, cycle.release_number)
    metrics = metric_catalogue(session, cycle.release_number)
    teams = teams_of(session, cycle_code, members)
    everybody = {*members, *(number for team in teams.values() for number in team)}
    codes = _codes(goals.values(), cards.values())
    before = a_year_earlier(cycle.starts_on, cycle.ends_on)
    source = Source(
        cycle=cycle,
        metrics=metrics,
        cards=cards,
        series=series_of(session, everybody, codes, cycle.starts_on, cycle.ends_on),
        last_year=series_of(session, members, codes, *before) if is_forecast else {},
        teams=teams,
        ratings={} if stage is Stage.COMPUTED else ratings_of(session, cycle_code, members),
        is_forecast=is_forecast,
        revisions=approved_revisions(session, cycle_code, members),
    )
    posts = assignments_between(session, members, cycle.starts_on, cycle.ends_on)
    away = absences_between(session, members, cycle.starts_on, cycle.ends_on)
    gates = standings(session, cycle_code, members)
    quarters = quarters_of(session, cycle, members)
    rules: dict[str, ScoringRules] = {}
    found: dict[str, Material] = {}
    least = min_present_days(cycle)
    for number, member in members.items():
        if member.card_code not in cards:
            continue
        if member.card_code not in rules:
            rules[member.card_code] = scoring_rules(
                session, cycle.release_number, member.card_code, least
            )
        found[number] = _material(
            source,
            member,
            goals.get(number, NO_GOALS),
            posts[number],
            away[number],
            gates[number],
            stage,
            rules[member.card_code],
            quarters.get(number, ()),
        )
    return found


def _codes(goals: Iterable[Goals], cards: Iterable[CardTemplate]) -> set[str]:
    """Every metric that some line, addition or deduction needs."""
    codes = {line.metric_code for own in goals for line in own.lines}
    for card in cards:
        codes |= {line.metric for line in card.lines}
        codes |= {*card.additions, *card.deductions}
    return codes


def min_present_days(cycle: Cycle) -> int:
    """90 days of a year, and the same share of a shorter cycle (domain §5.5)."""
    days = (cycle.ends_on - cycle.starts_on).days + 1
    return min(MIN_PRESENT_DAYS, MIN_PRESENT_DAYS * days // DAYS_IN_YEAR)


def _material(
    source: Source,
    member: Participant,
    goals: Goals,
    posts: Sequence[AssignmentRow],
    away: Sequence[Absence],
    standing: GateStanding,
    stage: Stage,
    rules: ScoringRules,
    quarters: tuple[Quarter, ...],
) -> Material:
    first, last = source.cycle.starts_on, source.cycle.ends_on
    held, leaves = _held(posts), _unpaid(away)
    segments = build_segments(first, last, held, leaves) if goals.lines else []
    card = source.cards[member.card_code]
    lines = tuple(line_of(source, member, card, goal, goals.version) for goal in goals.lines)
    parts = tuple(
        segment_inputs(source, member, card, lines, segment, is_only=len(segments) == 1)
        for segment in segments
    )
    inputs = PersonInputs(parts, present_days(first, last, held, leaves), standing, stage, quarters)
    return Material(member, source.cycle, card, goals.is_locked, lines, inputs, rules)


def _held(posts: Sequence[AssignmentRow]) -> list[Assignment]:
    """The posts of a person as scoring sees them: a change of post starts a segment.

    Changes of manager or unit alone do not: with the same card and targets before and after,
    splitting would change nothing but the months that a value falls into.
    """
    return [
        Assignment(
            row.post_code,
            "",
            None,
            row.post_code,
            row.valid_from,
            row.valid_to,
            Decimal(row.fte_bp),
        )
        for row in posts
    ]


def _unpaid(away: Sequence[Absence]) -> list[Leave]:
    return [
        Leave(row.first_on, row.last_on + timedelta(days=1)) for row in away if row.kind == "unpaid"
    ]
