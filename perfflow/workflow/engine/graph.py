"""What tokens move on: the nodes of a process by container, numbered, with what they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from perfflow.workflow.definitions.elements import Element, Flow, Process

SUB_PROCESSES = frozenset({"subProcess", "transaction"})
ACTIVITIES = SUB_PROCESSES | {
    "task", "manualTask", "userTask", "receiveTask", "sendTask", "serviceTask", "scriptTask",
    "businessRuleTask", "callActivity",
}  # fmt: skip
TRIGGERS = frozenset({"timer", "message", "signal", "conditional"})


@dataclass
class Container:
    """A process or sub-process: what begins in it, and what may interrupt it."""

    starts: list[Element] = field(default_factory=list)
    handlers: list[tuple[Element, Element]] = field(default_factory=list)
    links: dict[str, Element] = field(default_factory=dict)

    def start_of(self, handler: Element) -> Element | None:
        """The start event of an event sub-process in this container."""
        return next((start for owner, start in self.handlers if owner is handler), None)


class Graph:
    """One process, ready for tokens; shared by all its instances and never changed."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.nodes = list(process.elements.values())
        self.numbers = {element.id: number for number, element in enumerate(self.nodes)}
        self.containers: dict[str | None, Container] = {None: Container()}
        for element in self.nodes:
            if element.kind in SUB_PROCESSES:
                self.containers[element.id] = Container()
        for element in self.nodes:
            self._place(element)
        for name, container in self.containers.items():
            if not container.starts:
                container.starts = self._implicit_starts(name)

    def _place(self, element: Element) -> None:
        container = self.containers.get(element.parent_id)
        if container is None:
            return
        if element.is_event_sub_process:
            for inner in self.nodes:
                if inner.parent_id == element.id and inner.kind == "startEvent":
                    container.handlers.append((element, inner))
        elif element.kind == "startEvent":
            container.starts.append(element)
        elif element.kind == "intermediateCatchEvent" and element.event == "link":
            container.links[element.link or ""] = element

    def _implicit_starts(self, container: str | None) -> list[Element]:
        """Without a start event everything begins that nothing leads to."""
        return [
            element
            for element in self.nodes
            if element.parent_id == container
            and not element.is_event_sub_process
            and not element.is_for_compensation
            and element.kind != "boundaryEvent"
            and not (element.event == "link" and element.kind == "intermediateCatchEvent")
            and not self.process.incoming(element.id)
        ]

    def element(self, element_id: str) -> Element:
        """The node of that id."""
        return self.process.elements[element_id]

    def outgoing(self, element: Element) -> list[Flow]:
        """Flows that leave, in the order of the file."""
        return self.process.outgoing(element.id)

    def incoming(self, element: Element) -> list[Flow]:
        """Flows that enter, in the order of the file."""
        return self.process.incoming(element.id)

    def boundaries(self, element: Element) -> list[Element]:
        """Events at the border of an activity, in the order of the file."""
        return self.process.boundary_events(element.id)

    def undoer(self, element: Element) -> Element | None:
        """The compensation handler of an activity."""
        for event in self.boundaries(element):
            if event.event == "compensate" and event.handler is not None:
                return self.element(event.handler)
        return None

    def successors(self, element: Element) -> list[Element]:
        """Where tokens can go from here along flows and links."""
        found = [self.element(flow.target) for flow in self.outgoing(element)]
        if element.event == "link" and element.kind == "intermediateThrowEvent":
            target = self.containers[element.parent_id].links.get(element.link or "")
            found += [] if target is None else [target]
        return found

    @cached_property
    def _leading(self) -> Mapping[str, list[str]]:
        leading: dict[str, list[str]] = {element.id: [] for element in self.nodes}
        for element in self.nodes:
            for target in self.successors(element):
                leading[target.id].append(element.id)
        return leading

    def leading_to(self, flows: list[Flow], gateway: Element) -> set[str]:
        """Nodes from which one of these flows can be reached without passing the gateway."""
        found: set[str] = set()
        pending = [flow.source for flow in flows]
        while pending:
            name = pending.pop()
            if name not in found and name != gateway.id:
                found.add(name)
                pending.extend(self._leading[name])
        return found


class SpecIndex:
    """The graphs of one process version: of the process and of all that it calls.

    ``version`` names what they were made of: equal versions have equal graphs and numbers.
    """

    def __init__(self, graphs: Mapping[str, Graph], version: str = "") -> None:
        self.graphs, self.version = graphs, version
        self.names = sorted(graphs)
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.has_conditions = any(
            part.event == "conditional"
            for graph in graphs.values()
            for element in graph.nodes
            for part in (element, *element.parts)
        )
