"""A cycle of the cast that has run for a year: locked goals, values of twelve months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.cycles.models import Cycle, Participant
from perfflow.forms import FormContext
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.metrics.models import MetricValue
from perfflow.metrics.queries import metric_catalogue
from perfflow.plans.queries import card_templates
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import (
    ADVISOR,
    build_firm,
    COLLEAGUE,
    MANAGER,
    OUTSIDER,
    Person,
    shipped_files,
)

YEAR = "2025-ANNUAL"
JANUARY = datetime(2025, 1, 13, 9, tzinfo=FIRM_ZONE)
AFTER = datetime(2026, 1, 15, 9, tzinfo=FIRM_ZONE)
PARTICIPANTS = (ADVISOR, COLLEAGUE, MANAGER, OUTSIDER)
UNIT_OF = {"T01": "B01", "T02": "B02"}
TARGETS = {"sum": Decimal(1200), "ratio": Decimal("0.9"), "avg": Decimal("0.9")}
RATED = frozenset({"GR-01", "GR-06"})


def build_year(session: Session, people: Iterable[Person] = PARTICIPANTS) -> Cycle:
    """The firm, what it ships, the cycle of 2025 and locked goals of ``people``; no values yet."""
    build_firm(session)
    deploy_catalogue(session)
    cycle = Cycle(
        code=YEAR,
        name_zh="2025 年度考核",
        name_en="2025 annual review",
        pack_code="ANNUAL-STD",
        kind="ANNUAL",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
        status="running",
        bundle_number=workflow_queries.current_bundle(session),
        release_number=workflow_queries.current_release(session),
        created_by="E00006",
        created_at=JANUARY,
    )
    session.add(cycle)
    session.flush()
    for person in people:
        join(session, person)
        lock_goals(session, person)
    return cycle


def deploy_catalogue(session: Session) -> None:
    """Deploy the metrics, cards and plans; processes take their time and are not needed here."""
    catalogue = {path: text for path, text in shipped_files().items() if "catalogue/" in path}
    workflow_actions.deploy(session, SYSTEM, JANUARY, catalogue)


def join(session: Session, person: Person, status: str = "active") -> None:
    """Make a person take part."""
    unit = UNIT_OF.get(person.unit, person.unit)
    session.add(
        Participant(
            cycle_code=YEAR,
            employee_no=person.no,
            status=status,
            post_code=person.post,
            unit_code=person.unit,
            calibration_unit_code=unit,
            pool_code=unit,
            card_code=f"{person.post}-STD",
            manager_no=person.manager,
            joined_at=JANUARY,
        )
    )
    session.flush()


def lock_goals(
    session: Session, person: Person, targets: Mapping[str, Decimal] | None = None
) -> None:
    """A locked sheet with the lines of the person's card; targets 100 for every metric."""
    release = workflow_queries.current_release(session)
    metrics = metric_catalogue(session, release)
    card = card_templates(session, release)[f"{person.post}-STD"]
    sheet = GoalSheet(
        cycle_code=YEAR,
        employee_no=person.no,
        status="locked",
        round=1,
        current_version=1,
        locked_version=1,
        locked_at=JANUARY,
    )
    session.add(sheet)
    session.flush()
    version = GoalSheetVersion(
        sheet_id=sheet.id,
        version=1,
        round=1,
        author_side="employee",
        action="propose",
        content_hash="0" * 64,
        created_at=JANUARY,
    )
    session.add(version)
    session.flush()
    for position, line in enumerate(card.lines):
        metric = metrics[line.metric]
        target = None if metric.is_manual else (targets or {}).get(line.metric, Decimal(100))
        session.add(
            GoalLine(
                version_id=version.id,
                position=position,
                metric_code=line.metric,
                title=metric.name_zh,
                dimension=metric.dimension.value,
                weight_bp=line.weight_bp,
                target_e6=target,
                curve=line.curve,
                why="因为这对客户和支行都重要，我们一起定下来。",
            )
        )
    session.flush()


def reach(
    session: Session, person: Person, share: Decimal = Decimal(1), only: Iterable[str] = ()
) -> None:
    """Give every data line of the person the value ``share`` × target (one value for the year)."""
    release = workflow_queries.current_release(session)
    metrics = metric_catalogue(session, release)
    card = card_templates(session, release)[f"{person.post}-STD"]
    wanted = set(only)
    for line in card.lines:
        metric = metrics[line.metric]
        if metric.is_manual or (wanted and line.metric not in wanted):
            continue
        value_of(session, person, line.metric, Decimal(100) * share)


def value_of(
    session: Session,
    person: Person,
    metric_code: str,
    value: Decimal,
    period: str = "2025",
    version: int = 1,
    recorded_at: datetime = AFTER,
) -> None:
    """One final value; ratios get the value over one thousand cases."""
    metric = metric_catalogue(session, workflow_queries.current_release(session))[metric_code]
    is_ratio = metric.aggregation == "ratio"
    session.add(
        MetricValue(
            employee_no=person.no,
            metric_code=metric_code,
            period=period,
            version=version,
            value_e6=None if is_ratio else value,
            numerator_e6=value * 1000 if is_ratio else None,
            denominator_e6=Decimal(1000) if is_ratio else None,
            status="final",
            source=metric.source,
            recorded_at=recorded_at,
        )
    )
    session.flush()


def form_context(
    session: Session,
    actor: Actor,
    now: datetime,
    employee: Person,
    *,
    language: str = "zh",
    **variables: object,
) -> FormContext:
    """The context of a task about a person of the cast."""
    return FormContext(
        session=session,
        actor=actor,
        now=now,
        form_key="",
        business_key=f"{YEAR}/{employee.no}",
        variables={"cycle": YEAR, "employee": employee.no, **variables},
        element_id="",
        definition_key="appraisal",
        language=language,
    )
