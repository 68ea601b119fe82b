"""Goal sheets as pages show them: figures with units, who changed what, sentences of verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.forms import FormContext
from perfflow.goals import queries
from perfflow.goals.actions.picking import dropable, FORM
from perfflow.goals.frames import frame, said_why, SheetFrame
from perfflow.goals.models import GoalAcceptance
from perfflow.goals.queries import Round
from perfflow.goals.rules import (
    dimension_shares,
    DraftLine,
    is_picked,
    LineChange,
    MAX_ROUNDS,
    percent_of,
    PICKED,
    Status,
)
from perfflow.i18n import formats, translate
from perfflow.i18n.languages import Language
from perfflow.kernel.rounding import round_half_up
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import shown, unit_of
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no
from perfflow.plans.queries import goal_library
from perfflow.workflow import queries as workflow_queries

_FIGURES = frozenset({"target", "last_year", "p25", "p50", "p90", "p95"})


def figure(
    value: Decimal | None,
    metric: MetricDefinition | None,
    language: Language,
    most_places: int | None = None,
) -> str:
    """A stored value with its unit, as this reader writes it.

    Quantiles carry six decimals: a sentence, which is read and not computed with, shows fewer.
    """
    if metric is None:
        return "—" if value is None else formats.number(value)
    read = shown(value, metric.unit)
    if read is not None and most_places is not None:
        read = min(read, round_half_up(read, most_places), key=lambda one: len(str(one)))
    return formats.quantity(read, unit_of(metric.unit).name_zh, language)


def goal_unit(metric: MetricDefinition, language: Language) -> str:
    """The unit inside a target's box; typed figures stay in the firm's own unit (万元)."""
    unit = unit_of(metric.unit)
    return unit.name_zh if language == "zh" else unit.name_en


@dataclass(frozen=True, slots=True)
class Tile:
    """One SMART letter with its state and sentence."""

    letter: str
    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One changed field in words."""

    metric_code: str
    metric: MetricDefinition | None
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One goal of a sheet with everything that stands in its row."""

    line: DraftLine
    metric: MetricDefinition | None
    target: str
    old_target: str | None
    weight: str
    old_weight: str | None
    why: str
    is_changed: bool
    tiles: tuple[Tile, ...]
    last_year: str
    peers: str | None
    peers_p95: str | None
    peer_count: int
    changed_by: Employee | None
    quote: str | None

    @property
    def worst(self) -> Tile | None:
        """The letter that needs a sentence at once: what fails, else an unusual target.

        The other warnings stand in the details: a sentence under every goal would be noise.
        """
        failing = [tile for tile in self.tiles if tile.state == "fail"]
        unusual = [tile for tile in self.tiles if tile.state == "warn" and tile.letter == "A"]
        return next(iter(failing + unusual), None)

    @property
    def remarks(self) -> list[Tile]:
        """Every letter that is more than a plain pass."""
        return [tile for tile in self.tiles if tile.state != "pass"]


@dataclass(frozen=True, slots=True)
class ShownRound:
    """One entry of the talk."""

    number: int
    author: Employee | None
    side: str
    action: str
    at: Any
    comment: str | None
    changes: tuple[ShownChange, ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """A whole sheet for a page or beside a form."""

    frame: SheetFrame
    lines: tuple[ShownLine, ...]
    rounds: tuple[ShownRound, ...]
    signatures: Mapping[str, GoalAcceptance]
    people: Mapping[str, Employee]

    @property
    def segments(self) -> list[tuple[str, int]]:
        return [(code, bp) for code, bp in dimension_shares(self.frame.lines).items() if bp]

    @property
    def template_shares(self) -> str:
        shares = dimension_shares(self.frame.template)
        return " / ".join(f"{percent_of(bp)}" for bp in shares.values())

    @property
    def total_bp(self) -> int:
        return sum(line.weight_bp for line in self.frame.lines)

    @property
    def changed_count(self) -> int:
        return sum(line.is_changed for line in self.lines)

    @property
    def round_number(self) -> int:
        return min(self.frame.sheet.round + 1, MAX_ROUNDS)

    def line(self, metric_code: str) -> ShownLine | None:
        return next((one for one in self.lines if one.line.metric_code == metric_code), None)


def sheet_view(
    session: Session, cycle_code: str, employee_no: str, language: Language
) -> SheetView:
    """The sheet with its talk; who has none is ``NotFound``."""
    found = frame(session, cycle_code, employee_no)
    talk = queries.rounds(session, found.sheet)
    signatures = queries.acceptances(session, found.current.id)
    numbers = {
        employee_no,
        *(one.version.author_no for one in talk if one.version.author_no),
        *(one.employee_no for one in signatures.values()),
    }
    people = employees_by_no(session, numbers)
    newest = talk[-1] if talk else None
    lines = tuple(_line(line, found, newest, people, language) for line in found.lines)
    rounds = tuple(_round(one, found, people, language) for one in talk if one.version.version)
    return SheetView(found, lines, rounds, signatures, people)


def library_view(session: Session, cycle_code: str, employee_no: str) -> dict[str, Any]:
    """The ready goals of the person's post beside her sheet, and the task where she writes it."""
    found = frame(session, cycle_code, employee_no)
    library = goal_library(session, found.cycle.release_number, found.participant.post_code)
    picked = {line.extra[PICKED]["from"]: line for line in found.lines if is_picked(line)}
    tasks = workflow_queries.open_tasks_of_subject(session, employee_no, FORM)
    return {
        "frame": found,
        "library": library,
        "picked": picked,
        "dropable": {line.metric_code for line in dropable(found)},
        "is_draft": found.sheet.status == Status.DRAFT.value,
        "task_id": tasks[0] if tasks else None,
        "figure": figure,
    }


def form_sheet_view(ctx: FormContext) -> SheetView | None:
    """The same for a form; None in previews."""
    if ctx.session is None or "employee" not in ctx.variables:
        return None
    language: Language = "zh" if ctx.language.startswith("zh") else "en"
    return sheet_view(ctx.session, ctx.variables["cycle"], ctx.variables["employee"], language)


def tiles_of(line: DraftLine, found: SheetFrame, language: Language) -> tuple[Tile, ...]:
    """The five letters of a goal with their sentences."""
    metric = found.metrics.get(line.metric_code)
    tiles = []
    for letter, verdict in found.verdicts(line).items():
        params = {
            name: _worded(name, value, metric, language) for name, value in verdict.params.items()
        }
        tiles.append(Tile(letter, verdict.state, translate(verdict.code, params, language)))
    return tuple(tiles)


def _worded(name: str, value: Any, metric: MetricDefinition | None, language: Language) -> Any:
    if name in _FIGURES:
        return figure(value, metric, language, most_places=None if name == "target" else 2)
    if isinstance(value, date):
        return formats.day(value, language)
    return value


def _line(
    line: DraftLine,
    found: SheetFrame,
    newest: Round | None,
    people: Mapping[str, Employee],
    language: Language,
) -> ShownLine:
    metric = found.metrics.get(line.metric_code)
    changes = newest.changed_fields(line.metric_code) if newest else {}
    facts = found.facts.get(line.metric_code, {})
    peers: dict[str, Any] | None = facts.get("peers")
    old_target, old_weight = changes.get("target"), changes.get("weight_bp")
    author = newest.version.author_no if newest and changes else None
    spread = p95 = None
    if peers:
        low, high = figure(peers["p50"], metric, language), figure(peers["p90"], metric, language)
        spread, p95 = f"{low} – {high}", figure(peers["p95"], metric, language)
    return ShownLine(
        line=line,
        metric=metric,
        target=figure(line.target, metric, language),
        old_target=figure(old_target.old, metric, language) if old_target else None,
        weight=formats.percent_bp(line.weight_bp),
        old_weight=formats.percent_bp(old_weight.old) if old_weight else None,
        why=said_why(line.why, metric, language),
        is_changed=bool(changes),
        tiles=tiles_of(line, found, language),
        last_year=figure(facts.get("last_year"), metric, language),
        peers=spread,
        peers_p95=p95,
        peer_count=peers["count"] if peers else 0,
        changed_by=people.get(author) if author else None,
        quote=changes["why"].new if "why" in changes else None,
    )


def _round(
    one: Round, found: SheetFrame, people: Mapping[str, Employee], language: Language
) -> ShownRound:
    version = one.version
    return ShownRound(
        number=version.version,
        author=people.get(version.author_no or ""),
        side=version.author_side,
        action=version.action,
        at=version.created_at,
        comment=version.comment,
        changes=tuple(_change(change, found, language) for change in one.changes),
    )


def _change(change: LineChange, found: SheetFrame, language: Language) -> ShownChange:
    metric = found.metrics.get(change.metric_code)

    def text(value: Any) -> str:
        if change.field == "target":
            return figure(value, metric, language)
        if change.field == "weight_bp":
            return formats.percent_bp(value)
        if isinstance(value, date):
            return formats.day(value, language)
        return said_why(str(value), metric, language) if value else "—"

    return ShownChange(change.metric_code, metric, change.field, text(change.old), text(change.new))
