"""The result of one person: cards, segments, deductions, band, cap and gate in order (§0.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.compliance.rules import CLEAN, Gate, GateStanding
from perfflow.kernel.errors import ComputationError
from perfflow.kernel.explanation import Node
from perfflow.kernel.rounding import exact, scaled_half_up
from perfflow.metrics.rules import Dimension, NaPolicy
from perfflow.plans.rules.bands import BandTable, DEFAULT_BANDS, NOT_RATED
from perfflow.reviews.rules.card import (
    annual_roll_up,
    CardRules,
    CardScore,
    coverage_share,
    DEFAULT_CARD_RULES,
    OK,
    Row,
    score_card,
)
from perfflow.reviews.rules.lines import LineInputs, LineScore, score_line
from perfflow.reviews.rules.segments import merge_groups, MIN_PRESENT_DAYS, MIN_SEGMENT_DAYS


class Stage(StrEnum):
    """The links of the result chain."""

    COMPUTED = "computed"
    MANAGER = "manager"
    CALIBRATED = "calibrated"
    APPEALED = "appealed"
    CORRECTED = "corrected"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """What a plan says about scoring.

    ``blocks_on_missing`` holds until the data deadline; ``na_needs_approval`` refuses compliance
    lines without a value that compliance has not approved.
    """

    bands: BandTable = DEFAULT_BANDS
    card: CardRules = DEFAULT_CARD_RULES
    min_segment_days: int = MIN_SEGMENT_DAYS
    min_present_days: int = MIN_PRESENT_DAYS
    blocks_on_missing: bool = False
    na_needs_approval: bool = True


DEFAULT_RULES = ScoringRules()


@dataclass(frozen=True, slots=True)
class SegmentInputs:
    """One segment: days, share among concurrent posts, lines, and card-level points."""

    label: str
    days: int
    lines: tuple[LineInputs, ...]
    share: Fraction = Fraction(1)
    add: Decimal = Decimal(0)
    deduct: Decimal = Decimal(0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return {
            "label": self.label,
            "days": self.days,
            "share": str(self.share),
            "add": str(self.add),
            "deduct": str(self.deduct),
            "lines": [line.to_dict() for line in self.lines],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SegmentInputs:
        """The segment that ``to_dict`` wrote."""
        return cls(
            stored["label"],
            stored["days"],
            tuple(LineInputs.from_dict(line) for line in stored["lines"]),
            Fraction(stored["share"]),
            Decimal(stored["add"]),
            Decimal(stored["deduct"]),
        )


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of a year that is rolled up: its cycle, weight, and total (None = not rated)."""

    cycle: str
    weight: int
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class PersonInputs:
    """Everything that a person's result is computed from; stored with it for replay.

    With ``quarters`` the total before deductions is rolled up from theirs, not from the cards.
    """

    segments: tuple[SegmentInputs, ...]
    present_days: int
    standing: GateStanding = CLEAN
    stage: Stage = Stage.MANAGER
    quarters: tuple[Quarter, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        stored: dict[str, Any] = {
            "stage": self.stage.value,
            "present_days": self.present_days,
            "standing": self.standing.to_dict(),
            "segments": [segment.to_dict() for segment in self.segments],
        }
        if self.quarters:
            stored["quarters"] = [
                [one.cycle, one.weight, None if one.total is None else str(one.total)]
                for one in self.quarters
            ]
        return stored

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> PersonInputs:
        """The inputs that ``to_dict`` wrote."""
        return cls(
            tuple(SegmentInputs.from_dict(segment) for segment in stored["segments"]),
            stored["present_days"],
            GateStanding.from_dict(stored["standing"]),
            Stage(stored["stage"]),
            tuple(
                Quarter(cycle, weight, None if total is None else Decimal(total))
                for cycle, weight, total in stored.get("quarters", ())
            ),
        )


@dataclass(frozen=True, slots=True)
class SegmentScore:
    """What was computed for one segment; ``days`` after merging, 0 when merged into another.

    ``weight`` is Σ days · share of all that it stands for: what counts in the person's total.
    """

    inputs: SegmentInputs
    scores: tuple[LineScore, ...]
    rows: tuple[Row, ...]
    card: CardScore
    objective: CardScore | None
    days: int
    weight: int | Fraction


@dataclass(frozen=True, slots=True)
class PersonScore:
    """The result of one person.

    ``card_total`` is the segment-weighted total before conduct deductions, ``total`` after;
    ``clean_band`` is the band before veto and freeze, ``band`` the one that is shown.
    ``objective_total`` leaves out lines that people judge (calibration statistics compare it with
    ``card_total``). Totals have 2 dp (N3) and are None under NR.
    """

    status: str
    total: Decimal | None
    band: str
    clean_total: Decimal | None
    clean_band: str
    gate: Gate
    card_total: Decimal | None
    objective_total: Decimal | None
    deduction: Decimal
    band_cap: str | None
    coverage: Decimal
    dims: Mapping[str, Decimal]
    standing: GateStanding
    segments: tuple[SegmentScore, ...]
    rules: ScoringRules
    quarters: tuple[Quarter, ...] = ()

    @property
    def explanation(self) -> Node:
        """The tree of this result, made of the figures that the computation kept."""
        from perfflow.reviews.rules.explained import explain_person

        return explain_person(self)

    @property
    def is_band_capped(self) -> bool:
        """True when the band that the total alone would give is better than the cap allows."""
        if self.band_cap is None or self.total is None:
            return False
        return self.rules.bands.of(int(self.total.scaleb(2))) != self.clean_band


def score_person(inputs: PersonInputs, rules: ScoringRules = DEFAULT_RULES) -> PersonScore:
    """Attainment → score → N/A → card → segments → deductions → band → cap → gate.

    At stage ``computed`` the lines that people judge are N/A by the ``card`` policy.
    Raises ``ComputationError`` with the metric's code among its params.
    """
    segments = _scored_segments(inputs, rules)
    total_e2 = (
        _rolled_e2(inputs.quarters)
        if inputs.quarters
        else _person_e2(segments, lambda part: part.card.total_e2)
    )
    if inputs.present_days < rules.min_present_days:
        total_e2 = None
    standing = inputs.standing
    clean_e2 = None
    if total_e2 is not None:
        points_e2 = scaled_half_up(standing.deduction, 2) if standing.deduction else 0
        clean_e2 = max(0, total_e2 - points_e2)
    clean_band = NOT_RATED
    if clean_e2 is not None:
        clean_band = rules.bands.capped(rules.bands.of(clean_e2), standing.band_cap)
    total = _two_places(clean_e2)
    return PersonScore(
        status=NOT_RATED if total is None else OK,
        total=total,
        band=rules.bands.lowest() if standing.is_vetoed else clean_band,
        clean_total=total,
        clean_band=clean_band,
        gate=standing.gate,
        card_total=_two_places(total_e2),
        objective_total=_two_places(
            _person_e2(segments, lambda part: (part.objective or part.card).total_e2)
        ),
        deduction=standing.deduction,
        band_cap=standing.band_cap,
        coverage=_coverage(segments),
        dims=_dimensions(segments),
        standing=standing,
        segments=segments,
        rules=rules,
        quarters=inputs.quarters,
    )


def _rolled_e2(quarters: Sequence[Quarter]) -> int | None:
    rolled = annual_roll_up([(one.weight, one.total) for one in quarters])
    return None if rolled is None else scaled_half_up(rolled, 2)


def _scored_segments(inputs: PersonInputs, rules: ScoringRules) -> tuple[SegmentScore, ...]:
    if not inputs.segments:
        return ()
    parts, is_computed = inputs.segments, inputs.stage is Stage.COMPUTED
    if len(parts) == 1:
        return (_score_segment(parts[0], parts, is_computed, rules),)
    kept = dict(merge_groups([part.days for part in parts], rules.min_segment_days))
    return tuple(
        _score_segment(
            segment, [parts[member] for member in kept.get(index, ())], is_computed, rules
        )
        for index, segment in enumerate(parts)
    )


def _score_segment(
    segment: SegmentInputs, merged: Sequence[SegmentInputs], is_computed: bool, rules: ScoringRules
) -> SegmentScore:
    """``merged``: the segments whose days this one carries; none when another carries its own."""
    scores, rows, has_manual = [], [], False
    for line in segment.lines:
        score = score_line(line)
        value, policy = score.score_e4, line.na_policy
        if line.is_manual:
            has_manual = True
            if is_computed:
                value, policy = None, NaPolicy.CARD
        elif value is None:
            _check_missing(line, rules)
        scores.append(score)
        rows.append(Row(line.metric, line.dimension, line.weight_bp, value, policy))
    card = score_card(rows, segment.add, segment.deduct, rules.card)
    objective = None
    if has_manual or card.total_e2 is None:
        pure = [
            Row(row.code, row.dimension, row.weight_bp, None, NaPolicy.CARD)
            if line.is_manual
            else row
            for row, line in zip(rows, segment.lines, strict=True)
        ]
        objective = score_card(pure, segment.add, segment.deduct, rules.card, ignore_coverage=True)
    days = sum([part.days for part in merged])
    weight = days if _is_whole(merged) else sum(part.days * part.share for part in merged)
    return SegmentScore(segment, tuple(scores), tuple(rows), card, objective, days, weight)


def _is_whole(segments: Sequence[SegmentInputs]) -> bool:
    """True when nobody holds two posts at a time: whole numbers are quicker then."""
    return all(part.share == 1 for part in segments)


def _check_missing(line: LineInputs, rules: ScoringRules) -> None:
    if rules.blocks_on_missing:
        raise ComputationError("MISSING", metric=line.metric)
    needs_approval = rules.na_needs_approval and line.dimension == Dimension.COMPLIANCE
    if needs_approval and not line.na_approved:
        raise ComputationError("NA_NOT_APPROVED", metric=line.metric)


def _person_e2(segments: Sequence[SegmentScore], total_of: Any) -> int | None:
    """Σ days·share·total / Σ days·share over rated segments, × 100 half-up (N3)."""
    above, below = Fraction(0), Fraction(0)
    if len(segments) == 1:
        only: int | None = total_of(segments[0])
        return only
    for part in segments:
        total = total_of(part)
        if part.days and total is not None:
            above += part.weight * total
            below += part.weight
    return scaled_half_up(above / below, 0) if below else None


def _coverage(segments: Sequence[SegmentScore]) -> Decimal:
    if len(segments) == 1:
        return coverage_share(segments[0].card.coverage_bp)
    days = sum((part.weight for part in segments), Fraction(0))
    if not days:
        return Decimal("0.0000")
    covered = sum((part.weight * part.card.coverage_bp for part in segments), Fraction(0))
    return Decimal(scaled_half_up(Fraction(covered, days), 0)).scaleb(-4)


def _dimensions(segments: Sequence[SegmentScore]) -> dict[str, Decimal]:
    if len(segments) == 1:
        return {str(k): Decimal(v).scaleb(-4) for k, v in segments[0].card.dims_e4.items()}
    above: dict[str, Fraction] = {}
    below: dict[str, Fraction] = {}
    for part in segments:
        weight = part.weight
        for key, score in part.card.dims_e4.items():
            above[str(key)] = above.get(str(key), Fraction(0)) + weight * score
            below[str(key)] = below.get(str(key), Fraction(0)) + weight
    return {
        key: Decimal(scaled_half_up(above[key] / below[key], 0)).scaleb(-4)
        for key in above
        if below[key]
    }


def _two_places(total_e2: int | None) -> Decimal | None:
    return None if total_e2 is None else Decimal(total_e2).scaleb(-2)


@dataclass(frozen=True, slots=True)
class CalibrationLimits:
    """How far one session may move a result."""

    points: Decimal = Decimal(10)
    bands: int = 1


DEFAULT_LIMITS = CalibrationLimits()


def calibrate(
    total: Decimal,
    band: str,
    points: Decimal,
    *,
    band_cap: str | None = None,
    bands: BandTable = DEFAULT_BANDS,
    limits: CalibrationLimits = DEFAULT_LIMITS,
) -> tuple[Decimal, str]:
    """Total and band after a session moved a result by ``points`` (2 dp); the band follows.

    More than ±10 points: ``CALIBRATION_POINTS``; more than ±1 band: ``CALIBRATION_BAND``; a
    change that has more than 2 decimals: ``DOMAIN``. The band cap holds whatever the points.
    """
    step = exact(points)
    if (step * 100).denominator != 1:
        raise ComputationError("DOMAIN", name="points", value=str(points))
    if abs(step) > exact(limits.points):
        raise ComputationError("CALIBRATION_POINTS", limit=str(limits.points), got=str(points))
    moved = scaled_half_up(exact(total) + step, 2)
    moved = min(max(moved, 0), bands.cap_e2)
    new_band = bands.capped(bands.of(moved), band_cap)
    if abs(bands.rank(new_band) - bands.rank(band)) > limits.bands:
        raise ComputationError("CALIBRATION_BAND", limit=limits.bands, band=band, got=new_band)
    return Decimal(moved).scaleb(-2), new_band
