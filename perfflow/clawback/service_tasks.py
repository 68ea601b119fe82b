"""The steps and forms of the clawback process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar, local_date
from perfflow.clawback import actions, queries, wording
from perfflow.clawback.models import ClawbackCase, ClawbackShare
from perfflow.clawback.rules import mode_of, Situation
from perfflow.forms import (
    Evidence,
    EvidenceRow,
    form_binding,
    form_lookup,
    FormBinding,
    FormContext,
    Option,
    Text,
)
from perfflow.kernel.rounding import scaled_half_up
from perfflow.payouts.rules.recovery import RecoveryMode
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no
from perfflow.plans.rules.decisions import Liability
from perfflow.workflow import service_task, ServiceContext

LOOK_AGAIN_AFTER = 20  # working days


def _case(ctx: FormContext) -> tuple[Session, ClawbackCase]:
    assert ctx.session is not None
    return ctx.session, queries.case_named(ctx.session, str(ctx.variables["case"]))


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _fen(value: Any) -> int | None:
    return None if value is None else scaled_half_up(Decimal(value), 2)


def _bp(value: Any) -> int | None:
    return None if value is None else scaled_half_up(Decimal(value), 2)


def _owed(session: Session, case: ClawbackCase, share: ClawbackShare) -> int:
    found = queries.owed_by_award(session, case.case_no, share.employee_no)
    return sum(fen for _, fen in found)


@service_task("clawback.look_for_disputes", inputs=("case",), outputs=("has_dispute",))
def look_for_disputes(ctx: ServiceContext, case: str) -> dict[str, Any]:
    """Say whether somebody objects to the decision."""
    row = queries.case_named(ctx.session, case)
    return {"has_dispute": bool(actions.open_disputes(ctx.session, row))}


@service_task("clawback.execute_case", inputs=("case",), outputs=("owes",))
def execute_case(ctx: ServiceContext, case: str) -> dict[str, Any]:
    """Stop deferred parts and demand the rest; say whether anybody owes anything."""
    row = actions.execute_case(ctx.session, ctx.actor, ctx.now, case)
    settled = actions.close_if_settled(ctx.session, ctx.actor, ctx.now, row.case_no)
    return {"owes": not settled}


@service_task(
    "clawback.look_at_debts", inputs=("case",), outputs=("owes", "in_arrears", "next_look_on")
)
def look_at_debts(ctx: ServiceContext, case: str) -> dict[str, Any]:
    """Say what is owed and when to look next; nothing owed closes the case."""
    if actions.close_if_settled(ctx.session, ctx.actor, ctx.now, case):
        return {"owes": False, "in_arrears": False, "next_look_on": None}
    today = local_date(ctx.now)
    due = actions.next_instalment_on(ctx.session, queries.case_named(ctx.session, case))
    later = firm_calendar(ctx.session).add_working_days(today, LOOK_AGAIN_AFTER)
    in_arrears = due is None or due <= today
    next_on = later if due is None or due <= today else due
    return {"owes": True, "in_arrears": in_arrears, "next_look_on": next_on}


@form_lookup("paid-people")
def paid_people(ctx: FormContext) -> list[Option]:
    """Everybody who was paid for the period of the case, leavers included, by number."""
    if ctx.session is None or "case" not in ctx.variables:
        return []
    session, case = _case(ctx)
    people = queries.people_paid(session, case.starts_on, case.ends_on)
    return [
        Option(row.no, Text(f"{row.name_zh} {row.no}", f"{row.name_en} {row.no}")) for row in people
    ]


class _CaseBinding(FormBinding):
    """What the forms of a case share: its facts and what everybody bears beside the form."""

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        session, case = _case(ctx)
        day = local_date(case.opened_at)
        situation = wording.SITUATIONS[Situation(case.situation)]
        period = f"{case.starts_on.isoformat()} – {case.ends_on.isoformat()}"
        rows = [
            EvidenceRow(Text("情形", "Situation"), situation.within(ctx.language), "", day),
            EvidenceRow(Text("责任期间", "Period"), period, "", day),
        ]
        shares = queries.shares_of(session, case.id)
        people = employees_by_no(session, {share.employee_no for share in shares})
        for share in shares:
            person = people[share.employee_no]
            figures = wording.SHARE_LINE.within(ctx.language).format(
                share=f"{share.ratio_bp / Decimal(100):f}",
                target=f"{_yuan(share.target_fen):,f}",
                malus=f"{_yuan(share.malus_fen):,f}",
                clawback=f"{_yuan(share.clawback_fen):,f}",
            )
            liability = wording.LIABILITIES[Liability(share.liability)].within(ctx.language)
            rows.append(EvidenceRow(_name(person), figures, liability, None))
        note = Text(case.summary, case.summary)
        return [Evidence(Text(f"案件 {case.case_no}", f"Case {case.case_no}"), tuple(rows), note)]


def _name(person: Employee) -> Text:
    return Text(person.name_zh, person.name_en)


def _rows(ctx: FormContext, shares: Sequence[ClawbackShare]) -> list[dict[str, Any]]:
    session, _ = _case(ctx)
    people = employees_by_no(session, {share.employee_no for share in shares})
    return [
        {
            "employee_no": share.employee_no,
            "name": _name(people[share.employee_no]).within(ctx.language),
        }
        for share in shares
    ]


@form_binding("clawback.liability")
class LiabilityBinding(_CaseBinding):
    """Who bears primary, significant or general liability, and what correct data would give."""

    fields = frozenset(
        {"people", "people.employee_no", "people.liability", "people.ratio", "people.correct"}
    )
    required = frozenset({"people.employee_no", "people.liability"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session, case = _case(ctx)
        return {
            "people": [
                {
                    "employee_no": share.employee_no,
                    "liability": share.liability,
                    "ratio": Decimal(share.ratio_bp).scaleb(-2),
                    "correct": None if share.correct_fen is None else _yuan(share.correct_fen),
                }
                for share in queries.shares_of(session, case.id)
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        uses_excess = mode_of(Situation(case.situation)) is RecoveryMode.EXCESS_ONLY
        bearers = [
            actions.Bearer(
                str(row.get("employee_no") or ""),
                str(row.get("liability") or ""),
                _bp(row.get("ratio")),
                _fen(row.get("correct")) if uses_excess else None,
            )
            for row in values.get("people") or []
        ]
        actions.set_liability(session, ctx.actor, ctx.now, case.case_no, bearers)
        return None


@form_binding("clawback.hearing")
class HearingBinding(_CaseBinding):
    """What everybody of the case said, and when."""

    fields = frozenset(
        {"people", "people.employee_no", "people.name", "people.heard_on", "people.note"}
    )
    required = frozenset({"people.employee_no", "people.heard_on", "people.note"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session, case = _case(ctx)
        return {"people": _rows(ctx, queries.shares_of(session, case.id))}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        notes: dict[str, tuple[date | None, str]] = {
            str(row["employee_no"]): (row.get("heard_on"), str(row.get("note") or ""))
            for row in values.get("people") or []
        }
        actions.hear_people(session, ctx.actor, ctx.now, case.case_no, notes)
        return None


class _DecisionBinding(_CaseBinding):
    fields = frozenset({"decision", "note"})
    required = frozenset({"decision", "note"})


@form_binding("clawback.proposal")
class ProposalBinding(_DecisionBinding):
    """The first of two committee members: recover, send back, or drop."""

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        decision, note = str(values.get("decision") or ""), str(values.get("note") or "")
        actions.propose_recovery(
            session, ctx.actor, ctx.now, case.case_no, decision=decision, note=note
        )
        return {"decision": decision, "proposed_by": ctx.actor.employee_no or ctx.actor.name}


@form_binding("clawback.confirmation")
class ConfirmationBinding(_DecisionBinding):
    """The second committee member: the recovery is decided, or goes back."""

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        decision, note = str(values.get("decision") or ""), str(values.get("note") or "")
        actions.confirm_recovery(
            session, ctx.actor, ctx.now, case.case_no, decision=decision, note=note
        )
        return {"decision": decision, "confirmed_by": ctx.actor.employee_no or ctx.actor.name}


@form_binding("clawback.disputes")
class DisputesBinding(_CaseBinding):
    """Somebody who had no part decides what the people object to."""

    fields = frozenset(
        {
            "people",
            "people.employee_no",
            "people.name",
            "people.dispute",
            "people.outcome",
            "people.ratio",
            "people.note",
        }
    )
    required = frozenset({"people.employee_no", "people.outcome", "people.note"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session, case = _case(ctx)
        shares = actions.open_disputes(session, case)
        rows = _rows(ctx, shares)
        return {
            "people": [
                {**row, "dispute": share.dispute} for row, share in zip(rows, shares, strict=True)
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        outcomes = {
            str(row["employee_no"]): (
                str(row.get("outcome") or ""),
                _bp(row.get("ratio")),
                str(row.get("note") or ""),
            )
            for row in values.get("people") or []
        }
        actions.decide_disputes(session, ctx.actor, ctx.now, case.case_no, outcomes)
        return None


@form_binding("clawback.repayment")
class RepaymentBinding(_CaseBinding):
    """One payment or monthly parts for everybody who owes."""

    fields = frozenset(
        {
            "people",
            "people.employee_no",
            "people.name",
            "people.owed",
            "people.instalments",
            "people.first_on",
        }
    )
    required = frozenset({"people.employee_no", "people.instalments", "people.first_on"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session, case = _case(ctx)
        shares = [s for s in queries.shares_of(session, case.id) if s.clawback_fen]
        rows = _rows(ctx, shares)
        return {
            "people": [
                {**row, "owed": _yuan(_owed(session, case, share)), "instalments": Decimal(1)}
                for row, share in zip(rows, shares, strict=True)
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        plans: dict[str, tuple[int | None, date | None]] = {}
        for row in values.get("people") or []:
            count = row.get("instalments")
            plans[str(row["employee_no"])] = (
                None if count is None else int(count),
                row.get("first_on"),
            )
        actions.agree_plans(session, ctx.actor, ctx.now, case.case_no, plans)
        return None


@form_binding("clawback.receipts")
class ReceiptsBinding(_CaseBinding):
    """What came in from those who still owe; empty amounts mean that nothing came."""

    fields = frozenset(
        {
            "people",
            "people.employee_no",
            "people.name",
            "people.owed",
            "people.amount",
            "people.kind",
            "people.on",
            "people.month_wage",
        }
    )
    required = frozenset({"people.employee_no", "people.amount", "people.kind", "people.on"})

    def load(self, ctx: FormContext) -> dict[str, Any]:
        session, case = _case(ctx)
        shares = [s for s in queries.shares_of(session, case.id) if _owed(session, case, s)]
        rows = _rows(ctx, shares)
        today = local_date(ctx.now)
        return {
            "people": [
                {**row, "owed": _yuan(_owed(session, case, share)), "kind": "REPAY", "on": today}
                for row, share in zip(rows, shares, strict=True)
            ]
        }

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        session, case = _case(ctx)
        for row in values.get("people") or []:
            amount = _fen(row.get("amount"))
            if not amount:
                continue
            actions.record_receipt(
                session,
                ctx.actor,
                ctx.now,
                case.case_no,
                str(row["employee_no"]),
                kind=str(row.get("kind") or ""),
                amount_fen=amount,
                on=row.get("on") or local_date(ctx.now),
                month_wage_fen=_fen(row.get("month_wage")),
            )
        return None
