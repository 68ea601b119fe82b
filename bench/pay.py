"""Pay: scoring a big firm over plain formulas, and sharing its pool over sorting breakpoints."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from bench import scoring
from bench.figures import Figure, over
from perfflow.payouts.rules.pool import Share, share_pool

PEOPLE = 100_000
SEED = 42


def figures(url: str | None) -> Iterator[Figure]:
    """100,000 people scored, explained, and with floors and caps shared to the last 分."""
    yield from scoring.figures(url)
    dice = random.Random(SEED)
    people = []
    for number in range(PEOPLE):
        raw = dice.randrange(100_000, 20_000_000)
        people.append(Share(f"E{number:05d}", raw, raw // 4, raw * 2))
    pool = sum(person.raw_fen for person in people) * 93 // 100

    def ours() -> None:
        share_pool(pool, people)

    def floor() -> None:
        points = [Fraction(person.floor_fen, person.raw_fen) for person in people]
        points += [Fraction(person.cap_fen or 0, person.raw_fen) for person in people]
        points.sort()

    yield over("pay.pool_over_sort", ours, floor, goal=6, n=3, warm_up=1)
