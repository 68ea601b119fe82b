"""What total a person needs to stand in another band: the smallest move that leads there."""

from __future__ import annotations

from decimal import Decimal

from perfflow.kernel.errors import ComputationError
from perfflow.plans.rules.bands import BandTable


def total_for_band(bands: BandTable, code: str, now: Decimal) -> Decimal:
    """The nearest total of a band, 2 dp: its minimum from below, just under its end from above.

    ``now`` itself when it lies in the band already; an unknown band is ``UNKNOWN_BAND``. Limits of
    a session are not looked at: moving there may still be refused.
    """
    rank = bands.rank(code)
    place = int(now.scaleb(2))
    if place != now.scaleb(2):
        raise ComputationError("DOMAIN", name="total", value=str(now))
    lowest = bands.bands[rank].minimum_e2
    highest = bands.bands[rank - 1].minimum_e2 - 1 if rank else bands.cap_e2
    return Decimal(min(max(place, lowest), highest)).scaleb(-2)


def neighbours(bands: BandTable, code: str) -> tuple[str | None, str | None]:
    """The next better and the next lower band; None at the ends and for people without rating."""
    if code not in bands.codes:
        return None, None
    rank = bands.rank(code)
    better = bands.codes[rank - 1] if rank else None
    lower = bands.codes[rank + 1] if rank + 1 < len(bands.codes) else None
    return better, lower
