"""The gate that XML from outside must pass before anything else looks at it."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.findings import Findings

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 200
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_PLACES = {"x", "y", "width", "height"}
_NUMBER = re.compile(r"\s*-?\d{1,7}(\.\d{1,20})?\s*", re.ASCII)
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def read_xml(content: bytes, findings: Findings, root_namespace: str | None = BPMN) -> Any | None:
    """The root element, or None with a finding that says why the file is refused."""
    if len(content) > MAX_BYTES:
        findings.error("WF-001", size=len(content), limit=MAX_BYTES)
        return None
    # A document type can only be told from its bytes: with entity resolution off, lxml would
    # keep an internal subset and quietly drop what it names.
    if b"<!DOCTYPE" in content or _doctype_in_wide_encoding(content):
        findings.error("WF-002")
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        position = getattr(error, "position", (None, None))
        findings.error("WF-003", reason=str(error)[:200], at=position[0] or "?")
        return None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        findings.error("WF-002")
        return None
    if not _is_moderate(root, findings):
        return None
    if root_namespace is not None and etree.QName(root).namespace != root_namespace:
        findings.error("WF-005", got=etree.QName(root).localname)
        return None
    if not _has_real_places(root, findings):
        return None
    if _SCHEMA_LOCATION in root.attrib:
        del root.attrib[_SCHEMA_LOCATION]
    return root


def _doctype_in_wide_encoding(content: bytes) -> bool:
    return any("<!DOCTYPE".encode(name) in content for name in ("utf-16-le", "utf-16-be"))


def _has_real_places(root: Any, findings: Findings) -> bool:
    """Coordinates of the drawing are numbers: everything behind this gate computes with them."""
    for node in root.iter("{*}Bounds", "{*}waypoint"):
        for name in sorted(_PLACES.intersection(node.keys())):
            if not _NUMBER.fullmatch(node.get(name)):
                findings.error("WF-007", node, name=name, got=node.get(name)[:40])
                return False
    return True


def _is_moderate(root: Any, findings: Findings) -> bool:
    count = 0
    for event, _node in etree.iterwalk(root, events=("start",)):
        count += event == "start"
        if count > MAX_ELEMENTS:
            findings.error("WF-004", limit=MAX_ELEMENTS)
            return False
    depth, node = 0, None
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            findings.error("WF-006", node, limit=MAX_DEPTH)
            return False
    return True
