"""Linting files one by one: what each comes to, with what the others and the product offer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.limited import check_limited, KnownGroup
from perfflow.workflow.definitions.status import Status, status_of

PLACE = "processes/linted/"
# Only names are looked for, and only to know which files to check together: what is hostile in a
# file is left to the child process.
_KEY = re.compile(rb"<(?:\w+:)?process\b[^>]{0,2000}?\bid\s*=\s*[\"']([^\"']{1,200})[\"']")
_LOCATION = re.compile(
    rb"<(?:\w+:)?import\b[^>]{0,2000}?\blocation\s*=\s*[\"']([^\"']{1,200})[\"']"
)
_CALLED = re.compile(rb"\b(?:calledElement|processId)\s*=\s*[\"']([^\"']{1,200})[\"']")
MAX_SEARCHED = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Linted:
    """What the gate says about one file."""

    file: str
    status: Status
    findings: tuple[Finding, ...]

    @property
    def is_deployable(self) -> bool:
        return self.status == "accepted"

    def as_data(self) -> dict[str, Any]:
        """The file in the shape of ``perfflow lint --json``."""
        return {
            "file": self.file,
            "status": self.status,
            "deployable": self.is_deployable,
            "findings": [_shown(finding) for finding in self.findings],
        }


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": "info" if finding.severity == "note" else finding.severity,
        "element": finding.element,
        "line": finding.line,
        "message": {"zh": finding.message("zh"), "en": finding.message("en")},
        "remedy": {"zh": finding.remedy("zh"), "en": finding.remedy("en")},
        "translated_from": finding.params.get("translated_from"),
    }


def lint_files(
    named: Sequence[tuple[str, bytes]],
    offered: Mapping[str, bytes],
    known_group: KnownGroup | None = None,
    workers: int = 2,
    progress: Callable[[Linted], None] | None = None,
) -> list[Linted]:
    """Each named file on its own, in the order given.

    Forms, decisions and called processes are looked for among the named files first, then among
    what is ``offered`` (deployable path → content). Two files may hold processes of one key: a
    folder of examples is no deployment.
    """
    neighbours = {place_of(name): content for name, content in named}
    around = {
        path: text for path, text in {**offered, **neighbours}.items() if not path.endswith(".bpmn")
    }
    whole = {**offered, **neighbours}
    callable_ = _by_key(whole)

    def one(item: tuple[str, bytes]) -> Linted:
        name, content = item
        imported = _imported(content, whole)
        linted = _lint(name, content, {**around, **imported}, callable_, known_group)
        if progress is not None:
            progress(linted)
        return linted

    with ThreadPoolExecutor(max(1, workers)) as pool:
        return list(pool.map(one, named))


def place_of(name: str) -> str:
    """Under which deployable path a file is checked, by its ending."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    if last.endswith(".form.json"):
        return f"forms/{last}"
    return PLACE + (last if last.endswith(".dmn") else f"{name.removesuffix('.bpmn')}.bpmn")


def imported_places(content: bytes) -> set[str]:
    """The locations of the files that a file imports, as it writes them."""
    return {
        place.decode("utf-8", "replace").replace("\\", "/")
        for place in _LOCATION.findall(content[:MAX_SEARCHED])
    }


def _lint(
    name: str,
    content: bytes,
    around: Mapping[str, bytes],
    callable_: Mapping[str, tuple[str, bytes]],
    known_group: KnownGroup | None,
) -> Linted:
    place = place_of(name)
    files = dict(around)
    if place.endswith(".form.json"):
        files = {}
    elif place.endswith(".bpmn"):
        files |= _called(content, callable_)
    files[place] = content
    findings = tuple(
        finding for finding in check_limited(files, known_group) if finding.path == place
    )
    return Linted(name, status_of(findings), findings)


def _imported(content: bytes, whole: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that a file imports, when they hold no process of the same key."""
    names = {place.rsplit("/", 1)[-1] for place in imported_places(content)}
    own = set(_KEY.findall(content[:MAX_SEARCHED]))
    return {
        path: text
        for path, text in whole.items()
        if path.rsplit("/", 1)[-1] in names
        and text is not content
        and not own.intersection(_KEY.findall(text[:MAX_SEARCHED]))
    }


def _by_key(files: Mapping[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """Process key → the last file that holds it."""
    return {
        key.decode("utf-8", "replace"): (path, content)
        for path, content in files.items()
        if path.endswith(".bpmn")
        for key in _KEY.findall(content[:MAX_SEARCHED])
    }


def _called(content: bytes, callable_: Mapping[str, tuple[str, bytes]]) -> dict[str, bytes]:
    """The files of the processes that a file calls, directly or not."""
    own = {key.decode("utf-8", "replace") for key in _KEY.findall(content[:MAX_SEARCHED])}
    found: dict[str, bytes] = {}
    pending, seen = [content], set(own)
    while pending:
        for key in _CALLED.findall(pending.pop()[:MAX_SEARCHED]):
            name = key.decode("utf-8", "replace").split(":")[-1]
            if name not in seen and name in callable_:
                seen.add(name)
                path, text = callable_[name]
                theirs = {k.decode("utf-8", "replace") for k in _KEY.findall(text[:MAX_SEARCHED])}
                if not theirs & own:
                    found[path] = text
                    pending.append(text)
    return found
