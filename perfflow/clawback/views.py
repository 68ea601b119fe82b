"""Pages of clawback: the annual register and its file, a case, and the own case of a person."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from flask import Blueprint, g, redirect, request, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from perfflow.calendar import local_date
from perfflow.clawback import actions, queries, wording
from perfflow.clawback.rules import CaseStatus, mode_of, Situation
from perfflow.i18n import formats, translate
from perfflow.kernel.errors import RuleViolation
from perfflow.kernel.explanation import Node
from perfflow.kernel.money import fen_from_yuan_text, yuan_text
from perfflow.people.queries import employees_by_no
from perfflow.plans.rules.decisions import Liability
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
    today,
    writing,
)

blueprint = Blueprint("clawback", __name__, template_folder="templates", url_prefix="/clawback")
FILE_HEAD = (
    "case_no",
    "opened_on",
    "situation",
    "mode",
    "starts_on",
    "ends_on",
    "status",
    "employee_no",
    "liability",
    "share_percent",
    "target_yuan",
    "malus_yuan",
    "clawback_yuan",
    "received_yuan",
    "owed_yuan",
)


@blueprint.get("/")
@requires(Permission.CLAWBACK_REGISTER_VIEW)
def register() -> str:
    """The register of a year: every person of every case with amounts and sums."""
    return _register({}, {})


def _year() -> int | None:
    text = request.args.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


def _register(values: dict[str, str], errors: dict[str, RuleViolation]) -> str:
    session, actor = reading(), current_actor()
    known, year = queries.years(session), _year()
    rows = queries.register(session, year, actor.employee_no)
    return render(
        "clawback/register.html",
        rows=rows,
        year=year,
        years=known,
        waiting=queries.cases_without_people(session),
        people=employees_by_no(session, {row.share.employee_no for row in rows}),
        words=wording,
        may_open=permits(actor, Permission.CLAWBACK_CASE_OPEN),
        values=values,
        errors=errors,
    )


@blueprint.get("/register.csv")
@requires(Permission.CLAWBACK_REGISTER_VIEW)
def register_file() -> BaseResponse:
    """The register as a file: the same bytes whoever asks, in whatever language."""
    rows = queries.register(reading(), _year(), current_actor().employee_no)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(FILE_HEAD)
    for row in reversed(rows):
        case, share = row.case, row.share
        writer.writerow(
            (
                case.case_no,
                local_date(case.opened_at).isoformat(),
                case.situation,
                mode_of(Situation(case.situation)).value,
                case.starts_on.isoformat(),
                case.ends_on.isoformat(),
                case.status,
                share.employee_no,
                share.liability,
                yuan_text(share.ratio_bp),
                *map(
                    yuan_text,
                    (
                        share.target_fen,
                        share.malus_fen,
                        share.clawback_fen,
                        row.received_fen,
                        row.owed_fen,
                    ),
                ),
            )
        )
    name = f"clawback-register-{_year() or 'all'}.csv"
    return Response(
        ("\ufeff" + text.getvalue()).encode(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.post("/")
@requires(Permission.CLAWBACK_CASE_OPEN)
def open_case() -> BaseResponse | tuple[str, int]:
    """Open a case; its process asks compliance for the liability."""
    form = request.form
    try:
        with writing() as session:
            case = actions.open_case(
                session,
                current_actor(),
                now(),
                situation=form.get("situation", ""),
                starts_on=_date(form.get("starts_on", ""), "starts_on"),
                ends_on=_date(form.get("ends_on", ""), "ends_on"),
                summary=form.get("summary", ""),
                gate_case_no=form.get("gate_case_no", "").strip() or None,
            )
            case_no = case.case_no
    except RuleViolation as error:
        return _register(form.to_dict(), {error.field or "": error}), 422
    toast("clawback.toast_opened", case=case_no)
    return redirect(url_for("clawback.case", case_no=case_no), 303)


def _date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleViolation("clawback.bad_date", field=field, got=text) from None


@blueprint.get("/<case_no>")
@requires(Permission.CLAWBACK_REGISTER_VIEW)
def case(case_no: str) -> str:
    """One case: who bears what and why, what came in, and everything that was done."""
    return _case_page(case_no, {}, {})


def _case_page(case_no: str, values: dict[str, str], errors: dict[str, RuleViolation]) -> str:
    session, actor = reading(), current_actor()
    found = queries.case_for_keeper(session, actor, case_no)
    shares = queries.shares_of(session, found.id)
    events = queries.history(session, found.id)
    receipts = {share.id: queries.receipts_of(session, share.id) for share in shares}
    voices = {event.by for event in events} | {share.employee_no for share in shares}
    owed = {
        share.id: sum(fen for _, fen in queries.owed_by_award(session, case_no, share.employee_no))
        for share in shares
    }
    g.nav_endpoint = "clawback.register"
    return render(
        "clawback/case.html",
        case=found,
        shares=shares,
        trees={share.id: tree_of(Node.from_dict(share.explanation)) for share in shares},
        plans={share.id: queries.instalments_of(session, share.id) for share in shares},
        receipts=receipts,
        owed=owed,
        events=events,
        people=employees_by_no(session, voices),
        mode=mode_of(Situation(found.situation)),
        words=wording,
        may_collect=permits(actor, Permission.CLAWBACK_RECEIPT_RECORD)
        and found.status == CaseStatus.EXECUTED,
        today=today(),
        values=values,
        errors=errors,
    )


def tree_of(node: Node) -> dict[str, object]:
    """The kept explanation as the page's tree."""
    language = current_language()
    note = ""
    if node.formula:
        code = node.formula if node.formula.startswith("clawback.") else "clawback.formula"
        note = translate(code, {}, language)
    value = node.value or "—"
    if node.value is not None and node.unit == "CNY":
        value = formats.number(Decimal(node.value), 2)
    elif node.value is not None:
        value = translate("clawback.share_of", {"share": node.value}, language)
    return {
        "label": translate(node.code, node.params, language),
        "note": note,
        "value": value,
        "children": [tree_of(child) for child in node.children],
    }


@blueprint.post("/<case_no>/receipts")
@requires(Permission.CLAWBACK_RECEIPT_RECORD)
def record_receipt(case_no: str) -> BaseResponse | tuple[str, int]:
    """Record money that came in outside a due day."""
    form = request.form
    try:
        with writing() as session:
            queries.case_for_keeper(session, current_actor(), case_no)
            wage = form.get("month_wage", "").strip()
            actions.record_receipt(
                session,
                current_actor(),
                now(),
                case_no,
                form.get("employee_no", ""),
                kind=form.get("kind", ""),
                amount_fen=fen_from_yuan_text(form.get("amount", "")),
                on=_date(form.get("on", ""), "on"),
                month_wage_fen=fen_from_yuan_text(wage) if wage else None,
            )
            actions.close_if_settled(session, current_actor(), now(), case_no)
    except RuleViolation as error:
        return _case_page(case_no, form.to_dict(), {error.field or "": error}), 422
    toast("clawback.toast_recorded")
    return redirect(url_for("clawback.case", case_no=case_no), 303)


@blueprint.get("/mine/<case_no>")
@requires(Permission.CLAWBACK_CASE_VIEW)
def my_case(case_no: str) -> str:
    """The own part of a case, from the hearing on."""
    return _my_page(case_no, {})


def _my_page(case_no: str, errors: dict[str, RuleViolation]) -> str:
    session = reading()
    found, share = queries.share_for_person(session, current_actor(), case_no)
    came = sum(row.amount_fen for row in queries.receipts_of(session, share.id))
    return render(
        "clawback/my_case.html",
        case=found,
        share=share,
        tree=tree_of(Node.from_dict(share.explanation)),
        plan=queries.instalments_of(session, share.id),
        received=came,
        may_object=found.status == CaseStatus.DECIDED and share.disputed_at is None,
        liability=wording.LIABILITIES[Liability(share.liability)],
        words=wording,
        errors=errors,
    )


@blueprint.post("/mine/<case_no>/dispute")
@requires(Permission.CLAWBACK_CASE_VIEW)
def dispute(case_no: str) -> BaseResponse | tuple[str, int]:
    """Object to the own part of a decision."""
    try:
        with writing() as session:
            queries.share_for_person(session, current_actor(), case_no)
            actions.dispute_share(
                session, current_actor(), now(), case_no, text=request.form.get("text", "")
            )
    except RuleViolation as error:
        return _my_page(case_no, {error.field or "": error}), 422
    toast("clawback.toast_objected")
    return redirect(url_for("clawback.my_case", case_no=case_no), 303)
