"""Every calculation by the name that ``perfflow calc`` knows it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from perfflow.calc import conduct, pay, persons, scoring, signals, talent
from perfflow.calc.given import Given

FUNCTIONS: Mapping[str, Callable[[Given], Any]] = {
    **scoring.FUNCTIONS,
    **persons.FUNCTIONS,
    **conduct.FUNCTIONS,
    **pay.FUNCTIONS,
    **signals.FUNCTIONS,
    **talent.FUNCTIONS,
}
