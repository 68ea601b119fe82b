"""The XML schema of BPMN 2.0: elements, attributes, their order and their values.

The schema files are the ones that SpiffWorkflow brings along. The drawing is left out: it decides
nothing, and many tools write it a little wrong.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import SpiffWorkflow.bpmn.parser
from lxml import etree

from perfflow.workflow.definitions.constraints.model import Model
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.xml_gate import BPMN

BOOK = RuleBook()
DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"
# Names that XML does not allow as identifiers are common and harmless; that references meet their
# targets, and that ids are unique, are rules of their own.
HARMLESS = ("xs:ID'", "xs:IDREF'", "xs:QName'", "xs:NCName'", "xs:anyURI'")
MAX_SHOWN = 30
_PREFIX = re.compile(r"\{[^}]*\}")


@BOOK.rule("WF-603", "15.3")
def the_schema_is_kept(model: Model) -> Broken:
    """The file follows the XML schema of the standard."""
    copied = deepcopy(model.root)
    for drawing in copied.findall(DRAWING):
        copied.remove(drawing)
    schema = _schema()
    if schema.validate(copied):
        return
    places = _by_line(model.root)
    shown = 0
    for entry in schema.error_log:
        if any(kind in entry.message for kind in HARMLESS) or shown >= MAX_SHOWN:
            continue
        shown += 1
        name = _PREFIX.sub("", entry.message.partition("'")[2].partition("'")[0])
        node = places.get((entry.line, name))
        said = _PREFIX.sub("", entry.message)[:300].replace(str(BPMN), "")
        yield (model.root if node is None else node), {"reason": said}


def _by_line(root: Any) -> dict[tuple[int, str], Any]:
    return {
        (node.sourceline, etree.QName(node).localname): node for node in root.iter(etree.Element)
    }


@lru_cache(maxsize=1)
def _schema() -> Any:
    folder = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema"
    return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))
