"""The grammar of files agrees with the XML schema of the standard, on good and on spoilt files."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import SpiffWorkflow.bpmn.parser
from lxml import etree

from perfflow.workflow.definitions.constraints import check_standard
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.xml_gate import BPMN
from tests.workflow.constraints import test_data, test_events, test_flows, test_steps

ROOT = Path(__file__).parents[3]
SCHEMA = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema" / "BPMN20.xsd"
GRAMMAR = {f"WF-60{number}" for number in range(3, 9)}
SPELLING = ("xs:ID'", "xs:IDREF'", "xs:QName'", "xs:NCName'", "xs:anyURI'")
DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"
# No "laneSet" is put or moved: libxml2 lets it stand behind the flow elements; the schema does not.
NAMES = ["task", "startEvent", "incoming", "documentation", "dataObject", "message"]
TABLES = (test_flows.TWINS, test_events.TWINS, test_steps.TWINS, test_data.TWINS)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema of the standard."""
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def files() -> list[bytes]:
    """Shipped processes and the valid twins."""
    shipped = [path.read_bytes() for path in sorted((ROOT / "processes").glob("*/*.bpmn"))]
    return shipped + [valid for table in TABLES for valid, _ in table.values()]


def tree(content: bytes) -> Any:
    """A file without its drawing."""
    root = etree.fromstring(content)
    for drawing in root.findall(DRAWING):
        root.remove(drawing)
    return root


def spoilt(root: Any, number: int) -> None:
    """One small change somewhere; the same number makes the same change."""
    dice = random.Random(number)
    nodes = [one for one in root.iter(etree.Element) if one.tag.startswith(f"{{{BPMN}}}")]
    node = dice.choice(nodes)
    kind = number % 7
    if kind == 0 and node.getparent() is not None:
        node.getparent().remove(node)
    elif kind == 1:
        node.insert(dice.randrange(len(node) + 1), etree.Element(f"{{{BPMN}}}{dice.choice(NAMES)}"))
    elif kind == 2 and len(node) > 1:
        moved = node[dice.randrange(len(node))]
        if not moved.tag.endswith("laneSet"):
            node.append(moved)
    elif kind == 3:
        node.set(dice.choice(["invented", "isClosed", "name", "gatewayDirection"]), "Mixed")
    elif kind == 4 and node.attrib:
        del node.attrib[dice.choice(node.keys())]
    elif kind == 5:
        node.tag = f"{{{BPMN}}}{dice.choice(NAMES)}"
    else:
        node.text = dice.choice([None, "text"])


def faults(root: Any) -> list[str]:
    """What our grammar says."""
    found = Findings("trial.bpmn")
    check_standard(root, found)
    return [f"{one.code} {one.element} {one.params}" for one in found if one.code in GRAMMAR]


def complaints(root: Any, schema: Any) -> list[str]:
    """What the schema says, without the spelling of names."""
    schema.validate(root)
    return [
        one.message for one in schema.error_log if not any(kind in one.message for kind in SPELLING)
    ]


def test_good_files_have_no_fault(schema: Any) -> None:
    for content in files():
        assert complaints(tree(content), schema) == []
        assert faults(tree(content)) == []


@pytest.mark.parametrize("number", range(600))
def test_a_spoilt_file_is_at_fault_when_the_schema_says_so(number: int, schema: Any) -> None:
    known = files()
    root = tree(known[number % len(known)])
    spoilt(root, number)
    said = complaints(root, schema)
    assert bool(faults(root)) == bool(said), (said, faults(root))
