"""The routes about what runs: instances, changes to one, and migrations of many."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from perfflow.kernel.errors import PerfFlowError, RuleViolation
from perfflow.studio.live import presentation
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    writing,
)
from perfflow.workflow import actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.actions import Consequences

blueprint = Blueprint("live", __name__, url_prefix="/studio", template_folder="../templates")
Change = Callable[[Session], None]


@blueprint.get("/processes/<key>/instances")
@requires(Permission.STUDIO_INSTANCE_VIEW)
def instances(key: str) -> str:
    """Instances of a definition, found by the beginning of their key."""
    session, wanted = reading(), request.args.get("q", "").strip()
    g.nav_endpoint = "studio.deployments"
    rows = workflow_queries.find_instances(session, key, wanted, presentation.MOST_INSTANCES)
    return render(
        "live/instances.html", key=key, q=wanted, rows=rows, most=presentation.MOST_INSTANCES
    )


@blueprint.get("/instances/<int:instance_id>")
@requires(Permission.STUDIO_INSTANCE_VIEW)
def instance(instance_id: int) -> str:
    """One instance: where its tokens are, what happened, what an admin may do."""
    return _instance(instance_id)


def _instance(
    instance_id: int,
    problem: PerfFlowError | None = None,
    consequences: Consequences | None = None,
) -> str:
    g.nav_endpoint = "studio.deployments"
    page = presentation.instance_page(reading(), instance_id, current_language())
    bundle = workflow_queries.bundle_of(reading(), page.row.bundle_number)
    return render(
        "live/instance.html",
        page=page,
        names=presentation.names_of(bundle, current_language()),
        problem=problem,
        consequences=consequences,
        typed=request.form,
    )


@blueprint.post("/instances/<int:instance_id>/move")
@requires(Permission.STUDIO_INSTANCE_CHANGE)
def move(instance_id: int) -> Response | tuple[str, int]:
    """Take a token to another element; ``act=preview`` shows what it would do."""
    actor, at, form = current_actor(), now(), request.form
    kind, _, rest = form.get("token", "").partition(" ")
    slot, _, key = rest.partition(" ")

    def change(session: Session) -> None:
        if not slot.isdecimal():
            raise RuleViolation("workflow.token_moved_on", field="token", element=key)
        actions.move_token(
            session, actor, at, instance_id, key=key, slot=int(slot), kind=kind,
            target=form.get("target", ""), reason=form.get("reason", ""),
        )  # fmt: skip

    return _changed(instance_id, change, "live.toast_moved")


@blueprint.post("/instances/<int:instance_id>/rewind")
@requires(Permission.STUDIO_INSTANCE_CHANGE)
def rewind(instance_id: int) -> Response | tuple[str, int]:
    """Go back to an earlier entry of the log; ``act=preview`` shows what it would do."""
    actor, at, form = current_actor(), now(), request.form
    position = form.get("position", "")

    def change(session: Session) -> None:
        if not position.isdecimal():
            raise RuleViolation("workflow.no_such_entry", field="position", position=position)
        actions.rewind(session, actor, at, instance_id, int(position), form.get("reason", ""))

    return _changed(instance_id, change, "live.toast_rewound")


def _changed(instance_id: int, change: Change, told: str) -> Response | tuple[str, int]:
    try:
        with writing() as session:
            if request.form.get("act") == "preview":
                found = actions.preview(session, instance_id, change)
                return _instance(instance_id, consequences=found), 200
            change(session)
    except PerfFlowError as error:
        return _instance(instance_id, error), error.status
    toast(told)
    return redirect(url_for("live.instance", instance_id=instance_id), 303)


@blueprint.post("/instances/<int:instance_id>/incidents/<int:incident_id>")
@requires(Permission.STUDIO_INSTANCE_CHANGE)
def incident(instance_id: int, incident_id: int) -> Response | tuple[str, int]:
    """Try a failed step again, let it go on without the work that fails, or note it as settled."""
    actor, at, form = current_actor(), now(), request.form
    act = form.get("act", "")
    try:
        with writing() as session:
            if act == "retry":
                actions.retry_incident(session, actor, at, incident_id)
            elif act == "skip":
                actions.skip_incident(session, actor, at, incident_id, form.get("reason", ""))
            else:
                actions.resolve_incident(session, actor, at, incident_id)
    except PerfFlowError as error:
        return _instance(instance_id, error), error.status
    toast("live.toast_incident")
    return redirect(url_for("live.instance", instance_id=instance_id), 303)


@blueprint.get("/processes/<key>/versions")
@requires(Permission.STUDIO_INSTANCE_VIEW)
def versions(key: str) -> str:
    """Two versions of a definition, and the plan for those that run on older ones."""
    return _versions(key, _mapping())


def _versions(key: str, mapping: dict[str, str], problem: PerfFlowError | None = None) -> str:
    g.nav_endpoint = "studio.deployments"
    page = presentation.versions_page(
        reading(), key, _number("from"), _number("to"), mapping, current_language()
    )
    return render("live/versions.html", page=page, problem=problem, typed=request.form)


def _number(name: str) -> int | None:
    text = request.values.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _mapping() -> dict[str, str]:
    """Element → element of the fields ``map-<element>``; those left empty say nothing."""
    return {
        name.removeprefix("map-"): value
        for name, value in request.values.items()
        if name.startswith("map-") and value
    }


@blueprint.post("/processes/<key>/migrate")
@requires(Permission.STUDIO_INSTANCE_CHANGE)
def migrate(key: str) -> Response | tuple[str, int]:
    """Take all instances that have a place in the new version there."""
    mapping, number = _mapping(), _number("to")
    try:
        with writing() as session:
            actions.migrate(
                session,
                current_actor(),
                now(),
                key,
                number or workflow_queries.current_bundle(session),
                mapping,
                request.form.get("reason", ""),
            )
    except PerfFlowError as error:
        return _versions(key, mapping, error), error.status
    toast("live.toast_migrated")
    return redirect(url_for("live.versions", key=key, to=number) + "#runs", 303)


@blueprint.post("/migrations/<int:run_id>/undo")
@requires(Permission.STUDIO_INSTANCE_CHANGE)
def undo(run_id: int) -> Response | tuple[str, int]:
    """Take a migration back where nothing has happened since."""
    run = workflow_queries.migration_run(reading(), run_id)
    try:
        with writing() as session:
            back, gone_on = actions.undo_migration(
                session, current_actor(), now(), run_id, request.form.get("reason", "")
            )
    except PerfFlowError as error:
        return _versions(run.definition_key, {}, error), error.status
    toast("live.toast_undone", back=back, gone_on=gone_on)
    return redirect(url_for("live.versions", key=run.definition_key) + "#runs", 303)
