"""Opening a goal sheet: version 0 from the card, with suggested targets and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle, Participant
from perfflow.goals import queries
from perfflow.goals.actions.versions import append_version
from perfflow.goals.frames import evidence_of
from perfflow.goals.models import GoalSheet, UnitGoal
from perfflow.goals.rules import DraftLine, smart_verdict, Status, suggested_target
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict
from perfflow.kernel.rounding import ratio6
from perfflow.metrics import queries as metric_queries
from perfflow.metrics.periods import a_year_earlier, period_days
from perfflow.metrics.queries import Figure, Percentiles
from perfflow.metrics.rules import Aggregation, MetricDefinition
from perfflow.people.models import Unit
from perfflow.plans import queries as plan_queries
from perfflow.plans.rules.cards import CardTemplate

_PEERS = "perfflow.goals.peers"


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Last year's figures of the colleagues of one post, and their percentiles."""

    figures: Mapping[str, Mapping[str, Figure]]
    percentiles: Mapping[str, Percentiles]


def open_sheet(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> GoalSheet:
    """Create the sheet of a participant with version 0 from the card of her post."""
    if queries.find_sheet(session, cycle_code, employee_no) is not None:
        raise Conflict("goals.sheet_exists", cycle=cycle_code, employee=employee_no)
    cycle = cycle_queries.cycle(session, cycle_code)
    participant = cycle_queries.participant(session, cycle_code, employee_no)
    card = plan_queries.card_template(session, cycle.release_number, participant.card_code)
    metrics = metric_queries.metric_catalogue(session, cycle.release_number)
    pack = cycle_queries.pack(session, cycle.pack_code, cycle.release_number)
    group = _peer_group(session, cycle, participant, card, metrics)
    lines, facts = _template(session, cycle, participant, card, metrics, group)
    sheet = GoalSheet(
        cycle_code=cycle_code,
        employee_no=employee_no,
        status=Status.DRAFT.value,
        round=0,
        current_version=0,
    )
    session.add(sheet)
    session.flush()
    verdicts = {
        line.metric_code: smart_verdict(
            line,
            evidence_of(
                cycle,
                metrics.get(line.metric_code),
                facts[line.metric_code],
                len(pack.check_ins),
            ),
        )
        for line in lines
    }
    append_version(
        session,
        now,
        sheet,
        0,
        lines,
        verdicts,
        author_no=None,
        side="system",
        action="propose",
        facts=facts,
    )
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_SHEET_OPENED,
        f"{cycle_code}/{employee_no}",
        card=card.code,
        lines=len(lines),
    )
    return sheet


def _peer_group(
    session: Session,
    cycle: Cycle,
    participant: Participant,
    card: CardTemplate,
    metrics: Mapping[str, MetricDefinition],
) -> PeerGroup:
    """The colleagues of the post in the cycle; computed once a unit of work (a launch)."""
    known: dict[tuple[str, str], PeerGroup] = session.info.setdefault(_PEERS, {})
    key = (cycle.code, participant.post_code)
    if key in known and participant.employee_no in known[key].figures:
        return known[key]
    colleagues = cycle_queries.participants(session, cycle.code, post_code=participant.post_code)
    numbers = {participant.employee_no, *(row.employee_no for row in colleagues)}
    wanted = [metrics[line.metric] for line in card.lines if line.metric in metrics]
    first_on, last_on = a_year_earlier(cycle.starts_on, cycle.ends_on)
    figures = metric_queries.figures_of(session, numbers, wanted, first_on, last_on)
    shown: dict[str, Percentiles] = {}
    for metric in wanted:
        values = [
            one[metric.code].exact_value
            for one in figures.values()
            if one[metric.code].exact_value is not None
        ]
        found = metric_queries.percentiles([value for value in values if value is not None])
        if found is not None:
            shown[metric.code] = found
    known[key] = PeerGroup(figures, shown)
    return known[key]


def _template(
    session: Session,
    cycle: Cycle,
    participant: Participant,
    card: CardTemplate,
    metrics: Mapping[str, MetricDefinition],
    group: PeerGroup,
) -> tuple[list[DraftLine], dict[str, dict[str, Any]]]:
    path = session.scalar(select(Unit.path).where(Unit.code == participant.unit_code)) or ""
    goals = _unit_goals(session, cycle.code, path)
    objectives = {
        row.metric_code for row in queries.objectives(session, cycle.code) if row.metric_code
    }
    lines: list[DraftLine] = []
    facts: dict[str, dict[str, Any]] = {}
    own = group.figures.get(participant.employee_no, {})
    for line in card.lines:
        metric = metrics[line.metric]
        last_year, months = _last_year(metric, own.get(line.metric), cycle)
        goal = goals.get(line.metric)
        peers = group.percentiles.get(line.metric)
        target = line.target
        if target is None:
            target = suggested_target(line.target_rule, last_year)
        lines.append(
            DraftLine(
                metric_code=line.metric,
                title=metric.name_zh,
                dimension=metric.dimension.value,
                weight_bp=line.weight_bp,
                target=target,
                baseline=line.baseline if line.baseline is not None else last_year,
                curve=line.curve,
                why=metric.intent_zh,
                unit_goal_id=goal.id if goal else None,
            )
        )
        facts[line.metric] = {
            "last_year": last_year,
            "last_year_periods": months,
            "peers": _peers_json(peers),
            "reaches_objective": goal is not None or line.metric in objectives,
        }
    return lines, facts


def _peers_json(peers: Percentiles | None) -> dict[str, Any] | None:
    if peers is None:
        return None
    return {
        "count": peers.count,
        "p25": peers.p25,
        "p50": peers.p50,
        "p90": peers.p90,
        "p95": peers.p95,
    }


def _last_year(
    metric: MetricDefinition, found: Figure | None, cycle: Cycle
) -> tuple[Decimal | None, int]:
    """Last year's actual. A flow that is not complete yet is extended to the whole span."""
    if found is None or found.exact_value is None:
        return None, 0
    value, months = found.exact_value, found.months
    if metric.aggregation is Aggregation.SUM and found.points:
        first, last = period_days(found.points[-1].period)
        length = (last.year - first.year) * 12 + last.month - first.month + 1
        span = (cycle.ends_on.year - cycle.starts_on.year) * 12
        span += cycle.ends_on.month - cycle.starts_on.month + 1
        covered = months * length
        if 0 < covered < span:
            value = value * span / covered
    return ratio6(value), months


def _unit_goals(session: Session, cycle_code: str, path: str) -> dict[str, UnitGoal]:
    """The goal of the nearest unit above the person, for every metric."""
    parts = path.split("/")
    rows: Sequence[UnitGoal] = queries.unit_goals(session, cycle_code, parts)
    found: dict[str, UnitGoal] = {}
    for row in sorted(rows, key=lambda row: parts.index(row.unit_code)):
        found[row.metric_code] = row
    return found
