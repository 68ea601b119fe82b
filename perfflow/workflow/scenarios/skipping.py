"""Leaves out what belongs to other engines (classes, scripts, forms) to test the way through.

The runner does this only where a file must run: tokens pass such a task as if it had worked.
In a deployment it stays an error.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.foreign import NAMESPACES
from perfflow.workflow.definitions.tags import bpmn, extension
from perfflow.workflow.definitions.xml_gate import read_xml

AUTOMATIC = ("scriptTask", "serviceTask", "businessRuleTask", "sendTask")
OURS = ("taskDefinition", "script", "calledDecision")


def without_foreign_work(content: bytes) -> bytes:
    """The file with plain tasks in the place of work that no engine but theirs can do.

    Their form keys go too: without a form a task takes what it is given.
    """
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
    keys = [f"{{{space}}}formKey" for space in NAMESPACES]
    with_forms = [
        node for node in root.iter(etree.Element) if any(key in node.attrib for key in keys)
    ]
    for node in with_forms:
        for key in keys:
            node.attrib.pop(key, None)
    return etree.tostring(root) if found or with_forms else content


def is_foreign(node: Any) -> bool:
    """Automatic work without anything that this engine could execute."""
    is_message = node.tag == bpmn("sendTask") and node.get("messageRef") is not None
    return not is_message and all(extension(node, name) is None for name in OURS)
