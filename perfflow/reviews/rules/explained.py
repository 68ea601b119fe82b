"""The explanation tree of a result, made of the figures that scoring kept."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from perfflow.kernel.explanation import Node
from perfflow.kernel.rounding import round_half_up
from perfflow.reviews.rules.attainment import Kind
from perfflow.reviews.rules.card import effective_weights
from perfflow.reviews.rules.lines import LineInputs, LineScore
from perfflow.reviews.rules.person import PersonScore, Quarter, SegmentScore

_FORMULAS = {
    Kind.HB: "1 + (A − T) / S",
    Kind.LB: "1 + (T − A) / S",
    Kind.LB_INV: "T / A",
    Kind.BASE: "(A − B) / (T − B)",
    Kind.RANGE: "1 − distance / tolerance",
    Kind.MILESTONE: "Σ w·f",
    Kind.BAND: "table",
    Kind.RATING: "rating → score",
}
_CARD_FORMULA = "clamp(Σ w·s / 10000 + add − deduct, 0, cap)"


def explain_person(score: PersonScore) -> Node:
    """The whole tree: result ← total ← segments ← lines, with deduction, cap and gate."""
    overall = score.rules.card.overall
    formula = None if overall is None else overall.text
    segments = tuple([explain_segment(part, formula) for part in score.segments])
    if score.quarters:
        segments = tuple([explain_quarter(one) for one in score.quarters])
    total = Node(
        "reviews.explain.card_total",
        formula="Σ weight·total / Σ weight" if score.quarters else "Σ days·total / Σ days",
        value=_text(score.card_total),
        unit="points",
        rounding="N3",
        children=segments,
    )
    parts = [total]
    if score.standing.effects:
        parts.append(score.standing.node())
    if score.standing.conduct_multiplier != 1:
        parts.append(
            Node("compliance.explain.conduct", value=str(score.standing.conduct_multiplier))
        )
    if score.band_cap is not None:
        parts.append(
            Node("reviews.explain.band_cap", {"cap": score.band_cap}, value=score.band_cap)
        )
    if score.standing.is_vetoed or score.standing.is_frozen:
        parts.append(
            Node(
                "reviews.explain.gate",
                {"clean_band": score.clean_band},
                value=score.gate.value,
                source=", ".join(score.standing.frozen_by) or None,
            )
        )
    return Node(
        "reviews.explain.result",
        {"band": score.band},
        formula="max(0, total − deduction)",
        value=_text(score.total),
        unit="points",
        rounding="N3",
        children=tuple(parts),
    )


def explain_quarter(quarter: Quarter) -> Node:
    """One quarter of a year that is rolled up, from its own result."""
    return Node(
        "reviews.explain.quarter",
        {"cycle": quarter.cycle, "weight": quarter.weight},
        value=_text(quarter.total),
        unit="points",
        source=quarter.cycle,
    )


def explain_segment(part: SegmentScore, formula: str | None = None) -> Node:
    """One segment: its card total, every line with its share, additions and deductions.

    ``formula`` is a firm's own one in place of the standard sum.
    """
    moved = effective_weights(part.rows) if part.card.total_e2 is not None else {}
    lines = [
        explain_line(line, score, moved.get(line.metric))
        for line, score in zip(part.inputs.lines, part.scores, strict=True)
    ]
    if formula is not None and part.card.total_e2 is None and part.card.dims_e4:
        lines.append(Node("reviews.explain.formula_failed", formula=formula))
    for name, points in (("add", part.card.add), ("deduct", part.card.deduct)):
        if points:
            lines.append(Node(f"reviews.explain.{name}", value=str(points), unit="points"))
    return Node(
        "reviews.explain.segment",
        {"label": part.inputs.label, "days": part.days, "coverage_bp": part.card.coverage_bp},
        formula=f"clamp({formula}, 0, cap)" if formula else _CARD_FORMULA,
        value=None if part.card.total_e2 is None else _shown(part.card.total_e2, 2),
        unit="points",
        rounding="N3",
        children=tuple(lines),
    )


def explain_line(line: LineInputs, score: LineScore, effective: Fraction | int | None) -> Node:
    """One metric: value against target, attainment, curve and score.

    ``effective`` is the weight in basis points after moving those of N/A lines; None when the
    line does not count.
    """
    metric, (r_e6, score_e4) = line.metric, score
    if score_e4 is None:
        return Node(
            f"reviews.explain.na_{line.na_policy}",
            {"metric": metric},
            source=line.source,
            weight_bp=line.weight_bp,
        )
    code = "reviews.explain.line" if effective is not None else "reviews.explain.line_left_out"
    inputs, curve, points = _inputs(line), line.curve.name, _shown(score_e4, 4)
    formula, weight = _FORMULAS[line.kind], line.weight_bp
    if r_e6 is None:
        return Node(code, inputs, formula, points, "points", "N2", line.source, (), weight)
    attainment = Node(
        "reviews.explain.attainment",
        inputs,
        formula,
        _shown(r_e6, 6),
        None,
        "N1",
        line.source,
    )
    shown = {"metric": metric, "curve": curve}
    if effective is not None and effective != weight:
        shown["effective"] = f"{round_half_up(Fraction(effective) / 100, 2)}%"
    return Node(code, shown, f"{curve}(r)", points, "points", "N2", None, (attainment,), weight)


def _inputs(line: LineInputs) -> dict[str, str | int]:
    """What the attainment is made of, as exact text, with the versions that it comes from."""
    inputs: dict[str, str | int] = {"metric": line.metric, "actual": str(line.actual)}
    if line.target is not None:
        inputs["target"] = str(line.target)
    if line.baseline is not None:
        inputs["baseline"] = str(line.baseline)
    if line.scale is not None:
        inputs["scale"] = str(line.scale)
    if line.lo is not None:
        inputs["lo"] = str(line.lo)
    if line.hi is not None:
        inputs["hi"] = str(line.hi)
    if line.version is not None:
        inputs["version"] = line.version
    if line.target_source is not None:
        inputs["target_source"] = line.target_source
    return inputs


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _shown(scaled: int, places: int) -> str:
    """A scaled whole number, never negative here, as decimal text."""
    whole, rest = divmod(scaled, 10**places)
    return f"{whole}.{rest:0{places}d}"
