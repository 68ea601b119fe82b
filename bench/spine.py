"""The spine: handing in a goal sheet over HTTP over a bare write; a long inbox over a short."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from statistics import median
from urllib.parse import urlencode

from bench.databases import working_database
from bench.figures import Figure
from bench.floor import add_floor, FLOOR_PATH, floor_tables
from bench.inbox import inbox_figures
from bench.stage import Browser, build_stage, form_fields, sheet_body, Stage
from tests.support.serving import served
from tests.support.statements import count_statements

POSTS = 500
WARM_UP = 20
ADVISORS = 13
CYCLES = 41
SHEET_GOAL = 2.5
STATEMENTS_GOAL = 12
COMMITS_GOAL = 1


def figures(url: str | None) -> Iterator[Figure]:
    """Over loopback HTTP, with sign-in, session and form token; in turns on one server."""
    with working_database(url) as database, tempfile.TemporaryDirectory() as var:
        stage = build_stage(database, advisors=ADVISORS, cycles=CYCLES, var=var)
        add_floor(stage.app, database)
        try:
            with served(stage.app) as address:
                browsers = {no: Browser(address) for no in stage.advisors}
                for no, browser in browsers.items():
                    browser.sign_in(no)
                yield from _statements(stage, browsers)
                yield _post_over_floor(stage, browsers)
                yield from inbox_figures(stage, browsers)
                for browser in browsers.values():
                    browser.close()
        finally:
            floor_tables.drop_all(database.engine)


def _post_over_floor(stage: Stage, browsers: dict[str, Browser]) -> Figure:
    sheets = stage.open_sheets()[: POSTS + WARM_UP]
    pairs = []
    for author, task_id in sheets:
        browser = browsers[author]
        path = f"/inbox/tasks/{task_id}"
        body = sheet_body(browser.get(path)[1])
        bare = urlencode(form_fields(browser.get(FLOOR_PATH)[1], "field"))
        pairs.append((_timed(browser, path, body), _timed(browser, FLOOR_PATH, bare)))
    measured = pairs[WARM_UP:]
    ours = median(pair[0] for pair in measured)
    floor = median(pair[1] for pair in measured)
    return Figure("web.post_over_floor", ours / floor, "×", SHEET_GOAL, ours, floor, len(measured))


def _timed(browser: Browser, path: str, body: str) -> float:
    start = time.perf_counter_ns()
    status, text = browser.post(path, body)
    spent = (time.perf_counter_ns() - start) / 1_000
    if status != 303:
        raise SystemExit(f"expected 303 from {path} but got {status}:\n{text[:2000]}")
    return spent


def _statements(stage: Stage, browsers: dict[str, Browser]) -> Iterator[Figure]:
    """What one hand-in asks of the database when everything that can be known is known."""
    *warm_up, (author, task_id) = stage.open_sheets()[:3]
    for other, other_id in warm_up:
        path = f"/inbox/tasks/{other_id}"
        _timed(browsers[other], path, sheet_body(browsers[other].get(path)[1]))
    path = f"/inbox/tasks/{task_id}"
    body = sheet_body(browsers[author].get(path)[1])
    with count_statements(stage.database.engine) as counted:
        _timed(browsers[author], path, body)
    yield Figure("web.post_statements", len(counted), "statements", STATEMENTS_GOAL)
    yield Figure("web.post_commits", counted.commits, "commits", COMMITS_GOAL)
