"""Parsed process definitions as plain, frozen values that everything else reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target`` becomes the value of the FEEL or literal text ``source``."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class TimerRule:
    """When a timer event falls due: FEEL (with a leading ``=``) or ISO 8601 text."""

    kind: str  # date, duration, cycle
    text: str


@dataclass(frozen=True, slots=True)
class Loop:
    """How an activity repeats: a standard loop, or one instance for each of many."""

    kind: str  # standard, sequential, parallel
    condition: str | None = None  # a standard loop goes on while it is true
    is_tested_before: bool = False
    maximum: int | None = None
    cardinality: str | None = None
    collection: str | None = None
    item: str | None = None  # the variable of an instance that holds its item
    results: str | None = None  # the variable that collects a value of each instance
    result: str | None = None
    completion: str | None = None  # ends the other instances when it is true


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a reminder ladder: ``offset`` working days from the due date."""

    offset: int
    action: str  # remind, escalate
    recipient: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str | None
    name: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node of a process, with everything that the dialect says about it."""

    id: str
    original_id: str
    kind: str  # local name of the BPMN tag
    process_key: str
    parent_id: str | None  # enclosing sub-process
    name_zh: str
    name_en: str
    line: int | None
    event: str = "none"
    attached_to: str | None = None
    is_interrupting: bool = True
    default_flow: str | None = None
    lane: str | None = None
    form_key: str | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    due: str | None = None
    follow_up: str | None = None
    priority: str | None = None
    service: str | None = None
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    called_process: str | None = None
    passes_all_in: bool = True
    passes_all_out: bool = True
    message: str | None = None
    correlation: str | None = None
    code: str | None = None  # error or escalation code
    timer: TimerRule | None = None
    script: str | None = None
    result_variable: str | None = None
    decision: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    ladder: tuple[Rung, ...] = ()
    loop: Loop | None = None
    is_event_sub_process: bool = False
    is_for_compensation: bool = False
    handler: str | None = None  # what undoes the activity of a compensation boundary event
    compensates: str | None = None  # the only activity that a compensation throw undoes
    condition: str | None = None  # of a conditional event
    parts: tuple[Element, ...] = ()  # the triggers of a ``multiple`` event, as events of their own
    needs_all_parts: bool = False
    link: str | None = None

    @property
    def stage(self) -> str | None:
        return self.properties.get("stage")

    def name(self, language: str) -> str:
        """The name in ``language``; the other one when it is missing."""
        first, second = self.name_zh, self.name_en
        return (second or first) if language == "en" else (first or second)


@dataclass(frozen=True, slots=True)
class Process:
    """A process definition: its nodes and flows in the order of the file."""

    key: str
    name_zh: str
    name_en: str
    path: str
    line: int | None
    elements: Mapping[str, Element]
    flows: tuple[Flow, ...]
    variables: frozenset[str] | None  # the declared variables, None when undeclared
    properties: Mapping[str, str]
    is_executable: bool = True
    _leaving: dict[str, list[Flow]] = field(default_factory=dict, init=False, repr=False)
    _entering: dict[str, list[Flow]] = field(default_factory=dict, init=False, repr=False)
    _attached: dict[str, list[Element]] = field(default_factory=dict, init=False, repr=False)
    _started: set[str | None] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        for flow in self.flows:
            self._leaving.setdefault(flow.source, []).append(flow)
            self._entering.setdefault(flow.target, []).append(flow)
        for element in self.elements.values():
            if element.attached_to is not None:
                self._attached.setdefault(element.attached_to, []).append(element)
            if element.kind == "startEvent":
                self._started.add(element.parent_id)

    def outgoing(self, element_id: str) -> list[Flow]:
        """Flows that leave the element, in the order of the file."""
        return self._leaving.get(element_id, [])

    def incoming(self, element_id: str) -> list[Flow]:
        """Flows that enter the element, in the order of the file."""
        return self._entering.get(element_id, [])

    def has_start_event(self, parent_id: str | None) -> bool:
        """Whether a start event stands directly in that sub-process; None is the process."""
        return parent_id in self._started

    def boundary_events(self, element_id: str) -> list[Element]:
        """Events attached to the element."""
        return self._attached.get(element_id, [])

    @property
    def called_processes(self) -> frozenset[str]:
        return frozenset(e.called_process for e in self.elements.values() if e.called_process)
