"""What the page of one person's performance shows, ready in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.checkins.queries import added_fields, check_ins, commitments_about, process_gaps
from perfflow.cycles.models import Cycle
from perfflow.i18n import formats, translate
from perfflow.i18n.languages import Language
from perfflow.metrics.queries import metric_catalogue
from perfflow.people.access import Relation
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no
from perfflow.reviews import queries
from perfflow.reviews.actions import replay
from perfflow.reviews.inputs import gather, Line, Material
from perfflow.reviews.models import Result
from perfflow.reviews.presentation import wording
from perfflow.reviews.presentation.changes import Change, changes
from perfflow.reviews.presentation.chart import Chart, chart_of, values_of
from perfflow.reviews.presentation.tree import Branch, DIMENSIONS, explain, Move, Reader
from perfflow.reviews.rules import PersonScore, score_person, Stage

UNPUBLISHED_FOR_LINE = frozenset({"computed", "manager"})


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of the table; figures are text in the reader's words."""

    code: str
    title: str
    unit: str
    weight_bp: int
    value: str
    target: str
    spark: tuple[Decimal | None, ...]
    source: str
    as_of: date | None
    score: str
    note: str
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one dimension."""

    code: str
    weight_bp: int
    score: str
    rows: tuple[MetricRow, ...]


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link of the result chain with who, when and why."""

    stage: str
    version: int
    total: str
    band: str
    who: str
    at: datetime
    reason: str | None
    is_gated: bool


@dataclass(frozen=True, slots=True)
class Process:
    """What happened during the year behind the result."""

    check_ins: Sequence[Any]
    gaps: Sequence[str]
    commitments: int
    values_there: int
    values_due: int


@dataclass(frozen=True, slots=True)
class Voices:
    """What both sides said about the year; the manager's part only once it may be read."""

    own: str | None
    own_is_auto: bool
    own_added: Sequence[tuple[str, str]]
    comment: str | None
    manager: str
    ratings: Sequence[tuple[str, str, str]]
    manager_added: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PerformancePage:
    """Everything the template shows."""

    cycle: Cycle
    employee: Employee
    is_provisional: bool
    is_pending: bool
    is_locked: bool
    has_goals: bool
    total: Decimal | None
    band: str
    band_name: str
    bands: tuple[tuple[str, Decimal, str], ...]
    top: Decimal
    as_of: date | None
    card_name: str
    groups: tuple[Group, ...]
    tree: Branch
    changes: tuple[Change, ...]
    chain: tuple[ChainLink, ...]
    process: Process
    voices: Voices
    chart: Chart | None
    statement: str | None


def performance_page(
    session: Session,
    cycle: Cycle,
    employee: Employee,
    held: frozenset[Relation],
    language: Language,
    *,
    metric_code: str | None = None,
) -> PerformancePage | None:
    """The page for a reader who stands so to the person; None for who takes no part.

    Before publication it shows provisional figures from data alone, for everybody the same; the
    chain of results is shown to the person only afterwards, and to the line up to its own link.
    """
    publication = queries.publication(session, cycle.code)
    is_published = publication is not None
    material = _material(session, cycle.code, employee.no, is_published=is_published)
    if material is None:
        return None
    links = queries.result_chain(session, cycle.code, employee.no)
    result = links[-1] if is_published and links else None
    score, total, band = _score(session, material, result)
    reader = Reader(
        language,
        metric_catalogue(session, cycle.release_number),
        {line.metric.code: line.forecast for line in material.lines if line.forecast},
    )
    names = {one.code: localized_name(one, language) for one in material.rules.bands.bands}
    is_pending = result is not None and result.gate == "FREEZE"
    return PerformancePage(
        cycle=cycle,
        employee=employee,
        is_provisional=result is None,
        is_pending=is_pending,
        is_locked=material.is_locked,
        has_goals=bool(material.lines),
        total=total,
        band=band,
        band_name=names.get(band, translate("reviews.page.not_rated", {}, language)),
        bands=tuple(
            (one.code, Decimal(one.minimum_e2).scaleb(-2), names[one.code])
            for one in reversed(material.rules.bands.bands)
        ),
        top=Decimal(material.rules.bands.cap_e2).scaleb(-2),
        as_of=max(
            (line.figure.as_of for line in material.lines if line.figure.as_of), default=None
        ),
        card_name=localized_name(material.card, language),
        groups=_groups(material, score, reader),
        tree=explain(score, reader, total, _moves(result, score, reader)),
        changes=tuple(changes(material, reader)) if result is None else (),
        chain=_chain(session, links, held, is_published=is_published, language=language),
        process=_process(session, material, language),
        voices=_voices(session, material, held, reader, is_published=is_published),
        chart=chart_of(material, metric_code, reader),
        statement=publication.statement if publication else None,
    )


def _material(
    session: Session, cycle_code: str, employee_no: str, *, is_published: bool
) -> Material | None:
    """Projected and without the manager's ratings until the results are out."""
    stage = Stage.MANAGER if is_published else Stage.COMPUTED
    found = gather(session, cycle_code, [employee_no], stage, is_forecast=not is_published)
    return found.get(employee_no)


def localized_name(obj: Any, language: Language) -> str:
    """``name_zh`` or ``name_en``."""
    return str(obj.name_zh if language == "zh" else obj.name_en)


def _score(
    session: Session, material: Material, result: Result | None
) -> tuple[PersonScore, Decimal | None, str]:
    """The stored result when there is one to show, else what the data say so far."""
    if result is None:
        score = score_person(material.inputs, material.rules)
        return score, score.total, score.band
    return replay(session, result).score, result.total_e2, result.band


def _moves(result: Result | None, score: PersonScore, reader: Reader) -> list[Move]:
    """What calibration and appeal changed; the limits 0 and 120 may have cut a move short."""
    if result is None or score.total is None or result.total_e2 is None:
        return []
    moves = [
        Move(reader.say(f"reviews.page.stage_{move['stage']}"), Decimal(move["points"]))
        for move in result.inputs["moves"]
    ]
    cut = result.total_e2 - score.total - sum((move.points for move in moves), Decimal(0))
    if moves and cut:
        moves[-1] = Move(moves[-1].label, moves[-1].points + cut)
    return moves


def _groups(material: Material, score: PersonScore, reader: Reader) -> tuple[Group, ...]:
    scores = _line_scores(score)
    groups: list[Group] = []
    for code in DIMENSIONS:
        lines = [line for line in material.lines if line.metric.dimension.value == code]
        if not lines:
            continue
        shown = score.dims.get(code)
        groups.append(
            Group(
                code,
                sum(line.goal.weight_bp for line in lines),
                wording.NO_VALUE if shown is None else formats.number(shown, 2),
                tuple(_row(line, scores.get(line.metric.code), reader) for line in lines),
            )
        )
    return tuple(groups)


def _line_scores(score: PersonScore) -> Mapping[str, int | None]:
    """Score × 10⁴ of each metric, of the longest segment that has it."""
    found: dict[str, int | None] = {}
    for part in sorted(score.segments, key=lambda segment: segment.days):
        for row in part.rows:
            found[row.code] = row.score_e4
    return found


def _row(line: Line, score_e4: int | None, reader: Reader) -> MetricRow:
    metric, language = line.metric, reader.language
    points = line.figure.points
    value = line.rating if metric.is_manual else line.figure.exact_value
    note = ""
    if metric.is_manual and value is None:
        note = reader.say("reviews.page.rated_by_manager")
    elif value is None:
        note = reader.say("reviews.page.no_value_yet")
    source = line.figure.source or metric.source
    return MetricRow(
        code=metric.code,
        title=wording.title(metric, language),
        unit=wording.unit_name(metric, language),
        weight_bp=line.goal.weight_bp,
        value=wording.figure(value, metric, language),
        target=wording.figure(line.goal.target_e6, metric, language),
        spark=tuple(values_of(metric, points)),
        source=source,
        as_of=line.figure.as_of,
        score=wording.NO_VALUE
        if score_e4 is None
        else formats.number(Decimal(score_e4).scaleb(-4), 2),
        note=note,
        is_behind=score_e4 is not None and score_e4 < 80 * 10**4,
    )


def _chain(
    session: Session,
    links: Sequence[Result],
    held: frozenset[Relation],
    *,
    is_published: bool,
    language: Language,
) -> tuple[ChainLink, ...]:
    sees_all = bool(held & {Relation.HR, Relation.AUDITOR, Relation.SYSTEM})
    if not is_published and not sees_all:
        is_line = Relation.LINE in held
        links = [link for link in links if is_line and link.stage in UNPUBLISHED_FOR_LINE]
    people = employees_by_no(session, {link.decided_by for link in links})
    system = translate("reviews.page.system", {}, language)
    return tuple(
        ChainLink(
            stage=link.stage,
            version=link.version,
            total=wording.NO_VALUE if link.total_e2 is None else formats.number(link.total_e2, 2),
            band=link.band,
            who=localized_name(people[link.decided_by], language)
            if link.decided_by in people
            else system,
            at=link.at,
            reason=link.reason,
            is_gated=link.gate != "NONE",
        )
        for link in links
    )


def _voices(
    session: Session,
    material: Material,
    held: frozenset[Relation],
    reader: Reader,
    *,
    is_published: bool,
) -> Voices:
    cycle, number = material.cycle.code, material.participant.employee_no
    key, language = f"{cycle}/{number}", reader.language
    own = queries.self_assessment(session, cycle, number)
    review = queries.manager_review(session, cycle, number)
    if not is_published and Relation.SELF in held:
        review = None
    people = employees_by_no(session, {review.manager_no} if review else set())
    titles = {line.metric.code: wording.title(line.metric, language) for line in material.lines}
    return Voices(
        own=own.summary if own else None,
        own_is_auto=own.is_auto if own else False,
        own_added=added_fields(
            session, key, ("self-assessment",), own.extra if own else None, language
        ),
        comment=review.comment if review else None,
        manager=localized_name(people[review.manager_no], language) if review else "",
        ratings=[
            (
                titles.get(row["metric_code"], row["metric_code"]),
                formats.number(row["rating"]),
                row["evidence"],
            )
            for row in (review.ratings if review else [])
        ],
        manager_added=added_fields(
            session, key, ("manager-review",), review.extra if review else None, language
        ),
    )


def _process(session: Session, material: Material, language: Language) -> Process:
    cycle, number = material.cycle, material.participant.employee_no
    gaps = []
    for gap in process_gaps(session, cycle.code, number):
        kind, _, detail = gap.kind.partition(":")
        gaps.append(translate(f"reviews.page.gap_{kind}", {"number": detail}, language))
    data = [line.figure for line in material.lines if not line.metric.is_manual]
    return Process(
        check_ins=check_ins(session, cycle.code, number),
        gaps=gaps,
        commitments=len(commitments_about(session, number, cycle.code)),
        values_there=sum(one.exact_value is not None for one in data),
        values_due=len(data),
    )
