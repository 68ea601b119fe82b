"""Lint of what a process refers to: expressions, timers, forms, services, groups, processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from perfflow.feel import FeelSyntaxError
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import PerfFlowError
from perfflow.workflow.definitions.decisions import Decision
from perfflow.workflow.definitions.elements import Element, Loop, Process
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.foreign import PERSON
from perfflow.workflow.definitions.juel import has_foreign
from perfflow.workflow.definitions.structure import process_place
from perfflow.workflow.engine.expressions import compiled, read_temporal
from perfflow.workflow.registry import find_service

BUILT_IN = frozenset({"business_key", "definition_key"})
LOOP_NAMES = frozenset(
    {"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"}
)
RESERVED_VARIABLES = frozenset({"self", "null", "true", "false", "item", "partial"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a bundle offers to its processes; ``None`` means that nobody knows yet."""

    processes: Mapping[str, Process] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    known_group: Callable[[str], bool] = lambda name: name.split("/")[0] in set(Role)


def lint_references(process: Process, around: Surroundings, findings: Findings) -> None:
    """Everything that the elements of ``process`` name or compute."""
    known = _known_variables(process)
    for name in sorted(process.variables or ()):
        if not is_variable_name(name):
            findings.error("WF-303", process_place(process), name=name)
    for element in process.elements.values():
        for one in (element, *element.parts):
            _Lint(process, one, around, known, findings).run()
    for flow in process.flows:
        if flow.condition:
            source = process.elements.get(flow.source)
            if source is not None:
                lint = _Lint(process, source, around, known, findings)
                lint.feel(flow.condition, f"condition of {flow.id}")


def _known_variables(process: Process) -> frozenset[str] | None:
    if process.variables is None:
        return None
    names = set(process.variables) | BUILT_IN
    for element in process.elements.values():
        names |= {item.target.split(".")[0] for item in element.outputs}
        if element.kind in ("subProcess", "transaction", "callActivity"):
            names |= {item.target for item in element.inputs}
        if element.loop is not None:
            names |= LOOP_NAMES | {n for n in (element.loop.item, element.loop.results) if n}
        if element.result_variable:
            names.add(element.result_variable)
        service = find_service(element.service) if element.service else None
        if service is not None and not element.outputs:
            names |= set(service.outputs)
    return frozenset(names)


class _Lint:
    """The checks of one element."""

    def __init__(
        self,
        process: Process,
        element: Element,
        around: Surroundings,
        known: frozenset[str] | None,
        findings: Findings,
    ) -> None:
        self.process, self.element, self.around = process, element, around
        self.known, self.findings = known, findings

    def run(self) -> None:
        element = self.element
        self._mappings()
        if element.kind == "userTask":
            self._user_task()
        if element.kind in ("serviceTask", "scriptTask", "businessRuleTask", "sendTask"):
            self._work()
        if element.kind == "callActivity":
            self._call()
        if element.timer is not None:
            self._timer()
        if element.condition:
            self.feel(element.condition, "condition")
        if element.loop is not None:
            self._loop(element.loop)
        if element.event in ("message", "signal"):
            self._message()

    # -- expressions --------------------------------------------------------------------------

    def value(self, text: str | None, where: str, extra: frozenset[str] = frozenset()) -> None:
        """A text that is FEEL only behind ``=``."""
        if text and text.startswith("="):
            self.feel(text, where, extra)
        elif text and has_foreign(text):
            self.findings.error("WF-301", self.element, where=where, text=text, expected="FEEL")

    def feel(self, text: str, where: str, extra: frozenset[str] = frozenset()) -> None:
        """A text that must be FEEL."""
        try:
            expression = compiled(text)
        except FeelSyntaxError as error:
            self.findings.error(
                "WF-301",
                self.element,
                where=where,
                text=text,
                expected=str(getattr(error, "expected", error)),
            )
            return
        except RecursionError:
            self.findings.error("WF-301", self.element, where=where, text=text[:80], expected="")
            return
        for name in sorted(expression.variables):
            if not name.split(".")[0].isidentifier():
                # FEEL has names of several words; the variables of a process are single words.
                self.findings.error("WF-309", self.element, where=where, text=name[:80])
        if self.known is None:
            return
        local = extra | {item.target for item in self.element.inputs}
        for name in sorted(expression.variables):
            if name.split(".")[0] not in self.known and name not in local:
                self.findings.error("WF-302", self.element, where=where, name=name)

    def _mappings(self) -> None:
        earlier: set[str] = set()
        for item in self.element.inputs:
            self.value(item.source, f"input {item.target}", frozenset(earlier))
            earlier.add(item.target)
        for item in (*self.element.inputs, *self.element.outputs):
            if not is_variable_name(item.target):
                self.findings.error("WF-303", self.element, name=item.target)
        for item in self.element.outputs:
            # What a form, a service or a called process gives back cannot be known here.
            if item.source.startswith("="):
                try:
                    compiled(item.source)
                except (FeelSyntaxError, RecursionError) as error:
                    self.findings.error(
                        "WF-301",
                        self.element,
                        where=f"output {item.target}",
                        text=item.source,
                        expected=str(getattr(error, "expected", error)),
                    )

    # -- kinds of elements --------------------------------------------------------------------

    def _user_task(self) -> None:
        element = self.element
        if not element.form_key:
            self.findings.warning("WF-401", element)
        elif element.form_key not in self.around.forms:
            self.findings.error("WF-402", element, form=element.form_key)
        if not (element.assignee or element.candidate_groups or element.lane):
            self.findings.warning("WF-403", element)
        self.value(element.assignee, "assignee")
        self.value(element.candidate_groups, "candidateGroups")
        groups = element.candidate_groups or ""
        if groups and not groups.startswith("="):
            for name in filter(None, (part.strip() for part in groups.split(","))):
                if not name.startswith(PERSON) and not self.around.known_group(name):
                    self.findings.warning("WF-404", element, group=name)
        for text, where in ((element.due, "dueDate"), (element.follow_up, "followUpDate")):
            self.value(text, where)
            if text and not text.startswith("="):
                self._iso(text, where)
        self.value(element.priority, "priority")
        self.value(element.properties.get("not_for"), "not_for")
        self.value(element.properties.get("subject"), "subject")
        if element.ladder and not element.due:
            self.findings.error("WF-307", element)
        for rung in element.ladder:
            whom = rung.recipient
            if whom and whom not in ("assignee", "manager") and not self.around.known_group(whom):
                self.findings.error("WF-404", element, group=whom)
        if not element.name_zh:
            self.findings.warning("WF-405", element)

    def _work(self) -> None:
        element = self.element
        if element.kind == "businessRuleTask" and element.decision:
            self._decision(element.decision)
            if not element.result_variable:
                self.findings.error("WF-407", element)
        elif element.script is not None:
            self.feel(element.script, "script")
            if not element.result_variable:
                self.findings.error("WF-407", element)
        elif element.service is None:
            if not (element.kind == "sendTask" and element.message):
                self.findings.error("WF-408", element)
        else:
            self._service(element.service)

    def _decision(self, name: str) -> None:
        if name.startswith("="):
            self.feel(name, "calledDecision")
            return
        decision = self.around.decisions.get(name)
        if decision is None:
            self.findings.error("WF-406", self.element, decision=name)
            return
        given = {item.target for item in self.element.inputs}
        for missing in decision.inputs:
            if self.known is not None and missing not in self.known and missing not in given:
                self.findings.error("WF-414", self.element, decision=name, name=missing)

    def _service(self, name: str) -> None:
        service = find_service(name)
        if service is None:
            self.findings.error("WF-409", self.element, service=name)
            return
        given = {item.target for item in self.element.inputs}
        for unknown in sorted(given - set(service.inputs)):
            self.findings.error("WF-410", self.element, service=name, name=unknown)
        for missing in service.inputs:
            if missing in given:
                continue
            if self.known is not None and missing not in self.known:
                self.findings.error("WF-411", self.element, service=name, name=missing)

    def _call(self) -> None:
        element = self.element
        if not element.called_process:
            self.findings.error("WF-412", element, process="")
        elif element.called_process.startswith("="):
            self.findings.error("WF-413", element)
        elif element.called_process not in self.around.processes:
            self.findings.error("WF-412", element, process=element.called_process)

    def _timer(self) -> None:
        timer = self.element.timer
        if timer is None:
            return
        if timer.text.startswith("="):
            self.feel(timer.text, "timer")
        elif timer.kind == "cycle":
            if read_cycle(timer.text) is None:
                self.findings.error("WF-305", self.element, text=timer.text)
        else:
            self._iso(timer.text, "timer", must_be_duration=timer.kind == "duration")
        if timer.kind == "cycle" and self.element.is_interrupting:
            self.findings.warning("WF-308", self.element)

    def _loop(self, loop: Loop) -> None:
        for text, where in (
            (loop.condition, "loopCondition"),
            (loop.cardinality, "loopCardinality"),
            (loop.collection, "inputCollection"),
            (loop.completion, "completionCondition"),
            (loop.result, "outputElement"),
        ):
            if text:
                self.feel(text, where)
        for name in (loop.item, loop.results):
            if name and not is_variable_name(name):
                self.findings.error("WF-303", self.element, name=name)

    def _iso(self, text: str, where: str, must_be_duration: bool = False) -> None:
        from datetime import datetime, UTC

        try:
            read_temporal(text, datetime(2026, 1, 1, tzinfo=UTC))
        except (PerfFlowError, ValueError, OverflowError):
            self.findings.error("WF-305", self.element, text=text, where=where)
            return
        if must_be_duration and not text.lstrip("-").startswith("P"):
            self.findings.error("WF-305", self.element, text=text, where=where)

    def _message(self) -> None:
        element = self.element
        catches = element.kind in ("intermediateCatchEvent", "boundaryEvent", "receiveTask")
        self.value(element.message, "message name")
        if element.event == "message":
            if element.correlation:
                # The payload of a thrown message is not visible to its key.
                self.feel(element.correlation, "correlationKey")
            elif catches:
                self.findings.warning("WF-205", element)


def read_cycle(text: str) -> tuple[int, str] | None:
    """``R3/PT1H`` as (times, duration); times is -1 for without end. None when unreadable."""
    import re

    match = re.fullmatch(r"R(\d*)/(P[0-9YMWDTHS.]+)", text.strip())
    if match is None:
        return None
    try:
        from datetime import datetime, UTC

        from perfflow.workflow.engine.expressions import add_duration

        add_duration(datetime(2026, 1, 1, tzinfo=UTC), match[2])
    except PerfFlowError:
        return None
    return (int(match[1]) if match[1] else -1), match[2]


def is_variable_name(name: str) -> bool:
    """A name that FEEL reads as a variable: no key word, and no function's name."""
    if not all(part.isidentifier() for part in name.split(".")):
        return False
    first = name.split(".")[0]
    if first in RESERVED_VARIABLES:
        return False
    try:
        return compiled(first).variables == {first}
    except FeelSyntaxError:
        return False
