"""Process pictures: well-formed, named in the reader's language, marked where one stands."""

from __future__ import annotations

import pytest
from lxml import etree

from perfflow.workflow.definitions.bundle import compile_bundle, CompiledBundle
from perfflow.workflow.picture import draw_file, picture, steps_around, wrap
from tests.workflow.building import line, node, process, user_task

DIAGRAM = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI"><bpmndi:BPMNPlane>{}'
    "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
)


def shape(name: str, x: int, width: int = 100) -> str:
    """A drawn node."""
    return (
        f'<bpmndi:BPMNShape bpmnElement="{name}"><dc:Bounds x="{x}" y="50" width="{width}" '
        'height="80"/></bpmndi:BPMNShape>'
    )


def edge(name: str) -> str:
    """A drawn flow."""
    return (
        f'<bpmndi:BPMNEdge bpmnElement="{name}"><di:waypoint x="1" y="2"/>'
        '<di:waypoint x="30" y="2"/></bpmndi:BPMNEdge>'
    )


def drawn(first: str = "write") -> bytes:
    """A process with its drawing."""
    body = process(
        node("startEvent", "begun")
        + user_task(first, properties={"name@en": "Write &lt;goals&gt;"})
        + user_task("check", properties={"name@en": "Check"})
        + node("endEvent", "done", name="完成")
        + line("begun", first, "check", "done")
    )
    shapes = shape("begun", 0, 36) + shape(first, 100) + shape("check", 300)
    diagram = DIAGRAM.format(shapes + edge(f"begun-to-{first}") + shape("unheard", 9))
    return body.replace(b"</bpmn:definitions>", diagram.encode() + b"</bpmn:definitions>")


@pytest.fixture
def bundle() -> CompiledBundle:
    """A compiled bundle with one drawn process."""
    return compile_bundle({"processes/trial.bpmn": drawn()})


def classes(svg: str, element: str) -> set[str]:
    """The classes of a node in a picture."""
    root = etree.fromstring(svg.encode())
    (group,) = root.xpath(f"//*[@data-element='{element}']")  # type: ignore[union-attr]
    return set(group.get("class").split())  # type: ignore[union-attr]


def test_the_picture_marks_done_current_and_highlighted(bundle: CompiledBundle) -> None:
    svg = picture(bundle, "trial", done=["begun", "write"], current=["check"], highlight=["write"])
    assert {"is-done", "is-highlighted"} <= classes(svg, "write")
    assert "is-current" in classes(svg, "check")
    assert classes(svg, "begun") == {"pf-node", "pf-event", "pf-startEvent", "is-done"}


def test_names_follow_the_language_and_are_escaped(bundle: CompiledBundle) -> None:
    assert "Write &lt;goals&gt;" in picture(bundle, "trial", "en")
    assert ">write<" in picture(bundle, "trial", "zh")


def test_the_picture_has_an_accessible_title(bundle: CompiledBundle) -> None:
    svg = etree.fromstring(picture(bundle, "trial", title="你在这里 <b>").encode())
    assert svg.get("role") == "img"
    assert svg[0].text == "你在这里 <b>"


def test_counts_are_shown_on_their_nodes(bundle: CompiledBundle) -> None:
    assert ">17</text>" in picture(bundle, "trial", counts={"check": 17})


def test_renamed_ids_are_shown_as_the_file_spells_them() -> None:
    svg = picture(compile_bundle({"processes/x.bpmn": drawn("End")}), "trial", highlight=["End"])
    assert "is-highlighted" in classes(svg, "End")


@pytest.mark.parametrize("content", [b"", b"<a/>", drawn().replace(b"BPMNShape", b"Nothing")])
def test_a_file_that_cannot_be_drawn_gives_an_empty_picture(content: bytes) -> None:
    assert etree.fromstring(draw_file(content, title="x").encode()).get("role") == "img"


def test_steps_around_name_the_nearest_user_steps(bundle: CompiledBundle) -> None:
    steps = steps_around(bundle.processes["trial"], "check")
    assert [step.id for step in steps.before] == ["write"]
    assert [step.id for step in steps.after] == ["done"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("考核", ["考核"]),
        ("主管与员工协商目标和权重", ["主管与员工协", "商目标和权重"]),
        ("Manager answers the proposal", ["Manager", "answers the", "proposal"]),
        ("", []),
    ],
)
def test_names_break_at_spaces_or_between_characters(text: str, lines: list[str]) -> None:
    assert wrap(text, 80) == lines
