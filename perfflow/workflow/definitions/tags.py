"""Names of elements: BPMN and the extension elements of our dialect, in an lxml tree."""

from __future__ import annotations

from typing import Any

from lxml import etree

from perfflow.workflow.definitions.xml_gate import BPMN

ZEEBE = "http://camunda.org/schema/zeebe/1.0"


def bpmn(name: str) -> str:
    """The full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def zeebe(name: str) -> str:
    """The full tag of a zeebe extension element."""
    return f"{{{ZEEBE}}}{name}"


def local(node: Any) -> str:
    """The local name of a node's tag."""
    return str(etree.QName(node).localname)


def in_bpmn(node: Any) -> bool:
    """True for elements of the BPMN namespace."""
    return bool(etree.QName(node).namespace == BPMN)


def extension(node: Any, name: str) -> Any | None:
    """The zeebe extension element ``name`` of a node, or None."""
    holder = node.find(bpmn("extensionElements"))
    return None if holder is None else holder.find(zeebe(name))


def extended(node: Any, name: str) -> Any:
    """The zeebe extension element ``name`` of a node, made when there is none."""
    holder = node.find(bpmn("extensionElements"))
    if holder is None:
        holder = etree.Element(bpmn("extensionElements"))
        holder.sourceline = node.sourceline
        # The standard wants documentation first, then extensions, then everything else.
        node.insert(len(node.findall(bpmn("documentation"))), holder)
    found = holder.find(zeebe(name))
    return etree.SubElement(holder, zeebe(name)) if found is None else found
