"""What calibration asks of the rooms above it: the effect of a move on the pool."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Protocol

from sqlalchemy.orm import Session


class PoolPreview(Protocol):
    """Knows pools; plugged in by the application with the payouts room."""

    def factor(
        self, session: Session, cycle_code: str, unit_code: str, bands: Mapping[str, str], on: date
    ) -> Fraction | None:
        """k of the unit's pool if people had these bands; None where no single factor decides."""
        ...


class NoPools:
    """A firm that pays nothing."""

    def factor(
        self, session: Session, cycle_code: str, unit_code: str, bands: Mapping[str, str], on: date
    ) -> Fraction | None:
        return None


_plugged: list[PoolPreview] = [NoPools()]


def plug_pool_preview(preview: PoolPreview) -> None:
    """Make ``preview`` the one that boards ask."""
    _plugged[0] = preview


def pool_preview() -> PoolPreview:
    """The plugged preview."""
    return _plugged[0]
