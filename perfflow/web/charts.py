"""Geometry of the small charts that the server draws as SVG; plain numbers, no drawing library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Value = int | Decimal | Fraction | float
SPARK_WIDTH, SPARK_HEIGHT = 76, 22


@dataclass(frozen=True, slots=True)
class Spark:
    """A sparkline: the path's points and where the last one is."""

    points: str
    last_x: str
    last_y: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line: its place and its value."""

    at: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a line chart: pieces between gaps, single dots, the area below it."""

    pieces: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    area: str
    end_x: str
    end_y: str
    end_value: Decimal | None


@dataclass(frozen=True, slots=True)
class Plot:
    """A line chart ready to be drawn in a box of ``width`` × ``height``."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    ticks: tuple[Tick, ...]
    labels: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


def spark(values: Sequence[Value | None]) -> Spark | None:
    """Points of a 76 × 22 sparkline; None when fewer than two values are known."""
    known = [(index, float(value)) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    reach = (high - low) or 1.0
    step = (SPARK_WIDTH - 6) / (len(values) - 1)
    places = [
        (2 + index * step, SPARK_HEIGHT - 3 - (value - low) / reach * (SPARK_HEIGHT - 6))
        if high > low
        else (2 + index * step, SPARK_HEIGHT / 2)
        for index, value in known
    ]
    last_x, last_y = places[-1]
    return Spark(_path(places), _at(last_x), _at(last_y))


def plot(
    labels: Sequence[str],
    series: Sequence[Sequence[Value | None]],
    *,
    width: int = 640,
    height: int = 220,
    right: int = 112,
    at_most: int = 12,
) -> Plot:
    """A line chart of ``series`` over ``labels``; the axis starts at 0 unless values are negative.

    ``right`` is kept free for the labels at the ends; ``at_most`` labels are written.
    """
    left, top, bottom = 48, 12, height - 28
    known = [float(v) for line in series for v in line if v is not None]
    low, high, step = _scale(min(known, default=0.0), max(known, default=1.0))
    step_x = (width - left - right) / max(len(labels) - 1, 1)

    def x(index: int) -> float:
        return left + index * step_x

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    count = round((high - low) / step)
    ticks = tuple(
        Tick(_at(y(low + i * step)), Decimal(str(round(low + i * step, 6))))
        for i in range(count + 1)
    )
    gap = max(1, -(-len(labels) // at_most))
    return Plot(
        width,
        height,
        left,
        width - right,
        bottom,
        ticks,
        tuple((_at(x(i)), label) for i, label in enumerate(labels) if i % gap == 0),
        tuple(_line(line, x, y, y(max(low, 0.0))) for line in series),
    )


def _line(
    values: Sequence[Value | None],
    x: Callable[[int], float],
    y: Callable[[float], float],
    floor: float,
) -> Line:
    pieces: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((x(index), y(float(value))))
    kept = [piece for piece in pieces if piece]
    places = [place for piece in kept for place in piece]
    known = [value for value in values if value is not None]
    if not places:
        return Line((), (), "", "0", "0", None)
    first, last = kept[0], kept[0][-1]
    area = f"{_path(first)} {_at(last[0])},{_at(floor)} {_at(first[0][0])},{_at(floor)}"
    return Line(
        tuple(_path(piece) for piece in kept if len(piece) > 1),
        tuple((_at(px), _at(py)) for px, py in places),
        area if len(kept) == 1 else "",
        _at(places[-1][0]),
        _at(places[-1][1]),
        Decimal(str(known[-1])) if not isinstance(known[-1], Fraction) else None,
    )


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Round bounds and a step of 1, 2, 2.5, 3 or 5 × 10ⁿ with about four steps."""
    low = min(low, 0.0)
    high = high if high > low else low + 1.0
    rough = (high - low) / 4
    power = 1.0
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    step = next(power * factor for factor in (1, 2, 2.5, 3, 5, 10) if power * factor >= rough)
    bottom = -step * -(low // step) if low < 0 else 0.0
    top = step * -(-high // step)
    return bottom, top, step


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_at(x)},{_at(y)}" for x, y in places)


def _at(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def share(part: Value, whole: Value, places: int = 2) -> str:
    """``part`` of ``whole`` as a percentage for an SVG attribute, within 0 and 100."""
    if not whole:
        return "0%"
    value = float(part) / float(whole) * 100
    return f"{min(max(value, 0.0), 100.0):.{places}f}%"
