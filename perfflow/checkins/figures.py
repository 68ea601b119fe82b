"""The figures of a person on a day: locked goals with what has been reached so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.cycles.queries import cycle as cycle_named
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.metrics.queries import figures, metric_catalogue
from perfflow.metrics.units import shown, unit_of


@dataclass(frozen=True, slots=True)
class FigureOnDay:
    """One goal with its value; numbers are stored values, ``unit`` says how they are read."""

    metric_code: str
    name_zh: str
    name_en: str
    unit: str
    weight_bp: int
    value: Decimal | None
    target: Decimal | None
    source: str | None
    as_of: date | None

    def read(self, value: Decimal | None, language: str) -> str:
        """A value in its unit, as people read it; a dash where there is none."""
        number = shown(value, self.unit)
        if number is None:
            return "—"
        unit = unit_of(self.unit)
        name = unit.name_zh if language.startswith("zh") else unit.name_en
        return f"{number:f}{'' if name == '%' else ' '}{name}"

    def to_dict(self) -> dict[str, Any]:
        """The form that a check-in keeps; it is never rewritten when values change later."""
        return {
            "metric_code": self.metric_code,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "unit": self.unit,
            "weight_bp": self.weight_bp,
            "value": self.value,
            "target": self.target,
            "source": self.source,
            "as_of": self.as_of,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> FigureOnDay:
        """What ``to_dict`` wrote."""
        return cls(**stored)


def goal_lines(session: Session, cycle_code: str, employee_no: str) -> list[GoalLine]:
    """The lines of the locked version of the person's sheet, of the current one before."""
    return list(
        session.scalars(
            select(GoalLine)
            .join(GoalSheetVersion, GoalLine.version_id == GoalSheetVersion.id)
            .join(GoalSheet, GoalSheetVersion.sheet_id == GoalSheet.id)
            .where(
                GoalSheet.cycle_code == cycle_code,
                GoalSheet.employee_no == employee_no,
                GoalSheetVersion.version
                == func.coalesce(GoalSheet.locked_version, GoalSheet.current_version),
            )
            .order_by(GoalLine.position)
        )
    )


def figures_on(session: Session, cycle_code: str, employee_no: str) -> list[FigureOnDay]:
    """Every goal of the person with the value of the cycle so far."""
    lines = goal_lines(session, cycle_code, employee_no)
    if not lines:
        return []
    cycle = cycle_named(session, cycle_code)
    catalogue = metric_catalogue(session, cycle.release_number)
    metrics = [catalogue[line.metric_code] for line in lines if line.metric_code in catalogue]
    values = figures(session, employee_no, metrics, cycle.starts_on, cycle.ends_on)
    return [
        FigureOnDay(
            metric_code=metric.code,
            name_zh=metric.name_zh,
            name_en=metric.name_en,
            unit=metric.unit,
            weight_bp=line.weight_bp,
            value=values[metric.code].value,
            target=line.target_e6,
            source=values[metric.code].source,
            as_of=values[metric.code].as_of,
        )
        for line, metric in (
            (line, catalogue[line.metric_code]) for line in lines if line.metric_code in catalogue
        )
    ]
