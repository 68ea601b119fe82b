"""Bonus plans: base, factors, pool rules and what leavers get (domain §5.10–5.11)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.kernel.configuration import decimal_of, Reader
from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.kernel.rounding import exact, score4
from perfflow.plans.rules.bands import BandTable, DEFAULT_BANDS, parse_bands
from perfflow.plans.rules.curves import Curve
from perfflow.plans.rules.deferral import PayCategory


class VetoShare(StrEnum):
    """Where the share of a vetoed person goes: back to the firm, or to the colleagues."""

    RETURN = "return"
    REDISTRIBUTE = "redistribute"


class BaseRule(StrEnum):
    """What the base 奖金基数 is: a target bonus by post and grade, or months of salary."""

    TARGET_BONUS = "target_bonus"
    MONTHS_SALARY = "months_salary"


class NrPolicy(StrEnum):
    """What a person without a rating gets: coefficient 1.0 for the days present, or nothing."""

    PRORATED = "prorated"
    ZERO = "zero"


class LeaverClass(StrEnum):
    """Why a person left."""

    GOOD = "good"
    RESIGNED = "resigned"
    DISMISSED = "dismissed"


class LeaverTreatment(StrEnum):
    """What a leaver gets of the cycle, and what becomes of deferred money."""

    PRO_RATA = "pro_rata"
    NOTHING_IF_GONE_AT_PAYOUT = "nothing_if_gone_at_payout"
    ZERO_AND_MALUS = "zero_and_malus"


@dataclass(frozen=True, slots=True)
class OrganisationRule:
    """Weights of unit, branch and firm in Co, and its limits."""

    unit: Decimal
    branch: Decimal
    firm: Decimal
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True, slots=True)
class ClientRule:
    """How long-term client satisfaction becomes the factor Cl, and for which posts."""

    posts: frozenset[str]
    prior_mean: Decimal
    prior_weight: Decimal
    quarters: int
    knots: Curve


@dataclass(frozen=True, slots=True)
class StreakRule:
    """Factors Cs by number of consecutive good cycles; the last one holds for all longer runs."""

    minimum_band: str
    resetting_severity: int
    factors: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class PayMix:
    """What the firm plans for one pay category: the share of base pay in the total at target,
    and the most that performance pay may reach as a multiple of base pay."""

    base_share: Decimal | None
    performance_over_base_max: Decimal | None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A bonus that new people are sure of: ``multiple`` of the base, in a cycle that ends within
    ``months_of_service`` of the day of joining (None: for everybody, always)."""

    multiple: Decimal
    months_of_service: int | None


@dataclass(frozen=True, slots=True)
class BonusPlan:
    """One version of a bonus plan. ``cap_multiple`` and ``floor_multiple`` are times the base."""

    code: str
    version: int
    name_zh: str
    name_en: str
    base_rule: BaseRule
    months: Decimal
    bands: BandTable
    cap_multiple: Decimal | None
    floor_multiple: Decimal
    veto_share: VetoShare
    never_scale_up: bool
    organisation: OrganisationRule
    client: ClientRule
    streak: StreakRule
    nr_policy: NrPolicy
    leavers: Mapping[LeaverClass, LeaverTreatment]
    direct_split: bool
    public_sales_ranking: bool
    conduct_multipliers: Mapping[str, Decimal]
    deferral: str
    pay_mix: Mapping[PayCategory, PayMix] = field(default_factory=dict)
    guarantee: Guarantee = field(default_factory=lambda: Guarantee(Decimal(0), 12))

    def floor_fen(self, base_fen: int, hired_on: date, ends_on: date) -> int:
        """The least that a person gets from the pool, in 分: the plan's floor for everybody, or
        the guarantee of new people when that is more; rounded down like every floor."""
        multiple, months = self.floor_multiple, self.guarantee.months_of_service
        if months is None or ends_on < _months_later(hired_on, months):
            multiple = max(multiple, self.guarantee.multiple)
        return int(base_fen * exact(multiple))

    def most_multiple(self, bands: BandTable) -> Decimal:
        """The most that anybody with these bands can be awarded, as a multiple of the base: the
        cap, or where there is none the product of the highest factors, 4 decimals."""
        product = (
            max(exact(band.coefficient) for band in bands.bands)
            * exact(self.organisation.highest)
            * max(self.client.knots.top, Fraction(1))
            * max((exact(one) for one in self.streak.factors), default=Fraction(1))
        )
        cap = product if self.cap_multiple is None else min(product, exact(self.cap_multiple))
        return score4(cap)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def parse_bonus_plan(data: Any, path: str = "bonus") -> BonusPlan:
    """A bonus plan from its YAML mapping; defaults are those of the domain specification."""
    reader = Reader(data, path)
    base = reader.child("base")
    leavers = reader.child("leavers")
    conduct = reader.child("conduct_multipliers")
    mix = reader.child("pay_mix")
    plan = BonusPlan(
        code=reader.text("code"),
        version=reader.integer("version", 1),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        base_rule=base.choice("rule", BaseRule, BaseRule.TARGET_BONUS),
        months=base.number("months", "0"),
        bands=parse_bands(reader.raw("bands"), reader.at("bands"))
        if reader.has("bands")
        else DEFAULT_BANDS,
        cap_multiple=reader.number("cap_multiple", "2")
        if reader.raw("cap_multiple", "2") != "none"
        else None,
        floor_multiple=reader.number("floor_multiple", "0"),
        veto_share=reader.choice("veto_share", VetoShare, VetoShare.RETURN),
        never_scale_up=reader.flag("never_scale_up"),
        organisation=_organisation(reader.child("organisation")),
        client=_client(reader.child("client")),
        streak=_streak(reader.child("streak")),
        nr_policy=reader.choice("nr_policy", NrPolicy, NrPolicy.PRORATED),
        leavers={
            kind: leavers.choice(kind, LeaverTreatment, _LEAVERS[kind]) for kind in LeaverClass
        },
        direct_split=reader.flag("direct_split"),
        public_sales_ranking=reader.flag("public_sales_ranking"),
        conduct_multipliers={grade: conduct.number(grade) for grade in conduct.keys()},  # noqa: SIM118
        deferral=reader.text("deferral", "deferral-CN"),
        pay_mix={PayCategory(name): _pay_mix(mix.child(name)) for name in _categories(mix)},
        guarantee=_guarantee(reader.child("guarantee")),
    )
    reader.raw("bands")
    for part in (base, leavers, conduct, mix, reader):
        part.finish()
    lowest = max(plan.floor_multiple, plan.guarantee.multiple)
    if plan.cap_multiple is not None and plan.cap_multiple < lowest:
        raise BadInput("plans.cap_below_floor", field=reader.at("cap_multiple"), path=path)
    return plan


_LEAVERS = {
    LeaverClass.GOOD: LeaverTreatment.PRO_RATA,
    LeaverClass.RESIGNED: LeaverTreatment.NOTHING_IF_GONE_AT_PAYOUT,
    LeaverClass.DISMISSED: LeaverTreatment.ZERO_AND_MALUS,
}


def _categories(reader: Reader) -> list[str]:
    unknown = [name for name in reader.keys() if name not in list(PayCategory)]  # noqa: SIM118
    if unknown:
        raise reader.refuse(unknown[0], ", ".join(PayCategory))
    return reader.keys()


def _pay_mix(reader: Reader) -> PayMix:
    found = PayMix(
        reader.optional_number("base_share"), reader.optional_number("performance_over_base_max")
    )
    reader.finish()
    if found.base_share is not None and not 0 <= found.base_share <= 1:
        raise reader.refuse("base_share", "a share from 0 to 1")
    return found


def _guarantee(reader: Reader) -> Guarantee:
    months = reader.raw("months_of_service", 12)
    if months != "unlimited" and (not isinstance(months, int) or months < 1):
        raise reader.refuse("months_of_service", "months, or unlimited")
    found = Guarantee(
        reader.number("multiple", "0"), None if months == "unlimited" else int(months)
    )
    reader.finish()
    return found


def _organisation(reader: Reader) -> OrganisationRule:
    rule = OrganisationRule(
        reader.number("unit", "0.5"),
        reader.number("branch", "0.3"),
        reader.number("firm", "0.2"),
        reader.number("min", "0.6"),
        reader.number("max", "1.3"),
    )
    reader.finish()
    if rule.unit + rule.branch + rule.firm != 1 or rule.lowest > rule.highest:
        raise BadInput("plans.organisation_weights", field=reader.path, path=reader.path)
    return rule


_CLIENT_KNOTS = [("0", "0.80"), ("70", "0.80"), ("85", "1.00"), ("95", "1.10"), ("100", "1.10")]


def _client(reader: Reader) -> ClientRule:
    knots = reader.pairs("knots") or _CLIENT_KNOTS
    try:
        curve = Curve("client", [(x, y) for x, y in knots if x is not None and y is not None])
    except ComputationError as error:
        raise BadInput("plans.client_knots", field=reader.path, path=reader.path) from error
    rule = ClientRule(
        frozenset(reader.texts("posts") or ("FA", "RM", "TL")),
        reader.number("prior_mean", "85"),
        reader.number("prior_weight", "20"),
        reader.integer("quarters", 12),
        curve,
    )
    reader.finish()
    return rule


def _streak(reader: Reader) -> StreakRule:
    factors = [decimal_of(value) for value in reader.items("factors")]
    numbers = tuple(number for number in factors if number is not None)
    if len(numbers) < len(factors):
        raise reader.refuse("factors", "a list of numbers")
    rule = StreakRule(
        reader.text("minimum_band", "A"),
        reader.integer("resetting_severity", 2),
        numbers or tuple(map(Decimal, ("1.00", "1.00", "1.05", "1.10"))),
    )
    reader.finish()
    return rule


STANDARD_PLAN = parse_bonus_plan(
    {"code": "bonus-STD", "name_zh": "标准奖金方案", "name_en": "Standard bonus plan"}
)
