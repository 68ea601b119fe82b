"""The operators + - * / ** over numbers, texts, dates, times and durations."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.temporal import (
    add_months,
    civil_from_days,
    Date,
    DateTime,
    DAY_NANOS,
    DaysDuration,
    find_zone,
    from_nanos,
    in_bounds,
    NANOS,
    Time,
    YearsDuration,
    zone_offset,
)
from perfflow.feel.values import kind_of, NUMBERS

_MAX_DURATION = 10**20 * NANOS
_MAX_MONTHS = 10**14


def operate(run: Run, operator: str, left: Any, right: Any) -> Any:
    """The result, or :class:`NullResult` with the reason why there is none."""
    rule = _RULES.get((operator, type(left), type(right)))
    if rule is not None:
        return rule(run, left, right)
    if left is None or right is None:
        raise NullResult("feel.null_operand", operator=operator)
    raise NullResult("feel.operands", operator=operator, left=kind_of(left), right=kind_of(right))


def negate(value: Any) -> Any:
    kind = type(value)
    if kind is Decimal:
        return value.copy_negate() if value else value
    if kind is DaysDuration:
        return DaysDuration(-value.nanos)
    if kind is YearsDuration:
        return YearsDuration(-value.months)
    if value is None:
        raise NullResult("feel.null_operand", operator="-")
    raise NullResult("feel.operand", operator="-", got=kind_of(value))


def divide(_run: Run, left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise NullResult("feel.division_by_zero")
    return NUMBERS.divide(left, right)


def power(_run: Run, left: Decimal, right: Decimal) -> Decimal:
    if not left and right < 0:
        raise NullResult("feel.division_by_zero")
    return Decimal(1) if not left and not right else NUMBERS.power(left, right)


def concatenate(run: Run, left: str, right: str) -> str:
    run.charge_text(len(left) + len(right))
    return left + right


def days(nanos: int) -> DaysDuration:
    if abs(nanos) > _MAX_DURATION:
        raise NullResult("feel.out_of_range")
    return DaysDuration(nanos)


def months(count: int) -> YearsDuration:
    if abs(count) > _MAX_MONTHS:
        raise NullResult("feel.out_of_range")
    return YearsDuration(count)


def checked(date: Date) -> Date:
    if not in_bounds(date.year):
        raise NullResult("feel.out_of_range")
    return date


def date_plus(date: Date, nanos: int) -> Date:
    """A day plus a duration: counted from midnight, the time of day is dropped."""
    return checked(Date(*civil_from_days((date.days * DAY_NANOS + nanos) // DAY_NANOS)))


def datetime_plus(value: DateTime, nanos: int) -> DateTime:
    zone = value.time.zone
    if not isinstance(zone, str):
        result = from_nanos(value.local_nanos() + nanos, zone)
    else:
        result = at_zone(value.instant() + nanos, zone)
    checked(result.date)
    return result


def at_zone(instant: int, zone: str) -> DateTime:
    """The local date and time of an instant in a named zone."""
    from datetime import datetime, timedelta, UTC

    guess = from_nanos(instant, zone)
    found = find_zone(zone)
    if found is not None and 1 < guess.date.year < 9999:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant // NANOS)
        offset = moment.astimezone(found).utcoffset() or timedelta()
        return from_nanos(instant + int(offset.total_seconds()) * NANOS, zone)
    shift = zone_offset(zone, guess.date.days, guess.time.nanos)
    return from_nanos(instant + shift * NANOS, zone)


def datetime_minus(left: DateTime, right: DateTime) -> DaysDuration:
    if (left.time.zone is None) != (right.time.zone is None):
        raise NullResult("feel.operands", operator="-", left=kind_of(left), right=kind_of(right))
    return days(left.instant() - right.instant())


def midnight(date: Date) -> DateTime:
    """A day as a date and time: midnight in universal time, as the standard has it."""
    return DateTime(date, Time(0, 0))


def time_minus(left: Time, right: Time) -> DaysDuration:
    if (left.zone is None) != (right.zone is None):
        raise NullResult("feel.operands", operator="-", left=kind_of(left), right=kind_of(right))
    shift = (left.offset() or 0) - (right.offset() or 0)
    return DaysDuration(left.nanos - right.nanos - shift * NANOS)


def scale(duration: Any, factor: Decimal) -> Any:
    """A duration times a number, cut to whole nanoseconds or months."""
    if type(duration) is DaysDuration:
        return days(_whole(NUMBERS.multiply(Decimal(duration.nanos), factor)))
    return months(_whole(NUMBERS.multiply(Decimal(duration.months), factor)))


def shrink(duration: Any, divisor: Decimal) -> Any:
    if not divisor:
        raise NullResult("feel.division_by_zero")
    if type(duration) is DaysDuration:
        return days(_whole(NUMBERS.divide(Decimal(duration.nanos), divisor)))
    return months(_whole(NUMBERS.divide(Decimal(duration.months), divisor)))


def _whole(value: Decimal) -> int:
    if value.adjusted() > 40:
        raise NullResult("feel.out_of_range")
    return int(value)


def _ratio(left: int, right: int) -> Decimal:
    if not right:
        raise NullResult("feel.division_by_zero")
    return NUMBERS.divide(Decimal(left), Decimal(right))


def _month_datetime(value: DateTime, count: int) -> DateTime:
    return DateTime(checked(add_months(value.date, count)), value.time)


Rule = Callable[[Run, Any, Any], Any]
_RULES: dict[tuple[str, type, type], Rule] = {
    ("+", Decimal, Decimal): lambda run, a, b: NUMBERS.add(a, b),
    ("-", Decimal, Decimal): lambda run, a, b: NUMBERS.subtract(a, b),
    ("*", Decimal, Decimal): lambda run, a, b: NUMBERS.multiply(a, b),
    ("/", Decimal, Decimal): divide,
    ("**", Decimal, Decimal): power,
    ("+", str, str): concatenate,
    ("+", Date, DaysDuration): lambda run, a, b: date_plus(a, b.nanos),
    ("-", Date, DaysDuration): lambda run, a, b: date_plus(a, -b.nanos),
    ("+", Date, YearsDuration): lambda run, a, b: checked(add_months(a, b.months)),
    ("-", Date, YearsDuration): lambda run, a, b: checked(add_months(a, -b.months)),
    ("+", DateTime, DaysDuration): lambda run, a, b: datetime_plus(a, b.nanos),
    ("-", DateTime, DaysDuration): lambda run, a, b: datetime_plus(a, -b.nanos),
    ("+", DateTime, YearsDuration): lambda run, a, b: _month_datetime(a, b.months),
    ("-", DateTime, YearsDuration): lambda run, a, b: _month_datetime(a, -b.months),
    ("+", Time, DaysDuration): lambda run, a, b: Time((a.nanos + b.nanos) % DAY_NANOS, a.zone),
    ("-", Time, DaysDuration): lambda run, a, b: Time((a.nanos - b.nanos) % DAY_NANOS, a.zone),
    ("-", Date, Date): lambda run, a, b: days((a.days - b.days) * DAY_NANOS),
    ("-", DateTime, DateTime): lambda run, a, b: datetime_minus(a, b),
    ("-", Date, DateTime): lambda run, a, b: datetime_minus(midnight(a), b),
    ("-", DateTime, Date): lambda run, a, b: datetime_minus(a, midnight(b)),
    ("-", Time, Time): lambda run, a, b: time_minus(a, b),
    ("+", DaysDuration, DaysDuration): lambda run, a, b: days(a.nanos + b.nanos),
    ("-", DaysDuration, DaysDuration): lambda run, a, b: days(a.nanos - b.nanos),
    ("+", YearsDuration, YearsDuration): lambda run, a, b: months(a.months + b.months),
    ("-", YearsDuration, YearsDuration): lambda run, a, b: months(a.months - b.months),
    ("*", DaysDuration, Decimal): lambda run, a, b: scale(a, b),
    ("*", YearsDuration, Decimal): lambda run, a, b: scale(a, b),
    ("*", Decimal, DaysDuration): lambda run, a, b: scale(b, a),
    ("*", Decimal, YearsDuration): lambda run, a, b: scale(b, a),
    ("/", DaysDuration, Decimal): lambda run, a, b: shrink(a, b),
    ("/", YearsDuration, Decimal): lambda run, a, b: shrink(a, b),
    ("/", DaysDuration, DaysDuration): lambda run, a, b: _ratio(a.nanos, b.nanos),
    ("/", YearsDuration, YearsDuration): lambda run, a, b: _ratio(a.months, b.months),
}
for _left, _right in ((DaysDuration, Date), (YearsDuration, Date), (DaysDuration, DateTime),
                      (YearsDuration, DateTime), (DaysDuration, Time)):  # fmt: skip
    _mirrored = _RULES["+", _right, _left]
    _RULES["+", _left, _right] = lambda run, a, b, _rule=_mirrored: _rule(run, b, a)  # type: ignore[misc]
