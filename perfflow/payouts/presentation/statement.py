"""The bonus statement as its page shows it: every line with operator, reason and figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import find_participant
from perfflow.i18n import formats, localized, translate
from perfflow.i18n.languages import Language
from perfflow.kernel.explanation import Node
from perfflow.payouts import queries, wording
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Pool
from perfflow.payouts.presentation.changes import change_lines, Whole, whole_of
from perfflow.payouts.rules.deferral import vest_date
from perfflow.payouts.rules.ledger import EntryKind, summed, tranche_balance
from perfflow.people.models import Employee, Unit
from perfflow.people.queries import post
from perfflow.plans.queries import bonus_plan
from perfflow.plans.rules.bonus import BonusPlan
from perfflow.plans.rules.deferral import PayCategory
from perfflow.reviews.models import Result

Line = tuple[str, str, str, str, str]  # name, operator, reason, figure, css
_CLIENT = re.compile(r"S_LT (?P<score>[\d.]+), n (?P<answers>\d+)")
_UNITS = re.compile(r"([^\s,]+) ([\d.]+)")
_FORMULAS = ("raw", "award", "net", "released", "corrected")


@dataclass(frozen=True, slots=True)
class Part:
    """One deferred part of the award and what has become of it."""

    number: int
    amount_fen: int
    vest_on: date
    is_moved: bool  # the anniversary is no working day
    state: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of one award in one run."""

    award: Award
    main: Award
    run: PayoutRun
    pool: Pool
    cycle: Cycle
    employee: Employee
    post: Mapping[str, str]
    category: str
    lines: Sequence[Line]
    split: Sequence[tuple[str, int, str]]
    parts: Sequence[Part]
    tree: Mapping[str, Any]
    entries: Sequence[LedgerEntry]
    booking: LedgerEntry | None
    result: Result | None

    @property
    def number(self) -> str:
        """What people quote when they ask about it."""
        return f"BS-{self.cycle.code}-{self.award.id:04d}"


@dataclass(frozen=True, slots=True)
class _Writer:
    """What the wording of the lines needs."""

    language: Language
    plan: BonusPlan
    units: Mapping[str, Unit]

    def say(self, code: str, **params: Any) -> str:
        return translate(f"payouts.line.{code}", params, self.language)

    def name(self, code: str) -> str:
        return translate(f"payouts.explain.{code}", {}, self.language)

    def reason(self, code: str) -> str:
        found = wording.REASONS.get(code)
        return found.within(self.language) if found else code


def statement(session: Session, award: Award, language: Language) -> Statement:
    """Everything on the page of an award; a delta run's award tells of the main award too."""
    main = session.get_one(Award, award.origin_id) if award.origin_id else award
    run, main_run = (
        session.get_one(PayoutRun, award.run_id),
        session.get_one(PayoutRun, main.run_id),
    )
    pool = session.get_one(Pool, run.pool_id)
    cycle = session.get_one(Cycle, pool.cycle_code)
    whole = whole_of(award, main)
    result = session.get(Result, whole.result_id) if whole.result_id else None
    writer = _Writer(
        language,
        bonus_plan(session, run.release_number),
        {unit.code: unit for unit in session.scalars(select(Unit))},
    )
    entries = queries.entries_of(session, main.id)
    lines = _main_lines(writer, whole, main_run, result, cycle, _raw_sum(session, main_run))
    lines += change_lines(writer, award, main) if award.origin_id else _paid_lines(writer, award)
    return Statement(
        award=award,
        main=main,
        run=run,
        pool=pool,
        cycle=cycle,
        employee=session.get_one(Employee, award.employee_no),
        post=_post(session, cycle, award.employee_no),
        category=wording.CATEGORIES[PayCategory(main.inputs["category"])].within(language),
        lines=lines,
        split=_split(writer, award, main),
        parts=_parts(session, main, main_run, entries),
        tree=tree_of(Node.from_dict(award.explanation), language),
        entries=entries,
        booking=queries.booked_as(session, run.id),
        result=result,
    )


def _raw_sum(session: Session, run: PayoutRun) -> int:
    """Σ of what the pool was shared by: with the clean raw of vetoed people when they share."""
    awards = queries.awards_of(session, run.id)
    if run.returned_fen:
        return sum(award.clean_raw_fen for award in awards)
    return sum(award.raw_fen for award in awards)


def _post(session: Session, cycle: Cycle, employee_no: str) -> Mapping[str, str]:
    member = find_participant(session, cycle.code, employee_no)
    if member is None:
        return {}
    found = post(session, member.post_code)
    return {"name_zh": found.name_zh, "name_en": found.name_en}


def _main_lines(
    writer: _Writer,
    award: Whole,
    run: PayoutRun,
    result: Result | None,
    cycle: Cycle,
    raw_sum_fen: int,
) -> list[Line]:
    """From the base to what is due now: base × factors = raw × k = award − deferred = now."""
    inputs = award.inputs
    lines: list[Line] = [
        (writer.name("base"), "", _base(writer), formats.amount(inputs["base_fen"]), ""),
        _factor(writer, "performance", inputs["performance"], _performance(writer, award, result)),
        _factor(writer, "organisation", inputs["organisation"], _organisation(writer, inputs)),
        _factor(writer, "client", inputs["client"], _client(writer, inputs)),
        _factor(writer, "streak", inputs["streak"], _streak(writer, inputs)),
        _factor(writer, "present", inputs["present"], _present(writer, inputs, cycle)),
        _factor(writer, "gate", inputs["gate"], _gate(writer, award)),
        (writer.name("raw"), "=", "", formats.amount(award.raw_fen), "total"),
    ]
    if run.k and run.k != "None":
        shared = writer.say("k", pool_fen=run.pool_fen, raw_fen=raw_sum_fen)
        lines.append((writer.name("k"), "×", shared, formats.number(Fraction(run.k), 6), ""))
    lines.append(
        (
            writer.name("award"),
            "=",
            _limits(writer, award),
            formats.amount(award.award_fen),
            "total",
        )
    )
    if award.returned_fen:
        why = writer.say("returned")
        lines.append((writer.name("returned"), "", why, formats.amount(award.returned_fen), "none"))
    lines.append(_deferral(writer, award))
    lines.append((writer.name("now"), "=", "", formats.amount(award.now_fen), "total"))
    return lines


def _base(writer: _Writer) -> str:
    plan = writer.plan
    return writer.say("base", plan=localized(plan, "name", writer.language), version=plan.version)


def _factor(writer: _Writer, name: str, value: str, reason: str) -> Line:
    return writer.name(name), "×", reason, formats.number(Fraction(value), 4), ""


def _performance(writer: _Writer, award: Whole, result: Result | None) -> str:
    if result is None:
        return award.clean_band
    bands = {band.code: band for band in writer.plan.bands.bands}
    band = bands.get(result.clean_band)
    name = f"{band.code} {localized(band, 'name', writer.language)}" if band else result.clean_band
    if result.clean_total_e2 is None:
        return writer.say("not_rated", version=result.version)
    total = formats.number(result.clean_total_e2, 2)
    return writer.say("performance", band=name, total=total, version=result.version)


def _organisation(writer: _Writer, inputs: Mapping[str, Any]) -> str:
    rule = writer.plan.organisation
    found = _UNITS.findall(inputs["sources"].get("organisation", ""))
    weights = (rule.unit, rule.branch, rule.firm)
    return " + ".join(
        f"{formats.number(weight)} × {_unit_name(writer, code)} {formats.number(Decimal(own), 2)}"
        for weight, (code, own) in zip(weights, found, strict=False)
    )


def _unit_name(writer: _Writer, code: str) -> str:
    unit = writer.units.get(code)
    return localized(unit, "name", writer.language) if unit else code


def _client(writer: _Writer, inputs: Mapping[str, Any]) -> str:
    match = _CLIENT.search(inputs["sources"].get("client", ""))
    if match is None:
        return writer.say("no_clients")
    if match["answers"] == "0":
        return writer.say("no_answers")
    score = formats.number(Decimal(match["score"]), 2)
    return writer.say("client", score=score, answers=int(match["answers"]))


def _streak(writer: _Writer, inputs: Mapping[str, Any]) -> str:
    length = int((inputs["sources"].get("streak") or "0").split()[0])
    return writer.say("streak", length=length, band=writer.plan.streak.minimum_band)


def _present(writer: _Writer, inputs: Mapping[str, Any], cycle: Cycle) -> str:
    days = (cycle.ends_on - cycle.starts_on).days + 1
    there = Fraction(inputs["present"]) * days
    return writer.say("present", there=formats.number(there, 0), days=days)


def _gate(writer: _Writer, award: Whole) -> str:
    if award.inputs["is_vetoed"]:
        return writer.say("gate_veto")
    if award.gate == "FREEZE":
        return writer.say("gate_freeze")
    return writer.say("gate_conduct" if Decimal(award.inputs["gate"]) != 1 else "gate_none")


def _limits(writer: _Writer, award: Whole) -> str:
    if award.cap_fen is not None and award.award_fen == award.cap_fen and award.raw_fen:
        return writer.say("cap", cap_fen=award.cap_fen)
    if award.floor_fen and award.award_fen == award.floor_fen:
        return writer.say("floor", floor_fen=award.floor_fen)
    return ""


def _deferral(writer: _Writer, award: Whole) -> Line:
    name, figure = writer.name("deferred"), formats.amount(award.deferred_fen)
    if not award.deferred_fen:
        return name, "−", writer.say("not_deferred"), figure, "none"
    share = formats.percent(Fraction(award.deferred_fen, award.award_fen), 0)
    category = wording.CATEGORIES[PayCategory(award.inputs["category"])].within(writer.language)
    return f"{name} {share}", "−", writer.say("deferred", category=category), figure, ""


def _paid_lines(writer: _Writer, award: Award) -> list[Line]:
    lines: list[Line] = [
        (writer.say("others"), "±", writer.say("no_others"), formats.amount(0), "none")
    ]
    if award.held_fen:
        reason = wording.HELD_REASONS.get(award.held_reason or "")
        why = reason.within(writer.language) if reason else ""
        lines.append((writer.name("held"), "−", why, formats.amount(award.held_fen), ""))
    if award.disputed_fen:
        why = writer.say("disputed")
        lines.append((writer.name("disputed"), "", why, formats.amount(award.disputed_fen), "none"))
    lines.append((writer.name("paid"), "=", "", formats.amount(award.net_fen), "final"))
    return lines


def _split(writer: _Writer, award: Award, main: Award) -> list[tuple[str, int, str]]:
    """The one bar: what is paid now, what is held, what waits."""
    if not main.award_fen or award.net_fen < 0:
        return []
    share = formats.percent(Fraction(award.net_fen, main.award_fen), 0)
    held = main.held_fen if award is main else 0
    return [
        (writer.say("bar_now", share=share), award.net_fen, "now"),
        (writer.say("bar_held", amount=formats.amount(held)), held, "later"),
        (
            writer.say("bar_deferred", amount=formats.amount(main.deferred_fen)),
            main.deferred_fen,
            "later",
        ),
    ]


def _parts(
    session: Session, award: Award, run: PayoutRun, entries: Sequence[LedgerEntry]
) -> list[Part]:
    """The deferred parts with what is left of them, or what came of them at the end."""
    awarded_on = local_date(run.approved_at) if run.approved_at else None
    known = queries.as_rules(entries)
    found = []
    for row in queries.tranches_of(session, award.id):
        own = [entry for entry in known if entry.tranche == row.id]
        left, vested = tranche_balance(own, row.id), summed(own, EntryKind.VEST)
        state = "open" if left else "vested" if vested else "stopped"
        is_moved = awarded_on is not None and vest_date(awarded_on, row.number) != row.vest_on
        amount = left or vested or row.amount_fen
        if amount or state == "open":
            found.append(Part(row.number, amount, row.vest_on, is_moved, state))
    return found


def tree_of(node: Node, language: Language) -> dict[str, Any]:
    """The kept explanation as the page's tree."""
    name = node.code.rsplit(".", 1)[-1]
    value = node.value or "—"
    if node.unit == "CNY" and node.value is not None:
        value = formats.number(Decimal(node.value), 2)
    elif node.value is not None and name not in ("k",):
        value = formats.number(Fraction(node.value), 4)
    formula = node.formula if node.formula in ("released", "corrected") else name
    note = translate(f"payouts.formula.{formula}", {}, language) if formula in _FORMULAS else ""
    return {
        "label": translate(node.code, node.params, language),
        "note": note if node.children else "",
        "value": value,
        "children": [tree_of(child, language) for child in node.children],
    }


def ratio(text: str, places: int = 6) -> str:
    """A kept fraction or decimal as a figure; a dash where a pool has no single factor."""
    return "—" if text in ("", "None") else formats.number(Fraction(text), places)


def difference(fen: int) -> str:
    """A change of an amount, with its sign."""
    return formats.signed(Decimal(fen).scaleb(-2), 2)
