"""What the generator planted, and fingerprints of what it made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

from perfflow.seed.cases import planted_cases
from perfflow.seed.measures import (
    Market,
    person_rows,
    SHOCK,
    SHOCK_MONTHS,
    SHOCKED_BRANCH,
)
from perfflow.seed.people import Firm, Person

TELLING_LENIENCY = 6.0


def planted_truth(firm: Firm, profile: str | None) -> dict[str, Any]:
    """Who mis-sells, slackens, has a gate case or high potential: the oracle of signal tests."""
    people = firm.people()
    return {
        "seed": firm.seed,
        "employees": len(firm.organisation.seats),
        "months": firm.window.months,
        "profile": profile,
        "mis_sellers": [_span(one, one.episode) for one in people if one.episode],
        "disengaged": [_span(one, one.slump) for one in people if one.slump],
        "gate_cases": [
            {
                "employee": one.person.no,
                "severity": one.severity,
                "conduct_on": one.conduct_on.isoformat(),
            }
            for one in planted_cases(firm)
        ],
        "clawback": [planted.person.no for planted in planted_cases(firm) if planted.is_clawback],
        "falsified_visits": [one.no for one in people if one.falsifies_visits],
        "lenient": [one.no for one in people if one.leniency >= TELLING_LENIENCY],
        "strict": [one.no for one in people if one.leniency <= -TELLING_LENIENCY],
        "narrow": [one.no for one in people if one.compresses],
        "market_shock": _shock(firm),
        "high_potential": [one.no for one in people if one.is_high_potential],
    }


def _shock(firm: Firm) -> dict[str, Any] | None:
    """The branch whose flows fell, and by when; None in a firm without that branch."""
    if all(unit.code != SHOCKED_BRANCH for unit in firm.organisation.units):
        return None
    return {"branch": SHOCKED_BRANCH, "factor": str(SHOCK), "last_months": SHOCK_MONTHS}


def _span(one: Person, span: tuple[date, date] | None) -> dict[str, str]:
    first, last = span or (one.hired_on, one.hired_on)
    return {"employee": one.no, "from": first.isoformat(), "to": last.isoformat()}


def fingerprints(firm: Firm) -> dict[str, str]:
    """SHA-256 of each generated table, in the order in which it is generated."""
    people = firm.people()
    market = Market(firm)
    return {
        "units": _digest(firm.organisation.units),
        "employees": _digest(_plain(one) for one in people),
        "assignments": _digest(row for one in people for row in firm.assignments(one)),
        "absences": _digest(row for one in people for row in firm.absences(one)),
        "values": _digest(row for one in people for row in person_rows(firm, market, one)),
    }


def _plain(one: Person) -> dict[str, Any]:
    """The facts of a person that reach the database (latents are rounded for the print)."""
    facts = asdict(one)
    for latent in ("skill", "diligence", "care", "leniency"):
        facts[latent] = f"{facts[latent]:.9f}"
    return facts


def _digest(rows: Iterable[Any]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        plain = asdict(row) if is_dataclass(row) and not isinstance(row, type) else row
        digest.update(json.dumps(plain, sort_keys=True, default=str).encode())
        digest.update(b"\n")
    return digest.hexdigest()
