"""From stored inputs to a result: the one path of first computation, later stages and checks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfflow.db.types import json_text
from perfflow.kernel.errors import RuleViolation
from perfflow.kernel.explanation import Node
from perfflow.reviews.rules import calibrate, PersonInputs, PersonScore, score_person, ScoringRules

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a link of the chain says; totals have 2 dp and are None when nobody is rated."""

    score: PersonScore
    total: Decimal | None
    band: str
    clean_band: str
    explanation: Node

    @property
    def facts(self) -> dict[str, Any]:
        """The figures that a stored result must equal."""
        return {
            "total": self.total,
            "clean_total": self.total,
            "dimensions": dict(self.score.dims),
            "band": self.band,
            "clean_band": self.clean_band,
            "objective_total": self.score.objective_total,
            "deduction": self.score.deduction,
            "gate": self.score.gate.value,
            "band_cap": self.score.band_cap,
        }


def stored_inputs(
    person: PersonInputs, *, card: str, min_present_days: int, moves: Sequence[Stored] = ()
) -> dict[str, Any]:
    """The inputs as they are kept with a result; ``moves`` are the decisions of later stages."""
    return {
        "person": person.to_dict(),
        "card": card,
        "min_present_days": min_present_days,
        "moves": [dict(move) for move in moves],
    }


def inputs_hash(stored: Stored) -> str:
    """SHA-256 of the canonical text of the inputs."""
    return hashlib.sha256(json_text(dict(stored)).encode()).hexdigest()


def outcome_of(stored: Stored, rules: ScoringRules) -> Outcome:
    """Score the person, then apply each move in order; a veto comes last and cannot be moved.

    Raises ``ComputationError`` when a move leaves its limits.
    """
    score = score_person(PersonInputs.from_dict(stored["person"]), rules)
    total, band = score.clean_total, score.clean_band
    steps: list[Node] = []
    for move in stored["moves"]:
        if total is None:
            raise RuleViolation("reviews.not_rated_cannot_move")
        before, before_band = total, band
        total, band = calibrate(
            total, band, Decimal(move["points"]), band_cap=score.band_cap, bands=rules.bands
        )
        steps.append(
            Node(
                "reviews.explain.move",
                {"stage": move["stage"], "from": str(before), "from_band": before_band},
                value=move["points"],
                unit="points",
            )
        )
    shown = rules.bands.lowest() if score.standing.is_vetoed else band
    tree = score.explanation
    if steps:
        tree = Node(
            "reviews.explain.result",
            {"band": shown},
            formula="total + Σ moves",
            value=str(total),
            unit="points",
            rounding="N3",
            children=(tree, *steps),
        )
    return Outcome(score, total, shown, band, tree)
