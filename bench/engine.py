"""The engine: completing a task through its own API, step after step of one negotiation."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figures import Figure


def figures(_url: str | None) -> Iterator[Figure]:
    yield from ()
