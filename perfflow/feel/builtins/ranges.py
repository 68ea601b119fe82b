"""Functions that place points and ranges of one ordered type relative to each other."""

from __future__ import annotations

from typing import Any

from perfflow.feel.equality import order
from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin
from perfflow.feel.values import kind_of, Range


def _order(left: Any, right: Any) -> int:
    found = order(left, right)
    if found is None:
        raise NullResult("feel.operands", operator="<", left=kind_of(left), right=kind_of(right))
    return found


def _precedes(end: Any, end_included: bool, start: Any, start_included: bool) -> bool:
    """Whether everything up to an end lies before everything from a start."""
    found = _order(end, start)
    return found < 0 or (found == 0 and not (end_included and start_included))


@builtin("before", "point1: point, point2: point")
def before_points(_run: Run, left: Any, right: Any) -> Any:
    return _order(left, right) < 0


@builtin("before", "point: point, range: range")
def before_point(_run: Run, point: Any, area: Range) -> Any:
    return _precedes(point, True, area.start, area.start_included)


@builtin("before", "range: range, point: point")
def before_range(_run: Run, area: Range, point: Any) -> Any:
    return _precedes(area.end, area.end_included, point, True)


@builtin("before", "range1: range, range2: range")
def before_ranges(_run: Run, left: Range, right: Range) -> Any:
    return _precedes(left.end, left.end_included, right.start, right.start_included)


@builtin("after", "point1: point, point2: point")
def after_points(_run: Run, left: Any, right: Any) -> Any:
    return _order(left, right) > 0


@builtin("after", "point: point, range: range")
def after_point(run: Run, point: Any, area: Range) -> Any:
    return before_range(run, area, point)


@builtin("after", "range: range, point: point")
def after_range(run: Run, area: Range, point: Any) -> Any:
    return before_point(run, point, area)


@builtin("after", "range1: range, range2: range")
def after_ranges(run: Run, left: Range, right: Range) -> Any:
    return before_ranges(run, right, left)


@builtin("meets", "range1: range, range2: range")
def meets(_run: Run, left: Range, right: Range) -> Any:
    both = left.end_included and right.start_included
    return both and _order(left.end, right.start) == 0


@builtin("met by", "range1: range, range2: range")
def met_by(run: Run, left: Range, right: Range) -> Any:
    return meets(run, right, left)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(run: Run, left: Range, right: Range) -> Any:
    return not before_ranges(run, left, right) and not before_ranges(run, right, left)


def _starts_order(left: Range, right: Range) -> int:
    """Which of two ranges begins first; an open start comes after a closed one at one place."""
    found = _order(left.start, right.start)
    return found or (right.start_included - left.start_included)


def _ends_order(left: Range, right: Range) -> int:
    found = _order(left.end, right.end)
    return found or (left.end_included - right.end_included)


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(run: Run, left: Range, right: Range) -> Any:
    return (
        _starts_order(left, right) < 0
        and _ends_order(left, right) <= 0
        and not before_ranges(run, left, right)
    )


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(run: Run, left: Range, right: Range) -> Any:
    return overlaps_before(run, right, left)


@builtin("finishes", "point: point, range: range")
def finishes_point(_run: Run, point: Any, area: Range) -> Any:
    return area.end_included and _order(point, area.end) == 0


@builtin("finishes", "range1: range, range2: range")
def finishes(_run: Run, left: Range, right: Range) -> Any:
    return _ends_order(left, right) == 0 and _starts_order(left, right) >= 0


@builtin("finished by", "range: range, point: point")
def finished_by_point(run: Run, area: Range, point: Any) -> Any:
    return finishes_point(run, point, area)


@builtin("finished by", "range1: range, range2: range")
def finished_by(run: Run, left: Range, right: Range) -> Any:
    return finishes(run, right, left)


@builtin("includes", "range: range, point: point")
def includes_point(_run: Run, area: Range, point: Any) -> Any:
    low, high = _order(area.start, point), _order(point, area.end)
    above = low < 0 or (low == 0 and area.start_included)
    return above and (high < 0 or (high == 0 and area.end_included))


@builtin("includes", "range1: range, range2: range")
def includes(_run: Run, left: Range, right: Range) -> Any:
    return _starts_order(left, right) <= 0 and _ends_order(left, right) >= 0


@builtin("during", "point: point, range: range")
def during_point(run: Run, point: Any, area: Range) -> Any:
    return includes_point(run, area, point)


@builtin("during", "range1: range, range2: range")
def during(run: Run, left: Range, right: Range) -> Any:
    return includes(run, right, left)


@builtin("starts", "point: point, range: range")
def starts_point(_run: Run, point: Any, area: Range) -> Any:
    return area.start_included and _order(point, area.start) == 0


@builtin("starts", "range1: range, range2: range")
def starts(_run: Run, left: Range, right: Range) -> Any:
    return _starts_order(left, right) == 0 and _ends_order(left, right) <= 0


@builtin("started by", "range: range, point: point")
def started_by_point(run: Run, area: Range, point: Any) -> Any:
    return starts_point(run, point, area)


@builtin("started by", "range1: range, range2: range")
def started_by(run: Run, left: Range, right: Range) -> Any:
    return starts(run, right, left)


@builtin("coincides", "point1: point, point2: point")
def coincides_points(_run: Run, left: Any, right: Any) -> Any:
    return _order(left, right) == 0


@builtin("coincides", "range1: range, range2: range")
def coincides(_run: Run, left: Range, right: Range) -> Any:
    return _starts_order(left, right) == 0 and _ends_order(left, right) == 0
