"""The newest results as pay needs them: few columns of many people, without their trees."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.people.queries import chunks
from perfflow.reviews.models import Result


@dataclass(frozen=True, slots=True)
class Rated:
    """The newest link of one person's result chain; ``total`` has 2 dp, None without a rating."""

    id: int
    version: int
    stage: str
    reason_code: str | None
    clean_band: str
    total: Decimal | None
    is_capped: bool
    present_days: int
    standing: Mapping[str, Any]


def ratings_of(session: Session, cycle_code: str, numbers: Collection[str]) -> dict[str, Rated]:
    """The newest result of each person who has one."""
    found: dict[str, Rated] = {}
    for part in chunks(numbers):
        newest = (
            select(Result.employee_no, func.max(Result.version).label("version"))
            .where(Result.cycle_code == cycle_code, Result.employee_no.in_(part))
            .group_by(Result.employee_no)
            .subquery()
        )
        rows = session.execute(
            select(
                Result.employee_no,
                Result.id,
                Result.version,
                Result.stage,
                Result.reason_code,
                Result.clean_band,
                Result.clean_total_e2,
                Result.band_cap,
                Result.inputs,
            )
            .join(
                newest,
                (newest.c.employee_no == Result.employee_no) & (newest.c.version == Result.version),
            )
            .where(Result.cycle_code == cycle_code)
        )
        for number, key, version, stage, reason, band, total, cap, inputs in rows:
            person = inputs["person"]
            found[number] = Rated(
                key,
                version,
                stage,
                reason,
                band,
                total,
                cap is not None,
                int(person["present_days"]),
                person["standing"],
            )
    return found
