"""Reads of goals: objectives and the tree below them, sheets with their rounds, locked lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle
from perfflow.goals.models import (
    GoalAcceptance,
    GoalLine,
    GoalSheet,
    GoalSheetVersion,
    MidYearReview,
    StrategyObjective,
    TargetRevision,
    UnitGoal,
)
from perfflow.goals.rules import differences, DraftLine, LineChange, Status
from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import NotFound
from perfflow.metrics.catalogue import Documents, documents_in, from_release, read_document
from perfflow.people.queries import chunks


def objectives(session: Session, cycle_code: str) -> list[StrategyObjective]:
    """The objectives of a cycle by code."""
    query = select(StrategyObjective).where(StrategyObjective.cycle_code == cycle_code)
    return list(session.scalars(query.order_by(StrategyObjective.code)))


def unit_goals(
    session: Session, cycle_code: str, unit_codes: Collection[str] | None = None
) -> list[UnitGoal]:
    """The goals of units in a cycle, all of them or those of some units."""
    query = select(UnitGoal).where(UnitGoal.cycle_code == cycle_code).order_by(UnitGoal.id)
    if unit_codes is not None:
        query = query.where(UnitGoal.unit_code.in_(sorted(set(unit_codes))))
    return list(session.scalars(query))


def find_sheet(session: Session, cycle_code: str, employee_no: str) -> GoalSheet | None:
    """The goal sheet of a person in a cycle, or None."""
    query = select(GoalSheet).where(
        GoalSheet.cycle_code == cycle_code, GoalSheet.employee_no == employee_no
    )
    return session.scalars(query).first()


def sheet(session: Session, cycle_code: str, employee_no: str) -> GoalSheet:
    """The goal sheet; who has none is ``NotFound``."""
    found = find_sheet(session, cycle_code, employee_no)
    if found is None:
        raise NotFound("goals.no_sheet", cycle=cycle_code, employee=employee_no)
    return found


def sheets_of(session: Session, employee_no: str) -> list[GoalSheet]:
    """Every sheet of a person, the newest first."""
    query = select(GoalSheet).where(GoalSheet.employee_no == employee_no)
    return list(session.scalars(query.order_by(GoalSheet.id.desc())))


def versions(session: Session, sheet_id: int) -> list[GoalSheetVersion]:
    """Every proposal of a sheet, oldest first."""
    query = select(GoalSheetVersion).where(GoalSheetVersion.sheet_id == sheet_id)
    return list(session.scalars(query.order_by(GoalSheetVersion.version)))


def version(session: Session, found: GoalSheet, number: int | None = None) -> GoalSheetVersion:
    """One proposal of a sheet, the current one when no number is given."""
    wanted = found.current_version if number is None else number
    query = select(GoalSheetVersion).where(
        GoalSheetVersion.sheet_id == found.id, GoalSheetVersion.version == wanted
    )
    row = session.scalars(query).first()
    if row is None:
        raise NotFound("goals.no_version", version=wanted)
    return row


def line_rows(session: Session, version_id: int) -> list[GoalLine]:
    """The stored lines of a proposal, in order."""
    query = select(GoalLine).where(GoalLine.version_id == version_id)
    return list(session.scalars(query.order_by(GoalLine.position)))


def draft_of(row: GoalLine) -> DraftLine:
    """A stored line as the rules see it."""
    return DraftLine(
        metric_code=row.metric_code,
        title=row.title,
        dimension=row.dimension,
        weight_bp=row.weight_bp,
        target=row.target_e6,
        baseline=row.baseline_e6,
        curve=row.curve,
        why=row.why,
        unit_goal_id=row.unit_goal_id,
        action=row.action,
        action_due_on=row.action_due_on,
        extra=row.extra or {},
    )


def lines(session: Session, found: GoalSheet, number: int | None = None) -> list[DraftLine]:
    """The lines of a proposal, of the current one when no number is given."""
    return [draft_of(row) for row in line_rows(session, version(session, found, number).id)]


def locked_lines(session: Session, cycle_code: str, employee_no: str) -> list[GoalLine]:
    """The lines that both sides locked: the card that is scored; empty while not locked."""
    return locked_lines_of(session, cycle_code, [employee_no]).get(employee_no, [])


def locked_lines_of(
    session: Session, cycle_code: str, employee_nos: Collection[str]
) -> dict[str, list[GoalLine]]:
    """The locked lines of many people, by number; who has none is left out."""
    found: dict[str, list[GoalLine]] = {}
    for part in chunks(employee_nos):
        query = (
            select(GoalSheet.employee_no, GoalLine)
            .join(GoalSheetVersion, GoalSheetVersion.sheet_id == GoalSheet.id)
            .join(GoalLine, GoalLine.version_id == GoalSheetVersion.id)
            .where(
                GoalSheet.cycle_code == cycle_code,
                GoalSheet.employee_no.in_(part),
                GoalSheetVersion.version == GoalSheet.locked_version,
            )
            .order_by(GoalSheet.employee_no, GoalLine.position)
        )
        for number, line in session.execute(query):
            found.setdefault(number, []).append(line)
    return found


@dataclass(frozen=True, slots=True)
class Round:
    """One proposal in the talk: who, when, what it changed against the one before."""

    version: GoalSheetVersion
    changes: tuple[LineChange, ...]

    def changed_fields(self, metric_code: str) -> dict[str, LineChange]:
        """The changes of one goal by field."""
        return {one.field: one for one in self.changes if one.metric_code == metric_code}


def rounds(session: Session, found: GoalSheet) -> list[Round]:
    """The whole talk, oldest first, in two statements."""
    rows = versions(session, found.id)
    by_version: dict[int, list[DraftLine]] = {row.id: [] for row in rows}
    query = select(GoalLine).where(GoalLine.version_id.in_([row.id for row in rows]))
    for line in session.scalars(query.order_by(GoalLine.version_id, GoalLine.position)):
        by_version[line.version_id].append(draft_of(line))
    talk: list[Round] = []
    before: Sequence[DraftLine] = ()
    for row in rows:
        changes = differences(before, by_version[row.id]) if before else []
        talk.append(Round(row, tuple(changes)))
        before = by_version[row.id]
    return talk


def acceptances(session: Session, version_id: int) -> dict[str, GoalAcceptance]:
    """The signatures under a proposal by side."""
    query = select(GoalAcceptance).where(GoalAcceptance.version_id == version_id)
    return {row.side: row for row in session.scalars(query)}


def status_counts(session: Session, cycle_code: str) -> dict[str, int]:
    """How many sheets of a cycle stand where."""
    query = (
        select(GoalSheet.status, func.count())
        .where(GoalSheet.cycle_code == cycle_code)
        .group_by(GoalSheet.status)
    )
    return {status: int(count) for status, count in session.execute(query)}


def sheets_awaiting(
    session: Session, cycle_code: str, employee_nos: Collection[str]
) -> dict[str, GoalSheet]:
    """The sheets of some people that are not locked yet, by number."""
    found: dict[str, GoalSheet] = {}
    for part in chunks(employee_nos):
        query = select(GoalSheet).where(
            GoalSheet.cycle_code == cycle_code,
            GoalSheet.employee_no.in_(part),
            GoalSheet.status.not_in([Status.LOCKED.value, Status.CLOSED.value]),
        )
        found.update({row.employee_no: row for row in session.scalars(query)})
    return found


def last_change(found: GoalSheet, rows: Sequence[GoalSheetVersion]) -> datetime | None:
    """When the sheet was last changed."""
    return max((row.created_at for row in rows), default=found.locked_at)


def revisions(
    session: Session, cycle_code: str, employee_no: str, metric_code: str | None = None
) -> list[TargetRevision]:
    """Every proposed, approved and refused revision of a person's targets, oldest first."""
    query = select(TargetRevision).where(
        TargetRevision.cycle_code == cycle_code, TargetRevision.employee_no == employee_no
    )
    if metric_code is not None:
        query = query.where(TargetRevision.metric_code == metric_code)
    return list(session.scalars(query.order_by(TargetRevision.id)))


def approved_revisions(
    session: Session, cycle_code: str, employee_nos: Iterable[str]
) -> dict[tuple[str, str], list[TargetRevision]]:
    """The revisions that hold, by person and metric, in the order in which they were approved."""
    found: dict[tuple[str, str], list[TargetRevision]] = {}
    for part in chunks(sorted(employee_nos)):
        query = select(TargetRevision).where(
            TargetRevision.cycle_code == cycle_code,
            TargetRevision.employee_no.in_(part),
            TargetRevision.status == "approved",
        )
        for row in session.scalars(query.order_by(TargetRevision.decided_at, TargetRevision.id)):
            found.setdefault((row.employee_no, row.metric_code), []).append(row)
    return found


def mid_year_review(session: Session, cycle_code: str, employee_no: str) -> MidYearReview | None:
    """The mid-year review of a person, or None."""
    query = select(MidYearReview).where(
        MidYearReview.cycle_code == cycle_code, MidYearReview.employee_no == employee_no
    )
    return session.scalars(query).first()


@dataclass(frozen=True, slots=True)
class KeyResult:
    """A measurable part of a strategy template and the posts that carry it."""

    metric: str
    target: Decimal
    title_zh: str
    title_en: str
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectiveTemplate:
    """A strategy template of the catalogue."""

    code: str
    version: int
    title_zh: str
    title_en: str
    why_zh: str
    why_en: str
    key_results: tuple[KeyResult, ...]


def parse_template(data: object, path: str = "objective") -> ObjectiveTemplate:
    """A strategy template from its YAML mapping."""
    reader = Reader(data, path)
    results = []
    for row in reader.readers("key_results", required=True):
        results.append(
            KeyResult(
                row.text("metric"),
                row.number("target"),
                row.text("title_zh"),
                row.text("title_en"),
                row.texts("posts"),
            )
        )
        row.finish()
    template = ObjectiveTemplate(
        reader.text("code"),
        reader.integer("version", 1),
        reader.text("title_zh"),
        reader.text("title_en"),
        reader.text("why_zh"),
        reader.text("why_en"),
        tuple(results),
    )
    reader.finish()
    return template


def templates_of(documents: Documents) -> list[ObjectiveTemplate]:
    """The strategy templates of a catalogue, by file name."""
    found = documents_in(documents, "objectives")
    return [parse_template(read_document(path, text), path) for path, text in found.items()]


def objective_templates(session: Session, release_number: int) -> list[ObjectiveTemplate]:
    """The strategy templates of a release."""
    return from_release(session, release_number, "objectives", templates_of)


def cycle_of(session: Session, code: str) -> Cycle:
    """The cycle; unknown codes are ``NotFound``."""
    return cycle_queries.cycle(session, code)
