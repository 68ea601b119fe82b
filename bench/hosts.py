"""Lives of a three-task process per second: ours over other engines, with one and four clients."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench.completion import three_tasks
from bench.figures import Figure
from tests.workflow.building import Bench

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements" / "bench.txt"
LIVES = 60
CLIENTS = (1, 4)
GOAL = 3
TIMEOUT = 300
GROUP = "hr-partner"
SHARED = three_tasks("shared", group=GROUP)


def host_figures(bench: Bench, url: str | None) -> Iterator[Figure]:
    """One life = start + 3 × (claim, complete), each in a transaction, each client a process."""
    if url is None:
        print("other engines are measured on PostgreSQL: give --database-url", file=sys.stderr)
        return
    python, root = sys.executable, str(ROOT / "bench")
    ours = [python, f"{root}/host_perfflow.py", url]
    yield from _ratios("spiff_host", ours, [python, f"{root}/host_spiff.py"], url)
    with tempfile.TemporaryDirectory(prefix="perfflow-bench-") as folder:
        try:
            other = _viewflow(Path(folder))
        except (OSError, subprocess.SubprocessError) as error:
            reason = getattr(error, "stderr", None) or str(error)
            last = reason.strip().splitlines()[-1:] or [type(error).__name__]
            print(f"viewflow was not measured: {last[0][:200]}", file=sys.stderr)
            return
        yield from _ratios("viewflow", ours, [other, f"{root}/host_viewflow.py"], url)


def _viewflow(folder: Path) -> str:
    """The Python of an environment of its own: viewflow is never a part of PerfFlow's."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    python = str(folder / "bin" / "python")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries=0"]
    subprocess.run(
        [python, "-m", "pip", "install", *options, "--require-hashes", "-r", REQUIREMENTS],
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    return python


def _ratios(name: str, ours: Sequence[str], theirs: Sequence[str], url: str) -> Iterator[Figure]:
    with _schema(url, f"bench_{name}") as there:
        command = [*theirs, there]
        _run([*command, "setup"])
        for clients in CLIENTS:
            # In turns, so that both meet the same machine.
            rounds = [(_rate(ours, clients), _rate(command, clients)) for _ in range(3)]
            rate, other = (sorted(pair[side] for pair in rounds)[1] for side in (0, 1))
            yield Figure(
                f"engine.over_{name}_{clients}", rate / other, "×", GOAL, 1e6 / rate, 1e6 / other,
                LIVES * clients, at_least=True,
            )  # fmt: skip


def _rate(command: Sequence[str], clients: int) -> float:
    """Lives per second of all clients together, between the first start and the last end."""
    running = [
        subprocess.Popen(
            [*command, "run", str(LIVES)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(clients)
    ]
    for child in running:
        assert child.stdout is not None
        if child.stdout.readline().strip() != "ready":
            raise SystemExit(f"expected {command} to get ready")
    begun = time.perf_counter()
    for child in running:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in running:
        assert child.stdout is not None
        if json.loads(child.stdout.readline()) != LIVES:
            raise SystemExit(f"expected {LIVES} whole lives from {command}")
    spent = time.perf_counter() - begun
    for child in running:
        child.communicate(timeout=TIMEOUT)
    return LIVES * clients / spent


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True, timeout=TIMEOUT)


@contextmanager
def _schema(url: str, name: str) -> Iterator[str]:
    """The URL of an empty schema in the same database, gone afterwards."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        there = parsed.set(drivername="postgresql").update_query_dict(
            {"options": f"-csearch_path={name}"}
        )
        yield there.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()
