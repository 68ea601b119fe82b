"""The bonus statement as a printed document: the words of its page, laid out on paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfflow.calendar import local_date
from perfflow.documents import typeset
from perfflow.i18n import formats, localized, translate
from perfflow.i18n.languages import Language, LOCALES
from perfflow.payouts.presentation import Statement
from perfflow.people.models import Employee

TEMPLATE = Path(__file__).parent / "templates" / "payouts" / "statement.typ"


def printed_statement(
    page: Statement, people: Mapping[str, Employee], language: Language, fonts: Path | None
) -> bytes:
    """The PDF of a statement; the same statement in the same language has the same bytes."""
    return typeset(TEMPLATE, document_of(page, people, language), fonts)


def document_of(
    page: Statement, people: Mapping[str, Employee], language: Language
) -> dict[str, Any]:
    """Everything that the template prints, worded."""

    def say(text: str, **params: Any) -> str:
        return translate(text, params, language)

    post = localized(page.post, "name", language) if page.post else ""
    who = (localized(page.employee, "name", language), page.employee.no, post, page.category)
    return {
        "language": LOCALES[language].partition("_")[0],
        "title": say("Bonus statement, %(cycle)s", cycle=localized(page.cycle, "name", language)),
        "who": " · ".join(part for part in who if part),
        "number": page.number,
        "net_label": say("Paid this time, before tax"),
        "net": formats.money(page.award.net_fen, language),
        "lines_label": say("How each figure comes about"),
        "lines": [
            {"name": name, "sign": sign, "why": why, "figure": figure, "weight": weight}
            for name, sign, why, figure, weight in page.lines
        ],
        "parts_label": say("Deferred parts"),
        "parts": [
            [
                say("Part %(number)s", number=part.number),
                formats.day(part.vest_on, language, weekday=True, year=True),
                formats.amount(part.amount_fen),
            ]
            for part in page.parts
        ],
        "tree_label": say("Step by step"),
        "tree": _flat(page.tree),
        "voices_label": say("Who did what"),
        "voices": _voices(page, people, language),
        "readers": say(
            "Read by the person, her line managers, finance, the remuneration committee and"
            " auditors. Nobody else."
        ),
    }


def _flat(node: Mapping[str, Any], depth: int = 0) -> list[dict[str, Any]]:
    row = {name: node[name] for name in ("label", "note", "value")} | {"depth": depth}
    return [row] + [inner for child in node["children"] for inner in _flat(child, depth + 1)]


def _voices(
    page: Statement, people: Mapping[str, Employee], language: Language
) -> list[tuple[str, str, str]]:
    run = page.run
    steps = (
        ("Computed", run.computed_at, run.computed_by),
        ("Approved", run.approved_at, run.approved_by),
        ("Released", run.released_at, run.released_by),
    )
    return [
        (
            translate(what, {}, language),
            formats.day(local_date(at), language, weekday=False, year=True),
            localized(people[by], "name", language) if by and by in people else by or "",
        )
        for what, at, by in steps
        if at is not None
    ]
