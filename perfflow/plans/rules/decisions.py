"""Decision tables about pay: coefficients, deferral categories, liability ratios (DMN)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from perfflow.feel.decisions import DecisionModel, load_dmn
from perfflow.feel.errors import FeelError
from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.plans.rules.bands import Band, BandTable
from perfflow.plans.rules.deferral import PayCategory

COEFFICIENT = "performance-coefficient"
CATEGORY = "deferral-category"
LIABILITY = "liability-ratio"
NO_UNIT = "none"
WHOLE_BP = 10_000


class Liability(StrEnum):
    """How much of what happened is a person's own responsibility (责任认定)."""

    PRIMARY = "PRIMARY"
    SIGNIFICANT = "SIGNIFICANT"
    GENERAL = "GENERAL"


@dataclass(frozen=True, slots=True)
class LiabilityRatio:
    """The usual share of the period's pay that is recovered, and the least and the most that a
    committee may decide; basis points."""

    ratio_bp: int
    least_bp: int
    most_bp: int


DEFAULT_RATIOS: Mapping[Liability, LiabilityRatio] = {
    Liability.PRIMARY: LiabilityRatio(10_000, 10_000, 10_000),
    Liability.SIGNIFICANT: LiabilityRatio(5_000, 3_001, 9_999),
    Liability.GENERAL: LiabilityRatio(2_000, 1_000, 3_000),
}
"""Where a catalogue has no table (domain §5.11)."""


@dataclass(frozen=True, slots=True)
class PayDecisions:
    """The decision tables of a catalogue; each question is evaluated once and remembered.

    Without a table the answer is the plan's own: coefficients of the bands, the category of the
    post, the usual ratios. A table that answers with something else than asked for raises
    ``BadInput("plans.decision_answer")``.
    """

    models: Mapping[str, DecisionModel]
    _known: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def bands_for(self, bands: BandTable, post: str, kind: str) -> BandTable:
        """The bands with the coefficients of a post in a kind of cycle (ANNUAL, QUARTER, …)."""
        if COEFFICIENT not in self.models:
            return bands
        rows = [
            Band(
                one.code,
                one.minimum_e2,
                self._coefficient(post, kind, one),
                one.name_zh,
                one.name_en,
            )
            for one in bands.bands
        ]
        return BandTable(tuple(rows), bands.cap_e2, bands.interpolated)

    def _coefficient(self, post: str, kind: str, band: Band) -> Decimal:
        asked = {"post": post, "cycle kind": kind, "band": band.code}
        found = self._answer(COEFFICIENT, asked)
        if found is None:
            return band.coefficient
        if isinstance(found, bool) or not isinstance(found, (int, Decimal)) or found < 0:
            raise _no_answer(COEFFICIENT, asked, found)
        return Decimal(found)

    def category(self, post: str, own: PayCategory, heads: str | None) -> tuple[PayCategory, bool]:
        """The pay category of a person and whether she is a main leader, from the post's category
        and the kind of the highest unit that she heads."""
        if CATEGORY not in self.models:
            return own, False
        asked = {"post": post, "post category": own.value, "heads": heads or NO_UNIT}
        found = self._answer(CATEGORY, asked)
        if found is None:
            return own, False
        try:
            return PayCategory(found["category"]), found["main leader"] is True
        except (KeyError, TypeError, ValueError):
            raise _no_answer(CATEGORY, asked, found) from None

    def liability(self, liability: Liability) -> LiabilityRatio:
        """The usual ratio of a liability and the range inside which a committee decides."""
        found = None
        asked = {"liability": liability.value}
        if LIABILITY in self.models:
            found = self._answer(LIABILITY, asked)
        if found is None:
            return DEFAULT_RATIOS[liability]
        try:
            shares = [Decimal(found[name]) * WHOLE_BP for name in ("ratio", "least", "most")]
        except (KeyError, TypeError, ArithmeticError):
            raise _no_answer(LIABILITY, asked, found) from None
        ratio = LiabilityRatio(*map(int, shares))
        is_whole = list(map(Decimal, (ratio.ratio_bp, ratio.least_bp, ratio.most_bp))) == shares
        if not is_whole or not 0 <= ratio.least_bp <= ratio.ratio_bp <= ratio.most_bp <= WHOLE_BP:
            raise _no_answer(LIABILITY, asked, found)
        return ratio

    def _answer(self, decision: str, asked: Mapping[str, str]) -> Any:
        key = (decision, *asked.values())
        if key not in self._known:
            try:
                self._known[key] = self.models[decision].evaluate(decision, asked).value
            except FeelError as error:
                raise _no_answer(decision, asked, str(error)) from error
        return self._known[key]


def _no_answer(decision: str, asked: Mapping[str, str], got: object) -> BadInput:
    return BadInput(
        "plans.decision_answer",
        field=f"decisions/{decision}",
        decision=decision,
        asked=", ".join(asked.values()),
        got=str(got)[:80],
    )


def read_decisions(files: Mapping[str, str]) -> PayDecisions:
    """The decision tables of a catalogue from its DMN files by path; found by their ids."""
    models: dict[str, DecisionModel] = {}
    for path, text in files.items():
        try:
            model = load_dmn(text.encode())
        except (FeelError, ValueError) as error:
            raise BadInput("plans.decision_unreadable", field=path, path=path) from error
        for one in model.decisions():
            if one.id in models:
                raise BadInput("plans.code_twice", field=path, code_=one.id)
            models[one.id] = model
    return PayDecisions(models)


def check_bands(bands: BandTable, decisions: PayDecisions, post: str, kind: str) -> BandTable:
    """The bands of a post and kind; a table that makes none is ``BadInput``, not a crash."""
    try:
        return decisions.bands_for(bands, post, kind)
    except ComputationError as error:
        raise _no_answer(COEFFICIENT, {"post": post, "kind": kind}, error) from error
