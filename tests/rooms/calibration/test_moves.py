"""Moves in a session: limits, caps, vetoes, reasons, the second member, and how sessions end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calibration import actions, queries
from perfflow.calibration.actions.adjusting import unapproved_moves
from perfflow.calibration.models import CalibrationAdjustment, CalibrationSession
from perfflow.calibration.presentation import board_page, factors_of, preview, raters
from perfflow.cycles.models import Participant
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.reviews.queries import latest_results
from perfflow.workflow.models import Message
from tests.support.board import CHAIR, OWN, REASON, SECOND
from tests.support.cast import act_as, ADVISOR, HR, OUTSIDER, Person
from tests.support.golden import E1, E2, E3, E4, E5, E6, PAY_DAY, SIX
from tests.support.year import YEAR


def move(
    session: Session,
    row: CalibrationSession,
    person: Person,
    to_total: str,
    by: Person = CHAIR,
    reason: str = REASON,
    reason_code: str = "evidence",
    seen: str | None = None,
) -> CalibrationAdjustment:
    return actions.adjust(
        session, act_as(session, by), PAY_DAY, row, person.no, to_total=Decimal(to_total),
        reason_code=reason_code, reason=reason, seen_total=Decimal(seen) if seen else None,
    )  # fmt: skip


def refused(session: Session, row: CalibrationSession, person: Person, total: str) -> str:
    with pytest.raises(RuleViolation) as found:
        move(session, row, person, total)
    assert found.value.field == "to_total"
    assert queries.history(session, row.id) == []
    return found.value.code


def test_a_move_keeps_from_to_reason_and_proposer(
    session: Session, row: CalibrationSession
) -> None:
    kept = move(session, row, E1, "94.10")
    assert (kept.from_total_e2, kept.to_total_e2) == (Decimal("99.91"), Decimal("94.10"))
    assert (kept.from_band, kept.to_band) == ("A", "B")
    assert (kept.proposer_no, kept.approver_no, kept.reason) == (CHAIR.no, None, REASON)


def test_ten_points_are_the_most(session: Session, row: CalibrationSession) -> None:
    assert refused(session, row, E6, "100.55") == "calc.CALIBRATION_POINTS"
    assert refused(session, row, E6, "80.53") == "calc.CALIBRATION_POINTS"
    assert move(session, row, E6, "100.54").to_band == "A"


def test_a_band_that_follows_never_passes_a_second_one(
    session: Session, row: CalibrationSession
) -> None:
    # 70.85 (C): down to D and up to B are one band away each; ten points reach no further.
    assert move(session, row, E5, "60.85").to_band == "C"
    assert move(session, row, E5, "80.00").to_band == "B"


def test_a_cap_holds_whatever_the_points(session: Session, row: CalibrationSession) -> None:
    result = latest_results(session, YEAR, [E6.no], stage="manager")[E6.no]
    result.band_cap = "B"
    session.flush()
    moved = move(session, row, E6, "98.00")
    assert (moved.to_total_e2, moved.to_band) == (Decimal("98.00"), "B")


def test_a_veto_cannot_be_touched(session: Session, row: CalibrationSession) -> None:
    assert refused(session, row, E4, "105") == "calibration.veto_stands"


def test_moving_nowhere_is_refused(session: Session, row: CalibrationSession) -> None:
    assert refused(session, row, E1, "99.91") == "calibration.nothing_moves"


@pytest.mark.parametrize(
    ("reason", "code", "field"),
    [("太短", "evidence", "reason"), ("  ", "data", "reason"), (REASON, "mood", "reason_code")],
)
def test_every_move_needs_a_reason_of_a_kind(
    session: Session, row: CalibrationSession, reason: str, code: str, field: str
) -> None:
    with pytest.raises(RuleViolation) as found:
        move(session, row, E1, "98", reason=reason, reason_code=code)
    assert found.value.field == field


def test_nobody_moves_the_own_result(session: Session, row: CalibrationSession) -> None:
    with pytest.raises(NotAllowed) as found:
        move(session, row, OWN, "99", by=OWN)
    assert found.value.code == "calibration.own_result"
    assert move(session, row, E1, "99", by=OWN).proposer_no == OWN.no


@pytest.mark.parametrize("person", [HR, ADVISOR], ids=lambda p: p.name_en)
def test_only_the_committee_moves(
    session: Session, row: CalibrationSession, person: Person
) -> None:
    with pytest.raises(NotAllowed):
        move(session, row, E1, "99", by=person)


def test_people_of_other_sessions_are_not_found(session: Session, row: CalibrationSession) -> None:
    with pytest.raises(NotFound):
        move(session, row, OUTSIDER, "99")


@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_only_an_open_session_moves(session: Session, row: CalibrationSession, status: str) -> None:
    row.status = status
    with pytest.raises(Conflict):
        move(session, row, E1, "99")
    with pytest.raises(Conflict):
        actions.approve_adjustments(session, act_as(session, SECOND), PAY_DAY, row)


def test_a_later_move_counts_from_the_managers_result_again(
    session: Session, row: CalibrationSession
) -> None:
    move(session, row, E1, "91")
    assert refused_again(session, row) == "calc.CALIBRATION_POINTS"
    last = move(session, row, E1, "105")
    assert last.from_total_e2 == Decimal("91.00")
    seat = next(s for s in queries.board(session, row) if s.participant.employee_no == E1.no)
    assert (seat.total, seat.band) == (Decimal("105.00"), "A")


def refused_again(session: Session, row: CalibrationSession) -> str:
    with pytest.raises(RuleViolation) as found:
        move(session, row, E1, "89")
    return found.value.code


def test_a_move_made_meanwhile_is_not_overwritten(
    session: Session, row: CalibrationSession
) -> None:
    move(session, row, E1, "98", seen="99.91")
    with pytest.raises(Conflict) as found:
        move(session, row, E1, "97", by=SECOND, seen="99.91")
    assert found.value.params["total"] == Decimal("98.00")
    assert len(queries.history(session, row.id)) == 1


def test_one_of_six_needs_no_second_member_but_two_do(
    session: Session, row: CalibrationSession
) -> None:
    move(session, row, E1, "98")
    assert unapproved_moves(session, row) == 0
    move(session, row, E3, "112")
    assert unapproved_moves(session, row) == 2


def sum_up(
    session: Session, row: CalibrationSession, by: Person = CHAIR, because: str = ""
) -> CalibrationSession:
    return actions.sum_up_session(
        session, act_as(session, by), PAY_DAY, YEAR, row.unit_code,
        summary="逐人讨论，依据充分。", deviation_reason=because,
    )  # fmt: skip


@pytest.fixture
def held_to_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the six were enough people to be held to a guide."""
    monkeypatch.setattr(queries, "MIN_POOL", 6)


@pytest.mark.usefixtures("held_to_the_guide")
def test_bands_outside_the_tolerance_need_a_reason(
    session: Session, row: CalibrationSession
) -> None:
    with pytest.raises(RuleViolation) as found:
        sum_up(session, row, because="  太少  ")
    assert (found.value.code, found.value.field) == (
        "calibration.deviation_needs_reason",
        "deviation_reason",
    )
    assert "B 2/4" in found.value.params["bands"]
    reason = "本年两位员工因客户结构变化，结果高于往年。"
    assert sum_up(session, row, because=reason).deviation_reason == reason


@pytest.mark.usefixtures("held_to_the_guide")
def test_a_forced_distribution_cannot_be_argued_away(
    session: Session, row: CalibrationSession
) -> None:
    row.distribution_mode = "forced"
    with pytest.raises(RuleViolation) as found:
        sum_up(session, row, because="本年两位员工因客户结构变化，结果高于往年。")
    assert found.value.code == "calibration.distribution_is_forced"
    assert found.value.params["bands"] == "A 2/1"


def test_fewer_than_ten_people_are_not_held_to_a_guide(
    session: Session, row: CalibrationSession
) -> None:
    row.distribution_mode = "forced"
    assert sum_up(session, row).deviation_reason is None


def test_a_session_with_waiting_moves_cannot_be_summed_up(
    session: Session, row: CalibrationSession
) -> None:
    move(session, row, E1, "98")
    move(session, row, E3, "112")
    with pytest.raises(RuleViolation) as found:
        sum_up(session, row)
    assert (found.value.code, found.value.params["moves"]) == (
        "calibration.second_approval_needed",
        2,
    )
    with pytest.raises(Conflict):
        actions.approve_adjustments(session, act_as(session, CHAIR), PAY_DAY, row)
    assert actions.approve_adjustments(session, act_as(session, SECOND), PAY_DAY, row) == 2
    assert sum_up(session, row).closed_by == CHAIR.no


def test_nobody_stands_for_the_move_of_the_own_result(
    session: Session, row: CalibrationSession
) -> None:
    move(session, row, OWN, "96")
    move(session, row, E1, "98")
    assert actions.approve_adjustments(session, act_as(session, OWN), PAY_DAY, row) == 1
    assert unapproved_moves(session, row) == 1


def close(session: Session, unit: str) -> None:
    actions.close_session(session, SYSTEM, PAY_DAY + timedelta(hours=1), YEAR, unit)


def messages(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Message.name, Message.correlation_key).order_by(Message.id))
    return [(name, key) for name, key in rows]


def test_the_last_unit_wakes_the_firm_and_only_once(
    session: Session, row: CalibrationSession
) -> None:
    close(session, "B01")
    assert messages(session) == []
    close(session, "B02")
    assert messages(session) == [("reviews-complete", f"{YEAR}/calibration/FIRM")]


def test_the_firms_session_makes_the_calibrated_link_for_everybody(
    session: Session, row: CalibrationSession
) -> None:
    move(session, row, E1, "94")
    for unit in ("B01", "B02", "FIRM"):
        close(session, unit)
    results = latest_results(session, YEAR, [person.no for person in SIX])
    assert {result.stage for result in results.values()} == {"calibrated"}
    assert (results[E1.no].total_e2, results[E1.no].band) == (Decimal("94.00"), "B")
    assert (results[E1.no].reason_code, results[E1.no].reason) == ("evidence", REASON)
    assert results[E2.no].total_e2 == Decimal("94.35")
    assert results[E4.no].band == "D"
    found = messages(session)
    assert ("calibrations-complete", YEAR) in found
    assert {key for name, key in found if name == "result-calibrated"} == {
        f"{YEAR}/{person.no}" for person in SIX
    }


def test_the_pool_factor_follows_the_code_that_pays(
    session: Session, row: CalibrationSession
) -> None:
    board = board_page(session, act_as(session, CHAIR), row)
    seat = board.seat_of(E1.no)
    assert seat is not None
    shown = preview(session, board, seat, Decimal("94"), PAY_DAY.date())
    before, after = shown.factors
    assert shown.counts == {"A": (2, 1), "B": (2, 3)}
    assert shown.coefficients == (Decimal("1.2000"), Decimal("1.0000"))
    assert before is not None
    assert after is not None
    # The raw bonus of the person falls, so what is shared rises: k grows by the same ratio.
    raws = 8134862, 6779052
    others = 3693699 + 15904350 + 7560000 + 3893148 + 6025950
    assert after / before == Fraction(others + raws[0], others + raws[1])
    move(session, row, E1, "94")
    again = board_page(session, act_as(session, CHAIR), row)
    assert factors_of(session, again, PAY_DAY.date()) == (before, after)


def test_a_preview_says_what_the_limits_refuse(session: Session, row: CalibrationSession) -> None:
    board = board_page(session, act_as(session, CHAIR), row)
    seat = board.seat_of(E1.no)
    assert seat is not None
    shown = preview(session, board, seat, Decimal("120"), PAY_DAY.date())
    assert shown.error is not None
    assert shown.error.name == "CALIBRATION_POINTS"
    assert shown.counts == {}


def test_leniency_compares_managers_of_a_post_family(
    session: Session, row: CalibrationSession
) -> None:
    chair = act_as(session, CHAIR)
    assert raters(session, board_page(session, chair, row), CHAIR.no) == []
    scores = latest_results(session, YEAR, [person.no for person in SIX], stage="manager")
    for number, manager, given, objective in (
        (E1.no, "E00003", "106", "98"), (E2.no, "E00003", "104", "97"),
        (E4.no, "E00010", "96", "97"), (E6.no, "E00010", "95", "97"),
    ):  # fmt: skip
        scores[number].clean_total_e2 = Decimal(given)
        scores[number].objective_total_e2 = Decimal(objective)
        session.get_one(Participant, (YEAR, number)).manager_no = manager
    session.flush()
    found = raters(session, board_page(session, chair, row), CHAIR.no)
    figures = {one.statistics.manager: one.statistics for one in found}
    # Residuals 8, 7 and -1, -2: the mean is 3, so one manager is 4.5 above and one 4.5 below.
    assert {name: one.leniency for name, one in figures.items()} == {
        "E00003": Decimal("4.5000"),
        "E00010": Decimal("-4.5000"),
    }
    assert {(one.people, one.flags) for one in figures.values()} == {(2, ())}
    assert [one.place for one in found] == [Fraction(29, 40), Fraction(11, 40)]


def test_the_readers_own_seat_is_not_on_the_board(
    session: Session, row: CalibrationSession
) -> None:
    board = board_page(session, act_as(session, OWN), row)
    assert board.seat_of(OWN.no) is None
    assert len(board.seats) == len(SIX) - 1
