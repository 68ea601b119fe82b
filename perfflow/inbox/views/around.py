"""Where a step stands in its process: the way in words, its surroundings, the whole drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.definitions.elements import Process
from perfflow.workflow.drawing import Drawing, read_drawing
from perfflow.workflow.picture import picture, steps_around
from perfflow.workflow.queries import TaskView

NEAR_WIDTH, NEAR_HEIGHT = 340, 240
_FRAME = re.compile(r'viewBox="[^"]*" width="[^"]*" height="[^"]*"')


@dataclass(frozen=True, slots=True)
class Around:
    """Steps as (state, name) with state done, here or next; the drawings are empty without a
    diagram in the file."""

    steps: list[tuple[str, str]]
    near: Markup
    whole: Markup


def around_step(view: TaskView, session: Session, language: str) -> Around:
    """What "you are here" shows for a task."""
    spoken = "zh" if language.startswith("zh") else "en"
    near = steps_around(view.process, view.element.id)
    steps = [("done", element.name(spoken)) for element in reversed(near.before)]
    steps.append(("here", near.here.name(spoken)))
    steps += [("next", element.name(spoken)) for element in near.after]
    bundle = workflow_queries.bundle_of(session, view.row.bundle_number)
    drawing = read_drawing(bundle.files[view.process.path])
    if not drawing.shapes:
        return Around(steps, Markup(""), Markup(""))
    svg = picture(
        bundle,
        view.process.key,
        spoken,
        done=[element.id for element in near.before],
        current=[view.element.id],
    )
    around = _frame_around(drawing, view.process, view.element.id)
    # Two drawings on one page need two names for their arrow heads.
    cropped = svg.replace("#pf-arrow)", "#pf-arrow-near)").replace(
        'id="pf-arrow"', 'id="pf-arrow-near"'
    )
    cropped = _FRAME.sub(around, cropped, count=1) if around else ""
    return Around(steps, Markup(cropped), Markup(svg))


def _frame_around(drawing: Drawing, process: Process, element_id: str) -> str:
    """The part of the drawing around a step, as the attributes of the SVG."""
    names = {element_id, process.elements[element_id].original_id}
    shape = next((one for one in drawing.shapes if one.id in names), None)
    if shape is None:
        return ""
    left = shape.x + shape.width / 2 - NEAR_WIDTH / 2
    top = shape.y + shape.height / 2 - NEAR_HEIGHT / 2
    size = f'width="{NEAR_WIDTH}" height="{NEAR_HEIGHT}"'
    return f'viewBox="{left:g} {top:g} {NEAR_WIDTH} {NEAR_HEIGHT}" {size}'
