"""A firm's own formula for the total of a card, in FEEL over typed variables (domain §5.4).

Every variable is a number or null, exact: dimension scores are null where nothing of the
dimension was scored. The formula gives points before the clamp to 0 … cap and the rounding N3.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from perfflow.feel import compile, Expression, FeelError
from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import DECIMAL34, Exact, exact

LONGEST_FORMULA = 600
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "weighted": "number",
        "R": "number or null",
        "C": "number or null",
        "K": "number or null",
        "G": "number or null",
        "add": "number",
        "deduct": "number",
        "coverage": "number",
        "metric": "context of numbers or null",
    }
)
"""What a formula may read: ``weighted`` is Σ w·s, ``add`` and ``deduct`` are after their caps,
``coverage`` is a share, ``metric.RS_01`` the score of one metric (null = N/A)."""
_OF_THE_CLOCK = frozenset({"now", "today"})
Variables = Mapping[str, Exact | Mapping[str, Exact | None] | None]


class OverallFormula:
    """A checked formula; the same text gives the same total at any time and on any machine.

    Raises ``ComputationError("FORMULA")`` for text that is no FEEL, is longer than 600 characters,
    reads another variable, calls an unknown function or asks for the time.
    """

    __slots__ = ("_code", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._code = _checked(self.text)

    def points(self, variables: Variables) -> Fraction:
        """The points before clamp and rounding, exact within 34 digits.

        Anything but a number (null, text, an error, too many steps): ``FORMULA_RESULT``.
        """
        try:
            found = self._code.evaluate(_read(variables))
        except FeelError as error:
            raise ComputationError("FORMULA_RESULT", got=error.message_en) from error
        value = found.value
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            why = found.warnings[0].message_en if found.warnings else repr(value)
            raise ComputationError("FORMULA_RESULT", got=why)
        return exact(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OverallFormula) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"OverallFormula({self.text!r})"


def _checked(text: str) -> Expression:
    if not text or len(text) > LONGEST_FORMULA:
        raise ComputationError("FORMULA", got=str(len(text)), why="length")
    try:
        code = compile(text, functions=_OF_THE_CLOCK)
    except FeelError as error:
        raise ComputationError("FORMULA", got=text, why=error.message_en) from error
    unknown = sorted(
        ((code.variables | code.possible) - VARIABLES.keys()) | code.functions,
    )
    if unknown:
        raise ComputationError("FORMULA", got=text, why=", ".join(unknown))
    return code


def _read(variables: Variables) -> dict[str, Any]:
    return {
        name: {key: _decimal(number) for key, number in value.items()}
        if isinstance(value, Mapping)
        else _decimal(value)
        for name, value in variables.items()
    }


def _decimal(value: Exact | None) -> Decimal | None:
    """At most 34 digits, as FEEL computes."""
    if value is None:
        return None
    number = exact(value)
    return DECIMAL34.divide(Decimal(number.numerator), Decimal(number.denominator))
