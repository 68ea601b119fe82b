"""Units show and store without losing anything; periods know their days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from perfflow.kernel.errors import BadInput, RuleViolation
from perfflow.metrics.periods import a_year_earlier, lies_within, month_before, period_days
from perfflow.metrics.units import shown, stored, unit_of


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("percent", "0.92", "92"), ("permille", "0.0009", "0.9"), ("permyriad", "0.0003", "3"),
        ("cny_10k", "1200.5", "1200.5"), ("nps", "0.45", "45"), ("clients", "8", "8"),
    ],
)  # fmt: skip
def test_what_is_shown_is_stored_again(unit: str, value: str, text: str) -> None:
    assert str(shown(Decimal(value), unit)) == text
    assert stored(Decimal(text), unit) == Decimal(value)


def test_large_whole_figures_are_not_written_with_exponents() -> None:
    assert str(shown(Decimal("9600.000000"), "cny_10k")) == "9600"


def test_no_value_stays_no_value() -> None:
    assert shown(None, "percent") is None
    assert stored(None, "percent") is None


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(BadInput):
        unit_of("furlong")


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2025-02", date(2025, 2, 1), date(2025, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025-H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_periods_span_their_days(period: str, first: date, last: date) -> None:
    assert period_days(period) == (first, last)


@pytest.mark.parametrize("period", ["2025-13", "2025-00", "2025-Q5", "25-01", "2025-1", "soon"])
def test_other_words_are_no_period(period: str) -> None:
    with pytest.raises(RuleViolation):
        period_days(period)


def test_a_period_belongs_to_a_cycle_only_as_a_whole() -> None:
    assert lies_within("2025-Q2", date(2025, 1, 1), date(2025, 6, 30))
    assert not lies_within("2025", date(2025, 1, 1), date(2025, 6, 30))


def test_the_month_before_january_is_december() -> None:
    assert month_before("2025-01") == "2024-12"


def test_a_year_earlier_knows_leap_years() -> None:
    assert a_year_earlier(date(2024, 2, 29), date(2025, 2, 28)) == (
        date(2023, 2, 28),
        date(2024, 2, 29),
    )
