"""Pages of compliance: the register, a case with its history, and the own case of a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.compliance import actions, queries, wording
from perfflow.compliance.lifecycle import possible_steps
from perfflow.compliance.models import GateCase
from perfflow.compliance.rules import CaseStatus, CONDUCT_GRADES
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import NotFound, RuleViolation
from perfflow.people.access import is_in_hr_scope
from perfflow.people.queries import employees_by_no, managers_above
from perfflow.web import (
    current_actor,
    now,
    Permission,
    permits,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)

blueprint = Blueprint("compliance", __name__, template_folder="templates", url_prefix="/compliance")
FILTERS = ("open", "decided", "all")


@blueprint.get("/")
@requires(Permission.COMPLIANCE_REGISTER_VIEW)
def cases() -> str:
    """The register; HR partners see that a case exists for people of their units, no more."""
    return _register({}, {})


@blueprint.post("/")
@requires(Permission.COMPLIANCE_CASE_OPEN)
def open_case() -> Response | tuple[str, int]:
    """Register a report."""
    form = request.form
    try:
        with writing() as session:
            case = actions.open_case(
                session,
                current_actor(),
                now(),
                form.get("employee_no", "").strip(),
                potential_severity=_severity(form.get("potential_severity"), "potential_severity"),
                conduct_on=_date(form.get("conduct_on", ""), "conduct_on"),
                summary=form.get("summary", ""),
                is_self_reported=bool(form.get("is_self_reported")),
            )
            case_no = case.case_no
    except RuleViolation as error:
        return _register(form.to_dict(), {error.field or "": error}), 422
    toast("compliance.toast_opened", case=case_no)
    return redirect(url_for("compliance.case", case_no=case_no), 303)


def _register(values: dict[str, str], errors: dict[str, RuleViolation]) -> str:
    session, actor = reading(), current_actor()
    wanted = request.args.get("status", "open")
    status = wanted if wanted in FILTERS else "open"
    rows = [
        row
        for row in queries.register(session, status=None if status == "all" else status)
        if row.employee_no != actor.employee_no
    ]
    reads_files = actor.has(Role.COMPLIANCE_OFFICER, Role.AUDITOR)
    if not reads_files:
        rows = [row for row in rows if is_in_hr_scope(session, actor, row.employee_no, today())]
    return render(
        "compliance/cases.html",
        rows=rows,
        people=employees_by_no(session, {row.employee_no for row in rows}),
        status=status,
        filters=FILTERS,
        reads_files=reads_files,
        may_open=permits(actor, Permission.COMPLIANCE_CASE_OPEN),
        status_texts=wording.STATUS_TEXTS,
        severity_texts=wording.SEVERITY_TEXTS,
        values=values,
        errors=errors,
    )


@blueprint.get("/conduct")
@requires(Permission.COMPLIANCE_REGISTER_VIEW)
def conduct() -> str:
    """Conduct grades of a quarter."""
    return _conduct_page({}, None)


@blueprint.post("/conduct")
@requires(Permission.COMPLIANCE_CASE_DECIDE)
def grade() -> Response | tuple[str, int]:
    """Grade somebody's conduct in a quarter."""
    form = request.form
    quarter = form.get("quarter", "").strip()
    try:
        with writing() as session:
            actions.grade_conduct(
                session,
                current_actor(),
                now(),
                form.get("employee_no", "").strip(),
                quarter=quarter,
                grade=form.get("grade", ""),
                reason=form.get("reason", ""),
            )
    except RuleViolation as error:
        return _conduct_page(form.to_dict(), error), 422
    toast("compliance.toast_graded")
    return redirect(url_for("compliance.conduct", quarter=quarter), 303)


def _conduct_page(values: dict[str, str], error: RuleViolation | None) -> str:
    session, actor, day = reading(), current_actor(), today()
    quarters = [
        f"{(last - 1) // 4}-Q{(last - 1) % 4 + 1}"
        for last in range(day.year * 4 + (day.month + 2) // 3, day.year * 4 - 4, -1)
    ]
    wanted = request.args.get("quarter", "")
    quarter = wanted if wanted in quarters else quarters[0]
    sees_all = actor.has(Role.COMPLIANCE_OFFICER, Role.AUDITOR)
    rows = [
        row
        for row in queries.conduct_register(session, quarter)
        if row.employee_no != actor.employee_no
        and (sees_all or is_in_hr_scope(session, actor, row.employee_no, day))
    ]
    return render(
        "compliance/conduct.html",
        rows=rows,
        people=employees_by_no(session, {row.employee_no for row in rows}),
        quarter=quarter,
        quarters=quarters,
        grades=CONDUCT_GRADES,
        may_grade=permits(actor, Permission.COMPLIANCE_CASE_DECIDE),
        values=values,
        errors={} if error is None else {error.field or "": error},
    )


@blueprint.get("/<case_no>")
@requires(Permission.COMPLIANCE_REGISTER_VIEW)
def case(case_no: str) -> str:
    """One case with everything that was done in it."""
    return _case_page(case_no, {}, {})


@blueprint.post("/<case_no>/<step>")
@requires(Permission.COMPLIANCE_CASE_DECIDE)
def move_case(case_no: str, step: str) -> Response | tuple[str, int]:
    """Triage, investigate, hear, propose, confirm, return, attach, appeal or close."""
    move = MOVES.get(step)
    if move is None:
        raise NotFound("compliance.case_not_found", case=case_no)
    try:
        with writing() as session:
            queries.case_for_officer(session, current_actor(), case_no)
            move(session, case_no)
    except RuleViolation as error:
        return _case_page(case_no, request.form.to_dict(), {error.field or "": error}), 422
    toast("compliance.toast_moved", case=case_no)
    return redirect(url_for("compliance.case", case_no=case_no), 303)


def _case_page(case_no: str, values: dict[str, str], errors: dict[str, RuleViolation]) -> str:
    session, actor = reading(), current_actor()
    found = queries.case_for_officer(session, actor, case_no)
    events = queries.history(session, found.id)
    joint = queries.joint_cases(session, found.id)
    line = managers_above(session, found.employee_no, found.conduct_on)
    people = employees_by_no(
        session,
        {found.employee_no, found.decided_by or "", found.second_decider or "", *line}
        | {event.by for event in events}
        | {row.employee_no for row in joint},
    )
    return render(
        "compliance/case.html",
        case=found,
        events=events,
        joint=joint,
        line=line,
        people=people,
        steps=possible_steps(found.status)
        if permits(actor, Permission.COMPLIANCE_CASE_DECIDE)
        else (),
        waits_for_second=found.status == CaseStatus.HEARING and found.decided_by is not None,
        is_first_decider=found.decided_by == actor.employee_no,
        is_frozen=_is_frozen(found),
        status_texts=wording.STATUS_TEXTS,
        severity_texts=wording.SEVERITY_TEXTS,
        values=values,
        errors=errors,
    )


@blueprint.get("/mine/<case_no>")
@requires(Permission.COMPLIANCE_CASE_VIEW)
def my_case(case_no: str) -> str:
    """The own case, from the hearing on."""
    session = reading()
    found = queries.case_for_person(session, current_actor(), case_no)
    return render(
        "compliance/my_case.html",
        case=found,
        status_texts=wording.STATUS_TEXTS,
        severity_texts=wording.SEVERITY_TEXTS,
        errors={},
    )


@blueprint.post("/mine/<case_no>/appeal")
@requires(Permission.COMPLIANCE_CASE_VIEW)
def appeal_my_case(case_no: str) -> Response | tuple[str, int]:
    """Appeal the own upheld case."""
    try:
        with writing() as session:
            queries.case_for_person(session, current_actor(), case_no)
            actions.appeal_case(
                session, current_actor(), now(), case_no, note=request.form.get("note", "")
            )
    except RuleViolation as error:
        found = queries.case_for_person(reading(), current_actor(), case_no)
        page = render(
            "compliance/my_case.html",
            case=found,
            status_texts=wording.STATUS_TEXTS,
            severity_texts=wording.SEVERITY_TEXTS,
            errors={error.field or "": error},
        )
        return page, 422
    toast("compliance.toast_moved", case=case_no)
    return redirect(url_for("compliance.my_case", case_no=case_no), 303)


def _is_frozen(found: GateCase) -> bool:
    return found.potential_severity >= 3 and found.status in (
        CaseStatus.INVESTIGATING,
        CaseStatus.HEARING,
    )


def _note() -> str:
    return request.form.get("note", "")


def _severity(text: str | None, field: str) -> int:
    if text not in ("0", "1", "2", "3", "4"):
        raise RuleViolation("compliance.severity_missing", field=field)
    return int(text)


def _optional_severity(field: str) -> int | None:
    text = request.form.get(field, "")
    return _severity(text, field) if text else None


def _date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleViolation("compliance.bad_date", field=field, got=text) from None


MOVES: dict[str, Callable[..., object]] = {
    "triage": lambda session, case_no: actions.triage_case(
        session,
        current_actor(),
        now(),
        case_no,
        potential_severity=_severity(request.form.get("potential_severity"), "potential_severity"),
        note=_note(),
    ),
    "investigate": lambda session, case_no: actions.investigate_case(
        session, current_actor(), now(), case_no, note=_note()
    ),
    "hear": lambda session, case_no: actions.call_hearing(
        session, current_actor(), now(), case_no, note=_note()
    ),
    "propose": lambda session, case_no: actions.propose_decision(
        session,
        current_actor(),
        now(),
        case_no,
        outcome=request.form.get("outcome", ""),
        severity=_optional_severity("severity"),
        note=_note(),
    ),
    "confirm": lambda session, case_no: actions.confirm_decision(
        session, current_actor(), now(), case_no, agrees=True, note=_note()
    ),
    "return": lambda session, case_no: actions.confirm_decision(
        session, current_actor(), now(), case_no, agrees=False, note=_note()
    ),
    "joint": lambda session, case_no: actions.attach_joint_liability(
        session, current_actor(), now(), case_no, request.form.get("manager_no", ""), note=_note()
    ),
    "appeal": lambda session, case_no: actions.appeal_case(
        session, current_actor(), now(), case_no, note=_note()
    ),
    "close": lambda session, case_no: actions.close_case(
        session,
        current_actor(),
        now(),
        case_no,
        severity=_optional_severity("severity"),
        note=_note(),
    ),
}
