"""Leaves out work of other engines (Java classes, scripts) so that the way through can be tested.

The runner does this only where a file must run: tokens pass such a task as if it had worked.
In a deployment it stays an error.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.tags import bpmn, extension
from perfflow.workflow.definitions.xml_gate import read_xml

AUTOMATIC = ("scriptTask", "serviceTask", "businessRuleTask", "sendTask")
OURS = ("taskDefinition", "script", "calledDecision")


def without_foreign_work(content: bytes) -> bytes:
    """The file with plain tasks in the place of work that no engine but theirs can do."""
    root = read_xml(content, Findings(""))
    if root is None:
        return content
    found = [node for name in AUTOMATIC for node in root.iter(bpmn(name)) if is_foreign(node)]
    for node in found:
        node.tag = bpmn("task")
        for name in ("script", "extensionElements"):
            for child in node.findall(bpmn(name)):
                node.remove(child)
        for name in [*node.attrib]:
            if name not in ("id", "name", "default", "isForCompensation"):
                del node.attrib[name]
    return etree.tostring(root) if found else content


def is_foreign(node: Any) -> bool:
    """Automatic work without anything that this engine could execute."""
    is_message = node.tag == bpmn("sendTask") and node.get("messageRef") is not None
    return not is_message and all(extension(node, name) is None for name in OURS)
