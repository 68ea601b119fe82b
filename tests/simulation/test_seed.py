"""The synthetic firm: the same for a seed, the same in its first people, true to its rules."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from statistics import fmean

from perfflow.kernel.actor import Role
from perfflow.seed.cases import planted_cases
from perfflow.seed.faults import deliver
from perfflow.seed.measures import (
    client_count,
    Market,
    person_rows,
    season,
    shock_of,
    ValueRow,
)
from perfflow.seed.people import Firm, Person, Window
from perfflow.seed.roles import grants
from perfflow.seed.streams import Stream

WINDOW = Window(2025, 24)
SMALLEST = 50


@cache
def firm(employees: int, seed: int = 42) -> Firm:
    return Firm(seed, employees, WINDOW)


@cache
def figures(employees: int) -> dict[str, list[ValueRow]]:
    built = firm(employees)
    market = Market(built)
    return {one.no: list(person_rows(built, market, one)) for one in built.people()}


def seats(built: Firm, count: int) -> list[Person]:
    """Everybody who ever sat on one of the first seats."""
    return [one for one in built.people() if one.seat.number <= count]


def months_of(row: ValueRow) -> list[str]:
    if "-Q" in row.period:
        year, quarter = row.period.split("-Q")
        return [f"{year}-{int(quarter) * 3 - back:02d}" for back in (2, 1, 0)]
    return [row.period]


# -- determinism ------------------------------------------------------------------------------
def test_the_same_seed_gives_the_same_people_and_figures() -> None:
    again = Firm(42, SMALLEST, WINDOW)
    assert again.people() == firm(SMALLEST).people()
    market = Market(again)
    for one in again.people()[:10]:
        assert list(person_rows(again, market, one)) == figures(SMALLEST)[one.no]


def test_another_seed_gives_other_people() -> None:
    assert firm(SMALLEST, 7).people() != firm(SMALLEST).people()


def test_the_first_fifty_are_the_same_in_a_firm_of_two_hundred() -> None:
    small, large = firm(SMALLEST), firm(200)
    assert seats(large, SMALLEST) == seats(small, SMALLEST)
    for one in seats(small, SMALLEST):
        assert small.assignments(one) == large.assignments(one)
        assert small.absences(one) == large.absences(one)


def test_the_figures_of_the_first_fifty_are_the_same_too() -> None:
    for one in seats(firm(SMALLEST), SMALLEST):
        assert figures(SMALLEST)[one.no] == figures(200)[one.no]


def test_the_roles_of_the_first_fifty_are_the_same_too() -> None:
    small = set(grants(firm(SMALLEST).organisation))
    assert small <= set(grants(firm(200).organisation))


# -- invariants -------------------------------------------------------------------------------
def test_numbers_are_unique_and_padded() -> None:
    numbers = [one.no for one in firm(200).people()]
    assert len(set(numbers)) == len(numbers)
    successor = re.compile(r"E\d{5}(-\d+)?")
    assert [number for number in numbers if not successor.fullmatch(number)] == []


def test_everybody_has_exactly_one_assignment_a_day() -> None:
    built = firm(200)
    for one in built.people():
        rows = built.assignments(one)
        for earlier, later in pairwise(rows):
            assert earlier.valid_to == later.valid_from
        assert rows[0].valid_from == one.hired_on
        assert rows[-1].valid_to == one.left_on


def test_the_teams_add_up_to_the_firm() -> None:
    built = firm(200)
    day = date(2025, 6, 30)
    at_work = [one for one in built.people() if one.works_on(day)]
    units: Counter[str] = Counter()
    for one in at_work:
        current = [
            row
            for row in built.assignments(one)
            if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
        ]
        assert len(current) == 1
        units[current[0].unit_code] += 1
    assert sum(units.values()) == len(at_work)
    assert set(units) <= {unit.code for unit in built.organisation.units}


def test_nobody_is_the_own_manager_and_only_the_top_has_none() -> None:
    built = firm(200)
    rows = [row for one in built.people() for row in built.assignments(one)]
    assert [row for row in rows if row.employee_no == row.manager_no] == []
    # Before the window a manager may have come later than the people she leads.
    in_window = [row for row in rows if (row.valid_to or date.max) > WINDOW.first_day]
    alone = {row.employee_no for row in in_window if row.manager_no is None}
    assert alone == {built.people()[0].no}


def test_there_are_no_figures_outside_employment() -> None:
    for one in firm(200).people():
        first = f"{one.hired_on:%Y-%m}"
        last = f"{(one.left_on or WINDOW.last_day):%Y-%m}"
        for row in figures(200)[one.no]:
            months = months_of(row)
            assert months[-1] >= first, (one.no, row)
            assert months[0] <= last, (one.no, row)


def test_absences_lie_inside_employment() -> None:
    built = firm(200)
    spans = [(one, span) for one in built.people() for span in built.absences(one)]
    assert spans
    for one, span in spans:
        assert one.hired_on <= span.first_on <= span.last_on
        assert one.left_on is None or span.first_on < one.left_on


def test_complaints_stay_between_one_and_one_point_six_in_a_thousand_clients_a_month() -> None:
    built = firm(600)
    market = Market(built)
    complaints = clients = 0.0
    for one in built.people():
        if one.seat.post not in ("FA", "RM") or one.episode is not None:
            continue
        count = client_count(built, one)
        for row in person_rows(built, market, one):
            if row.metric_code == "CP-01":
                complaints += float(row.numerator or 0)
                clients += count
    assert clients > 0
    # The metric counts upheld complaints, six in ten of all.
    assert 0.0010 <= complaints / 0.6 / clients <= 0.0016


def test_the_season_averages_to_one_and_peaks_in_january() -> None:
    months = [season(month) for month in range(1, 13)]
    assert abs(fmean(months) - 1) < 0.05
    assert max(months) == months[0]


def test_every_role_of_the_processes_has_a_holder_who_stays_even_in_a_tiny_firm() -> None:
    wanted = {
        Role.HR_PARTNER, Role.METRIC_OWNER, Role.FINANCE, Role.COMPLIANCE_OFFICER, Role.EXECUTIVE,
        Role.CALIBRATION_COMMITTEE, Role.REMUNERATION_COMMITTEE, Role.AUDITOR, Role.PROCESS_ADMIN,
    }  # fmt: skip
    for employees in (12, 14, 24, SMALLEST, 200):
        built = firm(employees)
        given = list(grants(built.organisation))
        assert {grant.role for grant in given} >= wanted
        assert len(set(given)) == len(given)
        for grant in given:
            assert any(one.left_on is None for one in built.occupants[grant.seat])


def test_planted_people_are_there_in_about_their_share() -> None:
    people = firm(600).people()
    front = [one for one in people if one.seat.post in ("FA", "RM")]
    assert 0.01 <= sum(one.episode is not None for one in front) / len(front) <= 0.06
    assert 0.02 <= sum(one.slump is not None for one in front) / len(front) <= 0.10
    assert 0.04 <= sum(one.is_high_potential for one in people) / len(people) <= 0.13


def test_history_covers_whole_months_up_to_december() -> None:
    assert WINDOW.first_day == date(2024, 1, 1)
    assert WINDOW.last_day + timedelta(days=1) == date(2026, 1, 1)
    assert len(WINDOW.month_starts()) == 24


def test_careless_feeds_lose_double_delay_and_mistake_a_few_rows() -> None:
    rows = [row for of_one in figures(200).values() for row in of_one]
    sent = deliver(rows, Stream(42, "faults", "test"))
    seen = Counter(sent.rows)
    doubled = sum(1 for count in seen.values() if count > 1)
    known = set(rows)
    wrong = sum(1 for row in seen if row not in known)
    lost = len(rows) - len(sent.late) - sum(1 for row in rows if row in seen) - wrong
    assert 0.008 <= lost / len(rows) <= 0.012
    assert 0.002 <= len(sent.late) / len(rows) <= 0.004
    assert 0.001 <= doubled / len(rows) <= 0.003
    assert 0.0005 <= wrong / len(rows) <= 0.0015


def test_who_makes_up_visits_logs_round_numbers() -> None:
    built = firm(5000)
    market = Market(built)
    inventor = next(one for one in built.people() if one.falsifies_visits)
    visits = [
        Decimal(row.value)
        for row in person_rows(built, market, inventor)
        if row.metric_code == "CL-06" and row.value is not None
    ]
    assert visits
    assert all(value % 10 == 0 for value in visits)


def test_a_firm_of_five_hundred_has_one_clawback_case_of_its_first_year() -> None:
    built = firm(500)
    (case,) = [one for one in planted_cases(built) if one.is_clawback]
    assert case.severity == 4
    assert case.conduct_on < built.window.first_day + timedelta(days=365)
    assert case.person.works_on(case.conduct_on)


def test_the_shocked_branch_sells_less_in_the_last_months_only() -> None:
    built = firm(200)
    hit = next(
        one
        for one in built.people()
        if one.seat.unit_code.startswith("B002") and one.seat.post == "FA" and not one.left_on
    )
    assert shock_of(built, hit, date(2025, 12, 1)) < 1
    assert shock_of(built, hit, date(2025, 6, 1)) == 1
