"""Pages that change the catalogue: a card's weights in a form, any catalogue file as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import BadInput, NotFound, PerfFlowError
from perfflow.metrics.catalogue import documents_in, metrics_of
from perfflow.metrics.rules import MetricDefinition
from perfflow.plans.queries import cards_of
from perfflow.plans.rules import CardTemplate, SHIPPED
from perfflow.plans.rules.card_files import next_card, WantedLine
from perfflow.studio import actions, queries, rules
from perfflow.web import (
    current_actor,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    writing,
)
from perfflow.workflow import queries as workflow_queries

blueprint = Blueprint("cards", __name__, url_prefix="/catalogue")


@dataclass(frozen=True, slots=True)
class OpenCard:
    """A card in its file, as the person's draft or else the running release has it."""

    path: str
    text: str
    running: str
    card: CardTemplate
    metrics: Mapping[str, MetricDefinition]

    @property
    def is_draft(self) -> bool:
        return self.text != self.running


@blueprint.get("/cards")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def index() -> str:
    """All cards, to choose one for changing."""
    documents = _documents(reading(), current_actor())
    return render("studio/cards.html", cards=cards_of(documents))


@blueprint.get("/cards/<code>")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def edit(code: str) -> str:
    """The weights of a card in a form."""
    found = _card(reading(), current_actor(), code)
    return _page(found, _rows(found.card), None)


@blueprint.post("/cards/<code>")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def save(code: str) -> Response | tuple[str, int]:
    """Put the next version of the card into the draft; the findings stand on the page after."""
    found = _card(reading(), current_actor(), code)
    rows = _sent(found)
    try:
        # From the running file, so that typing twice is one version and not two.
        text = next_card(found.running, [_wanted(row, found) for row in rows if row["weight"]])
        with writing() as session:
            actions.keep_draft(session, current_actor(), now(), {found.path: text.encode()})
    except PerfFlowError as error:
        return _page(found, rows, error), error.status
    toast("studio.draft_kept", count=1)
    return redirect(url_for("studio.deployments") + "#draft", 303)


@blueprint.get("/text")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def text() -> str:
    """A catalogue file as text, or an empty page for a new one."""
    path = request.args.get("path", "")
    documents = _documents(reading(), current_actor())
    if path and path not in documents:
        raise NotFound("studio.no_file", path=path[:100])
    return _text_page(path, documents.get(path, ""), None)


@blueprint.post("/text")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def save_text() -> Response | tuple[str, int]:
    """Put typed or pasted text into the draft under its path."""
    path, content = request.form.get("path", "").strip(), request.form.get("content", "")
    try:
        place = rules.catalogue_path(path)
        with writing() as session:
            # Browsers send line breaks of their own.
            written = content.replace("\r\n", "\n").encode()
            actions.keep_draft(session, current_actor(), now(), {place: written})
    except PerfFlowError as error:
        return _text_page(path, content, error), error.status
    toast("studio.draft_kept", count=1)
    return redirect(url_for("studio.deployments") + "#draft", 303)


def _text_page(path: str, content: str, problem: PerfFlowError | None) -> str:
    known = sorted(path for path in _documents(reading(), current_actor()))
    return render("studio/text.html", path=path, content=content, known=known, problem=problem)


def _page(found: OpenCard, rows: list[dict[str, str]], problem: PerfFlowError | None) -> str:
    used = {row["metric"] for row in rows}
    shares = dict.fromkeys("RCKG", 0)
    for line in found.card.lines:
        if line.metric in found.metrics:
            shares[found.metrics[line.metric].dimension.value] += line.weight_bp
    return render(
        "studio/card.html",
        card=found.card,
        path=found.path,
        is_draft=found.is_draft,
        rows=rows,
        metrics=found.metrics,
        others=[
            metric
            for code, metric in sorted(found.metrics.items())
            if code not in used and metric.carries_weight
        ],
        curves=sorted({*SHIPPED, *found.card.curves}),
        shares=[(code, bp) for code, bp in shares.items() if bp],
        total_bp=sum(shares.values()),
        problem=problem,
    )


def _rows(card: CardTemplate) -> list[dict[str, str]]:
    return [
        {
            "metric": line.metric,
            "weight": f"{Decimal(line.weight_bp).scaleb(-2).normalize():f}",
            "curve": line.curve,
        }
        for line in card.lines
    ]


def _sent(found: OpenCard) -> list[dict[str, str]]:
    """What the form sent: the card's lines, and a new one when a metric was chosen for it."""
    form = request.form
    codes = [line.metric for line in found.card.lines]
    new = form.get("new_metric", "")
    if new and new not in codes:
        codes.append(new)
    rows = []
    for code in codes:
        prefix = "new" if code == new else code
        rows.append(
            {
                "metric": code,
                "weight": form.get(f"{prefix}_weight", "").strip(),
                "curve": form.get(f"{prefix}_curve", ""),
            }
        )
    return rows


def _wanted(row: Mapping[str, str], found: OpenCard) -> WantedLine:
    place = f"{row['metric']}_weight"
    try:
        percent = Decimal(row["weight"])
    except InvalidOperation:
        raise BadInput("studio.not_a_weight", field=place, got=row["weight"][:20]) from None
    scaled = percent * 100
    if not percent.is_finite() or not 0 < percent <= 100 or scaled != int(scaled):
        raise BadInput("studio.not_a_weight", field=place, got=row["weight"][:20])
    if row["metric"] not in found.metrics:
        raise BadInput("studio.unknown_metric", field=place, metric=row["metric"][:20])
    curve = row["curve"] or found.metrics[row["metric"]].default_curve
    if curve not in SHIPPED and curve not in found.card.curves:
        raise BadInput("studio.unknown_curve", field=place, curve=curve[:20])
    return WantedLine(row["metric"], int(scaled), curve)


def _card(session: Session, actor: Actor, code: str) -> OpenCard:
    documents, running = _documents(session, actor), _running(session)
    for path, text in documents_in(documents, "cards").items():
        for card in cards_of({path: text}).values():
            if card.code == code:
                return OpenCard(path, text, running.get(path, text), card, metrics_of(documents))
    raise NotFound("plans.unknown_card", card=code[:40])


def _running(session: Session) -> Mapping[str, str]:
    try:
        release = workflow_queries.current_release(session)
    except NotFound:
        return {}
    return workflow_queries.catalogue_documents(session, release)


def _documents(session: Session, actor: Actor) -> dict[str, str]:
    """The catalogue's files as they run, with those of the person's draft over them."""
    found = dict(_running(session))
    for path, content in queries.draft_files(session, queries.owner_of(actor)).items():
        if path.startswith(queries.CATALOGUE):
            # What is no text is refused by the gate; here nobody could change it anyway.
            found[path] = content.decode("utf-8", "replace")
    return {path: text for path, text in found.items() if path.endswith((".yaml", ".yml"))}
