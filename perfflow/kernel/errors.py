"""The errors that people may see: a code and parameters, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PerfFlowError(Exception):
    """An expected failure; ``code`` is the message id in the catalogues of :mod:`perfflow.i18n`.

    ``field`` names the form field (dotted path, rows by index: ``goals.2.weight_bp``) that the
    message belongs to, when there is one.
    """

    status = 400
    failed_at: str | None = None  # the place in a process, when its automatic work failed

    def __init__(self, code: str, /, field: str | None = None, **params: Any) -> None:
        self.code = code
        self.field = field
        self.params: Mapping[str, Any] = params
        super().__init__(code, params)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({shown})" if shown else self.code


class NotFound(PerfFlowError):
    """The thing does not exist, or this person may not know that it does."""

    status = 404


class NotAllowed(PerfFlowError):
    """The person may know of the thing but may not do this with it."""

    status = 403


class Conflict(PerfFlowError):
    """Somebody else was first, or the thing has moved on since the page was loaded."""

    status = 409


class RuleViolation(PerfFlowError):
    """A rule of the business is broken; nothing was changed."""

    status = 422


class RuleViolations(RuleViolation):
    """Several broken rules at once, each on its own field."""

    def __init__(self, violations: list[RuleViolation]) -> None:
        super().__init__("kernel.several_violations", count=len(violations))
        self.violations = violations


class ComputationError(RuleViolation):
    """A pure computation cannot be done with these inputs (``SCALE_REQUIRED`` and the like).

    ``code`` is ``calc.<NAME>``; ``name`` is the bare code that ``perfflow calc`` prints.
    """

    def __init__(self, name: str, /, **params: Any) -> None:
        super().__init__(f"calc.{name}", **params)
        self.name = name


class BadInput(PerfFlowError):
    """A file, an argument or a setting cannot be read (exit code 2 at the command line)."""

    status = 400
