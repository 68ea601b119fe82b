"""What can go wrong with an expression: errors that stop it and warnings that explain a null."""

from __future__ import annotations

from typing import Any

from perfflow.feel.messages import Pair, TypeWord, word

Position = tuple[int, int]


class FeelError(Exception):
    """Every failure that this package raises; ``message_en`` and ``message_zh`` word it."""

    def __init__(self, code: str, at: Position = (0, 0), **params: Any) -> None:
        self.code = code
        self.line, self.column = at
        self.params = params
        super().__init__(code, params)

    @property
    def message_en(self) -> str:
        return word(self.code, self.params, 0)

    @property
    def message_zh(self) -> str:
        return word(self.code, self.params, 1)

    def __str__(self) -> str:
        where = f" (line {self.line}, column {self.column})" if self.line else ""
        return self.message_en + where


class FeelSyntaxError(FeelError):
    """The text is not FEEL; ``expected`` says what would have been right at that place."""

    @property
    def expected(self) -> str:
        value = self.params.get("expected", "")
        return value.en if isinstance(value, Pair) else str(value)


class FeelLimitError(FeelError):
    """The expression asked for more steps, text or depth than an expression may have."""


class FeelValueError(FeelError):
    """A Python value outside the whitelist was handed to FEEL."""


class ModelError(FeelError):
    """The decision model cannot be read."""


class NullResult(Exception):
    """Raised inside an evaluation: the value here is null, and this is why."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


class FeelWarning:
    """Why a value became null, with the place in the text (line and column from 1)."""

    __slots__ = ("code", "column", "line", "params")

    def __init__(self, code: str, at: Position, params: dict[str, Any]) -> None:
        self.code = code
        self.line, self.column = at
        self.params = params

    @property
    def message(self) -> str:
        return word(self.code, self.params, 0)

    message_en = message

    @property
    def message_zh(self) -> str:
        return word(self.code, self.params, 1)

    def __repr__(self) -> str:
        return f"FeelWarning({self.code!r}, line={self.line}, column={self.column})"


__all__ = [
    "FeelError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelValueError",
    "FeelWarning",
    "ModelError",
    "NullResult",
    "Pair",
    "Position",
    "TypeWord",
]
