"""Money as whole 分: reading and plain writing of amounts in 元."""

from __future__ import annotations

import re

from perfflow.kernel.errors import RuleViolation

FEN_PER_YUAN = 100
_AMOUNT = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?")


def fen_from_yuan_text(text: str) -> int:
    """``"81,348.62"`` → 8134862. More than two decimals or other text: ``kernel.not_an_amount``."""
    match = _AMOUNT.fullmatch(text.strip().replace("−", "-"))
    if match is None:
        raise RuleViolation("kernel.not_an_amount", got=text)
    sign, whole, cents = match.groups()
    fen = int(whole.replace(",", "")) * FEN_PER_YUAN + int((cents or "0").ljust(2, "0"))
    return -fen if sign else fen


def yuan_text(fen: int) -> str:
    """8134862 → ``"81348.62"``: plain text for files and logs, never for pages."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{whole}.{cents:02d}"
