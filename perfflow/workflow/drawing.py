"""The diagram of a BPMN file: shapes, lines and names as its interchange part gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.normalise import normalise
from perfflow.workflow.definitions.tags import local
from perfflow.workflow.definitions.xml_gate import read_xml

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
MARGIN = 24


@dataclass(frozen=True, slots=True)
class Shape:
    """A node of the drawing."""

    id: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    label: tuple[float, float, float] | None = None  # x, y, width


@dataclass(frozen=True, slots=True)
class Edge:
    """A line of the drawing."""

    id: str
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """The diagram of one file, by original element id."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def box(self) -> tuple[float, float, float, float]:
        """What the drawing covers: x, y, width, height, with a margin."""
        xs = [s.x for s in self.shapes] + [p[0] for e in self.edges for p in e.points]
        ys = [s.y for s in self.shapes] + [p[1] for e in self.edges for p in e.points]
        rights = [s.x + s.width for s in self.shapes] + xs
        bottoms = [s.y + s.height + (20 if s.label else 0) for s in self.shapes] + ys
        if not xs:
            return 0, 0, 100, 50
        left, top = min(xs) - MARGIN, min(ys) - MARGIN
        return left, top, max(rights) - left + MARGIN, max(bottoms) - top + MARGIN


@lru_cache(maxsize=64)
def read_drawing(content: bytes) -> Drawing:
    """The diagram interchange of a BPMN file; without one, the drawing is empty."""
    findings = Findings("")
    root = read_xml(content, findings)
    if root is None:
        return Drawing((), ())
    normalise(root, findings)
    nodes = {node.get("id"): node for node in root.iter() if node.get("id")}
    shapes, edges = [], []
    for item in root.iter(f"{{{DI}}}BPMNShape"):
        shape = _shape(item, nodes)
        if shape is not None:
            shapes.append(shape)
    for item in root.iter(f"{{{DI}}}BPMNEdge"):
        points = tuple(
            (float(p.get("x", 0)), float(p.get("y", 0))) for p in item.findall(f"{{{DD}}}waypoint")
        )
        identifier = item.get("bpmnElement") or ""
        if len(points) > 1 and identifier in nodes:
            bounds = item.find(f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds")
            label = None
            if bounds is not None:
                label = (float(bounds.get("x", 0)), float(bounds.get("y", 0)))
            edges.append(Edge(identifier, points, label))
    names = {key: _names(node) for key, node in nodes.items() if node.get("name")}
    return Drawing(tuple(shapes), tuple(edges), names)


def _shape(item: Any, nodes: Mapping[str, Any]) -> Shape | None:
    bounds = item.find(f"{{{DC}}}Bounds")
    node = nodes.get(item.get("bpmnElement"))
    if bounds is None or node is None:
        return None
    label = item.find(f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds")
    return Shape(
        id=item.get("bpmnElement"),
        kind=_kind(node),
        x=float(bounds.get("x", 0)),
        y=float(bounds.get("y", 0)),
        width=float(bounds.get("width", 0)),
        height=float(bounds.get("height", 0)),
        label=None
        if label is None
        else (
            float(label.get("x", 0)),
            float(label.get("y", 0)),
            float(label.get("width", 90)),
        ),
    )


def _kind(node: Any) -> str:
    name = local(node)
    event = next((local(c) for c in node if local(c).endswith("EventDefinition")), "")
    return f"{name}:{event.removesuffix('EventDefinition')}" if event else name


def _names(node: Any) -> tuple[str, str]:
    name = " ".join((node.get("name") or "").split())
    english = name
    for item in node.iter("{http://camunda.org/schema/zeebe/1.0}property"):
        if item.get("name") == "name@en" and item.getparent().getparent().getparent() is node:
            english = item.get("value") or name
    return name, english
