"""The counterfactual page: other figures for one's metrics, computed by the same code, not kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.i18n import formats, translate
from perfflow.i18n.languages import Language
from perfflow.kernel.errors import ComputationError, RuleViolation
from perfflow.kernel.explanation import Node
from perfflow.kernel.rounding import exact, round_half_up
from perfflow.metrics.queries import metric_catalogue
from perfflow.metrics.rules import MetricDefinition, NaPolicy
from perfflow.metrics.units import stored, unit_of
from perfflow.plans.rules.bands import NOT_RATED
from perfflow.reviews import queries
from perfflow.reviews.inputs import gather, scoring_rules
from perfflow.reviews.presentation import wording
from perfflow.reviews.presentation.tree import Branch, explain, Move, Reader
from perfflow.reviews.replay import Outcome, outcome_of
from perfflow.reviews.rules import LineInputs, PersonInputs, ScoringRules, Stage

NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?", re.ASCII)
LOWEST_RATING, HIGHEST_RATING = 1, 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that may be given another figure; texts are in the reader's words."""

    key: str
    title: str
    unit: str
    segment: str
    weight: str
    entered: str
    error: str
    score_before: str
    score_after: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What a result says, as text; ``—`` where nobody is rated."""

    total: str
    band: str
    coefficient: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The page: entries, the result as it stands, and as it would be."""

    entries: tuple[Entry, ...]
    before: Figures
    after: Figures
    difference: Decimal | None
    tree: Branch
    is_tried: bool
    is_provisional: bool
    problem: str


@dataclass(frozen=True, slots=True)
class _Base:
    """What stands: inputs, later moves, and the rules that they are computed with."""

    inputs: PersonInputs
    moves: Sequence[Mapping[str, Any]]
    rules: ScoringRules
    is_provisional: bool


def trial_page(
    session: Session,
    cycle: Cycle,
    employee_no: str,
    language: Language,
    given: Mapping[str, str],
) -> Trial | None:
    """The page for the figures in ``given`` (by key of an entry); None for who takes no part.

    The base is the stored result once it is published, else the projection from the data so far.
    Ratings that are not there yet stay out, as on the page of the result, until one is tried.
    """
    base = _base(session, cycle, employee_no)
    if base is None:
        return None
    metrics = metric_catalogue(session, cycle.release_number)
    reader = Reader(language, metrics, {})
    wanted, errors = _wanted(base.inputs, metrics, given, language)
    before = _outcome(base, {})
    problem, after = "", before
    if wanted and not errors:
        try:
            after = _outcome(base, wanted)
        except (ComputationError, RuleViolation) as error:
            problem = translate(error.code, dict(error.params), language)
    return Trial(
        entries=_entries(base, metrics, given, wanted, errors, (before, after), reader),
        before=_figures(base.rules, before, language),
        after=_figures(base.rules, after, language),
        difference=None
        if before.total is None or after.total is None
        else after.total - before.total,
        tree=explain(after.score, reader, after.total, _moves(after, reader)),
        is_tried=bool(wanted) and not errors and not problem,
        is_provisional=base.is_provisional,
        problem=problem,
    )


def _base(session: Session, cycle: Cycle, employee_no: str) -> _Base | None:
    published = queries.publication(session, cycle.code) is not None
    result = queries.latest_result(session, cycle.code, employee_no) if published else None
    if result is not None:
        rules = scoring_rules(
            session,
            result.release_number,
            result.inputs["card"],
            result.inputs["min_present_days"],
        )
        inputs = PersonInputs.from_dict(result.inputs["person"])
        return _Base(inputs, result.inputs["moves"], rules, is_provisional=False)
    found = gather(session, cycle.code, [employee_no], Stage.COMPUTED, is_forecast=True)
    material = found.get(employee_no)
    if material is None or not material.inputs.segments:
        return None
    return _Base(material.inputs, (), material.rules, is_provisional=True)


def _key(segment: int, line: LineInputs) -> str:
    return f"s{segment}.{line.metric}"


def _wanted(
    inputs: PersonInputs,
    metrics: Mapping[str, MetricDefinition],
    given: Mapping[str, str],
    language: Language,
) -> tuple[dict[str, Decimal], dict[str, str]]:
    """The figures that differ from what stands, as stored, and what is wrong with others."""
    wanted: dict[str, Decimal] = {}
    errors: dict[str, str] = {}
    for index, segment in enumerate(inputs.segments):
        for line in segment.lines:
            key, metric = _key(index, line), metrics[line.metric]
            text = given.get(key, "").replace(",", "").replace("\N{FULLWIDTH COMMA}", "").strip()
            if key not in given or not text or text == _as_typed(line, metric):
                continue
            if not NUMBER.fullmatch(text):
                errors[key] = translate("reviews.page.try_number", {}, language)
                continue
            value = stored(Decimal(text), metric.unit)
            if value is None:
                continue
            if line.is_manual and not LOWEST_RATING <= value <= HIGHEST_RATING:
                errors[key] = translate("reviews.page.try_rating", {}, language)
                continue
            wanted[key] = value
    return wanted, errors


def _as_typed(line: LineInputs, metric: MetricDefinition) -> str:
    """The figure that stands, as the field shows it: in its unit, four decimals at most."""
    if line.actual is None:
        return ""
    value = round_half_up(exact(line.actual) * unit_of(metric.unit).scale, 4)
    return f"{value.normalize():f}"


def _outcome(base: _Base, wanted: Mapping[str, Decimal]) -> Outcome:
    """The result with other figures, through the one path that results are computed by."""
    inputs = base.inputs
    is_rating = any(
        line.is_manual and _key(index, line) in wanted
        for index, segment in enumerate(inputs.segments)
        for line in segment.lines
    )
    if wanted:
        inputs = replace(
            inputs,
            stage=Stage.MANAGER if is_rating else inputs.stage,
            segments=tuple(
                replace(
                    segment,
                    lines=tuple(
                        _with(line, wanted.get(_key(index, line)), is_rating=is_rating)
                        for line in segment.lines
                    ),
                )
                for index, segment in enumerate(inputs.segments)
            ),
        )
    kept = {"person": inputs.to_dict(), "moves": list(base.moves)}
    return outcome_of(kept, base.rules)


def _with(line: LineInputs, value: Decimal | None, *, is_rating: bool) -> LineInputs:
    if value is not None:
        return replace(line, actual=value, milestones=())
    if is_rating and line.is_manual and line.actual is None:
        return replace(line, na_policy=NaPolicy.CARD)
    return line


def _entries(
    base: _Base,
    metrics: Mapping[str, MetricDefinition],
    given: Mapping[str, str],
    wanted: Mapping[str, Decimal],
    errors: Mapping[str, str],
    outcomes: tuple[Outcome, Outcome],
    reader: Reader,
) -> tuple[Entry, ...]:
    before, after = (outcome.score.segments for outcome in outcomes)
    has_several = len(base.inputs.segments) > 1
    found = []
    for index, segment in enumerate(base.inputs.segments):
        rows = zip(segment.lines, before[index].rows, after[index].rows, strict=True)
        for line, row, row_after in rows:
            key, metric = _key(index, line), metrics[line.metric]
            found.append(
                Entry(
                    key=key,
                    title=wording.title(metric, reader.language),
                    unit=_unit(metric, reader.language),
                    segment=segment.label if has_several else "",
                    weight=formats.percent_bp(line.weight_bp),
                    entered=given.get(key, _as_typed(line, metric)),
                    error=errors.get(key, ""),
                    score_before=_score(row.score_e4),
                    score_after=_score(row_after.score_e4),
                    is_changed=key in wanted,
                )
            )
    return tuple(found)


def _unit(metric: MetricDefinition, language: Language) -> str:
    """The unit that the field takes: the stored one, never a rounder one of the language."""
    unit = unit_of(metric.unit)
    return unit.name_zh if language == "zh" else unit.name_en


def _score(score_e4: int | None) -> str:
    if score_e4 is None:
        return wording.NO_VALUE
    return formats.number(Decimal(score_e4).scaleb(-4), 2)


def _figures(rules: ScoringRules, outcome: Outcome, language: Language) -> Figures:
    names = {
        band.code: band.name_zh if language == "zh" else band.name_en for band in rules.bands.bands
    }
    band = outcome.band
    shown_band = f"{band} {names[band]}" if band in names else wording.NO_VALUE
    coefficient = wording.NO_VALUE
    if outcome.clean_band != NOT_RATED:
        is_capped = outcome.score.band_cap is not None
        coefficient = formats.number(
            rules.bands.coefficient(outcome.clean_band, outcome.total, capped=is_capped), 4
        )
    return Figures(
        total=wording.NO_VALUE if outcome.total is None else formats.number(outcome.total, 2),
        band=shown_band,
        coefficient=coefficient,
    )


def _moves(outcome: Outcome, reader: Reader) -> list[Move]:
    """What calibration and appeal changed; limits of the card may have cut the last one short."""
    steps: list[Node] = [
        node for node in outcome.explanation.children if node.code == "reviews.explain.move"
    ]
    moves = [
        Move(reader.say(f"reviews.page.stage_{step.params['stage']}"), Decimal(step.value or 0))
        for step in steps
    ]
    if moves and outcome.total is not None and outcome.score.total is not None:
        cut = outcome.total - outcome.score.total - sum(move.points for move in moves)
        moves[-1] = Move(moves[-1].label, moves[-1].points + cut)
    return moves
