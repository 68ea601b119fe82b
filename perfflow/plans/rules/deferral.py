"""Deferral policies by pay category: rate, years, brackets and tranche shares (domain §5.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import BadInput
from perfflow.kernel.rounding import exact

FEN_PER_YUAN = 100
Bracket = tuple[int | None, Fraction]


class PayCategory(StrEnum):
    """How near a person is to the firm's risk; decides how much pay waits."""

    SENIOR = "SENIOR"
    KEY = "KEY"
    CONTROL = "CONTROL"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """Deferral of one category: a flat rate, or marginal brackets ``(upper 分, rate)``.

    ``shares`` are the tranche shares, one for each year; they add up to 1.
    """

    rate: Fraction | None
    main_leader_rate: Fraction | None
    brackets: tuple[Bracket, ...]
    shares: tuple[Fraction, ...]

    @property
    def years(self) -> int:
        return len(self.shares)


@dataclass(frozen=True, slots=True)
class DeferralPolicy:
    """One version of the firm's deferral policy."""

    code: str
    version: int
    name_zh: str
    name_en: str
    categories: Mapping[PayCategory, CategoryRule]
    clawback_years_after_last_vest: int
    setoff_max_share: Fraction


def parse_deferral_policy(data: Any, path: str = "deferral") -> DeferralPolicy:
    """A policy from its YAML mapping; bracket limits are written in 元."""
    reader = Reader(data, path)
    parts = reader.child("categories")
    policy = DeferralPolicy(
        code=reader.text("code"),
        version=reader.integer("version", 1),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        categories={category: _category(parts.child(category)) for category in PayCategory},
        clawback_years_after_last_vest=reader.integer("clawback_years_after_last_vest", 3),
        setoff_max_share=exact(reader.number("setoff_max_share", "0.2")),
    )
    parts.finish()
    reader.finish()
    return policy


def _category(reader: Reader) -> CategoryRule:
    rate, leader = reader.optional_number("rate"), reader.optional_number("main_leader_rate")
    brackets = tuple(_bracket(reader, upper, share) for upper, share in reader.pairs("brackets"))
    if (rate is None) == (not brackets):
        raise reader.refuse("rate", "a rate or brackets")
    rule = CategoryRule(
        rate=None if rate is None else exact(rate),
        main_leader_rate=None if leader is None else exact(leader),
        brackets=brackets,
        shares=_shares(reader),
    )
    reader.finish()
    for share in (rule.rate, rule.main_leader_rate, *(part for _, part in brackets)):
        if share is not None and not 0 <= share <= 1:
            raise BadInput("plans.deferral_rate", field=reader.path, path=reader.path)
    uppers = [upper for upper, _ in brackets]
    limits = [upper for upper in uppers if upper is not None]
    if brackets and (
        uppers[-1] is not None or None in uppers[:-1] or limits != sorted(set(limits))
    ):
        raise BadInput("plans.deferral_brackets", field=reader.path, path=reader.path)
    return rule


def _bracket(reader: Reader, upper: Any, share: Any) -> Bracket:
    if share is None:
        raise reader.refuse("brackets", "a rate in every bracket")
    if upper is None:
        return None, exact(share)
    limit = exact(upper) * FEN_PER_YUAN
    if limit.denominator != 1 or limit <= 0:
        raise reader.refuse("brackets", "limits in whole 分")
    return limit.numerator, exact(share)


def _shares(reader: Reader) -> tuple[Fraction, ...]:
    written = reader.raw("shares", "equal")
    years = reader.integer("years", 3)
    if years < 1:
        raise reader.refuse("years", "at least 1")
    if written == "equal":
        return (Fraction(1, years),) * years
    try:
        shares = tuple(exact(share) for share in written)
    except (TypeError, ValueError):
        raise reader.refuse("shares", "equal, or a list of numbers") from None
    if sum(shares) != 1 or len(shares) != years or min(shares) < 0:
        raise BadInput("plans.tranche_shares", field=reader.at("shares"), path=reader.path)
    return shares


STANDARD_DEFERRAL = parse_deferral_policy(
    {
        "code": "deferral-CN",
        "name_zh": "标准递延政策",
        "name_en": "Standard deferral policy",
        "categories": {
            "SENIOR": {"rate": "0.5", "main_leader_rate": "0.51", "years": 3},
            "KEY": {"rate": "0.4", "years": 3},
            "CONTROL": {"rate": "0.4", "years": 3},
            "STAFF": {"brackets": [[200000, "0"], [500000, "0.2"], [None, "0.4"]], "years": 3},
        },
    }
)
