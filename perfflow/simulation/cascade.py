"""What simulated heads set for firm and units: last year's figures with a little growth."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.metrics.models import MetricValue
from perfflow.metrics.queries import metric_catalogue
from perfflow.metrics.rules import Aggregation
from perfflow.people.models import Assignment, Unit
from perfflow.simulation.answers import choice, Question, Values

GROWTH = Decimal("1.05")
CENT = Decimal("0.01")


def last_year_sum(session: Session, metric: str, year: int, unit: str | None = None) -> Decimal:
    """Σ of a flow in the year before ``year``, of everybody now at work under ``unit``."""
    query = select(func.sum(MetricValue.value_e6)).where(
        MetricValue.metric_code == metric,
        MetricValue.period >= f"{year - 1}-01",
        MetricValue.period <= f"{year - 1}-12",
    )
    if unit is not None:
        path = session.get_one(Unit, unit).path
        under = (
            select(Assignment.employee_no)
            .join(Unit, Unit.code == Assignment.unit_code)
            .where(
                Assignment.valid_to.is_(None),
                (Unit.path == path) | Unit.path.startswith(f"{path}/", autoescape=True),
            )
        )
        query = query.where(MetricValue.employee_no.in_(under))
    return Decimal(session.scalar(query) or 0)


def _set_targets(question: Question, rows: list[dict[str, object]], unit: str | None) -> None:
    """Targets of flows follow last year; shares and rates stay what the firm asks for."""
    context = question.context
    assert context.session is not None
    year = context.session.get_one(Cycle, context.variables["cycle"]).starts_on.year
    metrics = metric_catalogue(context.session)
    for row in list(rows):
        metric = metrics.get(str(row.get("metric_code")))
        if metric is None or metric.aggregation is not Aggregation.SUM:
            continue
        total = last_year_sum(context.session, metric.code, year, unit)
        if total > 0:
            row["target"] = (total * GROWTH).quantize(CENT)
        elif unit is not None and len(rows) > 1:
            rows.remove(row)  # a unit without clients carries no sales


@choice("strategy-objectives")
def objectives(question: Question, values: Values) -> None:
    """The firm asks for five percent more than last year brought."""
    _set_targets(question, values["objectives"], None)


@choice("unit-cascade")
def cascade(question: Question, values: Values) -> None:
    """Each unit carries what its people brought last year, and five percent."""
    _set_targets(question, values["goals"], question.context.variables["unit"])
