"""Gathers what a run needs of each person: base, result, factors and holds, with their sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.compliance.queries import standings
from perfflow.compliance.rules import GateStanding
from perfflow.cycles.models import Cycle, Participant
from perfflow.interviews.queries import APPEAL, payout_gates
from perfflow.metrics.queries import metric_catalogue, series_of
from perfflow.payouts.gathering.ratings import Rated, ratings_of
from perfflow.payouts.models import BonusBase, EarlierBand, OrganisationFactor, Pool
from perfflow.payouts.rules.factors import (
    BonusFactors,
    client_factor,
    ClientFactor,
    organisation_factor,
    performance_coefficient,
    streak_factor,
    streak_length,
)
from perfflow.payouts.rules.run import Member
from perfflow.people.models import Employee, Post, Unit
from perfflow.people.queries import chunks
from perfflow.plans.queries import bonus_plan, deferral_policy, pay_decisions
from perfflow.plans.rules.bands import BandTable, NOT_RATED
from perfflow.plans.rules.bonus import BonusPlan, LeaverClass, LeaverTreatment
from perfflow.plans.rules.decisions import PayDecisions
from perfflow.plans.rules.deferral import DeferralPolicy, PayCategory
from perfflow.reviews.queries import latest_results
from perfflow.reviews.rules.person import DEFAULT_LIMITS

SATISFACTION = "CL-01"
PARTS_OF_THE_FIRM = ("branch", "division")
FREEZE = "FREEZE"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The people of a pool as the rules want them, and what is kept with each award."""

    plan: BonusPlan
    policy: DeferralPolicy
    members: tuple[Member, ...]
    results: Mapping[str, Rated]
    gates: Mapping[str, str]
    inputs: Mapping[str, dict[str, Any]]
    bands: Mapping[str, BandTable]


@dataclass(frozen=True, slots=True)
class _Material:
    """Everything read from the database, by employee number or unit code."""

    cycle: Cycle
    plan: BonusPlan
    decisions: PayDecisions
    heads: Mapping[str, str]
    results: Mapping[str, Rated]
    standings: Mapping[str, GateStanding]
    gates: Mapping[str, str | None]
    bases: Mapping[str, BonusBase]
    employees: Mapping[str, Employee]
    categories: Mapping[str, str]
    factors: Mapping[str, Decimal]
    paths: Mapping[str, str]
    parts: frozenset[str]
    quarters: Mapping[str, list[tuple[int, Fraction]]]
    streaks: Mapping[str, list[tuple[str, int]]]


def gather(session: Session, pool: Pool, today: date) -> Gathered:
    """The members of ``pool`` with all factors; a fixed number of statements a few hundred people.

    Participants without a result yet are left out; so is nobody else.
    """
    cycle = session.get_one(Cycle, pool.cycle_code)
    people = session.scalars(
        select(Participant)
        .where(
            Participant.cycle_code == cycle.code,
            Participant.pool_code == pool.code,
            Participant.status != "excluded",
        )
        .order_by(Participant.employee_no)
    ).all()
    plan = bonus_plan(session, cycle.release_number)
    policy = deferral_policy(session, cycle.release_number, plan.deferral)
    material = _read(session, cycle, plan, people)
    members, gates, inputs, bands = [], {}, {}, {}
    for person in people:
        if person.employee_no not in material.results:
            continue
        member, gate, kept = _member(material, person, today)
        members.append(member)
        gates[member.no], inputs[member.no] = gate, kept
        bands[member.no] = _bands(material, person)
    return Gathered(plan, policy, tuple(members), material.results, gates, inputs, bands)


def _read(
    session: Session, cycle: Cycle, plan: BonusPlan, people: Sequence[Participant]
) -> _Material:
    numbers = [person.employee_no for person in people]
    units = session.scalars(select(Unit)).all()
    factors = session.scalars(
        select(OrganisationFactor).where(OrganisationFactor.cycle_code == cycle.code)
    )
    return _Material(
        cycle=cycle,
        plan=plan,
        decisions=pay_decisions(session, cycle.release_number),
        heads=_heads(units),
        results=ratings_of(session, cycle.code, numbers),
        standings=standings(session, cycle.code, numbers),
        gates=payout_gates(session, cycle.code, numbers),
        bases=_bases(session, cycle.code, numbers),
        employees=_employees(session, numbers),
        categories={post.code: post.pay_category for post in session.scalars(select(Post))},
        factors={row.unit_code: row.factor_e4 for row in factors},
        paths={unit.code: unit.path for unit in units},
        parts=frozenset(unit.code for unit in units if unit.kind in PARTS_OF_THE_FIRM),
        quarters=_quarters(session, cycle, plan, numbers),
        streaks=_earlier(session, cycle, numbers),
    )


def _heads(units: Sequence[Unit]) -> dict[str, str]:
    """The kind of the highest unit that each head leads."""
    found: dict[str, str] = {}
    for unit in sorted(units, key=lambda unit: unit.path.count("/"), reverse=True):
        if unit.head_no is not None:
            found[unit.head_no] = unit.kind
    return found


def _bands(material: _Material, person: Participant) -> BandTable:
    """The bands with the coefficients of the person's post in this kind of cycle."""
    kind = material.cycle.kind
    return material.decisions.bands_for(material.plan.bands, person.post_code, kind)


def _bases(session: Session, cycle: str, numbers: Collection[str]) -> dict[str, BonusBase]:
    return {
        row.employee_no: row
        for part in chunks(numbers)
        for row in session.scalars(
            select(BonusBase).where(BonusBase.cycle_code == cycle, BonusBase.employee_no.in_(part))
        )
    }


def _employees(session: Session, numbers: Collection[str]) -> dict[str, Employee]:
    return {
        row.no: row
        for part in chunks(numbers)
        for row in session.scalars(select(Employee).where(Employee.no.in_(part)))
    }


def _quarters(
    session: Session, cycle: Cycle, plan: BonusPlan, numbers: Collection[str]
) -> dict[str, list[tuple[int, Fraction]]]:
    """Answers and mean of each quarter, newest (the cycle's last) first; a gap has no answers."""
    if SATISFACTION not in metric_catalogue(session, cycle.release_number):
        return {}
    last = cycle.ends_on.year * 4 + (cycle.ends_on.month - 1) // 3
    labels = [
        f"{(last - back) // 4}-Q{(last - back) % 4 + 1}" for back in range(plan.client.quarters)
    ]
    first_on = date((last - plan.client.quarters + 1) // 4, 1, 1)
    series = series_of(session, numbers, [SATISFACTION], first_on, cycle.ends_on)
    found: dict[str, list[tuple[int, Fraction]]] = {}
    for number, by_code in series.items():
        answers = {
            point.period: (
                int(point.denominator),
                Fraction(point.numerator) / int(point.denominator),
            )
            for point in by_code.get(SATISFACTION, ())
            if point.numerator is not None and point.denominator
        }
        found[number] = [answers.get(label, (0, Fraction(0))) for label in labels]
    return found


def _earlier(
    session: Session, cycle: Cycle, numbers: Collection[str]
) -> dict[str, list[tuple[str, int]]]:
    """(band, worst severity) of the annual cycles before this one, newest first."""
    found: dict[str, dict[int, tuple[str, int]]] = {number: {} for number in numbers}
    for part in chunks(numbers):
        for row in session.scalars(
            select(EarlierBand).where(
                EarlierBand.employee_no.in_(part), EarlierBand.year < cycle.ends_on.year
            )
        ):
            found[row.employee_no][row.year] = (row.band, row.worst_severity)
    before = session.scalars(
        select(Cycle).where(
            Cycle.kind == "ANNUAL", Cycle.ends_on < cycle.starts_on, Cycle.is_shadow.is_(False)
        )
    ).all()
    for earlier in before:
        gates = standings(session, earlier.code, numbers)
        for number, result in latest_results(session, earlier.code, numbers).items():
            severity = gates[number].worst_severity
            found[number][earlier.ends_on.year] = (result.band, severity)
    return {
        number: [years[year] for year in sorted(years, reverse=True)]
        for number, years in found.items()
    }


def _organisation(material: _Material, unit_code: str) -> tuple[Decimal, str]:
    """Co of a unit: its own factor, that of the branch or division above, and the firm's."""
    path = material.paths[unit_code].split("/")
    part = next((code for code in reversed(path) if code in material.parts), path[0])
    neutral = Decimal("1.0000")
    unit, branch, firm = (
        material.factors.get(code, neutral) for code in (unit_code, part, path[0])
    )
    factor = organisation_factor(unit, branch, firm, material.plan.organisation)
    return factor, f"{unit_code} {unit}, {part} {branch}, {path[0]} {firm}"


def _client(material: _Material, person: Participant) -> tuple[ClientFactor | None, str]:
    if person.post_code not in material.plan.client.posts:
        return None, "post without clients"
    quarters = material.quarters.get(person.employee_no, [])
    factor = client_factor(quarters, material.plan.client)
    return factor, f"{SATISFACTION}: S_LT {factor.score}, n {factor.answers}"


def _present(material: _Material, person: Participant, result: Rated, today: date) -> Fraction:
    """Present days ÷ cycle days; 0 for who left without a claim."""
    cycle, employee = material.cycle, material.employees[person.employee_no]
    if employee.left_on is not None and employee.left_on <= today:
        kind = LeaverClass(employee.leaver_class or LeaverClass.RESIGNED)
        if material.plan.leavers[kind] is not LeaverTreatment.PRO_RATA:
            return Fraction(0)
    days = (cycle.ends_on - cycle.starts_on).days + 1
    return Fraction(result.present_days, days)


def _member(
    material: _Material, person: Participant, today: date
) -> tuple[Member, str, dict[str, Any]]:
    number, plan = person.employee_no, material.plan
    result, standing = material.results[number], material.standings[number]
    base = material.bases.get(number)
    base_fen = base.base_fen if base else 0
    bands = _bands(material, person)
    clean = performance_coefficient(
        result.clean_band, result.total, bands, plan.nr_policy, is_capped=result.is_capped
    )
    waits_for = material.gates[number]
    organisation, organisation_source = _organisation(material, person.unit_code)
    client, client_source = _client(material, person)
    shown_band = plan.bands.lowest() if standing.is_vetoed else result.clean_band
    history = [(shown_band, standing.worst_severity), *material.streaks.get(number, [])]
    streak = streak_length(history, plan.bands, plan.streak)
    factors = BonusFactors(
        base_fen=base_fen,
        performance=clean,
        organisation=organisation,
        client=client.factor if client else Decimal("1.0000"),
        streak=streak_factor(streak, plan.streak),
        present=_present(material, person, result, today),
        gate=0 if standing.is_vetoed else standing.conduct_multiplier,
    )
    category, is_main_leader = material.decisions.category(
        person.post_code,
        PayCategory(material.categories[person.post_code]),
        material.heads.get(number),
    )
    member = Member(
        no=number,
        factors=factors,
        clean_performance=clean,
        category=category,
        is_main_leader=is_main_leader,
        is_vetoed=standing.is_vetoed,
        held_reason=FREEZE if standing.is_frozen else None if waits_for == APPEAL else waits_for,
        disputed_performance=_best(bands, result, clean) if waits_for == APPEAL else None,
        floor_fen=plan.floor_fen(
            base_fen, material.employees[number].hired_on, material.cycle.ends_on
        ),
        sources={
            "base": base.source if base else "none",
            "performance": f"result v{result.version}, band {result.clean_band}",
            "organisation": organisation_source,
            "client": client_source,
            "streak": f"{streak} cycles",
            "gate": ", ".join(standing.frozen_by) or standing.gate.value,
        },
    )
    gate = "VETO" if standing.is_vetoed else FREEZE if standing.is_frozen else standing.gate.value
    return member, gate, stored_member(member)


def _best(bands: BandTable, result: Rated, clean: Decimal) -> Decimal:
    """The best Cp that an appeal can give: as many points and bands up as a correction may move."""
    if result.clean_band == NOT_RATED or result.total is None:
        return clean
    total = min(result.total + DEFAULT_LIMITS.points, Decimal(bands.cap_e2).scaleb(-2))
    rank = max(
        bands.rank(result.clean_band) - DEFAULT_LIMITS.bands, bands.rank(bands.of(int(total * 100)))
    )
    return max(clean, bands.coefficient(bands.codes[rank], total))


def stored_member(member: Member) -> dict[str, Any]:
    """The inputs of one award as they are kept, enough to compute it again."""
    own = member.factors
    return {
        "base_fen": own.base_fen,
        "performance": str(own.performance),
        "organisation": str(own.organisation),
        "client": str(own.client),
        "streak": str(own.streak),
        "present": str(own.present),
        "gate": str(own.gate),
        "clean_performance": str(member.clean_performance),
        "category": member.category.value,
        "is_main_leader": member.is_main_leader,
        "is_vetoed": member.is_vetoed,
        "held_reason": member.held_reason,
        "disputed_performance": None
        if member.disputed_performance is None
        else str(member.disputed_performance),
        "floor_fen": member.floor_fen,
        "sources": dict(member.sources or {}),
    }


def member_from(number: str, stored: Mapping[str, Any]) -> Member:
    """The member that :func:`stored_member` wrote."""
    disputed = stored.get("disputed_performance")
    return Member(
        no=number,
        factors=BonusFactors(
            base_fen=stored["base_fen"],
            performance=Decimal(stored["performance"]),
            organisation=Decimal(stored["organisation"]),
            client=Decimal(stored["client"]),
            streak=Decimal(stored["streak"]),
            present=Fraction(stored["present"]),
            gate=Decimal(stored["gate"]),
        ),
        clean_performance=Decimal(stored["clean_performance"]),
        category=PayCategory(stored["category"]),
        is_main_leader=stored.get("is_main_leader", False),
        is_vetoed=stored["is_vetoed"],
        held_reason=stored["held_reason"],
        disputed_performance=None if disputed is None else Decimal(disputed),
        floor_fen=stored.get("floor_fen"),
        sources=stored["sources"],
    )
