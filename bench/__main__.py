"""`python -m bench [spine|engine|mass|feel|pay] [--database-url URL] [--json]`: prints ratios."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from bench.figures import Figure
from perfflow.db import Database
from perfflow.i18n import word
from perfflow.kernel.errors import PerfFlowError

SUITES = ("feel", "pay", "engine", "mass", "spine")


def run(suites: Sequence[str], url: str | None, *, is_loud: bool) -> list[Figure]:
    """The figures of ``suites``; printed as they come when ``is_loud``."""
    figures = []
    for suite in suites:
        for figure in import_module(f"bench.{suite}").figures(url):
            figures.append(figure)
            if is_loud:
                print(figure, flush=True)
    return figures


def _backend(url: str | None) -> str:
    if url is None:
        return "sqlite"
    database = Database(url)
    database.dispose()
    return "postgresql" if database.is_postgresql else "sqlite"


def main(argv: Sequence[str] | None = None) -> int:
    """0 however the figures are: a benchmark informs; 2 when it cannot run."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="default: all")
    parser.add_argument("--database-url", help="an empty database; default: a new SQLite file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    for suite in options.suites:
        if suite not in SUITES:
            parser.error(f"no suite {suite}: there are {', '.join(SUITES)}")
    try:
        backend = _backend(options.database_url)
        figures = run(options.suites or SUITES, options.database_url, is_loud=not options.json)
    except PerfFlowError as error:
        print(f"bench: {word(error, 'en')}\nbench: {word(error, 'zh')}", file=sys.stderr)
        return 2
    if options.json:
        shown = [figure.as_json() for figure in figures]
        report = {"database": backend, "cpus": os.cpu_count(), "figures": shown}
        print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
