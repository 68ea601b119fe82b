"""The explanation tree of a result, made of the figures that scoring kept."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from perfflow.kernel.explanation import Node
from perfflow.kernel.rounding import round_half_up
from perfflow.reviews.rules.attainment import Kind
from perfflow.reviews.rules.card import effective_weights
from perfflow.reviews.rules.lines import LineInputs, LineScore
from perfflow.reviews.rules.person import PersonScore, SegmentScore

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


def explain_person(score: PersonScore) -> Node:
    """The whole tree: result ← total ← segments ← lines, with deduction, cap and gate."""
    segments = tuple(explain_segment(part) for part in score.segments)
    total = Node(
        "reviews.explain.card_total",
        formula="Σ days·total / Σ days",
        value=_text(score.card_total),
        unit="points",
        rounding="N3",
        children=segments,
    )
    parts = [total]
    if score.standing.effects:
        parts.append(score.standing.node())
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


def explain_segment(part: SegmentScore) -> Node:
    """One segment: its card total, every line with its share, additions and deductions."""
    moved = effective_weights(part.rows) if part.card.total_e2 is not None else {}
    lines = [
        explain_line(line, score, moved.get(line.metric))
        for line, score in zip(part.inputs.lines, part.scores, strict=True)
    ]
    for name, points in (("add", part.card.add), ("deduct", part.card.deduct)):
        if points:
            lines.append(Node(f"reviews.explain.{name}", value=str(points), unit="points"))
    return Node(
        "reviews.explain.segment",
        {"label": part.inputs.label, "days": part.days, "coverage_bp": part.card.coverage_bp},
        formula="clamp(Σ w·s / 10000 + add − deduct, 0, cap)",
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
    counts = effective is not None
    if score.score_e4 is None:
        return Node(
            f"reviews.explain.na_{line.na_policy}",
            {"metric": line.metric},
            source=line.source,
            weight_bp=line.weight_bp,
        )
    inputs = {"metric": line.metric, "actual": str(line.actual)}
    shown = {"metric": line.metric, "curve": line.curve.name}
    if effective is not None and effective != line.weight_bp:
        shown["effective"] = f"{round_half_up(Fraction(effective) / 100, 2)}%"
    for name in ("target", "baseline", "scale", "lo", "hi"):
        value = getattr(line, name)
        if value is not None:
            inputs[name] = str(value)
    code = "reviews.explain.line" if counts else "reviews.explain.line_left_out"
    formula, points = _FORMULAS[line.kind], _shown(score.score_e4, 4)
    if score.r_e6 is None:
        return Node(code, inputs, formula, points, "points", "N2", line.source, (), line.weight_bp)
    attainment = Node(
        "reviews.explain.attainment",
        inputs,
        formula,
        _shown(score.r_e6, 6),
        None,
        "N1",
        line.source,
    )
    curve = f"{line.curve.name}(r)"
    return Node(code, shown, curve, points, "points", "N2", None, (attainment,), line.weight_bp)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _shown(scaled: int, places: int) -> str:
    """A scaled whole number, never negative here, as decimal text."""
    whole, rest = divmod(scaled, 10**places)
    return f"{whole}.{rest:0{places}d}"
