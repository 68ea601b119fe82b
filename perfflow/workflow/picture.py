"""Process pictures: the diagram interchange of a file as SVG, drawn on the server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html import escape

from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.drawing import Drawing, Edge, read_drawing, Shape

LINE_HEIGHT = 14
WIDE = 12  # a Han character at the label's size
NARROW = 6.6


def picture(
    bundle: CompiledBundle,
    definition_key: str,
    language: str = "zh",
    *,
    done: Collection[str] = (),
    current: Collection[str] = (),
    highlight: Collection[str] = (),
    counts: Mapping[str, int] | None = None,
    heat: Mapping[str, int] | None = None,
    title: str | None = None,
) -> str:
    """The process as an SVG element (no XML head), coloured by the classes of the style sheet.

    Element ids are those of the parsed process; ``highlight`` takes ids as the file spells them
    (findings), ``counts`` puts a figure on a node (the monitor), ``heat`` colours it in the steps
    1 to 4.
    """
    process = bundle.processes[definition_key]
    drawing = read_drawing(bundle.files[process.path])
    marks = _Marks(
        frozenset(done), frozenset(current), frozenset(highlight), counts or {}, heat or {}
    )
    return draw(drawing, title or process_name(process, language), language, marks, process)


def process_name(process: Process, language: str) -> str:
    """The name of a process in the wanted language."""
    return process.name_en if language == "en" else process.name_zh


@dataclass(frozen=True, slots=True)
class _Marks:
    done: frozenset[str] = frozenset()
    current: frozenset[str] = frozenset()
    highlight: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)
    heat: Mapping[str, int] = field(default_factory=dict)

    def classes(self, identifier: str, original: str) -> str:
        names = []
        if identifier in self.current:
            names.append("is-current")
        elif identifier in self.done:
            names.append("is-done")
        if identifier in self.highlight or original in self.highlight:
            names.append("is-highlighted")
        if identifier in self.heat:
            names.append(f"is-heat-{self.heat[identifier]}")
        return "".join(f" {name}" for name in names)


def draw_file(
    content: bytes, language: str = "zh", highlight: Collection[str] = (), title: str = ""
) -> str:
    """The picture of a file that may have errors (findings beside the drawing)."""
    return draw(
        read_drawing(content), title, language, _Marks(highlight=frozenset(highlight)), None
    )


def draw(
    drawing: Drawing, title: str, language: str, marks: _Marks, process: Process | None
) -> str:
    """The SVG text."""
    x, y, width, height = drawing.box()
    parts = [
        f'<svg class="pf-process" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="{x:g} {y:g} {width:g} {height:g}" width="{width:g}" height="{height:g}">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="pf-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path class="pf-arrow" '
        'd="M0 1 10 5 0 9z"/></marker></defs>',
    ]
    containers = [s for s in drawing.shapes if s.kind in ("subProcess", "participant", "lane")]
    others = [s for s in drawing.shapes if s not in containers]
    parts += [_draw_shape(shape, drawing, language, marks, process) for shape in containers]
    parts += [_draw_edge(edge, drawing, language, marks) for edge in drawing.edges]
    parts += [_draw_shape(shape, drawing, language, marks, process) for shape in others]
    parts.append("</svg>")
    return "".join(parts)


def _draw_edge(edge: Edge, drawing: Drawing, language: str, marks: _Marks) -> str:
    path = " ".join(
        f"{'M' if number == 0 else 'L'}{px:g} {py:g}" for number, (px, py) in enumerate(edge.points)
    )
    drawn = (
        f'<path class="pf-flow{marks.classes(edge.id, edge.id)}" d="{path}" '
        'marker-end="url(#pf-arrow)"/>'
    )
    name = _name(drawing, edge.id, language)
    if name:
        place = edge.label or _middle(edge.points)
        drawn += (
            f'<text class="pf-flow-name" x="{place[0]:g}" y="{place[1] + 10:g}">'
            f"{escape(name)}</text>"
        )
    return drawn


def _middle(points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    first, second = points[0], points[1]
    return (first[0] + second[0]) / 2 + 4, (first[1] + second[1]) / 2 - 16


def _name(drawing: Drawing, identifier: str, language: str) -> str:
    chinese, english = drawing.names.get(identifier, ("", ""))
    return (english or chinese) if language == "en" else (chinese or english)


def _draw_shape(
    shape: Shape, drawing: Drawing, language: str, marks: _Marks, process: Process | None
) -> str:
    element = process.elements.get(shape.id) if process is not None else None
    original = element.original_id if element is not None else shape.id
    base, _, event = shape.kind.partition(":")
    group = "task"
    if base.endswith("Event"):
        group = "event"
    elif base.endswith("Gateway"):
        group = "gateway"
    elif base in ("participant", "lane"):
        group = "lane"
    elif base in ("dataObjectReference", "dataStoreReference", "textAnnotation", "group"):
        group = "note"
    classes = f"pf-node pf-{group} pf-{base}{marks.classes(shape.id, original)}"
    body = _outline(shape, group, base, event)
    name = _name(drawing, shape.id, language)
    label = _label(shape, group, name)
    count = marks.counts.get(shape.id)
    badge = "" if count is None else _badge(shape, count)
    return (
        f'<g class="{classes}" data-element="{escape(original)}">'
        f"<title>{escape(name or original)}</title>{body}{label}{badge}</g>"
    )


def _outline(shape: Shape, group: str, base: str, event: str) -> str:
    cx, cy = shape.x + shape.width / 2, shape.y + shape.height / 2
    if group == "event":
        radius = shape.width / 2
        ring = f'<circle class="pf-shape" cx="{cx:g}" cy="{cy:g}" r="{radius:g}"/>'
        if base.startswith(("intermediate", "boundary")):
            ring += f'<circle class="pf-ring" cx="{cx:g}" cy="{cy:g}" r="{radius - 3:g}"/>'
        return ring + _event_mark(event, cx, cy, radius)
    if group == "gateway":
        points = (
            f"{cx:g},{shape.y:g} {shape.x + shape.width:g},{cy:g} "
            f"{cx:g},{shape.y + shape.height:g} {shape.x:g},{cy:g}"
        )
        return f'<polygon class="pf-shape" points="{points}"/>' + _gateway_mark(base, cx, cy)
    corner = 0 if group == "lane" else 8
    box = (
        f'<rect class="pf-shape" x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" '
        f'height="{shape.height:g}" rx="{corner}"/>'
    )
    if base == "userTask":
        box += _person(shape.x + 14, shape.y + 12)
    elif base in ("serviceTask", "businessRuleTask", "scriptTask", "sendTask"):
        box += _gear(shape.x + 14, shape.y + 14)
    elif base == "callActivity":
        box += (
            f'<path class="pf-mark" d="M{cx - 7:g} {shape.y + shape.height - 14:g}h14v12h-14z'
            f'M{cx:g} {shape.y + shape.height - 12:g}v8m-4-4h8"/>'
        )
    return box


def _person(x: float, y: float) -> str:
    return (
        f'<circle class="pf-mark" cx="{x:g}" cy="{y:g}" r="3.5"/>'
        f'<path class="pf-mark" d="M{x - 6:g} {y + 11:g}c0-4 3-6 6-6s6 2 6 6z"/>'
    )


def _gear(x: float, y: float) -> str:
    return (
        f'<circle class="pf-mark" cx="{x:g}" cy="{y:g}" r="4.5"/>'
        f'<path class="pf-mark" d="M{x:g} {y - 7:g}v14M{x - 7:g} {y:g}h14"/>'
    )


def _event_mark(event: str, cx: float, cy: float, radius: float) -> str:
    size = radius * 0.5
    if event == "timer":
        return (
            f'<circle class="pf-mark" cx="{cx:g}" cy="{cy:g}" r="{size + 1:g}"/>'
            f'<path class="pf-mark" d="M{cx:g} {cy - size:g}v{size:g}l{size / 2:g} {size / 3:g}"/>'
        )
    if event == "message":
        return (
            f'<path class="pf-mark" d="M{cx - size:g} {cy - size / 1.5:g}h{2 * size:g}'
            f"v{size * 1.4:g}h{-2 * size:g}z l{size:g} {size * 0.8:g} {size:g} {-size * 0.8:g}"
            '"/>'
        )
    if event == "terminate":
        return f'<circle class="pf-fill" cx="{cx:g}" cy="{cy:g}" r="{size + 1:g}"/>'
    if event:
        return (
            f'<path class="pf-mark" d="M{cx:g} {cy - size:g}l{size:g} {size * 1.6:g}'
            f'h{-2 * size:g}z"/>'
        )
    return ""


def _gateway_mark(base: str, cx: float, cy: float) -> str:
    if base == "parallelGateway":
        return f'<path class="pf-mark pf-thick" d="M{cx:g} {cy - 9:g}v18m-9-9h18"/>'
    if base == "exclusiveGateway":
        return f'<path class="pf-mark pf-thick" d="M{cx - 6:g} {cy - 6:g}l12 12m0-12l-12 12"/>'
    return f'<circle class="pf-mark pf-thick" cx="{cx:g}" cy="{cy:g}" r="8"/>'


def _label(shape: Shape, group: str, name: str) -> str:
    if not name:
        return ""
    cx = shape.x + shape.width / 2
    if group == "lane":
        middle = shape.y + shape.height / 2
        return (
            f'<text class="pf-name" transform="rotate(-90 {shape.x + 15:g} {middle:g})" '
            f'x="{shape.x + 15:g}" y="{middle:g}" text-anchor="middle">{escape(name)}</text>'
        )
    if group == "task" and shape.kind != "subProcess":
        lines = wrap(name, shape.width - 16)
        top = shape.y + shape.height / 2 - (len(lines) - 1) * LINE_HEIGHT / 2 + 4
    elif group == "task":
        lines, top = wrap(name, shape.width - 16), shape.y + 18
    else:
        wide = max(90.0, shape.label[2] if shape.label else 0)
        lines, top = wrap(name, wide), shape.y + shape.height + 14
        if shape.label is not None:
            cx, top = shape.label[0] + shape.label[2] / 2, shape.label[1] + 10
    spans = "".join(
        f'<tspan x="{cx:g}" y="{top + number * LINE_HEIGHT:g}">{escape(text)}</tspan>'
        for number, text in enumerate(lines)
    )
    return f'<text class="pf-name" text-anchor="middle">{spans}</text>'


def _badge(shape: Shape, count: int) -> str:
    # At the upper right corner: arrow heads arrive at the middles, boundary events sit below.
    width = 16 + 7 * len(str(count))
    x, y = shape.x + shape.width - width + 8, shape.y - 10
    return (
        f'<rect class="pf-badge" x="{x:g}" y="{y:g}" width="{width:g}" height="20" rx="4"/>'
        f'<text class="pf-badge-text" x="{x + width / 2:g}" y="{y + 14:g}" '
        f'text-anchor="middle">{count}</text>'
    )


def wrap(text: str, width: float) -> list[str]:
    """Lines of at most ``width``: English breaks at spaces, Chinese anywhere; four at most."""
    lines, current, used = [], "", 0.0
    for word in _words(text):
        size = sum(WIDE if ord(c) > 0x2E7F else NARROW for c in word)
        if current and used + size > width:
            lines.append(current.strip())
            current, used = "", 0.0
        current += word
        used += size
    lines.append(current.strip())
    lines = [piece for piece in lines if piece]
    return lines if len(lines) <= 4 else [*lines[:3], lines[3] + "…"]


def _words(text: str) -> list[str]:
    words, word = [], ""
    for character in text:
        if ord(character) > 0x2E7F:
            words += [word, character] if word else [character]
            word = ""
        else:
            word += character
            if character == " ":
                words.append(word)
                word = ""
    return [*words, word] if word else words


@dataclass(frozen=True, slots=True)
class Steps:
    """The way around a step: what is before it, the step itself, what may follow."""

    before: tuple[Element, ...]
    here: Element
    after: tuple[Element, ...]


def steps_around(process: Process, element_id: str, reach: int = 2) -> Steps:
    """The nearest user steps before and after an element, for "you are here"."""
    here = process.elements[element_id]
    return Steps(
        before=_near(process, element_id, reach, forward=False),
        here=here,
        after=_near(process, element_id, reach, forward=True),
    )


def _near(process: Process, start: str, reach: int, forward: bool) -> tuple[Element, ...]:
    found: list[Element] = []
    seen, pending = {start}, [start]
    while pending and len(found) < reach:
        name = pending.pop(0)
        flows = process.outgoing(name) if forward else process.incoming(name)
        names = [flow.target if forward else flow.source for flow in flows]
        if not forward and process.elements[name].attached_to:
            names.append(process.elements[name].attached_to or "")
        for following in names:
            if following in seen or following not in process.elements:
                continue
            seen.add(following)
            element = process.elements[following]
            if element.kind in ("userTask", "callActivity", "endEvent") and element.name_zh:
                found.append(element)
            else:
                pending.append(following)
    return tuple(found[:reach] if forward else reversed(found[:reach]))


__all__ = [
    "Drawing",
    "Edge",
    "Shape",
    "Steps",
    "draw_file",
    "picture",
    "process_name",
    "read_drawing",
    "steps_around",
    "wrap",
]
