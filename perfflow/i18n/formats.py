"""Numbers, money, shares, dates and working-day remainders as each language writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

from perfflow.i18n.languages import Language
from perfflow.kernel.rounding import DECIMAL34, round_half_up

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
# The calendar package, which owns the firm zone, lies above this one; UTC+8 has no summer time.
_FIRM_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Number = int | Decimal | Fraction


# --- numbers -----------------------------------------------------------------------------------


def number(value: Number, places: int | None = None, *, grouped: bool = True) -> str:
    """``-1234.50`` → ``−1,234.50``; without ``places`` no more decimals than the value has."""
    exact = _as_decimal(value, places)
    text = f"{abs(exact):,f}" if grouped else f"{abs(exact):f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if exact < 0 else text


def signed(value: Number, places: int | None = None) -> str:
    """``1.33`` → ``+1.33``, ``-2`` → ``−2``, zero without a sign."""
    text = number(value, places)
    return f"+{text}" if _as_decimal(value, places) > 0 else text


def _as_decimal(value: Number, places: int | None) -> Decimal:
    if places is not None:
        return round_half_up(value, places)
    if isinstance(value, Fraction):
        return round_half_up(value, 6)
    return Decimal(value)


def percent_bp(basis_points: Number, places: int = 2) -> str:
    """1/10,000 shares as a percentage: ``1500`` → ``15%``, ``3333`` → ``33.33%``."""
    return percent(Fraction(basis_points) / 10_000, places)


def percent(share: Number, places: int = 2) -> str:
    """``0.9408`` → ``94.08%``; trailing zeros are left out."""
    value = round_half_up(Fraction(share) * 100, places)
    return f"{number(value)}%"


def yes_no(value: bool, language: Language) -> str:
    """是/否, yes/no."""
    words = ("是", "否") if language == "zh" else ("yes", "no")
    return words[0] if value else words[1]


# --- money and units ---------------------------------------------------------------------------


def amount(fen: int) -> str:
    """分 as yuan with two places and no unit: ``8870479`` → ``88,704.79`` (table cells)."""
    return number(Decimal(fen).scaleb(-2, DECIMAL34), 2)


def money(fen: int, language: Language) -> str:
    """An exact amount in a sentence: ``88,704.79 元`` / ``¥88,704.79``."""
    if language == "zh":
        return f"{amount(fen)} 元"
    return headline_money(fen)


def headline_money(fen: int) -> str:
    """An amount with the sign of the currency in front, the same in both languages."""
    return f"{MINUS if fen < 0 else ''}¥{amount(abs(fen))}"


def size(yuan: Number, language: Language) -> str:
    """A size for orientation: 12,000,000 → ``1,200 万元`` / ``¥12.0m``; never for exact pay."""
    magnitude = abs(Fraction(yuan))
    if language == "zh":
        if magnitude >= 100_000_000:
            return f"{number(round_half_up(Fraction(yuan) / 100_000_000, 2))} 亿元"
        if magnitude >= 10_000:
            return f"{number(round_half_up(Fraction(yuan) / 10_000, 2))} 万元"
        return f"{number(round_half_up(yuan, 2))} 元"
    sign = MINUS if yuan < 0 else ""
    if magnitude >= 1_000_000_000:
        return f"{sign}¥{number(magnitude / 1_000_000_000, 1)}bn"
    if magnitude >= 1_000_000:
        return f"{sign}¥{number(magnitude / 1_000_000, 1)}m"
    return f"{sign}¥{number(round_half_up(magnitude, 0))}"


_UNITS_EN = {
    "元": "¥", "万元": "¥m", "亿元": "¥bn", "位": "people", "户": "clients", "人": "people",
    "次": "times", "份": "plans", "件": "cases", "分": "points", "分钟": "min", "小时": "hours",
    "天": "days", "月": "months", "个": "items", "笔": "deals", "项": "items", "级": "levels",
    "学时": "hours", "工作日": "working days",
}  # fmt: skip
_SCALE_EN = {"万元": Fraction(1, 100), "亿元": Fraction(1, 10)}
"""What one 万元 is in ¥m, and one 亿元 in ¥bn."""


def unit_name(unit: str | None, language: Language) -> str:
    """The unit as it stands beside a name or heads a column: ``万元`` / ``¥m``."""
    if not unit:
        return ""
    return unit if language == "zh" else _UNITS_EN.get(unit, unit)


def unit_scale(unit: str | None, language: Language) -> Fraction:
    """What one ``unit`` is in the unit that the reader sees: 万元 → 1/100 of ¥m in English."""
    return _SCALE_EN.get(unit or "", Fraction(1)) if language == "en" else Fraction(1)


def in_unit(
    value: Number | None, unit: str | None, language: Language, places: int | None = None
) -> str:
    """The bare figure in the reader's unit (1,200 万元 is ``12.0`` in ¥m); a dash when missing."""
    if value is None:
        return "—"
    scale = unit_scale(unit, language)
    if scale != 1:
        return number(Fraction(value) * scale, 1 if places is None else places)
    return number(value, places)


def quantity(value: Number | None, unit: str | None, language: Language) -> str:
    """Figure and unit together: ``1,200 万元`` / ``¥12.0m``, ``95.2%``, ``8 位`` / ``8 people``."""
    figure = in_unit(value, unit, language)
    if value is None or not unit:
        return figure
    name = unit_name(unit, language)
    if name in ("%", "‰"):
        return f"{figure}{name}"
    if name.startswith("¥"):
        sign, bare = (MINUS, figure[1:]) if figure.startswith(MINUS) else ("", figure)
        return f"{sign}¥{bare}{name[1:]}"
    return f"{figure} {name}"


# --- dates and times ---------------------------------------------------------------------------


def day(
    value: date, language: Language, *, weekday: bool = False, year: bool | date = False
) -> str:
    """``1月19日 周一`` / ``Mon 19 Jan``.

    ``year`` may be today: then the year shows when it differs.
    """
    if isinstance(value, datetime):
        value = value.astimezone(_FIRM_ZONE).date()
    with_year = value.year != year.year if isinstance(year, date) else year
    name = _WEEKDAYS[language][value.weekday()]
    if language == "zh":
        text = f"{value.month}月{value.day}日"
        text = f"{value.year}年{text}" if with_year else text
        return f"{text} {name}" if weekday else text
    text = f"{value.day} {_MONTHS[value.month - 1]}"
    text = f"{text} {value.year}" if with_year else text
    return f"{name} {text}" if weekday else text


def month(value: date, language: Language) -> str:
    """``2026年1月`` / ``Jan 2026``."""
    if language == "zh":
        return f"{value.year}年{value.month}月"
    return f"{_MONTHS[value.month - 1]} {value.year}"


def clock_time(value: datetime) -> str:
    """Hours and minutes in the firm's zone: ``10:42``."""
    return f"{value.astimezone(_FIRM_ZONE):%H:%M}"


def instant(value: datetime, language: Language, *, year: bool | date = False) -> str:
    """``1月13日 16:20`` / ``13 Jan 16:20`` in the firm's zone."""
    local = value.astimezone(_FIRM_ZONE)
    return f"{day(local.date(), language, year=year)} {local:%H:%M}"


def period(value: str, language: Language) -> str:
    """A metric period: ``2025-03`` → ``2025年3月``, ``2025-Q1`` → ``2025年1季度``, ``2025``."""
    head, _, tail = value.partition("-")
    if tail.startswith(("Q", "H")):
        name = "季度" if tail[0] == "Q" else "半年"
        return f"{head}年{tail[1:]}{name}" if language == "zh" else f"{tail} {head}"
    if tail.isdigit():
        return month(date(int(head), int(tail), 1), language)
    return f"{head} 年" if language == "zh" else head


def working_days_left(days: int, language: Language) -> str:
    """``还有 3 个工作日`` / ``3 working days left``; 0 is today, negative is overdue."""
    if days == 0:
        return "今天" if language == "zh" else "today"
    count = abs(days)
    if language == "zh":
        return f"还有 {count} 个工作日" if days > 0 else f"逾期 {count} 个工作日"
    noun = "working day" if count == 1 else "working days"
    return f"{count} {noun} left" if days > 0 else f"{count} {noun} overdue"


def due(value: date, language: Language, days: int | None = None) -> str:
    """``10月20日 周二截止 · 还有 3 个工作日`` / ``Due Tue 20 Oct · 3 working days left``."""
    text = day(value, language, weekday=True)
    text = f"{text}截止" if language == "zh" else f"Due {text}"
    return text if days is None else f"{text} · {working_days_left(days, language)}"


# --- lists -------------------------------------------------------------------------------------


def joined(items: Sequence[str], language: Language) -> str:
    """``甲、乙、丙`` / ``a, b, c``."""
    return ("、" if language == "zh" else ", ").join(items)


def span(low: str, high: str) -> str:
    """A range with an en dash: ``1,010–1,140``."""
    return f"{low}{EN_DASH}{high}"
