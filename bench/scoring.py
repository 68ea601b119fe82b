"""Scoring of a big firm over the same formulas written out in Decimal, without any object."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from decimal import Decimal, localcontext, ROUND_HALF_UP
from functools import partial
from tempfile import TemporaryFile
from typing import IO

from bench.figures import Figure, timed_us
from perfflow.db.types import json_text
from perfflow.plans.rules.curves import RAMP, STD
from perfflow.reviews.rules import LineInputs, PersonInputs, score_person, SegmentInputs

PEOPLE = 100_000
BLOCK = 10_000
SEED = 42
MEMORY_MIB = 512
CARD = (
    ("RS-01", "R", 2000, "ramp"),
    ("RS-05", "R", 1000, "std"),
    ("RS-08", "R", 1000, "std"),
    ("CL-01", "C", 1200, "std"),
    ("CL-04", "C", 1000, "std"),
    ("CL-05", "C", 800, "std"),
    ("CP-01", "K", 1000, "std"),
    ("CP-03", "K", 1000, "std"),
    ("GR-01", "G", 500, "std"),
    ("GR-02", "G", 500, "std"),
)
CURVES = {"std": STD, "ramp": RAMP}
Facts = list[list[tuple[Decimal, Decimal]]]


def facts(dice: random.Random, people: int) -> Facts:
    """Actual and target of ten metrics of each person."""
    return [
        [
            (Decimal(dice.randrange(500_000, 1_300_000)), Decimal(dice.randrange(8, 12) * 100_000))
            for _ in CARD
        ]
        for _ in range(people)
    ]


def person_of(figures: list[tuple[Decimal, Decimal]]) -> PersonInputs:
    """The inputs of one person as production has them."""
    lines = tuple(
        LineInputs(code, dim, weight, actual=actual, target=target, curve=CURVES[curve])
        for (code, dim, weight, curve), (actual, target) in zip(CARD, figures, strict=True)
    )
    return PersonInputs((SegmentInputs("FA", 365, lines),), 365)


def inlined(figures: list[tuple[Decimal, Decimal]]) -> tuple[str, Decimal, dict[str, Decimal]]:
    """The floor: attainment, curve, dimensions, total and band of one card, written out."""
    e6, e4, e2 = Decimal("0.000001"), Decimal("0.0001"), Decimal("0.01")
    total = Decimal(0)
    sums: dict[str, Decimal] = {}
    weights: dict[str, int] = {}
    for (_, dim, weight, curve), (actual, target) in zip(CARD, figures, strict=True):
        r = min(max(1 + (actual - target) / abs(target), Decimal(0)), Decimal(10))
        r = r.quantize(e6, ROUND_HALF_UP)
        if r >= Decimal("1.2"):
            score = Decimal(120)
        elif r < Decimal("0.6"):
            score = Decimal(0)
        elif r >= 1 or curve == "std":
            score = 100 * r
        else:
            score = 250 * (r - Decimal("0.6"))
        score = score.quantize(e4, ROUND_HALF_UP)
        total += weight * score
        sums[dim] = sums.get(dim, Decimal(0)) + weight * score
        weights[dim] = weights.get(dim, 0) + weight
    dims = {dim: (sums[dim] / weights[dim]).quantize(e4, ROUND_HALF_UP) for dim in sums}
    total = min(max(total / 10_000, Decimal(0)), Decimal(120)).quantize(e2, ROUND_HALF_UP)
    band = "S" if total >= 110 else "A" if total >= 95 else "B" if total >= 80 else ""
    return band or ("C" if total >= 60 else "D"), total, dims


def figures(_url: str | None) -> Iterator[Figure]:
    """100,000 people × 10 metrics: scored, and scored with every explanation tree stored.

    In blocks, as production reads people: what is alive at a time is one block.
    """
    floor_us = scored_us = explained_us = 0.0
    dice = random.Random(SEED)
    with TemporaryFile("w", encoding="utf-8") as out:
        for _ in range(PEOPLE // BLOCK):
            given = facts(dice, BLOCK)
            people = [person_of(one) for one in given]
            _compare(given[:100], people)
            floor_us += timed_us(partial(_floor, given))
            scored_us += timed_us(partial(_scored, people))
            explained_us += timed_us(partial(_explained, people, out))
    blocks = PEOPLE // BLOCK
    for name, ours_us, goal in (
        ("pay.score_over_inline", scored_us, 2.5),
        ("pay.explained_over_inline", explained_us, 6),
    ):
        yield Figure(name, ours_us / floor_us, "×", goal, ours_us, floor_us, blocks)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("pay.score_memory", peak, "MiB", goal=MEMORY_MIB)


def _floor(given: Facts) -> None:
    with localcontext() as context:
        context.prec = 34
        for one in given:
            inlined(one)


def _scored(people: list[PersonInputs]) -> None:
    for one in people:
        score_person(one)


def _explained(people: list[PersonInputs], out: IO[str]) -> None:
    for one in people:
        out.write(json_text(score_person(one).explanation.to_dict()))


def _compare(given: Facts, people: list[PersonInputs]) -> None:
    """Both ways must give the same before it means anything that one is quicker."""
    for one, whole in zip(given, people, strict=False):
        band, total, dims = inlined(one)
        ours = score_person(whole)
        if (ours.band, ours.total, ours.dims) != (band, total, dims):
            raise AssertionError(f"{ours} is not {band} {total} {dims}")
