"""Who a person is in the firm: names and the roles that follow from the organisation."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, literal, or_, Row, select, SQLColumnExpression
from sqlalchemy.orm import aliased, Session

from perfflow.kernel.actor import Role
from perfflow.people.models import Assignment, Employee, Post, Unit
from perfflow.web.ports import AnySelect, Standing


def _holds(row: type[Assignment], on: date) -> ColumnElement[bool]:
    return (row.valid_from <= on) & (or_(row.valid_to.is_(None), row.valid_to > on))


class PeoplePrincipals:
    """Implements ``perfflow.web.ports.Principals``, joined to the account's statement or alone."""

    def standing(self, session: Session, employee_no: str, on: date) -> Standing | None:
        asked = select(literal(employee_no).label("no")).subquery("asked")
        query = self.joined(select(asked.c.no), asked.c.no, on)
        return self.standing_in(session.execute(query.limit(1)).one(), on)

    def joined(
        self, query: AnySelect, employee_no: SQLColumnExpression[str | None], on: date
    ) -> AnySelect:
        """The employee, her main assignment first, and what she leads."""
        report, below, headed = aliased(Assignment), aliased(Assignment), aliased(Unit)
        has_reports = exists().where(report.manager_no == Employee.no, _holds(report, on))
        has_second_line = exists().where(
            below.manager_no == report.employee_no,
            report.manager_no == Employee.no,
            _holds(report, on),
            _holds(below, on),
        )
        heads_unit = exists().where(headed.head_no == Employee.no)
        return (
            query.add_columns(
                Employee,
                Post,
                Unit,
                has_reports.label("has_reports"),
                has_second_line.label("has_second_line"),
                heads_unit.label("heads_unit"),
            )
            .outerjoin(Employee, Employee.no == employee_no)
            .outerjoin(Assignment, (Assignment.employee_no == Employee.no) & _holds(Assignment, on))
            .outerjoin(Post, Post.code == Assignment.post_code)
            .outerjoin(Unit, Unit.code == Assignment.unit_code)
            .order_by(Assignment.fte_bp.desc(), Assignment.id)
        )

    def standing_in(self, row: Row[Any], on: date) -> Standing | None:
        """The standing that a row of :meth:`joined` holds; None for who is not in the firm."""
        person, post, unit = row.Employee, row.Post, row.Unit
        if person is None or (person.left_on is not None and person.left_on <= on):
            return None
        roles = {Role.EMPLOYEE}
        if row.has_reports:
            roles.add(Role.LINE_MANAGER)
        if row.has_second_line:
            roles.add(Role.SECOND_LINE)
        if row.heads_unit:
            roles.add(Role.UNIT_HEAD)
        return Standing(
            name_zh=person.name_zh,
            name_en=person.name_en,
            post_zh=post.name_zh if post else "",
            post_en=post.name_en if post else "",
            unit_zh=unit.name_zh if unit else "",
            unit_en=unit.name_en if unit else "",
            roles=frozenset(roles),
        )
