"""The engine's figures: shares of the floor, sizes, loops, races, inbox, and other engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bench.completion import completion_figures, LONG, THREE
from bench.databases import working_database
from bench.figures import Figure
from bench.hosts import host_figures, SHARED
from bench.loops import LOOP, loop_figure
from bench.pile import pile_figure
from bench.races import EIGHT, race_figures
from bench.states import state_figures
from perfflow.calendar import FIRM_ZONE
from perfflow.workflow.ports import plug_directory
from tests.workflow.building import Bench, SmallDirectory

NOW = datetime(2025, 1, 6, 9, tzinfo=FIRM_ZONE)


def figures(url: str | None) -> Iterator[Figure]:
    """Small processes of the benchmark's own, full history kept; the shipped appraisal."""
    plug_directory(SmallDirectory())
    yield from state_figures()
    with working_database(url) as database:
        bench = Bench(database, NOW)
        bench.deploy(THREE, LONG, LOOP, EIGHT, SHARED)
        yield from completion_figures(bench)
        yield loop_figure(bench)
        yield from race_figures(bench)
        yield from host_figures(bench, url)
        yield pile_figure(bench)
