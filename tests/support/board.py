"""The golden six with their managers' results and three sessions; their branch's is open."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from perfflow.calibration.models import CalibrationSession
from perfflow.checkins.models import ProcessGap
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.people import actions as people_actions
from tests.support.cast import FOUNDED, hire, Person, START
from tests.support.golden import build_golden, E2, E5, PAY_DAY
from tests.support.year import YEAR

MEMBER = Role.CALIBRATION_COMMITTEE
CHAIR = Person("E00081", "杜永", "Du Yong", "HQ", "HQ", "E00001", ((MEMBER, None),))
SECOND = Person("E00082", "方海琪", "Fang Haiqi", "HQ", "HQ", "E00001", ((MEMBER, None),))
COMMITTEE = (CHAIR, SECOND)
OWN = replace(E2, roles=((MEMBER, None),))
"""One of the six who sits in the committee too."""
REASON = "三、四季度协作评分没有事实记录"


def build_sessions(session: Session) -> None:
    """Three sessions: the branch's is open, another branch's and the firm's wait."""
    build_golden(session)
    for person in COMMITTEE:
        hire(session, person)
    people_actions.grant_role(
        session, SYSTEM, START, OWN.no, Role.CALIBRATION_COMMITTEE, valid_from=FOUNDED
    )
    for unit, kind, status in (
        ("B01", "unit", "open"), ("B02", "unit", "waiting"), ("FIRM", "firm", "waiting"),
    ):  # fmt: skip
        session.add(
            CalibrationSession(
                cycle_code=YEAR, unit_code=unit, kind=kind, status=status,
                distribution_mode="guided", opened_at=PAY_DAY if status == "open" else None,
            )
        )  # fmt: skip
    for kind in ("check_in:2", "mid_year"):
        session.add(ProcessGap(cycle_code=YEAR, employee_no=E5.no, kind=kind, flagged_at=PAY_DAY))
    session.flush()
