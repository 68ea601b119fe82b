"""What a benchmark says, and how two things are measured side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

Job = Callable[[], Any]


@dataclass(frozen=True)
class Figure:
    """One figure; ``goal`` is the most that ``value`` should be, None where it only informs.

    Where more is better, ``at_least`` says that the goal is the least that it should be.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    ours_us: float | None = None
    floor_us: float | None = None
    n: int = 1
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.met else "MISSED"
        goal = "" if self.goal is None else f"  goal {sign} {self.goal:g}: {verdict}"
        times = ""
        if self.ours_us is not None and self.floor_us is not None:
            times = f"  ({self.ours_us:,.1f} µs over {self.floor_us:,.1f} µs, n = {self.n})"
        return f"{self.name:<36} {self.value:>10.3f} {self.unit}{goal}{times}"


def timed_us(job: Job) -> float:
    """Microseconds of one run of ``job``."""
    start = time.perf_counter_ns()
    job()
    return (time.perf_counter_ns() - start) / 1_000


def over(
    name: str,
    ours: Job,
    floor: Job,
    *,
    goal: float | None = None,
    n: int = 500,
    warm_up: int = 20,
    repeat: int = 1,
) -> Figure:
    """The ratio of the medians of ``ours`` and ``floor``, run in turns on the same machine.

    ``repeat``: how often a job is called in one measurement, for jobs of a few microseconds.
    """

    def repeated(job: Job) -> Job:
        return job if repeat == 1 else lambda: [job() for _ in range(repeat)]

    first, second = repeated(ours), repeated(floor)
    for _ in range(warm_up):
        first()
        second()
    pairs = [(timed_us(first), timed_us(second)) for _ in range(n)]
    ours_us = median(pair[0] for pair in pairs) / repeat
    floor_us = median(pair[1] for pair in pairs) / repeat
    return Figure(name, ours_us / floor_us, "×", goal, ours_us, floor_us, n)
