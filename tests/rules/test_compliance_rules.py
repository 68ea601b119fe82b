"""Gate cases: points, repeated breaches, relief, joint liability, cap, freeze and veto (§5.9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.compliance.rules import (
    a_year_before,
    Case,
    case_points,
    CaseStatus,
    conduct_multiplier,
    counted_on,
    deducted_total,
    Gate,
    gate_standing,
    GateStanding,
    joint_liability,
    person_deduction,
)
from perfflow.kernel.errors import ComputationError

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


def upheld(no: str, severity: int, on: date = date(2025, 5, 1), **more: object) -> Case:
    return Case(no, CaseStatus.UPHELD, severity, severity, on, on, **more)  # type: ignore[arg-type]


def undecided(status: CaseStatus, potential: int) -> Case:
    return Case("G9", status, potential, None, date(2025, 6, 1), date(2025, 6, 1))


def standing(*cases: Case) -> GateStanding:
    return gate_standing(cases, FIRST, LAST)


def test_nobody_without_a_case_loses_anything() -> None:
    assert standing() == GateStanding()


@pytest.mark.parametrize(
    ("severity", "points", "gate", "cap"),
    [
        (0, "0.00", Gate.NONE, None),
        (1, "2.00", Gate.NONE, None),
        (2, "5.00", Gate.NONE, None),
        (3, "10.00", Gate.CAP, "B"),
        (4, "0.00", Gate.VETO, None),
    ],
)
def test_each_severity_has_its_effect(
    severity: int, points: str, gate: Gate, cap: str | None
) -> None:
    found = standing(upheld("G1", severity))
    assert (str(found.deduction), found.gate, found.band_cap) == (points, gate, cap)
    assert found.worst_severity == severity


def test_the_third_severity_two_within_a_year_is_treated_as_three() -> None:
    days = [date(2025, 2, 1), date(2025, 5, 1), date(2025, 9, 1)]
    found = standing(*(upheld(f"G{i}", 2, on) for i, on in enumerate(days)))
    assert [(e.severity, e.treated_as, str(e.points)) for e in found.effects] == [
        (2, 2, "5.00"),
        (2, 2, "5.00"),
        (2, 3, "10.00"),
    ]
    assert (str(found.deduction), found.band_cap) == ("20.00", "B")


def test_cases_of_the_year_before_count_towards_the_third_but_deduct_nothing_again() -> None:
    days = [date(2024, 9, 1), date(2024, 11, 1), date(2025, 3, 1)]
    found = standing(*(upheld(f"G{i}", 2, on) for i, on in enumerate(days)))
    assert str(found.deduction) == "10.00"
    assert found.band_cap == "B"


def test_three_cases_over_more_than_a_year_stay_severity_two() -> None:
    days = [date(2024, 3, 1), date(2024, 11, 1), date(2025, 3, 1)]
    assert str(standing(*(upheld(f"G{i}", 2, on) for i, on in enumerate(days))).deduction) == "5.00"


def test_unfounded_cases_do_not_make_a_third() -> None:
    off = Case("G0", CaseStatus.UNFOUNDED, 2, None, date(2025, 2, 1), date(2025, 2, 1))
    found = standing(off, upheld("G1", 2, date(2025, 3, 1)), upheld("G2", 2, date(2025, 4, 1)))
    assert str(found.deduction) == "10.00"
    assert found.band_cap is None


def test_points_of_a_person_stop_at_twenty() -> None:
    found = standing(*(upheld(f"G{i}", 3) for i in range(4)))
    assert found.deduction == Decimal("20.00")


@pytest.mark.parametrize(("severity", "points"), [(1, "1.00"), (2, "2.50"), (3, "10.00")])
def test_self_report_halves_up_to_severity_two(severity: int, points: str) -> None:
    found = standing(upheld("G1", severity, is_self_reported=True))
    assert str(found.deduction) == points
    assert found.effects[0].is_halved is (severity <= 2)


def test_a_reported_third_breach_gets_no_relief() -> None:
    days = [date(2025, 2, 1), date(2025, 5, 1), date(2025, 9, 1)]
    cases = [upheld(f"G{i}", 2, on, is_self_reported=True) for i, on in enumerate(days)]
    assert [str(e.points) for e in standing(*cases).effects] == ["2.50", "2.50", "10.00"]


def test_the_manager_of_a_failed_supervision_gets_thirty_per_cent() -> None:
    assert joint_liability(3, 10) == (2, Decimal("3.00"))
    assert joint_liability(2, "2.50") == (1, Decimal("0.75"))
    assert joint_liability(0, 0) == (0, Decimal("0.00"))


def test_joint_cases_bring_points_but_neither_cap_nor_veto_nor_a_third() -> None:
    joint = upheld("J1", 3, is_joint=True, points=Decimal("3.00"))
    found = standing(joint)
    assert (str(found.deduction), found.band_cap, found.gate) == ("3.00", None, Gate.NONE)
    assert found.worst_severity == 3
    repeated = [upheld(f"J{i}", 2, is_joint=True, points=Decimal("1.50")) for i in range(3)]
    assert all(effect.treated_as == 2 for effect in standing(*repeated).effects)


@pytest.mark.parametrize(
    ("status", "potential", "gate"),
    [
        (CaseStatus.REPORTED, 4, Gate.NONE),
        (CaseStatus.TRIAGED, 4, Gate.NONE),
        (CaseStatus.INVESTIGATING, 2, Gate.NONE),
        (CaseStatus.INVESTIGATING, 3, Gate.FREEZE),
        (CaseStatus.HEARING, 4, Gate.FREEZE),
        (CaseStatus.UNFOUNDED, 4, Gate.NONE),
    ],
)
def test_money_freezes_while_a_grave_case_is_looked_into(
    status: CaseStatus, potential: int, gate: Gate
) -> None:
    found = standing(undecided(status, potential))
    assert found.gate is gate
    assert found.deduction == 0
    assert found.frozen_by == (("G9",) if gate is Gate.FREEZE else ())


def test_effects_stay_while_an_appeal_runs() -> None:
    case = Case("G1", CaseStatus.APPEALED, 3, 3, date(2025, 5, 1), date(2025, 5, 1))
    assert standing(case).band_cap == "B"


def test_a_veto_is_stronger_than_a_freeze_and_a_freeze_than_a_cap() -> None:
    frozen = undecided(CaseStatus.HEARING, 3)
    assert standing(frozen, upheld("G1", 3)).gate is Gate.FREEZE
    found = standing(frozen, upheld("G1", 4))
    assert found.gate is Gate.VETO
    assert found.is_frozen


def test_a_breach_of_a_closed_cycle_counts_now_and_opens_malus() -> None:
    conduct, decided = date(2024, 5, 1), date(2025, 8, 1)
    assert counted_on(conduct, decided, is_conduct_cycle_open=True) == (conduct, False)
    day, has_malus = counted_on(conduct, decided, is_conduct_cycle_open=False)
    assert (day, has_malus) == (decided, True)
    late = Case("G1", CaseStatus.UPHELD, 3, 3, conduct, day)
    assert str(standing(late).deduction) == "10.00"


def test_cases_of_another_year_do_not_count_here() -> None:
    assert standing(upheld("G1", 4, date(2024, 12, 31)), upheld("G2", 4, date(2026, 1, 1))) == (
        GateStanding()
    )


def test_conduct_deductions_come_after_the_segments() -> None:
    assert deducted_total("101.22", 5) == Decimal("96.22")
    assert deducted_total(3, 20) == Decimal("0.00")
    assert person_deduction([2, 5, "2.5"]) == Decimal("9.50")
    assert person_deduction([10, 10, 5]) == Decimal("20.00")


def test_conduct_grades_multiply() -> None:
    assert [str(conduct_multiplier(grade)) for grade in "ABCDE"] == [
        "1.0000",
        "0.7500",
        "0.5000",
        "0.2500",
        "0.0000",
    ]
    with pytest.raises(ComputationError, match="DOMAIN"):
        conduct_multiplier("F")


@pytest.mark.parametrize("severity", [-1, 5, True])
def test_severities_outside_zero_to_four_are_refused(severity: int) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        case_points(severity)


def test_a_year_before_a_leap_day_is_the_last_of_february() -> None:
    assert a_year_before(date(2024, 2, 29)) == date(2023, 2, 28)


CASES = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.dates(date(2024, 1, 1), date(2025, 12, 31)),
        st.sampled_from(list(CaseStatus)),
        st.booleans(),
    ),
    max_size=8,
)


@given(CASES, st.randoms())
def test_the_order_of_cases_does_not_matter(
    drawn: list[tuple[int, date, CaseStatus, bool]], random: object
) -> None:
    cases = [
        Case(f"G{i}", status, severity, severity, on, on, is_self_reported=own)
        for i, (severity, on, status, own) in enumerate(drawn)
    ]
    shuffled = list(cases)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = standing(*cases)
    assert found == standing(*shuffled)
    assert 0 <= found.deduction <= 20
    assert GateStanding.from_dict(found.to_dict()) == found
