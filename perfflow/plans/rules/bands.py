"""Rating bands and their coefficients, from a table or interpolated (domain §5.6)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.kernel.rounding import Exact, exact, scaled_half_up, score4

NOT_RATED = "NR"


@dataclass(frozen=True, slots=True)
class Band:
    """One band: left-closed from ``minimum`` up to the next better band."""

    code: str
    minimum_e2: int
    coefficient: Decimal
    name_zh: str = ""
    name_en: str = ""


class BandTable:
    """All bands of a plan, best first; they cover 0 to ``cap`` without a gap.

    ``interpolated`` gives the coefficient on the line between the middles of the bands; the
    lowest band and people under a band cap take the value of the table.
    """

    __slots__ = ("_minima", "_points", "bands", "cap_e2", "codes", "interpolated")

    def __init__(self, bands: tuple[Band, ...], cap_e2: int, interpolated: bool = False) -> None:
        self.bands = bands
        self.cap_e2 = cap_e2
        self.interpolated = interpolated
        self.codes = tuple(band.code for band in bands)
        if not bands or bands[-1].minimum_e2 != 0 or bands[0].minimum_e2 > cap_e2:
            raise ComputationError("BANDS")
        if any(low.minimum_e2 >= high.minimum_e2 for high, low in pairwise(bands)):
            raise ComputationError("BANDS")
        if len(set(self.codes)) != len(bands) or any(band.coefficient < 0 for band in bands):
            raise ComputationError("BANDS")
        self._minima = [band.minimum_e2 for band in reversed(bands)]
        self._points = self._middles()

    def _middles(self) -> list[tuple[Fraction, Fraction]]:
        points, upper = [], self.cap_e2
        for band in self.bands:
            points.append((Fraction(band.minimum_e2 + upper, 200), exact(band.coefficient)))
            upper = band.minimum_e2
        return points[::-1]

    def of(self, total_e2: int) -> str:
        """The band of a total × 100, the total that the person sees."""
        if total_e2 < 0:
            raise ComputationError("DOMAIN", name="total", value=str(total_e2))
        return self.codes[len(self.bands) - bisect_right(self._minima, total_e2)]

    def rank(self, code: str) -> int:
        """0 for the best band."""
        try:
            return self.codes.index(code)
        except ValueError:
            raise ComputationError("UNKNOWN_BAND", band=code) from None

    def capped(self, code: str, cap: str | None) -> str:
        """``code``, or the cap when that is worse. NR stays NR."""
        if cap is None or code == NOT_RATED or self.rank(code) >= self.rank(cap):
            return code
        return cap

    def lowest(self) -> str:
        """The code of the worst band."""
        return self.codes[-1]

    def coefficient(
        self, code: str, total: Exact | None = None, *, capped: bool = False
    ) -> Decimal:
        """Cp of a band, 4 decimals (N4); with ``interpolated`` of the total inside the band."""
        rank = self.rank(code)
        table = self.bands[rank].coefficient
        if not self.interpolated or capped or total is None or rank == len(self.bands) - 1:
            return score4(table)
        place = exact(total)
        index = bisect_right(self._points, place, key=lambda point: point[0])
        if index in (0, len(self._points)):
            return score4(self._points[max(index - 1, 0)][1])
        (x0, y0), (x1, y1) = self._points[index - 1], self._points[index]
        return score4(y0 + (place - x0) * (y1 - y0) / (x1 - x0))


DEFAULT_BANDS = BandTable(
    (
        Band("S", 11000, Decimal("1.5"), "卓越", "Outstanding"),
        Band("A", 9500, Decimal("1.2"), "优秀", "Excellent"),
        Band("B", 8000, Decimal("1.0"), "良好", "Good"),
        Band("C", 6000, Decimal("0.6"), "待改进", "To improve"),
        Band("D", 0, Decimal("0"), "不合格", "Unsatisfactory"),
    ),
    cap_e2=12000,
)


def band(total: Exact | str, bands: BandTable = DEFAULT_BANDS) -> str:
    """The band of a total after N3: 94.995 → 95.00 → A."""
    return bands.of(scaled_half_up(exact(total), 2))


def parse_bands(data: Any, path: str = "bands") -> BandTable:
    """Bands from ``{mode, cap, rows: [{code, min, coefficient, name_zh, name_en}]}``."""
    reader = Reader(data, path)
    rows = []
    for row in reader.readers("rows", required=True):
        rows.append(
            Band(
                row.text("code"),
                scaled_half_up(row.number("min"), 2),
                row.number("coefficient"),
                row.text("name_zh", ""),
                row.text("name_en", ""),
            )
        )
        row.finish()
    mode = reader.text("mode", "table")
    if mode not in ("table", "interpolated"):
        raise reader.refuse("mode", "table, interpolated")
    cap = scaled_half_up(reader.number("cap", "120"), 2)
    reader.finish()
    try:
        return BandTable(tuple(rows), cap, mode == "interpolated")
    except ComputationError as error:
        raise BadInput("plans.bands_broken", field=path, path=path) from error
