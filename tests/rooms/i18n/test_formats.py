"""Figures, money and dates as Chinese and English readers expect them."""

from __future__ import annotations

from datetime import date, datetime, UTC
from decimal import Decimal
from fractions import Fraction

import pytest

from perfflow.i18n import formats
from perfflow.i18n.languages import Language

MONDAY = date(2026, 1, 19)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Decimal("1234567.5"), None, "1,234,567.5"),
        (Decimal("1234.50"), None, "1,234.5"),
        (Decimal("100"), None, "100"),
        (Decimal("1E+3"), None, "1,000"),
        (Decimal("-0.005"), 2, "−0.01"),
        (Decimal("0.005"), 2, "0.01"),
        (Decimal("0"), 2, "0.00"),
        (Decimal("-0.00"), None, "0"),
        (Fraction(1, 3), None, "0.333333"),
        (-1200, None, "−1,200"),
    ],
)
def test_numbers_are_grouped_rounded_half_up_and_carry_a_real_minus(
    value: formats.Number, places: int | None, expected: str
) -> None:
    assert formats.number(value, places) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.33", "+1.33"), ("-2", "−2.00"), ("0", "0.00"), ("0.001", "0.00"), ("-0.001", "0.00")],
)
def test_changes_carry_their_sign_and_nothing_has_none(value: str, expected: str) -> None:
    assert formats.signed(Decimal(value), 2) == expected


@pytest.mark.parametrize(
    ("basis_points", "expected"),
    [(10000, "100%"), (1500, "15%"), (3333, "33.33%"), (1250, "12.5%"), (0, "0%"), (-50, "−0.5%")],
)
def test_basis_points_read_as_percentages(basis_points: int, expected: str) -> None:
    assert formats.percent_bp(basis_points) == expected


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        formats.number(0.1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (8870479, "88,704.79 元", "¥88,704.79"),
        (-5, "−0.05 元", "−¥0.05"),
        (0, "0.00 元", "¥0.00"),
    ],
)
def test_money_is_exact_to_the_fen(fen: int, zh: str, en: str) -> None:
    assert formats.money(fen, "zh") == zh
    assert formats.money(fen, "en") == en


@pytest.mark.parametrize(
    ("yuan", "zh", "en"),
    [
        (12_000_000, "1,200 万元", "¥12.0m"),
        (96_000_000, "9,600 万元", "¥96.0m"),
        (250_000_000, "2.5 亿元", "¥250.0m"),
        (3_400_000_000, "34 亿元", "¥3.4bn"),
        (-12_000_000, "−1,200 万元", "−¥12.0m"),
        (9_999, "9,999 元", "¥9,999"),
        (50_000, "5 万元", "¥50,000"),
    ],
)
def test_sizes_are_converted_for_each_reader(yuan: int, zh: str, en: str) -> None:
    assert formats.size(yuan, "zh") == zh
    assert formats.size(yuan, "en") == en


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        ("1200", "万元", "1,200 万元", "¥12.0m"),
        ("-50", "万元", "−50 万元", "−¥0.5m"),
        ("8", "位", "8 位", "8 people"),
        ("95.2", "%", "95.2%", "95.2%"),
        ("0.9", "‰", "0.9‰", "0.9‰"),
        ("4.1", None, "4.1", "4.1"),
        ("7", "新单位", "7 新单位", "7 新单位"),
    ],
)
def test_quantities_carry_the_readers_unit(value: str, unit: str | None, zh: str, en: str) -> None:
    assert formats.quantity(Decimal(value), unit, "zh") == zh
    assert formats.quantity(Decimal(value), unit, "en") == en


def test_a_bare_figure_and_its_unit_name_belong_together() -> None:
    assert formats.in_unit(Decimal(1200), "万元", "zh") == "1,200"
    assert (formats.in_unit(Decimal(1200), "万元", "en"), formats.unit_name("万元", "en")) == (
        "12.0",
        "¥m",
    )
    assert formats.unit_name(None, "en") == ""


def test_a_missing_value_is_a_dash_in_any_unit() -> None:
    assert formats.quantity(None, "万元", "en") == "—"
    assert formats.in_unit(None, "%", "zh") == "—"


@pytest.mark.parametrize(
    ("language", "weekday", "year", "expected"),
    [
        ("zh", True, False, "1月19日 周一"),
        ("en", True, False, "Mon 19 Jan"),
        ("zh", False, True, "2026年1月19日"),
        ("en", False, True, "19 Jan 2026"),
        ("zh", True, date(2026, 12, 31), "1月19日 周一"),
        ("zh", True, date(2025, 12, 31), "2026年1月19日 周一"),
        ("en", True, date(2025, 12, 31), "Mon 19 Jan 2026"),
    ],
)
def test_days_name_their_weekday_and_the_year_only_when_it_differs(
    language: Language, weekday: bool, year: bool | date, expected: str
) -> None:
    assert formats.day(MONDAY, language, weekday=weekday, year=year) == expected


def test_instants_are_told_in_the_firms_zone() -> None:
    late = datetime(2026, 1, 12, 17, 5, tzinfo=UTC)
    assert formats.instant(late, "zh") == "1月13日 01:05"
    assert formats.instant(late, "en", year=date(2025, 1, 1)) == "13 Jan 2026 01:05"
    assert formats.clock_time(late) == "01:05"
    assert formats.day(late, "en") == "13 Jan"


@pytest.mark.parametrize(
    ("days", "zh", "en"),
    [
        (3, "还有 3 个工作日", "3 working days left"),
        (1, "还有 1 个工作日", "1 working day left"),
        (0, "今天", "today"),
        (-1, "逾期 1 个工作日", "1 working day overdue"),
        (-4, "逾期 4 个工作日", "4 working days overdue"),
    ],
)
def test_deadlines_count_working_days(days: int, zh: str, en: str) -> None:
    assert formats.working_days_left(days, "zh") == zh
    assert formats.working_days_left(days, "en") == en


def test_a_due_date_reads_as_one_sentence() -> None:
    assert formats.due(date(2026, 10, 20), "zh", 3) == "10月20日 周二截止 · 还有 3 个工作日"
    assert formats.due(date(2026, 10, 20), "en", 3) == "Due Tue 20 Oct · 3 working days left"
    assert formats.due(date(2026, 10, 20), "en") == "Due Tue 20 Oct"


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        ("2025-03", "2025年3月", "Mar 2025"),
        ("2025-Q1", "2025年1季度", "Q1 2025"),
        ("2025-H2", "2025年2半年", "H2 2025"),
        ("2025", "2025 年", "2025"),
    ],
)
def test_metric_periods_are_readable(period: str, zh: str, en: str) -> None:
    assert formats.period(period, "zh") == zh
    assert formats.period(period, "en") == en


def test_lists_and_ranges_use_the_marks_of_the_language() -> None:
    assert formats.joined(["甲", "乙"], "zh") == "甲、乙"
    assert formats.joined(["a", "b"], "en") == "a, b"
    assert formats.span("1,010", "1,140") == "1,010–1,140"
