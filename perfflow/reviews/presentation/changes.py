"""What would change a score: each line computed again by the same engine, all else equal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from perfflow.compliance.rules import case_points
from perfflow.kernel.rounding import exact, round_half_up
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import unit_of
from perfflow.reviews.inputs import Material
from perfflow.reviews.presentation import wording
from perfflow.reviews.presentation.tree import Reader
from perfflow.reviews.rules import Kind, LineInputs, PersonInputs, score_person

MOST = 3
COMPARABLE = frozenset({Kind.HB, Kind.LB, Kind.LB_INV, Kind.BASE})
SEVERITY_OF_A_COMPLAINT = 1


@dataclass(frozen=True, slots=True)
class Change:
    """One line: what happens, and by how much the total moves (signed, 2 dp)."""

    text: str
    points: Decimal


def changes(material: Material, reader: Reader) -> list[Change]:
    """At most four: the improvements that bring most, and one that costs."""
    before = score_person(material.inputs, material.rules).total
    if before is None:
        return []
    found: list[Change] = []
    for line in material.lines:
        for text, inputs in _improvements(material, line.metric, reader):
            after = score_person(inputs, material.rules).total
            if after is not None and after > before:
                found.append(Change(text, after - before))
    best = sorted(found, key=lambda change: -change.points)[:MOST]
    return best + _downside(material, before, reader)


def _improvements(
    material: Material, metric: MetricDefinition, reader: Reader
) -> list[tuple[str, PersonInputs]]:
    """Reaching the target of a line that is behind, and for counts one more case."""
    own = _largest(material.inputs, metric.code)
    if own is None or own.actual is None or own.target is None or own.kind not in COMPARABLE:
        return []
    actual, target = exact(own.actual), exact(own.target)
    is_behind = actual > target if own.kind in (Kind.LB, Kind.LB_INV) else actual < target
    if not is_behind:
        return []
    language = reader.language
    name = wording.title(metric, language)
    unit = unit_of(metric.unit)
    if unit.decimals == 0 and metric.code not in reader.forecasts:
        more = actual + (-1 if own.kind in (Kind.LB, Kind.LB_INV) else 1)
        return [
            (
                reader.say(
                    "reviews.page.change_one",
                    name=name,
                    old=wording.figure(actual, metric, language),
                    new=wording.figure(more, metric, language),
                ),
                _with_actual(material.inputs, metric.code, more),
            )
        ]
    return [
        (
            reader.say(
                "reviews.page.change_target",
                name=name,
                target=f"{wording.figure(target, metric, language)} "
                f"{wording.unit_name(metric, language)}",
            ),
            _with_actual(material.inputs, metric.code, target),
        )
    ]


def _downside(material: Material, before: Decimal, reader: Reader) -> list[Change]:
    """One upheld complaint: a case of severity 1 costs its points."""
    standing = material.inputs.standing
    more = min(Decimal(20), standing.deduction + case_points(SEVERITY_OF_A_COMPLAINT))
    worse = replace(material.inputs, standing=replace(standing, deduction=round_half_up(more, 2)))
    after = score_person(worse, material.rules).total
    if after is None or after == before:
        return []
    return [Change(reader.say("reviews.page.change_complaint"), after - before)]


def _largest(inputs: PersonInputs, code: str) -> LineInputs | None:
    """The line in the longest segment that has it."""
    for segment in sorted(inputs.segments, key=lambda part: -part.days):
        for line in segment.lines:
            if line.metric == code:
                return line
    return None


def _with_actual(inputs: PersonInputs, code: str, actual: Fraction) -> PersonInputs:
    return replace(
        inputs,
        segments=tuple(
            replace(
                segment,
                lines=tuple(
                    replace(line, actual=actual) if line.metric == code else line
                    for line in segment.lines
                ),
            )
            for segment in inputs.segments
        ),
    )
