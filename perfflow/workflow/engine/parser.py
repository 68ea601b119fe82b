"""Builds SpiffWorkflow specs from a normalised tree; one frozen spec per process version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.parser import event_parsers, task_parsers
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask

from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.definitions.normalise import bpmn
from perfflow.workflow.engine import specs

CATCHING = ("intermediateCatchEvent", "boundaryEvent", "receiveTask")


class _InFileOrder:
    """Parsing that never looks at the drawing."""

    def get_position(self, node: Any = None) -> dict[str, float]:
        return {"x": 0.0, "y": 0.0}


class _Node(_InFileOrder, TaskParser):  # type: ignore[misc]
    pass


class _Gateway(_InFileOrder, task_parsers.GatewayParser):  # type: ignore[misc]
    pass


class _ConditionalGateway(_InFileOrder, task_parsers.ConditionalGatewayParser):  # type: ignore[misc]
    def parse_condition(self, sequence_flow: Any) -> str | None:
        flow = self.process_parser.parser.conditions.get(sequence_flow.get("id"))
        return flow or None


class _SubProcess(_InFileOrder, task_parsers.SubWorkflowParser):  # type: ignore[misc]
    pass


class _Call(_InFileOrder, TaskParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        called = self.process_parser.parser.elements[self.bpmn_id].called_process
        return self.spec_class(
            self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes
        )


class _Event(_InFileOrder):
    """Event definitions come from the parsed elements, not from SpiffWorkflow's reading."""

    def get_event_definition(self, xpaths: Any) -> Any:
        element: Element = self.process_parser.parser.elements[self.bpmn_id]  # type: ignore[attr-defined]
        if element.kind == "startEvent" or element.event == "none":
            return NoneEventDefinition(description="Default")
        if element.event == "terminate":
            return specs.Terminate(description="Terminate")
        if element.kind in CATCHING:
            return specs.Trigger(element.event, element)
        return specs.Throw(element.event, element)


class _Start(_Event, event_parsers.StartEventParser):  # type: ignore[misc]
    pass


class _End(_Event, event_parsers.EndEventParser):  # type: ignore[misc]
    pass


class _Catch(_Event, event_parsers.IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _ThrowEvent(_Event, event_parsers.IntermediateThrowEventParser):  # type: ignore[misc]
    pass


class _Receive(_Event, event_parsers.IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Boundary(_Event, event_parsers.BoundaryEventParser):  # type: ignore[misc]
    pass


class _ChoiceParser(_Event, event_parsers.EventBasedGatewayParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self._create_task(specs.Choice())


class _Process(ProcessParser):  # type: ignore[misc]
    """A process parser that also finds sub-processes by their qualified name."""


class DialectParser(BpmnParser):  # type: ignore[misc]
    """The parser of our dialect; input is normalised and has passed the lint."""

    PROCESS_PARSER_CLASS = _Process
    PARSER_CLASSES = {
        bpmn("startEvent"): (_Start, specs.StartEvent),
        bpmn("endEvent"): (_End, specs.ThrowEnd),
        bpmn("userTask"): (_Node, specs.UserTask),
        bpmn("task"): (_Node, specs.PassTask),
        bpmn("serviceTask"): (_Node, specs.WorkTask),
        bpmn("scriptTask"): (_Node, specs.WorkTask),
        bpmn("businessRuleTask"): (_Node, specs.WorkTask),
        bpmn("sendTask"): (_Node, specs.WorkTask),
        bpmn("receiveTask"): (_Receive, specs.ReceiveTask),
        bpmn("callActivity"): (_Call, specs.CallTask),
        bpmn("subProcess"): (_SubProcess, specs.SubProcessTask),
        bpmn("exclusiveGateway"): (_ConditionalGateway, specs.FirstMatchGateway),
        bpmn("inclusiveGateway"): (_ConditionalGateway, specs.AnyMatchGateway),
        bpmn("parallelGateway"): (_Gateway, specs.JoiningGateway),
        bpmn("eventBasedGateway"): (_ChoiceParser, specs.ChoiceGateway),
        bpmn("intermediateCatchEvent"): (_Catch, specs.IntermediateCatchEvent),
        bpmn("intermediateThrowEvent"): (_ThrowEvent, specs.ThrowEvent),
        bpmn("boundaryEvent"): (_Boundary, specs.BoundaryEvent),
    }

    def __init__(self, processes: list[Process]) -> None:
        super().__init__()
        self.elements: dict[str, Element] = {}
        self.conditions: dict[str, str | None] = {}
        for process in processes:
            self.elements |= process.elements
            self.conditions |= {flow.id: flow.condition for flow in process.flows}

    def add_tree(self, root: Any) -> None:
        """Take the processes of a file; messages and the like were read before."""
        self._add_diagram_indexes(root)
        self._add_processes(root)


@dataclass(frozen=True)
class SpecSet:
    """The specs of one process: its own and those of its sub-processes, by qualified name."""

    process: Process
    specs: Mapping[str, Any] = field(default_factory=dict)


def build_specs(root: Any, processes: list[Process]) -> list[SpecSet]:
    """The spec sets of all executable processes in a normalised file."""
    parser = DialectParser(processes)
    parser.add_tree(root)
    return [
        SpecSet(process, _specs_of(parser, process))
        for process in processes
        if process.is_executable
    ]


def _specs_of(parser: DialectParser, process: Process) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pending = [(process.key, parser.get_spec(process.key))]
    while pending:
        name, spec = pending.pop(0)
        found[name] = spec
        for task_spec in spec.task_specs.values():
            task_spec.element = process.elements.get(getattr(task_spec, "bpmn_id", None) or "")
            if isinstance(task_spec, SubWorkflowTask) and not isinstance(task_spec, specs.CallTask):
                inner = parser.process_parsers[task_spec.spec].get_spec()
                # Sub-process ids may repeat across files that call each other.
                task_spec.spec = f"{process.key}#{task_spec.bpmn_id}"
                pending.append((task_spec.spec, inner))
    return found
