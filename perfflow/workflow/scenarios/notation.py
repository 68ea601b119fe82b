"""Reads scenario files: entries with a process file, an expectation, and stories or traces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfflow.calendar import FIRM_ZONE
from perfflow.kernel.errors import BadInput
from perfflow.workflow.scenarios.values import firm_instant

SUFFIX = ".scenarios.json"
EXPECTATIONS = ("RUN", "RUN_OR_REJECT", "REJECT", "IMPORT")
KINDS = ("scenario", "trace", "negative", "import")
DEFAULT_START = datetime(2026, 3, 2, 9, tzinfo=FIRM_ZONE)
DEFAULT_KEY = "S1"
SHARED = ("at", "services", "people", "key")
MAX_BYTES = 4 * 1024 * 1024
Step = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Start values, then steps in order: what people do, what time does, what must be so."""

    steps: tuple[Step, ...]
    name: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = DEFAULT_START
    key: str = DEFAULT_KEY
    process: str | None = None
    services: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rooms: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """One run of a process whose scripts are tokens; their sorted trace must be as expected."""

    expected: tuple[str, ...]
    text: str | None = None
    number: int = 0
    delay_ms: int = 0
    has_companion: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A process file with what is expected of it."""

    file: str  # as the scenario file writes it
    path: Path
    kind: str
    expect: str
    process: str | None = None
    more: tuple[Path, ...] = ()
    stories: tuple[Story, ...] = ()
    traces: tuple[Trace, ...] = ()

    @property
    def needs_rooms(self) -> bool:
        return any(story.rooms for story in self.stories)


def read_scenarios(path: Path) -> list[Entry]:
    """The entries of a scenario file; of a folder, those of all its ``*.scenarios.json``."""
    if path.is_dir():
        files = sorted(path.rglob(f"*{SUFFIX}"))
        if not files:
            raise BadInput("workflow.scenario_none", path=str(path))
        return [entry for file in files for entry in read_scenarios(file)]
    if not path.is_file():
        raise BadInput("workflow.no_such_file", path=str(path))
    return parse_scenarios(path.read_bytes(), path)


def parse_scenarios(content: bytes, path: Path) -> list[Entry]:
    """The entries of a scenario file's content; ``path`` is where its files lie around."""
    if len(content) > MAX_BYTES:
        raise BadInput("workflow.scenario_shape", path=str(path), place="size")
    try:
        data = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadInput("workflow.scenario_json", path=str(path), reason=str(error)[:200]) from None
    entries = data.get("entries") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise BadInput("workflow.scenario_shape", path=str(path), place="entries")
    return [_Reader(path, f"entries[{n}]").entry(item) for n, item in enumerate(entries)]


class _Reader:
    """Reads one entry; keys that it does not know are left alone."""

    def __init__(self, path: Path, place: str) -> None:
        self.path, self.place = path, place

    def entry(self, item: Any) -> Entry:
        item = self._typed(item, dict, "")
        name = self._typed(item.get("file"), str, "file")
        more = self._typed(item.get("more", []), list, "more")
        stories = self._list(item, "scenarios")
        cases = self._list(item, "cases")
        kind = item.get("kind") or ("trace" if cases else "scenario")
        expect = item.get("expect") or {"negative": "REJECT", "import": "IMPORT"}.get(kind, "RUN")
        if kind not in KINDS:
            self._wrong("kind")
        if expect not in EXPECTATIONS:
            self._wrong("expect")
        process = item.get("process")
        return Entry(
            file=name,
            path=self.path.parent / name,
            kind=kind,
            expect=expect,
            process=None if process is None else str(process),
            more=tuple(self.path.parent / self._typed(one, str, "more") for one in more),
            stories=tuple(self._story(one, item) for one in stories),
            traces=tuple(self._trace(one) for one in cases),
        )

    def _story(self, item: dict[str, Any], entry: dict[str, Any]) -> Story:
        both: dict[str, Any] = {name: entry[name] for name in SHARED if name in entry}
        both.update(item)
        steps = []
        for step in self._typed(both.get("steps"), list, "steps"):
            if not isinstance(step, list) or not step or not isinstance(step[0], str):
                self._wrong("steps")
            steps.append(tuple(step))
        process = both.get("process", entry.get("process"))
        return Story(
            steps=tuple(steps),
            name=str(both.get("name") or ""),
            variables=self._typed(both.get("vars", {}), dict, "vars"),
            at=self._instant(both.get("at")),
            key=str(both.get("key") or DEFAULT_KEY),
            process=None if process is None else str(process),
            services=self._typed(both.get("services", {}), dict, "services"),
            people=self._typed(both.get("people", {}), dict, "people"),
            rooms=both.get("rooms") is True,
        )

    def _trace(self, item: dict[str, Any]) -> Trace:
        text, number, delay = item.get("input"), item.get("intvar"), item.get("delay")
        return Trace(
            expected=tuple(map(str, self._typed(item.get("trace"), list, "trace"))),
            text=None if text is None else str(text),
            number=self._typed(number or 0, int, "intvar"),
            delay_ms=self._typed(delay or 0, int, "delay"),
            has_companion=item.get("parallel") is True,
        )

    def _instant(self, text: Any) -> datetime:
        if text is None:
            return DEFAULT_START
        try:
            return firm_instant(self._typed(text, str, "at"))
        except ValueError:
            self._wrong("at")
            raise

    def _list(self, item: dict[str, Any], name: str) -> list[dict[str, Any]]:
        found = self._typed(item.get(name) or [], list, name)
        return [self._typed(one, dict, f"{name}[{n}]") for n, one in enumerate(found)]

    def _typed(self, value: Any, wanted: type[Any], place: str) -> Any:
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            self._wrong(place)
        return value

    def _wrong(self, place: str) -> Any:
        where = f"{self.place}.{place}" if place else self.place
        raise BadInput("workflow.scenario_shape", path=str(self.path), place=where)
