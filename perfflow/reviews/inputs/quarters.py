"""The quarters of a year whose total is rolled up from them (domain §5.4)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import packs
from perfflow.people.queries import chunks
from perfflow.reviews.queries import latest_results
from perfflow.reviews.rules import Quarter

QUARTERLY = "QUARTER"
MONTHS_IN_QUARTER = 3


def quarters_of(
    session: Session, cycle: Cycle, employee_nos: Collection[str]
) -> dict[str, tuple[Quarter, ...]]:
    """The quarters of each person, where the pack of the cycle says ``roll_up``; else nothing.

    The weight goes by the place of the quarter in the cycle. A total counts as it was before the
    conduct deduction, which is taken once, from the year.
    """
    pack = packs(session, cycle.release_number).get(cycle.pack_code)
    if pack is None or not pack.roll_up:
        return {}
    within = session.scalars(
        select(Cycle)
        .where(
            Cycle.kind == QUARTERLY,
            Cycle.is_shadow.is_(False),
            Cycle.starts_on >= cycle.starts_on,
            Cycle.ends_on <= cycle.ends_on,
        )
        .order_by(Cycle.starts_on, Cycle.code)
    ).all()
    found: dict[str, list[Quarter]] = {number: [] for number in employee_nos}
    for quarter in within:
        months = (quarter.starts_on.year - cycle.starts_on.year) * 12
        months += quarter.starts_on.month - cycle.starts_on.month
        place = months // MONTHS_IN_QUARTER
        if place >= len(pack.roll_up):
            continue
        for part in chunks(sorted(found)):
            results = latest_results(session, quarter.code, part)
            for number in part:
                result = results.get(number)
                total = None if result is None else result.total_e2
                if result is not None and total is not None:
                    total += result.deduction_e2
                found[number].append(Quarter(quarter.code, pack.roll_up[place], total))
    return {number: tuple(rows) for number, rows in found.items() if rows}
