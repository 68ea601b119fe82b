"""The routes of the studio: upload, findings, publish, versions, drawings, scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.kernel.errors import BadInput, NotFound, PerfFlowError
from perfflow.people.queries import employees_by_no
from perfflow.studio import actions, cards, drafts, queries, rules
from perfflow.studio.explanations import explanation
from perfflow.studio.trials import Described, described, run_scenarios
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    permits,
    reading,
    render,
    requires,
    toast,
    writing,
)
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.picture import picture, process_name

blueprint = Blueprint("studio", __name__, url_prefix="/studio", template_folder="templates")
blueprint.register_blueprint(cards.blueprint)
blueprint.register_blueprint(drafts.blueprint)
VERSIONS = 30
DRAFT, RUNNING = "draft", "running"


@blueprint.get("/")
@requires(Permission.STUDIO_DEPLOYMENT_VIEW)
def deployments() -> str:
    """What runs, the own draft with its findings, and who published what when."""
    return _page()


def _page(
    problem: PerfFlowError | None = None, refused: Sequence[queries.ShownFinding] = ()
) -> str:
    session, actor, language = reading(), current_actor(), current_language()
    may_publish = permits(actor, Permission.STUDIO_DEPLOYMENT_PUBLISH)
    files = queries.draft_files(session, queries.owner_of(actor)) if may_publish else {}
    found = queries.checked(session, actor, now(), files, language) if files else None
    versions = workflow_queries.deployments(session, VERSIONS)
    bundle = versions[0].bundle_number if versions else 0
    paths = queries.known_paths(session)
    return render(
        "studio/deployments.html",
        may_publish=may_publish,
        files={path: len(content) for path, content in files.items()},
        checked=found,
        drawings=queries.drawings(files, found, language) if found else [],
        fingerprint=rules.fingerprint(files),
        saved_at=queries.draft_saved_at(session, queries.owner_of(actor)) if files else None,
        versions=versions,
        people=employees_by_no(session, {row.deployed_by for row in versions}),
        processes=workflow_queries.process_versions(session, bundle) if bundle else [],
        running=queries.running_counts(session),
        folders=sorted({path.rsplit("/", 1)[0] for path in paths if path[:10] == "catalogue/"}),
        known=set(paths),
        may_try=any(path.startswith("processes/") for path in files),
        statuses={path: drafts.status_in(found, path) for path in files if "catalogue/" not in path}
        if found
        else {},
        kept=drafts.kept_drafts(session, now(), language) if may_publish else [],
        refused=refused,
        problem=problem,
    )


@blueprint.post("/draft")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def upload() -> Response | tuple[str, int]:
    """Put the sent files into the draft; they are checked on the page that follows."""
    try:
        sent = [one for one in request.files.getlist("files") if one.filename]
        if not sent:
            raise BadInput("studio.no_files", field="files")
        if len(sent) > rules.MAX_FILES:
            raise BadInput("studio.too_many", field="files", limit=rules.MAX_FILES, got=len(sent))
        known = queries.known_paths(reading())
        folder = request.form.get("folder", "").strip()
        files: dict[str, bytes] = {}
        for one in sent:
            place = rules.place_of(rules.file_name(one.filename or ""), known, folder)
            # One byte more than is allowed is enough to know.
            files[place] = one.stream.read(rules.MAX_FILE_BYTES + 1)
        rules.require_moderate(files)
        refused = drafts.refused_among(files, current_language())
        if refused:
            return _page(refused=refused), 422
        with writing() as session:
            actions.keep_draft(session, current_actor(), now(), files)
    except PerfFlowError as error:
        return _page(error), error.status
    finally:
        # Large uploads lie in temporary files.
        for one in request.files.getlist("files"):
            one.close()
    toast("studio.draft_kept", count=len(files))
    return redirect(url_for("studio.deployments") + "#draft", 303)


@blueprint.post("/draft/drop")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def drop() -> Response:
    """Take a file out of the draft, or throw all of it away."""
    path = request.form.get("path", "")
    with writing() as session:
        actions.drop_draft(session, current_actor(), path or None)
    toast("studio.file_dropped" if path else "studio.draft_dropped")
    return redirect(url_for("studio.deployments"), 303)


@blueprint.post("/publish")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def publish() -> Response | tuple[str, int]:
    """Publish the draft that was looked at."""
    try:
        with writing() as session:
            deployed = actions.publish_draft(
                session,
                current_actor(),
                now(),
                request.form.get("fingerprint", ""),
                accepts=request.form.get("accept") == "1",
            )
    except PerfFlowError as error:
        return _page(error), error.status
    toast("studio.published", bundle=deployed.bundle_number, release=deployed.release_number)
    return redirect(url_for("studio.deployments") + "#versions", 303)


@blueprint.post("/override")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def ask_override() -> Response | tuple[str, int]:
    """Ask compliance to let a blocking finding of the plan linter pass."""
    form = request.form
    try:
        with writing() as session:
            mark, wish = form.get("mark", ""), form.get("wish", "")
            actions.ask_override(session, current_actor(), now(), mark, wish)
    except PerfFlowError as error:
        return _page(error), error.status
    toast("plans.override_requested")
    return redirect(url_for("studio.deployments") + "#draft", 303)


@blueprint.get("/versions/<int:version>")
@requires(Permission.STUDIO_DEPLOYMENT_VIEW)
def version(version: int) -> str:
    """One deployment: what it changed, and every file that was valid after it."""
    session = reading()
    row = queries.deployment(session, version)
    return render(
        "studio/version.html",
        row=row,
        person=employees_by_no(session, {row.deployed_by}).get(row.deployed_by),
        files=queries.files_of(session, row),
        findings=workflow_queries.bundle_findings(session, row.bundle_number),
    )


@blueprint.get("/files/<kind>/<int:number>/<path:path>")
@requires(Permission.STUDIO_DEPLOYMENT_VIEW)
def download(kind: str, number: int, path: str) -> Response:
    """A file as a version has it, byte for byte."""
    content = queries.stored_file(reading(), kind, number, path)
    name = path.rsplit("/", 1)[-1]
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        # Files come from people: no browser may take one for a page.
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, mimetype="application/octet-stream", headers=headers)


@blueprint.get("/processes/<key>")
@requires(Permission.STUDIO_DEPLOYMENT_VIEW)
def process(key: str) -> str:
    """The drawing of a process as new instances run it."""
    session, language = reading(), current_language()
    number = workflow_queries.current_bundle(session)
    bundle = workflow_queries.bundle_of(session, number)
    queries.require_process(bundle, key)
    found = bundle.processes[key]
    return render(
        "studio/process.html",
        process=found,
        name=process_name(found, language),
        svg=picture(bundle, key, language),
        number=number,
        steps=[one for one in found.elements.values() if one.kind == "userTask"],
        running=queries.running_counts(session).get(key, 0),
    )


@blueprint.get("/scenarios")
@requires(Permission.STUDIO_DEPLOYMENT_VIEW)
def scenarios() -> str:
    """The scenarios of what runs and of the own draft."""
    return _scenario_page(None, None, request.args.get("key", ""))


@blueprint.post("/scenarios")
@requires(Permission.STUDIO_DEPLOYMENT_PUBLISH)
def play_scenarios() -> str | tuple[str, int]:
    """Run them: those of one process or all, of what runs or of the draft over it."""
    which, key = request.form.get("which", RUNNING), request.form.get("key", "")
    running, draft = _files()
    files = running | draft if which == DRAFT else running
    mine = _of_draft(running, draft) if which == DRAFT else described(running)
    wanted = [one.path for one in mine if key in ("", one.key)]
    try:
        if not wanted:
            raise NotFound("studio.no_scenarios", key=key[:64])
        report = run_scenarios(files, wanted)
    except PerfFlowError as error:
        return _scenario_page(None, error, key), error.status
    return _scenario_page(report, None, key, which)


def _files() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What runs, and what the person's draft puts over it."""
    session, actor = reading(), current_actor()
    draft: dict[str, bytes] = {}
    if permits(actor, Permission.STUDIO_DEPLOYMENT_PUBLISH):
        draft = queries.draft_files(session, queries.owner_of(actor))
    return queries.running_files(session), draft


def _of_draft(running: dict[str, bytes], draft: dict[str, bytes]) -> list[Described]:
    """Scenarios that the draft touches: files of the folders that it changes."""
    folders = {path.rsplit("/", 1)[0] for path in draft if path.startswith("processes/")}
    return [one for one in described(running | draft) if one.path.rsplit("/", 1)[0] in folders]


def _scenario_page(
    report: dict[str, Any] | None,
    problem: PerfFlowError | None,
    key: str,
    which: str = RUNNING,
) -> str:
    running, draft = _files()
    return render(
        "studio/scenarios.html",
        may_run=permits(current_actor(), Permission.STUDIO_DEPLOYMENT_PUBLISH),
        running=[one for one in described(running) if key in ("", one.key)],
        draft=_of_draft(running, draft),
        names=queries.process_names(reading(), current_language()),
        report=report,
        which=which,
        key=key,
        problem=problem,
    )


@blueprint.get("/decisions/<int:evaluation_id>")
@requires(Permission.STUDIO_DECISION_VIEW)
def decision(evaluation_id: int) -> str:
    """Why a decision came out as it did; for who may not read it there is none."""
    session, language = reading(), current_language()
    found = explanation(session, current_actor(), now(), evaluation_id)
    return render(
        "studio/decision.html",
        found=found,
        process_name=process_name(found.process, language) if found.process else "",
        step=found.element.name(language) if found.element else found.row.element_id,
        subject=employees_by_no(session, {found.row.subject_no or ""}).get(found.row.subject_no),
    )
