"""The explanation tree of a score as the page shows it: contributions that add up exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from perfflow.i18n import formats, translate
from perfflow.i18n.languages import Language
from perfflow.kernel.rounding import round_half_up
from perfflow.metrics.rules import MetricDefinition
from perfflow.reviews.inputs import Forecast
from perfflow.reviews.presentation import wording
from perfflow.reviews.rules import LineInputs, LineScore, PersonScore
from perfflow.reviews.rules.card import effective_weights

DIMENSIONS = ("R", "C", "K", "G")
ROUNDING = Fraction(1, 100)
Branch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """What wording needs: the language, the metrics, the forecasts behind provisional figures."""

    language: Language
    metrics: Mapping[str, MetricDefinition]
    forecasts: Mapping[str, Forecast]

    def say(self, code: str, **params: Any) -> str:
        return translate(code, params, self.language)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One line of one segment with what it gives to the total."""

    line: LineInputs
    score: LineScore
    weight: Fraction  # effective share of the person's total
    contribution: Fraction


@dataclass(frozen=True, slots=True)
class Move:
    """What a later stage changed: its name and the signed points."""

    label: str
    points: Decimal


def explain(
    score: PersonScore, reader: Reader, total: Decimal | None, moves: Sequence[Move] = ()
) -> Branch:
    """Total ← dimensions ← lines ← steps; deductions and later moves beside the dimensions."""
    root: Branch = {
        "label": reader.say("reviews.page.total"),
        "value": wording.NO_VALUE if total is None else formats.number(total, 2),
        "children": [],
        "open": True,
    }
    if score.card_total is None:
        return root
    whole_e2 = int(score.card_total.scaleb(2))
    if score.quarters:
        root["children"] = [*_quarters(score, whole_e2), *_after(score, whole_e2, 0, moves, reader)]
        return root
    leaves = _leaves(score)
    groups = [
        (code, [leaf for leaf in leaves if leaf.line.dimension == code]) for code in DIMENSIONS
    ]
    groups = [(code, members) for code, members in groups if members]
    parts = [sum((leaf.contribution for leaf in members), Fraction(0)) for _, members in groups]
    beside = _beside(whole_e2, parts)
    beside_e2 = int(round_half_up(beside, 2).scaleb(2))
    figures = wording.shares_e2(whole_e2 - beside_e2, parts)
    widest = _widest_gap(leaves)
    children = [
        _dimension(code, members, figure, reader, widest)
        for (code, members), figure in zip(groups, figures, strict=True)
    ]
    overall = score.rules.card.overall
    if overall is not None:
        # The lines explain the weighted sum; the firm's formula is what turns it into the total.
        children.append(
            {
                "label": reader.say("reviews.page.own_formula"),
                "value": wording.points(beside_e2),
                "children": [],
                "formula": overall.text,
                "reason": overall.text,
            }
        )
        beside_e2 = 0
    root["children"] = [*children, *_after(score, whole_e2, beside_e2, moves, reader)]
    return root


def _quarters(score: PersonScore, whole_e2: int) -> list[Branch]:
    """What each quarter gives to the year; the figures add up to its total."""
    rated = [one for one in score.quarters if one.total is not None]
    weights = sum(one.weight for one in rated)
    parts = [Fraction(one.weight) * Fraction(one.total or 0) / weights for one in rated]
    return [
        {
            "label": one.cycle,
            "note": formats.percent(Fraction(one.weight, weights)),
            "value": wording.points(figure),
            "children": [],
        }
        for one, figure in zip(rated, wording.shares_e2(whole_e2, parts), strict=True)
    ]


def _after(
    score: PersonScore, whole_e2: int, beside_e2: int, moves: Sequence[Move], reader: Reader
) -> list[Branch]:
    """What follows the cards: points beside them, conduct deductions, later moves."""
    deduction_e2 = int(score.deduction.scaleb(2))
    capped = whole_e2 - deduction_e2
    found: list[Branch] = []
    found.append(
        {
            "label": reader.say("reviews.page.points_and_deductions"),
            "value": wording.points(beside_e2 - deduction_e2 + max(0, -capped)),
            "children": [
                {
                    "label": reader.say("reviews.page.gate_case", case=effect.case_no),
                    "value": formats.number(-effect.points, 2),
                }
                for effect in score.standing.effects
            ],
        }
    )
    found += [{"label": move.label, "value": formats.signed(move.points, 2)} for move in moves]
    return found


def _leaves(score: PersonScore) -> list[_Leaf]:
    """Every scored line with its share of the person's total, over all segments."""
    parts = [part for part in score.segments if part.days and part.card.total_e2 is not None]
    below = sum((part.weight for part in parts), Fraction(0))
    found: list[_Leaf] = []
    for part in parts:
        share = Fraction(part.weight) / below
        weights = effective_weights(part.rows)
        for line, one, row in zip(part.inputs.lines, part.scores, part.rows, strict=True):
            weight = weights.get(line.metric)
            if weight is None or row.score_e4 is None:
                continue
            weighted = share * Fraction(weight) / 10_000
            found.append(_Leaf(line, one, weighted, weighted * Fraction(row.score_e4, 10_000)))
    return found


def _beside(whole_e2: int, parts: list[Fraction]) -> Fraction:
    """What additions, deductions and the limits 0 and 120 of the card put on top of the lines."""
    difference = Fraction(whole_e2, 100) - sum(parts, Fraction(0))
    return difference if abs(difference) > ROUNDING else Fraction(0)


def _widest_gap(leaves: list[_Leaf]) -> _Leaf | None:
    """The line that costs most against a score of 100; the tree starts open there."""
    return max(leaves, key=lambda leaf: leaf.weight * 100 - leaf.contribution, default=None)


def _dimension(
    code: str, members: list[_Leaf], figure_e2: int, reader: Reader, widest: _Leaf | None
) -> Branch:
    figures = wording.shares_e2(figure_e2, [leaf.contribution for leaf in members])
    return {
        "label": reader.say(f"reviews.page.dimension_{code}"),
        "note": formats.percent(sum((leaf.weight for leaf in members), Fraction(0))),
        "dimension": code,
        "value": wording.points(figure_e2),
        "open": widest in members,
        "children": [
            _line(leaf, figure, reader, is_open=leaf is widest)
            for leaf, figure in zip(members, figures, strict=True)
        ],
    }


def _line(leaf: _Leaf, figure_e2: int, reader: Reader, *, is_open: bool) -> Branch:
    metric = reader.metrics[leaf.line.metric]
    return {
        "label": wording.title(metric, reader.language),
        "note": formats.percent(leaf.weight),
        "value": wording.points(figure_e2),
        "open": is_open,
        "steps": _steps(leaf, figure_e2, reader),
        "source": _sources(leaf.line, reader),
    }


def _sources(line: LineInputs, reader: Reader) -> str | None:
    """Where figure, metric and target come from, each with its version."""
    parts = [line.source] if line.source else []
    if line.version is not None:
        parts.append(f"{line.metric} v{line.version}")
    if line.target_source is not None:
        kind, _, version = line.target_source.partition(" v")
        is_goal = kind == "goals"
        parts.append(
            reader.say("reviews.page.goals_version", version=version.replace(" +", "+"))
            if is_goal
            else line.target_source
        )
    return " · ".join(parts) or None


def _steps(leaf: _Leaf, figure_e2: int, reader: Reader) -> list[Branch]:
    """Value → attainment → score → contribution, each with its formula."""
    line, metric, language = leaf.line, reader.metrics[leaf.line.metric], reader.language
    forecast = reader.forecasts.get(line.metric)
    unit = wording.unit_name(metric, language)
    steps: list[Branch] = []
    if forecast is not None:
        kind = "last_year" if forecast.is_from_last_year else "days"
        steps.append(
            {
                "label": reader.say("reviews.page.forecast"),
                "value": f"{wording.figure(line.actual, metric, language)} {unit}",
                "formula": f"{wording.figure(forecast.so_far, metric, language)} ÷ "
                f"{formats.number(round_half_up(forecast.share, 4))}",
                "reason": reader.say(
                    f"reviews.page.forecast_{kind}", share=formats.percent(forecast.share, 0)
                ),
            }
        )
    else:
        steps.append(
            {
                "label": reader.say("reviews.page.value"),
                "value": f"{wording.figure(line.actual, metric, language)} {unit}",
                "reason": None
                if line.target is None
                else reader.say(
                    "reviews.page.target_is", target=wording.figure(line.target, metric, language)
                ),
            }
        )
    score = Decimal(leaf.score.score_e4 or 0).scaleb(-4)
    if leaf.score.r_e6 is not None:
        steps.append(
            {
                "label": reader.say("reviews.page.attainment"),
                "value": formats.number(Decimal(leaf.score.r_e6).scaleb(-6), 6),
                "formula": wording.attainment_formula(line, metric, language),
            }
        )
    steps.append(
        {
            "label": reader.say("reviews.page.score"),
            "value": formats.number(score, 4),
            "formula": None
            if leaf.score.r_e6 is None
            else wording.curve_formula(line.curve, leaf.score.r_e6),
            "reason": reader.say("reviews.page.curve", curve=line.curve.name),
        }
    )
    steps.append(
        {
            "label": reader.say("reviews.page.counts"),
            "value": wording.points(figure_e2),
            "formula": f"{formats.number(score, 4)} × {formats.percent(leaf.weight, 4)}",
        }
    )
    return steps
