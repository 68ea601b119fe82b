"""Card templates by post: which metrics count how much (domain §4.3, §5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.metrics.rules import NaPolicy
from perfflow.plans.rules.curves import Curve, parse_knots
from perfflow.plans.rules.overall import OverallFormula

WHOLE_BP = 10_000
CONTROL_POSTS = frozenset({"RC", "IA"})
"""Risk and compliance, internal audit; a card of another post may say ``control: true``."""


class Line(StrEnum):
    """Where a post stands: with clients, in control, or behind."""

    FRONT = "front"
    MIDDLE = "middle"
    BACK = "back"
    SENIOR = "senior"


@dataclass(frozen=True, slots=True)
class CardLine:
    """One metric of a card. ``kind`` overrides how attainment is computed (``BASE``, ``LB_INV``).

    ``target_rule`` is the firm's rule for suggesting a target; scoring never reads it. ``steps``
    are the rows (limit, score) of a BAND line, ``default_score`` what lies outside them.
    """

    metric: str
    weight_bp: int
    curve: str
    na_policy: NaPolicy | None
    kind: str | None
    scope: str
    window_months: int
    target: Decimal | None
    baseline: Decimal | None
    target_rule: Mapping[str, Any]
    steps: tuple[tuple[Decimal, Decimal], ...] = ()
    default_score: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CardTemplate:
    """One version of the card of a post; weights add up to 10,000 basis points (PL-01).

    ``overall`` is the firm's own formula for the total, None for the standard one.
    """

    code: str
    version: int
    post: str
    line: Line
    name_zh: str
    name_en: str
    effective_from: date | None
    na_policy: NaPolicy
    min_coverage_bp: int
    add_cap: Decimal
    deduct_cap: Decimal
    scored_by: str
    lines: tuple[CardLine, ...]
    additions: tuple[str, ...]
    deductions: tuple[str, ...]
    gates: tuple[str, ...]
    curves: Mapping[str, Curve]
    overall: OverallFormula | None = None
    is_control: bool = False
    broken_curves: tuple[str, ...] = ()

    def policy_of(self, line: CardLine) -> NaPolicy:
        """The N/A policy of a line: its own, else the card's."""
        return line.na_policy or self.na_policy


def parse_card(data: Any, path: str = "card") -> CardTemplate:
    """A card from its YAML mapping; raises ``BadInput`` naming the place.

    Whether the card may be used is the plan linter's question, not the parser's.
    """
    reader = Reader(data, path)
    own = reader.child("curves")
    curves, broken = _curves(own)
    post = reader.text("post")
    card = CardTemplate(
        code=reader.text("code", f"{post}-STD"),
        version=reader.integer("version", 1),
        post=post,
        line=reader.choice("line", Line),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        effective_from=reader.day("effective_from"),
        na_policy=reader.choice("na_policy", NaPolicy, NaPolicy.DIMENSION),
        min_coverage_bp=reader.integer("min_coverage_bp", 6000),
        add_cap=reader.number("add_cap", "5"),
        deduct_cap=reader.number("deduct_cap", "20"),
        scored_by=reader.text("scored_by", "line-manager"),
        lines=tuple(_line(row) for row in reader.readers("lines", required=True)),
        additions=reader.texts("additions"),
        deductions=reader.texts("deductions"),
        gates=reader.texts("gates"),
        curves=curves,
        overall=_overall(reader),
        is_control=reader.flag("control", post in CONTROL_POSTS),
        broken_curves=broken,
    )
    own.finish()
    reader.finish()
    return card


def _overall(reader: Reader) -> OverallFormula | None:
    text = reader.text("overall", "")
    if not text:
        return None
    try:
        return OverallFormula(text)
    except ComputationError as error:
        place = reader.at("overall")
        raise BadInput("plans.overall_broken", field=place, path=place, **error.params) from error


def _curves(reader: Reader) -> tuple[dict[str, Curve], tuple[str, ...]]:
    """The card's own curves, and the names of those whose knots do not ascend (PL-14)."""
    curves, broken = {}, []
    for name in reader.keys():  # noqa: SIM118
        try:
            curves[name] = parse_knots(name, reader.raw(name))
        except ComputationError:
            broken.append(name)
    return curves, tuple(broken)


def _steps(reader: Reader) -> tuple[tuple[Decimal, Decimal], ...]:
    rows = reader.pairs("steps")
    if any(limit is None or score is None for limit, score in rows):
        raise reader.refuse("steps", "a list of pairs of numbers")
    return tuple((limit, score) for limit, score in rows if limit is not None and score is not None)


def _line(reader: Reader) -> CardLine:
    line = CardLine(
        metric=reader.text("metric"),
        weight_bp=reader.integer("weight_bp"),
        curve=reader.text("curve", "STD"),
        na_policy=reader.choice("na_policy", NaPolicy) if reader.has("na_policy") else None,
        kind=reader.text("kind") if reader.has("kind") else None,
        scope=reader.text("scope", "person"),
        window_months=reader.integer("window_months", 12),
        target=reader.optional_number("target"),
        baseline=reader.optional_number("baseline"),
        target_rule=reader.raw("target_rule", {}),
        steps=_steps(reader),
        default_score=reader.number("default_score", "0"),
    )
    reader.raw("na_policy")
    reader.raw("kind")
    reader.finish()
    return line
