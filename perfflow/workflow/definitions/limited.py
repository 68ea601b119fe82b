"""The gate in a child process: what is hostile or endless takes nothing else with it.

The child has :data:`CPU_SECONDS` of computing time and :data:`MEMORY` bytes on top of what the
program itself has. It shares nothing but the answer, which comes back as JSON through a pipe.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from perfflow.workflow.definitions.findings import Finding, Findings
from perfflow.workflow.definitions.gate import check_files

CPU_SECONDS = 5
WALL_SECONDS = 30.0
MEMORY = 512 * 1024 * 1024
MAX_ANSWER = 64 * 1024 * 1024
CHUNK = 1 << 16
KnownGroup = Callable[[str], bool]


def check_limited(
    files: Mapping[str, bytes], known_group: KnownGroup | None = None
) -> list[Finding]:
    """Like ``check_files``; a check over the limits is a finding about the file that needs it."""
    answer = _in_a_child(files, known_group)
    if answer is not None:
        return answer
    found: list[Finding] = []
    for path in sorted(files):
        alone = None if len(files) == 1 else _in_a_child({path: files[path]}, known_group)
        if alone is None:
            found.extend(_over_the_limit(path))
    # Each file alone may be small enough; all of them together were not.
    return found or list(_over_the_limit(max(files, key=lambda path: len(files[path]))))


def _over_the_limit(path: str) -> Findings:
    found = Findings(path)
    found.error("WF-008", None, seconds=CPU_SECONDS, megabytes=MEMORY // 1024 // 1024)
    return found


def _in_a_child(files: Mapping[str, bytes], known_group: KnownGroup | None) -> list[Finding] | None:
    """The findings, or None when the child did not come to an end."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # The child only computes: it takes no lock that a thread of this process may hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _answer(writer, files, known_group)
    os.close(writer)
    try:
        text = _read(reader, time.monotonic() + WALL_SECONDS)
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        return [Finding.from_data(one) for one in json.loads(text)]
    except ValueError:
        return None


def _read(reader: int, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= MAX_ANSWER:
        ready, _, _ = select.select([reader], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b""
        part = os.read(reader, CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
    return b""


def _answer(writer: int, files: Mapping[str, bytes], known_group: KnownGroup | None) -> NoReturn:
    """Runs in the child and never returns; without an answer the parent knows enough."""
    try:
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU):
            signal.signal(one, signal.SIG_DFL)
    except ValueError:
        pass  # only the main thread may say so
    code = 1
    try:
        _limit(resource.RLIMIT_CPU, CPU_SECONDS)
        _limit(resource.RLIMIT_AS, _address_space() + MEMORY)
        found = [finding.as_data() for finding in check_files(files, known_group)]
        with os.fdopen(writer, "wb") as stream:
            stream.write(json.dumps(found).encode())
        code = 0
    finally:
        # No handler, no buffer and no connection of the parent may be closed a second time.
        os._exit(code)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (allowed, hard))


def _address_space() -> int:
    """Bytes of address space that this process has already (Linux; elsewhere a guess)."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        return int(pages) * resource.getpagesize()
    except OSError:
        return 1 << 31
