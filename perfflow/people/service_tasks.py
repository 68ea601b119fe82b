"""Look-ups of people and units for the choice fields of forms."""

from __future__ import annotations

from sqlalchemy import or_, select

from perfflow.calendar import local_date
from perfflow.forms import form_lookup, FormContext, Option, Text
from perfflow.people import queries
from perfflow.people.models import Employee


@form_lookup("people")
def people_options(ctx: FormContext) -> list[Option]:
    """Everybody at work, by number."""
    if ctx.session is None:
        return []
    on = local_date(ctx.now)
    query = select(Employee).where(or_(Employee.left_on.is_(None), Employee.left_on > on))
    return [
        Option(row.no, Text(f"{row.name_zh} {row.no}", f"{row.name_en} {row.no}"))
        for row in ctx.session.scalars(query.order_by(Employee.no))
    ]


@form_lookup("units")
def unit_options(ctx: FormContext) -> list[Option]:
    """Every unit of today, parents first."""
    if ctx.session is None:
        return []
    return [
        Option(row.code, Text(row.name_zh, row.name_en))
        for row in queries.units_on(ctx.session, local_date(ctx.now))
    ]
